"""Patrol: live against the log without end, a share of each table a round, in a database that follows the log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from threading import Event
from typing import Any

import psycopg
import structlog
from confluent_kafka import KafkaException
from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from podium import database as migrations
from podium import session
from podium.rebuild import beginning, database, plan
from podium.rebuild.database import Journal
from podium.rebuild.digest import LEAF_ROWS, Range, Rows, parts, reading
from podium.rebuild.fill import Progress, fill
from podium.rebuild.prove import DIFFERENCES_MAX, Step, Unsettled, Wrong, settled, told
from podium.rebuild.run import who
from podium.settings import Postgres, Settings
from podium.sql import load
from schema.declare import Domain
from schema.envelope import uuid7
from schema.session import LONG

LOG = structlog.get_logger("patrol")

SHARE = 0.05
EVERY_SECONDS = 60.0
AGAIN_SECONDS = 2.0
AWAY = (psycopg.OperationalError, KafkaException, Unsettled)
"""What passes: a service that is away or started anew, a swap, consumers that stand still."""


@dataclass(frozen=True)
class Coverage:
    """How far the patrol has come in one table: rows compared of all in this round through it, and what was wrong."""

    relation: str
    compared: int
    total: int
    rounds: int
    wrong: int
    whole_at: datetime | None
    at: datetime


@contextmanager
def following(postgres: Postgres) -> Iterator[Postgres]:
    """The database that the patrol compares with, made when it is not there; one patrol at a time. Raises Busy."""
    with database.alone(postgres, "verify") as admin:
        if database.beside(admin, postgres, "verify") is None:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            database.make_noted(admin, postgres, Journal("verify", str(uuid7()), now, who()))
        found = postgres.at(database.named(postgres, "verify"))
        migrations.upgrade(found.dsn("owner"))
        with session.connect(found.dsn("owner"), LONG, autocommit=True) as connection:
            connection.execute(load("patrol_table"))
        yield found


def patrol(
    settings: Settings, domains: Sequence[Domain], *, share: float = SHARE, every: float = EVERY_SECONDS,
    rate: float | None = None, rounds: int = 0, stop: Event | None = None,
    report: Callable[[Sequence[Wrong]], None] = lambda _: None, step: Step = lambda _: None,
    watch: Callable[[Progress], None] = lambda _: None,
) -> int:  # fmt: skip
    """Compare the next `share` of each table every so many seconds, until stopped or so many rounds; rows found wrong.

    `rate` bounds the records a second by which it follows the log. Raises Busy, what `fill`, `settled` and
    `beginning.begin` raise.
    """
    stop, count, found = stop or Event(), 0, 0
    with following(settings.postgres) as log:
        while not stop.is_set():
            began = time.monotonic()
            try:
                wrong = _round(settings, log, domains, share, rate, stop, step, watch)
            except AWAY as error:
                if rounds:
                    raise
                LOG.error("waiting", why=str(error).strip())
                step("waiting")
                stop.wait(AGAIN_SECONDS)
                continue
            report(wrong)
            found, count = found + len(wrong), count + 1
            if count == rounds or stop.wait(max(0.0, began + every - time.monotonic())):
                break
    return found


def _round(
    settings: Settings, log: Postgres, domains: Sequence[Domain], share: float, rate: float | None, stop: Event,
    step: Step, watch: Callable[[Progress], None],
) -> list[Wrong]:  # fmt: skip
    step("following the log")
    with session.connect(settings.postgres.dsn("owner"), LONG, autocommit=True) as live:
        until = plan.positions(live, domains)
    beginning.begin(settings, log, domains, until, step)
    fill(settings, log, domains, until, rate=rate, stop=stop, report=watch)
    wrong: list[Wrong] = []
    with settled(settings.postgres, domains, stop) as live:
        until = plan.positions(live, domains)
        fill(settings, log, domains, until, stop=stop)
        with session.connect(log.dsn("owner"), LONG, autocommit=True) as notes, reading(log.dsn("owner")) as there:
            for rows in parts(domains):
                step(f"comparing {rows.name}")
                found = _next(live, there, notes, rows, share)
                wrong += told(settings, domains, rows, found, until)
    return wrong


def _next(live: Connection[Any], log: Connection[Any], notes: Connection[Any], rows: Rows, share: float) -> list[Any]:
    """Compare the next range of a table and note how far it is."""
    row = notes.execute("SELECT cursor FROM public.patrol WHERE relation = %s", [rows.name]).fetchone()
    after = rows.key_of(live, row[0]) if row and row[0] else None
    there = rows.digest(log).rows
    where = rows.next(live, after, max(LEAF_ROWS, int(there * share))) if share < 1 else Range()
    found = list(islice(rows.differences(live, log, where), DIFFERENCES_MAX))
    cursor = None if where.high is None else Jsonb([_text(value) for value in where.high])
    compared = rows.text_digest(log, where)[0]
    noted = {"relation": rows.name, "cursor": cursor, "rows": compared, "total": there, "wrong": len(found)}
    notes.execute(load("patrol_note"), noted)
    return found


def _text(value: Any) -> str:
    return f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)


def coverage(postgres: Postgres) -> list[Coverage]:
    """How far the patrol has come, table by table; nothing where it never ran."""
    with database.administering(postgres) as admin:
        if database.beside(admin, postgres, "verify") is None:
            return []
    dsn = postgres.at(database.named(postgres, "verify")).dsn("owner")
    with session.connect(dsn, LONG, row_factory=class_row(Coverage)) as connection:
        return connection.execute(
            "SELECT relation, compared, total, rounds, wrong, whole_at, at FROM public.patrol ORDER BY relation"
        ).fetchall()
