"""Jobs in plain SQL: seeding, shown status, legal moves, what is refused, the log."""

from itertools import product

import psycopg
import pytest
from psycopg.errors import CheckViolation, ForeignKeyViolation, IntegrityError, RestrictViolation

from schema.evaluation.events import JOB
from tests.evaluation.byhand import copy, job, log, predict, submit, task, world

PAIRS = list(product(JOB.states, JOB.states))


def _move(db: psycopg.Connection, status: str, epoch: int | None = None) -> None:
    db.execute(
        "UPDATE evaluation.modelpromptstatus SET status = %s, epoch = coalesce(%s, epoch) WHERE model_id = 1",
        [status, epoch],
    )


def _bring(db: psycopg.Connection, state: str) -> None:
    world(db, models=1)
    if state != JOB.initial:
        _move(db, state)


def test_a_job_has_one_pending_task_for_each_row(db: psycopg.Connection) -> None:
    world(db, rows=5, models=3)
    tasks = db.execute(
        "SELECT model_id, count(*), count(DISTINCT row_id), array_agg(DISTINCT status), count(in_progress_time)"
        " FROM evaluation.predictionstatus GROUP BY model_id ORDER BY model_id"
    ).fetchall()
    assert tasks == [(model, 5, 5, ["pending"], 0) for model in (1, 2, 3)]
    assert job(db) == ("pending", 0, 0)


def test_many_jobs_in_one_statement_are_all_seeded(db: psycopg.Connection) -> None:
    world(db, rows=7, models=4, jobs=False)
    copy(db, "modelpromptstatus", "model_id, prompt_id, dataset_id, status", [(m, 1, 1, "pending") for m in (4, 2, 3)])
    assert db.execute("SELECT count(*) FROM evaluation.predictionstatus").fetchone() == (21,)


def test_rows_that_come_after_their_job_get_tasks(consumer: psycopg.Connection, db: psycopg.Connection) -> None:
    world(db, rows=0, models=2, jobs=False)
    db.execute("INSERT INTO evaluation.dataset_versions (dataset_id, version, total_rows) VALUES (1, 1, 3)")
    for model in (1, 2):
        submit(db, (model, 1, 1))
    rows = [(row, 1, "text", "positive", 1) for row in (1, 2, 3)] + [(4, 1, "later", "positive", 2)]
    copy(consumer, "rows", "row_id, dataset_id, content, expected_prediction, version", rows)
    found = db.execute("SELECT row_id, model_id FROM evaluation.predictionstatus ORDER BY 1, 2").fetchall()
    assert found == [(row, model) for row in (1, 2, 3) for model in (1, 2)]


def test_an_empty_data_set_completes_at_once(db: psycopg.Connection) -> None:
    world(db, models=1, jobs=False)
    submit(db, (1, 1, 2))
    assert job(db, dataset=2) == ("done", 0, 0)
    assert log(db) == [(1, "pending"), (1, "done")]


def test_a_version_that_is_complete_takes_no_more_rows(db: psycopg.Connection) -> None:
    world(db)
    with pytest.raises(CheckViolation, match="cannot take more rows"):
        db.execute("INSERT INTO evaluation.rows (dataset_id, content, expected_prediction) VALUES (1, 'x', 'positive')")
    db.execute("INSERT INTO evaluation.rows VALUES (90, 1, 'x', 'positive', 2)")
    assert db.execute("SELECT total_rows FROM evaluation.modelpromptstatus").fetchall() == [(4,), (4,)]


def test_a_job_is_extended_by_a_new_epoch_only(db: psycopg.Connection) -> None:
    world(db, rows=2, models=1)
    predict(db, (1, 2))
    assert job(db) == ("done", 2, 0)
    db.execute("INSERT INTO evaluation.rows VALUES (3, 1, 'x', 'positive', 2)")
    db.execute("INSERT INTO evaluation.dataset_versions (dataset_id, version, total_rows) VALUES (1, 2, 3)")
    assert job(db) == ("done", 2, 0)
    db.execute("UPDATE evaluation.modelpromptstatus SET epoch = 2, dataset_version = 2, status = 'pending'")
    assert job(db) == ("running", 2, 0)
    assert task(db, 3) == "pending"
    predict(db, [3])
    assert job(db) == ("done", 3, 0)
    assert log(db) == [(1, "pending"), (2, "pending"), (2, "running"), (2, "done")]


@pytest.mark.parametrize(("origin", "target"), PAIRS)
def test_moves_of_one_epoch(db: psycopg.Connection, origin: str, target: str) -> None:
    _bring(db, origin)
    if target == origin or target in JOB.moves[origin]:
        _move(db, target)
        assert job(db)[0] == target
    else:
        with pytest.raises(CheckViolation):
            _move(db, target)
        assert job(db)[0] == origin


@pytest.mark.parametrize(("origin", "target"), PAIRS)
def test_moves_to_the_next_epoch(db: psycopg.Connection, origin: str, target: str) -> None:
    _bring(db, origin)
    if target == JOB.initial or target in JOB.backward.get(origin, ()):
        _move(db, target, epoch=2)
        assert job(db)[0] == target
    else:
        with pytest.raises(CheckViolation):
            _move(db, target, epoch=2)


@pytest.mark.parametrize("status", ["running", "done", "available", "in_use", ""])
def test_what_is_shown_cannot_be_set(db: psycopg.Connection, status: str) -> None:
    world(db, models=1)
    with pytest.raises(CheckViolation):
        _move(db, status)
    with pytest.raises(CheckViolation):
        db.execute("INSERT INTO evaluation.modelpromptstatus VALUES (1, 1, 2, %s)", [status])


