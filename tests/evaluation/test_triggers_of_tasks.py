"""Tasks in plain SQL: claims, heartbeats, releases, what is refused."""

from datetime import datetime
from itertools import product
from typing import Any

import psycopg
import pytest
from psycopg.errors import CheckViolation, ForeignKeyViolation, IntegrityError, RestrictViolation

from schema.evaluation.events import TASK
from tests.evaluation.byhand import copy, job, predict, task, world

PAIRS = list(product(TASK.states, TASK.states))
ROUTE = {"pending": (), "in_progress": ("in_progress",), "failed": ("in_progress", "failed")}


def _move(db: psycopg.Connection, status: str, attempt: int | None = None) -> None:
    db.execute(
        "UPDATE evaluation.predictionstatus SET status = %s, attempt = coalesce(%s, attempt)"
        " WHERE row_id = 1 AND model_id = 1",
        [status, attempt],
    )


def _task(db: psycopg.Connection, columns: str) -> tuple[Any, ...]:
    query = f"SELECT {columns} FROM evaluation.predictionstatus WHERE row_id = 1 AND model_id = 1"
    row = db.execute(query.encode()).fetchone()
    assert row is not None
    return row


def _bring(db: psycopg.Connection, state: str) -> None:
    world(db, models=1)
    for step in ROUTE[state]:
        _move(db, step)


@pytest.mark.parametrize(("origin", "target"), PAIRS)
def test_moves_of_one_attempt(db: psycopg.Connection, origin: str, target: str) -> None:
    _bring(db, origin)
    given_back = (origin, target) == ("in_progress", "pending")
    if target == origin or target in TASK.moves[origin] or given_back:
        _move(db, target)
        assert _task(db, "status, attempt") == (target, 2 if given_back else 1)
    else:
        with pytest.raises(CheckViolation):
            _move(db, target)
        assert task(db, 1) == origin


@pytest.mark.parametrize(("origin", "target"), PAIRS)
def test_moves_to_the_next_attempt(db: psycopg.Connection, origin: str, target: str) -> None:
    _bring(db, origin)
    if target == TASK.initial or target in TASK.backward.get(origin, ()):
        _move(db, target, attempt=2)
        assert _task(db, "status, attempt") == (target, 2)
    else:
        with pytest.raises(CheckViolation):
            _move(db, target, attempt=2)


@pytest.mark.parametrize("status", ["done", "bogus", "", "stop"])
def test_what_is_shown_cannot_be_set(db: psycopg.Connection, status: str) -> None:
    world(db, models=1)
    with pytest.raises(CheckViolation):
        _move(db, status)


@pytest.mark.parametrize("status", ["pending", "in_progress", "failed"])
def test_done_stays_done(db: psycopg.Connection, status: str) -> None:
    world(db, models=1)
    _move(db, "in_progress")
    predict(db, [1])
    assert task(db, 1) == "done"
    _move(db, "done")
    with pytest.raises(CheckViolation, match="cannot become"):
        _move(db, status)
    assert task(db, 1) == "done"


def test_a_task_is_done_without_a_claim_when_its_prediction_comes(db: psycopg.Connection) -> None:
    world(db, models=1)
    predict(db, [1])
    assert _task(db, "status, event_status, in_progress_time") == ("done", "pending", None)


def test_a_claim_by_hand_of_a_task_with_a_prediction_has_its_heartbeat(db: psycopg.Connection) -> None:
    world(db, models=1)
    predict(db, [1])
    db.execute("UPDATE evaluation.predictionstatus SET event_status = 'in_progress', worker = 'ana' WHERE row_id = 1")
    assert _task(db, "status, event_status, in_progress_time IS NOT NULL") == ("done", "in_progress", True)


def test_the_heartbeat_moves_within_a_transaction_and_goes_with_the_claim(db: psycopg.Connection) -> None:
    world(db, models=1)
    assert _task(db, "in_progress_time, claimed_at") == (None, None)
    with db.transaction():
        _move(db, "in_progress")
        first: datetime = _task(db, "in_progress_time")[0]
        claimed = _task(db, "claimed_at")
        _move(db, "in_progress")
        second: datetime = _task(db, "in_progress_time")[0]
        assert _task(db, "claimed_at") == claimed
    assert first < second
    _move(db, "pending")
    assert _task(db, "in_progress_time, claimed_at, worker, lease_until") == (None, None, None, None)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/St_Johns"])
def test_the_heartbeat_is_utc_in_every_session(db: psycopg.Connection, zone: str) -> None:
    world(db, models=1)
    db.execute("SELECT set_config('timezone', %s, false)", [zone])
    _move(db, "in_progress")
    (age,) = _task(db, "abs(extract(epoch FROM in_progress_time - clock_timestamp() AT TIME ZONE 'UTC'))")
    assert age < 60


