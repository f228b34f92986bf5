"""A record of the log on its way to a table, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from schema.admission import APPENDED, is_stamped
from schema.declare import EventType
from schema.envelope import time_of

Header = tuple[str, bytes | None]

Delivered = Any
"""A confluent_kafka.Message; its types allow for None where a delivered record always has a value."""


class Raw(msgspec.Struct, gc=False):
    """One record as read: its place, append time in milliseconds, and original bytes."""

    topic: str
    partition: int
    offset: int
    append_ms: int
    key: bytes | None
    value: bytes | None
    headers: list[Header]
    leader_epoch: int | None = None
    was_parked: bool = False
    redriven: int | None = None
    """Of a dead letter that is tried again: offset of the operation that asks for it."""
    stamp: int = APPENDED
    """Kind of its time stamp."""
    truncated: bool = False
    """Whether key, value or headers are only a beginning, as the ledger keeps it of a dead letter that is large."""

    @property
    def is_new(self) -> bool:
        """Whether it comes from the log, not from the ledger."""
        return not self.was_parked and self.redriven is None

    @property
    def appended(self) -> datetime | None:
        """Append time; None if the broker did not stamp the record when it appended it."""
        return time_of(self.append_ms) if is_stamped((self.stamp, self.append_ms)) else None


class Decoded(msgspec.Struct, eq=False, gc=False):
    """A record whose value is an event."""

    raw: Raw
    event: EventType
    e: Any

    @property
    def subject(self) -> tuple[Any, ...]:
        """Values by which it is ordered: later records of the same subject never overtake earlier ones."""
        return tuple(getattr(self.e.data, name) for name in self.event.order_by)


@dataclass(slots=True, eq=False)
class Waiting:
    """A record that refers to a row that is not there: parked until it is."""

    record: Decoded
    parent_table: str
    parent_key: dict[str, Any]


@dataclass(slots=True, eq=False)
class Letter:
    """A dead record: why, and what to do about it."""

    raw: Raw
    reason: str
    message: str
    type: str | None = None
    sqlstate: str | None = None


class Outcome:
    """What a batch has come to so far; every record not named here was applied."""

    def __init__(self, undeclared: bool = False) -> None:
        self.undeclared = undeclared
        """Whether a reference that fails is one that no declaration names: all those were looked up, and are there."""
        self.letters: list[Letter] = []
        self.waiting: list[Waiting] = []
        self.landed: dict[str, set[tuple[Any, ...]]] = {}
        """Table -> keys of rows that are known to be there once this batch is committed."""
