"""Password hashes: set by hand, kept by everything else, seen by nobody who need not."""

from __future__ import annotations

import json

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from podium.settings import Role, Settings
from schema.contract import asyncapi
from schema.seismic import DOMAIN
from tests.consumers.worker import Worker
from tests.seismic.lines import ANA, line, people

HASH = "$argon2id$v=19$m=65536$c2VjcmV0"


@pytest.fixture
def account(worker: Worker, db: psycopg.Connection) -> None:
    """With a password that was set by hand."""
    worker.log.extend(people())
    worker.finish()
    db.execute("UPDATE seismic.users SET password_hash = %s WHERE email = %s", [HASH, ANA])


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(("role", "seen"), [("reader", "id, role"), ("stream", "email"), ("consumer", "email")])
def test_who_need_not_does_not_read_them(database: Settings, role: Role, seen: str) -> None:
    with psycopg.connect(database.postgres.dsn(role), autocommit=True) as connection:
        assert connection.execute(f"SELECT {seen} FROM seismic.users".encode()).fetchall()
        for query in ("SELECT password_hash FROM seismic.users", "SELECT * FROM seismic.users", "TABLE seismic.users"):
            with pytest.raises(InsufficientPrivilege):
                connection.execute(query.encode())


@pytest.mark.usefixtures("account")
def test_no_event_touches_them(worker: Worker, db: psycopg.Connection) -> None:
    worker.log.extend([*people(), line("user.role_changed", 9, email=ANA, role="admin")])
    worker.finish()
    found = db.execute("SELECT role, password_hash FROM seismic.users WHERE email = %s", [ANA]).fetchall()
    assert found == [("admin", HASH)]


def test_no_event_speaks_of_them() -> None:
    published = json.dumps(asyncapi([DOMAIN], "1"))
    assert "password" not in published.replace("a password never travels", "")
    for field in DOMAIN.folder.glob("**/*.json*"):
        assert "argon" not in field.read_text(encoding="utf-8")
    assert all("password" not in name for event in DOMAIN.events for name in event.columns)
    queries = [path.read_text(encoding="utf-8") for path in DOMAIN.folder.glob("*.sql")]
    assert all("password_hash" not in query for query in queries)


@pytest.mark.usefixtures("account")
def test_a_refusal_does_not_repeat_them(db: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation) as refused:
        db.execute("INSERT INTO seismic.users (email, password_hash) VALUES (%s, %s)", [ANA, HASH])
    assert HASH not in str(refused.value)
    assert HASH not in json.dumps(db.execute("SELECT to_json(o) FROM ledger.outside_write o").fetchall())
