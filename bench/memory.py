"""Does the consumer's memory stay flat? Resident memory of one process over millions of events."""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing.connection import Connection as Pipe
from threading import Event
from typing import Any

import psutil
import psycopg

from bench.domain import DOMAIN
from bench.environment import PARTITIONS, Environment
from bench.feed import made, predictions, publish
from bench.options import Options
from bench.verdict import Measure, Verdict
from podium.settings import Postgres
from podium.supervisor import ALLOCATOR

TOPIC = "bench.predictions"
EVENTS = 10_000_000
ROUNDS = 10
RESIDENT_MB_MAX = 300
GROWTH_MAX = 1.05
LOOK_SECONDS = 0.05

RESET = "TRUNCATE bench.predictions; UPDATE ledger.offset SET position = 0"


def run(environment: Environment, options: Options) -> Verdict:
    """One process, one Loop, the same stretch of log again and again into a table emptied in between."""
    total = options.events or EVENTS
    namespace = environment.topics({TOPIC: PARTITIONS})
    publish(environment.settings, namespace + TOPIC, made(predictions(total // ROUNDS)))
    until = environment.ends(namespace, [TOPIC])
    with environment.database() as database:
        resident = _watched(environment.settings.kafka.client(), database, namespace, until)
    environment.forget(namespace)
    at = {share: resident[max(0, ROUNDS * share // 100 - 1)] for share in (10, 50, 100)}
    growth = at[100] / at[10]
    peak = max(resident)
    return Verdict(
        "memory",
        f"Does a consumer's resident memory stay flat over {total:,} events, and below {RESIDENT_MB_MAX} MB?",
        f"One process and one Loop read {total // ROUNDS:,} events {ROUNDS} times; before each time the ledger is set "
        "back and the table emptied. The highest resident memory seen in a round, shared libraries included.",
        [
            Measure("resident at 100 % / at 10 %", growth, growth, growth, target=GROWTH_MAX, at_most=True),
            Measure("highest", peak, min(resident), peak, unit="MB", target=RESIDENT_MB_MAX, at_most=True),
        ],
        {f"after {share} %": {"resident_mb": round(value, 1)} for share, value in at.items()},
    )


def _watched(
    kafka: dict[str, Any], database: Postgres, namespace: str, until: dict[tuple[str, int], int]
) -> list[float]:
    """Highest resident MB of each round."""
    here, there = multiprocessing.Pipe()
    # As the supervisor starts it.
    os.environ.update(ALLOCATOR)
    spawned = multiprocessing.get_context("spawn")
    process = spawned.Process(target=_consume, args=(there, kafka, database.dsn("consumer"), namespace, until))
    process.start()
    found = []
    try:
        for _ in range(ROUNDS):
            found.append(_highest(here, psutil.Process(process.pid)))
            with psycopg.connect(database.dsn(), autocommit=True) as connection:
                connection.execute(RESET.encode())
            here.send(None)
    finally:
        process.join(30)
        process.kill()
    return found


def _highest(pipe: Pipe, process: psutil.Process) -> float:
    highest = 0.0
    while not pipe.poll(LOOK_SECONDS):
        highest = max(highest, process.memory_info().rss / 2**20)
    pipe.recv()
    return highest


def _consume(pipe: Pipe, kafka: dict[str, Any], dsn: str, namespace: str, until: dict[tuple[str, int], int]) -> None:
    from consumers.loop import Loop

    loop = Loop((DOMAIN,), kafka, dsn, namespace, until=until)
    for _ in range(ROUNDS):
        loop.run(Event())
        pipe.send(None)
        pipe.recv()
