"""What holds for the triggers of every domain, read from the catalog and tried in plain SQL."""

import re
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from podium.settings import Settings
from schema import DOMAINS, LEDGER
from schema.ddl import schema_of
from schema.declare import Domain, Lifecycle, identity, references_of
from schema.triggers import facts, guarded, tallied

SCHEMAS = [schema_of(domain) for domain in (LEDGER, *DOMAINS)]
each_domain = pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
PRIVATE = {f"{schema_of(domain)}.{table}" for domain in (LEDGER, *DOMAINS) for table in domain.private}
LIFECYCLES = [(domain, lifecycle) for domain in DOMAINS for lifecycle in domain.lifecycles]


@pytest.fixture
def owner(database: Settings) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.postgres.dsn("owner"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def consumer(database: Settings) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.postgres.dsn("consumer"), autocommit=True) as connection:
        yield connection


def test_triggers_are_always_on(owner: psycopg.Connection) -> None:
    off = owner.execute(
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid"
        " WHERE NOT tgisinternal AND tgenabled <> 'A' AND c.relnamespace::regnamespace::text = ANY (%s)",
        [SCHEMAS],
    ).fetchall()
    assert off == []


def test_functions_settle_search_path_and_time_zone(owner: psycopg.Connection) -> None:
    rows = owner.execute(
        "SELECT oid::regprocedure::text, proconfig FROM pg_proc"
        " WHERE pronamespace::regnamespace::text = ANY (%s) AND prolang <> 14",
        [SCHEMAS],
    ).fetchall()
    assert rows
    for name, settings in rows:
        assert "search_path=pg_catalog, pg_temp" in (settings or []), name
        assert any(setting in settings for setting in ("timezone=UTC", "TimeZone=UTC")), name


def test_no_trigger_of_a_row_counts(owner: psycopg.Connection) -> None:
    rows = owner.execute(
        "SELECT tgname, pg_get_functiondef(tgfoid) FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid"
        " WHERE NOT tgisinternal AND tgtype & 1 = 1 AND c.relnamespace::regnamespace::text = ANY (%s)",
        [SCHEMAS],
    ).fetchall()
    for name, definition in rows:
        assert not re.search(r"\bcount\s*\(\s*\*|\+ 1 WHERE|\bsum\s*\(", definition), name


@each_domain
def test_hot_references_are_shown_and_not_enforced(owner: psycopg.Connection, domain: Domain) -> None:
    for table in domain.tables:
        for key in table.foreign_key_constraints:
            (enforced,) = owner.execute(
                "SELECT bool_and(conenforced) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass"
                " AND confrelid = %s::regclass"
                " AND ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY k (attnum, place)"
                " JOIN pg_attribute a USING (attnum) WHERE a.attrelid = conrelid ORDER BY place) = %s",
                [table.fullname, key.referred_table.fullname, list(key.column_keys)],
            ).fetchone() or (None,)
            assert enforced is not key.info.get("hot", False), key.name


@each_domain
def test_hot_references_have_both_sides(owner: psycopg.Connection, domain: Domain) -> None:
    for table in domain.tables:
        for reference in references_of(table):
            if reference.hot:
                assert _named(owner, table.fullname, f"{table.name}_200_reference_{reference.parent.name}")
                assert _named(owner, reference.parent.fullname, f"{reference.parent.name}_200_referred_{table.name}")


def _named(owner: psycopg.Connection, table: str, prefix: str) -> list[tuple[str]]:
    return owner.execute(
        "SELECT tgname::text FROM pg_trigger WHERE tgrelid = %s::regclass AND starts_with(tgname::text, %s)",
        [table, prefix],
    ).fetchall()


@each_domain
def test_facts_refuse_updates_of_every_fixed_column(owner: psycopg.Connection, domain: Domain) -> None:
    for table, columns in facts(domain).items():
        for column in columns:
            statement = sql.SQL("UPDATE {} SET {} = {}").format(
                sql.Identifier(str(table.schema), table.name), sql.Identifier(column), sql.Identifier(column)
            )
            with pytest.raises(psycopg.errors.RestrictViolation, match="a fact never changes"):
                owner.execute(statement)


@each_domain
def test_tallies_refuse_direct_writes(owner: psycopg.Connection, domain: Domain) -> None:
    for table in domain.tables:
        if table.info.get("derived"):
            name = sql.Identifier(str(table.schema), table.name)
            column = sql.Identifier(next(iter(table.c)).name)
            for statement in (
                sql.SQL("INSERT INTO {} SELECT * FROM {}").format(name, name),
                sql.SQL("UPDATE {} SET {} = {}").format(name, column, column),
                sql.SQL("DELETE FROM {}").format(name),
            ):
                with pytest.raises(psycopg.errors.RestrictViolation, match="only triggers write here"):
                    owner.execute(statement)


