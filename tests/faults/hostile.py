"""What a client may send that is no event, or no event where it lies: each record says in a header what it deserves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

FATE = "fate"
"""Header by which the checker knows, without reading the record, what must become of it."""

DEAD = b"dead"
Header = tuple[str, str | bytes | None]
LARGE_BYTES = 1_500_000
DEEP_LEVELS = 200_000


@dataclass(frozen=True)
class Sent:
    """A record on its way to the log; `partition` None: where its key belongs."""

    topic: str
    key: bytes | None
    value: bytes | None
    partition: int | None = None
    headers: list[Header] = field(default_factory=list)


def murmur2(key: bytes) -> int:
    """Kafka's hash of a key, not negative: Austin Appleby's MurmurHash2 with the Java client's seed."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = (0x9747B28C ^ len(key)) & mask
    whole = len(key) - len(key) % 4
    for at in range(0, whole, 4):
        k = int.from_bytes(key[at : at + 4], "little") * m & mask
        k = (k ^ (k >> 24)) * m & mask
        h = (h * m & mask) ^ k
    rest = key[whole:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ (h >> 13)) * m & mask
    return (h ^ (h >> 15)) & 0x7FFFFFFF


def answer(**changed: Any) -> bytes:
    """A prediction that is right but for what is changed."""
    data = {
        "model_id": 1, "prompt_id": 1, "dataset_id": 1, "row_id": 1, "attempt": 1,
        "prediction": "positive", "prediction_time": 0.25,
    }  # fmt: skip
    envelope = {
        "specversion": "1.0",
        "id": "0192f0c1-2345-7abc-8def-0123456789ab",
        "source": "hostile",
        "type": "evaluation.prediction.recorded.v1",
        "time": "2026-03-01T10:00:00Z",
    }
    for name, value in changed.items():
        (data if name in data else envelope)[name] = value
    return json.dumps({**envelope, "data": data}).encode()


def _raw(field: str, number: str) -> bytes:
    """A prediction with a number that json.dumps would not write."""
    return answer().replace(f'"{field}": 0.25'.encode(), f'"{field}": {number}'.encode())


VALUES: tuple[Callable[[Random], bytes | None], ...] = (
    lambda _: None,
    lambda _: b"",
    lambda random: random.randbytes(random.randrange(1, 400)),
    lambda _: b"\xef\xbb\xbf" + answer(),
    lambda _: b"[" * DEEP_LEVELS,
    lambda _: b'{"data":' * DEEP_LEVELS,
    lambda _: b" " * LARGE_BYTES,
    lambda _: _raw("prediction_time", "1e400"),
    lambda _: _raw("prediction_time", "-1e308"),
    lambda _: _raw("prediction_time", "9" * 5000),
    lambda _: answer(prediction_time="NaN"),
    lambda _: answer(row_id=2**63),
    lambda _: answer(row_id=-1),
    lambda _: answer(time="2136-03-01T10:00:00Z"),
    lambda _: answer(time="2026-03-01T10:00:00"),
    lambda _: answer(time="0000-00-00T00:00:00Z"),
    lambda _: answer(prediction="a\x00b"),
    lambda _: answer(type="evaluation.nothing.happened.v1"),
    lambda _: answer(specversion="0.3"),
    lambda _: answer().replace(b"positive", b"\xff\xfe"),
    lambda _: answer().replace(b"positive", b"\\ud800"),
)
"""Values that are no event, whatever their key and place."""


def hostile(random: Random, count: int, partitions: int = 4) -> Iterator[Sent]:
    """This many records that must all become dead letters; the same for the same seed."""
    dead: list[Header] = [(FATE, DEAD)]
    for _ in range(count):
        pick = random.randrange(len(VALUES) + 3)
        if pick < len(VALUES):
            yield Sent("evaluation.predictions", b"1:1:1", VALUES[pick](random), headers=dead)
        elif pick == len(VALUES):
            right = murmur2(b"1:1:1") % partitions
            wrong = (right + 1 + random.randrange(partitions - 1)) % partitions
            yield Sent("evaluation.predictions", b"1:1:1", answer(prediction="negative"), wrong, dead)
        elif pick == len(VALUES) + 1:
            yield Sent(
                "evaluation.predictions", random.choice([None, b"", b"1", b"1:1", b"\xff"]), answer(), None, dead
            )
        else:
            yield Sent("evaluation.catalog", b"1", answer(), murmur2(b"1") % partitions, dead)
