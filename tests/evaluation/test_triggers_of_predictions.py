"""Predictions, scores and gold labels in plain SQL: final predictions, tallies, references, what is refused."""

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.errors import CheckViolation, ForeignKeyViolation, NotNullViolation, RestrictViolation, UniqueViolation

from schema.evaluation.scoring import LATENCY_EDGES, latency_bucket
from tests.evaluation.byhand import (
    PREDICTION,
    SCORE,
    copy,
    insert,
    job,
    judge,
    log,
    predict,
    prediction,
    score,
    submit,
    task,
    world,
)
from tests.evaluation.recount import live, recounted


def _confusion(db: psycopg.Connection) -> dict[tuple[str, str], int]:
    rows = db.execute("SELECT gold, predicted, sum(n)::integer FROM evaluation.confusion GROUP BY gold, predicted")
    return {(gold, said): n for gold, said, n in rows}


def _true(db: psycopg.Connection) -> None:
    assert live(db) == recounted(db)


def test_a_job_runs_and_is_done_with_its_last_row(db: psycopg.Connection) -> None:
    world(db, rows=120, models=2)
    for row in range(1, 121):
        predict(db, [row])
        assert job(db) == ("done" if row == 120 else "running", row, 0)
    assert job(db, model=2) == ("pending", 0, 0)
    assert log(db) == [(1, "pending"), (1, "running"), (1, "done")]
    _true(db)


@pytest.mark.parametrize("rows", [1, 49, 50, 51, 5050])
def test_no_number_of_rows_is_special(db: psycopg.Connection, rows: int) -> None:
    world(db, rows=rows, models=2)
    predict(db, range(1, rows))
    assert job(db)[0] == ("pending" if rows == 1 else "running")
    predict(db, [rows])
    predict(db, range(1, rows + 1), model=2)
    assert job(db) == job(db, model=2) == ("done", rows, 0)


def test_insert_counts_what_copy_counts(db: psycopg.Connection) -> None:
    world(db)
    rows = [prediction(row, model) for row in (1, 2, 3, 4) for model in (2, 1)]
    assert insert(db, "predictions", PREDICTION, rows) == 8
    assert insert(db, "predictions", PREDICTION, rows) == 0
    assert job(db) == job(db, model=2) == ("done", 4, 0)
    _true(db)


def test_a_repeated_key_is_refused_whole(db: psycopg.Connection) -> None:
    world(db, models=1)
    predict(db, [1])
    with pytest.raises(UniqueViolation):
        predict(db, (2, 1))
    assert job(db) == ("running", 1, 0)


def test_the_final_prediction_does_not_depend_on_order(db: psycopg.Connection) -> None:
    world(db, rows=6, models=1)
    arrivals = {
        1: [("failed", 1, 1), ("success", 2, 0), ("success", 3, 0)],
        2: [("success", 3, 0), ("success", 2, 0), ("failed", 1, 1)],
        3: [("failed", 1, 0), ("success", 2, 0)],
        4: [("success", 2, 0), ("failed", 1, 0)],
        5: [("failed", 2, 0), ("failed", 1, 0)],
        6: [("failed", 1, 1)],
    }
    for row, attempts in arrivals.items():
        for status, attempt, retry in attempts:
            predict(db, [row], status=status, attempt=attempt, retry=retry)
            _true(db)
    finals = db.execute("SELECT final_attempt, final_status, status FROM evaluation.predictionstatus ORDER BY row_id")
    assert finals.fetchall() == [
        (2, "success", "done"),
        (2, "success", "done"),
        (2, "success", "done"),
        (2, "success", "done"),
        (1, "failed", "failed"),
        (None, None, "pending"),
    ]
    assert job(db) == ("running", 5, 1)


