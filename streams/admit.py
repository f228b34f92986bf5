"""Which records count as events: the same as the consumers let through, so that nothing dead is scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from confluent_kafka import Message

from schema.admission import Admission
from schema.envelope import Envelope
from schema.refusal import Refused

Admitted = tuple[str, Envelope]
"""Type and decoded event."""


def admission(of: Admission) -> Callable[[Iterable[Message]], Iterator[Admitted]]:
    """A function that decodes records of one topic, in order, without those that consumers bury as dead."""
    admit, types = of.admit, of.types

    def admitted(messages: Iterable[Message]) -> Iterator[Admitted]:
        for message in messages:
            try:
                envelope = admit(message.value(), message.key(), message.partition(), message.timestamp())
            except Refused:
                continue
            yield types[type(envelope)], envelope

    return admitted
