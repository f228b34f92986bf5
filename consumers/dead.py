"""Dead letters: classify, record, relay, and break the circuit before a topic drains into them."""

from __future__ import annotations

import base64
import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import Connection

from consumers.aside import TopicFault
from consumers.record import Decoded, Header, Letter, Raw
from consumers.sql import load
from schema.envelope import VALUE_BYTES_MAX
from schema.refusal import failure

KEPT_BYTES_MAX = VALUE_BYTES_MAX
"""Values of up to this size are kept whole: all that could be an event."""
PREFIX_BYTES = 64 * 1024
"""What is kept of a larger value, and at most of a key and of headers."""
SLICE_BYTES = 4 * 1024 * 1024
"""Of what is written by one statement, which holds it several times over."""

BREAKER_WINDOW_RECORDS = 2_000
BREAKER_SHARE_MAX = 0.5
BREAKER_RECORDS_MIN = 200
MESSAGE_CHARACTERS_MAX = 2_000


class CircuitBroken(TopicFault):
    """Too large a share of a topic's records is dead: more likely the software is wrong than all of them."""


def is_records_fault(error: psycopg.Error) -> bool:
    """Whether the record is to blame (data, integrity, more than an index can hold), not the moment."""
    if error.sqlstate is None:  # raised by the client, before anything was sent
        return not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate[:2] in ("22", "23", "54")


def is_moments_fault(error: psycopg.Error) -> bool:
    """Whether the same batch may go through later: connection, resources, locks, time-outs, shutdown."""
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError)
    return error.sqlstate[:2] in ("08", "25", "40", "53", "55", "57", "58")


def letter_of(record: Decoded, error: Exception) -> Letter:
    """The letter for a record that the database refused, or for which code of ours raised."""
    if not isinstance(error, psycopg.Error) or error.sqlstate is None:
        return Letter(record.raw, "failed", failure(error), record.event.type)
    diagnosis = error.diag
    where = ".".join(filter(None, (diagnosis.schema_name, diagnosis.table_name, diagnosis.column_name)))
    named = f" (constraint {diagnosis.constraint_name})" if diagnosis.constraint_name else ""
    message = f"{diagnosis.message_primary or 'refused by the database'}{named}{f' at {where}' if where else ''}; "
    message += "correct the data and publish the event again"
    return Letter(record.raw, "refused", message[:MESSAGE_CHARACTERS_MAX], record.event.type, error.sqlstate)


def rival(record: Decoded, name: str) -> Letter:
    """The letter for the later of two events with one natural key and different data."""
    key = ", ".join(f"{field}={getattr(record.e.data, field)}" for field in record.event.key)
    message = (
        f"{name} already has {key} with other data, and the first in the partition stays; "
        "publish a correction under a key of its own"
    )
    return Letter(record.raw, "rival", message, record.event.type)


def encode_headers(headers: Sequence[Header]) -> str:
    """Headers as JSON: [name, base64 or null] pairs."""
    pairs = [
        [_whole_letters(name), None if value is None else base64.b64encode(value).decode()] for name, value in headers
    ]
    return json.dumps(pairs)


def decode_headers(pairs: Sequence[Sequence[Any]]) -> list[Header]:
    """The reverse of encode_headers, from decoded JSON."""
    return [(name, None if value is None else base64.b64decode(value)) for name, value in pairs]


def kept_headers(headers: Sequence[Header]) -> list[Header]:
    """The first headers, as many as PREFIX_BYTES hold."""
    kept, room = [], PREFIX_BYTES
    for name, value in headers:
        room -= len(name) + len(value or b"")
        if room < 0:
            break
        kept.append((name, value))
    return kept


def slices(raws: Sequence[Raw]) -> Iterator[slice]:
    """Where to cut records so that one statement takes each slice: one that is large is alone in it."""
    begin = taken = 0
    for n, raw in enumerate(raws):
        size = kept_bytes(raw)
        if taken and taken + size > SLICE_BYTES:
            yield slice(begin, n)
            begin, taken = n, 0
        taken += size
    if begin < len(raws):
        yield slice(begin, len(raws))


def kept_bytes(raw: Raw) -> int:
    """About as much as is written of a record."""
    return min(len(raw.value or b""), KEPT_BYTES_MAX) + min(len(raw.key or b""), PREFIX_BYTES) + 64 * len(raw.headers)


def bury(connection: Connection[Any], letters: Sequence[Letter]) -> None:
    """Write letters to ledger.dead; one that is there stays as it is, but if it was redriven it has its new reason.

    Of a value above KEPT_BYTES_MAX its size, its digest and its first PREFIX_BYTES are kept.
    """
    for part in slices([letter.raw for letter in letters]):
        _bury(connection, letters[part])


