"""Sequential probability ratio tests: the likelihood ratio of counts, and which further ones surely leave it undecided.

`counts` are observations from the worst to the best for the candidate: games [L, D, W], or pairs of games
[LL, LD, DD+WL, DW, WW]. Models (parameters in Elo, after fastchess, fishtest and cutechess):

* `bayesian`: BayesElo with the draw rate of the counts, games only;
* `logistic`: GSPRT, both hypotheses fix the expected score;
* `normalized`: GSPRT, both fix the distance of the mean from 1/2 in units of the spread of one game.

For the last two the ratio is M0 - M1, where M is how much less likely the counts are under a hypothesis than under
their own frequencies: sum of c ln(1 + theta phi), with theta the root of sum of c phi / (1 + theta phi).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from schema.chess.elo import NORMALIZED, filled, score_of
from schema.chess.ranges import BOUND_MAX, BOUND_NORMALIZED_MAX, ERROR_MIN

Model = Literal["normalized", "logistic", "bayesian"]
Verdict = Literal["accepted", "rejected"]
MODELS: tuple[Model, ...] = ("normalized", "logistic", "bayesian")

DECIMALS = 9
"""Ratios and bounds are rounded before they are compared, so that no machine's logarithm decides."""

GAMES, PAIRS = 3, 5
ROUNDS_MAX = 10
SETTLED = 1e-9
ROOT_STEPS_MAX = 200
NEWTON_TOLERANCE = 1e-14
LEAP_MAX = 1_000_000
SLACK = 1e-8
"""More than rounding and the solvers are wrong by."""

BEND_MAX = 0.5
MARGIN = 2.0
"""Times the curvature that is proven where the spread is fixed: it covers what a spread that moves adds."""


class Untestable(ValueError):
    """The parameters or the counts of a test make no sense; says which."""


class Tilt(NamedTuple):
    """What a hypothesis makes of counts."""

    cost: float
    """M: by how much less likely they are under it."""
    gain: tuple[float, ...]
    """Of each cell: how much one more observation adds to M."""
    pull: tuple[float, ...]
    """Of each cell: how far one more observation moves theta, in units of M's curvature; infinite if it is empty."""


class Reach(NamedTuple):
    """Where the ratio stands, and what more observations can do to it.

    While the sums of their `moves` stay within `rise` and `fall` (first element) and `bend` (second and third, either
    way), no bound was reached, whatever their order.
    """

    llr: float
    rise: float
    fall: float
    bend: float
    moves: tuple[tuple[float, float, float], ...]
    """Of each cell: the change of the ratio to first order, the pull under both hypotheses."""


