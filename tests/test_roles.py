"""What each role may do in a migrated database, and that nobody else comes in."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import SQL, Identifier

from podium import database as migrations
from podium.rebuild.database import name_of
from podium.settings import ROLES, Settings, rolname
from schema import DOMAINS

COLUMNS = """
SELECT has_column_privilege(%s, format('%%I.%%I', table_schema, table_name), column_name, %s)
  FROM information_schema.columns WHERE table_schema = %s AND table_name = %s AND column_name = %s
"""


@pytest.fixture
def owner(database: Settings) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.postgres.dsn(), autocommit=True) as connection:
        yield connection


def test_who_merely_logs_in_to_the_cluster_does_not_come_in(administrator: str, database: Settings) -> None:
    migrations.upgrade(database.postgres.dsn())  # a copied database keeps no rights of its own
    with psycopg.connect(administrator, autocommit=True) as server:
        query = "SELECT has_database_privilege(%s, %s, 'CONNECT'), has_database_privilege(%s, %s, 'TEMPORARY')"
        name = name_of(database.postgres)
        server.execute(f"CREATE ROLE other_{name} LOGIN")
        try:
            of = {
                who: server.execute(query, [who, name] * 2).fetchone()
                for who in (*map(rolname, ROLES), f"other_{name}")
            }
        finally:
            server.execute(SQL("DROP ROLE {}").format(Identifier(f"other_{name}")))
    assert of == {
        "podium_owner": (True, True), "podium_consumer": (True, True), "podium_stream": (True, False),
        "podium_reader": (True, False), f"other_{name}": (False, False),
    }  # fmt: skip


def test_upgrading_again_changes_no_right(database: Settings) -> None:
    with psycopg.connect(database.postgres.dsn(), autocommit=True) as owner:
        query = "SELECT datacl::text FROM pg_database WHERE datname = current_database()"
        migrations.upgrade(database.postgres.dsn())
        once = owner.execute(query).fetchone()
        migrations.upgrade(database.postgres.dsn())
        assert owner.execute(query).fetchone() == once


HIDDEN: list[tuple[str, str, str, str, str]] = [
    (role, domain.name, table, column, right)
    for domain in DOMAINS
    for role, hidden, rights in (
        ("reader", {**domain.secret}, ("SELECT", "INSERT", "UPDATE")),
        ("reader", {**domain.personal}, ("SELECT", "INSERT", "UPDATE")),
        ("stream", {**domain.secret}, ("SELECT", "INSERT", "UPDATE")),
        ("consumer", {**domain.secret}, ("SELECT", "INSERT", "UPDATE")),
    )
    for table, columns in hidden.items()
    for column in columns
    for right in rights
]


def test_columns_that_are_hidden_are_known_to_be_some() -> None:
    assert {(domain, column) for _, domain, _, column, _ in HIDDEN} >= {
        ("seismic", "email"), ("seismic", "password_hash"), ("chess", "password"),
    }  # fmt: skip


def test_hidden_columns_are_hidden(owner: psycopg.Connection) -> None:
    for role, domain, table, column, right in HIDDEN:
        found = owner.execute(COLUMNS, [f"podium_{role}", right, domain, table, column]).fetchall()
        assert found == [(False,)], (role, domain, table, column, right)


def test_no_column_of_a_telling_name_is_open(owner: psycopg.Connection) -> None:
    """Whoever adds a column for a password or an address has to declare it."""
    found = owner.execute(
        "SELECT table_schema, table_name, column_name FROM information_schema.columns"
        " WHERE column_name ~ '(password|e_?mail|phone)' AND table_schema <> 'ledger' AND table_schema !~ '^(pg_|info)'"
        " AND has_column_privilege('podium_reader', format('%I.%I', table_schema, table_name), column_name, 'SELECT')"
    ).fetchall()
    assert found == []


def test_a_reader_reads_only_what_it_is_shown(database: Settings) -> None:
    with psycopg.connect(database.postgres.dsn("reader"), autocommit=True) as reader:
        for query in ("SELECT email FROM seismic.users", "SELECT * FROM ledger.dead", "CREATE TABLE public.a (b int)"):
            with pytest.raises(InsufficientPrivilege):
                reader.execute(query.encode())
