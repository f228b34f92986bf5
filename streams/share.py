"""What a fold remembers of its partitions: open keys, broken ones, and the note beside a committed position."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from schema.decisions import Fold, Key

FINGERPRINT_BYTES = 12

_encode = msgspec.json.Encoder().encode


class Broken(NamedTuple):
    """A key whose fold raised: it takes no more events in this life of the process."""

    first: int
    """The offset to read its events from, to try it again."""
    error: str
    offset: int
    """Of the record at which it raised."""


class Open:
    """The fold of one key on its way."""

    __slots__ = ("first", "fold", "seen")

    def __init__(self, first: int, fold: Fold | None) -> None:
        self.first = first
        """An offset that none of its events is before."""
        self.fold = fold
        """None: what begins it is not known yet, and its events will be read again."""
        self.seen: set[bytes] = set()
        """The natural keys that were taken, long ones as digests."""


class Share:
    """What is known of one partition after the records before `position`."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.target = position
        """Up to where it is to be recalled."""
        self.open: dict[Key, Open] = {}
        self.decided: set[Key] = set()
        """Keys that ended here, as the log will tell when this is committed."""
        self.waiting: set[Key] = set()
        """Open keys whose beginning is not known yet."""
        self.broken: dict[Key, Broken] = {}

    @property
    def oldest(self) -> int:
        """From where this can be recalled."""
        return min((one.first for one in self.open.values()), default=self.position)


class Note(NamedTuple):
    """What a worker leaves beside a committed position, for whoever has the partition next."""

    oldest: int
    """From here the open keys are recalled."""
    retry: int | None = None
    """From here the broken keys are, too; None: there are none."""
    fingerprint: str = ""
    """Of the broken keys."""

    def __str__(self) -> str:
        return str(self.oldest) if self.retry is None else f"{self.oldest} {self.retry} {self.fingerprint}"


def noted(oldest: int, broken: Mapping[Key, Broken]) -> Note:
    """The note for a partition with these broken keys. Its length does not depend on how many there are."""
    if not broken:
        return Note(oldest)
    return Note(oldest, min(each.first for each in broken.values()), fingerprint(broken))


def read_note(text: str | None) -> Note:
    """What `str(note)` says; offset 0 if nothing was noted."""
    oldest, *rest = (text or "0").split()
    return Note(int(oldest), int(rest[0]), rest[1]) if len(rest) == 2 else Note(int(oldest))


def fingerprint(broken: Mapping[Key, Broken]) -> str:
    """A digest of the keys and where their events begin, whatever order they broke in."""
    words = sorted(_encode((key, each.first)) for key, each in broken.items())
    return blake2b(b"\n".join(words), digest_size=FINGERPRINT_BYTES).hexdigest()


def subject(key: Key) -> str:
    """How a key is called where failures are told."""
    return f"key {', '.join(map(str, key))}"
