"""How long from publishing an event to its row being visible, at a thousand events a second?"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice
from typing import Any

from confluent_kafka import Producer

from bench import evaluation, processes
from bench.domain import DOMAIN
from bench.environment import PARTITIONS, Environment
from bench.feed import Record, made, predictions
from bench.options import Options
from bench.verdict import Measure, Verdict, measure
from consumers.record import Delivered

TOPIC = "bench.predictions"
RATE = 1_000
EVENTS = 20 * RATE
WARM_EVENTS = 3 * RATE
P50_MS_MAX, P99_MS_MAX, BUSY_P99_MS_MAX = 7, 20, 60

Sent = tuple[int, int, float]
"""Partition, offset, when it was handed to the producer (seconds of the monotonic clock)."""


def run(environment: Environment, options: Options) -> Verdict:
    """Alone with broker, database and consumer; then with scorer, ranker and a watched page as well."""
    count = options.events or EVENTS
    alone = [_alone(environment, count) for _ in range(options.pairs)]
    busy = [_busy(environment, count) for _ in range(options.pairs)]
    p50, p99 = _both("broker, database, consumer", alone, P50_MS_MAX, P99_MS_MAX)
    busy_p50, busy_p99 = _both("scorer, ranker, page too", busy, None, BUSY_P99_MS_MAX)
    spare = measure(
        "p99 allowed / p99, broker, database, consumer", [P99_MS_MAX / at_share(each, 0.99) for each in alone]
    )
    return Verdict(
        "latency",
        f"How long from publish to visible row at {RATE:,} events a second?",
        "The clock starts before produce() (no linger, acks=all, idempotent). A row is visible once another process "
        "reads from ledger.offset, in a transaction of its own, that the position has passed the event: positions and "
        "rows commit together. It asks every millisecond and notes the time after the answer, so the figures are upper "
        f"bounds. {count:,} events a run after {WARM_EVENTS:,} that are not counted.",
        [spare, p50, p99, busy_p50, busy_p99],
    )


def _both(
    what: str, runs: Sequence[list[float]], most50: float | None, most99: float | None
) -> tuple[Measure, Measure]:
    return (
        measure(f"p50, {what}", [at_share(each, 0.5) for each in runs], most50, unit="ms", at_most=True),
        measure(f"p99, {what}", [at_share(each, 0.99) for each in runs], most99, unit="ms", at_most=True),
    )


def at_share(milliseconds: list[float], share: float) -> float:
    """The value that so large a share of them does not exceed."""
    return sorted(milliseconds)[min(len(milliseconds) - 1, int(len(milliseconds) * share))]


def _alone(environment: Environment, count: int) -> list[float]:
    namespace = environment.topics({TOPIC: PARTITIONS})
    with environment.database() as database, processes.consumer(environment, database, namespace, (DOMAIN.name,)):
        found = timed(environment, database.dsn("reader"), namespace, TOPIC, made(predictions(WARM_EVENTS + count)))
    environment.forget(namespace)
    return found


def _busy(environment: Environment, count: int) -> list[float]:
    total = WARM_EVENTS + count
    with (
        evaluation.published(environment, total, answered=False) as namespace,
        environment.database() as database,
        processes.everything(environment, database, namespace),
    ):
        return timed(environment, database.dsn("reader"), namespace, evaluation.TOPIC, evaluation.answers(total))


def timed(
    environment: Environment, dsn: str, namespace: str, topic: str, records: Iterable[Record], rate: int = RATE
) -> list[float]:
    """Publish at the rate; milliseconds until each was visible, without those that warm up."""
    with processes.looking(dsn, topic) as look:
        sent = _paced(environment, namespace + topic, list(records), rate)
        seen = look({number: 1 + max(o for n, o, _ in sent if n == number) for number, _, _ in sent})
    at = {number: [time for time, _ in changes] for number, changes in seen.items()}
    reached = {number: [position for _, position in changes] for number, changes in seen.items()}
    return [
        (at[number][bisect_right(reached[number], offset)] - began) * 1000
        for number, offset, began in islice(sorted(sent, key=lambda one: one[2]), WARM_EVENTS, None)
    ]


def _paced(environment: Environment, topic: str, records: Sequence[Record], rate: int) -> list[Sent]:
    sent: list[Sent] = []

    def acknowledged(began: float, error: Any, message: Delivered) -> None:
        assert error is None, error
        sent.append((message.partition(), message.offset(), began))

    settings: dict[str, Any] = {
        "linger.ms": 0,
        "partitioner": "murmur2_random",
        "enable.idempotence": True,
        "acks": "all",
    }
    producer = Producer(environment.settings.kafka.client(**settings))
    start = time.monotonic()
    for n, (key, value) in enumerate(records):
        while (left := start + n / rate - time.monotonic()) > 0:
            producer.poll(min(left, 0.001))
        began = time.monotonic()
        producer.produce(topic, value, key, on_delivery=partial(acknowledged, began))
    assert producer.flush(30) == 0
    return sent
