"""Which records count as events: the same as the consumers let through, so that nothing dead is scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from confluent_kafka import Message

from schema.decode import Decoder
from schema.envelope import Envelope, key_of, latest_time
from schema.refusal import Refused

Admitted = tuple[str, Envelope]
"""Type and decoded event."""


def admission(decoder: Decoder) -> Callable[[Iterable[Message]], Iterator[Admitted]]:
    """A function that decodes records of the decoder's topic, in order, without those that consumers bury as dead."""
    decode = decoder.decode
    known: dict[type[Any], tuple[str, Callable[[Any], bytes]]] = {
        struct: (event.type, key_of(event)) for struct, event in decoder.declared.items()
    }

    def admit(messages: Iterable[Message]) -> Iterator[Admitted]:
        appended, latest = -1, latest_time(0)
        for message in messages:
            try:
                envelope = decode(message.value())
            except Refused:
                continue
            type_, key = known[type(envelope)]
            if message.key() != key(envelope.data):
                continue
            milliseconds = message.timestamp()[1]
            if milliseconds != appended:
                appended, latest = milliseconds, latest_time(milliseconds)
            if envelope.time <= latest:
                yield type_, envelope

    return admit
