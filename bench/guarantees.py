"""What do the guarantees cost? Podium's consumer beside a bare loop that has none, into the same tables."""

from __future__ import annotations

import time
from collections import deque
from uuid import uuid4

from bench import evaluation
from bench.contenders import STATEMENT, bare, bare_rows, podium
from bench.domain import DOMAIN
from bench.environment import PARTITIONS, Environment
from bench.feed import made, predictions, publish
from bench.options import Options
from bench.stopwatch import Run
from bench.verdict import Measure, Verdict, figures, measure, ratio
from schema.admission import placing
from schema.evaluation import DOMAIN as EVALUATION

TOPIC = "bench.predictions"
EVENTS = 300_000
EVALUATION_EVENTS = 120_000
KEYS = 20_000
ROUNDS = 5

Round = tuple[Run, Run, Run]
"""Podium, the bare loop, the bare loop with Podium's garbage collection."""


def run(environment: Environment, options: Options) -> Verdict:
    """Fill the tables from the same topics, in turn by each side, each time in a fresh database."""
    facts = _facts(environment, options)
    tallied = _tallied(environment, options)
    return Verdict(
        "guarantees",
        "How much of the speed of a bare consume-decode-COPY loop does Podium's consumer keep?",
        "All read the same 4 partitions and fill identical tables with the same triggers and places, commit "
        "asynchronously and are timed from their first commit to their last. The bare loop has no ledger, no "
        "validation beyond types, no dead letters. Podium also sets Python's garbage collector; a third side is the "
        "bare loop with that setting.",
        [
            ratio("podium / bare loop, facts alone", [(a, b) for a, b, _ in facts], 0.8),
            ratio("podium / bare loop that sets the collector too", [(a, c) for a, _, c in facts]),
            ratio("podium / bare loop, with tallies and references", tallied),
            *_placing(),
        ],
        figures("podium", [a for a, _, _ in facts])
        | figures("bare loop", [b for _, b, _ in facts])
        | figures("bare loop, collector set", [c for _, _, c in facts])
        | figures("podium, tallies and references", [a for a, _ in tallied])
        | figures("bare loop, tallies and references", [b for _, b in tallied]),
    )


def _placing() -> list[Measure]:
    """What it costs an event to ask whether its record is in the partition of its key."""
    keys = [str(uuid4()).encode() for _ in range(KEYS)]
    known: list[float] = []
    unknown: list[float] = []
    for _ in range(ROUNDS):
        for costs, place in ((unknown, placing.__wrapped__(PARTITIONS)), (known, placing(PARTITIONS))):
            deque(map(placing(PARTITIONS), keys), maxlen=0)
            began = time.process_time()
            deque(map(place, keys), maxlen=0)
            costs.append((time.process_time() - began) / KEYS * 1e6)
    return [
        measure("partition of a key seen before, an event", known, unit="us"),
        measure("partition of a new key of 36 bytes, an event", unknown, unit="us"),
    ]


def _facts(environment: Environment, options: Options) -> list[Round]:
    namespace = environment.topics({TOPIC: PARTITIONS})
    publish(environment.settings, namespace + TOPIC, made(predictions(options.events or EVENTS)))
    until = environment.ends(namespace, [TOPIC])
    rounds = []
    for _ in range(options.pairs):
        with environment.database() as database:
            ours = podium(environment, (DOMAIN,), database, namespace, until)
        with environment.database() as database:
            plain = bare(environment, database, namespace + TOPIC, until, STATEMENT, bare_rows)
        with environment.database() as database:
            rounds.append(
                (ours, plain, bare(environment, database, namespace + TOPIC, until, STATEMENT, bare_rows, tuned=True))
            )
    environment.forget(namespace)
    return rounds


def _tallied(environment: Environment, options: Options) -> list[tuple[Run, Run]]:
    pairs = []
    with evaluation.scene(environment, options.events or EVALUATION_EVENTS) as scene:
        for _ in range(options.pairs):
            with environment.database(scene.template) as database:
                ours = podium(environment, (EVALUATION,), database, scene.namespace, scene.until)
            with environment.database(scene.template) as database:
                topic = scene.namespace + evaluation.TOPIC
                pairs.append((ours, bare(environment, database, topic, scene.until, scene.statement, scene.rows)))
    return pairs