def test_attempts_of_one_statement_make_one_final(db: psycopg.Connection) -> None:
    world(db, models=1)
    rows = [prediction(1, attempt=3), prediction(1, attempt=1, status="failed"), prediction(1, attempt=2)]
    copy(db, "predictions", PREDICTION, rows)
    assert job(db) == ("running", 1, 0)
    assert db.execute("SELECT max(final_attempt) FROM evaluation.predictionstatus").fetchone() == (2,)
    _true(db)


@pytest.mark.parametrize("row", [(99, 1, 1, 1), (1, 2, 1, 1), (1, 1, 1, 2)])
def test_no_prediction_without_its_task(db: psycopg.Connection, row: tuple[int, ...]) -> None:
    world(db, models=2, jobs=False)
    submit(db, (1, 1, 1))
    values = (*row, *prediction(1)[4:])
    with pytest.raises(ForeignKeyViolation) as refused:
        copy(db, "predictions", PREDICTION, [prediction(2), values])
    assert refused.value.diag.constraint_name == "fk_predictions_row_id_model_id_prompt_id_dataset_id"
    assert refused.value.diag.schema_name == "evaluation"
    assert refused.value.diag.table_name == "predictions"
    assert job(db) == ("pending", 0, 0)


@pytest.mark.parametrize("column", [0, 1, 2, 3])
def test_no_prediction_without_its_whole_key(db: psycopg.Connection, column: int) -> None:
    world(db)
    values = [*prediction(1)]
    values[column] = None
    with pytest.raises((CheckViolation, NotNullViolation)):
        copy(db, "predictions", PREDICTION, [tuple(values)])


@pytest.mark.parametrize("seconds", [-0.1, float("nan"), float("inf"), float("-inf")])
def test_seconds_are_finite_and_not_negative(db: psycopg.Connection, seconds: float) -> None:
    world(db)
    with pytest.raises(CheckViolation):
        predict(db, [1], seconds=seconds)


@pytest.mark.parametrize("status", ["done", "pending", "", "Success"])
def test_statuses_lie_in_their_set(db: psycopg.Connection, status: str) -> None:
    world(db)
    with pytest.raises(CheckViolation):
        predict(db, [1], status=status)


@pytest.mark.parametrize("seconds", [0.0, 1e-7, 1e-6, 0.5, 1e6, 1e9])
def test_any_duration_has_a_bucket(db: psycopg.Connection, seconds: float) -> None:
    world(db)
    predict(db, [1], seconds=seconds)
    assert db.execute("SELECT bucket, n FROM evaluation.latency").fetchall() == [(latency_bucket(seconds), 1)]


def test_sql_and_python_agree_on_buckets(db: psycopg.Connection) -> None:
    edges = [edge * 1e-6 * wiggle for edge in LATENCY_EDGES for wiggle in (1 - 2e-16, 1.0, 1 + 3e-16)]

    @given(st.lists(st.floats(0, 1e308) | st.floats(1e-7, 100) | st.sampled_from(edges), min_size=50))
    def agree(seconds: list[float]) -> None:
        numbered = "unnest(%s::double precision[]) WITH ORDINALITY AS u (s, place)"
        query = f"SELECT evaluation.latency_bucket(s) FROM {numbered} ORDER BY place".encode()
        assert [bucket for (bucket,) in db.execute(query, [seconds])] == [latency_bucket(one) for one in seconds]

    agree()


def test_scores_count_what_they_name(db: psycopg.Connection) -> None:
    world(db)
    predict(db, (1, 2, 3))
    judge(db, (1, 2))
    judge(db, [3], said="unknown")
    assert _confusion(db) == {("positive", "positive"): 2, ("positive", "unknown"): 1}
    _true(db)


def test_a_score_of_another_prediction_or_edition_does_not_count(db: psycopg.Connection) -> None:
    world(db)
    predict(db, [1], status="failed", attempt=1)
    predict(db, [1], attempt=2)
    judge(db, [1], attempt=1)
    judge(db, [1], attempt=2, edition=2, said="negative")
    stale = list(score(1, attempt=2))
    stale[5] = b"another digest"
    copy(db, "scores", SCORE, [tuple(stale)])
    assert _confusion(db) == {}
    _true(db)


