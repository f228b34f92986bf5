"""Tasks and their extensions, time controls, verdicts evaluated again, tunings, and what is due by the clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection
from psycopg.errors import CheckViolation, RestrictViolation, UniqueViolation
from psycopg.rows import dict_row
from pydantic import ValidationError

from schema.chess import DOMAIN, boards
from schema.chess.scoring import Clock, best_set, scale_factor, scaled
from tests.chess.lines import (
    COUNTS,
    Line,
    counts,
    decided,
    game,
    line,
    match,
    match_of,
    one,
    play,
    promoted,
    sprt,
    tune,
    world,
)
from tests.consumers.worker import Worker
from tests.log import Log, story


def told(worker: Worker, *lines: Line) -> None:
    """Consume further lines."""
    worker.log.extend(lines)
    worker.finish()


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_task_and_its_extension_come_and_go_together(owner: Connection[Any]) -> None:
    owner.execute("INSERT INTO chess.networks (id) VALUES (1), (2)")
    base = "INSERT INTO chess.tasks (id, task_type) VALUES (%s, %s)"
    with pytest.raises(CheckViolation, match="has no row in match_tasks"):
        owner.execute(base, [50, "MATCH"])
    extension = "INSERT INTO chess.training_tasks (id, task_id) VALUES (%s, %s)"
    both = "WITH base AS (INSERT INTO chess.tasks (id, task_type) VALUES (50, 'MATCH') RETURNING id) "
    with pytest.raises(CheckViolation, match="of type MATCH"):
        owner.execute(both + "INSERT INTO chess.training_tasks (task_id) SELECT id FROM base")
    with owner.transaction():
        owner.execute(base, [50, "TRAINING"])
        owner.execute(extension, [50, 50])
    with pytest.raises(UniqueViolation):
        owner.execute(extension, [51, 50])
    with pytest.raises(CheckViolation, match="has no row in training_tasks"):
        owner.execute("DELETE FROM chess.training_tasks WHERE task_id = 50")
    owner.execute("DELETE FROM chess.tasks WHERE id = 50")
    assert one(owner, "SELECT count(*) FROM chess.training_tasks") == 0


def test_a_candidate_has_one_promotion_match_in_a_training_task(
    consumer: Connection[Any], owner: Connection[Any]
) -> None:
    tests = [
        line("regression.created", regression_of=10, candidate_network_id=2, current_best_network_id=n) for n in (1, 3)
    ]
    play(consumer, [*world(), match(), match(), match(2, 3), *tests, tests[0]])
    assert one(owner, "SELECT count(*) FROM chess.match_tasks WHERE training_task_id IS NOT NULL") == 1
    assert one(owner, "SELECT count(*) FROM chess.match_tasks WHERE regression_of = 10 AND test_only") == 2
    assert one(owner, "SELECT count(*) FROM ledger.dead") == 1
    unique = "SELECT indpred IS NULL FROM pg_index WHERE indexrelid = %s::regclass AND indisunique"
    assert one(owner, unique, ["chess.uq_match_tasks_training_task_id_candidate_network_id"]) is True


CLOCK = {"time_control_type": "time_based", "nodes_per_move": None, "base_time_seconds": 10.0, "increment_seconds": 0.1}


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_control_type": "time_based"},
        {**CLOCK, "nodes_per_move": 800},
        {**CLOCK, "base_time_seconds": 0.0, "increment_seconds": 0.0},
        {**CLOCK, "base_time_seconds": -1.0},
        {**CLOCK, "increment_seconds": 0.0001},
        {"time_control_type": "nodes_per_move", "nodes_per_move": 0},
        {"time_control_type": "depth"},
    ],
)
def test_a_time_control_is_one_of_two(owner: Connection[Any], wrong: Line) -> None:
    with pytest.raises(ValidationError):
        Log((DOMAIN,)).append(sprt(20, **{"nodes_per_move": None, **wrong}))


def test_a_time_control_is_kept_once_and_never_changes(consumer: Connection[Any], owner: Connection[Any]) -> None:
    play(consumer, [*world(), sprt(20, **CLOCK), sprt(21, **CLOCK), sprt(22), tune(30, 1, 2)])
    kept = "SELECT kind, base_ms, increment_ms, nodes FROM chess.time_controls ORDER BY kind"
    assert owner.execute(kept).fetchall() == [("nodes_per_move", None, None, 800), ("time_based", 10_000, 100, None)]
    assert one(owner, "SELECT count(DISTINCT time_control_id) FROM chess.sprt_tasks") == 2
    with pytest.raises(RestrictViolation):
        owner.execute("UPDATE chess.sprt_tasks SET base_time_seconds = 60 WHERE task_id = 20")


def test_a_slower_machine_thinks_longer() -> None:
    assert scaled(Clock(10, 0.1), scale_factor(1_000_000, 1_600_000, 1_600_000)) == Clock(6.25, 0.06)
    assert scale_factor(1_000_000, 500_000, 2_000_000, "BOTH") == (2 + 0.5) / 2
    assert scale_factor(1_000_000, 500_000, 2_000_000, "BASE") == 0.5


def test_verdicts_of_the_story_come_out_again(consumer: Connection[Any]) -> None:
    play(consumer, story(DOMAIN))
    with consumer.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "SELECT s.*, v.llr AS said, v.verdict AS verdict_said, v.wins AS won FROM chess.sprt_tasks s"
            " JOIN chess.verdicts v USING (task_id)"
        ).fetchall()
    assert rows
    for row in rows:
        assert row["wins"] == row["won"]
        assert row["verdict"] == row["verdict_said"] == ("accepted" if row["llr"] >= row["upper"] else "rejected")
        assert boards.llr(row) == pytest.approx(row["said"], rel=1e-9, abs=1e-9)


def test_colours_say_nothing_of_the_result_and_parts_add_up(consumer: Connection[Any]) -> None:
    parts = [line("task.assigned", task_id=task, assignment_id=n) for task in (20, 21) for n in (1, 2)]
    played = [(f"{n}", seq, (n + seq) % 3 - 1, 1 + n % 2) for n in range(12) for seq in (1, 2)]
    games = [game(20, pair, seq, result, assignment_id=part) for pair, seq, result, part in played]
    turned = [
        game(21, pair, seq, result, assignment_id=part, candidate_is_white=seq == 2)
        for pair, seq, result, part in played
    ]
    crash = [game(task, "x", 1, None, assignment_id=1) for task in (20, 21)]
    play(consumer, [*world(), sprt(20), sprt(21), *parts, *games, *turned, *crash])
    assert counts(consumer, 20) == counts(consumer, 21)
    of_parts = consumer.execute(
        "SELECT count(*) FILTER (WHERE result = 1), count(*) FILTER (WHERE result = -1),"
        " count(*) FILTER (WHERE result = 0), count(crash_type) FROM chess.games WHERE task_id = 20"
        " GROUP BY assignment_id"
    ).fetchall()
    shown = counts(consumer, 20)
    assert [sum(column) for column in zip(*of_parts, strict=True)] == [
        shown[name] for name in ("wins", "losses", "draws", "crashes")
    ]
    assert len(of_parts) == 2


def test_an_output_of_a_tuning_stands(consumer: Connection[Any]) -> None:
    def output(iteration: int, kind: str, est: float) -> Line:
        return line("tune.output_published", task_id=30, iteration=iteration, kind=kind, params={"a": est}, est_elo=est)

    first = [output(1, "HISTORY", 1.0), output(1, "OPTIMUM", 2.0)]
    then = [output(1, "HISTORY", 1.0), output(1, "HISTORY", 9.0), output(2, "HISTORY", 3.0)]
    play(consumer, [*world(), tune(30, 1, 2), *first], then)
    rows = consumer.execute("SELECT iteration, kind, est_elo FROM chess.tune_outputs ORDER BY 1, 2").fetchall()
    assert rows == [(1, "HISTORY", 1.0), (1, "OPTIMUM", 2.0), (2, "HISTORY", 3.0)]
    assert one(consumer, "SELECT count(*) FROM ledger.dead") == 1


def _due(connection: Connection[Any], name: str, now: datetime = NOON) -> list[tuple[str, Any]]:
    (watch,) = (one for one in DOMAIN.watches if one.name == name)
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(DOMAIN.sql(watch.sql).encode(), {"now": now, "limit": 10}).fetchall()
    found = list(watch.decide(rows, now)) if watch.decide else [(row["type"], row["data"]) for row in rows]
    for type_, data in found:
        DOMAIN.by_type[type_].model.model_validate(data, strict=False)
    return found


def test_a_tuning_is_done_when_every_set_is_and_the_best_one_wins(consumer: Connection[Any]) -> None:
    sets = [line("param_set.added", tune_task_id=30, param_set_id=name, params_args="[]") for name in "zyx"]
    played = [
        game(30, f"{name}{n}", 1, r, param_set_id=name) for name, r in (("x", 0), ("y", 1), ("z", 1)) for n in "ab"
    ]
    worker = play(consumer, [*world(), tune(30, 3, 2), *sets], played[:-1])
    assert _due(consumer, "finished_tunes") == []
    told(worker, *played[-1:])
    ((type_, data),) = _due(consumer, "finished_tunes")
    assert (type_, data["task_id"], data["param_set_id"]) == ("chess.tune.finished.v1", 30, "y")
    told(worker, {"type": type_, "time": "2026-03-01T11:00:00Z", "data": data})
    assert _due(consumer, "finished_tunes") == []
    assert one(consumer, "SELECT status FROM chess.tasks WHERE id = 30") == "DONE"
    assert one(consumer, "SELECT param_set_id FROM chess.tune_outputs WHERE kind = 'FINAL'") == "y"


def test_silence_and_a_match_that_passed_are_seen_once(consumer: Connection[Any]) -> None:
    parts = [line("task.assigned", task_id=10, assignment_id=n) for n in (1, 2)]
    beat = line("assignment.heartbeat", 300, task_id=10, assignment_id=2)
    won = [match(), line("task.activated", task_id=match_of()), game(match_of(), "a")]
    worker = play(consumer, [*world(), *parts, beat, *won, decided(match_of(), "a", 1, "passed", wins=1)])
    at = datetime(2026, 3, 1, 10, tzinfo=UTC) + timedelta(seconds=400)
    ((type_, data),) = _due(consumer, "expired_assignments", at)
    assert (type_, data["assignment_id"]) == ("chess.assignment.expired.v1", 1)
    ((type_, data),) = _due(consumer, "due_promotions")
    assert data == promoted(2, 1)["data"]
    told(worker, {"type": type_, "time": "2026-03-01T11:00:00Z", "data": data})
    assert _due(consumer, "due_promotions") == []


def row(name: str, wins: int, losses: int, draws: int) -> Mapping[str, Any]:
    return {**dict.fromkeys(COUNTS, 0), "param_set_id": name, "wins": wins, "losses": losses, "draws": draws}


@given(st.lists(st.tuples(*[st.integers(0, 9)] * 3).filter(any), min_size=1, max_size=6))
def test_the_best_set_has_the_greatest_share_and_the_first_name(played: list[tuple[int, int, int]]) -> None:
    rows = [row(f"ps-{n}", *each) for n, each in enumerate(played)]
    best = best_set(rows)
    share = {
        one["param_set_id"]: (2 * one["wins"] + one["draws"], one["wins"] + one["losses"] + one["draws"])
        for one in rows
    }
    points, of = share[best["param_set_id"]]
    assert all(points * n >= mine * of for mine, n in share.values())
    assert best["param_set_id"] == min(name for name, (mine, n) in share.items() if points * n == mine * of)
