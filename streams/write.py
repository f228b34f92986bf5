"""Records as they are published: an event's data in, Kafka key and value out, ids repeatable."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha1
from operator import itemgetter
from typing import Any

import msgspec

from schema.declare import EventType
from schema.envelope import NAMESPACE, Envelope, key_of, recurs, stem, uuid7
from schema.refusal import Refused

Data = Mapping[str, Any]
Record = tuple[str, bytes, bytes]
"""What goes to the log: topic without a namespace, key, value."""

KEYS_KEPT_MAX = 10_000
"""Kafka keys that are remembered; a job has one, so most records repeat one."""

_encode = msgspec.json.Encoder().encode
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def writer(event: EventType, source: str) -> Callable[[Data, datetime], Record]:
    """A function that makes records of one event from its data and time, fast enough for every prediction."""
    topic, encode = event.topic, _encode
    pattern, values_of = ":".join(["%s"] * len(event.partition_by)), itemgetter(*event.partition_by)
    identify = _fresh if recurs(event) else _repeatable(event)
    head = b'{"specversion":"1.0","source":%b,"type":%b,"id":"' % (encode(source), encode(event.type))
    keys: dict[Any, bytes] = {}

    def write(data: Data, time: datetime) -> Record:
        values = values_of(data)
        key = keys.get(values)
        if key is None:
            if len(keys) >= KEYS_KEPT_MAX:
                keys.clear()
            key = keys[values] = (pattern % values).encode()
        return topic, key, b"".join((head, identify(data), b'","time":', encode(time), b',"data":', encode(data), b"}"))

    return write


def checked_writer(
    event: EventType, source: str, decode: Callable[[bytes], Envelope]
) -> Callable[[Data, datetime], Record]:
    """As `writer`, for data that code of a domain made: no record that consumers would bury comes back.

    `decode` is that of the event's topic. The function raises Refused for what it refuses, and what encoding raises.
    """
    write, key = writer(event, source), key_of(event)

    def write_checked(data: Data, time: datetime) -> Record:
        record = write(data, time)
        if record[1] != key(decode(record[2]).data):
            raise Refused("wrong-key", f"the key {record[1]!r} is not that of the event", event.type)
        # JSON has no NaN and no infinity: the encoder writes null for them, which a field may allow.
        if b"null" in record[2]:
            _check_finite(data)
        return record

    return write_checked


def _check_finite(value: Any, name: str = "data") -> None:
    match value:
        case float() if not math.isfinite(value):
            raise ValueError(f"{name} is {value}, which no event can hold")
        case Mapping():
            for key, each in value.items():
                _check_finite(each, f"{name}.{key}")
        case list() | tuple():
            for each in value:
                _check_finite(each, name)


def _fresh(data: Data) -> bytes:
    return str(uuid7()).encode()


def _repeatable(event: EventType) -> Callable[[Data], bytes]:
    """UUIDv5 of the natural key, as `event_id` makes it, with the constant part prepared."""
    start, encode, hashed, variant = NAMESPACE.bytes + stem(event.type)[0].encode(), _encode, sha1, _VARIANT
    pick = itemgetter(*event.key) if len(event.key) > 1 else _alone(event.key[0])

    def identify(data: Data) -> bytes:
        h = hashed(start + encode(pick(data))).hexdigest()
        return f"{h[:8]}-{h[8:12]}-5{h[13:16]}-{variant[h[16]]}{h[17:20]}-{h[20:32]}".encode()

    return identify


def _alone(name: str) -> Callable[[Data], tuple[Any]]:
    return lambda data: (data[name],)