@dataclass(frozen=True)
class Sprt:
    """A test of `elo1` against `elo0` with error rates `alpha`, `beta`. Raises Untestable."""

    elo0: float
    elo1: float
    alpha: float = 0.05
    beta: float = 0.05
    model: Model = "normalized"
    cells: int = PAIRS

    def __post_init__(self) -> None:
        most = BOUND_NORMALIZED_MAX if self.model == "normalized" else BOUND_MAX
        if not -most <= self.elo0 < self.elo1 <= most:
            raise Untestable(
                f"elo0 {self.elo0} must be less than elo1 {self.elo1}, both from {-most:.0f} to {most:.0f}"
            )
        if not (min(self.alpha, self.beta) >= ERROR_MIN and self.alpha + self.beta < 1):
            raise Untestable(
                f"alpha {self.alpha} and beta {self.beta} must be at least {ERROR_MIN} and sum up to less than 1"
            )
        if self.model not in MODELS or self.cells not in (GAMES, PAIRS):
            raise Untestable(f"model {self.model!r} of {self.cells} cells: one of {', '.join(MODELS)}, 3 or 5 cells")
        if self.model == "bayesian" and self.cells != GAMES:
            raise Untestable("the bayesian model takes games, not pairs")

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """Wald's: the ratio decides for elo0 at or below the first, for elo1 at or above the second."""
        lower = math.log(self.beta / (1 - self.alpha))
        return round(lower, DECIMALS), round(math.log((1 - self.beta) / self.alpha), DECIMALS)

    def verdict(self, llr: float) -> Verdict | None:
        """What the ratio decides; None while it is between the bounds."""
        lower, upper = self.bounds
        return "accepted" if llr >= upper else "rejected" if llr <= lower else None

    def llr(self, counts: Sequence[int]) -> float:
        """The log likelihood ratio, rounded. Raises Untestable for a wrong number of cells."""
        return self.look(counts).llr

    def look(self, counts: Sequence[int]) -> Reach:
        """The ratio and its reach. Raises Untestable for a wrong number of cells."""
        if len(counts) != self.cells:
            raise Untestable(f"{len(counts)} cells instead of {self.cells}")
        return self._bayesian(counts) if self.model == "bayesian" else self._generalized(counts)

    def _generalized(self, counts: Sequence[int]) -> Reach:
        """M of the counts and d more is at least M + d gain, being convex, and at most that + w(d pull).

        w(x) = -x - ln(1 - x): M is the maximum over theta of a self-concordant function (Boyd and Vandenberghe, 9.6).
        """
        cells = filled(counts)
        if self.model == "logistic":
            null, alternative = (_logistic(cells, score_of(elo)) for elo in (self.elo0, self.elo1))
        else:
            each = math.sqrt(2) if self.cells == PAIRS else 1.0
            null, alternative = (_normalized(cells, each * elo / NORMALIZED) for elo in (self.elo0, self.elo1))
        llr = null.cost - alternative.cost
        lower, upper = self.bounds
        up, down = upper - llr - SLACK, llr - lower - SLACK
        bend = min(BEND_MAX, math.sqrt(max(min(up, down), 0.0) / (2 * MARGIN)))
        curved = MARGIN * (-bend - math.log1p(-bend))
        gains = (own - other for own, other in zip(null.gain, alternative.gain, strict=True))
        moves = tuple(zip(gains, null.pull, alternative.pull, strict=True))
        return Reach(round(llr, DECIMALS) + 0.0, up - curved, down - curved, bend, moves)

    def _bayesian(self, counts: Sequence[int]) -> Reach:
        """0 while a cell is empty, as in OpenBench. Only the number of further games counts: the draw rate moves."""
        losses, draws, wins = counts
        if not (losses and draws and wins):
            return Reach(0.0, 1.0, 1.0, 0.0, ((0.0, 1.0, 1.0),) * GAMES)
        llr = _bayesian_llr(counts, self.elo0, self.elo1, drawelo(*counts))
        safe, n = 0, 1
        while n <= LEAP_MAX and self._bayesian_safe(counts, n):
            safe, n = n, n * 2
        return Reach(round(llr, DECIMALS) + 0.0, 1.0, 1.0, safe, ((0.0, 1.0, 1.0),) * GAMES)

    def _bayesian_safe(self, counts: Sequence[int], n: int) -> bool:
        """Whether n more games decide nothing: extremes over all draw rates that they can lead to."""
        losses, draws, wins = counts
        ends = drawelo(losses + n, draws, wins + n), drawelo(losses, draws + n, wins)
        won = [_step(at, self.elo0, self.elo1) for at in ends]
        lost = [_step(at, -self.elo0, -self.elo1) for at in ends]
        lower, upper = self.bounds
        least = (wins + draws) * min(won) + (losses + draws) * min(lost) + n * _extreme(min, won, lost)
        most = (wins + draws) * max(won) + (losses + draws) * max(lost) + n * _extreme(max, won, lost)
        return lower + SLACK < least and most < upper - SLACK


def bounds(alpha: float, beta: float) -> tuple[float, float]:
    """Of a test with these error rates, rounded."""
    return Sprt(0, 1, alpha, beta).bounds


def drawelo(losses: float, draws: float, wins: float) -> float:
    """BayesElo's draw parameter as the counts have it, none of which may be 0."""
    return 200 * math.log10((draws + wins) / losses * ((draws + losses) / wins))


def bayesian_scores(counts: Sequence[int], elo: float) -> float:
    """The expected score that BayesElo means, at the draw rate of the counts: for a GSPRT with BayesElo bounds."""
    draw = drawelo(*counts)
    won, lost = 1 / (1 + 10 ** ((draw - elo) / 400)), 1 / (1 + 10 ** ((draw + elo) / 400))
    return (1 + won - lost) / 2


