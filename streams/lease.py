"""Leases: which process does a duty is a row of `ledger.lease`, with an end by the server's clock and a fencing token.

Every statement stands alone, so leases work behind a pooler that gives each transaction another session.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from threading import Event, Lock, Thread
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection

from schema.heartbeat import Heartbeat
from schema.lease import LeaseLost, host_name, process_name
from schema.outage import Outage
from schema.session import LEASES, opened
from streams.log import LOG
from streams.sql import load

TTL_SECONDS = 10.0
RENEW_SECONDS = 2.0
MARGIN_SECONDS = 2.0
"""A holder that could not renew stops so long before its lease may be another's."""

RETRY_SECONDS = 0.5
RELEASE_SECONDS_MAX = 2.0
CALL_SECONDS_MAX = 30.0


class Seen(NamedTuple):
    """Who has a lease."""

    holder: str
    token: int
    taken_at: datetime
    is_free: bool

    @property
    def told(self) -> str:
        """For whoever waits for it."""
        return f"held by {self.holder} since {self.taken_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


class TableLease:
    """A lease that this process has; renewed by the thread of its Leases."""

    def __init__(self, leases: Leases, name: str, token: int, valid_until: float) -> None:
        self.name = name
        self.token = token
        self.valid_until = valid_until
        """Monotonic time by which it must be renewed, or this process stops acting on it."""
        self.taken = False
        """Whether another process has taken it."""
        self._leases = leases

    def check(self) -> None:
        """Raises LeaseLost once it is not certain that the lease is ours."""
        if self.taken:
            raise LeaseLost(f"{self.name}: another process has taken it")
        if time.monotonic() > self.valid_until:
            raise LeaseLost(f"{self.name}: it could not be renewed in time")

    def confirm(self) -> None:
        """Renew it now. Raises LeaseLost and psycopg errors."""
        self._leases.renew()
        self.check()


class Leases:
    """The leases of one process in one database, renewed together every RENEW_SECONDS while it has any."""

    def __init__(self, dsn: str, ttl_seconds: float = TTL_SECONDS) -> None:
        self.dsn = dsn
        self.ttl_seconds = ttl_seconds
        self.holder = process_name()
        self._outage = Outage("the database for leases", LOG.warning, LOG.info)
        self._lock = Lock()
        self._renewing = Lock()
        self._held: dict[int, TableLease] = {}
        self._thread: Thread | None = None
        self._connection: Connection[Any] | None = None

    @contextmanager
    def hold(self, names: str | Sequence[str], stop: Event, heartbeat: Heartbeat) -> Iterator[TableLease | None]:
        """Hold the first free lease of these; waits for one, and yields None when told to stop meanwhile.

        While it waits the heartbeat says who has it. Raises psycopg errors.
        """
        wanted = [names] if isinstance(names, str) else names
        lease = self._wait(wanted, stop, heartbeat)
        if lease is None:
            yield None
            return
        try:
            yield lease
        finally:
            self._forget(lease)

    def _wait(self, names: Sequence[str], stop: Event, heartbeat: Heartbeat) -> TableLease | None:
        with heartbeat.within("connect for a lease", CALL_SECONDS_MAX):
            connection = self._connect()
        with connection:
            while not stop.is_set():
                for name in names:
                    with heartbeat.within(f"take {name}", CALL_SECONDS_MAX):
                        found = self.take(connection, name)
                    if isinstance(found, TableLease):
                        return found
                    heartbeat.record_standby(found.told)
                stop.wait(RETRY_SECONDS)
        return None

    def _connect(self) -> Connection[Any]:
        connection: Connection[Any] = opened(psycopg, self.dsn, LEASES)
        connection.prepare_threshold = None  # a pooler may give each statement another session
        return connection

    def take(self, connection: Connection[Any], name: str) -> TableLease | Seen:
        """The lease if it was to be had, else who has it. Raises psycopg errors."""
        asked = time.monotonic()
        row = connection.execute(load("lease_seen"), {"name": name}).fetchone()
        seen = None if row is None else Seen(*row)
        is_gone = seen is not None and _is_gone(seen.holder)
        if seen is not None and not seen.is_free and not is_gone:
            return seen
        terms = {"name": name, "holder": self.holder, "seconds": self.ttl_seconds}
        gone = seen.token if seen is not None and is_gone else None
        row = connection.execute(load("lease_take"), {**terms, "gone": gone}).fetchone()
        if row is None:  # another was quicker
            return Seen(*connection.execute(load("lease_seen"), {"name": name}).fetchone() or ())
        lease = TableLease(self, name, row[0], asked + self.ttl_seconds - MARGIN_SECONDS)
        with self._lock:
            self._held[lease.token] = lease
            if self._thread is None:
                self._thread = Thread(target=self._keep, name="leases", daemon=True)
                self._thread.start()
        return lease

    def _forget(self, lease: TableLease) -> None:
        """Release it; one that can't be released runs out by itself."""
        with self._lock:
            self._held.pop(lease.token, None)
        # A renewal under way would bring it back.
        if not self._renewing.acquire(timeout=RELEASE_SECONDS_MAX):
            return
        try:
            with self._connect() as connection:
                connection.execute(load("lease_release"), {"name": lease.name, "token": lease.token})
        except psycopg.Error as error:
            LOG.debug("not released; it runs out by itself", lease=lease.name, error=str(error).partition("\n")[0])
        finally:
            self._renewing.release()

    def _keep(self) -> None:
        """Renew until there is nothing to renew."""
        pause = Event()
        while True:
            pause.wait(RENEW_SECONDS)
            with self._lock:
                if not self._held:
                    self._thread = None
                    break
            try:
                self.renew()
            except Exception as error:
                self._outage.failed("leases", error)
            else:
                self._outage.over("leases")
        with self._renewing:
            self._close()

    def renew(self) -> None:
        """Renew every lease that this process has; those that were taken are marked so. Raises psycopg errors."""
        with self._renewing:
            with self._lock:
                held = list(self._held.values())
            if not held:
                return
            terms = {"names": [lease.name for lease in held], "tokens": [lease.token for lease in held]}
            asked = time.monotonic()
            try:
                self._connection = self._connection or self._connect()
                rows = self._connection.execute(load("lease_renew"), {**terms, "seconds": self.ttl_seconds}).fetchall()
            except BaseException:
                self._close()
                raise
        renewed = {token for (token,) in rows}
        for lease in held:
            lease.taken = lease.token not in renewed
            lease.valid_until = asked + self.ttl_seconds - MARGIN_SECONDS

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _is_gone(holder: str) -> bool:
    """Whether a holder was a process of this host and is no more: then nobody need wait for its lease to run out."""
    host, _, pid = holder.rpartition(":")
    if host != host_name() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


@cache
def leases(dsn: str) -> Leases:
    """The leases of this process in a database: all duties share one session."""
    return Leases(dsn)
