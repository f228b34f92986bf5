"""Rounds by the clock: when they open, who counts, when they are scored, and what happens when no truth comes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.competition.contest import HOUR, MINUTE, SECOND, T0, Contest

INSTANT = timedelta(microseconds=1)


@pytest.fixture
def three(contest: Contest) -> Contest:
    """Three models, and one hourly configuration."""
    contest.models("a", "b", "c", at=T0 - HOUR)
    contest.config(at=T0 - HOUR)
    contest.settle()
    return contest


def slots(contest: Contest) -> list[object]:
    return [row["performed_at"] for row in contest.rows("SELECT performed_at FROM competition.rounds ORDER BY 1")]


def states(contest: Contest) -> list[str]:
    """Of the rounds that no clock opened."""
    return [row["status"] for row in contest.rows("SELECT status FROM competition.rounds WHERE replayed")]


def test_the_present_slot_is_opened_once_and_missed_ones_never(three: Contest) -> None:
    three.turn("due_rounds", T0 + 7 * SECOND)
    three.turn("due_rounds", T0 + 8 * SECOND)
    assert slots(three) == [T0]
    # Asleep over four slots: the next look opens the present one alone, on the grid, not four and not late.
    three.turn("due_rounds", T0 + 5 * HOUR + 30 * SECOND)
    three.turn("due_rounds", T0 + 6 * HOUR + 2 * MINUTE)
    three.turn("due_rounds", T0 + 7 * HOUR - INSTANT)
    three.turn("due_rounds", T0 + 7 * HOUR)
    assert slots(three) == [T0, T0 + 5 * HOUR, T0 + 7 * HOUR]


def test_an_inactive_configuration_asks_nothing_while_its_open_rounds_still_resolve(three: Contest) -> None:
    three.turn("due_rounds", T0)
    three.tell("config.deactivated", T0 + SECOND, id="C", reason="feed")
    # Declared anew it keeps its id and its rounds, and does not wake.
    three.config(at=T0 + 2 * SECOND, grace_seconds=30)
    for model in "abc":
        three.answer(model, 1.0)
    three.settle()
    assert three.turn("due_rounds", T0 + HOUR) == []
    three.truth(1.0)
    three.run(T0 + 2 * HOUR)
    assert [row["status"] for row in three.rows("SELECT status FROM competition.rounds")] == ["scored"]
    assert slots(three) == [T0]


def test_every_known_and_active_model_has_one_counted_row_answered_or_absent(three: Contest) -> None:
    three.models("late", at=T0 + SECOND)
    three.models("gone", at=T0 - HOUR)
    three.tell("model.withdrawn", T0 - MINUTE, id="gone", reason="")
    three.turn("due_rounds", T0)
    three.answer("a", 1.0)
    three.answer("late", 1.0)
    three.settle()
    assert three.turn("closings", T0 + MINUTE - INSTANT) == []
    assert three.turn("absences", T0 + MINUTE - INSTANT) == []
    # Nothing closes before the absences are on record.
    assert three.turn("closings", T0 + MINUTE) == []
    assert [data["model_id"] for _, data in three.turn("absences", T0 + MINUTE)] == ["b", "c"]
    ((_, closed),) = three.turn("closings", T0 + MINUTE)
    assert (closed["answered"], closed["absent"]) == (["a", "late"], 2)
    assert list(three.scores()) == ["ABS b", "ABS c", "PRE a", "PRE late"]


def test_an_answer_after_the_absence_is_kept_and_does_not_count(three: Contest) -> None:
    three.turn("due_rounds", T0)
    for model in "ab":
        three.answer(model, 2.0)
    three.settle()
    three.turn("absences", T0 + MINUTE)
    three.answer("c", 1.0)
    three.settle()
    three.turn("closings", T0 + MINUTE)
    three.truth(1.0)
    three.run(T0 + HOUR)
    assert three.scores() == {
        "ABS c": ("SCORED", 0.0, "no answer before the round closed"),
        "PRE a": ("SCORED", 1.0, None),
        "PRE b": ("SCORED", 1.0, None),
        "PRE c": ("PENDING", None, None),
    }
    assert [row["model_id"] for row in three.rows("SELECT model_id FROM competition.late_predictions")] == ["c"]


@pytest.mark.parametrize(("moment", "due"), [(-INSTANT, False), (timedelta(0), True), (INSTANT, True)])
def test_nothing_is_scored_before_it_can_be_resolved(three: Contest, moment: timedelta, due: bool) -> None:
    three.open()
    three.answer("a", 1.0)
    three.close(["a"])
    three.truth(3.0)
    three.settle()
    three.judge()
    assert bool(three.turn("finals", T0 + HOUR + moment)) is due
    assert (three.scores()["PRE a"][0] == "SCORED") is due


def test_a_score_from_before_it_could_be_resolved_is_dead(three: Contest) -> None:
    three.open()
    three.answer("a", 1.0)
    three.scored("a", 0.5, at=T0 + HOUR - INSTANT)
    three.scored("a", 0.25, at=T0 + HOUR)
    three.settle()
    assert three.scores()["PRE a"] == ("SCORED", 0.25, None)
    assert three.dead() == ["competition.prediction.scored.v1"]


def test_a_round_is_normalised_once_and_only_whole(three: Contest) -> None:
    three.open()
    for model, value in {"a": 1.0, "b": 2.0}.items():
        three.answer(model, value)
    three.close(["a", "b", "c"])
    three.truth(1.0)
    three.settle()
    three.judge()
    # One answer that counts is still on its way: whoever scored now would have to take the scores back.
    three.run(T0 + HOUR)
    assert {status for status, *_ in three.scores().values()} == {"PENDING"}
    three.answer("c", 5.0)
    three.settle()
    three.run(T0 + HOUR)
    before = three.scores()
    assert [value for _, value, _ in before.values()] == [1.0, 0.0, 0.0]
    three.models("d", at=T0 - HOUR)
    three.answer("d", 1.0)
    three.settle()
    three.run(T0 + 30 * HOUR)
    assert three.scores() == {**before, "PRE d": ("PENDING", None, None)}


def test_one_that_fails_does_not_stop_the_others(three: Contest) -> None:
    three.open()
    three.answer("a", {"value": "warm"})
    three.answer("b", {"_validation_error": "no input"}, status="FAILED")
    three.answer("c", 3.0)
    three.models("d", at=T0 - HOUR)
    three.answer("d", {}, status="TIMEOUT")
    three.close(["a", "b", "c", "d"])
    three.truth(1.0)
    three.run(T0 + HOUR)
    assert three.scores() == {
        "PRE a": ("SCORED", 0.0, "step 1 has no finite number under `value`"),
        "PRE b": ("SCORED", 0.0, "the call failed: no input"),
        "PRE c": ("SCORED", 1.0, None),
        "PRE d": ("SCORED", 0.0, "the call took too long"),
    }
    judged = {row["prediction_id"][4] for row in three.rows("SELECT prediction_id FROM competition.judgements")}
    assert judged == {"a", "c"}


def test_a_truth_that_never_comes_is_waited_for_and_then_not_any_more(three: Contest) -> None:
    three.open()
    three.answer("a", 1.0)
    three.absent("b")
    three.close(["a"], absent=1)
    three.settle()
    three.run(T0 + 25 * HOUR - INSTANT)
    assert states(three) == ["closed"]
    three.run(T0 + 25 * HOUR)
    assert states(three) == ["expired"]
    before = three.scores()
    assert set(before.values()) == {("EXPIRED", None, "no truth came in time")}
    three.truth(1.0)
    three.settle()
    three.run(T0 + 26 * HOUR)
    assert three.scores() == before
    assert three.rows("SELECT FROM competition.tallies") == []


def test_a_score_that_overtakes_its_prediction_waits_for_it(three: Contest) -> None:
    three.open()
    three.scored("a", 0.5)
    three.settle()
    assert three.scores() == {}
    assert len(three.worker.parked) == 1
    three.answer("a", 1.0)
    three.settle()
    assert three.scores() == {"PRE a": ("SCORED", 0.5, None)}
    assert len(three.worker.parked) == 0


def test_a_repeated_or_second_score_changes_nothing(three: Contest) -> None:
    three.open()
    three.answer("a", 1.0)
    three.scored("a", 0.0)
    three.settle()
    tallies = three.rows("SELECT * FROM competition.tallies")
    assert [(row["n"], row["succeeded"], row["billionths"]) for row in tallies] == [(1, 1, 0)]
    for _ in range(3):
        three.scored("a", 0.0)
        three.scored("a", 0.9, at=T0 + 2 * HOUR)
        three.settle()
    assert three.scores() == {"PRE a": ("SCORED", 0.0, None)}
    assert three.rows("SELECT * FROM competition.tallies") == tallies
