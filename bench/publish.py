"""How fast does the client publish valid events, and how near to a producer that sends prepared bytes?"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bench.domain import DOMAIN
from bench.environment import PARTITIONS, Environment
from bench.feed import Record, envelope, predictions, publish
from bench.options import Options
from bench.stopwatch import Run, own_cpu
from bench.verdict import Verdict, figures, measure, ratio
from podium.client import Producer

EVENTS = 300_000
EVENTS_PER_SECOND = 100_000
TOPIC = "bench.predictions"
TYPE = "bench.prediction.made.v1"


def run(environment: Environment, options: Options) -> Verdict:
    """Pairs: `Producer.publish_many` of dicts, and confluent-kafka with bytes made beforehand."""
    count = options.events or EVENTS
    rows = predictions(count)
    given = [row._asdict() for row in rows]
    made = [Record(str(row.id).encode(), envelope(TYPE, data)) for row, data in zip(rows, given, strict=True)]
    pairs = []
    for _ in range(options.pairs):
        ours = _timed(environment, count, lambda namespace: _client(environment, namespace, given))
        bare = _timed(environment, count, lambda namespace: publish(environment.settings, namespace + TOPIC, made))
        pairs.append((ours, bare))
    return Verdict(
        "publish",
        "How fast does one process publish valid events?",
        f"{count:,} dicts of the bench domain, checked, given ids and acknowledged; beside it bytes made beforehand.",
        [
            ratio("publish / prepared bytes", pairs),
            measure("events a second", [ours.rate for ours, _ in pairs], EVENTS_PER_SECOND, unit="1/s"),
        ],
        {**figures("podium", [ours for ours, _ in pairs]), **figures("prepared", [bare for _, bare in pairs])},
    )


def _client(environment: Environment, namespace: str, given: list[dict[str, Any]]) -> None:
    kafka = environment.settings.kafka.model_copy(update={"namespace": namespace})
    with Producer(kafka, source="bench", domains=(DOMAIN,)) as producer:
        producer.publish_many(TYPE, given)


def _timed(environment: Environment, count: int, send: Callable[[str], object]) -> Run:
    namespace = environment.topics({TOPIC: PARTITIONS})
    cpu, began = own_cpu(), time.perf_counter()
    send(namespace)
    seconds, used = time.perf_counter() - began, own_cpu() - cpu
    environment.forget(namespace)
    return Run(count, seconds, used / count * 1e6, 0.0)
