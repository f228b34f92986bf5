"""Roles and database of a cluster, made as often as one likes with the same outcome."""

from collections.abc import Mapping
from importlib.resources import files

import psycopg
from psycopg import sql

from podium.settings import DATABASE, ROLES, rolname

ADVISORY_LOCK = 0x706F6469756D  # "podium"


def statements() -> str:
    """What an administrator runs once in a cluster of one's own."""
    return files(__package__).joinpath("roles.sql").read_text()


def ensure(connection: psycopg.Connection, passwords: Mapping[str, str], database: str = DATABASE) -> None:
    """Make what is missing of roles and database. Needs an administrator's autocommit connection.

    `passwords` by role name. Sent as SCRAM verifiers, so that no log of the server ever holds one.
    """
    # The statement of one who was killed may still be running.
    connection.execute("SELECT pg_advisory_lock(%s)", (ADVISORY_LOCK,))
    if _complete(connection, database):
        return
    connection.execute(statements())
    for role in ROLES:
        name = rolname(role)
        verifier = connection.pgconn.encrypt_password(passwords[name].encode(), name.encode(), b"scram-sha-256")
        connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(verifier.decode()))
        )
    if not connection.execute("SELECT FROM pg_database WHERE datname = %s", (database,)).rowcount:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(rolname("owner")))
        )


def _complete(connection: psycopg.Connection, database: str) -> bool:
    """The database is made last, so it stands for everything before it."""
    there = connection.execute("SELECT FROM pg_database WHERE datname = %s", (database,)).rowcount
    known = connection.execute("SELECT FROM pg_roles WHERE rolname = ANY(%s)", ([*map(rolname, ROLES)],)).rowcount
    return bool(there) and known == len(ROLES)
