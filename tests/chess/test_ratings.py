"""Ratings over the whole graph: known values, laws, anchors, pools, errors; and the legacy chain."""

from __future__ import annotations

import math
import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.chess import elo, sparse
from schema.chess.ratings import Match, Network, Pairing, Rating, rate, runtime_chain

EXAMPLE = [Pairing(0, 1, 2, 0, 3), Pairing(0, 3, 1, 0, 4), Pairing(1, 2, 5, 0, 3), Pairing(2, 3, 1, 0, 3)]
"""Of the English Wikipedia's page on the Bradley-Terry model."""

pairings = st.lists(
    st.builds(Pairing, *[st.integers(1, 6)] * 2, *[st.integers(0, 30)] * 3).filter(lambda p: p.one != p.other),
    max_size=12,
)


def test_the_known_example() -> None:
    found = rate(EXAMPLE)
    expected = [-77.572853021, 7.366081165, -72.232391098, 142.439162954]
    assert [each.elo for each in found.values()] == pytest.approx(expected, abs=1e-7)


def test_two_players_agree_with_their_match() -> None:
    won, lost = rate([Pairing(1, 2, 760, 1230, 890)], {2: 100.0}).values()
    strength, error = elo.elo([890, 1230, 760])
    assert won.elo == pytest.approx(100 + strength)
    assert won.error == pytest.approx(error, rel=1e-3)
    assert lost == Rating(100.0, 0.0, 2880, 1505.0, 0)
    free = rate([Pairing(1, 2, 760, 1230, 890)])
    assert free[1].elo == pytest.approx(strength / 2)
    assert free[1].error == pytest.approx((won.error or 0.0) / 2)


@settings(deadline=None)
@given(pairings, st.randoms(use_true_random=False))
def test_the_likeliest_whatever_the_order(games: list[Pairing], chance: random.Random) -> None:
    found = rate(games)
    turned = [Pairing(p.other, p.one, p.losses, p.draws, p.wins) if chance.random() < 0.5 else p for p in games]
    chance.shuffle(turned)
    assert rate(turned) == found
    for player, own in found.items():
        if own.elo is None:
            assert own.why in ("won all", "lost all", "unconnected")
            continue
        expected = score = 0.0
        for p in games:
            if player in (p.one, p.other) and found[p.one].pool == found[p.other].pool == own.pool:
                other = found[p.other if p.one == player else p.one]
                games_each = p.wins + p.draws + p.losses
                expected += games_each * elo.score_of(own.elo - (other.elo or 0.0))
                score += (p.wins if p.one == player else p.losses) + p.draws / 2
        assert expected == pytest.approx(score, abs=1e-5)


def test_who_has_no_finite_rating_stands_outside() -> None:
    games = [Pairing(1, 2, 3, 1, 2), Pairing(3, 1, 5, 0, 0), Pairing(4, 2, 0, 0, 9), Pairing(7, 8, 1, 2, 1)]
    found = rate(games, {1: 50.0, 9: 0.0})
    assert {player: own.why for player, own in found.items() if own.why} == {3: "won all", 4: "lost all"}
    assert [found[player].pool for player in (1, 2, 9, 7, 8)] == [0, 0, 0, 1, 1]
    assert found[9] == Rating(0.0, 0.0, 0, 0, 0)
    assert found[7].elo == pytest.approx(0)
    between = rate([Pairing(1, 2, 3, 0, 0), Pairing(2, 3, 3, 0, 0)])
    assert [own.why for own in between.values()] == ["won all", "unconnected", "lost all"]


def test_anchors_of_two_groups_join_them() -> None:
    found = rate([Pairing(1, 2, 5, 0, 5), Pairing(3, 4, 6, 0, 4)], {1: 0.0, 3: 500.0})
    assert [found[player].elo for player in (1, 2, 3)] == pytest.approx([0.0, 0.0, 500.0])
    assert found[4].elo == pytest.approx(500 - elo.elo_of(0.6))
    assert {own.pool for own in found.values()} == {0}


def test_errors_are_those_of_repeated_experiments() -> None:
    """The sandwich against the spread of ratings over many replays of one small tournament with many draws."""
    chance, strengths, draws = random.Random(2), (0.0, 40.0, -30.0, 90.0), 0.4
    seen: list[list[float]] = []
    errors: list[float] = []
    for _ in range(300):
        games = []
        for i, j in combinations(range(4), 2):
            won = elo.score_of(strengths[i] - strengths[j]) - draws / 2
            outcomes = chance.choices(range(3), (won, draws, 1 - draws - won), k=100)
            games.append(Pairing(i, j, *(outcomes.count(kind) for kind in range(3))))
        found = rate(games, {0: 0.0})
        seen.append([own.elo or 0.0 for own in found.values()])
        errors.append(found[3].error or 0.0)
    column = [each[3] for each in seen]
    mean = sum(column) / len(column)
    spread = math.sqrt(sum((x - mean) ** 2 for x in column) / (len(column) - 1))
    assert mean == pytest.approx(90, abs=4)
    assert sum(errors) / len(errors) == pytest.approx(elo.Z95 * spread, rel=0.12)


def test_a_long_chain_adds_up() -> None:
    found = rate([Pairing(n, n - 1, 40, 20, 30) for n in range(1, 400)], {0: 0.0})
    step = elo.elo_of(50 / 90)
    assert found[399].elo == pytest.approx(399 * step)
    assert found[399].error == pytest.approx(math.sqrt(399) * (found[1].error or 0.0))


@given(st.integers(1, 12), st.randoms(use_true_random=False))
def test_elimination_solves_and_inverts(size: int, chance: random.Random) -> None:
    rows: list[dict[int, float | complex]] = [{} for _ in range(size)]
    ground: list[float | complex] = [1.0] * size
    main = list(ground)
    for i, j in combinations(range(size), 2):
        if chance.random() < 0.4:
            weight = chance.uniform(0.1, 5)
            rows[i][j] = rows[j][i] = weight
            main[i] += weight
            main[j] += weight
    pivots = sparse.eliminate(ground, rows)
    diagonal = sparse.inverse_diagonal(pivots)
    for i in range(size):
        unit = [float(i == j) for j in range(size)]
        x = sparse.solve(pivots, unit)
        assert abs(x[i] - diagonal[i]) < 1e-12
        product = [main[a] * x[a] - sum(entry * x[b] for b, entry in rows[a].items()) for a in range(size)]
        assert all(abs(got - wanted) < 1e-12 for got, wanted in zip(product, unit, strict=True))


def test_the_runtime_chain() -> None:
    networks = [
        Network(1, None, False, False), Network(2, None, False, False), Network(3, None, False, False),
        Network(4, 700.0, True, False), Network(5, None, False, False), Network(6, 33.0, False, True),
    ]  # fmt: skip
    matches = [
        Match(1, 2, 200, 100, 300, True, False),
        Match(2, 3, 100, 200, 300, False, False),
        Match(3, 3, 300, 0, 0, True, True),
        Match(4, 5, 0, 0, 0, True, False),
    ]
    step = elo.legacy_elo(200, 100, 300)
    assert runtime_chain(networks, matches) == {2: step, 3: pytest.approx(0, abs=1e-9), 4: 700.0, 5: step, 6: 33.0}
