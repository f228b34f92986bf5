"""What operators asked for: dead letters tried again or closed, parked events given up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import Connection

from consumers.dead import decode_headers
from consumers.offset import Partition
from consumers.record import Letter, Raw
from consumers.sql import load
from schema.admission import APPENDED
from schema.limits import BATCH_BYTES_MAX

SLICE_RECORDS = 1_000
"""Records that operations are carried out on in one transaction."""

LOOK_SECONDS = 1.0


@dataclass
class Asked:
    """A slice of what is to be done."""

    redriven: list[Raw] = field(default_factory=list)
    lost: list[Letter] = field(default_factory=list)
    """Letters of which only a beginning is kept, and whose record is gone from the log: they stay dead."""
    dropped: list[Raw] = field(default_factory=list)
    dropped_at: list[datetime] = field(default_factory=list)
    expired: list[Letter] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.redriven or self.lost or self.dropped or self.expired)


def given_up(raw: Raw, by: str = "", why: str = "") -> Letter:
    """The letter for an event that an operator no longer waits with."""
    asked = f" by {by}: {why}" if by else ""
    message = f"it waited for what it refers to and was given up{asked}; publish it again if what it needs is there"
    return Letter(raw, "expired", message)


def unreadable(raw: Raw, reason: str) -> Letter:
    """The letter for a record that cannot be tried again, since the log no longer has all of it."""
    message = (
        "it was redriven in vain: only its beginning is kept here, and the log no longer has the record; publish the "
        "event again"
    )
    return Letter(raw, reason, message)


Reread = Callable[[Raw], Raw | None]
"""The whole record behind a truncated one, from the log; None if it is gone. Raises KafkaException."""


class Operations:
    """Looks for operations on records of the partitions that this process holds; `reread` fetches large ones anew."""

    def __init__(self, reread: Reread) -> None:
        self._reread = reread
        self.withdrawn: dict[Partition, set[int]] = {}
        """Places that were given up: where the log is read again, they never land."""
        self._done = -1
        self._due = 0.0

    def adopt(self, connection: Connection[Any], partitions: Iterable[Partition]) -> None:
        """Learn what was given up in partitions that became ours, and look through all operations again."""
        mine = sorted(partitions)
        for topic, partition, offset in connection.execute(load("given_up"), _columns(mine)):
            self.withdrawn.setdefault((topic, partition), set()).add(offset)
        self._done, self._due = -1, 0.0

    def release(self, partitions: Iterable[Partition]) -> None:
        """Forget partitions that were taken from us."""
        for partition in partitions:
            self.withdrawn.pop(partition, None)

    def is_due(self, now: float) -> bool:
        """Whether it is time to look. `now` is a monotonic clock, in seconds."""
        return now >= self._due

    def asked(self, connection: Connection[Any], held: Iterable[Partition], now: float) -> Asked:
        """A slice of what is to be done in our partitions; empty when all is. Raises KafkaException."""
        self._due = now + LOOK_SECONDS
        newest = connection.execute("SELECT coalesce(max(place_offset), -1) FROM ledger.operation").fetchone()
        assert newest is not None
        found = Asked()
        if newest[0] == self._done:
            return found
        given = (self._done, *_columns(sorted(held)), SLICE_RECORDS, BATCH_BYTES_MAX)
        rows = connection.execute(load("asked"), given).fetchall()
        for verb, operation, by, why, asked_at, *place_and_content, reason in rows:
            raw = _raw(place_and_content, None if verb == "expire" else operation)
            match verb:
                case "redrive":
                    self._redrive(found, raw, reason)
                case "drop":
                    found.dropped.append(raw)
                    found.dropped_at.append(asked_at)
                case "expire":
                    found.expired.append(given_up(raw, by, why))
        if rows:
            self._due = now
        else:
            self._done = newest[0]
        return found

    def _redrive(self, found: Asked, raw: Raw, reason: str) -> None:
        whole = self._reread(raw) if raw.truncated else raw
        if whole is None:
            found.lost.append(unreadable(raw, reason))
        else:
            found.redriven.append(whole)


def _columns(partitions: list[Partition]) -> tuple[list[str], list[int]]:
    return [topic for topic, _ in partitions], [partition for _, partition in partitions]


def _raw(columns: list[Any], redriven: int | None) -> Raw:
    topic, partition, offset, appended, key, value, headers, truncated = columns
    # One that the broker did not stamp stays dead: nobody can tell when it came.
    milliseconds, stamp = (-1, 0) if appended is None else (round(appended.timestamp() * 1000), APPENDED)
    return Raw(
        topic, partition, offset, milliseconds, key, value, decode_headers(headers), None, redriven is None, redriven,
        stamp, truncated,
    )  # fmt: skip
