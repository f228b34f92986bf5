"""Registers and life cycles: the guarded upsert, generated from the declaration."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from consumers.bisect import isolate
from consumers.copy import Wariness, copied, copy_rows, transposed
from consumers.dead import letter_of
from consumers.plan import Landed, TablePlan, column_type, listed, unnested
from consumers.record import Decoded, Outcome
from schema.binding import counted
from schema.declare import Furthest, Greatest, Latest, Merge, Register, columns_of, identity
from schema.envelope import digest

STAGE_ROWS_MIN = 400
"""From this many rows on a staging table is cheaper than arrays in the statement."""

Pair = tuple[Decoded, Landed]

_FLAGS = (counted(b"\x00"), counted(b"\x01"))


class Row(msgspec.Struct, eq=False, gc=False):
    """A register's event that is the winner of its batch in at least one merge, and in which ones."""

    record: Decoded
    landed: Landed
    wins: Sequence[bool]


class Merging:
    """The statements by which one event type merges into one table."""

    def __init__(self, plan: TablePlan) -> None:
        ((self.landed),) = plan.landed.values()
        assert isinstance(self.landed.landing, Register)
        self.plan = plan
        self.landing: Register = self.landed.landing
        # An upsert compares with the row as it is; only an update needs to be told what won.
        self.flags = () if self.landing.creates else tuple(f"wins_{n}" for n in range(len(self.landing.merges)))
        self.names = (*plan.columns, *self.flags)
        self.alone = (True,) * max(len(self.landing.merges), self.landing.creates)
        """What an event wins that has no rival in its batch."""
        self._pack = self.landed.bound.pack
        self._width = len(self.names).to_bytes(2, "big")

    @cached_property
    def stage(self) -> str:
        """Name of the session's staging table."""
        event = self.landed.event
        return f"merge_{event.domain}_{event.name}_{self.plan.table.name}"[:60].replace(".", "_")

    @cached_property
    def create_stage(self) -> bytes:
        """The staging table, empty again after every transaction."""
        columns = [SQL("{} {}").format(Identifier(name), self._type(name)) for name in self.names]
        return (
            SQL("CREATE TEMP TABLE IF NOT EXISTS {} ({}) ON COMMIT DELETE ROWS")
            .format(Identifier(self.stage), SQL(", ").join(columns))
            .as_bytes()
        )

    @cached_property
    def clear(self) -> bytes:
        """Empty the staging table between two slices of one transaction."""
        return SQL("DELETE FROM {}").format(Identifier("pg_temp", self.stage)).as_bytes()

    @cached_property
    def copy(self) -> bytes:
        """COPY … FROM STDIN into the staging table."""
        return (
            SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)")
            .format(Identifier("pg_temp", self.stage), listed(self.names))
            .as_bytes()
        )

    @cached_property
    def from_stage(self) -> bytes:
        """The merge of what was staged."""
        return self._merge(Identifier("pg_temp", self.stage)).as_bytes()

    @cached_property
    def from_arrays(self) -> bytes:
        """The merge of rows given as one array a column."""
        return self._merge(unnested([(name, self._type(name)) for name in self.names])).as_bytes()

    def packed(self, row: Row) -> bytes:
        """The row of COPY BINARY that is staged."""
        record = row.record
        packed = self._pack(record.e, record.raw.partition, record.raw.offset)
        return b"".join((self._width, packed[2:], *map(_FLAGS.__getitem__, row.wins))) if self.flags else packed

    def _type(self, name: str) -> SQL:
        return SQL("boolean") if name in self.flags else column_type(self.plan.table.c[name])

    def _merge(self, source: Composable) -> Composed:
        return self._upsert(source) if self.landing.creates else self._update(source)

    def _upsert(self, source: Composable) -> Composed:
        keys = listed(self.plan.identity)
        guards = self._guards("excluded", flags=False)
        action = (
            SQL("DO UPDATE SET {} WHERE {}").format(self._assignments("excluded", guards), SQL(" OR ").join(guards))
            if guards
            else SQL("DO NOTHING")
        )
        return SQL("INSERT INTO {} AS t ({}) SELECT {} FROM {} ORDER BY {} ON CONFLICT ({}) {}").format(
            self.plan.name, listed(self.plan.columns), listed(self.plan.columns), source, keys, keys, action
        )

    def _update(self, source: Composable) -> Composed:
        keys = listed(self.plan.identity)
        matches = SQL(" AND ").join(SQL("t.{0} = s.{0}").format(Identifier(name)) for name in self.plan.identity)
        guards = self._guards("s", flags=True)
        return SQL("UPDATE {} t SET {} FROM (SELECT * FROM {} ORDER BY {}) s WHERE {} AND ({})").format(
            self.plan.name, self._assignments("s", guards), source, keys, matches, SQL(" OR ").join(guards)
        )

    def _guards(self, new: str, flags: bool) -> list[Composed]:
        guards = [self._guard(merge, new) for merge in self.landing.merges]
        if not flags:
            return guards
        return [
            SQL("({} AND {})").format(Identifier(new, flag), guard)
            for flag, guard in zip(self.flags, guards, strict=True)
        ]

    def _guard(self, merge: Merge, new: str) -> Composed:
        match merge:
            case Latest():
                return SQL("(t.{} IS NULL OR ({}) < ({}))").format(
                    Identifier(merge.version[0]), listed(merge.version, "t"), listed(merge.version, new)
                )
            case Furthest():
                return SQL("(({}) < ({}))").format(self._standing(merge, "t"), self._standing(merge, new))
            case Greatest():
                column = Identifier(merge.column)
                within = [SQL("t.{0} = {1}.{0}").format(Identifier(name), Identifier(new)) for name in merge.within]
                grows = SQL("(t.{} IS NULL OR ROW({}) < ROW({}))").format(
                    column, listed(merge.order, "t"), listed(merge.order, new)
                )
                return SQL("({})").format(SQL(" AND ").join([grows, *within]))

    def _standing(self, merge: Furthest, alias: str) -> Composed:
        rank = (
            SQL("coalesce({}({}), -1)").format(
                Identifier(self.plan.table.schema or "public", f"{merge.lifecycle.name}_rank"),
                Identifier("t", merge.status),
            )
            if alias == "t"
            else SQL("{}").format(Literal(merge.lifecycle.ranks[merge.state]))
        )
        return SQL("ROW({})").format(SQL(", ").join([*(Identifier(alias, name) for name in merge.order), rank]))

    def _assignments(self, new: str, guards: Sequence[Composed]) -> Composed:
        terms: list[Composed] = []
        for merge, guard in zip(self.landing.merges, guards, strict=True):
            for name in merged_columns(merge):
                value: Composable = Identifier(new, name)
                if len(guards) > 1:
                    value = SQL("CASE WHEN {} THEN {} ELSE {} END").format(guard, value, Identifier("t", name))
                terms.append(SQL("{} = {}").format(Identifier(name), value))
        return SQL(", ").join(terms)


