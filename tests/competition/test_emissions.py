"""Checkpoints keep their grid; periods follow each other without gap or overlap, and what was paid stays as it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from psycopg.errors import CheckViolation, ExclusionViolation, IntegrityError
from psycopg.types.json import Jsonb

from tests.competition.byhand import Db
from tests.competition.contest import HOUR, MINUTE, SECOND, T0, Contest

DAY = 24 * HOUR


@pytest.fixture
def daily(contest: Contest) -> Contest:
    """Two models, an hourly configuration, and an emission a day."""
    contest.models("a", "b", at=T0 - HOUR)
    contest.config()
    contest.tell(
        "checkpoint.declared", id="E", checkpoint_kind="daily_emission", interval_seconds=86_400, starts_at=T0,
        meta_jsonb={"crunch": "x", "pool": 10},
    )  # fmt: skip
    return contest


def scored_round(contest: Contest, slot: datetime, finished: bool = True, **scores: float) -> None:
    """A round with its scores."""
    contest.open(slot)
    for model, score in scores.items():
        contest.answer(model, 1.0, slot)
        contest.scored(model, score, slot)
    contest.close(sorted(scores), slot)
    contest.truth(1.0, slot=slot)
    if finished:
        contest.tell("round.scored", slot + HOUR, prediction_config_id="C", performed_at=slot)
    contest.settle()


def periods(contest: Contest) -> list[tuple[Any, ...]]:
    """Begin and end, and how many scores were ranked."""
    rows = contest.rows("SELECT * FROM competition.emission_checkpoints ORDER BY period_start")
    return [(row["period_start"], row["period_end"], sum(one["n"] for one in row["ranking_jsonb"])) for row in rows]


def test_every_score_is_paid_in_one_period_and_a_boundary_belongs_to_the_one_that_ends(daily: Contest) -> None:
    for slot in (T0 - HOUR, T0, T0 + DAY - HOUR, T0 + DAY, T0 + 4 * DAY):
        scored_round(daily, slot, a=1.0, b=0.0)
    daily.turn("emissions", T0 + DAY - SECOND)
    assert periods(daily) == []
    daily.turn("emissions", T0 + DAY)
    daily.turn("emissions", T0 + DAY)
    assert periods(daily) == [(T0, T0 + DAY, 4)]
    # Days on which nobody scored belong to the next period that has something to pay.
    for _ in range(3):
        daily.turn("emissions", T0 + 9 * DAY)
    assert periods(daily) == [
        (T0, T0 + DAY, 4), (T0 + DAY, T0 + 2 * DAY, 2), (T0 + 2 * DAY, T0 + 5 * DAY, 2),
    ]  # fmt: skip
    (row,) = daily.rows("SELECT last_run_at, next_run_at FROM competition.checkpoints")
    assert (row["last_run_at"], row["next_run_at"]) == (T0 + 5 * DAY, T0 + 6 * DAY)


def test_a_period_waits_for_its_unfinished_rounds(daily: Contest) -> None:
    scored_round(daily, T0, a=1.0)
    scored_round(daily, T0 + HOUR, finished=False, a=1.0)
    assert daily.turn("emissions", T0 + 2 * DAY) == []
    daily.run(T0 + 2 * DAY)
    assert periods(daily) == [(T0, T0 + DAY, 2)]


def test_two_who_decide_at_once_make_one_emission(daily: Contest) -> None:
    scored_round(daily, T0, a=1.0, b=0.5)
    ((type_, one),) = daily.turn("emissions", T0 + DAY, publish=False)
    for at in (T0 + DAY, T0 + DAY + SECOND):
        daily.tell(type_.split(".", 1)[1].removesuffix(".v1"), at, **one)
    # Whoever decided on other terms comes too late.
    daily.tell("emission.made", T0 + DAY, **{**one, "payload_jsonb": {**one["payload_jsonb"], "crunch": "other"}})
    daily.tell("emission.made", T0 + DAY, **{**one, "period_start": T0 + HOUR})
    daily.settle()
    assert periods(daily) == [(T0, T0 + DAY, 2)]
    assert daily.dead() == ["competition.emission.made.v1"] * 2
    (row,) = daily.rows("SELECT * FROM competition.emission_checkpoints")
    assert [each["reward_pct"] for each in row["payload_jsonb"]["cruncher_rewards"]] == [625_000_000, 375_000_000]
    assert [each["prize"] for each in row["prizes_jsonb"]] == [6, 4]


def test_nothing_is_emitted_when_nobody_is_ranked(daily: Contest) -> None:
    daily.settle()
    assert daily.turn("emissions", T0 + 30 * DAY) == []


def test_what_is_not_whole_or_overlaps_is_refused(daily: Contest, owner: Db) -> None:
    scored_round(daily, T0, a=1.0)
    daily.turn("emissions", T0 + DAY)
    insert = (
        "INSERT INTO competition.emission_checkpoints"
        " (id, checkpoint_id, emitted_at, payload_jsonb, ranking_jsonb, period_start, period_end)"
        " VALUES ('X', 'E', now(), %s, %s, %s, %s)"
    )
    whole = {"cruncher_rewards": [{"cruncher_index": 0, "reward_pct": 1_000_000_000}]}
    short = {"cruncher_rewards": [{"cruncher_index": 0, "reward_pct": 999_999_999}]}
    renumbered = {"cruncher_rewards": [{"cruncher_index": 1, "reward_pct": 1_000_000_000}]}
    ranked = Jsonb([{"model_id": "a"}])
    documents: list[dict[str, Any]] = [short, renumbered, {"cruncher_rewards": []}, {}]
    for payload in documents:
        with pytest.raises(CheckViolation):
            owner.execute(insert, [Jsonb(payload), ranked, T0 + DAY, T0 + 2 * DAY])
    for begin, end in (
        (T0, T0 + DAY),
        (T0 - DAY, T0 + HOUR),
        (T0 + DAY - SECOND, T0 + 2 * DAY),
        (T0 - DAY, T0 + 3 * DAY),
    ):
        with pytest.raises((ExclusionViolation, IntegrityError)):
            owner.execute(insert, [Jsonb(whole), ranked, begin, end])
    owner.execute(insert, [Jsonb(whole), ranked, T0 + DAY, T0 + 2 * DAY])


def test_one_transaction_pays_an_emission_and_another_is_dead(daily: Contest) -> None:
    scored_round(daily, T0, a=1.0)
    daily.turn("emissions", T0 + DAY)
    paid = {"checkpoint_id": "E", "period_start": T0}
    told = [("claimable", "0x2"), ("submitted", "0x1"), ("submitted", "0x2"), ("submitted", "0x1"), ("paid", "0x2")]
    for minute, (verb, tx_hash) in enumerate([*told, ("claimable", "0x1"), ("paid", "0x1"), ("claimable", "0x1")]):
        daily.tell(f"emission.{verb}", T0 + DAY + minute * MINUTE, **paid, tx_hash=tx_hash)
    daily.settle()
    (row,) = daily.rows("SELECT status, tx_hash FROM competition.emission_checkpoints")
    assert row == {"status": "PAID", "tx_hash": "0x1"}
    assert sorted(daily.dead()) == [
        "competition.emission.claimable.v1", "competition.emission.paid.v1", "competition.emission.submitted.v1",
    ]  # fmt: skip
    assert len(daily.worker.parked) == 0


def test_a_checkpoint_runs_once_however_many_were_missed_and_never_drifts(contest: Contest) -> None:
    contest.tell("checkpoint.declared", id="H", checkpoint_kind="leaderboard", interval_seconds=3600, starts_at=T0)
    contest.settle()
    assert contest.turn("checkpoints", T0 + HOUR - SECOND) == []
    contest.turn("checkpoints", T0 + HOUR + 7 * MINUTE)
    assert contest.turn("checkpoints", T0 + HOUR + 8 * MINUTE) == []
    assert len(contest.turn("checkpoints", T0 + 9 * HOUR + 59 * MINUTE)) == 1
    (row,) = contest.rows("SELECT last_run_at, next_run_at FROM competition.checkpoints")
    assert (row["last_run_at"], row["next_run_at"]) == (T0 + 9 * HOUR, T0 + 10 * HOUR)
