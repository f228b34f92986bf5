"""Records to measure with, and their way into the log."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from confluent_kafka import Producer

from podium.settings import Settings
from schema.envelope import uuid7

MODELS = 1_000
"""So many that the index on model and time is not just appended to."""

PAYLOAD_CHARACTERS = 50
"""Makes `data` 188 bytes long, as in the comparison with other sinks."""

PRODUCER: dict[str, Any] = {
    "linger.ms": 20,
    "compression.type": "lz4",
    "partitioner": "murmur2_random",
    "enable.idempotence": True,
    "queue.buffering.max.messages": 200_000,
}

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


class Prediction(NamedTuple):
    """One row of the facts that are measured with."""

    id: UUID
    model_id: str
    horizon: int
    value: float
    made_at: datetime
    payload: str


class Record(NamedTuple):
    """What a producer sends."""

    key: bytes
    value: bytes


def predictions(count: int, seed: int = 1) -> list[Prediction]:
    """So many predictions under ids in the order of time."""
    chance = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    payloads = ["".join(chance.choices(letters, k=PAYLOAD_CHARACTERS)) for _ in range(1000)]
    return [
        Prediction(
            uuid7(),
            f"m-{chance.randrange(MODELS)}",
            chance.choice((5, 15, 60)),
            round(chance.gauss(100, 15), 6),
            BEGAN + timedelta(milliseconds=n),
            payloads[n % len(payloads)],
        )
        for n in range(count)
    ]


_encode = msgspec.json.Encoder().encode


def envelope(type_: str, data: dict[str, object], id_: UUID | None = None, time: datetime = BEGAN) -> bytes:
    """An event as a producer writes it."""
    return _encode(
        {
            "specversion": "1.0",
            "id": id_ or uuid7(),
            "source": "bench",
            "type": type_,
            "time": time,
            "data": data,
        }
    )


def made(
    rows: Iterable[Prediction], type_: str = "bench.prediction.made.v1", time: datetime = BEGAN
) -> Iterator[Record]:
    """Events of these rows; the envelope's id is new each time, so a repeat is a repeat of data."""
    for row in rows:
        yield Record(str(row.id).encode(), envelope(type_, row._asdict(), time=time))


def publish(settings: Settings, topic: str, records: Iterable[Record]) -> int:
    """Send records to a topic (its full name) and wait until all are in the log; returns how many."""
    producer = Producer(settings.kafka.client(**PRODUCER))
    sent = 0
    for key, value in records:
        while True:
            try:
                producer.produce(topic, key=key, value=value)
                break
            except BufferError:
                producer.poll(0.05)
        sent += 1
        if sent % 5_000 == 0:
            producer.poll(0)
    left = producer.flush(60)
    assert left == 0, f"{left} records of {topic} were not acknowledged"
    return sent


def shuffled(rows: Sequence[Prediction], seed: int) -> list[Prediction]:
    """The same rows in another order."""
    return random.Random(seed).sample(list(rows), len(rows))
