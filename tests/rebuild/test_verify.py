"""Live tables against the log: a changed value, a missing row, an extra row, a wrong tally, in every domain."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Composed, Identifier, Literal
from sqlalchemy import Column, Table

from podium.rebuild import digest, prove
from podium.rebuild.digest import reading
from podium.rebuild.repair import keyed
from podium.settings import Settings
from schema import DOMAINS
from schema.declare import Domain, identity
from schema.logged import logged
from schema.triggers import tallied
from tests.rebuild.conftest import damage, name_of, podium

Row = dict[str, Any]
Key = dict[str, str]


def _rows(settings: Settings, table: Table) -> list[Row]:
    with psycopg.connect(settings.postgres.dsn("owner"), row_factory=psycopg.rows.dict_row) as connection:
        return connection.execute(SQL("SELECT * FROM {} ORDER BY {}").format(name_of(table), _keys(table))).fetchall()


def _keys(table: Table) -> Composed:
    return SQL(", ").join(map(Identifier, identity(table)))


def _is(table: Table, row: Row) -> Composed:
    return SQL(" AND ").join(SQL("{} = {}").format(Identifier(name), Literal(row[name])) for name in identity(table))


def _key(table: Table, row: Row) -> Key:
    return {name: str(row[name]) for name in identity(table)}


def _read(settings: Settings, domain: Domain, one: prove.Wrong) -> Key:
    """The key of a wrong row, as a repair would understand it."""
    rows = next(rows for rows in digest.parts([domain]) if rows.name == one.table)
    with reading(settings.postgres.dsn("owner")) as connection:
        given = keyed(rows, ", ".join(f"{name}={value}" for name, value in one.key.items()))
        return dict(zip(rows.keys, map(str, rows.key_of(connection, list(given.values()))), strict=True))


def _numbers(domain: Domain, table: Table) -> list[Column[Any]]:
    names = set(logged(domain, table)) - set(identity(table))
    return [column for column in table.columns if column.name in names and column.type.python_type is int]


def _tries(settings: Settings, table: Table, query: Composed) -> bool:
    """Whether the statement goes through: constraints stay, triggers do not."""
    try:
        return len(damage(settings, table, query)) == 1
    except psycopg.IntegrityError:
        return False


def _changed(settings: Settings, domain: Domain, tables: Iterator[tuple[Table, Row]]) -> tuple[str, Key]:
    for table, row in tables:
        for name in set(logged(domain, table)) - set(identity(table)):
            if isinstance(row[name], str):
                query = SQL("UPDATE {} SET {} = {} || '?' WHERE {} RETURNING 1")
                if _tries(
                    settings, table, query.format(name_of(table), Identifier(name), Identifier(name), _is(table, row))
                ):
                    return table.fullname, _key(table, row)
    raise AssertionError("no text to change")


def _missing(settings: Settings, tables: Iterator[tuple[Table, Row]]) -> tuple[str, Key]:
    for table, row in tables:
        if _tries(settings, table, SQL("DELETE FROM {} WHERE {} RETURNING 1").format(name_of(table), _is(table, row))):
            return table.fullname, _key(table, row)
    raise AssertionError("no row to delete")


def _extra(settings: Settings, tables: Iterator[tuple[Table, Row]]) -> tuple[str, Key]:
    for table, row in tables:
        for name in identity(table):
            if not isinstance(row[name], int | str):
                continue
            other = row[name] + 4321 if isinstance(row[name], int) else row[name] + "?"
            values = SQL(", ").join(Literal(other) if n == name else Identifier(n) for n in row)
            query = SQL("INSERT INTO {} ({}) SELECT {} FROM {} WHERE {} RETURNING 1").format(
                name_of(table), SQL(", ").join(map(Identifier, row)), values, name_of(table), _is(table, row)
            )
            if _tries(settings, table, query):
                return table.fullname, _key(table, {**row, name: other})
    raise AssertionError("no row to add")


def _miscounted(settings: Settings, domain: Domain) -> tuple[str, Key] | None:
    for table in domain.tables:
        names = [column.name for column in _numbers(domain, table)]
        names = names if table.info.get("derived") else [name for name in names if name in tallied(table)]
        for row in _rows(settings, table)[-1:] if names else ():
            query = SQL("UPDATE {} SET {} = {} + 1 WHERE {} RETURNING 1")
            name = Identifier(names[-1])
            if _tries(settings, table, query.format(name_of(table), name, name, _is(table, row))):
                return table.fullname, _key(table, row)
    return None


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
def test_damage_of_every_kind_is_found_with_the_events_behind_it(live: Settings, domain: Domain) -> None:
    given = [(table, row) for table in reversed(domain.tables) for row in _rows(live, table)]
    wanted: dict[tuple[str, str], str] = {}

    def untouched() -> Iterator[tuple[Table, Row]]:
        # Of the last tables first: nothing refers to their rows.
        return (one for one in given if (one[0].fullname, str(_key(*one))) not in wanted)

    for kind in ("tally", "missing", "changed", "extra"):
        match kind:
            case "tally":
                found = _miscounted(live, domain)
            case "missing":
                found = _missing(live, untouched())
            case "changed":
                found = _changed(live, domain, untouched())
            case _:
                found = _extra(live, untouched())
        if found is not None:
            wanted[found[0], str(found[1])] = "changed" if kind == "tally" else kind
    proof = prove.verify(live, [domain])
    wrong = [one for table in proof.tables for one in table.wrong]
    assert {(one.table, str(_read(live, domain, one))): one.kind for one in wrong} == wanted
    assert not proof.equal
    assert {table.table for table in proof.tables if not table.equal} == {table for table, _ in wanted}
    for one in wrong:
        assert one.kind == "extra" or one.events, one
        assert {event["topic"] for event in one.events} <= set(domain.topics)


def test_the_command_tells_by_its_exit_code(live: Settings, domain: Domain) -> None:
    code, out, err = podium(live, "verify", "--json")
    found = json.loads(out)
    assert (code, err, found["equal"]) == (0, "", True)
    assert {table["table"] for table in found["tables"]} >= {table.fullname for table in domain.tables}
    table = next(table for table in reversed(domain.tables) if _rows(live, table))
    assert _tries(
        live,
        table,
        SQL("DELETE FROM {} WHERE {} RETURNING 1").format(name_of(table), _is(table, _rows(live, table)[0])),
    )
    code, out, _ = podium(live, "verify", "--table", table.fullname)
    assert code == 1
    assert f"missing {table.fullname}" in out
    assert podium(live, "verify", PODIUM_POSTGRES__URL="host=127.0.0.1 port=9", PODIUM_POSTGRES__READER_URL="")[0] == 3
