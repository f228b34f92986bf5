"""A worker that reads a log in memory and writes a real database: the loop's steps, cut where a test says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection

from consumers import apart
from consumers.batch import Writer, Written
from consumers.dead import Breaker
from consumers.offset import Offsets
from consumers.parked import Parked
from consumers.plan import Plan
from consumers.read import Batch
from schema.declare import Domain
from tests.log import Entry, Log, Partition

SWEEPS_MAX = 200
"""Slices after which a sweep that finds no end is a fault."""

_plans: dict[tuple[tuple[str, int], ...], Plan] = {}


def _plan(log: Log) -> Plan:
    sizes = tuple((domain.name, log.partitions) for domain in log.domains)
    if sizes not in _plans:
        _plans[sizes] = Plan(log.domains)
    return _plans[sizes]


class Worker:
    """Holds some partitions of a log and moves through them step by step."""

    def __init__(self, connection: Connection[Any], domains: Sequence[Domain], log: Log, name: str = "w") -> None:
        self.connection = connection
        self.log = log
        self.offsets = Offsets(name)
        self.parked = Parked(domains)
        self.writer = Writer(_plan(log), self.offsets, self.parked, Breaker(share_max=1.0))
        self.writer.prepare(connection)

    def take(self, partitions: Iterable[Partition]) -> None:
        """Claim partitions, as on assignment."""
        partitions = list(partitions)
        self.offsets.claim(self.connection, dict.fromkeys(partitions, "log-1"))
        self.parked.adopt(self.connection, partitions)

    def leave(self) -> None:
        """Give all partitions up, as on revocation."""
        partitions = list(self.offsets.held)
        self.offsets.release(partitions)
        self.parked.release(partitions)
        self.writer.references.forget()

    def step(self, wanted: dict[Partition, int]) -> Written | None:
        """Write one batch of up to so many records from each partition that is held."""
        batch = Batch()
        for partition, count in wanted.items():
            held = self.offsets.held.get(partition)
            if held is None:
                continue
            entries: list[Entry] = self.log.entries[partition][held.position : held.position + count]
            if entries:
                batch.messages[partition] = list(entries)
                batch.ends[partition] = entries[-1].offset() + 1
        return list(apart.write(self.writer, self.connection, batch))[-1] if batch.ends else None

    def sweep(self) -> int:
        """Release what is ready, slice by slice; the number of records released."""
        total = 0
        for _ in range(SWEEPS_MAX):
            raws = self.parked.ready(self.connection, 0.0)
            if not raws:
                return total
            written = list(apart.release(self.writer, self.connection, raws))[-1]
            total += len(raws)
        raise AssertionError(f"released again and again: {written.outcome.waiting}")

    def finish(self, slice_records: int = 1000) -> None:
        """Read everything that is left, then release what can be."""
        while any(
            self.offsets.held[one].position < end for one, end in self.log.ends().items() if one in self.offsets.held
        ):
            self.step(dict.fromkeys(self.offsets.held, slice_records))
        self.sweep()