def _bury(connection: Connection[Any], letters: Sequence[Letter]) -> None:
    raws = [letter.raw for letter in letters]
    headers = [kept_headers(raw.headers) for raw in raws]
    large = [len(raw.value or b"") > KEPT_BYTES_MAX for raw in raws]
    connection.execute(
        load("bury"),
        {
            "topics": [raw.topic for raw in raws],
            "partitions": [raw.partition for raw in raws],
            "offsets": [raw.offset for raw in raws],
            "append_times": [raw.appended for raw in raws],
            "keys": [raw.key and raw.key[:PREFIX_BYTES] for raw in raws],
            "values": [
                raw.value[:PREFIX_BYTES] if cut and raw.value else raw.value
                for raw, cut in zip(raws, large, strict=True)
            ],
            "headers": [encode_headers(kept) for kept in headers],
            "sizes": [None if raw.value is None else len(raw.value) for raw in raws],
            "digests": [
                sha256(raw.value).hexdigest() if cut and raw.value else None
                for raw, cut in zip(raws, large, strict=True)
            ],
            "truncated": [
                cut or len(raw.key or b"") > PREFIX_BYTES or len(kept) < len(raw.headers)
                for raw, cut, kept in zip(raws, large, headers, strict=True)
            ],
            "types": [letter.type and _storable(letter.type) for letter in letters],
            "reasons": [letter.reason for letter in letters],
            "sqlstates": [letter.sqlstate for letter in letters],
            "messages": [_storable(letter.message) for letter in letters],
        },
    )


def exhume(connection: Connection[Any], raws: Sequence[Raw]) -> None:
    """Take letters out of ledger.dead that are dead no more."""
    if raws:
        connection.execute(load("exhume"), _places(raws))


def handled(connection: Connection[Any], raws: Sequence[Raw], dropped_at: Sequence[datetime | None] = ()) -> None:
    """Note that operations on letters are done; with times, that the letters are closed."""
    if raws:
        times = list(dropped_at) or [None] * len(raws)
        connection.execute(load("handled"), (*_places(raws), [raw.redriven for raw in raws], times))


def _places(raws: Sequence[Raw]) -> tuple[list[str], list[int], list[int]]:
    return [raw.topic for raw in raws], [raw.partition for raw in raws], [raw.offset for raw in raws]


def _storable(text: str) -> str:
    """Text that is part of a bad record, as a column takes it."""
    return _whole_letters(text.replace("\x00", "\\0"))[:MESSAGE_CHARACTERS_MAX]


def _whole_letters(text: str) -> str:
    """Text without halves of characters, which PostgreSQL has no room for."""
    return text.encode(errors="backslashreplace").decode()


class Breaker:
    """Counts the dead among the last records of each topic; frozen limits, mutable memory."""

    def __init__(self, share_max: float = BREAKER_SHARE_MAX, window: int = BREAKER_WINDOW_RECORDS) -> None:
        self.share_max = share_max
        self.window = window
        self._recent: dict[str, _Window] = {}

    def check(self, read: Mapping[str, int], dead: Mapping[str, int]) -> None:
        """Before a batch commits: records read and dead in it, by topic.

        Raises CircuitBroken when more than the allowed share of the last records of a topic would be dead.
        """
        for topic, count in dead.items():
            recent = self._recent.get(topic) or _Window()
            total = recent.read + read.get(topic, 0)
            bad = recent.dead + count
            if total >= BREAKER_RECORDS_MIN and bad > self.share_max * total:
                raise CircuitBroken(
                    topic,
                    f"{bad} of the last {total} records of {topic} are dead letters, above the limit of "
                    f"{self.share_max:.0%}; nothing of this batch was kept. Most often the software is wrong, not "
                    "the records. When they really are bad, raise the setting consumers.dead_share_max.",
                )

    def note(self, read: Mapping[str, int], dead: Mapping[str, int]) -> None:
        """After a batch committed."""
        for topic, count in read.items():
            if count:
                self._recent.setdefault(topic, _Window()).add(count, dead.get(topic, 0), self.window)


class _Window:
    """The last batches of a topic, and their sums."""

    def __init__(self) -> None:
        self.read = self.dead = 0
        self._batches: deque[tuple[int, int]] = deque()

    def add(self, read: int, dead: int, size: int) -> None:
        self._batches.append((read, dead))
        self.read, self.dead = self.read + read, self.dead + dead
        while self.read - self._batches[0][0] >= size:
            first_read, first_dead = self._batches.popleft()
            self.read, self.dead = self.read - first_read, self.dead - first_dead
