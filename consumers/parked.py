"""Events that refer to what is not there yet: wait in the ledger, and are released in slices when it lands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from consumers.dead import decode_headers, encode_headers, kept_headers, slices
from consumers.offset import Partition
from consumers.record import Decoded, Raw, Waiting
from consumers.sql import load
from schema.declare import Domain
from schema.waiting import ready_statements

SLICE_RECORDS = 2_000
"""Parked records released in one transaction, of one parent table."""

SWEEP_SECONDS_MIN = 0.05
SWEEP_SECONDS_MAX = 2.0

Parent = tuple[str, dict[str, Any]]


def subject_of(record: Decoded) -> str:
    """What keeps a record in order, as text: what is parked under it holds back what comes later."""
    return json.dumps([record.event.order_by, record.subject], default=str)


class _Shelf:
    """What is parked of one partition: offset -> subject and what it waits for; subject -> offsets."""

    def __init__(self) -> None:
        self.places: dict[int, tuple[str, Parent]] = {}
        self.subjects: dict[str, set[int]] = {}

    def put(self, offset: int, subject: str, parent: Parent) -> None:
        self.places[offset] = (subject, parent)
        self.subjects.setdefault(subject, set()).add(offset)

    def take(self, offset: int) -> None:
        subject, _ = self.places.pop(offset, ("", None))
        offsets = self.subjects.get(subject, set())
        offsets.discard(offset)
        if not offsets:
            self.subjects.pop(subject, None)


class Parked:
    """The parked records of the partitions that this process holds, by subject."""

    def __init__(self, domains: Sequence[Domain]) -> None:
        self._statements = ready_statements(domains)
        self._shelves: dict[Partition, _Shelf] = {}
        self._pause = SWEEP_SECONDS_MIN
        self._due = 0.0

    def __len__(self) -> int:
        return sum(len(shelf.places) for shelf in self._shelves.values())

    def adopt(self, connection: Connection[Any], partitions: Iterable[Partition]) -> None:
        """Learn what is parked in partitions that became ours."""
        for topic, partition in partitions:
            shelf = self._shelves[topic, partition] = _Shelf()
            for subject, offset, table, key in connection.execute(load("adopt"), (topic, partition)):
                shelf.put(offset, subject, (table, key))

    def release(self, partitions: Iterable[Partition]) -> None:
        """Forget partitions that were taken from us."""
        for partition in partitions:
            self._shelves.pop(partition, None)

    def holds(self, topic: str) -> bool:
        """Whether anything of a topic is parked here."""
        return any(shelf.places for (name, _), shelf in self._shelves.items() if name == topic)

    def blocker(self, record: Decoded, freed: set[tuple[Partition, int]], own: Sequence[Parent] = ()) -> Parent | None:
        """What an earlier parked record of the same subject waits for.

        `freed` are on their way out; `own` are the rows that the record makes: who waits for them is not ahead of it.
        """
        partition = (record.raw.topic, record.raw.partition)
        shelf = self._shelves.get(partition)
        if not shelf or not shelf.places:
            return None
        for offset in sorted(shelf.subjects.get(subject_of(record), ())):
            if offset < record.raw.offset and (partition, offset) not in freed:
                parent = shelf.places[offset][1]
                if not any(_same(parent, one) for one in own):
                    return parent
        return None

    def park(self, connection: Connection[Any], waiting: Sequence[Waiting]) -> None:
        """Write records down to wait; one that waits already waits for its new parent."""
        for part in slices([one.record.raw for one in waiting]):
            self._park(connection, waiting[part])

    def _park(self, connection: Connection[Any], waiting: Sequence[Waiting]) -> None:
        raws = [one.record.raw for one in waiting]
        connection.execute(
            load("park"),
            {
                "topics": [raw.topic for raw in raws],
                "partitions": [raw.partition for raw in raws],
                "offsets": [raw.offset for raw in raws],
                "append_times": [raw.appended for raw in raws],
                "keys": [raw.key for raw in raws],
                "values": [raw.value for raw in raws],
                "headers": [encode_headers(kept_headers(raw.headers)) for raw in raws],
                "subjects": [subject_of(one.record) for one in waiting],
                "parents": [one.parent_table for one in waiting],
                "parent_keys": [Jsonb(one.parent_key, dumps=_dumps) for one in waiting],
            },
        )

    def still(self, connection: Connection[Any], raws: Sequence[Raw]) -> list[Raw]:
        """Those that no operator has given up since we looked; no parked one is from now on."""
        parked = [raw for raw in raws if raw.was_parked]
        places = ([raw.topic for raw in parked], [raw.partition for raw in parked], [raw.offset for raw in parked])
        waiting = set(connection.execute(load("still"), places).fetchall()) if parked else set()
        return [raw for raw in raws if not raw.was_parked or (raw.topic, raw.partition, raw.offset) in waiting]

    def leave(self, connection: Connection[Any], raws: Sequence[Raw]) -> None:
        """Strike records off that wait no longer."""
        if raws:
            places = (
                [raw.topic for raw in raws],
                [raw.partition for raw in raws],
                [raw.offset for raw in raws],
            )
            connection.execute(load("leave"), places)

    def committed(self, waiting: Sequence[Waiting], left: Sequence[Raw]) -> None:
        """After the commit: remember who waits, and who does no more."""
        for raw in left:
            self._shelves[raw.topic, raw.partition].take(raw.offset)
        for one in waiting:
            raw = one.record.raw
            shelf = self._shelves.setdefault((raw.topic, raw.partition), _Shelf())
            shelf.put(raw.offset, subject_of(one.record), (one.parent_table, one.parent_key))

    def is_due(self, now: float) -> bool:
        """Whether it is time to look for parents that landed. `now` is a monotonic clock, in seconds."""
        return now >= self._due and any(shelf.places for shelf in self._shelves.values())

    def ready(self, connection: Connection[Any], now: float) -> list[Raw]:
        """A slice of our parked records whose parent is there, in log order; looks less often while there is none."""
        held = sorted(partition for partition, shelf in self._shelves.items() if shelf.places)
        topics, partitions = [topic for topic, _ in held], [partition for _, partition in held]
        tables = {row[0] for row in connection.execute(load("awaited"), (topics, partitions))}
        found: list[Raw] = []
        for table, statement in self._statements:
            if table in tables:
                rows = connection.execute(statement, (topics, partitions, SLICE_RECORDS))
                found += [_raw(row) for row in rows]
        self._pause = SWEEP_SECONDS_MIN if found else min(self._pause * 2, SWEEP_SECONDS_MAX)
        self._due = now + (0.0 if found else self._pause)
        found.sort(key=lambda raw: (raw.topic, raw.partition, raw.offset))
        return found[:SLICE_RECORDS]

    def hasten(self) -> None:
        """Something landed that others may wait for: look soon."""
        self._due, self._pause = 0.0, SWEEP_SECONDS_MIN


def _same(one: Parent, other: Parent) -> bool:
    return one[0] == other[0] and json.loads(_dumps(one[1])) == json.loads(_dumps(other[1]))


def _dumps(document: Any) -> str:
    return json.dumps(document, default=str)


def _raw(row: tuple[Any, ...]) -> Raw:
    topic, partition, offset, append_time, key, value, headers = row
    milliseconds = round(append_time.timestamp() * 1000)
    return Raw(topic, partition, offset, milliseconds, key, value, decode_headers(headers), was_parked=True)