@pytest.mark.parametrize("status", ["pending", "running", "stop", "cancelled", "failed"])
def test_done_is_left_by_a_new_epoch_only(db: psycopg.Connection, status: str) -> None:
    world(db, rows=2, models=1)
    predict(db, (1, 2))
    with pytest.raises(CheckViolation, match="cannot become"):
        _move(db, status)
    assert job(db) == ("done", 2, 0)


@pytest.mark.parametrize("change", ["count = 1", "count = -3", "failed = 1", "total_rows = 9", "epoch = 0"])
def test_derived_columns_cannot_be_set(db: psycopg.Connection, change: str) -> None:
    world(db, models=1)
    with pytest.raises(CheckViolation):
        db.execute(f"UPDATE evaluation.modelpromptstatus SET {change}".encode())
    assert job(db) == ("pending", 0, 0)


@pytest.mark.parametrize("count", [1, -3])
def test_a_job_is_born_without_a_count(db: psycopg.Connection, count: int) -> None:
    world(db, models=1, jobs=False)
    with pytest.raises(CheckViolation):
        db.execute("INSERT INTO evaluation.modelpromptstatus VALUES (1, 1, 1, 'pending', %s)", [count])


@pytest.mark.parametrize("key", ["model_id = 2", "dataset_id = 2"])
def test_keys_never_change(db: psycopg.Connection, key: str) -> None:
    world(db, models=2, jobs=False)
    submit(db, (1, 1, 1))
    with pytest.raises(IntegrityError):
        db.execute(f"UPDATE evaluation.modelpromptstatus SET {key}".encode())


@pytest.mark.parametrize("status", ["stop", "cancelled", "failed"])
def test_no_progress_overwrites_what_events_said(db: psycopg.Connection, status: str) -> None:
    world(db, rows=3, models=1)
    predict(db, [1])
    _move(db, status)
    predict(db, (2, 3))
    assert job(db) == (status, 3, 0)
    assert log(db) == [(1, "pending"), (1, "running"), (1, status)]


def test_a_stopped_job_is_resumed_and_goes_on(db: psycopg.Connection) -> None:
    world(db, rows=3, models=1)
    predict(db, [1])
    _move(db, "stop")
    _move(db, "pending", epoch=2)
    assert job(db) == ("running", 1, 0)
    predict(db, (2, 3))
    assert job(db) == ("done", 3, 0)


def test_a_job_that_is_deleted_takes_its_tasks_along(db: psycopg.Connection) -> None:
    world(db, models=2)
    db.execute("DELETE FROM evaluation.modelpromptstatus WHERE model_id = 1")
    assert db.execute("SELECT DISTINCT model_id FROM evaluation.predictionstatus").fetchall() == [(2,)]
    submit(db, (1, 1, 1))
    assert db.execute("SELECT count(*) FROM evaluation.predictionstatus WHERE model_id = 1").fetchone() == (4,)


def test_a_job_with_predictions_cannot_be_deleted(db: psycopg.Connection) -> None:
    world(db, models=1)
    predict(db, [2])
    with pytest.raises(ForeignKeyViolation, match="predictions still refers"):
        db.execute("DELETE FROM evaluation.modelpromptstatus")
    db.execute("DELETE FROM evaluation.predictions")
    db.execute("DELETE FROM evaluation.modelpromptstatus")
    assert db.execute("SELECT FROM evaluation.predictionstatus").rowcount == 0
    assert db.execute("SELECT FROM evaluation.latency").rowcount == 0


def test_a_log_that_cannot_be_written_loses_no_prediction(db: psycopg.Connection) -> None:
    world(db, rows=2, models=1)
    with db.transaction(force_rollback=True):
        db.execute("ALTER TABLE evaluation.status_update_log ADD CHECK (status = 'pending')")
        predict(db, (1, 2))
        assert job(db) == ("done", 2, 0)
        assert log(db) == [(1, "pending")]


def test_the_log_never_changes(db: psycopg.Connection) -> None:
    world(db, models=1)
    with pytest.raises(RestrictViolation):
        db.execute("UPDATE evaluation.status_update_log SET status = 'done'")


def test_events_may_overtake_each_other_but_not_go_back(consumer: psycopg.Connection, db: psycopg.Connection) -> None:
    world(db, models=1)
    consumer.execute("UPDATE evaluation.modelpromptstatus SET event_status = 'cancelled', epoch = 3")
    assert job(db)[0] == "cancelled"
    for statement in ("event_status = 'stop'", "event_status = 'pending', epoch = 2", "event_status = 'done'"):
        with pytest.raises(CheckViolation):
            consumer.execute(f"UPDATE evaluation.modelpromptstatus SET {statement}".encode())


def test_a_frozen_version_never_shrinks(consumer: psycopg.Connection, db: psycopg.Connection) -> None:
    world(db, rows=2, models=1)
    db.execute("INSERT INTO evaluation.dataset_versions (dataset_id, version, total_rows) VALUES (1, 2, 2)")
    consumer.execute("UPDATE evaluation.modelpromptstatus SET epoch = 2, dataset_version = 2")
    consumer.execute("UPDATE evaluation.modelpromptstatus SET epoch = 3, dataset_version = 1")
    assert db.execute("SELECT epoch, dataset_version FROM evaluation.modelpromptstatus").fetchall() == [(3, 2)]
