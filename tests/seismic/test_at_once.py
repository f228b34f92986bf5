"""Two sessions at once: whichever commits last, both sides of a rule have seen each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from podium.settings import Settings
from schema.seismic import DOMAIN
from tests.consumers.worker import Worker
from tests.log import Log
from tests.seismic.lines import JOB, begun, people, result, submitted, uploaded

*ARRIVING, READY = uploaded()


def _held(database: Settings, log: Log, topic: str) -> tuple[psycopg.Connection, Worker]:
    connection = psycopg.connect(database.postgres.dsn("consumer"), autocommit=True)
    worker = Worker(connection, (DOMAIN,), log, topic)
    worker.take(place for place in log.entries if place[0] == f"seismic.{topic}")
    return connection, worker


@pytest.mark.parametrize("turn", range(6))
def test_a_job_and_its_data_set_arrive_at_once(database: Settings, db: psycopg.Connection, turn: int) -> None:
    """Jobs are read by one worker, data sets by another, in as many steps as `turn` says."""
    log = Log((DOMAIN,))
    log.extend([*people(), *ARRIVING])
    jobs = [f"{JOB[:-2]}{n:02}" for n in range(20)]
    (first, catalog), (second, work) = _held(database, log, "catalog"), _held(database, log, "jobs")
    with first, second, ThreadPoolExecutor(2) as pool:
        catalog.finish()
        log.append(READY)
        log.extend(line for job in jobs for line in (submitted(job), begun(job=job)))
        log.extend(result(job=job) for job in jobs[::2])
        done = [pool.submit(one.finish, 1 + 7 * turn) for one in (catalog, work)]
        for each in done:
            each.result()
        work.sweep()
    found: dict[str, int] = dict(db.execute("SELECT status, count(*) FROM seismic.jobs GROUP BY status").fetchall())
    assert found == {"completed": 10, "running": 10}
    outputs: dict[str, int] = dict(
        db.execute("SELECT status, count(*) FROM seismic.datasets WHERE job_id IS NOT NULL GROUP BY status").fetchall()
    )
    assert outputs == {"ready": 10, "processing": 10}
