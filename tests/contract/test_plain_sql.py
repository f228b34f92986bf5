"""What a shell may do to a domain's tables: triggers are right for INSERT, COPY, UPDATE, DELETE and TRUNCATE alike.

The rows are those of the story. A statement is refused, or what it undoes can be put back without a trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composed, Identifier
from psycopg.types.json import Json, Jsonb
from sqlalchemy import JSON, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from schema import DOMAINS
from schema.declare import Domain, Reference, identity
from schema.triggers import facts
from tests.contract.outcome import play
from tests.tables import Contents, contents

ROWS_MAX = 4
"""Rows tried of each table."""

REFUSALS = (psycopg.errors.IntegrityError, psycopg.errors.FeatureNotSupported)
"""Of what must not be; TRUNCATE of a table that a foreign key names is a feature not supported."""

Row = dict[str, Any]
Put = Callable[[Connection[Any], Table, Sequence[Row]], None]

pytestmark = pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)


@pytest.fixture
def db(connection: Connection[Any], owner: Connection[Any], domain: Domain) -> Connection[Any]:
    """The story's tables, seen by their owner."""
    play(connection, domain)
    return owner


def _name(table: Table) -> Identifier:
    return Identifier(str(table.schema), table.name)


def _rows(db: Connection[Any], table: Table) -> list[Row]:
    names = SQL(", ").join(map(Identifier, identity(table)))
    with db.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(SQL("SELECT * FROM {} ORDER BY {}").format(_name(table), names)).fetchall()


def _is_row(names: Sequence[str]) -> Composed:
    return SQL(" AND ").join(SQL("{} = %s").format(Identifier(name)) for name in names)


def insert(db: Connection[Any], table: Table, rows: Sequence[Row]) -> None:
    """A plain INSERT a row."""
    for row in rows:
        values = SQL(", ").join(SQL("%s") for _ in row)
        query = SQL("INSERT INTO {} ({}) VALUES ({})").format(_name(table), _listed(row), values)
        db.execute(query, list(_stored(table, row).values()))


def copy(db: Connection[Any], table: Table, rows: Sequence[Row]) -> None:
    """One COPY."""
    names = _listed(rows[0])
    with db.cursor() as cursor, cursor.copy(SQL("COPY {} ({}) FROM STDIN").format(_name(table), names)) as into:
        for row in rows:
            into.write_row(list(_stored(table, row).values()))


WAYS: Sequence[Put] = (insert, copy)


def _listed(row: Mapping[str, Any]) -> Composed:
    return SQL(", ").join(map(Identifier, row))


def _stored(table: Table, row: Row) -> Row:
    """Documents as documents."""
    return {name: _document(table.c[name].type, value) for name, value in row.items()}


def _document(kind: TypeEngine[Any], value: Any) -> Any:
    match kind:
        case JSONB():
            return Jsonb(value)
        case JSON():
            return Json(value)
    return value


def _delete(db: Connection[Any], table: Table, row: Row) -> bool:
    """Whether the row could be deleted."""
    names = identity(table)
    try:
        with db.transaction():
            db.execute(SQL("DELETE FROM {} WHERE {}").format(_name(table), _is_row(names)), [row[n] for n in names])
    except REFUSALS:
        return False
    return True


@contextmanager
def _undone(db: Connection[Any]) -> Iterator[None]:
    with db.transaction(force_rollback=True):
        yield


@pytest.mark.parametrize("put", WAYS)
def test_facts_that_are_deleted_and_put_back_leave_no_trace(db: Connection[Any], domain: Domain, put: Put) -> None:
    before = contents(db, domain)
    sizes = {name: len(rows) for name, rows in before.items()}
    for table in facts(domain):
        for row in _rows(db, table)[:ROWS_MAX]:
            with _undone(db):
                if not _delete(db, table, row):
                    continue
                if not _only_shrank(db, domain, sizes, table):
                    continue
                put(db, table, [row])
                assert contents(db, domain) == before, f"{table.fullname} {row}"


def _holds_more(one: Table, table: Table) -> bool:
    """Whether rows of `one` that go with a row of `table` do not come back with it."""
    return one is not table and not one.info.get("derived")


def test_facts_that_are_truncated_and_copied_back_leave_no_trace(db: Connection[Any], domain: Domain) -> None:
    before = contents(db, domain)
    for table in facts(domain):
        rows = _rows(db, table)
        with _undone(db):
            try:
                with db.transaction():
                    db.execute(SQL("TRUNCATE {}").format(_name(table)))
            except REFUSALS:
                continue
            if rows:
                copy(db, table, rows)
            assert contents(db, domain) == before, table.fullname


def test_a_fact_that_is_deleted_might_as_well_never_have_been(db: Connection[Any], domain: Domain) -> None:
    before = {name: len(rows) for name, rows in contents(db, domain).items()}
    for table in facts(domain):
        rows = _rows(db, table)
        for row in rows[:ROWS_MAX]:
            rest = [each for each in rows if each is not row]
            left = [found for empty in EMPTIES if (found := _left(db, domain, table, empty, rest))]
            with _undone(db):
                if _delete(db, table, row) and _only_shrank(db, domain, before, table):
                    found = contents(db, domain)
                    assert all(one == found for one in left), f"{table.fullname} {row}"


EMPTIES = (SQL("TRUNCATE {}"), SQL("DELETE FROM {}"))


def _left(db: Connection[Any], domain: Domain, table: Table, empty: SQL, rest: Sequence[Row]) -> Contents | None:
    """What the tables hold when all rows go and the rest comes back; None where that is refused or takes more along."""
    before = {name: len(rows) for name, rows in contents(db, domain).items()}
    with _undone(db):
        try:
            with db.transaction():
                db.execute(empty.format(_name(table)))
        except REFUSALS:
            return None
        if not _only_shrank(db, domain, before, table):
            return None
        if rest:
            copy(db, table, rest)
        return contents(db, domain)


