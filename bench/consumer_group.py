"""Several consumers side by side, each in a process of its own with its share of the partitions."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection as Pipe
from threading import Event
from typing import Any

from bench.environment import Ends, Environment
from bench.stopwatch import Run, own_cpu, server_cpu
from consumers.batch import Written
from consumers.loop import Loop
from consumers.meter import Meter
from podium.settings import Postgres

Laps = list[tuple[float, int, float]]
"""After each commit: the monotonic clock, events of it, CPU seconds of the process so far."""


class Noted(Meter):
    """The meter of a consumer that notes when what was committed."""

    def __init__(self) -> None:
        super().__init__()
        self.laps: Laps = []

    def note(self, written: Written, waiting: int) -> None:
        """After a commit."""
        super().note(written, waiting)
        events = sum(move.read for move in written.moves.values())
        if events:
            self.laps.append((time.monotonic(), events, own_cpu()))


def podium_group(
    environment: Environment, domain: str, database: Postgres, namespace: str, until: Ends, processes: int
) -> Run:
    """Like `podium`, by several processes; timed while all of them work, after the first commit of each."""
    spawned = multiprocessing.get_context("spawn")
    kafka, dsn = environment.settings.kafka.client(), database.dsn("consumer")
    children, pipes = [], []
    began = server_cpu(environment.server)
    for n in range(processes):
        here, there = multiprocessing.Pipe()
        share = dict(sorted(until.items())[n::processes])
        child = spawned.Process(target=_consume, args=(there, domain, kafka, dsn, namespace, share))
        child.start()
        children.append(child)
        pipes.append(here)
    for pipe in pipes:
        pipe.recv()
    for pipe in pipes:
        pipe.send(None)
    all_laps: list[Laps] = [pipe.recv() for pipe in pipes]
    for child in children:
        child.join()
    return _together(all_laps, server_cpu(environment.server) - began)


def _consume(pipe: Pipe, domain: str, kafka: Mapping[str, Any], dsn: str, namespace: str, until: Ends) -> None:
    from bench.domain import DOMAIN
    from schema import DOMAINS

    meter = Noted()
    chosen = [one for one in (DOMAIN, *DOMAINS) if one.name == domain]
    loop = Loop(chosen, kafka, dsn, namespace, until=until, meter=meter)
    # All begin together, imports behind them.
    pipe.send(None)
    pipe.recv()
    loop.run(Event())
    pipe.send(meter.laps)


def _together(all_laps: Sequence[Laps], server: float) -> Run:
    start = max(laps[0][0] for laps in all_laps)
    end = min(laps[-1][0] for laps in all_laps)
    within = [[lap for lap in laps if start <= lap[0] <= end] for laps in all_laps]
    events = sum(n for laps in within for at, n, _ in laps if at > start)
    client = sum(laps[-1][2] - laps[0][2] for laps in within if laps)
    total = sum(n for laps in all_laps for _, n, _ in laps)
    return Run(events, end - start, client / max(events, 1) * 1e6, server / total * 1e6)
