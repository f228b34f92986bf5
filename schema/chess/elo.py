"""Strength from results: Elo with its interval, likelihood of superiority, normalised Elo; pure.

`counts` are observations from the worst to the best for the candidate: games [L, D, W], or pairs of games
[LL, LD, DD+WL, DW, WW]. Formulas: the statistics pages of fishtest and OpenBench, and cutechess `elo.cpp`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

Z95 = NormalDist().inv_cdf(0.975)
LEGACY_Z95 = 1.957161932
"""The legacy server's approximation of it."""

ZERO_CELL = 0.001
"""What stands for an empty cell, or likelihoods would vanish; a part of the number of observations."""

UNSEEN = 0.5
"""Added to each outcome where only one was seen, or nothing would seem to vary: Jeffreys' prior (Brown, Cai and
DasGupta 2001, Interval Estimation for a Binomial Proportion, Statistical Science 16)."""

SCORE_MIN = 0.001
"""Scores are kept within this of 0 and 1: no Elo exceeds 1199.83."""

NORMALIZED = 800 / math.log(10)
GATE_ELO = -50.0
"""A legacy match passes above it, strictly."""


class Interval(NamedTuple):
    """An estimate between the ends of its 95 % interval."""

    low: float
    mid: float
    high: float


class Moments(NamedTuple):
    """Of the score of one observation: how many, mean in [0, 1], variance."""

    n: float
    mean: float
    variance: float


def score_of(elo: float) -> float:
    """Expected score of a player who is so much stronger."""
    return 1 / (1 + 10 ** (-elo / 400))


def elo_of(score: float) -> float:
    """The inverse; the score is first kept within [0.001, 0.999]."""
    kept = min(max(score, SCORE_MIN), 1 - SCORE_MIN)
    return -400 * math.log10(1 / kept - 1)


def filled(counts: Sequence[float]) -> list[float]:
    """The counts without an empty cell."""
    return [count or ZERO_CELL for count in counts]


def moments(counts: Sequence[float]) -> Moments:
    """Of at least one observation."""
    n, last = sum(counts), len(counts) - 1
    mean = sum(count * i for i, count in enumerate(counts)) / last / n
    return Moments(n, mean, sum(count * (i / last - mean) ** 2 for i, count in enumerate(counts)) / n)


def elo(counts: Sequence[int]) -> tuple[float, float]:
    """Elo and half of the width of its 95 % interval, symmetric."""
    n, mean, variance = moments(filled(counts))
    reach = Z95 * math.sqrt(variance / n)
    return elo_of(mean), (elo_of(mean + reach) - elo_of(mean - reach)) / 2


def elo_interval(counts: Sequence[int], unseen: float = 0.0) -> Interval:
    """OpenBench's: Student t with n - 1 degrees of freedom. 0 of one observation or none.

    Where all observations are of one outcome, the interval is that of `unseen` more of each; OpenBench has none then.
    """
    whole = sum(counts)
    if whole <= 1:
        return Interval(0, 0, 0)
    middle = elo_of(moments(counts).mean)
    seen = [count + unseen for count in counts] if max(counts) == whole and unseen else counts
    _, mean, variance = moments(seen)
    reach = student_t(0.975, whole - 1) * math.sqrt(variance / whole)
    return Interval(min(elo_of(mean - reach), middle), middle, max(elo_of(mean + reach), middle))


def superiority(counts: Sequence[int]) -> float:
    """LOS: how likely it is that the candidate is the stronger one."""
    n, mean, variance = moments(filled(counts))
    return normal_cdf((mean - 0.5) / math.sqrt(variance / n))


def normalized_elo(counts: Sequence[int]) -> tuple[float, float]:
    """Elo in units of the spread of one game's score, and half of the width of its 95 % interval."""
    n, mean, variance = moments(filled(counts))
    games_each = 2 if len(counts) == 5 else 1
    spread = math.sqrt(variance * games_each)
    return (mean - 0.5) / spread * NORMALIZED, Z95 / math.sqrt(n * games_each) * NORMALIZED


def legacy_elo(wins: int, losses: int, draws: int) -> float:
    """As the legacy server has it, not kept within bounds: NaN without games, infinite for a clean sweep."""
    games = wins + losses + draws
    if not games:
        return math.nan
    score = (wins + draws / 2) / games
    if score in (0, 1):
        return math.copysign(math.inf, score - 0.5)
    return -400 * math.log10(1 / score - 1)


def legacy_error(wins: int, losses: int, draws: int) -> float:
    """Half of the width of the legacy server's 95 % interval; NaN where its Elo is not finite."""
    _, mean, variance = moments((losses, draws, wins)) if wins + losses + draws else (0, 0, 0)
    if mean in (0, 1):
        return math.nan
    reach = LEGACY_Z95 * math.sqrt(variance / (wins + losses + draws))
    if not 0 < mean - reach < mean + reach < 1:
        return math.nan
    return 200 * (math.log10(1 / (mean - reach) - 1) - math.log10(1 / (mean + reach) - 1))


def passes_gate(wins: int, losses: int, draws: int) -> bool:
    """Whether a finished legacy match promotes its candidate: no regression below -50 Elo."""
    return legacy_elo(wins, losses, draws) > GATE_ELO


def normal_cdf(x: float) -> float:
    """The standard normal distribution function, exact far out as well."""
    return math.erfc(-x / math.sqrt(2)) / 2


def student_t(p: float, degrees: float) -> float:
    """The quantile of Student's distribution for 1/2 < p < 1, by bisection of its distribution function."""
    low, high = 0.0, 1.0
    while _t_cdf(high, degrees) < p:
        low, high = high, high * 2
    while high - low > 1e-14 * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if _t_cdf(middle, degrees) < p else (low, middle)
    return (low + high) / 2


def _t_cdf(t: float, degrees: float) -> float:
    return 1 - _beta(degrees / (degrees + t * t), t * t / (degrees + t * t), degrees / 2, 0.5) / 2


def _beta(x: float, rest: float, a: float, b: float) -> float:
    """Regularised incomplete beta function, `rest` being 1 - x; continued fraction of Lentz (DLMF 8.17.22)."""
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(rest, x, b, a)
    front = math.exp(a * math.log(x) + b * math.log(rest) - _log_beta(a, b)) / a
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d, c = 1 / (1 + term * d), 1 + term / c
            fraction *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return front * fraction


def _log_beta(a: float, b: float) -> float:
    """ln B(a, 1/2) loses digits as a difference of large lgamma values: from 100 on, its series for b = 1/2."""
    if b == 0.5 and a > 100:
        ratio = 1 / (8 * a) - 1 / (192 * a**3) + 1 / (640 * a**5)  # ln of gamma(a + 1/2) / gamma(a) / sqrt(a), negated
        return math.lgamma(0.5) - math.log(a) / 2 + ratio
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