def merged_columns(merge: Merge) -> tuple[str, ...]:
    """Columns that the winner of a merge sets."""
    match merge:
        case Latest():
            return (*merge.columns, *merge.version)
        case Furthest():
            return (*merge.order, merge.status, *merge.moves)
        case Greatest():
            return (*merge.order, *merge.moves)


def keeps(landed: Landed) -> bool:
    """Whether the first event of a row decides more than the merges do: columns that none of them brings."""
    landing = landed.landing
    assert isinstance(landing, Register)
    merged = {name for merge in landing.merges for name in merged_columns(merge)}
    rest = set(columns_of(landed.event, landing)) - merged.union(identity(landing.table))
    return landing.creates and (bool(rest) or not landing.merges)


def standing(merge: Merge, landing: Register, record: Decoded, digest: bytes) -> tuple[Any, ...]:
    """What a merge compares, of an event: the greatest wins, of equals the first."""
    if isinstance(merge, Latest):
        return (record.e.time, record.e.id, digest)
    compared = tuple(_value(name, landing, record) for name in merge.order)
    return (*compared, merge.lifecycle.ranks[merge.state]) if isinstance(merge, Furthest) else compared


def _value(column: str, landing: Register, record: Decoded) -> Any:
    if column in landing.times:
        return record.e.time
    field = landing.renamed.get(column, column)
    return getattr(record.e.data, field) if field in record.event.columns else landing.values[column]


def scope(merge: Merge, landing: Register, record: Decoded) -> tuple[Any, ...]:
    """Events are rivals in a merge only within this: the columns it writes to, and what must equal the row's.

    What is final stays: which attempt of several comes to be so, the row has to say.
    """
    match merge:
        case Greatest():
            return ("greatest", merge.column, *(getattr(record.e.data, name) for name in merge.within))
        case Furthest():
            apart = merge.order if merge.state in merge.lifecycle.final else ()
            return ("furthest", merge.status, *(_value(name, landing, record) for name in apart))
        case Latest():
            return ("latest", merge.version)


