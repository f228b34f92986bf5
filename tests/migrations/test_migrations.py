"""The migrations make what the declarations say, and take it away again without a trace."""

import ast
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from migrations.generate import VERSIONS, chosen, latest, write
from podium import database
from schema import DOMAINS, LEDGER
from schema.ddl import drop, render, render_all
from tests.migrations import catalog

Blank = Callable[[], str]
ROOT = VERSIONS.parents[1]


def _execute(dsn: str, text: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(text.encode())


def test_migrated_equals_declared(blank: Blank) -> None:
    declared, migrated = blank(), blank()
    _execute(declared, render_all((LEDGER, *DOMAINS)))
    database.upgrade(migrated)
    assert catalog.read(migrated) == catalog.read(declared)


def test_dump_in_the_tree_is_what_the_migrations_make(blank: Blank) -> None:
    migrated = blank()
    database.upgrade(migrated)
    assert catalog.dump(catalog.read(migrated)) == catalog.COMMITTED.read_text(encoding="utf-8")


def test_down_then_up_leaves_the_same_catalog(blank: Blank) -> None:
    dsn = blank()
    database.upgrade(dsn)
    before = catalog.read(dsn)
    database.downgrade(dsn, "base")
    assert catalog.read(dsn) == []
    assert database.migrations(dsn).current is None
    database.upgrade(dsn)
    assert catalog.read(dsn) == before
    assert database.migrations(dsn).pending == ()


def test_every_migration_goes_down_and_up(blank: Blank) -> None:
    dsn = blank()
    revisions = sorted(path.name[:4] for path in VERSIONS.glob("[0-9]*_*.py"))
    before = "base"
    for revision in revisions:
        database.upgrade(dsn, revision)
        there = catalog.read(dsn)
        database.downgrade(dsn, before)
        database.upgrade(dsn, revision)
        assert catalog.read(dsn) == there
        before = revision


@pytest.mark.parametrize("module", sorted(VERSIONS.glob("*.py")), ids=lambda path: path.stem)
def test_migrations_are_frozen(module: Path) -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module))
    assert {name.split(".")[0] for name in imported} <= {"alembic", "collections", "pathlib", "sqlalchemy"}


def test_a_domain_can_be_dropped_and_made_again(blank: Blank) -> None:
    dsn = blank()
    _execute(dsn, render_all((LEDGER, *DOMAINS)))
    before = catalog.read(dsn)
    for domain in DOMAINS:
        _execute(dsn, drop(domain) + render(domain))
    assert catalog.read(dsn) == before


def test_the_generator_numbers_and_freezes(tmp_path: Path) -> None:
    first = write("The ledger, and all", chosen(None), tmp_path)
    second = write("Once more", chosen(DOMAINS[0].name), tmp_path)
    assert [first.name, second.name] == ["0001_the_ledger_and_all.py", "0002_once_more.py"]
    assert latest(tmp_path) == "0002"
    assert 'down_revision: str | None = "0001"' in second.read_text(encoding="utf-8")
    assert second.with_suffix(".up.sql").read_text(encoding="utf-8") == render(DOMAINS[0])
    assert second.with_suffix(".down.sql").read_text(encoding="utf-8") == drop(DOMAINS[0])


def test_the_generator_names_the_domains_there_are() -> None:
    with pytest.raises(SystemExit, match="there are"):
        chosen("no such domain")


def test_a_cluster_without_the_roles_is_told_of_before_anything_is_made(administrator: str) -> None:
    with psycopg.connect(administrator) as connection:
        connection.execute("ALTER ROLE podium_reader RENAME TO podium_reader_away")
        with pytest.raises(database.RolesMissing, match="has no role podium_reader") as refused:
            database.check_roles(connection)
        assert "podium db roles" in refused.value.remedy
        connection.rollback()


def test_two_upgrades_at_once_are_one(blank: Blank) -> None:
    dsn = blank()
    upgrade = "import os; from podium import database; database.upgrade(os.environ['DSN'])"
    command, environment = [sys.executable, "-c", upgrade], {**os.environ, "DSN": dsn}
    runners = [subprocess.Popen(command, env=environment, cwd=ROOT) for _ in range(2)]
    assert [runner.wait(timeout=60) for runner in runners] == [0, 0]
    assert database.migrations(dsn).pending == ()


def test_a_failed_migration_leaves_nothing(blank: Blank) -> None:
    dsn = blank()
    _execute(dsn, "CREATE SCHEMA evaluation")
    with pytest.raises(Exception, match="already exists"):
        database.upgrade(dsn)
    assert [entry.name for entry in catalog.read(dsn)] == ["evaluation"]
