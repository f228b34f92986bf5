"""Every domain keeps what its seed promised: each table, column, key, relationship and trigger, by its own name."""

import re
import tomllib
from pathlib import Path
from typing import Any

import psycopg
import pytest

from podium.settings import Settings

SEEDS = sorted(Path(__file__).parent.glob("*_seed.toml"))
Seed = dict[str, Any]

pytestmark = pytest.mark.parametrize(
    "seed", [tomllib.loads(path.read_text(encoding="utf-8")) for path in SEEDS], ids=[path.stem for path in SEEDS]
)


def _fetch(database: Settings, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.postgres.dsn()) as connection:
        return connection.execute(query.encode(), parameters).fetchall()


def test_columns(database: Settings, seed: Seed) -> None:
    found = _fetch(
        database,
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,"
        " pg_get_expr(d.adbin, d.adrelid) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
        " LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
        " WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p') ORDER BY a.attnum",
        seed["domain"],
    )
    for table, declared in seed["tables"].items():
        live = {name: rest for relation, name, *rest in found if relation == table}
        expected = {column["name"]: _expected(column) for column in declared["columns"]}
        shown = {name: [rest[0], rest[1], _default(rest[2])] for name, rest in live.items() if name in expected}
        assert shown == expected, table
        assert [name for name in live if name in expected] == list(expected), f"{table}: order of columns"


def _expected(column: dict[str, Any]) -> list[object]:
    return [column["type"], column["null"], _default(column.get("default"))]


def _default(text: str | None) -> str | None:
    """Defaults without casts, which PostgreSQL adds; a sequence of the table is `nextval`."""
    plain = re.sub(r"::[a-z ]+", "", text) if text else None
    return "nextval" if plain and plain.startswith("nextval(") else plain


def test_sequences(database: Settings, seed: Seed) -> None:
    for table, declared in seed["tables"].items():
        for column in declared["columns"]:
            if column.get("default") == "nextval":
                qualified = f"{seed['domain']}.{table}"
                ((found,),) = _fetch(database, "SELECT pg_get_serial_sequence(%s, %s)", qualified, column["name"])
                assert found == f"{qualified}_{column['name']}_seq"


def test_primary_keys(database: Settings, seed: Seed) -> None:
    for table, declared in seed["tables"].items():
        ((found,),) = _fetch(
            database,
            "SELECT ARRAY(SELECT attname::text FROM unnest(o.conkey) WITH ORDINALITY k (attnum, place)"
            " JOIN pg_attribute a USING (attnum) WHERE a.attrelid = o.conrelid ORDER BY place)"
            " FROM pg_constraint o WHERE o.contype = 'p' AND o.conrelid = %s::regclass",
            f"{seed['domain']}.{table}",
        )
        assert found == declared["primary_key"], table


def test_relationships(database: Settings, seed: Seed) -> None:
    found = _fetch(
        database,
        "SELECT c.relname, a.attname, p.relname || '.' || b.attname FROM pg_constraint o"
        " JOIN pg_class c ON c.oid = o.conrelid JOIN pg_class p ON p.oid = o.confrelid"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = o.conkey[1]"
        " JOIN pg_attribute b ON b.attrelid = p.oid AND b.attnum = o.confkey[1]"
        " WHERE o.contype = 'f' AND cardinality(o.conkey) = 1 AND o.connamespace = %s::regnamespace",
        seed["domain"],
    )
    for table, declared in seed["tables"].items():
        expected = {
            (table, column["name"], column["references"]) for column in declared["columns"] if "references" in column
        }
        assert expected <= set(found), table


def test_triggers_exist_once(database: Settings, seed: Seed) -> None:
    for trigger in seed["triggers"]:
        rows = _fetch(
            database,
            "SELECT tgrelid::regclass::text, tgfoid::regproc::text, tgenabled::text, pg_get_triggerdef(oid)"
            " FROM pg_trigger WHERE tgname = %s AND NOT tgisinternal",
            trigger["name"],
        )
        assert len(rows) == 1, trigger["name"]
        table, function, enabled, definition = rows[0]
        assert table == f"{seed['domain']}.{trigger['table']}"
        assert function == f"{seed['domain']}.{trigger['function']}"
        assert enabled == "A"
        assert f"{trigger['name']} {trigger['event']} ON " in definition


def test_functions_exist_once(database: Settings, seed: Seed) -> None:
    for trigger in seed["triggers"]:
        rows = _fetch(
            database,
            "SELECT pronamespace::regnamespace::text, pg_get_function_result(oid) FROM pg_proc WHERE proname = %s",
            trigger["function"],
        )
        assert rows == [(seed["domain"], "trigger")], trigger["function"]


def test_value_sets_hold_those_of_the_seed(database: Settings, seed: Seed) -> None:
    for name, values in seed["values"].items():
        table, column = name.split(".")
        checks = _fetch(
            database,
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass"
            " AND conkey = ARRAY(SELECT attnum FROM pg_attribute WHERE attrelid = conrelid AND attname = %s)",
            f"{seed['domain']}.{table}",
            column,
        )
        assert any(all(f"'{value}'" in check for value in values) for (check,) in checks), name
