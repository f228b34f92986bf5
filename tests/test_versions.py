"""A server, a pooler or tables that this version cannot work with: one line, before anything starts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory

from consumers import login
from podium import database as migrations
from podium import session, versions
from podium.settings import ROLES, Settings
from podium.versions import NotMigrated, ServerRefused, TablesOfAnotherVersion
from schema import DOMAINS
from schema.session import PAGE
from tests.cli.test_exit_codes import run
from tests.contract.outcome import outcome_of, path_of, play, written
from tests.pooler import Pooler

COMMANDS = (
    ("run", "consumers"),
    ("run", "relay"),
    ("run", "score"),
    ("run",),
    ("serve",),
    ("status",),
    ("dead", "list"),
)
SHARED = "pooler that gives a session's connection to others"


@contextmanager
def pooled(dsn: str, shared: bool) -> Iterator[str]:
    """A connection string by way of a pooler."""
    pooler = Pooler(dsn, shared)
    try:
        yield pooler.dsn
    finally:
        pooler.close()


def test_the_shipped_migrations_are_known_without_their_runner(services: Settings) -> None:
    scripts = ScriptDirectory.from_config(migrations._config(services.postgres.dsn()))
    assert versions.revisions() == tuple(sorted(script.revision for script in scripts.walk_revisions()))
    assert scripts.get_current_head() == versions.revisions()[-1]


@pytest.mark.parametrize("role", ROLES)
def test_what_fits_is_let_through_for_every_role(database: Settings, role: str) -> None:
    versions.check(database.postgres.dsn(role))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE public.alembic_version SET version_num = '0000'", "0000, which this version of Podium"),
        ("UPDATE public.alembic_version SET version_num = '9999'", "9999, which this version of Podium"),
        ("UPDATE public.alembic_version SET version_num = 'f00'", "f00, which this version of Podium"),
    ],
)
def test_tables_of_another_version_are_told(database: Settings, change: str, said: str) -> None:
    with psycopg.connect(database.postgres.dsn(), autocommit=True) as owner:
        owner.execute(change.encode())
    with pytest.raises(TablesOfAnotherVersion, match=said):
        versions.check(database.postgres.dsn("stream"))


@pytest.mark.parametrize("change", ["DELETE FROM public.alembic_version", "DROP TABLE public.alembic_version"])
def test_no_tables_are_told(database: Settings, change: str) -> None:
    with psycopg.connect(database.postgres.dsn(), autocommit=True) as owner:
        owner.execute(change.encode())
    with pytest.raises(NotMigrated, match="no tables of Podium yet"):
        versions.check(database.postgres.dsn("stream"))


def test_older_tables_are_told_with_both_numbers() -> None:
    versions.check_tables(versions.revisions()[-1])
    for older in versions.revisions()[:-1]:
        with pytest.raises(TablesOfAnotherVersion, match=f"{older}.*{versions.revisions()[-1]}"):
            versions.check_tables(older)


def test_a_pooler_in_session_mode_is_as_good_as_none(database: Settings) -> None:
    domain = DOMAINS[0]
    with pooled(database.postgres.dsn("consumer"), shared=False) as dsn:
        versions.check(dsn)
        with login.connect(dsn) as connection:
            play(connection, domain)
    with pooled(database.postgres.dsn("reader"), shared=False) as dsn, session.connect(dsn, PAGE) as reader:
        assert reader.execute("SHOW transaction_read_only").fetchone() == ("on",)
    with session.connect(database.postgres.dsn()) as owner:
        assert written(outcome_of(owner, domain)) == path_of(domain).read_text(encoding="utf-8")


def test_a_pooler_in_transaction_mode_is_refused(database: Settings) -> None:
    with pooled(database.postgres.dsn("stream"), shared=True) as dsn, pytest.raises(ServerRefused, match=SHARED):
        versions.check(dsn)


def test_every_command_and_process_refuses_before_it_starts(database: Settings, tmp_path: Path) -> None:
    with psycopg.connect(database.postgres.dsn(), autocommit=True) as owner:
        owner.execute("UPDATE public.alembic_version SET version_num = '9999'")
    where = {
        "PODIUM_KAFKA__BOOTSTRAP": database.kafka.bootstrap,
        "PODIUM_POSTGRES__URL": database.postgres.dsn(),
        "PODIUM_POSTGRES__CONSUMER_URL": database.postgres.dsn("consumer"),
    }
    for command in COMMANDS:
        done = run(*command, folder=tmp_path, **where)
        assert "9999, which this version of Podium" in " ".join(done.stderr.split()), (command, done.stderr)
        assert "Traceback" not in done.stderr, command
        assert done.returncode == TablesOfAnotherVersion.exit_code, command


def test_a_reader_that_must_write_is_no_contradiction(database: Settings) -> None:
    """The server is asked for one that can write before the session is made one that only reads."""
    dsn = psycopg.conninfo.make_conninfo(database.postgres.dsn("reader"), target_session_attrs="read-write")
    with session.connect(dsn, PAGE, autocommit=True) as reader, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        reader.execute("CREATE TEMP TABLE a (b int)")
