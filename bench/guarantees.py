"""What do the guarantees cost? Podium's consumer beside a bare loop that has none, into the same table."""

from __future__ import annotations

from bench.domain import DOMAIN
from bench.feed import made, predictions, publish
from bench.ground import PARTITIONS, Ground
from bench.options import Options
from bench.sides import bare, podium
from bench.verdict import Verdict, figures, ratio

TOPIC = "bench.predictions"
EVENTS = 200_000


def run(ground: Ground, options: Options) -> Verdict:
    """Fill the fact table from the same topic, in turn by either side, each time in a fresh database."""
    namespace = ground.topics({TOPIC: PARTITIONS})
    publish(ground.settings, namespace + TOPIC, made(predictions(options.events or EVENTS)))
    until = ground.ends(namespace, [TOPIC])
    pairs = []
    for _ in range(options.pairs):
        with ground.database() as database:
            ours = podium(ground, (DOMAIN,), database, namespace, until)
        with ground.database() as database:
            pairs.append((ours, bare(ground, database, namespace + TOPIC, until)))
    ground.forget(namespace)
    return Verdict(
        "guarantees",
        "How much of the speed of a bare consume-decode-COPY loop does Podium's consumer keep?",
        "Both read the same 4 partitions and fill identical tables with the same triggers and places, commit "
        "asynchronously and are timed from their first commit to their last.",
        [ratio("podium / bare loop", pairs, 0.8)],
        figures("podium", [one for one, _ in pairs]) | figures("bare loop", [other for _, other in pairs]),
    )
