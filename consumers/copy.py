"""Facts: streamed COPY BINARY straight into the table; when keys are taken, probe, compare, and copy the missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import msgspec
import psycopg
from psycopg import Connection
from psycopg.errors import UniqueViolation
from psycopg.sql import SQL, Composed, Identifier
from psycopg.types.json import Jsonb

from consumers.bisect import isolate
from consumers.dead import is_records_fault, letter_of, rival
from consumers.plan import Landed, TablePlan, listed
from consumers.record import Decoded, Letter, Outcome
from schema.binding import HEADER, TRAILER, Jsonable
from schema.declare import PLACE
from schema.envelope import digest
from schema.heartbeat import NEVER_CONFINED

SLICE_ROWS = 100
"""Rows joined into one write: small enough that the server parses while the client packs."""

WARY_BATCHES = 8
"""Batches that probe first after one ran into a key that was taken."""

Pair = tuple[Decoded, Landed]


class Rivals(Exception):
    """Some records of a batch say other than the table has under their key: which ones must be found out."""


class Wariness:
    """Which tables lately had keys taken: there the optimistic COPY would be thrown away."""

    def __init__(self) -> None:
        self._left: dict[str, int] = {}

    def raise_for(self, table: str) -> None:
        """A key was taken: probe first for a while."""
        self._left[table] = WARY_BATCHES

    def is_wary(self, table: str) -> bool:
        """Whether the next batch probes first."""
        return self._left.get(table, 0) > 0

    def probes_first(self, table: str) -> bool:
        """Whether to probe this batch; counts down."""
        left = self._left.get(table, 0)
        if left:
            self._left[table] = left - 1
        return left > 0


def copy_rows(connection: Connection[Any], statement: bytes, rows: Iterable[bytes]) -> None:
    """Stream packed rows, in slices, through one COPY."""
    pending: list[bytes] = []
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(HEADER)
        for row in rows:
            pending.append(row)
            if len(pending) == SLICE_ROWS:
                copy.write(b"".join(pending))
                pending.clear()
        pending.append(TRAILER)
        copy.write(b"".join(pending))


def copy_unless_there(connection: Connection[Any], plan: TablePlan, rows: Iterable[bytes]) -> int:
    """Stream packed rows into the staging table, and from there those whose key is not taken; returns how many.

    Raises Rivals when a key is taken by other data, and UniqueViolation when a new key comes twice.
    """
    copy_rows(connection, stage_copy(plan), rows)
    row = connection.execute(insert_absent(plan)).fetchone()
    assert row is not None
    absent, differing = row
    if differing:
        raise Rivals(f"{differing} records differ from what {plan.table.fullname} has under their keys")
    return int(absent)


def copied(connection: Connection[Any], plan: TablePlan, rows: Iterable[bytes], wary: Wariness) -> bool:
    """Stream packed rows straight into their table, unless keys are likely taken; whether all of them are in."""
    if wary.probes_first(plan.table.fullname):
        return False
    try:
        with connection.transaction():
            copy_rows(connection, plan.copy, rows)
        return True
    except UniqueViolation:
        wary.raise_for(plan.table.fullname)
    except NEVER_CONFINED:
        raise
    except Exception as error:
        if isinstance(error, psycopg.Error) and not is_records_fault(error):
            raise
    return False


def pack(pairs: Iterable[Pair]) -> Iterator[bytes]:
    """Rows of COPY BINARY, one for each pair."""
    return (landed.bound.pack(record.e, record.raw.partition, record.raw.offset) for record, landed in pairs)


def transposed(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    """One list a column, as array parameters of a statement."""
    return [[_adapted(value) for value in column] for column in zip(*rows, strict=True)]


def _adapted(value: Any) -> Any:
    return Jsonb(value.document, dumps=msgspec.json.encode) if isinstance(value, Jsonable) else value


def insert(connection: Connection[Any], plan: TablePlan, pairs: Sequence[Pair]) -> None:
    """Put a few facts into their table by one statement. Raises UniqueViolation when a key is taken."""
    values = (landed.bound.values(record.e, record.raw.partition, record.raw.offset) for record, landed in pairs)
    connection.execute(plan.insert, transposed(values))


def land(connection: Connection[Any], plan: TablePlan, pairs: Sequence[Pair], wary: Wariness, outcome: Outcome) -> None:
    """Put facts into their table: equal repeats are no-ops, rivals and refused records become letters.

    Whether a record is a rival, the table says, not its neighbours in the batch: what differs goes in turns.
    """
    turns = _variants(pairs)
    dead: dict[int, Letter] = {}
    for turn, groups in enumerate(turns):
        letters = _land_each(connection, plan, [group[0] for group in groups], wary, outcome.undeclared, probe=turn > 0)
        outcome.letters += letters
        dead.update((id(letter.raw), letter) for letter in letters)
    if dead:
        outcome.letters += _repeated(turns, dead, plan)


def _repeated(turns: Sequence[Sequence[Sequence[Pair]]], dead: Mapping[int, Letter], plan: TablePlan) -> list[Letter]:
    """A repeat of what is dead is as dead, and a rival if by then another one had landed under its key."""
    firsts = [group[0] for groups in turns for group in groups]
    landed = {how.key(one.e.data): one.raw.offset for one, how in firsts if id(one.raw) not in dead}
    found = []
    for (first, how), *again in (group for groups in turns for group in groups):
        if letter := dead.get(id(first.raw)):
            since = landed.get(how.key(first.e.data))
            for record, _ in again:
                late = since is not None and since < record.raw.offset
                found.append(rival(record, plan.table.fullname) if late else replace(letter, raw=record.raw))
    return found


def _land_each(
    connection: Connection[Any],
    plan: TablePlan,
    pairs: Sequence[Pair],
    wary: Wariness,
    undeclared: bool,
    probe: bool,
) -> list[Letter]:
    """Put facts of different keys into their table; letters for those that are not."""
    if not probe and copied(connection, plan, pack(pairs), wary):
        return []
    missing, letters = _missing(connection, plan, pairs)
    refused = isolate(connection, missing, lambda some: copy_rows(connection, plan.copy, pack(some)), undeclared)
    return letters + [letter_of(record, error) for (record, _), error in refused]


def _variants(pairs: Sequence[Pair]) -> list[list[list[Pair]]]:
    """Turns of groups: a group is a record and its equal repeats, and no key comes twice in a turn."""
    groups: dict[tuple[Any, ...], list[list[Pair]]] = {}
    turns: list[list[list[Pair]]] = []
    for pair in pairs:
        known = groups.setdefault(pair[1].key(pair[0].e.data), [])
        for group in known:
            if _equal(group[0], pair):
                group.append(pair)
                break
        else:
            if len(known) == len(turns):
                turns.append([])
            turns[len(known)].append([pair])
            known.append(turns[len(known)][-1])
    return turns


def _equal(one: Pair, other: Pair) -> bool:
    """Whether two records say the same, as the table would find."""
    if one[0].event is not other[0].event:
        return False
    ours, theirs = one[0].e.data, other[0].e.data
    return digest(ours) == digest(theirs) if one[1].landing.digest else bool(ours == theirs)


def _missing(connection: Connection[Any], plan: TablePlan, pairs: Sequence[Pair]) -> tuple[list[Pair], list[Letter]]:
    """Those whose key is not in the table; a key that is there with other data makes a rival."""
    bad = isolate(connection, pairs, lambda some: _stage(connection, plan, some))
    refused = {id(record) for (record, _), _ in bad}
    letters = [letter_of(record, error) for (record, _), error in bad]
    found = connection.execute(compare(plan)).fetchall()
    absent = {(partition, offset) for partition, offset, is_absent in found if is_absent}
    differing = {(partition, offset) for partition, offset, is_absent in found if not is_absent}
    missing: list[Pair] = []
    for record, landed in pairs:
        place = (record.raw.partition, record.raw.offset)
        if id(record) in refused:
            continue
        if place in absent:
            missing.append((record, landed))
        elif place in differing:
            letters.append(rival(record, plan.table.fullname))
    return missing, letters


def _stage(connection: Connection[Any], plan: TablePlan, pairs: Sequence[Pair]) -> None:
    copy_rows(connection, stage_copy(plan), pack(pairs))


def stage_name(plan: TablePlan) -> Identifier:
    """The session's staging table of a fact table."""
    return Identifier("pg_temp", f"stage_{plan.table.schema}_{plan.table.name}")


