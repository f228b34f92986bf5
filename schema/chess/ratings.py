"""Ratings of players from all their games: Bradley-Terry with draws as half, and the legacy server's runtime chain.

P(i beats j) = 1 / (1 + 10^((R_j - R_i) / 400)); the ratings are those under which the games are likeliest. Only
counts enter, so no order of events shows. Errors: sandwich, as arena-rank has them (V = H^-1 G H^-1, where G sums the
squares of what the single games deviate); without draws they equal Fisher's, with draws these would be too wide.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from schema.chess.elo import UNSEEN, Z95, legacy_elo
from schema.chess.sparse import Pivot, eliminate, inverse_diagonal, solve

NATURAL = 400 / math.log(10)
"""Rating points to one unit of the logarithm of the odds."""

ROUNDS_MAX = 500
HALVINGS_MAX = 30
STEP_MAX = 2.0
SETTLED = 1e-10
"""Of the lead of any player over an opponent."""

CHORD_MAX = 0.05
"""After a shorter step the curvature of the round before is good enough."""

IMAGINARY = 1e-100
"""The derivative of the inverse comes as its imaginary part: exact, as nothing is subtracted."""

SWEEP_ELO_MAX = 1199.83
"""What a clean sweep counts in the chain, where it would be infinite."""


class Pairing(NamedTuple):
    """What `one` did against `other`."""

    one: int
    other: int
    wins: int
    draws: int
    losses: int


class Rating(NamedTuple):
    """Of one player. Without `elo` the games allow any, however great or small: `why` tells."""

    elo: float | None
    error: float | None
    """Half of the 95 % interval: of the difference to the anchors, or to the mean of a pool that has none."""
    games: int
    score: float
    pool: int | None
    """Only ratings of one pool compare; 0 is that of the anchors, or else the largest."""
    why: str = ""


Table = Mapping[tuple[int, int], tuple[int, int, int]]
"""(lesser, greater) -> wins, draws, losses of the lesser."""


class _Edge(NamedTuple):
    """Games between the players at two places: how many, the score of the first, sum of squares by outcome."""

    i: int
    j: int
    games: int
    score: float
    outcomes: tuple[float, float, float]


def rate(
    pairings: Iterable[Pairing], anchors: Mapping[int, float] | None = None, unseen: float = UNSEEN
) -> dict[int, Rating]:
    """Every player that has a game, and every anchor.

    Anchors keep their rating. Who never lost or drew half a point to the rest of a pool (or never took one from it)
    has no finite rating and stands outside. Opponents who only drew are taken to have won and lost `unseen` games more
    when it comes to errors. Exact elimination: made for sparse graphs, such as chains of
    matches; a full tournament of n players takes n^3.
    """
    fixed = dict(anchors or {})
    table = _merged(pairings)
    totals = _totals(table, fixed)
    found: dict[int, Rating] = {}
    for number, members in enumerate(_pools(table, fixed)):
        rated = _rated(sorted(members), table, fixed, unseen) if len(members) > 1 or members & fixed.keys() else {}
        for player in members:
            games, score = totals[player]
            elo, error = rated.get(player, (None, None))
            why = "" if player in rated else _unrated(games, score)
            found[player] = Rating(elo, error, games, score, number if player in rated else None, why)
    return dict(sorted(found.items()))


def _unrated(games: int, score: float) -> str:
    return "won all" if score == games else "lost all" if score == 0 else "unconnected"


def _merged(pairings: Iterable[Pairing]) -> Table:
    """All games of two players together; games against oneself say nothing."""
    table: dict[tuple[int, int], tuple[int, int, int]] = {}
    for one, other, wins, draws, losses in pairings:
        if one == other or not wins + draws + losses:
            continue
        key, own = ((one, other), (wins, draws, losses)) if one < other else ((other, one), (losses, draws, wins))
        before = table.get(key, (0, 0, 0))
        table[key] = (before[0] + own[0], before[1] + own[1], before[2] + own[2])
    return dict(sorted(table.items()))


def _totals(table: Table, fixed: Iterable[int]) -> dict[int, tuple[int, float]]:
    totals = dict.fromkeys(fixed, (0, 0.0))
    for (one, other), (wins, draws, losses) in table.items():
        games, score = wins + draws + losses, wins + draws / 2
        for player, own in ((one, score), (other, games - score)):
            played, had = totals.get(player, (0, 0.0))
            totals[player] = played + games, had + own
    return totals


def _pools(table: Table, fixed: Mapping[int, float]) -> list[set[int]]:
    """Players who scored against each other, if only in a ring; anchors count as one. The pool to show comes first."""
    beaten: dict[int, set[int]] = {}
    hub = min(fixed, default=0)
    for (one, other), (wins, draws, losses) in table.items():
        a, b = (hub if player in fixed else player for player in (one, other))
        for player in (a, b):
            beaten.setdefault(player, set())
        if wins or draws:
            beaten[a].add(b)
        if losses or draws:
            beaten[b].add(a)
    pools = [set(pool) for pool in components(beaten)]
    anchored = next((pool for pool in pools if fixed and hub in pool), None)
    if anchored is None and fixed:
        pools.append(anchored := set())
    if anchored is not None:
        anchored.update(fixed)
    return sorted(pools, key=lambda pool: (pool is not anchored, -len(pool), min(pool)))


def components(graph: Mapping[int, Iterable[int]]) -> Iterator[list[int]]:
    """Strongly connected components, after Tarjan, without recursion."""
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    open_: list[int] = []
    waiting: set[int] = set()
    for root in sorted(graph):
        if root in order:
            continue
        trail = [(root, iter(sorted(graph[root])))]
        order[root] = low[root] = len(order)
        open_.append(root)
        waiting.add(root)
        while trail:
            node, following = trail[-1]
            step = next(following, None)
            if step is None:
                trail.pop()
                if trail:
                    low[trail[-1][0]] = min(low[trail[-1][0]], low[node])
                if low[node] == order[node]:
                    cut = open_.index(node, max(0, len(open_) - len(waiting)))
                    found, open_ = open_[cut:], open_[:cut]
                    waiting.difference_update(found)
                    yield found
            elif step not in order:
                order[step] = low[step] = len(order)
                open_.append(step)
                waiting.add(step)
                trail.append((step, iter(sorted(graph[step]))))
            elif step in waiting:
                low[node] = min(low[node], order[step])


def _rated(
    members: Sequence[int], table: Table, fixed: Mapping[int, float], unseen: float
) -> dict[int, tuple[float, float]]:
    """Elo and error of every member of one pool."""
    place = {player: i for i, player in enumerate(members)}
    edges = [
        _Edge(place[one], place[other], sum(counts), counts[0] + counts[1] / 2, _seen(counts, unseen))
        for (one, other), counts in table.items()
        if one in place and other in place
    ]
    held = [player in fixed for player in members]
    if not any(held):
        held[_busiest(edges, len(members))] = True
    strengths = [fixed.get(player, 0.0) / NATURAL for player in members]
    strengths = _likeliest(edges, strengths, held)
    variances = _variances(edges, strengths, held)
    if not fixed.keys() & place.keys():
        strengths, variances = _centred(edges, strengths, held, variances)
    return {
        player: (fixed.get(player, strengths[i] * NATURAL), Z95 * NATURAL * math.sqrt(max(variances[i], 0.0)))
        for player, i in place.items()
    }


def _seen(counts: tuple[int, int, int], unseen: float) -> tuple[float, float, float]:
    wins, draws, losses = counts
    return (wins, draws, losses) if wins or losses else (unseen, draws, unseen)


def _busiest(edges: Sequence[_Edge], players: int) -> int:
    games = [0] * players
    for edge in edges:
        games[edge.i] += edge.games
        games[edge.j] += edge.games
    return games.index(max(games))


def _share(lead: float) -> float:
    """Expected score of who leads by so much, in natural units; as exact for the least as for the greatest."""
    odds = math.exp(-abs(lead))
    return (1 if lead >= 0 else odds) / (1 + odds)


def _expected(edge: _Edge, strengths: Sequence[float]) -> float:
    return _share(strengths[edge.i] - strengths[edge.j])


def _slopes(edges: Sequence[_Edge], strengths: Sequence[float], held: Sequence[bool]) -> list[float]:
    """Of the likelihood: points taken less points expected.

    Summed exactly, of terms that are exact: far between two anchors all but the last of them cancel.
    """
    terms: list[list[float]] = [[] for _ in strengths]
    for edge in edges:
        lead = strengths[edge.i] - strengths[edge.j]
        taken = edge.score if lead <= 0 else edge.score - edge.games
        expected = edge.games * _share(-abs(lead)) * (1 if lead <= 0 else -1)
        terms[edge.i] += taken, -expected
        terms[edge.j] += -taken, expected
    return [0.0 if fast else math.fsum(own) for fast, own in zip(held, terms, strict=True)]


def _begun(edges: Sequence[_Edge], strengths: list[float], held: Sequence[bool]) -> list[float]:
    """Strengths to begin with: from those held along the games, each as its games with the one before say."""
    games: list[list[_Edge]] = [[] for _ in strengths]
    for edge in edges:
        games[edge.i].append(edge)
        games[edge.j].append(edge)
    found, known = list(strengths), list(held)
    queue = deque(node for node, fast in enumerate(held) if fast)
    while queue:
        node = queue.popleft()
        for edge in games[node]:
            other = edge.j if edge.i == node else edge.i
            if not known[other]:
                known[other] = True
                lead = math.log((edge.score + 0.5) / (edge.games - edge.score + 0.5))
                found[other] = found[node] + (lead if other == edge.i else -lead)
                queue.append(other)
    return found


def _likeliest(edges: Sequence[_Edge], strengths: list[float], held: Sequence[bool]) -> list[float]:
    """Newton's method; a step that is long or goes too far is shortened. Strengths in natural units.

    The likelihood is concave: a step has gone too far where it leads down more steeply than it began to lead up.
    """
    strengths = _begun(edges, strengths, held)
    slopes, longest, pivots = _slopes(edges, strengths, held), math.inf, list[Pivot]()
    for _ in range(ROUNDS_MAX):
        if longest > CHORD_MAX:
            pivots = _factored(edges, strengths, held, 0)
        step = [0.0 if fast else float(x.real) for fast, x in zip(held, solve(pivots, slopes), strict=True)]
        longest = max((abs(step[edge.i] - step[edge.j]) for edge in edges), default=0.0)
        factor = min(1.0, STEP_MAX / longest) if longest else 1.0
        climb = math.fsum(x * dx for x, dx in zip(slopes, step, strict=True))
        for _ in range(HALVINGS_MAX):
            tried = [x + factor * dx for x, dx in zip(strengths, step, strict=True)]
            slopes = _slopes(edges, tried, held)
            if math.fsum(x * dx for x, dx in zip(slopes, step, strict=True)) >= -abs(climb):
                break
            factor /= 2
        strengths = tried
        if longest < SETTLED:
            break
    return strengths


def _factored(
    edges: Sequence[_Edge], strengths: Sequence[float], held: Sequence[bool], epsilon: complex
) -> list[Pivot]:
    """H - epsilon G as a network, eliminated; those held are its ground, and stand alone with 1 for their own."""
    ground: list[float | complex] = [1.0 if fast else 0.0 for fast in held]
    rows: list[dict[int, float | complex]] = [{} for _ in held]
    for edge in edges:
        p = _expected(edge, strengths)
        weight: float | complex = edge.games * p * _share(strengths[edge.j] - strengths[edge.i])
        if epsilon:
            weight -= epsilon * _deviation(edge, p)
        for own, other in ((edge.i, edge.j), (edge.j, edge.i)):
            if held[other] and not held[own]:
                ground[own] += weight
            elif not held[own]:
                rows[own][other] = weight
    return eliminate(ground, rows)


def _deviation(edge: _Edge, p: float) -> float:
    wins, draws, losses = edge.outcomes
    return wins * (1 - p) ** 2 + draws * (0.5 - p) ** 2 + losses * p**2


def _variances(edges: Sequence[_Edge], strengths: Sequence[float], held: Sequence[bool]) -> list[float]:
    """The diagonal of H^-1 G H^-1, which is the derivative of (H - e G)^-1 by e; 0 for those held."""
    inverse = inverse_diagonal(_factored(edges, strengths, held, IMAGINARY * 1j))
    return [0.0 if fast else each.imag / IMAGINARY for fast, each in zip(held, inverse, strict=True)]


def _centred(
    edges: Sequence[_Edge], strengths: Sequence[float], held: Sequence[bool], variances: Sequence[float]
) -> tuple[list[float], list[float]]:
    """The same about the mean of the pool instead of the player held."""
    n = len(strengths)
    pivots = _factored(edges, strengths, held, 0)
    ones = [0.0 if fast else x.real for fast, x in zip(held, solve(pivots, [1.0] * n), strict=True)]
    spread = [0.0] * n
    for edge in edges:
        flow = _deviation(edge, _expected(edge, strengths)) * (ones[edge.i] - ones[edge.j])
        spread[edge.i] += flow
        spread[edge.j] -= flow
    sums = [0.0 if fast else x.real for fast, x in zip(held, solve(pivots, spread), strict=True)]
    mean, whole = sum(strengths) / n, sum(sums) / n / n
    return [x - mean for x in strengths], [v - 2 * s / n + whole for v, s in zip(variances, sums, strict=True)]


class Network(NamedTuple):
    """What the chain knows of a network: its stored rating, and whether that comes from elsewhere."""

    id: int
    elo: float | None
    elo_set: bool
    anchor: bool


class Match(NamedTuple):
    """A finished match, its counts from the candidate's side."""

    id: int
    candidate_id: int
    wins: int
    losses: int
    draws: int
    passed: bool
    test_only: bool


def runtime_chain(networks: Iterable[Network], matches: Iterable[Match]) -> dict[int, float]:
    """Ratings as the legacy server shows them: each the chain's height plus the Elo of its own match.

    Only a passed match that is no test advances the chain. Without games Elo counts 0, a clean sweep 1199.83.
    """
    played: dict[int, list[Match]] = {}
    for match in sorted(matches):
        played.setdefault(match.candidate_id, []).append(match)
    height, found = 0.0, dict[int, float]()
    for network in sorted(networks):
        stored = network.elo if network.elo_set or (network.anchor and network.id not in played) else None
        own = [match for match in played.get(network.id, ()) if not match.test_only]
        for match in own:
            found[network.id] = height + _gained(match)
        if stored is not None:
            found[network.id] = stored
        if network.id in found and (any(match.passed for match in own) or (stored is not None and network.anchor)):
            height = found[network.id]
    return found


def _gained(match: Match) -> float:
    elo = legacy_elo(match.wins, match.losses, match.draws)
    return 0.0 if math.isnan(elo) else min(max(elo, -SWEEP_ELO_MAX), SWEEP_ELO_MAX)
