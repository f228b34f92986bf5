"""Every domain keeps what its seed promised: each table, column, key, index, relationship and trigger, by its own name.

The seed of a domain is transcribed in `<domain>_seed.toml`, in the seed's own words for types.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from podium.settings import Settings
from schema import DOMAINS
from schema.declare import Domain

Seed = dict[str, Any]
Rows = list[tuple[Any, ...]]

STRINGS = ("text", "character varying")
TYPES = {
    "string": STRINGS,
    "varchar": STRINGS[1:],
    "bool": ("boolean",),
    "datetime": ("timestamp with time zone",),
    "enum": (*STRINGS, "enum"),
    "float": ("double precision",),
    "int": ("integer",),
    "json": ("json", "jsonb"),
    "timestamp": ("timestamp without time zone", "timestamp with time zone"),
    "timestamptz": ("timestamp with time zone",),
}
"""A seed's word for a type -> the types of PostgreSQL that keep it; other words are PostgreSQL's own."""

pytestmark = pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)


def path_of(domain: Domain) -> Path:
    return Path(__file__).with_name(f"{domain.name}_seed.toml")


@pytest.fixture
def seed(domain: Domain) -> Seed:
    return tomllib.loads(path_of(domain).read_text(encoding="utf-8"))


def _fetch(database: Settings, query: str, *parameters: object) -> Rows:
    with psycopg.connect(database.postgres.dsn()) as connection:
        return connection.execute(query.encode(), parameters).fetchall()


def _columns(seed: Seed) -> Iterator[tuple[str, dict[str, Any]]]:
    for table, declared in seed["tables"].items():
        for column in declared["columns"]:
            yield table, column


def test_the_seed_is_transcribed(domain: Domain, seed: Seed) -> None:
    assert seed["domain"] == domain.name
    assert seed["tables"]
    names = {(table, column["name"]) for table, column in _columns(seed)}
    for table, column in _columns(seed):
        assert "references" not in column or tuple(column["references"].split(".")) in names, (table, column)
    for index in seed.get("indexes", ()):
        assert {(index["table"], column) for column in index["columns"]} <= names, index


def test_columns(migrated: Settings, domain: Domain, seed: Seed) -> None:
    found = _fetch(
        migrated,
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,"
        " pg_get_expr(d.adbin, d.adrelid), t.typtype::text"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
        " WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p') ORDER BY a.attnum",
        domain.name,
    )
    for table, declared in seed["tables"].items():
        live = {name: rest for relation, name, *rest in found if relation == table}
        for column in declared["columns"]:
            where = f"{table}.{column['name']}"
            assert column["name"] in live, where
            type_, null, default, kind = live[column["name"]]
            assert ("enum" if kind == "e" else type_) in _accepted(column["type"]), where
            assert null is column.get("null", null), where
            assert "default" not in column or _plain(default) == column["default"], where
        expected = [column["name"] for column in declared["columns"]]
        assert [name for name in live if name in expected] == expected, f"{table}: order of columns"


def _accepted(word: str) -> list[str]:
    """Types that keep a seed's word, with the length if it gives one."""
    name, length = re.fullmatch(r"([^(]+)(\(\d+\))?", word.lower()).groups("")  # type: ignore[union-attr]
    return [type_ + length for type_ in TYPES.get(name, (name,))]


def _plain(default: str | None) -> str | None:
    """Defaults without casts, which PostgreSQL adds; a sequence of the table is `nextval`."""
    plain = re.sub(r"::[a-z ]+", "", default) if default else None
    return "nextval" if plain and plain.startswith("nextval(") else plain


def test_sequences(migrated: Settings, domain: Domain, seed: Seed) -> None:
    for table, column in _columns(seed):
        if column.get("default") == "nextval":
            qualified = f"{domain.name}.{table}"
            ((found,),) = _fetch(migrated, "SELECT pg_get_serial_sequence(%s, %s)", qualified, column["name"])
            assert found == f"{qualified}_{column['name']}_seq"


def test_primary_keys(migrated: Settings, domain: Domain, seed: Seed) -> None:
    for table, declared in seed["tables"].items():
        ((found,),) = _fetch(
            migrated,
            "SELECT ARRAY(SELECT attname::text FROM unnest(o.conkey) WITH ORDINALITY k (attnum, place)"
            " JOIN pg_attribute a USING (attnum) WHERE a.attrelid = o.conrelid ORDER BY place)"
            " FROM pg_constraint o WHERE o.contype = 'p' AND o.conrelid = %s::regclass",
            f"{domain.name}.{table}",
        )
        assert found == declared["primary_key"], table


