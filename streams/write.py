"""Records as they are published: an event's data in, Kafka key and value out, ids repeatable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha1
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from schema.declare import EventType
from schema.envelope import NAMESPACE, record_key, recurs, stem, uuid7

_encode = msgspec.json.Encoder(order="deterministic").encode


class Record(NamedTuple):
    """What goes to the log; `topic` has no namespace."""

    topic: str
    key: bytes
    value: bytes


def writer(event: EventType, source: str) -> Callable[[Mapping[str, Any], datetime], Record]:
    """A function that makes records of one event from its data and time, fast enough for every prediction."""
    topic, head = (
        event.topic,
        b'{"specversion":"1.0","source":%b,"type":%b,"id":"'
        % (
            _encode(source),
            _encode(event.type),
        ),
    )
    identify = _fresh if recurs(event) else _repeatable(event)

    def write(data: Mapping[str, Any], time: datetime) -> Record:
        value = b'%b%b","time":%b,"data":%b}' % (head, identify(data), _encode(time), _encode(data))
        return Record(topic, record_key(event, data), value)

    return write


def _fresh(data: Mapping[str, Any]) -> bytes:
    return str(uuid7()).encode()


def _repeatable(event: EventType) -> Callable[[Mapping[str, Any]], bytes]:
    """UUIDv5 of the natural key, as `event_id` makes it, with the constant part hashed once."""
    start = sha1(NAMESPACE.bytes + stem(event.type)[0].encode(), usedforsecurity=False)
    pick = itemgetter(*event.key)
    several = len(event.key) > 1

    def identify(data: Mapping[str, Any]) -> bytes:
        hashed = start.copy()
        values = pick(data)
        hashed.update(_encode(values if several else (values,)))
        octets = bytearray(hashed.digest()[:16])
        octets[6] = octets[6] & 0x0F | 0x50
        octets[8] = octets[8] & 0x3F | 0x80
        text = octets.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}".encode()

    return identify
