"""Two databases at the same offsets, table by table: equal, or the rows that are not and the events behind them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from threading import Event
from typing import Any

from psycopg import Connection

from consumers.operations import Operations
from podium.errors import Problem
from podium.proof import scratch
from podium.rebuild import beginning, plan
from podium.rebuild.behind import Behind, behind
from podium.rebuild.digest import Difference, Digest, Key, Rows, Values, parts, reading
from podium.rebuild.fill import Progress, fill
from podium.rebuild.plan import Until
from podium.settings import Postgres, Settings
from podium.sql import load
from schema import LEDGER
from schema.declare import Domain
from schema.waiting import ready_statements

DIFFERENCES_MAX = 100
"""Rows of a table that are listed; there may be more."""
INTENDED_MAX = 100_000
"""Rows of an intended change that are counted."""
SETTLE_SECONDS_MAX = 30.0
SETTLE_TRIES_SECONDS = 0.05


class Unsettled(Problem):
    """Parked events could be released but are not: the tables are about to change without reading on."""

    code = "PD088"


@dataclass(frozen=True)
class Wrong:
    """A row on which two databases differ; of a changed one only the columns that differ, on either side."""

    table: str
    key: dict[str, str]
    kind: str
    """`changed`, `missing` (the log has it, live has not) or `extra` (live has it, the log has not)."""
    live: list[Values]
    log: list[Values]
    events: list[dict[str, Any]] = field(default_factory=list)
    events_total: int = 0


@dataclass(frozen=True)
class Compared:
    """What the comparison of one table came to."""

    table: str
    rows: int
    digest: str
    equal: bool
    log_rows: int
    log_digest: str
    seconds: float
    wrong: list[Wrong] = field(default_factory=list)
    more: bool = False
    """Whether further rows differ that are not listed."""
    added: tuple[str, ...] = ()
    """Columns that live has not got yet; all of them where it lacks the table."""
    intended: dict[str, int] = field(default_factory=dict)
    """Column -> rows in which it differs as it was meant to, up to a bound."""


@dataclass(frozen=True)
class Proof:
    """A comparison of everything that the log determines, at some offsets."""

    until: Until
    tables: Sequence[Compared]
    base: str = ""
    """The export that the log was read after, which so was taken for true; empty: it was read from offset 0."""

    @property
    def equal(self) -> bool:
        """Whether no table differs."""
        return all(table.equal for table in self.tables)

    @property
    def digests(self) -> dict[str, str]:
        """Table -> digest of the live rows."""
        return {table.table: table.digest for table in self.tables}


Step = Callable[[str], None]


def verify(
    settings: Settings,
    domains: Sequence[Domain],
    tables: Sequence[str] = (),
    step: Step = lambda _: None,
    report: Callable[[Progress], None] = lambda _: None,
    stop: Event | None = None,
) -> Proof:
    """Compare the live tables with what the log says, in a scratch database that is dropped afterwards.

    `tables` by `schema.table`; all if empty. Raises what `fill` and `beginning.begin` raise, Unsettled.
    """
    chosen = [rows for rows in parts(domains) if not tables or rows.name in tables]
    with scratch(settings.postgres, step) as log:
        with reading(settings.postgres.dsn("owner")) as live:
            until = plan.positions(live, domains)
        base = beginning.begin(settings, log, domains, until, step)
        step("reading the log")
        fill(settings, log, domains, until, stop=stop, report=report)
        proof = at_live(settings, log, domains, chosen, step, stop)
        return replace(proof, base=str(base.folder) if base else "")


def at_live(
    settings: Settings, log: Postgres, domains: Sequence[Domain], chosen: Sequence[Rows], step: Step,
    stop: Event | None = None, intended: frozenset[str] = frozenset(),
) -> Proof:  # fmt: skip
    """Bring a filled database to where live stands in one look at it, and compare the two.

    `intended` are columns (`schema.table.column`) that newer code fills otherwise; they are told apart.
    """
    with settled(settings.postgres, domains, stop) as live:
        until = plan.positions(live, domains)
        step("reading on to where the tables stand")
        fill(settings, log, domains, until, stop=stop)
        with reading(log.dsn("owner")) as there:
            plan.check_reached(there, domains, until)
            found = [_changed(settings, domains, live, there, rows, until, step, intended) for rows in chosen]
    return Proof(until, found)


@contextmanager
def settled(postgres: Postgres, domains: Sequence[Domain], stop: Event | None = None) -> Iterator[Connection[Any]]:
    """A consistent look at a database in which nothing is about to change but by reading on.

    Raises Unsettled.
    """
    late = time.monotonic() + SETTLE_SECONDS_MAX
    while time.monotonic() < late:
        with reading(postgres.dsn("owner")) as connection:
            if not releasable(connection, domains):
                yield connection
                return
        if (stop or Event()).wait(SETTLE_TRIES_SECONDS):
            break
    raise Unsettled("parked events could be released, or operations carried out, but are not", "Is podium run up?")


def releasable(connection: Connection[Any], domains: Sequence[Domain]) -> bool:
    """Whether a parked event has its parent, or what an operator asked for is not done yet."""
    places = plan.positions(connection, domains)
    if Operations(lambda raw: raw).asked(connection, places, time.monotonic()):
        return True
    if not connection.execute("SELECT FROM ledger.parked LIMIT 1").rowcount:
        return False
    given = [topic for topic, _ in places], [partition for _, partition in places], 1
    statements = ready_statements((LEDGER, *domains))
    return any(connection.execute(query.encode(), given).fetchone() for _, query in statements)


def _changed(
    settings: Settings, domains: Sequence[Domain], live: Connection[Any], log: Connection[Any], rows: Rows,
    until: Until, step: Step, intended: frozenset[str],
) -> Compared:  # fmt: skip
    """Compare one table of a live database that may be of an older version, in the columns that both have."""
    has = {name for (name,) in live.execute(load("columns_of"), [rows.name])}
    added = tuple(name for name in rows.shown if name not in has)
    if not set(rows.keys) <= has:
        there = rows.digest(log)
        return replace(_compared(rows, Digest(0, "0", 0), there, 0.0), equal=True, added=rows.shown)
    meant = [name for name in rows.shown if f"{rows.name}.{name}" in intended and name in has]
    kept = replace(rows, columns=tuple(name for name in rows.shown if name in has and name not in meant))
    found = compared(settings, domains, live, log, kept, until, step)
    counts = {name: _differing(live, log, replace(rows, columns=(name,))) for name in meant}
    return replace(found, added=added, intended=counts)


def _differing(live: Connection[Any], log: Connection[Any], rows: Rows) -> int:
    return sum(1 for _ in islice(rows.differences(live, log), INTENDED_MAX))


def compared(
    settings: Settings, domains: Sequence[Domain], live: Connection[Any], log: Connection[Any], rows: Rows,
    until: Until, step: Step,
) -> Compared:  # fmt: skip
    """Compare one table; if it differs, find the rows and the events behind them."""
    step(f"comparing {rows.name}")
    started = time.monotonic()
    here, there = rows.digest(live), rows.digest(log)
    seconds = time.monotonic() - started
    if here == there:
        return _compared(rows, here, there, seconds)
    step(f"looking for the rows of {rows.name} that differ")
    found = list(islice(rows.differences(live, log), DIFFERENCES_MAX + 1))
    step(f"looking for the events behind {rows.name}")
    wrong = told(settings, domains, rows, found[:DIFFERENCES_MAX], until)
    return _compared(rows, here, there, seconds, wrong, len(found) > DIFFERENCES_MAX)


def told(
    settings: Settings, domains: Sequence[Domain], rows: Rows, found: Sequence[Difference], until: Until
) -> list[Wrong]:
    """Differences of one table, with the events behind them."""
    if not found:
        return []
    events = behind(settings, (LEDGER, *domains), rows.table, [one.key for one in found], until)
    return [apart(rows, one, events[one.key]) for one in found]


def _compared(
    rows: Rows, here: Digest, there: Digest, seconds: float, wrong: Sequence[Wrong] = (), more: bool = False
) -> Compared:
    return Compared(rows.name, here.rows, str(here), here == there, there.rows, str(there), seconds, list(wrong), more)


def apart(rows: Rows, one: Difference, events: Behind) -> Wrong:
    """A difference as it is told: by canonical text, of a changed row only the columns that differ."""
    kind = "changed" if one.live and one.log else "extra" if one.live else "missing"
    live, log = one.live, one.log
    if len(live) == len(log) == 1:
        names = [name for name in rows.shown if live[0][name] != log[0][name]]
        live, log = ([{name: side[0][name] for name in names}] for side in (live, log))
    return Wrong(
        rows.name,
        {name: str((one.live or one.log)[0][name]) for name in rows.keys},
        kind,
        live,
        log,
        [record._asdict() for record in events.shown] or _places(rows, one.key),
        events.total,
    )


def _places(rows: Rows, key: Key) -> list[dict[str, Any]]:
    """A row of the ledger that is known by its place is its own event."""
    named: Mapping[str, Any] = dict(zip(rows.keys, key, strict=True))
    with suppress(KeyError):
        return [{name: named[name] for name in ("topic", "partition", "offset")}]
    return []
