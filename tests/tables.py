"""What the tables hold, without bookkeeping: two databases that tell the same story give equal contents."""

from __future__ import annotations

from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import Column, Float, Numeric

from schema.declare import Domain
from schema.logged import logged

Contents = dict[str, list[tuple[Any, ...]]]


def contents(connection: Connection[Any], domain: Domain) -> Contents:
    """Rows of every table of a domain, as text, sorted."""
    found: Contents = {}
    for table in domain.tables:
        names = logged(domain, table)
        query = SQL("SELECT {} FROM {}").format(
            SQL(", ").join(_text(table.c[name]) for name in names),
            Identifier(table.schema or "public", table.name),
        )
        found[table.name] = sorted(connection.execute(query).fetchall(), key=repr)
    return found


def _text(column: Column[Any]) -> Composed:
    """Its value as text; of equal numerics the same one, whatever they were added up from."""
    exact = isinstance(column.type, Numeric) and not isinstance(column.type, Float)
    return SQL("trim_scale({})::text" if exact else "{}::text").format(Identifier(column.name))


def empty(connection: Connection[Any], domain: Domain) -> None:
    """Take everything out of a domain's tables and the ledger."""
    tables = [Identifier(table.schema or "public", table.name) for table in domain.tables]
    ledger = [Identifier("ledger", name) for name in ("offset", "parked", "dead", "snapshot")]
    connection.execute(SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(SQL(", ").join([*tables, *ledger])))
