"""Reports what every loop of this process does into `ledger.loop` and `ledger.failure`, for `podium status`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread
from typing import Any

import structlog
from psycopg import Connection
from psycopg.types.json import Jsonb

from podium import session
from podium.sql import load
from schema.heartbeat import Heartbeat
from schema.lease import process_name
from schema.outage import Outage
from schema.session import REPORTER

LOG = structlog.get_logger("reporter")

EVERY_SECONDS = 1.0
END_SECONDS_MAX = 1.0
GONE_SECONDS = 15.0
"""A process that has not reported for so long is gone, for whoever takes over what failed there."""

RETIRE_SECONDS = 5.0
"""How often it looks for failures of processes that are gone."""

TIDY_SECONDS = 60.0
KEPT_SECONDS = 3600.0


class Reporter:
    """Writes the state of some loops about once a second, in a thread of its own.

    It disturbs no loop: a database that is away is waited for, with a line when it goes, one a minute and one when it
    is back.
    """

    def __init__(self, dsn: str, heartbeats: Sequence[Heartbeat], process: str = "") -> None:
        self.dsn = dsn
        self.heartbeats = heartbeats
        self.process = process or process_name()
        self.outage = Outage("the database for reports", LOG.warning, LOG.info)
        self._connection: Connection[Any] | None = None
        self._tidied = 0.0
        self._mirrored: list[Any] = []
        self._mirrored_at = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Report until left; at the end once more, and the loops are signed off."""
        ending = Event()
        thread = Thread(target=self._keep, args=[ending], name="reporter", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ending.set()
            # One that waits for a database that hangs is left to the end of the process.
            thread.join(END_SECONDS_MAX)

    def _keep(self, ending: Event) -> None:
        while not ending.is_set():
            self.attempt(self.report)
            ending.wait(EVERY_SECONDS)
        if self._connection is not None:
            self.attempt(self.sign_off)
            self._close()

    def attempt(self, work: Callable[[Connection[Any]], None]) -> None:
        """Do something with a connection; whatever is raised is an outage that is told in few lines."""
        try:
            if self._connection is None:
                self._connection = session.connect(self.dsn, REPORTER, autocommit=True)
                self._connection.prepare_threshold = None
                self._mirrored = []  # another database may be in its place
            work(self._connection)
        except Exception as error:
            self.outage.failed("reporter", error)
            self._close()
        else:
            self.outage.over("reporter")

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def report(self, connection: Connection[Any]) -> None:
        """Write the state of every loop, and what they have confined. Raises psycopg errors."""
        now = time.monotonic()
        loops = [_state(heartbeat, now) for heartbeat in self.heartbeats]
        connection.execute(load("report_loops"), {"process": self.process, "loops": Jsonb(loops)})
        self._mirror(connection, loops, now)
        if now - self._tidied > TIDY_SECONDS:
            self._tidied = now
            connection.execute(load("report_tidied"), {"kept": KEPT_SECONDS})

    def _mirror(self, connection: Connection[Any], loops: Sequence[dict[str, Any]], now: float) -> None:
        # Heartbeats replace the mapping when it changes: the same objects hold the same failures.
        seen = [heartbeat.failures for heartbeat in self.heartbeats]
        changed = len(seen) != len(self._mirrored) or any(a is not b for a, b in zip(seen, self._mirrored, strict=True))
        if not changed and now - self._mirrored_at < RETIRE_SECONDS:
            return
        failures = [row for heartbeat in self.heartbeats for row in _failures(heartbeat)]
        parameters = {"process": self.process, "failures": Jsonb(failures), "loops": Jsonb(loops)}
        if failures:
            connection.execute(load("report_failures"), parameters)
        connection.execute(load("report_recovered"), {**parameters, "gone": GONE_SECONDS})
        self._mirrored, self._mirrored_at = seen, now

    def sign_off(self, connection: Connection[Any]) -> None:
        """What failed stays for whoever takes over; the loops of this process are gone. Raises psycopg errors."""
        self.report(connection)
        connection.execute("DELETE FROM ledger.loop WHERE process = %s", [self.process])


def _state(heartbeat: Heartbeat, now: float) -> dict[str, Any]:
    return {
        "name": heartbeat.name,
        "ready": heartbeat.ready,
        "waits_for": _storable(heartbeat.waits_for),
        "turn_age": max(0.0, now - heartbeat.turned),
        "progress_age": max(0.0, now - heartbeat.progressed),
        "done": heartbeat.done,
        "restarts": heartbeat.restarts,
        "error": _storable(heartbeat.error),
        "failed_at": _text(heartbeat.failed_at),
    }


def _failures(heartbeat: Heartbeat) -> Iterator[dict[str, Any]]:
    """Rows of what fails; the heartbeat itself bounds how many subjects there are."""
    for subject, failure in heartbeat.failures.items():
        row = failure._asdict() | {"loop": heartbeat.name, "subject": _storable(subject)}
        yield row | {"since": _text(failure.since), "error": _storable(failure.error)}


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _storable(text: str) -> str:
    """The text without what PostgreSQL cannot store: NUL and lone surrogates."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
