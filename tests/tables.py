"""What the tables hold, without bookkeeping: two databases that tell the same story give equal contents."""

from __future__ import annotations

from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from schema.declare import Domain
from schema.logged import logged

Contents = dict[str, list[tuple[Any, ...]]]


def contents(connection: Connection[Any], domain: Domain) -> Contents:
    """Rows of every table of a domain, as text, sorted."""
    found: Contents = {}
    for table in domain.tables:
        names = logged(domain, table)
        query = SQL("SELECT {} FROM {}").format(
            SQL(", ").join(SQL("{}::text").format(Identifier(name)) for name in names),
            Identifier(table.schema or "public", table.name),
        )
        found[table.name] = sorted(connection.execute(query).fetchall(), key=repr)
    return found


def empty(connection: Connection[Any], domain: Domain) -> None:
    """Take everything out of a domain's tables and the ledger."""
    tables = [Identifier(table.schema or "public", table.name) for table in domain.tables]
    ledger = [Identifier("ledger", name) for name in ("offset", "parked", "dead", "snapshot")]
    connection.execute(SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(SQL(", ").join([*tables, *ledger])))
