"""One run of a rebuild: make the new database or find the one begun, fill it, compare it with live, record it."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Event
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.types.json import Jsonb

from podium import database as migrations
from podium import session
from podium.errors import Problem
from podium.rebuild import beginning, database, plan, prove, room
from podium.rebuild.cut import Base
from podium.rebuild.database import Beside, Journal
from podium.rebuild.digest import parts, reading
from podium.rebuild.fill import ASLEEP_RECORDS_MIN, Progress, fill
from podium.rebuild.plan import Until
from podium.rebuild.prove import Proof, Step
from podium.settings import Postgres, Settings
from podium.sql import load
from podium.topics import domains as domains_of
from schema.declare import Domain
from schema.envelope import uuid7
from schema.session import LONG

MADE_BY = {
    "rebuild": "podium rebuild makes one.",
    "before": "A swap keeps the one it replaces.",
    "verify": "podium patrol makes one.",
}


class NothingBegun(Problem):
    """There is no rebuilt database to go on with, to swap in or to drop."""

    code = "PD090"


@dataclass(frozen=True)
class Order:
    """What is to be rebuilt, how far, how fast, and why."""

    domains: Sequence[Domain]
    until: Until | None = None
    """None: as far as the live tables, with which it is compared then."""
    rate: float | None = None
    workers: int | None = None
    why: str = ""
    intended: frozenset[str] = frozenset()
    """Columns (`schema.table.column`) that newer code fills otherwise."""
    asleep_records_min: int = ASLEEP_RECORDS_MIN
    """From so many records on, what may sleep while they are read does."""


@dataclass(frozen=True)
class Outcome:
    """What a run came to; without a proof the new database was not compared."""

    run: str
    database: str
    until: Until
    progress: Progress = field(default_factory=lambda: Progress(0, 0, 0.0))
    digests: dict[str, str] = field(default_factory=dict)
    proof: Proof | None = None
    base: dict[str, Any] | None = None
    """The export that the new database began from: folder, seal, offsets."""


def planned(settings: Settings, order: Order) -> plan.Plan:
    """What the run will read, at the speed of the last one.

    Raises BeginningGone, EndGone, NoRoom, NoExport, Damaged.
    """
    with session.connect(settings.postgres.dsn("owner"), LONG, autocommit=True) as live:
        until = order.until or plan.positions(live, order.domains)
        where = beginning.of(settings, _migrated(settings), order.domains, until)
        where.check(settings, until)
        found = plan.made(settings, order.domains, until, _last_rate(live), where.stand, where.base)
        records = found.records + (sum(where.base.stand.values()) if where.base else 0)
        found = replace(found, like_live_bytes=room.like_live(live, order.domains, records))
    room.check(found.disk_bytes, room.free(settings))
    return found


def _migrated(settings: Settings) -> Postgres | None:
    """The new database that an earlier go has left, if it had come so far that it has tables."""
    with database.administering(settings.postgres) as admin:
        found = database.beside(admin, settings.postgres, "rebuild")
    if found is None:
        return None
    new = settings.postgres.at(found.name)
    with session.connect(new.dsn("owner"), LONG) as connection:
        made = connection.execute("SELECT to_regclass('ledger.snapshot') IS NOT NULL").fetchone()
    return new if made == (True,) else None


def _last_rate(live: Connection[Any]) -> float | None:
    try:
        row = live.execute(load("rebuild_last_rate")).fetchone()
    except psycopg.errors.UndefinedTable:
        # The code is newer than the live tables.
        return None
    return row[0] if row else None


def rebuild(
    settings: Settings,
    order: Order,
    *,
    step: Step = lambda _: None,
    report: Callable[[Progress], None] = lambda _: None,
    stop: Event | None = None,
) -> Outcome:
    """Fill a new database beside the live one; a run that was stopped or killed goes on where it was.

    Raises Busy, NotOurs, FillFailed, Cancelled, Unsettled, what `beginning.begin` raises, psycopg and Kafka errors.
    """
    with database.alone(settings.postgres) as admin:
        begun = _begun(admin, settings.postgres, order, step)
        new = settings.postgres.at(begun.name)
        step("migrating")
        migrations.upgrade(new.dsn("owner"))
        with session.connect(settings.postgres.dsn("owner"), LONG, autocommit=True) as live:
            until = order.until or plan.positions(live, order.domains)
        outcome = Outcome(begun.journal.run, begun.name, until)

        def loaded(connection: Connection[Any], base: Base) -> None:
            _record(connection, begun.journal, order, replace(outcome, base=base.told))

        beginning.begin(settings, new, domains_of(settings), until, step, loaded)
        step("filling")
        progress = fill(
            settings, new, order.domains, until, rate=order.rate, workers=order.workers, stop=stop, report=report,
            step=step, asleep_records_min=order.asleep_records_min,
        )  # fmt: skip
        proof, digests = None, {}
        if order.until is None:
            proof = prove.at_live(settings, new, order.domains, parts(order.domains), step, stop, order.intended)
            until, digests = proof.until, {table.table: table.log_digest for table in proof.tables}
        else:
            with reading(new.dsn("owner")) as there:
                plan.check_reached(there, order.domains, until)
                digests = {rows.name: str(rows.digest(there)) for rows in parts(order.domains)}
        step("recording")
        outcome = replace(outcome, until=until, progress=progress, digests=digests, proof=proof)
        with session.connect(new.dsn("owner"), LONG, autocommit=True) as connection:
            base = _record(connection, begun.journal, order, outcome)
        database.note(admin, begun.name, begun.journal.noted(filled=_now()))
        told = replace(outcome.proof, base=base["folder"]) if outcome.proof and base else outcome.proof
        return replace(outcome, base=base, proof=told)


def _begun(admin: Connection[Any], postgres: Postgres, order: Order, step: Step) -> Beside:
    found = database.beside(admin, postgres, "rebuild")
    if found is None:
        step("making the new database")
        journal = Journal("rebuild", str(uuid7()), _now(), who(), order.why)
        database.make_noted(admin, postgres, journal)
        found = database.beside(admin, postgres, "rebuild")
        assert found is not None
    return found


def begun(admin: Connection[Any], postgres: Postgres, part: database.Part = "rebuild") -> Beside:
    """The database of that part. Raises NothingBegun, NotOurs."""
    found = database.beside(admin, postgres, part)
    if found is None:
        raise NothingBegun(f"there is no database {database.named(postgres, part)}", MADE_BY[part])
    return found


def _record(connection: Connection[Any], journal: Journal, order: Order, outcome: Outcome) -> dict[str, Any] | None:
    """In the new database, where a swap takes it along. Returns the base with which the run was recorded first."""
    row = {
        "run": outcome.run,
        "started": journal.started,
        "by": journal.by,
        "why": journal.why or order.why,
        "domains": Jsonb([domain.name for domain in order.domains]),
        "base": None if outcome.base is None else Jsonb(outcome.base),
        "upto": Jsonb([[topic, n, offset] for (topic, n), offset in sorted(outcome.until.items())]),
        "records": outcome.progress.done,
        "seconds": outcome.progress.seconds,
        "equal": outcome.proof.equal if outcome.proof else None,
        "digests": Jsonb(outcome.digests),
    }
    found = connection.execute(load("rebuild_record"), row).fetchone()
    assert found is not None  # an upsert returns its row
    return found[0]  # type: ignore[no-any-return]


def who() -> str:
    """Who runs this process, on which machine."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
