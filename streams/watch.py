"""Timers: what only a clock can know is decided once, published, and from then on a fact in the log."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from threading import Event
from typing import Any

from confluent_kafka import Producer
from psycopg import Connection
from psycopg.rows import dict_row

from schema.declare import Domain, Watch
from schema.heartbeat import Heartbeat
from streams.duty import duty, passed, publish
from streams.log import LOG, Log
from streams.write import writer

SOURCE = "podium/watch"
EVENTS_MAX = 2_000
TICK_SECONDS = 0.2


class Watcher:
    """The timers of a domain; one process at a time keeps them, others stand by."""

    def __init__(self, log: Log, dsn: str, domain: Domain) -> None:
        self.log = log
        self.dsn = dsn
        self.domain = domain
        self.name = f"podium.watch.{domain.name}"
        self.heartbeat = Heartbeat(self.name)
        self._writers = {event.type: writer(event, SOURCE) for event in domain.events}

    def run(self, stop: Event) -> None:
        """Watch until told to stop. Raises psycopg and Kafka errors, Undelivered: call again after a pause."""
        due = dict.fromkeys(self.domain.watches, 0.0)
        with duty(self.dsn, [self.name], stop, self.heartbeat) as held:
            producer = self.log.producer()
            while held and not stop.is_set():
                self.heartbeat.record_turn()
                for watch in self.domain.watches:
                    if time.monotonic() >= due[watch]:
                        again = self.turn(watch, held.connection, producer, stop) >= EVENTS_MAX
                        due[watch] = time.monotonic() + (0 if again else watch.every_seconds)
                stop.wait(TICK_SECONDS)

    def turn(self, watch: Watch, connection: Connection[Any], producer: Producer, stop: Event) -> int:
        """Decide what is due now and publish it; how many events that was.

        The clock is read first, then the ends: what was sent in time to count is in the tables before the decision.
        """
        now = datetime.now(UTC)
        ends = self.log.ends(topic for topic in self.domain.topics if not topic.endswith(".leaderboards"))
        if not passed(connection, ends, stop, self.heartbeat):
            return 0
        events = self._due(watch, connection, now)
        publish(self.log, producer, [self._writers[type_](data, now) for type_, data in events])
        if events:
            LOG.info("due", watch=watch.name, domain=self.domain.name, events=len(events))
        self.heartbeat.record_done(len(events))
        return len(events)

    def _due(self, watch: Watch, connection: Connection[Any], now: datetime) -> list[tuple[str, dict[str, Any]]]:
        query = self.domain.sql(watch.sql).encode()
        with connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(query, {"now": now, "limit": EVENTS_MAX}).fetchall()
        return list(watch.decide(rows, now)) if watch.decide else [(row["type"], row["data"]) for row in rows]
