"""Whatever server, database, role and environment set, sessions store, read and rank the same."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier, Literal

from consumers import login
from podium import database as migrations
from podium import session
from podium.rebuild import digest
from podium.rebuild.database import name_of
from podium.settings import ROLES, Postgres, Settings, rolname
from podium.status import look
from podium.web.connections import Connections
from schema import DOMAINS, LEDGER
from schema.declare import Domain
from schema.session import CONSUMERS, PAGE, PINS, VERSION_MIN, SessionRefused, check_server
from streams import session as streams
from tests.contract.outcome import boards, outcome_of, path_of, play, written
from tests.test_house import ROOT, files

HOSTILE = {
    "client_encoding": "LATIN1",
    "DateStyle": "German",
    "IntervalStyle": "sql_standard",
    "extra_float_digits": "-15",
    "search_path": "elsewhere, public",
    "TimeZone": "Asia/Kathmandu",
    "standard_conforming_strings": "off",
    "backslash_quote": "on",
    "array_nulls": "off",
    "bytea_output": "escape",
    "lc_numeric": "C.UTF-8",
    "quote_all_identifiers": "on",
    "transform_null_equals": "on",
    "row_security": "off",
    "check_function_bodies": "off",
    "plpgsql.extra_errors": "all",
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
    "default_transaction_deferrable": "on",
    "synchronous_commit": "off",
    "client_min_messages": "debug5",
    "lock_timeout": "1ms",
    "statement_timeout": "1ms",
    "idle_in_transaction_session_timeout": "1ms",
}
LETTERS = "Käse ß € 日本 🧀 \\ ' \" E'\\x41' ﬁ"


def set_by_others(administrator: str, postgres: Postgres) -> None:
    """All settings by the database, and again by each role in it."""
    database = Identifier(name_of(postgres))
    with psycopg.connect(administrator, autocommit=True) as server:
        for setting, value in HOSTILE.items():
            to = SQL(value) if setting == "search_path" else Literal(value)
            server.execute(SQL("ALTER DATABASE {} SET {} = {}").format(database, SQL(setting), to))
            for role in map(Identifier, map(rolname, ROLES)):
                whose = SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}")
                server.execute(whose.format(role, database, SQL(setting), to))


@pytest.fixture
def hostile(administrator: str, database: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A database whose owner thinks otherwise about everything, as do its roles and the environment."""
    set_by_others(administrator, database.postgres)
    for name, value in {
        "PGOPTIONS": "-c statement_timeout=1 -c bytea_output=escape",
        "PGCLIENTENCODING": "LATIN1",
        "PGDATESTYLE": "German",
        "PGTZ": "Asia/Kathmandu",
        "PGAPPNAME": "other",
    }.items():
        monkeypatch.setenv(name, value)
    return database


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
def test_a_story_comes_to_the_same_tables_and_boards(hostile: Settings, domain: Domain) -> None:
    with login.connect(hostile.postgres.dsn("consumer")) as connection:
        play(connection, domain)
    with streams.connect(hostile.postgres.dsn("stream")) as stream, session.connect(hostile.postgres.dsn()) as owner:
        found = outcome_of(owner, domain)
        owner.rollback()
        assert written(found) == path_of(domain).read_text(encoding="utf-8")
        assert written(found | {"boards": boards(stream, domain)}) == path_of(domain).read_text(encoding="utf-8")


def lines(rows: int) -> list[dict[str, Any]]:
    """A data set with so many rows, with letters that no other encoding has."""
    time = "2026-03-01T12:00:00.123456Z"
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("dataset.registered.v1", {"dataset_id": 1, "name": "d", "description": LETTERS, "labels": None}),
        ("dataset.version_published.v1", {"dataset_id": 1, "version": 1, "total_rows": rows}),
    ]
    for n in range(1, rows + 1):
        content = {"row_id": n, "dataset_id": 1, "content": f"{LETTERS} {n}", "expected_prediction": "x", "version": 1}
        kinds.append(("row.added.v1", content))
    return [{"type": f"evaluation.{type_}", "time": time, "data": data} for type_, data in kinds]


@pytest.mark.parametrize("rows", [1, 500])
def test_texts_are_stored_as_they_were_said_by_insert_and_by_copy(hostile: Settings, rows: int) -> None:
    domain = next(domain for domain in DOMAINS if domain.name == "evaluation")
    with login.connect(hostile.postgres.dsn("consumer")) as connection:
        play(connection, domain, lines(rows))
    with session.connect(hostile.postgres.dsn("reader")) as reader:
        stored = reader.execute("SELECT content FROM evaluation.rows ORDER BY row_id").fetchall()
        assert stored == [(f"{LETTERS} {n}",) for n in range(1, rows + 1)]


