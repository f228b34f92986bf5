"""Everything that must move, looked at once: partitions, loops, what is confined, and the one verdict over them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Any

import psycopg
from confluent_kafka.admin import AdminClient
from psycopg.rows import class_row

from podium import session
from podium.settings import Settings
from podium.sql import load
from podium.status import log as kafka_log
from podium.status.log import read_log
from podium.status.loops import Expected, Loop, expected, loops, plain
from podium.status.partitions import COUNTS, Findings, Position, Row, Sample, Topic, behind, by_topic, rows
from podium.status.records import Anomaly, Aside, Failed, Outside, Reason, anomalies, beside
from podium.status.transactions import Hidden, hidden
from podium.status.work import Sight
from schema.declare import Domain
from schema.session import STATUS

SAMPLE_SECONDS = 0.5
OURS = "failed"
"""Reason of dead letters for which our own code raised: an update mends them, no producer can."""


@dataclass(frozen=True)
class Fault:
    """One thing that stands still or is wrong."""

    what: str
    verdict: str
    why: str
    since: datetime | None = None


@dataclass(frozen=True)
class Total:
    """All partitions together; `rate` in events a second."""

    read: int
    applied: int
    parked: int
    released: int
    dead: int
    lag: int
    lag_seconds: float
    rate: float
    adds_up: bool
    caught_up: bool


@dataclass(frozen=True)
class Status:
    """Everything that `podium status` tells about the pipeline."""

    partitions: Sequence[Row]
    dead: Sequence[Reason]
    outside: Sequence[Outside] = ()
    beside: Sequence[Aside] = ()
    loops: Sequence[Loop] = ()
    failures: Sequence[Failed] = ()
    anomalies: Sequence[Anomaly] = ()
    transactions: Mapping[tuple[str, int], Hidden] | None = None

    @property
    def topics(self) -> list[Topic]:
        """A line a topic."""
        return by_topic(self.partitions)

    @property
    def total(self) -> Total:
        """Sums, and the largest lag in seconds."""
        found = self.partitions
        sums = {name: sum(getattr(row, name) for row in found) for name in COUNTS}
        return Total(
            **sums,
            lag=sum(row.lag for row in found),
            lag_seconds=max((row.lag_seconds for row in found), default=0.0),
            rate=round(sum(row.rate for row in found), 1),
            adds_up=sums["read"] == sums["applied"] + sums["parked"] + sums["released"] + sums["dead"],
            caught_up=all(row.position >= row.end for row in found),
        )

    @property
    def faults(self) -> list[Fault]:
        """All that is not as it should be, what stands still first."""
        return list(self._faults())

    def _faults(self) -> Iterator[Fault]:
        for topic in self.topics:
            if topic.verdict != "OK":
                yield Fault(f"{topic.topic}[{topic.partition}]", topic.verdict, topic.why)
        for loop in self.loops:
            if loop.verdict != "OK":
                yield Fault(plain(loop.name), loop.verdict, loop.why)
        told = {f"partition {row.topic}[{row.partition}]" for row in self.partitions if row.verdict != "OK"}
        told |= {f"topic {row.topic}" for row in self.partitions if row.verdict != "OK"}
        for failed in self.failures:
            if failed.subject not in told:
                yield Fault(failed.subject, "ERR", f"{plain(failed.loop)}: {failed.error}", failed.since)
        for reason in self.dead:
            if reason.reason == OURS:
                why = f"{reason.letters} raised in our own code: update, then podium dead redrive --reason {OURS}"
                yield Fault(f"dead letters of {reason.topic}", "ERR", why, reason.last)
        if not self.total.adds_up:
            yield Fault("ledger", "ERR", "read is not applied + parked + released + dead")

    @property
    def good(self) -> bool:
        """Whether there is nothing for an operator to do."""
        return not self.faults


class Watcher:
    """Looks at the pipeline as often as asked. `settings` hold concrete addresses."""

    def __init__(self, settings: Settings, domains: Iterable[Domain]) -> None:
        self.settings = settings
        self.domains = list(domains)
        self.topics = {name: count for domain in self.domains for name, count in domain.topics.items()}
        self.client: AdminClient = kafka_log.admin(settings.kafka)
        self._expected: list[Expected] | None = None

    def look(self, sample_seconds: float = SAMPLE_SECONDS) -> Status:
        """Two samples, for rates and tendencies. Raises psycopg errors and KafkaException."""
        dsn = self.settings.postgres.dsn("stream")
        with session.connect(dsn, STATUS, autocommit=True) as connection:
            first = sample(connection, self.client, self.settings.kafka.namespace, self.topics)
            Event().wait(sample_seconds)
            second = sample(connection, self.client, self.settings.kafka.namespace, self.topics)
            return self._judged(connection, first, second)

    def _judged(self, connection: psycopg.Connection[Any], first: Sample, second: Sample) -> Status:
        kafka, now = self.settings.kafka, datetime.now(UTC)
        if self._expected is None:
            self._expected = expected(domain for domain in self.domains if domain.models and domain.name != "podium")
        held = hidden(self.client, kafka, second.log.readable, second.log.ends)
        waiting = kafka_log.oldest_unread(kafka, behind(second, self.topics))
        failures = _all(connection, Failed, "status_failures")
        aside = {one.subject: one.error for one in failures}
        sight = Sight(kafka, self.client, connection, second.log, second.positions, now)
        return Status(
            rows(first, second, self.topics, Findings(waiting, held, aside), now),
            _all(connection, Reason, "dead_reasons"),
            _all(connection, Outside, "outside_writes"),
            list(beside(connection, self.settings.postgres, now)),
            loops(sight, self._expected),
            failures,
            list(anomalies(connection, self.domains)),
            held,
        )


def _all(connection: psycopg.Connection[Any], kind: Any, name: str) -> list[Any]:
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(load(name)).fetchall()


def look(settings: Settings, domains: Iterable[Domain], sample_seconds: float = SAMPLE_SECONDS) -> Status:
    """One look. Raises psycopg errors and KafkaException."""
    return Watcher(settings, domains).look(sample_seconds)


def sample(
    connection: psycopg.Connection[Any], client: AdminClient, namespace: str, topics: Mapping[str, int]
) -> Sample:
    """Positions first, then ends: what looks caught up was."""
    found: list[Position] = _all(connection, Position, "positions")
    at = time.monotonic()
    return Sample(at, {(row.topic, row.partition): row for row in found}, read_log(client, namespace, topics))
