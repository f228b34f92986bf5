"""How long a transaction may take and how many records it may hold: after one that took too long, more time for fewer.

One record may make millions of rows, as a job makes tasks: that is work, and not a consumer that hangs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from consumers.offset import Held, Partition

LOG = structlog.get_logger("consumers")

SECONDS = 20
"""For so long one that hangs keeps its partitions from the others."""
SECONDS_MAX = 4 * 3600
TIME_FACTOR = 4
RECORDS_FACTOR = 8

CUT_OFF = (psycopg.OperationalError, psycopg.errors.TransactionTimeout)
"""What a statement raises whose session has ended."""


class Patience:
    """The limits of one consumer, wider until what took too long is through; `seconds` 0: a transaction has none."""

    def __init__(self, records: int, seconds: int = SECONDS) -> None:
        self.seconds = self._usual_seconds = seconds
        self.records = self._usual_records = records
        self._said: tuple[Connection[Any] | None, int] = None, 0
        self._owed: dict[Partition, int] = {}
        self._widened_at = 0.0

    @property
    def extra_seconds(self) -> int:
        """By how much a transaction may take longer than usual."""
        return self.seconds - self._usual_seconds

    def tell(self, connection: Connection[Any]) -> None:
        """Let the session keep the limit."""
        if self.seconds and self._said != (connection, self.seconds):
            connection.execute(f"SET transaction_timeout = '{self.seconds}s'".encode())
            self._said = connection, self.seconds

    @contextmanager
    def tried(
        self, connection: Connection[Any], ends: Mapping[Partition, int], held: Mapping[Partition, Held]
    ) -> Iterator[None]:
        """Around the writing of a batch that reaches up to `ends`."""
        self.tell(connection)
        began = time.monotonic()
        try:
            yield
        except CUT_OFF:
            if self.seconds and time.monotonic() - began >= self.seconds:
                self._widen(ends)
            raise
        self._narrow(held)

    def _widen(self, ends: Mapping[Partition, int]) -> None:
        self.seconds = min(self.seconds * TIME_FACTOR, SECONDS_MAX)
        self.records = max(self.records // RECORDS_FACTOR, 1)
        self._owed |= ends
        self._widened_at = time.monotonic()
        LOG.warning("too long for one transaction", next_seconds_max=self.seconds, next_records_max=self.records)

    def _narrow(self, held: Mapping[Partition, Held]) -> None:
        """As usual again, once that batch is through, and what is released beside batches has had its turn too."""
        if not self.extra_seconds or time.monotonic() - self._widened_at < self.seconds:
            return
        if all(held[place].position >= end for place, end in self._owed.items() if place in held):
            self.seconds, self.records, self._owed = self._usual_seconds, self._usual_records, {}
