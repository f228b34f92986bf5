"""Which servers and tables this version of Podium works with: looked at before anything starts, told in a line."""

from __future__ import annotations

import re
from importlib.resources import files
from threading import Thread
from typing import Any

import psycopg
from psycopg import Connection

from podium import session
from podium.errors import Problem
from schema.session import READING, SessionRefused

REVISION = re.compile(r"^(\d{4})_\w+\.py$")
TRIES = 3
REFUSALS = (
    "password authentication failed", "no password supplied", "no pg_hba.conf entry", "SASL authentication failed",
    "permission denied for database", "is not permitted to log in", "authentication failed for user",
)  # fmt: skip
"""What libpq passes on when a server will not let somebody in; it tells no code."""
POOLER_SECONDS_MAX = 5.0
"""For so long a pooler may keep a second session waiting: one that has no more of them keeps sessions apart."""


class ServerRefused(Problem):
    """The server, the database or its connection string is none that Podium can work with."""

    code = "PD006"
    exit_code = 2


class TablesOfAnotherVersion(Problem):
    """The tables are older or newer than this version of Podium, or not known to it."""

    code = "PD007"
    exit_code = 1


class NotMigrated(Problem):
    """The database has no tables of Podium yet."""

    code = "PD063"


def refused(why: SessionRefused) -> ServerRefused:
    """What a session was refused for, for a person."""
    return ServerRefused(f"PostgreSQL: {why.what}", why.remedy)


def check(dsn: str) -> None:
    """Look at server, pooler and tables over one session, any role's.

    Raises ServerRefused, NotMigrated, TablesOfAnotherVersion, psycopg.OperationalError where nobody answers.
    """
    try:
        connection = session.connect(dsn, READING, autocommit=True)
    except SessionRefused as why:
        raise refused(why) from None
    with connection:
        check_pooler(connection, dsn)
        check_tables(revision(connection))


def check_unless_away(dsn: str) -> None:
    """The same where a database that does not answer is waited for later. A login that it refuses is no such one."""
    try:
        check(dsn)
    except psycopg.OperationalError as error:
        if login_refused(error):
            raise


def login_refused(error: psycopg.Error) -> bool:
    """Whether the server answered and would not have this login: waiting does not mend it."""
    told = str(error)
    return isinstance(error, psycopg.errors.InvalidAuthorizationSpecification) or any(
        words in told for words in REFUSALS
    )


def revisions() -> tuple[str, ...]:
    """The migrations of this version, in their order."""
    found = (REVISION.match(path.name) for path in files("migrations").joinpath("versions").iterdir())
    return tuple(sorted(match[1] for match in found if match))


def revision(connection: Connection[Any]) -> str | None:
    """The newest migration that a database has; None: it has none."""
    row = connection.execute("SELECT to_regclass('public.alembic_version')").fetchone()
    if row is None or row[0] is None:
        return None
    row = connection.execute("SELECT max(version_num) FROM public.alembic_version").fetchone()
    return row[0] if row else None


def check_tables(current: str | None) -> None:
    """Raise NotMigrated or TablesOfAnotherVersion unless `current` is the newest migration of this version."""
    known = revisions()
    newest = known[-1]
    if current == newest:
        return
    if current is None:
        raise NotMigrated("the database has no tables of Podium yet", "Make them: podium db upgrade")
    if current in known:
        raise TablesOfAnotherVersion(
            f"the tables are of migration {current}, this version of Podium needs {newest}",
            "Bring them up: podium db upgrade",
        )
    raise TablesOfAnotherVersion(
        f"the tables are of migration {current}, which this version of Podium ({known[0]} to {newest}) does not know",
        "Run the version of Podium that made them, or take them back with it: podium db downgrade " + newest,
    )


def check_pooler(connection: Connection[Any], dsn: str) -> None:
    """Raise ServerRefused if sessions are shared: what one pins, locks or prepares would be another's.

    A server tells its own process number at login and in SQL alike; a pooler tells the client one that it made up.
    """
    process = _process(connection)
    if process == connection.info.backend_pid:
        return
    for _ in range(TRIES):
        if _other_process(dsn) == process or _process(connection) != process:
            raise ServerRefused(
                "PostgreSQL is behind a pooler that gives a session's connection to others between transactions",
                "Set the pooler to session mode (PgBouncer: pool_mode = session), or name the server itself.",
            )


def _process(connection: Connection[Any]) -> int:
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    assert row is not None
    return int(row[0])


def _other_process(dsn: str) -> int | None:
    """The server's process of a second session; None if it is kept waiting."""
    found: list[int] = []

    def ask() -> None:
        try:
            with session.connect(dsn, READING, autocommit=True) as second:
                found.append(_process(second))
        except psycopg.OperationalError:
            return

    asking = Thread(target=ask, daemon=True)
    asking.start()
    asking.join(POOLER_SECONDS_MAX)
    return found[0] if found else None
