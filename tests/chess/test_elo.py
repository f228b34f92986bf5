"""Elo, its intervals and what goes with it, against reference values."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.chess import elo

REFERENCE = json.loads(Path(__file__).with_name("reference.json").read_text())
counts = st.sampled_from((3, 5)).flatmap(lambda n: st.lists(st.integers(0, 5000), min_size=n, max_size=n))


def close(value: float, expected: float) -> bool:
    return math.isclose(value, expected, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize("known", REFERENCE["elo"], ids=lambda known: str(known["counts"]))
def test_reference_values(known: dict[str, Any]) -> None:
    found, error = elo.elo(known["counts"])
    assert close(found, known["elo"])
    assert close(error, known["err95_symmetric"])
    assert math.isclose(elo.superiority(known["counts"]), known["los"], rel_tol=1e-9)
    assert all(map(close, elo.elo_interval(known["counts"]), known["student_t_interval"]))


@given(counts)
def test_the_mirror_image_is_the_opposite(seen: list[int]) -> None:
    mirror = seen[::-1]
    assert close(elo.elo(mirror)[0], -elo.elo(seen)[0])
    assert close(elo.elo(mirror)[1], elo.elo(seen)[1])
    assert math.isclose(elo.superiority(mirror), 1 - elo.superiority(seen), abs_tol=1e-9)
    assert close(elo.normalized_elo(mirror)[0], -elo.normalized_elo(seen)[0])
    assert close(elo.elo_interval(mirror).low, -elo.elo_interval(seen).high)


@given(counts.filter(lambda seen: seen[-1] > 0))
def test_elo_falls_when_a_win_becomes_less(seen: list[int]) -> None:
    less = [*seen[:-2], seen[-2] + 1, seen[-1] - 1]
    assert elo.elo(less)[0] <= elo.elo(seen)[0]


def test_normalized_elo_counts_spread_by_the_game() -> None:
    # Independent games in pairs: cells of the square of (0.25, 0.5, 0.25), shifted by nothing.
    games, pairs = [2500, 5000, 2500], [625, 2500, 3750, 2500, 625]
    assert elo.normalized_elo(games)[0] == pytest.approx(0)
    assert elo.normalized_elo(games)[1] == pytest.approx(elo.Z95 / 100 * 347.435585523)
    assert elo.normalized_elo(pairs)[1] == pytest.approx(elo.Z95 / math.sqrt(20_000) * 347.435585523)
    assert elo.normalized_elo([1, 2, 5])[0] == pytest.approx(0.25 / math.sqrt(0.125) * 347.435585523, rel=1e-3)


@pytest.mark.parametrize(("wins", "losses", "draws", "passes"), [
    (172, 257, 171, True), (171, 258, 171, False), (172, 258, 171, False), (172, 258, 172, True), (0, 0, 0, False),
    (5, 0, 0, True), (0, 5, 0, False),
])  # fmt: skip
def test_the_gate_of_the_legacy_server(wins: int, losses: int, draws: int, passes: bool) -> None:
    assert elo.passes_gate(wins, losses, draws) is passes


def test_legacy_elo_knows_no_bounds() -> None:
    assert math.isnan(elo.legacy_elo(0, 0, 0))
    assert elo.legacy_elo(3, 0, 0) == math.inf
    assert elo.legacy_elo(0, 3, 0) == -math.inf
    assert elo.legacy_elo(76, 89, 123) == pytest.approx(-15.693520705)
    assert elo.legacy_error(76, 89, 123) == pytest.approx(30.458 * elo.LEGACY_Z95 / elo.Z95, rel=1e-4)
    assert math.isnan(elo.legacy_error(3, 0, 0))
    assert math.isnan(elo.legacy_error(0, 0, 0))


@given(st.floats(-1190, 1190))
def test_scores_and_elo_are_inverse(strength: float) -> None:
    assert elo.elo_of(elo.score_of(strength)) == pytest.approx(strength, abs=1e-6)


@pytest.mark.parametrize(("degrees", "quantile"), [(1, 12.7062047364), (2, 4.3026527297), (10, 2.2281388520),
                                                   (100, 1.9839715185), (1e6, 1.9599663)])  # fmt: skip
def test_student(degrees: float, quantile: float) -> None:
    assert elo.student_t(0.975, degrees) == pytest.approx(quantile, rel=1e-7)
