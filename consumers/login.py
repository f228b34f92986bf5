"""The consumers' session: by its login the triggers tell what comes through the log from what is typed by hand."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import Connection

from schema.session import CONSUMERS, Purpose, opened

ROLE = "podium_consumer"


class AnotherLogin(Exception):
    """The connection string is of a login for whose rows the triggers would make up times and states."""


def connect(dsn: str, purpose: Purpose = CONSUMERS) -> Connection[Any]:
    """A session of the consumers' role in autocommit; an administrator's takes the role on and has no other rights.

    Raises AnotherLogin for everybody else's, SessionRefused, psycopg.OperationalError.
    """
    connection: Connection[Any] = opened(psycopg, dsn, purpose)
    row = connection.execute("SELECT session_user, current_setting('is_superuser')::boolean").fetchone()
    assert row is not None
    login, administers = row
    if login != ROLE and administers:
        connection.execute(f"SET SESSION AUTHORIZATION {ROLE}".encode())
    elif login != ROLE:
        connection.close()
        raise AnotherLogin(f"the consumers would log in as {login}, but the triggers know them as {ROLE}")
    return connection