def test_another_worker_does_not_take_a_lease(db: psycopg.Connection) -> None:
    world(db, models=1)
    db.execute("UPDATE evaluation.predictionstatus SET status = 'in_progress', worker = 'ana' WHERE row_id = 1")
    db.execute("UPDATE evaluation.predictionstatus SET lease_until = now() WHERE row_id = 1")
    with pytest.raises(CheckViolation, match="another worker"):
        db.execute("UPDATE evaluation.predictionstatus SET worker = 'bob' WHERE row_id = 1")


@pytest.mark.parametrize("status", ["stop", "cancelled", "failed"])
def test_nobody_claims_from_a_job_that_is_not_open(db: psycopg.Connection, status: str) -> None:
    world(db, models=1)
    db.execute("UPDATE evaluation.predictionstatus SET status = 'in_progress' WHERE row_id = 2")
    db.execute("UPDATE evaluation.modelpromptstatus SET status = %s", [status])
    with pytest.raises(CheckViolation, match="the job of row 1"):
        _move(db, "in_progress")
    release = "UPDATE evaluation.predictionstatus SET status = 'pending' WHERE row_id = 2"
    if status == "stop":
        db.execute(release)
    else:
        with pytest.raises(CheckViolation, match="the job of row 2"):
            db.execute(release)


@pytest.mark.parametrize(
    "change",
    ["final_status = 'success'", "final_attempt = 1", "latency_bucket = 1", "gold = 'positive'", "predicted = 'x'"],
)
def test_the_final_prediction_cannot_be_set(db: psycopg.Connection, change: str) -> None:
    world(db, models=1)
    with pytest.raises(CheckViolation, match="derived"):
        db.execute(f"UPDATE evaluation.predictionstatus SET {change}".encode())
    assert job(db) == ("pending", 0, 0)


@pytest.mark.parametrize("key", ["row_id = row_id + 100", "model_id = 2", "dataset_id = 2"])
def test_keys_never_change(db: psycopg.Connection, key: str) -> None:
    world(db, models=2)
    with pytest.raises(IntegrityError):
        db.execute(f"UPDATE evaluation.predictionstatus SET {key} WHERE row_id = 1 AND model_id = 1".encode())


def test_tasks_come_and_go_with_their_jobs_only(db: psycopg.Connection) -> None:
    world(db, models=1)
    with pytest.raises(RestrictViolation, match="one task for each row"):
        db.execute("DELETE FROM evaluation.predictionstatus WHERE row_id = 1")
    db.execute("INSERT INTO evaluation.rows VALUES (90, 1, 'x', 'positive', 2)")
    columns = "row_id, model_id, prompt_id, dataset_id, status"
    with pytest.raises(RestrictViolation, match="one task for each row"):
        copy(db, "predictionstatus", columns, [(90, 1, 1, 1, "pending")])


@pytest.mark.parametrize("key", [(1, 2, 1, 1), (99, 1, 1, 1), (1, 1, 1, 2)])
def test_a_task_needs_its_job_and_its_row(db: psycopg.Connection, key: tuple[int, ...]) -> None:
    world(db, models=2, jobs=False)
    with pytest.raises(ForeignKeyViolation):
        db.execute("INSERT INTO evaluation.predictionstatus VALUES (%s, %s, %s, %s, 'pending')", key)


def test_claims_through_the_log_take_their_times_from_events(
    consumer: psycopg.Connection, db: psycopg.Connection
) -> None:
    world(db, models=1)
    consumer.execute(
        "UPDATE evaluation.predictionstatus SET event_status = 'in_progress', worker = 'w',"
        " claimed_at = '2026-03-01T10:00:00+02:00', lease_until = '2026-03-01T11:00:00Z' WHERE row_id = 1"
    )
    assert _task(db, "status, in_progress_time::text") == ("in_progress", "2026-03-01 08:00:00")
    consumer.execute(
        "UPDATE evaluation.predictionstatus SET event_status = 'pending', attempt = 2, worker = NULL,"
        " claimed_at = NULL, lease_until = NULL WHERE row_id = 1"
    )
    assert _task(db, "status, in_progress_time") == ("pending", None)
    consumer.execute("UPDATE evaluation.predictionstatus SET event_status = 'failed', attempt = 3 WHERE row_id = 1")
    assert _task(db, "status, attempt") == ("failed", 3)
    with pytest.raises(CheckViolation):
        consumer.execute("UPDATE evaluation.predictionstatus SET event_status = 'pending' WHERE row_id = 1")
    with pytest.raises(CheckViolation):
        consumer.execute("UPDATE evaluation.predictionstatus SET attempt = 2 WHERE row_id = 1")
