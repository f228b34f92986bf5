"""Verdicts of tests and matches: latched at the deciding game, whatever is repeated, late or crashed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.chess import DOMAIN
from schema.chess.elo import legacy_elo
from schema.chess.folds import CRASHED, FINISHED, SPRT_CREATED, VERDICTS, begin
from schema.chess.keys import match_id, regression_id
from schema.chess.sprt import Model, Sprt

STORY = Path(__file__).parents[2] / "schema" / "chess" / "story.jsonl"
TASK = 2
Game = tuple[str, int, int | None]
"""Pair, place in it, result; without one it crashed."""


def read(type_: str, data: dict[str, Any]) -> Any:
    """Data as the decoder gives it. Raises ValidationError."""
    return DOMAIN.by_type[type_].model.model_validate(data)


def folded(began: tuple[str, Any], games: Iterable[tuple[str, Any]]) -> tuple[str, Any] | None:
    """What the first record of each game comes to."""
    fold: Any = begin(*began)
    seen: set[tuple[str, int]] = set()
    for type_, data in games if fold else ():
        if (data.pair_key, data.seq) in seen:
            continue
        seen.add((data.pair_key, data.seq))
        for decided, what in fold.take(type_, data):
            assert fold.closed
            return decided, read(decided, what)
    return None


def played(games: Sequence[Game]) -> Iterator[tuple[str, Any]]:
    """Games as the fold sees them."""
    for pair, seq, result in games:
        type_ = CRASHED if result is None else FINISHED
        yield type_, SimpleNamespace(task_id=TASK, pair_key=pair, seq=seq, result=result)


def test_the_story_tells_the_verdicts_that_its_games_come_to() -> None:
    began: dict[int, tuple[str, Any]] = {}
    games: dict[int, list[tuple[str, Any]]] = {}
    told: dict[int, tuple[str, Any]] = {}
    for line in STORY.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        type_ = event["type"]
        if type_ not in (*VERDICTS.begins, *VERDICTS.inputs, *VERDICTS.decides):
            continue
        data = read(type_, event["data"])
        if type_ in VERDICTS.begins:
            began.setdefault(VERDICTS.begins[type_](data)[0], (type_, data))
        elif type_ in VERDICTS.inputs:
            games.setdefault(data.task_id, []).append((type_, data))
        else:
            told.setdefault(data.task_id, (type_, data))
    found = {task: folded(began[task], own) for task, own in games.items() if task in began}
    assert {task: verdict for task, verdict in found.items() if verdict} == told
    assert {data.verdict for _, data in told.values()} == {"accepted", "rejected", "passed", "failed"}


RESULTS = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from((1, 2)), st.sampled_from((-1, 0, 0, 1, 1, None))), max_size=120
)


@given(RESULTS, st.sampled_from(("normalized", "logistic", "bayesian")))
def test_a_test_ends_at_the_first_game_whose_ratio_is_beyond_a_bound(
    drawn: list[tuple[int, int, int | None]], model: Model
) -> None:
    games = [(f"p{pair}", seq, result) for pair, seq, result in drawn]
    test = {"elo0": 0.0, "elo1": 90.0, "alpha": 0.2, "beta": 0.2, "model": model}
    found = folded((SPRT_CREATED, SimpleNamespace(**test)), played(games))
    assert (found and found[1].model_dump()) == by_hand(Sprt(**test, cells=3 if model == "bayesian" else 5), games)  # type: ignore[arg-type]


def by_hand(test: Sprt, games: Sequence[Game]) -> dict[str, Any] | None:
    """The same, looking at everything after every game."""
    first: dict[tuple[str, int], int | None] = {}
    for pair, seq, result in games:
        if (pair, seq) in first:
            continue
        first[pair, seq] = result
        results = [each for each in first.values() if each is not None]
        both = [(first.get((one, 1)), first.get((one, 2))) for one in dict.fromkeys(key for key, _ in first)]
        sums = [one + other for one, other in both if one is not None and other is not None]
        cells = [sums.count(n) for n in range(-2, 3)]
        losses, draws, wins = (results.count(n) for n in (-1, 0, 1))
        counts = cells if test.cells == 5 else [losses, draws, wins]
        verdict = test.verdict(test.llr(counts)) if sum(counts) else None
        if verdict:
            elo = legacy_elo(wins, losses, draws)
            named = dict(zip(("ll", "ld", "dd", "dw", "ww"), cells, strict=True))
            lower, upper = test.bounds
            return {
                "task_id": TASK, "pair_key": pair, "seq": seq, "verdict": verdict, **named,
                "wins": wins, "losses": losses, "draws": draws, "llr": test.llr(counts), "lower": lower, "upper": upper,
                "elo": round(elo, 3) if math.isfinite(elo) else None,
            }  # fmt: skip
    return None


MATCH = {"training_task_id": 1, "candidate_network_id": 12, "current_best_network_id": 11}
REGRESSION = {"regression_of": 1, "candidate_network_id": 12, "current_best_network_id": 9}
TESTING = {**MATCH, "test_only": True}


@pytest.mark.parametrize(
    ("type_", "created", "wins", "draws", "losses", "verdict"),
    [
        ("match", MATCH, 172, 171, 257, "passed"),
        ("match", MATCH, 171, 171, 258, "failed"),
        ("match", MATCH, 600, 0, 0, "passed"),
        ("match", MATCH, 0, 0, 600, "failed"),
        ("match", {**MATCH, "threshold_elo": 0.0}, 200, 200, 200, "failed"),
        ("match", TESTING, 600, 0, 0, "failed"),
        ("regression", REGRESSION, 400, 100, 100, "failed"),
    ],
)
def test_a_match_is_decided_by_its_last_game(
    type_: str, created: dict[str, Any], wins: int, draws: int, losses: int, verdict: str
) -> None:
    """Games after the cap change nothing, nor do those that crash."""
    results = [1] * wins + [0] * draws + [-1] * losses
    games: list[Game] = [(f"p{n // 2}", 1 + n % 2, result) for n, result in enumerate(results)]
    crashes: list[Game] = [(f"crash {n}", 1, None) for n in range(9)]
    late: list[Game] = [(f"late {n}", 1, 1) for n in range(9)]
    name = f"chess.{type_}.created.v1"
    began = name, read(name, created)
    assert folded(began, played(crashes + games[:-1])) is None
    found = folded(began, played(crashes + games + late))
    assert found is not None
    decided = found[1]
    assert (decided.verdict, decided.wins, decided.draws, decided.losses) == (verdict, wins, draws, losses)
    assert (decided.pair_key, decided.seq) == ("p299", 2)
    assert sum((decided.ll, decided.ld, decided.dd, decided.dw, decided.ww)) == 300


def test_a_fold_is_begun_and_ended_under_the_id_of_its_task() -> None:
    begins = {name: key(SimpleNamespace(**{**MATCH, **REGRESSION}, task_id=7)) for name, key in VERDICTS.begins.items()}
    assert begins["chess.match.created.v1"] == (match_id(1, 12),)
    assert begins["chess.regression.created.v1"] == (regression_id(1, 12, 9),)
    assert begins["chess.sprt.created.v1"] == begins["chess.tune.created.v1"] == (7,)
    assert begin("chess.tune.created.v1", None) is None
    assert {key(SimpleNamespace(task_id=7)) for key in VERDICTS.ends.values()} == {(7,)}
