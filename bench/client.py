"""How fast does the producer client publish valid events from one process?"""

from __future__ import annotations

import time
from collections.abc import Sequence

from bench.domain import DOMAIN
from bench.environment import PARTITIONS, Environment
from bench.feed import Prediction, made, predictions, publish
from bench.options import Options
from bench.stopwatch import Run, own_cpu
from bench.verdict import Verdict, figures, measure, ratio
from podium.client import Producer

TOPIC = "bench.predictions"
EVENTS = 300_000
RATE_MIN = 100_000


def run(environment: Environment, options: Options) -> Verdict:
    """The client with data as dicts, and a bare producer with records that are bytes already, in turn."""
    rows = predictions(options.events or EVENTS)
    records = list(made(rows))
    namespace = environment.topics({TOPIC: PARTITIONS})
    pairs = []
    for _ in range(options.pairs):
        ours = _published(environment, namespace, rows)
        began, cpu = time.perf_counter(), own_cpu()
        publish(environment.settings, namespace + TOPIC, records)
        pairs.append((ours, _run(len(records), began, cpu)))
    environment.forget(namespace)
    return Verdict(
        "client",
        "How many valid events a second does one process publish through the client?",
        "From a mapping of values to acknowledged by the broker: validation, id, key, encoding, idempotent producer, "
        "lz4, flush. Beside it a bare producer, also idempotent and lz4, whose keys and values are bytes already.",
        [
            measure("valid events a second", [one.rate for one, _ in pairs], RATE_MIN, unit="events/s"),
            ratio("client / bare producer", pairs),
        ],
        figures("client", [one for one, _ in pairs]) | figures("bare producer", [other for _, other in pairs]),
    )


def _published(environment: Environment, namespace: str, rows: Sequence[Prediction]) -> Run:
    kafka = environment.settings.kafka.model_copy(update={"namespace": namespace})
    many = [row._asdict() for row in rows]
    with Producer(kafka, source="bench", domains=(DOMAIN,)) as producer:
        began, cpu = time.perf_counter(), own_cpu()
        producer.publish_many("bench.prediction.made.v1", many)
        producer.flush()
        return _run(len(many), began, cpu)


def _run(events: int, began: float, cpu: float) -> Run:
    seconds = time.perf_counter() - began
    return Run(events, seconds, (own_cpu() - cpu) / events * 1e6, 0.0)
