"""Records as they are published: an event's data in, Kafka key and value out, ids repeatable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha1
from operator import itemgetter
from typing import Any

import msgspec

from schema.declare import EventType
from schema.envelope import NAMESPACE, recurs, stem, uuid7

Data = Mapping[str, Any]
Record = tuple[str, bytes, bytes]
"""What goes to the log: topic without a namespace, key, value."""

_encode = msgspec.json.Encoder().encode
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def writer(event: EventType, source: str) -> Callable[[Data, datetime], Record]:
    """A function that makes records of one event from its data and time, fast enough for every prediction."""
    topic, key_of = event.topic, _key(event)
    identify = _fresh if recurs(event) else _repeatable(event)
    head = b'{"specversion":"1.0","source":%b,"type":%b,"id":"' % (_encode(source), _encode(event.type))
    frame = head.replace(b"%", b"%%") + b'%b","time":%b,"data":%b}'

    def write(data: Data, time: datetime) -> Record:
        return topic, key_of(data), frame % (identify(data), _encode(time), _encode(data))

    return write


def _key(event: EventType) -> Callable[[Data], bytes]:
    """The Kafka key, as `record_key` makes it, with its pattern prepared."""
    pattern, values = ":".join(["%s"] * len(event.partition_by)), itemgetter(*event.partition_by)
    return lambda data: (pattern % values(data)).encode()


def _fresh(data: Data) -> bytes:
    return str(uuid7()).encode()


def _repeatable(event: EventType) -> Callable[[Data], bytes]:
    """UUIDv5 of the natural key, as `event_id` makes it, with the constant part prepared."""
    start = NAMESPACE.bytes + stem(event.type)[0].encode()
    pick = itemgetter(*event.key) if len(event.key) > 1 else _alone(event.key[0])

    def identify(data: Data) -> bytes:
        h = sha1(start + _encode(pick(data)), usedforsecurity=False).hexdigest()
        return f"{h[:8]}-{h[8:12]}-5{h[13:16]}-{_VARIANT[h[16]]}{h[17:20]}-{h[20:32]}".encode()

    return identify


def _alone(name: str) -> Callable[[Data], tuple[Any]]:
    return lambda data: (data[name],)