def test_every_reader_says_the_same(hostile: Settings) -> None:
    domain = next(domain for domain in DOMAINS if domain.name == "evaluation")
    with login.connect(hostile.postgres.dsn("consumer")) as connection:
        play(connection, domain)
    with digest.reading(hostile.postgres.dsn()) as one:
        before = {rows.name: rows.digest(one) for rows in digest.parts([domain])}
    with session.connect(hostile.postgres.at("postgres").dsn(), autocommit=True) as server:
        server.execute(SQL("ALTER DATABASE {} RESET ALL").format(Identifier(name_of(hostile.postgres))))
    with digest.reading(hostile.postgres.dsn()) as one:
        assert {rows.name: rows.digest(one) for rows in digest.parts([domain])} == before
    assert migrations.migrations(hostile.postgres.dsn()).pending == ()
    assert look(hostile, (LEDGER, domain), 0.01).total.adds_up

    async def page() -> Any:
        connections = Connections(hostile.postgres.dsn("reader"))
        found = await connections.fetch(b"SELECT %(at)s::timestamptz::text AS at, 0.1::float8 + 0.2 AS sum", at=_AT)
        await connections.close()
        return found

    assert asyncio.run(page()) == [{"at": "2026-12-03 04:05:06+00", "sum": 0.30000000000000004}]


_AT = datetime(2026, 12, 3, 4, 5, 6, tzinfo=UTC)


def test_every_pin_holds_in_every_session(hostile: Settings) -> None:
    def settings_of(connection: Any) -> dict[str, str]:
        found = connection.execute(
            "SELECT name, current_setting(name, true) FROM unnest(%s::text[]) AS name", [[*PINS]]
        )
        return dict(found.fetchall())

    limits = {name for name in PINS if name.endswith("_timeout") or name == "default_transaction_read_only"}
    wanted = {name: value for name, value in PINS.items() if name not in limits}
    with login.connect(hostile.postgres.dsn("consumer")) as one, streams.connect(hostile.postgres.dsn("stream")) as two:
        assert wanted.items() <= settings_of(one).items()
        assert wanted.items() <= settings_of(two).items()
    with session.connect(hostile.postgres.dsn("reader"), PAGE, autocommit=True) as three:
        found = settings_of(three)
        assert wanted.items() <= found.items()
        assert found["statement_timeout"] == f"{PAGE.statement_seconds}s"
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            three.execute("CREATE TEMP TABLE a (b int)")
        assert three.execute("SHOW application_name").fetchone() == (PAGE.application,)


def test_a_session_is_refused_where_triggers_would_not_fire(hostile: Settings, administrator: str) -> None:
    name = name_of(hostile.postgres)
    with psycopg.connect(administrator, autocommit=True) as server:
        server.execute(SQL("ALTER DATABASE {} SET session_replication_role = replica").format(Identifier(name)))
    with pytest.raises(SessionRefused, match="session_replication_role is replica"):
        login.connect(hostile.postgres.dsn("consumer"))


def test_a_database_that_cannot_hold_every_text_is_refused(services: Settings, administrator: str) -> None:
    name = "of_latin_1"
    with psycopg.connect(administrator, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc")
        try:
            with pytest.raises(SessionRefused, match=r"encoded as LATIN1.*UTF8"):
                session.connect(services.postgres.at(name).dsn())
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("version", [90624, 150004, 170006])
def test_an_old_server_is_refused_with_the_version_that_is_needed(version: int) -> None:
    with pytest.raises(SessionRefused, match=f"version {version // 10_000}; Podium needs {VERSION_MIN}"):
        check_server(version, "UTF8")


def test_what_a_role_may_take_is_still_the_urls(services: Settings) -> None:
    """Parameters of the connection string that are no setting stay: `options` may choose a role."""
    dsn = psycopg.conninfo.make_conninfo(services.postgres.dsn(), options="-c work_mem=7MB")
    with session.connect(dsn, row_factory=dict_row) as connection:
        assert connection.execute("SHOW work_mem").fetchone() == {"work_mem": "7MB"}


def test_a_malformed_connection_string_shows_nothing_of_itself() -> None:
    for dsn in ("postgresql://a:p%zzSecret9@h/d", "host=a password='Secret9", "postgres://a:Secret9@h:port:1/d?x=1"):
        with pytest.raises(SessionRefused) as refused:
            login.connect(dsn)
        assert "ecret9" not in f"{refused.value} {refused.value.remedy}"
        assert refused.value.__suppress_context__


def test_nobody_else_opens_a_session() -> None:
    mention = ("psycopg.connect(", "AsyncConnection.connect(", "Connection.connect(", "ConnectionPool(")
    found = {
        str(path.relative_to(ROOT))
        for path in files("schema", "consumers", "streams", "podium", "migrations", "samples")
        if any(word in path.read_text() for word in mention)
    }
    # A server of others, of any version, whose tables are imported.
    assert found == {"podium/session.py", "samples/lczero/legacy.py"}


def test_consumers_have_a_name_and_a_limit() -> None:
    assert CONSUMERS.settings["idle_in_transaction_session_timeout"] == f"{CONSUMERS.idle_seconds}s"