def winners(pairs: Sequence[Pair], digest: Any) -> list[Row]:
    """Reduce a batch, in log order, to the events that win a merge of their row, or that make it.

    The first event of a row makes it where it brings columns that no merge does: they stay as it has them.
    """
    best: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    holder: dict[tuple[Any, ...], tuple[int, int]] = {}
    makers: dict[tuple[Any, ...], int] = {}
    keeping = {id(to) for to in {id(to): to for _, to in pairs}.values() if keeps(to)}
    rows: list[Row] = []
    for n, (record, landed) in enumerate(pairs):
        landing = landed.landing
        assert isinstance(landing, Register)
        key = landed.key(record.e.data)
        rows.append(Row(record, landed, [False] * len(landing.merges)))
        if landing.creates:
            rows[n].wins = [True] * len(landing.merges)
        for m, merge in enumerate(landing.merges):
            place = (key, landing.creates, *scope(merge, landing, record))
            value = standing(merge, landing, record, digest(record.e.data) if isinstance(merge, Latest) else b"")
            if place not in best or best[place] < value:
                best[place] = value
                holder[place] = (n, m)
        if id(landed) in keeping:
            makers.setdefault(key, n)
    held, first = set(holder.values()), set(makers.values())
    for n, row in enumerate(rows):
        row.wins = [(n, m) in held for m in range(len(row.wins))]
    return [row for n, row in enumerate(rows) if n in first or any(row.wins)]


def land(
    connection: Connection[Any], mergings: Sequence[Merging], pairs: Sequence[Pair], wary: Wariness, outcome: Outcome
) -> None:
    """Merge registers' events into their table, each row's events in the order of the log."""
    if len({landed.key(record.e.data) for record, landed in pairs}) == len(pairs):
        for merging in mergings:
            refused = _land_alone(connection, merging, pairs, wary, outcome.undeclared)
            outcome.letters += [letter_of(row.record, error) for row, error in refused]
        return
    for turn in runs(pairs):
        while turn:
            refused = _land_winners(connection, mergings, winners(turn, digest), outcome.undeclared)
            outcome.letters += [letter_of(row.record, error) for row, error in refused]
            # What a refused event had won, the next best of its row wins.
            gone = {id(row.record) for row, _ in refused}
            keys = {row.landed.key(row.record.e.data) for row, _ in refused}
            turn = [(one, to) for one, to in turn if id(one) not in gone and to.key(one.e.data) in keys] if keys else []


def _land_alone(
    connection: Connection[Any], merging: Merging, pairs: Sequence[Pair], wary: Wariness, undeclared: bool
) -> list[tuple[Row, Exception]]:
    """Merge one type's events that have no rivals in the batch; rows that they make are new, as long as that holds."""
    rows = [Row(record, landed, merging.alone) for record, landed in pairs if landed is merging.landed]
    made = merging.landing.creates and len(rows) >= STAGE_ROWS_MIN
    if made and copied(connection, merging.plan, map(merging.packed, rows), wary):
        return []
    return isolate(connection, rows, partial(write, connection, merging), undeclared) if merging.alone else []


def _land_winners(
    connection: Connection[Any], mergings: Sequence[Merging], rows: Sequence[Row], undeclared: bool
) -> list[tuple[Row, Exception]]:
    by_type: dict[str, list[Row]] = {}
    for row in rows:
        by_type.setdefault(row.landed.event.type, []).append(row)
    return [
        refused
        for merging in mergings
        for some in _distinct(by_type.get(merging.landed.event.type, ()))
        for refused in isolate(connection, some, partial(write, connection, merging), undeclared)
    ]


def runs(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """Events in turns: each row's events of one type that follow each other share a turn, the next type has the next.

    Within a turn a row's events can be reduced to their winners; across types the merges need not commute.
    """
    turns: list[list[Pair]] = []
    last: dict[tuple[Any, ...], tuple[int, str]] = {}
    for record, landed in pairs:
        key, type_ = landed.key(record.e.data), landed.event.type
        turn, before = last.get(key, (0, type_))
        if before != type_:
            turn += 1
        last[key] = (turn, type_)
        if turn == len(turns):
            turns.append([])
        turns[turn].append((record, landed))
    return turns


def _distinct(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows in log order, split so that no key comes twice in one statement: it would take any one of them."""
    turns: list[list[Row]] = []
    seen: dict[tuple[Any, ...], int] = {}
    for row in rows:
        key = row.landed.key(row.record.e.data)
        turn = seen.get(key, 0)
        seen[key] = turn + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(row)
    return turns


def write(connection: Connection[Any], merging: Merging, rows: Sequence[Row]) -> None:
    """Merge rows of one event type: staged if they are many, as arrays if they are few."""
    if len(rows) < STAGE_ROWS_MIN:
        connection.execute(merging.from_arrays, _arrays(merging, rows))
        return
    connection.execute(merging.create_stage)
    connection.execute(merging.clear)
    copy_rows(connection, merging.copy, map(merging.packed, rows))
    connection.execute(merging.from_stage)


def _arrays(merging: Merging, rows: Sequence[Row]) -> list[list[Any]]:
    tuples = [
        (*row.landed.bound.values(row.record.e, row.record.raw.partition, row.record.raw.offset), *row.wins)
        for row in rows
    ]
    if not merging.flags:
        tuples = [each[: len(merging.names)] for each in tuples]
    return transposed(tuples)