def test_a_better_prediction_takes_the_score_away(db: psycopg.Connection) -> None:
    world(db)
    predict(db, [1], attempt=2)
    judge(db, [1], attempt=2)
    assert _confusion(db) == {("positive", "positive"): 1}
    predict(db, [1], attempt=1)
    assert _confusion(db) == {}
    judge(db, [1], attempt=1, said="negative")
    assert _confusion(db) == {("positive", "negative"): 1}
    _true(db)


def test_a_relabelled_row_counts_the_score_of_its_edition(db: psycopg.Connection) -> None:
    world(db)
    for model in (1, 2):
        predict(db, (1, 2), model=model)
        judge(db, (1, 2), model=model)
    judge(db, [1], edition=2, gold="negative")
    assert _confusion(db) == {("positive", "positive"): 4}
    db.execute("UPDATE evaluation.rows SET expected_prediction = 'negative', truth_version = 2 WHERE row_id = 1")
    _true(db)
    rows = db.execute("SELECT model_id, gold, predicted, n FROM evaluation.confusion ORDER BY 1, 2").fetchall()
    assert rows == [(1, "negative", "positive", 1), (1, "positive", "positive", 1), (2, "positive", "positive", 1)]


@pytest.mark.parametrize("change", ["expected_prediction = 'negative'", "truth_version = 0"])
def test_another_label_is_another_edition(db: psycopg.Connection, change: str) -> None:
    world(db)
    with pytest.raises(CheckViolation, match="greater truth_version"):
        db.execute(f"UPDATE evaluation.rows SET {change} WHERE row_id = 1".encode())


def test_a_row_stays_in_its_data_set(db: psycopg.Connection) -> None:
    world(db)
    with pytest.raises(RestrictViolation):
        db.execute("UPDATE evaluation.rows SET dataset_id = 2 WHERE row_id = 1")
    assert db.execute("SELECT count(*) FROM evaluation.predictionstatus WHERE row_id = 1").fetchone() == (2,)


@pytest.mark.parametrize("row", [score(2), score(1, model=2), score(1, attempt=2)])
def test_no_score_without_its_prediction(db: psycopg.Connection, row: tuple[object, ...]) -> None:
    world(db)
    predict(db, [1])
    with pytest.raises(ForeignKeyViolation):
        copy(db, "scores", SCORE, [score(1), row])
    assert _confusion(db) == {}


def test_a_score_names_the_data_set_of_its_prediction(db: psycopg.Connection) -> None:
    world(db)
    predict(db, [1])
    astray = list(score(1))
    astray[3] = 2
    with pytest.raises(ForeignKeyViolation):
        copy(db, "scores", SCORE, [tuple(astray)])


def test_deleted_predictions_are_subtracted(db: psycopg.Connection) -> None:
    world(db)
    predict(db, (1, 2, 3, 4))
    predict(db, [1], attempt=2, seconds=3.0)
    predict(db, [2], attempt=2, status="failed")
    db.execute("DELETE FROM evaluation.predictions WHERE row_id < 4 AND attempt = 1")
    _true(db)
    assert job(db) == ("running", 3, 1)
    assert task(db, 3) == "pending"
    judge(db, [1], attempt=2)
    with pytest.raises(ForeignKeyViolation):
        db.execute("DELETE FROM evaluation.predictions")
    db.execute("DELETE FROM evaluation.scores")
    db.execute("DELETE FROM evaluation.predictions")
    assert job(db) == ("pending", 0, 0)
    assert log(db) == [(1, "pending")]
    _true(db)


def test_a_deleted_prediction_leaves_the_score_of_the_next(db: psycopg.Connection) -> None:
    world(db)
    predict(db, [1], attempt=2)
    judge(db, [1], attempt=2, said="negative")
    predict(db, [1], attempt=1)
    assert _confusion(db) == {}
    db.execute("DELETE FROM evaluation.predictions WHERE attempt = 1")
    assert _confusion(db) == {("positive", "negative"): 1}
    _true(db)


