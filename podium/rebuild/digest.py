"""Digests of a table's rows: one in any order for equality, one of canonical text in key order to find differences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection, IsolationLevel
from psycopg.sql import SQL, Composable, Composed, Identifier, Placeholder
from sqlalchemy import ARRAY, JSON, Column, Double, Enum, Float, Numeric, Table
from sqlalchemy.dialects.postgresql import JSONB

from consumers.plan import column_type
from podium import session
from podium.sql import load
from schema import LEDGER
from schema import ledger as ledger_tables
from schema.declare import Domain, identity
from schema.logged import logged
from schema.session import VERIFY

LEAF_ROWS = 500
"""A key range so small is compared row by row."""
FAN_OUT = 16
"""Into how many ranges one that differs is cut."""

Key = tuple[Any, ...]
Values = dict[str, str | None]
"""Column -> canonical text."""


class Digest(NamedTuple):
    """What some rows come to; equal for equal rows in any order, whatever their places on disk."""

    rows: int
    total: str
    xor: int

    def __str__(self) -> str:
        return f"{self.rows}:{int(self.total) & 0xFFFFFFFFFFFFFFFF:016x}:{self.xor & 0xFFFFFFFFFFFFFFFF:016x}"


@dataclass(frozen=True)
class Range:
    """Rows whose key lies above `low` and up to `high`, None being open; with `null` those without a whole key."""

    low: Key | None = None
    high: Key | None = None
    null: bool = False


EVERYWHERE = Range()


class Difference(NamedTuple):
    """A key of which two databases hold other rows: those on either side, none where it is missing."""

    key: Key
    live: list[Values]
    log: list[Values]


@dataclass(frozen=True)
class Rows:
    """The rows of a table that the log determines, in the columns that it determines.

    `among` narrows them further, by its parameters.
    """

    domain: Domain
    table: Table
    columns: tuple[str, ...] = ()
    among: Composable = field(default_factory=lambda: SQL("true"))
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Schema and table."""
        return str(self.table.fullname)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """By what the log knows a row."""
        return identity(self.table)

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The columns compared."""
        return self.columns or logged(self.domain, self.table)

    def digest(self, connection: Connection[Any]) -> Digest:
        """The fast tier: a hash of values, of all rows at once."""
        columns = SQL(", ").join(_hashed(self.table.c[name]) for name in self.shown)
        row = connection.execute(self._filled("digest_rows", Range(), whole=True, columns=columns), self.parameters)
        return Digest(*row.fetchone() or (0, "0", 0))

    def text_digest(self, connection: Connection[Any], where: Range) -> tuple[int, str]:
        """The second tier: rows of a key range and the digest of their canonical text, ordered by key."""
        found = self._run(connection, "digest_text", where).fetchone()
        assert found is not None  # an aggregate without groups yields one row
        return found[0], found[1]

    def differences(
        self, live: Connection[Any], log: Connection[Any], within: Range = EVERYWHERE
    ) -> Iterator[Difference]:
        """Keys of a range of which both databases hold other rows, found by cutting key ranges that differ."""
        todo = [within]
        if within.high is None and any(self.table.c[name].nullable for name in self.keys):
            todo.insert(0, Range(null=True))
        while todo:
            where = todo.pop()
            here, there = self.text_digest(live, where), self.text_digest(log, where)
            if here == there:
                continue
            if where.null or max(here[0], there[0]) <= LEAF_ROWS:
                yield from self._leaf(live, log, where)
            else:
                todo += reversed(self._split(live if here[0] >= there[0] else log, where, max(here[0], there[0])))

    def next(self, connection: Connection[Any], after: Key | None, rows: int) -> Range:
        """The range of so many rows after a key; it is open where the table ends."""
        found = self._run(connection, "digest_next", Range(after), rows=rows).fetchone()
        return Range(after, found)

    def key_of(self, connection: Connection[Any], text: Sequence[str]) -> Key:
        """A key given as text, as values of the columns' types."""
        casts = SQL(", ").join(SQL("%s::text::{}").format(self.type_of(name)) for name in self.keys)
        found = connection.execute(SQL("SELECT {}").format(casts), list(text)).fetchone()
        assert found is not None  # a query without FROM yields one row
        return tuple(found)

    def _split(self, connection: Connection[Any], where: Range, rows: int) -> list[Range]:
        every = max(LEAF_ROWS, -(-rows // FAN_OUT))
        cuts = self._run(connection, "digest_split", where, every=every).fetchall()
        edges = [where.low, *cuts, where.high]
        return [Range(low, high) for low, high in pairwise(edges)]

    def _leaf(self, live: Connection[Any], log: Connection[Any], where: Range) -> Iterator[Difference]:
        here, there = self._each(live, where), self._each(log, where)
        for key in sorted({*here, *there}, key=repr):
            if here.get(key) != there.get(key):
                yield Difference(key, self.read(live, key), self.read(log, key))

    def _each(self, connection: Connection[Any], where: Range) -> dict[Key, list[str]]:
        found: dict[Key, list[str]] = {}
        for *key, digest in self._run(connection, "digest_each", where):
            found.setdefault(tuple(key), []).append(digest)
        return {key: sorted(digests) for key, digests in found.items()}

    @property
    def is_key(self) -> Composed:
        """That a row has the key given by the parameters `key0`, `key1`, …"""
        return SQL(" AND ").join(
            SQL("{} IS NOT DISTINCT FROM {}").format(Identifier(name), Placeholder(f"key{n}"))
            for n, name in enumerate(self.keys)
        )

    def read(self, connection: Connection[Any], key: Key) -> list[Values]:
        """The rows of one key, in canonical text."""
        query = SQL("SELECT {} FROM {} WHERE {} AND {}").format(
            SQL(", ").join(SQL("{}::text").format(Identifier(name)) for name in self.shown),
            self.place,
            self.among,
            self.is_key,
        )
        rows = connection.execute(query, {**self.parameters, **{f"key{n}": value for n, value in enumerate(key)}})
        return sorted((dict(zip(self.shown, row, strict=True)) for row in rows), key=repr)

    def _run(
        self, connection: Connection[Any], statement: str, where: Range, **parameters: Any
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        bounds = {f"low{n}": value for n, value in enumerate(where.low or ())}
        bounds |= {f"high{n}": value for n, value in enumerate(where.high or ())}
        query = self._filled(statement, where, columns=SQL(", ").join(map(Identifier, self.shown)))
        return connection.execute(query, {**self.parameters, **bounds, **parameters})

    def _filled(self, statement: str, where: Range, whole: bool = False, **parts: Composable) -> Composed:
        rows = self.among if whole else SQL("{} AND {}").format(self.among, self._within(where))
        keys = SQL(", ").join(map(Identifier, self.keys))
        return load(statement).format(table=self.place, keys=keys, rows=rows, **parts)

    def type_of(self, name: str) -> SQL:
        """The type of a column, as PostgreSQL writes it."""
        return column_type(self.table.c[name])

    @property
    def place(self) -> Identifier:
        """Schema and table, quoted."""
        return Identifier(self.table.schema or "public", self.table.name)

    def _within(self, where: Range) -> Composable:
        keys = SQL(", ").join(map(Identifier, self.keys))
        nulls = SQL("num_nulls({})").format(keys)
        if where.null:
            return SQL("{} > 0").format(nulls)
        bounds = [SQL("{} = 0").format(nulls)]
        for low_or_high, sign, key in (("low", SQL(">"), where.low), ("high", SQL("<="), where.high)):
            if key is not None:
                values = SQL(", ").join(Placeholder(f"{low_or_high}{n}") for n in range(len(key)))
                bounds.append(SQL("({}) {} ({})").format(keys, sign, values))
        return SQL(" AND ").join(bounds)


def _hashed(column: Column[Any]) -> Composable:
    """What is hashed of a column: its bits or text where equal values may differ in them, or the hash by database."""
    name = Identifier(column.name)
    match column.type:
        case Double() | Float():
            return SQL("float8send({}::float8)").format(name)
        case JSON() | JSONB() | Numeric() | ARRAY() | Enum():
            return SQL("{}::text").format(name)
    return name


def rows_of(domain: Domain) -> list[Rows]:
    """Every table of a domain, parents first."""
    return [Rows(domain, table) for table in domain.tables]


def parts(domains: Sequence[Domain]) -> list[Rows]:
    """Everything that the log determines: the domains' tables and what the ledger keeps of their events."""
    names = [domain.name for domain in domains]
    topics = [topic for domain in (LEDGER, *domains) for topic in domain.topics]
    boards, theirs = SQL("split_part(board, '.', 1) = ANY(%(names)s)"), {"names": names}
    records, of_topics = SQL("topic = ANY(%(topics)s)"), {"topics": topics}
    waiting = ("topic", "partition", "offset", "key", "value", "subject")
    dead = ("topic", "partition", "offset", "key", "value", "size", "digest", "truncated", "reason")
    return [
        *(rows for domain in domains for rows in rows_of(domain)),
        Rows(LEDGER, ledger_tables.snapshot, among=boards, parameters=theirs),
        Rows(LEDGER, ledger_tables.snapshot_part, among=boards, parameters=theirs),
        Rows(LEDGER, ledger_tables.id_range),
        Rows(LEDGER, ledger_tables.operation),
        Rows(LEDGER, ledger_tables.parked, waiting, records, of_topics),
        Rows(LEDGER, ledger_tables.dead, dead, records, of_topics),
    ]


@contextmanager
def reading(dsn: str) -> Iterator[Connection[Any]]:
    """One consistent look at a database, in which values have their canonical text."""
    with session.connect(dsn, VERIFY) as connection:
        connection.execute("SET intervalstyle = 'iso_8601'")
        connection.commit()
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield connection


def ordered(keys: Sequence[str], values: Key) -> str:
    """A key as people read it."""
    return ", ".join(f"{name}={value}" for name, value in zip(keys, values, strict=True))
