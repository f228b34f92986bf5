"""Tuning: SPSA's schedule and steps, and the strength of parameter sets."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.chess.spsa import Parameter, Schedule, Untunable, best, strength, trial, updated

CPUCT = Parameter("CPuct", 2.0, 0.5, 4.0, c_end=0.1, r_end=0.002)
DEPTH = Parameter("Depth", 8, 2, 16, c_end=0.2, r_end=0.01, integer=True)


def test_the_last_iteration_has_the_declared_step_and_rate() -> None:
    schedule = Schedule(1000)
    assert schedule.step(CPUCT, 1000) == pytest.approx(0.1)
    assert schedule.rate(CPUCT, 1000) == pytest.approx(0.002)
    assert schedule.step(CPUCT, 1) == pytest.approx(0.1 * 1000**0.101)
    a = 0.002 * 0.1**2 * 1100**0.602
    assert schedule.rate(CPUCT, 1) == pytest.approx(a / 101**0.602 / (0.1 * 1000**0.101) ** 2)
    assert schedule.step(DEPTH, 1000) == 0.5


@given(st.integers(1, 10**6), st.integers(1, 1000), st.floats(0.5, 4), st.integers(-64, 64))
def test_an_update_is_repeatable_and_stays_in_range(task: int, k: int, at: float, result: int) -> None:
    schedule, theta = Schedule(1000), {"CPuct": at, "Depth": 9.0}
    first = trial(task, (CPUCT, DEPTH), schedule, theta, k)
    assert first == trial(task, (CPUCT, DEPTH), schedule, theta, k)
    assert set(first.flips.values()) <= {1, -1}
    for side in (first.dev, first.base):
        assert 0.5 <= side["CPuct"] <= 4.0
        assert side["Depth"] in range(2, 17)
    after = updated((CPUCT, DEPTH), schedule, theta, first.flips, k, result)
    assert 0.5 <= after["CPuct"] <= 4.0
    if result == 0:
        assert after["CPuct"] == round(at, 9)
    elif 0.6 < at < 3.9 and abs(result) < 4:
        assert (after["CPuct"] - at) * result * first.flips["CPuct"] > 0


def test_signs_are_even_and_integers_keep_their_mean() -> None:
    tried = [trial(7, (CPUCT, DEPTH), Schedule(4000), {"CPuct": 2.0, "Depth": 8.3}, k) for k in range(1, 4001)]
    assert abs(sum(each.flips["CPuct"] for each in tried)) < 250
    assert sum(each.dev["Depth"] + each.base["Depth"] for each in tried) / 8000 == pytest.approx(8.3, abs=0.05)


def test_theta_finds_the_summit() -> None:
    chance, schedule, theta = random.Random(5), Schedule(2000), {"CPuct": 2.0}
    steep = Parameter("CPuct", 2.0, 0.5, 4.0, c_end=0.2, r_end=0.02)
    for k in range(1, 2001):
        flips, dev, base = trial(1, (steep,), schedule, theta, k)
        lead = (base["CPuct"] - 3) ** 2 - (dev["CPuct"] - 3) ** 2
        result = sum(chance.choices((1, -1), (0.5 + lead / 4, 0.5 - lead / 4))[0] for _ in range(4))
        theta = updated((steep,), schedule, theta, flips, k, result)
    assert theta["CPuct"] == pytest.approx(3, abs=0.25)


@given(st.lists(st.integers(0, 500), min_size=5, max_size=5))
def test_strength_is_even_for_even_pairs_and_mirrored(pairs: list[int]) -> None:
    low, middle, high = strength(pairs)
    assert low < middle < high
    assert strength(pairs[::-1]).mid == pytest.approx(-middle, abs=1e-9)
    assert strength([a + b for a, b in zip(pairs, pairs[::-1], strict=True)]).mid == pytest.approx(0, abs=1e-9)


def test_the_best_set() -> None:
    sets = {"ps-2": [0, 1, 4, 3, 2], "ps-1": [0, 1, 4, 3, 2], "ps-3": [2, 3, 4, 1, 0]}
    assert best(sets) == "ps-1"


@pytest.mark.parametrize("wrong", [(5.0, 1.0, 4.0, 0.1, 0.1), (2.0, 2.0, 2.0, 0.1, 0.1), (2.0, 1.0, 4.0, 0.0, 0.1)])
def test_senseless_parameters_are_refused(wrong: tuple[float, float, float, float, float]) -> None:
    with pytest.raises(Untunable):
        Parameter("x", *wrong)
    with pytest.raises(Untunable):
        Schedule(0)
