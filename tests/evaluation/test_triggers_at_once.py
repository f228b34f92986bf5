"""Many writers at once end as one does; what costs more as a job grows would show."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier

import psycopg
import pytest

from podium.settings import Settings
from tests.evaluation.byhand import (
    PREDICTION,
    SCORE,
    insert,
    job,
    judge,
    log,
    predict,
    prediction,
    score,
    submit,
    world,
)
from tests.evaluation.recount import live, recounted

WRITERS = 8
ROWS = 400


def _at_once(database: Settings, work: Callable[[psycopg.Connection, int], None], writers: int = WRITERS) -> None:
    """Run `work` in as many sessions as there are writers, all starting together; raise what any of them raised."""
    barrier = Barrier(writers)

    def session(number: int) -> None:
        with psycopg.connect(database.postgres.dsn("owner"), autocommit=True) as connection:
            connection.execute("SET synchronous_commit = off")
            barrier.wait()
            work(connection, number)

    with ThreadPoolExecutor(writers) as pool:
        for outcome in [pool.submit(session, number) for number in range(writers)]:
            outcome.result()


def _shuffled(number: int, items: list[tuple[object, ...]]) -> list[list[tuple[object, ...]]]:
    mixed = random.Random(number).sample(items, len(items))
    return [sorted(mixed[start : start + 50], key=repr) for start in range(0, len(mixed), 50)]


def test_eight_writers_end_like_one(database: Settings, db: psycopg.Connection) -> None:
    world(db, rows=ROWS, models=2)
    every = [prediction(row, model) for row in range(1, ROWS + 1) for model in (1, 2)]
    scores = [score(row, model) for row in range(1, ROWS + 1) for model in (1, 2)]

    def work(connection: psycopg.Connection, number: int) -> None:
        for batch in _shuffled(number, every):
            insert(connection, "predictions", PREDICTION, batch)
        for batch in _shuffled(number, scores):
            insert(connection, "scores", SCORE, batch)

    _at_once(database, work)
    assert job(db) == job(db, model=2) == ("done", ROWS, 0)
    assert log(db) == [(1, "pending"), (1, "running"), (1, "done")]
    assert live(db) == recounted(db)


def test_the_last_two_rows_at_once_complete_the_job(database: Settings, db: psycopg.Connection) -> None:
    world(db, rows=50, models=1)
    predict(db, range(1, 49))
    _at_once(database, lambda connection, number: predict(connection, [49 + number]), writers=2)
    assert job(db) == ("done", 50, 0)
    assert log(db) == [(1, "pending"), (1, "running"), (1, "done")]


def test_jobs_and_rows_that_arrive_at_once_miss_no_task(database: Settings, db: psycopg.Connection) -> None:
    world(db, rows=0, models=4, jobs=False)
    db.execute("INSERT INTO evaluation.dataset_versions (dataset_id, version, total_rows) VALUES (1, 1, 200)")

    def work(connection: psycopg.Connection, number: int) -> None:
        if number < 4:
            submit(connection, (number + 1, 1, 1))
            return
        for row in range(number - 3, 201, 4):
            connection.execute("INSERT INTO evaluation.rows VALUES (%s, 1, 'text', 'positive')", [row])

    _at_once(database, work)
    assert db.execute("SELECT count(*) FROM evaluation.predictionstatus").fetchone() == (800,)
    assert live(db) == recounted(db)


def test_relabelling_meets_the_scores_that_run_beside_it(database: Settings, db: psycopg.Connection) -> None:
    world(db, rows=100, models=1)
    predict(db, range(1, 101))
    judge(db, range(1, 101))

    def work(connection: psycopg.Connection, number: int) -> None:
        for row in range(1, 101):
            if number:
                judge(connection, [row], edition=2, gold="negative")
            else:
                connection.execute(
                    "UPDATE evaluation.rows SET truth_version = 2, expected_prediction = 'negative' WHERE row_id = %s",
                    [row],
                )

    _at_once(database, work, writers=2)
    assert db.execute("SELECT gold, n FROM evaluation.confusion").fetchall() == [("negative", 100)]
    assert live(db) == recounted(db)


def test_a_job_is_deleted_or_predicted_but_not_both(database: Settings, db: psycopg.Connection) -> None:
    world(db, rows=20, models=1)

    def work(connection: psycopg.Connection, number: int) -> None:
        for row in range(1, 21):
            try:
                if number:
                    predict(connection, [row])
                else:
                    connection.execute("DELETE FROM evaluation.modelpromptstatus")
            except (psycopg.errors.ForeignKeyViolation, psycopg.errors.DeadlockDetected):
                continue

    _at_once(database, work, writers=2)
    orphans = db.execute(
        "SELECT count(*) FROM evaluation.predictions p WHERE NOT EXISTS ("
        "SELECT FROM evaluation.predictionstatus t WHERE (t.row_id, t.model_id) = (p.row_id, p.model_id))"
    ).fetchone()
    assert orphans == (0,)
    assert live(db) == recounted(db)


@pytest.mark.parametrize("claims", [50])
def test_a_task_is_claimed_once(database: Settings, db: psycopg.Connection, claims: int) -> None:
    world(db, rows=200, models=1)
    taken: list[int] = []

    def work(connection: psycopg.Connection, number: int) -> None:
        for _ in range(claims):
            rows = connection.execute(
                "UPDATE evaluation.predictionstatus SET status = 'in_progress', worker = %s WHERE row_id IN ("
                "SELECT row_id FROM evaluation.predictionstatus WHERE status = 'pending' ORDER BY row_id"
                " LIMIT 1 FOR UPDATE SKIP LOCKED) AND status = 'pending' RETURNING row_id",
                [f"w{number}"],
            ).fetchall()
            taken.extend(row for (row,) in rows)

    _at_once(database, work)
    assert sorted(taken) == list(range(1, 201))


def test_the_last_inserts_cost_what_the_first_did(db: psycopg.Connection) -> None:
    """Counted in pages touched by 20,000 single inserts, which no busy neighbour can change."""
    world(db, rows=20_000, models=1)
    db.execute("SET synchronous_commit = off")
    pages = [_pages(db)]
    for tenth in range(10):
        db.execute(
            "DO $$ BEGIN FOR r IN %s..%s LOOP"
            " INSERT INTO evaluation.predictions (row_id, model_id, prompt_id, dataset_id, prediction, prediction_time,"
            " status) VALUES (r, 1, 1, 1, 'positive', 0.5, 'success'); COMMIT; END LOOP; END $$".replace("%s", "{}")
            .format(tenth * 2_000 + 1, tenth * 2_000 + 2_000)
            .encode()
        )
        pages.append(_pages(db))
    spent = [after - before for before, after in pairwise(pages)]
    assert job(db) == ("done", 20_000, 0)
    assert spent[-1] <= 1.5 * spent[0], spent


def _pages(db: psycopg.Connection) -> int:
    db.execute("SELECT pg_stat_force_next_flush()")
    row = db.execute(
        "SELECT sum(heap_blks_hit + heap_blks_read + coalesce(idx_blks_hit + idx_blks_read, 0))::bigint"
        " FROM pg_statio_user_tables WHERE schemaname = 'evaluation'"
    ).fetchone()
    assert row is not None
    return int(row[0])
