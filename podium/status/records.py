"""What stands on record beside positions: dead letters, what is confined, anomalies, writes and databases beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, get_args

import psycopg
from psycopg.sql import SQL, Identifier

from podium.rebuild import database
from podium.rebuild.database import Part
from podium.settings import Postgres
from schema.declare import Domain

ANOMALIES = "anomalies"
"""A domain whose schema has a view of this name tells there what must not be, a row each."""

COUNTED_MAX = 10_000


@dataclass(frozen=True)
class Reason:
    """Dead letters of one topic for one reason."""

    topic: str
    reason: str
    letters: int
    unrelayed: int
    last: datetime


@dataclass(frozen=True)
class Outside:
    """Writes to one table that did not come through the log."""

    relation: str
    statement: str
    role: str
    application: str
    writes: int
    rows: int
    last: datetime
    keys: Sequence[Mapping[str, Any]] | None = None
    """Of the last write, up to a bound; None of a TRUNCATE."""


@dataclass(frozen=True)
class Aside:
    """A database beside the live one: of a rebuild, of the last swap, or to compare with."""

    database: str
    part: Part
    state: str
    bytes: int | None
    started: str = ""
    keep_until: str = ""


class Failed(NamedTuple):
    """A key, board, timer, topic or record that stands still while its neighbours go on: a row of `ledger.failure`."""

    loop: str
    subject: str
    error: str
    topic: str | None
    partition: int | None
    offset: int | None
    since: datetime
    tries: int
    process: str


@dataclass(frozen=True)
class Anomaly:
    """What a domain's own view says must not be; `rows` is None if counting took too long, and has a limit."""

    domain: str
    anomaly: str
    rows: int | None


def beside(connection: psycopg.Connection[Any], postgres: Postgres, now: datetime) -> Iterator[Aside]:
    """The databases beside the live one, also one that has such a name by mistake."""
    for part in get_args(Part):
        try:
            found = database.beside(connection, postgres, part)
        except database.NotOurs as problem:
            yield Aside(database.named(postgres, part), part, problem.what, None)
            continue
        if found is not None:
            journal = found.journal
            yield Aside(found.name, part, found.state(now), found.bytes, journal.started, journal.keep_until)


def anomalies(connection: psycopg.Connection[Any], domains: Iterable[Domain]) -> Iterator[Anomaly]:
    """What the domains' views show, counted up to a limit and within the statement limit of the session."""
    for domain in domains:
        row = connection.execute("SELECT to_regclass(%s)", [f"{domain.name}.{ANOMALIES}"]).fetchone()
        if row is None or row[0] is None:
            continue
        view = SQL("{}.{}").format(Identifier(domain.name), Identifier(ANOMALIES))
        query = SQL(
            "SELECT anomaly, count(*) FROM (SELECT anomaly FROM {} LIMIT {}) AS a GROUP BY 1 ORDER BY 2 DESC, 1"
        )
        try:
            for anomaly, rows in connection.execute(query.format(view, COUNTED_MAX)).fetchall():
                yield Anomaly(domain.name, anomaly, rows)
        except psycopg.errors.QueryCanceled:
            yield Anomaly(domain.name, "not counted: it takes too long", None)
