"""Records are what the contract says: they decode, under the declared key, with the id that a re-send repeats."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from schema import DOMAINS
from schema.declare import EventType
from schema.decode import decoders
from schema.envelope import event_id, record_key, recurs
from streams.write import writer

EVENTS = [event for domain in DOMAINS for event in domain.events]
DECODERS = decoders(DOMAINS)
NOW = datetime(2026, 3, 1, 10, 0, 0, 123456, UTC)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_a_record_is_its_event(event: EventType) -> None:
    example = event.model.model_validate_json(json.dumps(event.example))
    data: dict[str, Any] = example.model_dump()
    write = writer(event, "a 100 % source")
    topic, key, value = write(data, NOW)
    envelope = DECODERS[topic].decode(value)
    assert DECODERS[topic].declared[type(envelope)] is event
    assert (topic, key) == (event.topic, record_key(event, data))
    assert (envelope.time, envelope.source) == (NOW, "a 100 % source")
    assert event.model.model_validate_json(msgspec.json.encode(envelope.data)) == example
    if recurs(event):
        assert envelope.id != DECODERS[topic].decode(write(data, NOW)[2]).id
    else:
        assert envelope.id == event_id(event, data)
