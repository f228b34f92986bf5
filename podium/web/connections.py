"""Connections of the page to the database. What they ask only reads, so it is asked again when one is cut off."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from psycopg import AsyncConnection, OperationalError
from psycopg.errors import AdminShutdown, CannotConnectNow, CrashShutdown
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row

from podium import session
from schema.session import PAGE, SessionRefused

CONNECTIONS_MAX = 6
PATIENCE_SECONDS = 3.0
"""So long a question waits for a connection, and for another one when that is cut off, as by a swap of databases."""
CUTS_PATIENCE = 4
"""So many times as long a question is asked again that is cut off each time by a server that lets us in."""
AGAIN_SECONDS = 0.02
AGAIN_SECONDS_MAX = 0.4

Row = dict[str, Any]

log = logging.getLogger(__name__)


class NoConnection(OperationalError):
    """No connection was to be had in time: all are busy, or the server says nothing."""


class Connections:
    """A few read-only connections, made when they are needed. Lives in one event loop."""

    def __init__(self, dsn: str, patience: float = PATIENCE_SECONDS) -> None:
        self.dsn = dsn
        self.patience = patience
        self._idle: list[AsyncConnection[Row]] = []
        self._turns = asyncio.Semaphore(CONNECTIONS_MAX)
        self._down = False
        self._closed = False

    async def fetch(self, query: bytes, **parameters: Any) -> list[Row]:
        """All rows that a query finds. Raises psycopg.Error, after a few seconds if the database is down."""
        try:
            async with asyncio.timeout(self.patience):
                await self._turns.acquire()
        except TimeoutError:
            raise NoConnection(f"all {CONNECTIONS_MAX} connections are busy") from None
        try:
            return await self._fetch(query, parameters)
        finally:
            self._turns.release()

    async def _fetch(self, query: bytes, parameters: dict[str, Any]) -> list[Row]:
        last = time.monotonic() + CUTS_PATIENCE * self.patience
        while True:
            connection = self._idle.pop() if self._idle else await self._connect(self._late())
            try:
                return await (await connection.execute(query, parameters or None)).fetchall()
            except OperationalError as error:
                # A login was had in time, so the server is there: patience with it begins anew.
                if not _cut_off(connection, error) or time.monotonic() > last:
                    raise
                log.info("asked again over another connection: %s", type(error).__name__)
            finally:
                await self._put_back(connection)

    async def _connect(self, late: float) -> AsyncConnection[Row]:
        """A new connection. While names change, the server lets logins wait, and then turns them away.

        Once it was down for long, and until it is back, nobody is kept waiting for it.
        """
        pause = AGAIN_SECONDS
        while True:
            try:
                async with asyncio.timeout(self.patience):
                    connection = await _connected(self.dsn)
                self._down = False
                return connection
            except TimeoutError:
                self._down = True
                raise NoConnection(f"no login within {self.patience:g} s") from None
            except OperationalError:
                if self._down or time.monotonic() + pause > late:
                    self._down = True
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, AGAIN_SECONDS_MAX)

    def _late(self) -> float:
        return time.monotonic() + self.patience

    async def _put_back(self, connection: AsyncConnection[Row]) -> None:
        """Keep a connection for the next question, unless it was cut off or its answer was not read to the end."""
        if connection.pgconn.transaction_status == TransactionStatus.IDLE and not self._closed:
            self._idle.append(connection)
        else:
            await connection.close()

    async def close(self) -> None:
        """Give all connections back to the server."""
        self._closed = True
        while self._idle:
            await self._idle.pop().close()


def _cut_off(connection: AsyncConnection[Row], error: OperationalError) -> bool:
    """Whether a question failed with its connection, not by itself, as one does that takes too long."""
    return connection.broken or isinstance(error, AdminShutdown | CrashShutdown | CannotConnectNow)


async def _connected(dsn: str) -> AsyncConnection[Row]:
    try:
        return await session.connect_async(dsn, PAGE, dict_row)
    except SessionRefused as why:
        raise NoConnection(why.what) from None