@cache
def stage_copy(plan: TablePlan) -> bytes:
    """COPY … FROM STDIN into the staging table."""
    return SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(stage_name(plan), listed(plan.columns)).as_bytes()


@cache
def create_stage(plan: TablePlan) -> bytes:
    """A staging table with the fact's columns, empty again after every transaction."""
    return (
        SQL("CREATE TEMP TABLE IF NOT EXISTS {} ON COMMIT DELETE ROWS AS SELECT {} FROM {} WITH NO DATA")
        .format(Identifier(f"stage_{plan.table.schema}_{plan.table.name}"), listed(plan.columns), plan.name)
        .as_bytes()
    )


@cache
def compare(plan: TablePlan) -> bytes:
    """Places of staged rows whose key is absent (true) or there with other data (false); equal ones are left out."""
    return (
        SQL("SELECT s.{}, s.{}, t.{} IS NULL FROM {}")
        .format(Identifier(PLACE[0]), Identifier(PLACE[1]), Identifier(plan.identity[0]), _unequal(plan))
        .as_bytes()
    )


@cache
def insert_absent(plan: TablePlan) -> bytes:
    """Insert staged rows whose key is absent, by key: how many they are, and how many are there with other data."""
    return (
        SQL(
            "WITH unequal AS MATERIALIZED (SELECT s.*, t.{0} IS NULL AS is_absent FROM {1}), "
            "written AS (INSERT INTO {2} ({3}) SELECT {3} FROM unequal WHERE is_absent ORDER BY {4}) "
            "SELECT count(*) FILTER (WHERE is_absent), count(*) FILTER (WHERE NOT is_absent) FROM unequal"
        )
        .format(Identifier(plan.identity[0]), _unequal(plan), plan.name, listed(plan.columns), listed(plan.identity))
        .as_bytes()
    )


