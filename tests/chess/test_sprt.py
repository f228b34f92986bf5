"""Sequential tests: ratios against reference values, laws that hold for all counts, and the walk to the verdict."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.chess import sprt
from schema.chess.sprt import MODELS, Sprt, Untestable
from schema.chess.walk import Walk

REFERENCE = json.loads(Path(__file__).with_name("reference.json").read_text())
HALF_DIGIT = 0.5000001e-9
"""Ratios are rounded to nine decimals."""

sizes = st.sampled_from((3, 5))
elos = st.floats(-30, 30).map(lambda elo: round(elo, 2))
widths = st.sampled_from((0.5, 2.0, 5.0, 20.0, 100.0))


@st.composite
def parameters(draw: st.DrawFn) -> Sprt:
    model = draw(st.sampled_from(MODELS))
    cells = 3 if model == "bayesian" else draw(sizes)
    alpha, beta = draw(st.sampled_from((0.01, 0.05, 0.2))), draw(st.sampled_from((0.05, 0.1, 0.3)))
    elo0 = draw(elos)
    return Sprt(elo0, elo0 + draw(widths), alpha, beta, model, cells)


def near(value: float, expected: float) -> bool:
    return math.isclose(value, expected, rel_tol=1e-9, abs_tol=HALF_DIGIT)


@pytest.mark.parametrize("known", REFERENCE["llr"], ids=lambda known: str(known["counts"]))
def test_generalized_ratios(known: dict[str, Any]) -> None:
    counts, elo0, elo1 = known["counts"], known["elo0"], known["elo1"]
    for model, expected in (("logistic", "llr_logistic"), ("normalized", "llr_normalized")):
        found = Sprt(elo0, elo1, model=model, cells=len(counts))  # type: ignore[arg-type]
        assert near(found.llr(counts), known[expected])


@pytest.mark.parametrize("known", REFERENCE["bayeselo_llr"], ids=lambda known: str(known["counts"]))
def test_bayesian_ratios(known: dict[str, Any]) -> None:
    counts, elo0, elo1 = known["counts"], known["belo0"], known["belo1"]
    assert near(Sprt(elo0, elo1, model="bayesian", cells=3).llr(counts), known["llr_discrete_drawelo"])
    scores = [sprt.bayesian_scores(counts, elo) for elo in (elo0, elo1)]
    assert near(sprt.score_llr(counts, *scores), known["llr_gsprt_after_bound_conversion"])


def test_ratios_of_cutechess() -> None:
    for known in REFERENCE["cutechess_llr"]:
        wins, losses, draws = known["wld"]
        assert near(sprt.cutechess_llr(wins, losses, draws, known["elo0"], known["elo1"]), known["llr"])


def test_bounds() -> None:
    for known in REFERENCE["bounds"]:
        lower, upper = sprt.bounds(known["alpha"], known["beta"])
        assert near(lower, known["lower"])
        assert near(upper, known["upper"])


@pytest.mark.parametrize("wrong", [
    {"elo0": 5, "elo1": 5}, {"alpha": 0.0}, {"beta": 1.0}, {"alpha": 0.5, "beta": 0.5}, {"model": "pentanomial"},
    {"cells": 4}, {"model": "bayesian", "cells": 5},
])  # fmt: skip
def test_senseless_parameters_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Untestable):
        Sprt(**{"elo0": 0, "elo1": 5, **wrong})
    with pytest.raises(Untestable, match="3 cells instead of 5"):
        Sprt(0, 5).llr([1, 2, 3])


@given(parameters(), st.data())
def test_the_mirror_law(test: Sprt, data: st.DataObject) -> None:
    counts = data.draw(st.lists(st.integers(0, 3000), min_size=test.cells, max_size=test.cells))
    mirrored = Sprt(-test.elo1, -test.elo0, test.beta, test.alpha, test.model, test.cells)
    assert mirrored.llr(counts[::-1]) == pytest.approx(-test.llr(counts), rel=1e-7, abs=1e-6)


def recomputed() -> list[str | None]:
    """The verdicts of the latch walk, recomputed at every stop."""
    test = Sprt(0, 5)
    return [test.verdict(test.llr(known["cumulative"])) for known in REFERENCE["sprt_walk"]]


def test_the_latch_walk_would_fall_back_if_recomputed() -> None:
    for known in REFERENCE["sprt_walk"]:
        assert near(Sprt(0, 5).llr(known["cumulative"]), known["llr_normalized"])
    assert recomputed() == [None, None, None, "accepted", "accepted", "accepted", None]


def walked(test: Sprt, cells: list[int]) -> None:
    """Hold that a walk decides where looking every time would."""
    walk, counts = Walk(test), [0] * test.cells
    for cell in cells:
        counts[cell] += 1
        expected = test.verdict(test.llr(counts))
        assert walk.step(cell) == expected
        assert walk.counts == counts
        if expected:
            return


@settings(deadline=None, max_examples=60)
@given(parameters(), st.randoms(use_true_random=False), st.data())
def test_a_walk_decides_at_the_deciding_observation(test: Sprt, chance: random.Random, data: st.DataObject) -> None:
    weights = st.lists(st.sampled_from((1, 3, 30, 300)), min_size=test.cells, max_size=test.cells)
    legs = data.draw(st.lists(weights, min_size=1, max_size=4))
    walked(test, [cell for leg in legs for cell in chance.choices(range(test.cells), leg, k=150)])


@pytest.mark.parametrize("test", [Sprt(0, 5), Sprt(-3, 1, 0.1, 0.05, "logistic"), Sprt(0, 8, model="bayesian", cells=3),
                                  Sprt(0, 40), Sprt(-900, -850, model="logistic", cells=3)])  # fmt: skip
@pytest.mark.parametrize("cell", [0, 1, -1])
def test_a_walk_of_one_kind_of_result(test: Sprt, cell: int) -> None:
    walked(test, [range(test.cells)[cell]] * 400)


def test_a_long_walk_looks_seldom() -> None:
    test, chance = Sprt(0.5, 2.5), random.Random(3)
    walk = Walk(test)
    for cell in chance.choices(range(5), [39, 8843, 26675, 9040, 42], k=20_000):
        if walk.step(cell):
            break
    assert sum(walk.counts) > 5_000
    assert walk.looks < 100


@pytest.mark.parametrize("model", MODELS)
def test_the_verdict_is_mostly_right(model: sprt.Model) -> None:
    """Of candidates 60 Elo stronger nearly all pass 0..60, of equal ones hardly any (alpha = beta = 0.05)."""
    chance, outcomes = random.Random(11), {60: 0, 0: 0}
    for strength in outcomes:
        won = 1 / (1 + 10 ** (-strength / 400)) - 0.15
        for _ in range(60):
            walk, verdict = Walk(Sprt(0, 60, model=model, cells=3)), None
            while verdict is None:
                verdict = walk.step(chance.choices(range(3), [0.7 - won, 0.3, won])[0])
            outcomes[strength] += verdict == "accepted"
    assert outcomes[60] > 50
    assert outcomes[0] < 10
