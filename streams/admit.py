"""Which records count as events: the same as the consumers let through, so that nothing dead is scored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from confluent_kafka import Message

from schema.declare import EventType
from schema.decode import Decoder
from schema.envelope import Envelope, key_of
from schema.refusal import Refused

AHEAD_SECONDS_MAX = 300
"""How far an event's time may lie after its append time."""

Admitted = tuple[EventType, Envelope]


def admission(decoder: Decoder) -> Callable[[Message], Admitted | None]:
    """A function that decodes a record of the decoder's topic; None for what consumers bury as dead."""
    decode = decoder.decode
    known: dict[type[Any], tuple[EventType, Callable[[Any], bytes]]] = {
        struct: (event, key_of(event)) for struct, event in decoder.declared.items()
    }

    def admit(message: Message) -> Admitted | None:
        try:
            envelope = decode(message.value())
        except Refused:
            return None
        event, key = known[type(envelope)]
        if message.key() != key(envelope.data):
            return None
        if envelope.time.timestamp() > message.timestamp()[1] / 1000 + AHEAD_SECONDS_MAX:
            return None
        return event, envelope

    return admit