def _only_shrank(db: Connection[Any], domain: Domain, before: Mapping[str, int], table: Table) -> bool:
    """Whether no rows went with those of `table` that would not come back with them."""
    left = {name: len(rows) for name, rows in contents(db, domain).items()}
    return not any(left[one.name] < before[one.name] for one in domain.tables if _holds_more(one, table))


def test_nothing_dangles(db: Connection[Any], domain: Domain) -> None:
    for table in domain.tables:
        for reference in domain.references(table):
            rows = [row for row in _rows(db, table) if all(row[name] is not None for name in reference.columns)]
            for try_ in ATTEMPTS:
                if rows:
                    with _undone(db):
                        try:
                            with db.transaction():
                                try_(db, reference, rows[0])
                        except REFUSALS:
                            pass
                        told = f"{table.fullname}({', '.join(reference.columns)}) after {try_.__name__}"
                        assert not _dangling(db, reference), told


def _parent_of(reference: Reference, row: Row) -> list[Any]:
    return [row[name] for name in reference.columns]


def _delete_parent(db: Connection[Any], reference: Reference, row: Row) -> None:
    query = SQL("DELETE FROM {} WHERE {}").format(_name(reference.parent), _is_row(reference.parent_columns))
    db.execute(query, _parent_of(reference, row))


def _move_parent(db: Connection[Any], reference: Reference, row: Row) -> None:
    name = reference.parent_columns[-1]
    query = SQL("UPDATE {} SET {} = %s WHERE {}").format(
        _name(reference.parent), Identifier(name), _is_row(reference.parent_columns)
    )
    db.execute(query, [_elsewhere(row[reference.columns[-1]]), *_parent_of(reference, row)])


def _truncate_parent(db: Connection[Any], reference: Reference, row: Row) -> None:
    db.execute(SQL("TRUNCATE {}").format(_name(reference.parent)))


def _orphan_inserted(db: Connection[Any], reference: Reference, row: Row) -> None:
    _orphan(db, reference, row, insert)


def _orphan_copied(db: Connection[Any], reference: Reference, row: Row) -> None:
    _orphan(db, reference, row, copy)


def _orphan(db: Connection[Any], reference: Reference, row: Row, put: Put) -> None:
    """The row in place of itself, with a parent that is not there."""
    if _delete(db, reference.child, row):
        name = reference.columns[-1]
        put(db, reference.child, [row | {name: _elsewhere(row[name])}])


def _orphan_updated(db: Connection[Any], reference: Reference, row: Row) -> None:
    name, known = reference.columns[-1], identity(reference.child)
    query = SQL("UPDATE {} SET {} = %s WHERE {}").format(_name(reference.child), Identifier(name), _is_row(known))
    db.execute(query, [_elsewhere(row[name]), *(row[one] for one in known)])


ATTEMPTS = (_delete_parent, _move_parent, _truncate_parent, _orphan_inserted, _orphan_copied, _orphan_updated)


def _elsewhere(value: Any) -> Any:
    """A value of the same type that no story has."""
    match value:
        case bool():
            return not value
        case int():
            return 30_000 if abs(value) < 30_000 else value + 1
        case UUID():
            return UUID(int=value.int ^ 1)
        case date():
            return value + timedelta(days=1)
        case bytes():
            return value[::-1] + b"\0"
    return f"{value}'s other"[-len(str(value)) :] if len(str(value)) > 8 else "nowhere"


def _dangling(db: Connection[Any], reference: Reference) -> bool:
    match = SQL(" AND ").join(
        SQL("p.{} = c.{}").format(Identifier(parent), Identifier(child))
        for parent, child in zip(reference.parent_columns, reference.columns, strict=True)
    )
    named = SQL(" AND ").join(SQL("c.{} IS NOT NULL").format(Identifier(name)) for name in reference.columns)
    query = SQL("SELECT EXISTS (SELECT FROM {} c WHERE {} AND NOT EXISTS (SELECT FROM {} p WHERE {}))").format(
        _name(reference.child), named, _name(reference.parent), match
    )
    row = db.execute(query).fetchone()
    return bool(row and row[0])


def test_writes_from_a_shell_are_recorded(db: Connection[Any], domain: Domain) -> None:
    for table in domain.tables:
        row = next(iter(_rows(db, table)), None)
        for statement in STATEMENTS if row else ():
            with _undone(db):
                if _accepted(db, table, statement, row or {}):
                    found = db.execute("SELECT statement, relation FROM ledger.outside_write").fetchall()
                    assert (statement, table.fullname) in found, f"{statement} {table.fullname}"


STATEMENTS = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")


def _accepted(db: Connection[Any], table: Table, statement: str, row: Row) -> bool:
    """Whether a statement that changes rows of the table is let through."""
    try:
        with db.transaction():
            match statement:
                case "TRUNCATE":
                    db.execute(SQL("TRUNCATE {} CASCADE").format(_name(table)))
                case "UPDATE":
                    return any(_updated(db, table, name) for name in row)
                case _:
                    if not _delete(db, table, row):
                        return False
                    if statement == "INSERT":
                        insert(db, table, [row])
    except REFUSALS:
        return False
    return True


def _updated(db: Connection[Any], table: Table, name: str) -> bool:
    """Whether a column may be set to what it is."""
    try:
        with db.transaction():
            db.execute(SQL("UPDATE {} SET {} = {}").format(_name(table), Identifier(name), Identifier(name)))
    except REFUSALS:
        return False
    return True