def score_llr(counts: Sequence[int], score0: float, score1: float) -> float:
    """GSPRT between two expected scores."""
    cells = filled(counts)
    return _logistic(cells, score0).cost - _logistic(cells, score1).cost


def cutechess_llr(wins: int, losses: int, draws: int, elo0: float, elo1: float) -> float:
    """As cutechess computes it: BayesElo after half a game more in each cell, bounds scaled to logistic Elo."""
    counts = losses + 0.5, draws + 0.5, wins + 0.5
    draw = drawelo(*counts)
    x = 10 ** (-draw / 400)
    scale = 4 * x / (1 + x) ** 2
    return _bayesian_llr(counts, elo0 / scale, elo1 / scale, draw)


def _bayesian_llr(counts: Sequence[float], elo0: float, elo1: float, draw: float) -> float:
    """A draw's probability is that of a win times that of a loss times what no hypothesis changes."""
    losses, draws, wins = counts
    return (wins + draws) * _step(draw, elo0, elo1) + (losses + draws) * _step(draw, -elo0, -elo1)


def _step(draw: float, elo0: float, elo1: float) -> float:
    """ln of the ratio of the probabilities of a win."""
    return math.log1p(10 ** ((draw - elo0) / 400)) - math.log1p(10 ** ((draw - elo1) / 400))


def _logistic(cells: Sequence[float], score: float) -> Tilt:
    last = len(cells) - 1
    phi = [i / last - score for i in range(last + 1)]
    return _measured(cells, phi, _root(cells, phi))


def _normalized(cells: Sequence[float], t: float) -> Tilt:
    """From the uniform distribution on, as fishtest iterates.

    Counts that lie nearly all in one cell lead to a spread without a next step; there the last one counts.
    """
    n, count = sum(cells), len(cells)
    scores = [i / (count - 1) for i in range(count)]
    q = [1 / count] * count
    phi, theta = [a - 0.5 for a in scores], 0.0
    for _ in range(ROUNDS_MAX):
        mean = sum(p * a for p, a in zip(q, scores, strict=True))
        spread = math.sqrt(sum(p * (a - mean) ** 2 for p, a in zip(q, scores, strict=True)))
        half = t * spread / 2
        following = [a - 0.5 - half * (1 + ((a - mean) / spread) ** 2) for a in scores] if spread else []
        if not following or not min(following) < 0 < max(following):
            break
        phi = following
        theta = _root(cells, phi)
        before, q = q, [c / n / (1 + theta * f) for c, f in zip(cells, phi, strict=True)]
        if max(abs(one - other) for one, other in zip(before, q, strict=True)) < SETTLED:
            break
    return _measured(cells, phi, theta)


def _root(cells: Sequence[float], phi: Sequence[float]) -> float:
    """The theta with sum of c phi / (1 + theta phi) = 0: Newton's steps, halved intervals where these lead out."""
    low, high = -1 / max(phi), -1 / min(phi)
    theta, both = 0.0, list(zip(cells, phi, strict=True))
    for _ in range(ROOT_STEPS_MAX):
        slope = curvature = 0.0
        for c, f in both:
            psi = f / (1 + theta * f)
            slope += c * psi
            curvature += c * psi * psi
        if slope > 0:
            low = theta
        else:
            high = theta
        following = theta + slope / curvature
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - theta) <= NEWTON_TOLERANCE * max(1.0, abs(theta)):
            return following
        theta = following
    return theta


def _measured(cells: Sequence[float], phi: Sequence[float], theta: float) -> Tilt:
    gain = tuple(math.log1p(theta * f) for f in phi)
    psi = [f / (1 + theta * f) for f in phi]
    # Cells that count less than one observation only help; without them the rest is self-concordant.
    root = math.sqrt(sum(c * p * p for c, p in zip(cells, psi, strict=True) if c >= 1))
    pull = tuple(p / root if root and c >= 1 else math.inf for c, p in zip(cells, psi, strict=True))
    return Tilt(sum(c * g for c, g in zip(cells, gain, strict=True)), gain, pull)


def _extreme(pick: Callable[..., float], won: Sequence[float], lost: Sequence[float]) -> float:
    """What one more game does to the ratio at the most: a win takes one step, a loss the other, a draw both."""
    return pick(0.0, pick(won), pick(lost), pick(won) + pick(lost))
