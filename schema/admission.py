"""Admission: the one place that says whether a record is an event. Consumers, streams, rebuild and client all ask here.

In this order: its value decodes, its key is the declared one, its partition is the one that murmur2 gives that key, and
its time is not well after it was appended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from struct import Struct
from typing import Any

from schema.declare import Domain
from schema.decode import Decoder, decoders
from schema.envelope import Envelope, key_of, latest_time, time_of
from schema.refusal import SHOWN_CHARACTERS_MAX, Refused, failed

APPENDED = 2
"""Kind of a time stamp that the broker set when it appended the record: LogAppendTime."""

Stamp = tuple[int, int]
"""Kind and milliseconds of a record's time stamp, as confluent_kafka gives them."""

PLACES_MAX = 65_536
"""Keys whose partition is remembered, of topics of one size."""

STAMPS_MAX = 1_024

MILLISECONDS_MAX = 253_402_300_799_999
"""The last millisecond that a datetime can say."""

REMEDY = (
    "publish it again with a client that places keys by murmur2, as `partitioner=murmur2_random` does in clients that "
    "build on librdkafka; docs/clients.md has the setting of every client"
)


@cache
def _words(count: int) -> Callable[[bytes], tuple[int, ...]]:
    """A function that reads this many little-endian words."""
    return Struct(f"<{count}I").unpack_from


def murmur2(key: bytes) -> int:
    """The 32-bit hash by which Java's producer places keys, as an unsigned number."""
    size = len(key)
    h = 0x9747B28C ^ size
    for k in _words(size >> 2)(key):
        k = k * 0x5BD1E995 & 0xFFFFFFFF
        h = (h * 0x5BD1E995 ^ (k ^ k >> 24) * 0x5BD1E995) & 0xFFFFFFFF
    if size & 3:
        h = (h ^ int.from_bytes(key[size & -4 :], "little")) * 0x5BD1E995 & 0xFFFFFFFF
    h = (h ^ h >> 13) * 0x5BD1E995 & 0xFFFFFFFF
    return h ^ h >> 15


def partition_of(key: bytes, partitions: int) -> int:
    """The partition that a key belongs into, of a topic of so many."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


@cache
def placing(partitions: int) -> Callable[[bytes], int]:
    """`partition_of` for topics of one size, which remembers the keys that it has seen. Safe in several threads."""
    known: dict[bytes, int] = {}
    find = known.get

    def place(key: bytes) -> int:
        found = find(key)
        if found is None:
            found = partition_of(key, partitions)
            if len(known) >= PLACES_MAX:
                known.clear()
            known[key] = found
        return found

    return place


class Admission:
    """What a record of one topic must be to count as an event.

    `admit(value, key, partition, stamp)` returns the decoded event, or raises Refused: nothing else but MemoryError, so
    that no record is stronger than its reader. `topic` is the name without a namespace, `partitions` how many of them
    are declared.
    """

    def __init__(self, topic: str, decoder: Decoder, partitions: int) -> None:
        self.topic = topic
        self.decoder = decoder
        self.partitions = partitions
        self.place = placing(partitions)
        """The partition of a key."""
        self.keys: Mapping[type[Any], Callable[[Any], bytes]] = {
            struct: key_of(event) for struct, event in decoder.declared.items()
        }
        self.types: Mapping[type[Any], str] = {struct: event.type for struct, event in decoder.declared.items()}
        self.admit = self._made()

    def _made(self) -> Callable[[bytes | None, bytes | None, int | None, Stamp], Envelope]:
        # All that is touched for every record is a local name.
        decode, keys, place = self.decoder.decode, self.keys, self.place
        limits: dict[Stamp, datetime] = {}
        limit_of, refuse = limits.get, self._refuse

        def admit(value: bytes | None, key: bytes | None, partition: int | None, stamp: Stamp) -> Envelope:
            try:
                e = decode(value)
                declared = keys[type(e)](e.data)
                if key != declared or place(declared) != partition:
                    raise refuse(e, declared, key, partition)
                limit = limit_of(stamp)
                if limit is None:
                    limit = self._limit(e, stamp)
                    if len(limits) >= STAMPS_MAX:
                        limits.clear()
                    limits[stamp] = limit
                if e.time > limit:
                    check_time(self.types[type(e)], e.time, stamp[1])
            except (Refused, MemoryError):
                raise
            except Exception as error:
                raise failed(error) from error
            return e

        return admit

    def _refuse(self, e: Envelope, declared: bytes, key: bytes | None, partition: int | None) -> Refused:
        """Why a record is not where it belongs."""
        type_, shown = self.types[type(e)], _shown(declared)
        if key != declared:
            found = "none" if key is None else _shown(key)
            what = f"the record's key is {found}, the declared one is {shown}; publish it under the declared key"
            return Refused("wrong-key", what, type_)
        right = self.place(declared)
        what = (
            f"the record is in partition {partition} of {self.topic}, its key {shown} belongs into partition {right}, "
            f"by murmur2 of {self.partitions}; {REMEDY}"
        )
        return Refused("wrong-partition", what, type_)

    def _limit(self, e: Envelope, stamp: Stamp) -> datetime:
        if not is_stamped(stamp):
            what = (
                f"the record's time stamp, {stamp[1]} ms, is not the time at which the broker appended it; set "
                f"message.timestamp.type=LogAppendTime on {self.topic} (`podium topics apply`) and publish it again"
            )
            raise Refused("unstamped", what, self.types[type(e)])
        return latest_time(stamp[1])


def check_time(type_: str, time: datetime, append_ms: int, since: str = "the record was appended at") -> None:
    """Raises Refused for an event that says it happened well after its record was, or would be, appended."""
    if time > latest_time(append_ms):
        what = (
            f"time is {time.isoformat()}, more than 5 minutes after {since} {time_of(append_ms).isoformat()}; set the "
            "producer's clock right and publish it again"
        )
        raise Refused("future-time", what, type_)


def is_stamped(stamp: Stamp) -> bool:
    """Whether it is the time at which the broker appended the record, and one that the calendar has."""
    kind, milliseconds = stamp
    return kind == APPENDED and 0 <= milliseconds <= MILLISECONDS_MAX


def admissions(domains: Iterable[Domain]) -> dict[str, Admission]:
    """Topic -> what its records must be, each knowing the events of all other topics."""
    domains = tuple(domains)
    counts = {topic: count for domain in domains for topic, count in domain.topics.items()}
    return {topic: Admission(topic, decoder, counts[topic]) for topic, decoder in decoders(domains).items()}


def _shown(key: bytes) -> str:
    return repr(key[:SHOWN_CHARACTERS_MAX].decode(errors="backslashreplace"))