@each_domain
def test_tallied_columns_refuse_direct_updates(owner: psycopg.Connection, domain: Domain) -> None:
    for table in domain.tables:
        for column in tallied(table):
            statement = sql.SQL("UPDATE {} SET {} = {}").format(
                sql.Identifier(str(table.schema), table.name), sql.Identifier(column), sql.Identifier(column)
            )
            with pytest.raises(psycopg.errors.RestrictViolation, match="only triggers write here"):
                owner.execute(statement)


@pytest.mark.parametrize(("domain", "lifecycle"), LIFECYCLES, ids=lambda value: value.name)
def test_sql_and_python_agree_on_moves(owner: psycopg.Connection, domain: Domain, lifecycle: Lifecycle) -> None:
    states = [*lifecycle.states, "nonsense"]
    for origin in states:
        assert _call(owner, domain, f"{lifecycle.name}_rank", origin) == lifecycle.ranks.get(origin)
        for target in states:
            known = origin in lifecycle.moves and target in lifecycle.moves
            assert _call(owner, domain, f"{lifecycle.name}_moves", origin, target) == (
                known and target in lifecycle.moves[origin]
            )
            assert _call(owner, domain, f"{lifecycle.name}_reaches", origin, target) == (
                known and lifecycle.reaches(origin, target)
            )
            assert _call(owner, domain, f"{lifecycle.name}_reopens", origin, target) == (
                lifecycle.reopens(origin, target)
            )


def _call(owner: psycopg.Connection, domain: Domain, function: str, *arguments: str) -> object:
    call = sql.SQL("SELECT {}({})").format(
        sql.Identifier(schema_of(domain), function), sql.SQL(", ").join(map(sql.Literal, arguments))
    )
    row = owner.execute(call).fetchone()
    assert row is not None
    return row[0]


@each_domain
def test_every_status_of_a_life_cycle_is_guarded(owner: psycopg.Connection, domain: Domain) -> None:
    for one in guarded(domain):
        table = one.table
        assert _named(owner, table.fullname, f"{table.name}_100_guard")
        assert set(identity(table)) <= set(table.c.keys())
        (check,) = owner.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND conname = %s",
            [table.fullname, f"ck_{table.name}_{one.status}"],
        ).fetchone() or ("",)
        assert all(f"'{state}'" in check for state in one.lifecycle.states)


FURTHER = {
    **{("consumer", f"ledger.{name}"): {"DELETE"} for name in ("parked", "dead", "lease", "loop", "failure")},
    **{("stream", f"ledger.{name}"): {"INSERT", "UPDATE", "DELETE"} for name in ("lease", "loop", "failure")},
}
"""What a role may do beyond what it may in all tables: what it waits for, and what it tells of itself."""


@pytest.mark.parametrize("role", ["consumer", "stream", "reader"])
def test_roles_have_what_they_need_and_no_more(database: Settings, owner: psycopg.Connection, role: str) -> None:
    wanted = {"consumer": {"SELECT", "INSERT", "UPDATE"}, "stream": {"SELECT"}, "reader": {"SELECT"}}[role]
    rows = owner.execute(
        "SELECT c.oid::regclass::text, array_agg(p) FILTER (WHERE has_table_privilege(%s, c.oid, p))"
        " FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p"
        " WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text = ANY (%s) GROUP BY c.oid",
        [f"podium_{role}", SCHEMAS],
    ).fetchall()
    hidden = {f"{one.name}.{table}": set(names) for one in DOMAINS for table, names in one.secret.items()}
    for one in DOMAINS if role == "reader" else ():
        for table, names in one.personal.items():
            hidden[f"{one.name}.{table}"] = {*hidden.get(f"{one.name}.{table}", ()), *names}
    for table, privileges in rows:
        more = FURTHER.get((role, table), set())
        if role == "reader" and table in PRIVATE:
            assert privileges is None, table
        elif table in hidden:
            assert privileges is None, table
            assert _unreadable(owner, role, table) == hidden[table], table
        else:
            assert set(privileges or ()) == wanted | more, table


def _unreadable(owner: psycopg.Connection, role: str, table: str) -> set[str]:
    """Columns of a table that a role may not read."""
    rows = owner.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT has_column_privilege(%s, attrelid, attnum, 'SELECT')",
        [table, f"podium_{role}"],
    )
    return {name for (name,) in rows}


@each_domain
def test_writes_outside_the_log_are_recorded(owner: psycopg.Connection, domain: Domain) -> None:
    for table in domain.tables:
        for event in ("insert", "update", "delete", "truncate"):
            assert _named(owner, table.fullname, f"{table.name}_900_outside_{event}"), table.fullname
