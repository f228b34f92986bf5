"""Merge policies: which of several events sets columns of a row, in whatever order they arrive."""

from __future__ import annotations

from dataclasses import dataclass

from schema.lifecycle import Lifecycle

LATEST = ("latest_time", "latest_id", "latest_digest")
"""Columns that hold the version of a register: event time, event id, digest of the data."""


@dataclass(frozen=True)
class Latest:
    """A register: the greatest (time, id, digest of the data) wins, in any order of arrival."""

    columns: tuple[str, ...]
    version: tuple[str, str, str] = LATEST


@dataclass(frozen=True)
class Furthest:
    """A life cycle: the greatest (epoch, attempt, rank of the state) wins; of equals the first in the partition.

    `moves` are the columns that the winning event sets beside the status. An event that brings something final may
    leave epoch and attempt out: it ends whichever is at work.
    """

    lifecycle: Lifecycle
    state: str
    status: str
    epoch: str | None = None
    attempt: str | None = None
    moves: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[str, ...]:
        """The columns that come before the rank: epoch, attempt, as far as declared."""
        return tuple(name for name in (self.epoch, self.attempt) if name)


@dataclass(frozen=True)
class Greatest:
    """A column that only grows, among events whose `within` columns equal the row's; `moves` go with it.

    A column that the landing's `time` names grows by the event's time. `after` are columns that are compared before
    it and set with it: a later attempt counts from its start.
    """

    column: str
    within: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[str, ...]:
        """The columns that are compared."""
        return (*self.after, self.column)


Merge = Latest | Furthest | Greatest