def test_deleted_scores_are_subtracted(db: psycopg.Connection) -> None:
    world(db)
    predict(db, (1, 2))
    judge(db, (1, 2))
    db.execute("DELETE FROM evaluation.scores WHERE row_id = 1")
    assert _confusion(db) == {("positive", "positive"): 1}
    _true(db)


def test_a_row_with_tasks_cannot_be_deleted(db: psycopg.Connection) -> None:
    world(db)
    with pytest.raises(ForeignKeyViolation):
        db.execute("DELETE FROM evaluation.rows WHERE row_id = 1")
    db.execute("INSERT INTO evaluation.rows VALUES (90, 1, 'x', 'positive', 2)")
    db.execute("DELETE FROM evaluation.rows WHERE row_id = 90")


def _filled(db: psycopg.Connection) -> None:
    world(db)
    predict(db, (1, 2))
    judge(db, [1])


def test_truncate_takes_only_what_nothing_refers_to(db: psycopg.Connection) -> None:
    _filled(db)
    for table in ("datasets", "rows", "modelpromptstatus", "predictionstatus", "predictions"):
        with pytest.raises((psycopg.errors.FeatureNotSupported, ForeignKeyViolation)):
            db.execute(f"TRUNCATE evaluation.{table}".encode())
    for table in ("confusion", "latency"):
        with pytest.raises(RestrictViolation):
            db.execute(f"TRUNCATE evaluation.{table}".encode())
    _true(db)


@pytest.mark.parametrize(
    ("tables", "shown"),
    [
        ("scores", ("running", 2, 0)),
        ("scores, predictions", ("pending", 0, 0)),
        ("scores, predictions, predictionstatus", ("pending", 0, 0)),
    ],
)
def test_truncate_resets_what_followed(db: psycopg.Connection, tables: str, shown: tuple[object, ...]) -> None:
    _filled(db)
    db.execute(f"TRUNCATE {', '.join('evaluation.' + name for name in tables.split(', '))}".encode())
    assert job(db) == shown
    assert _confusion(db) == {}
    _true(db)


@pytest.mark.parametrize("table", ["modelpromptstatus", "rows", "datasets", "predictionstatus", "predictions"])
def test_truncate_cascades(db: psycopg.Connection, table: str) -> None:
    _filled(db)
    db.execute(f"TRUNCATE evaluation.{table} CASCADE".encode())
    assert db.execute("SELECT FROM evaluation.predictions").rowcount == 0
    assert _confusion(db) == {}
    _true(db)


def test_outside_writes_are_recorded_and_those_of_the_log_are_not(
    consumer: psycopg.Connection, db: psycopg.Connection
) -> None:
    world(db, rows=300, models=1)
    db.execute("DELETE FROM ledger.outside_write")
    predict(consumer, range(1, 201))
    consumer.execute("UPDATE evaluation.models SET name = 'another'")
    assert db.execute("SELECT FROM ledger.outside_write").rowcount == 0
    predict(db, range(201, 301))
    predict(db, [])
    db.execute("DELETE FROM evaluation.predictions WHERE row_id <= 150")
    db.execute("UPDATE evaluation.models SET name = name")
    found = db.execute(
        "SELECT statement, relation, rows, jsonb_array_length(keys), keys -> 0, role"
        " FROM ledger.outside_write ORDER BY id"
    ).fetchall()
    user = db.info.user
    assert [row[:4] for row in found] == [
        ("INSERT", "evaluation.predictions", 100, 100),
        ("DELETE", "evaluation.predictions", 150, 100),
        ("UPDATE", "evaluation.models", 1, 1),
    ]
    assert found[0][4] == {"model_id": 1, "prompt_id": 1, "row_id": 201, "attempt": 1}
    assert {row[5] for row in found} == {user}
