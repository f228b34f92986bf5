"""Evaluation written in plain SQL: a small world, and the statements that the tests make in it."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg

from schema.evaluation import DOMAIN

Job = tuple[int, int, int]
"""model, prompt, data set."""

PREDICTION = "row_id, model_id, prompt_id, dataset_id, attempt, prediction, prediction_time, status, retry, digest"
SCORE = "row_id, model_id, prompt_id, dataset_id, attempt, prediction_digest, truth_version, gold, predicted, correct"


def empty(db: psycopg.Connection) -> None:
    """Take every row of the domain away."""
    tables = ", ".join(table.fullname for table in DOMAIN.tables)
    db.execute(f"TRUNCATE {tables} RESTART IDENTITY".encode())
    db.execute("TRUNCATE ledger.outside_write")


def world(db: psycopg.Connection, rows: int = 4, models: int = 2, jobs: bool = True) -> None:
    """Data set 1 with rows 1 ... n, the empty data set 2, models 1 ... m, prompt 1; a job a model on data set 1."""
    db.execute("INSERT INTO evaluation.datasets (dataset_id, name) VALUES (1, 'tweets'), (2, 'nothing')")
    db.execute("INSERT INTO evaluation.prompts (prompt_id, text) VALUES (1, '{content}')")
    db.execute(
        "INSERT INTO evaluation.models (model_id, name, source)"
        " SELECT n, 'model ' || n, 'openai' FROM generate_series(1, %s) n",
        [models],
    )
    db.execute(
        "INSERT INTO evaluation.rows (row_id, dataset_id, content, expected_prediction)"
        " SELECT n, 1, 'text ' || n, 'positive' FROM generate_series(1, %s) n",
        [rows],
    )
    if jobs:
        for model in range(1, models + 1):
            submit(db, (model, 1, 1))


def submit(db: psycopg.Connection, job: Job) -> None:
    """Insert a job as the seed's users do."""
    db.execute(
        "INSERT INTO evaluation.modelpromptstatus (model_id, prompt_id, dataset_id, status)"
        " VALUES (%s, %s, %s, 'pending')",
        job,
    )


def digest(row: int, model: int, attempt: int = 1) -> bytes:
    """A digest as an event would have brought it."""
    return b"%d:%d:%d" % (row, model, attempt)


def prediction(
    row: int, model: int = 1, attempt: int = 1, status: str = "success", retry: int = 0, seconds: float = 0.5
) -> tuple[Any, ...]:
    """Values of PREDICTION."""
    label = "positive" if status == "success" else ""
    return row, model, 1, 1, attempt, label, seconds, status, retry, digest(row, model, attempt)


def score(
    row: int, model: int = 1, attempt: int = 1, edition: int = 1, gold: str = "positive", said: str = "positive"
) -> tuple[Any, ...]:
    """Values of SCORE."""
    return row, model, 1, 1, attempt, digest(row, model, attempt), edition, gold, said, int(gold == said)


def predict(db: psycopg.Connection, rows: Iterable[int], model: int = 1, **more: Any) -> None:
    """COPY predictions, as the consumers do."""
    copy(db, "predictions", PREDICTION, [prediction(row, model, **more) for row in rows])


def judge(db: psycopg.Connection, rows: Iterable[int], model: int = 1, **more: Any) -> None:
    """COPY scores, as the consumers do."""
    copy(db, "scores", SCORE, [score(row, model, **more) for row in rows])


def copy(db: psycopg.Connection, table: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """One COPY of all the rows."""
    statement = f"COPY evaluation.{table} ({columns}) FROM STDIN".encode()
    with db.cursor() as cursor, cursor.copy(statement) as stream:
        for row in rows:
            stream.write_row(row)


def insert(db: psycopg.Connection, table: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """One INSERT of all the rows that skips those that are there; returns how many were not."""
    width = f"({', '.join(['%s'] * len(rows[0]))})"
    statement = f"INSERT INTO evaluation.{table} ({columns}) VALUES {', '.join([width] * len(rows))}"
    cursor = db.execute(f"{statement} ON CONFLICT DO NOTHING".encode(), [value for row in rows for value in row])
    return cursor.rowcount


def job(db: psycopg.Connection, model: int = 1, dataset: int = 1) -> tuple[str, int, int]:
    """Shown status, count and failed of a job under prompt 1."""
    row = db.execute(
        "SELECT status, count, failed FROM evaluation.modelpromptstatus"
        " WHERE model_id = %s AND prompt_id = 1 AND dataset_id = %s",
        [model, dataset],
    ).fetchone()
    assert row is not None
    return row


def task(db: psycopg.Connection, row: int, model: int = 1) -> str:
    """Shown status of a task under prompt 1."""
    found = db.execute(
        "SELECT status FROM evaluation.predictionstatus WHERE row_id = %s AND model_id = %s AND prompt_id = 1",
        [row, model],
    ).fetchone()
    assert found is not None
    return str(found[0])


def log(db: psycopg.Connection, model: int = 1) -> list[tuple[int, str]]:
    """Epoch and status of the log rows of a job, as written."""
    return db.execute(
        "SELECT epoch, status FROM evaluation.status_update_log WHERE model_id = %s ORDER BY id", [model]
    ).fetchall()