def _unequal(plan: TablePlan) -> Composed:
    # By LATERAL and LIMIT each key is looked up in the index: nobody knows the statistics of a staging table, and a
    # plan that reads the whole table would be slower with every row.
    differs = (
        SQL("({}) IS DISTINCT FROM ({})").format(_row(plan, "t"), _row(plan, "s")) if plan.compared else SQL("false")
    )
    # Named, since of secret columns the consumers see nothing.
    read = listed(tuple(dict.fromkeys((*plan.identity, *plan.compared))))
    return SQL(
        "{} s LEFT JOIN LATERAL (SELECT {} FROM {} t WHERE {} LIMIT 1) t ON true WHERE t.{} IS NULL OR {}"
    ).format(stage_name(plan), read, plan.name, _matches(plan), Identifier(plan.identity[0]), differs)


def _matches(plan: TablePlan) -> Composed:
    return SQL(" AND ").join(SQL("t.{0} = s.{0}").format(Identifier(name)) for name in plan.identity)


def _row(plan: TablePlan, alias: str) -> Composed:
    terms = [
        SQL("{}::jsonb").format(Identifier(alias, name))
        if type(plan.table.c[name].type).__name__ == "JSON"
        else Identifier(alias, name)
        for name in plan.compared
    ]
    return SQL("ROW({})").format(SQL(", ").join(terms))
