"""Sessions of PostgreSQL as the command line, the page and rebuilds use them: pinned, whatever others set."""

from __future__ import annotations

from typing import Any, TypeVar, overload

import psycopg
from psycopg import AsyncConnection, Connection
from psycopg.rows import AsyncRowFactory, RowFactory, TupleRow

from schema import session
from schema.session import COMMAND, Purpose

Row = TypeVar("Row")


@overload
def connect(dsn: str, purpose: Purpose = COMMAND, *, autocommit: bool = False) -> Connection[TupleRow]: ...
@overload
def connect(
    dsn: str, purpose: Purpose = COMMAND, *, autocommit: bool = False, row_factory: RowFactory[Row]
) -> Connection[Row]: ...
def connect(
    dsn: str,
    purpose: Purpose = COMMAND,
    *,
    autocommit: bool = False,
    row_factory: RowFactory[Any] | None = None,
) -> Connection[Any]:
    """A session with every setting pinned. Raises SessionRefused, psycopg.OperationalError."""
    connection: Connection[Any] = session.opened(psycopg, dsn, purpose)
    connection.autocommit = autocommit
    if row_factory is not None:
        connection.row_factory = row_factory
    return connection


async def connect_async(dsn: str, purpose: Purpose, row_factory: AsyncRowFactory[Row]) -> AsyncConnection[Row]:
    """The same in an event loop, in autocommit. Raises SessionRefused, psycopg.OperationalError."""
    parameters: dict[str, Any] = session.parameters(psycopg, dsn, purpose)
    connection: AsyncConnection[Any] = await AsyncConnection.connect(**parameters, autocommit=True)
    try:
        session.check_server(connection.info.server_version, connection.info.parameter_status("server_encoding"))
        for attempt in range(session.TRIES):
            try:
                cursor = await connection.execute(session.statements(purpose))
                break
            except psycopg.errors.QueryCanceled:
                if attempt == session.TRIES - 1:
                    raise
        while cursor.nextset():
            pass
        session.check_facts(*await cursor.fetchone() or ())
    except BaseException:
        await connection.close()
        raise
    connection.row_factory = row_factory
    return connection