def test_relationships(migrated: Settings, domain: Domain, seed: Seed) -> None:
    found = _fetch(
        migrated,
        "SELECT c.relname, a.attname, p.relname || '.' || b.attname, o.confdeltype::text FROM pg_constraint o"
        " JOIN pg_class c ON c.oid = o.conrelid JOIN pg_class p ON p.oid = o.confrelid"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = o.conkey[1]"
        " JOIN pg_attribute b ON b.attrelid = p.oid AND b.attnum = o.confkey[1]"
        " WHERE o.contype = 'f' AND cardinality(o.conkey) = 1 AND o.connamespace = %s::regnamespace",
        domain.name,
    )
    shown = {(table, name, parent): on_delete for table, name, parent, on_delete in found}
    for table, column in _columns(seed):
        if "references" in column:
            reference = table, column["name"], column["references"]
            assert reference in shown
            if "on_delete" in column:
                assert shown[reference] == {"cascade": "c"}[column["on_delete"]], reference


def test_indexes(migrated: Settings, domain: Domain, seed: Seed) -> None:
    found = _fetch(
        migrated,
        "SELECT c.relname::text, t.relname::text, i.indisunique, i.indisvalid AND i.indpred IS NULL,"
        " ARRAY(SELECT pg_get_indexdef(i.indexrelid, n, true) FROM generate_series(1, i.indnkeyatts) n)"
        " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid"
        " WHERE t.relnamespace = %s::regnamespace",
        domain.name,
    )
    for index in seed.get("indexes", ()):
        assert any(_serves(index, *one) for one in found), index


def _serves(index: dict[str, Any], name: str, table: str, unique: bool, whole: bool, columns: list[str]) -> bool:
    """Whether an index is the one that a seed names: of all rows, by these columns (`first`: by these at first)."""
    wanted = index["columns"]
    bare = [column.strip('"') for column in columns[: len(wanted)] if index.get("first") or len(columns) == len(wanted)]
    named = name == index.get("name", name)
    return whole and named and table == index["table"] and bare == wanted and (unique or not index.get("unique"))


def test_triggers_exist_once(migrated: Settings, domain: Domain, seed: Seed) -> None:
    for trigger in seed.get("triggers", ()):
        rows = _fetch(
            migrated,
            "SELECT tgrelid::regclass::text, tgfoid::regproc::text, tgenabled::text, pg_get_triggerdef(oid)"
            " FROM pg_trigger WHERE tgname = %s AND NOT tgisinternal",
            trigger["name"],
        )
        assert len(rows) == 1, trigger["name"]
        table, function, enabled, definition = rows[0]
        assert table == f"{domain.name}.{trigger['table']}"
        assert function == f"{domain.name}.{trigger['function']}"
        assert enabled == "A"
        assert f"{trigger['name']} {trigger['event']} ON " in definition


def test_functions_exist_once(migrated: Settings, domain: Domain, seed: Seed) -> None:
    for trigger in seed.get("triggers", ()):
        rows = _fetch(
            migrated,
            "SELECT pronamespace::regnamespace::text, pg_get_function_result(oid) FROM pg_proc WHERE proname = %s",
            trigger["function"],
        )
        assert rows == [(domain.name, "trigger")], trigger["function"]


def test_value_sets_hold_those_of_the_seed(migrated: Settings, domain: Domain, seed: Seed) -> None:
    for name, values in seed.get("values", {}).items():
        table, column = name.split(".")
        kept = _value_sets(migrated, f"{domain.name}.{table}", column)
        assert any(set(values) <= each for each in kept), f"{name}: {kept}"


def _value_sets(migrated: Settings, table: str, column: str) -> list[set[str]]:
    """What a column is held to: by each CHECK on it alone, or by its type, an enumeration."""
    checks = _fetch(
        migrated,
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass"
        " AND conkey = ARRAY(SELECT attnum FROM pg_attribute WHERE attrelid = conrelid AND attname = %s)",
        table,
        column,
    )
    labels = _fetch(
        migrated,
        "SELECT e.enumlabel FROM pg_enum e JOIN pg_attribute a ON a.atttypid = e.enumtypid"
        " WHERE a.attrelid = %s::regclass AND a.attname = %s",
        table,
        column,
    )
    return [*(set(re.findall(r"'([^']*)'", check)) for (check,) in checks), {label for (label,) in labels}]
