"""Timers: what only a clock can know is decided once, published, and from then on a fact in the log.

A timer whose SQL or decision raises stands still alone, and so does a row for which it decides what is no event.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from schema.admission import partition_of
from schema.decisions import Decision
from schema.declare import Domain, Watch
from schema.decode import decoders
from schema.heartbeat import NEVER_CONFINED, Heartbeat, described
from streams.duty import TABLES_SECONDS_MAX, behind, duty, hidden
from streams.log import LOG, Log, Place
from streams.publisher import Publisher
from streams.write import Record, checked_writer

SOURCE = "podium/watch"
EVENTS_MAX = 2_000
EVENTS_MAX_BESIDE = 50_000
"""When some must wait: they may come before all others."""

TICK_SECONDS = 0.2
NAME_CHARACTERS_MAX = 200


class Watcher:
    """The timers of a domain; one process at a time keeps them, others stand by."""

    def __init__(self, log: Log, dsn: str, domain: Domain) -> None:
        self.log = log
        self.dsn = dsn
        self.domain = domain
        self.name = f"podium.watch.{domain.name}"
        self.heartbeat = Heartbeat(self.name)
        self._waits_for = ""
        self._failed: set[str] = set()
        """Subjects that failed in this turn."""
        known = decoders([domain])
        self._writers = {
            event.type: checked_writer(event, SOURCE, known[event.topic].decode) for event in domain.events
        }

    def run(self, stop: Event) -> None:
        """Watch until told to stop. Raises psycopg and Kafka errors, Undelivered: call again after a pause."""
        due = dict.fromkeys(self.domain.watches, 0.0)
        with duty(self.dsn, [self.name], stop, self.heartbeat) as held:
            if held is None:
                return
            publisher = Publisher(self.log, self.name, held.lease, self.heartbeat, stop)
            while not stop.is_set():
                held.lease.check()
                self.heartbeat.record_turn(waits_for=self._waits_for)
                for watch in self.domain.watches:
                    if time.monotonic() >= due[watch]:
                        again = self.turn(watch, held.connection, publisher, stop) >= EVENTS_MAX
                        due[watch] = time.monotonic() + (0 if again else watch.every_seconds)
                stop.wait(TICK_SECONDS)

    def turn(self, watch: Watch, connection: Connection[Any], publisher: Publisher, stop: Event) -> int:
        """Decide what is due now and publish it; how many events that was.

        The clock is read first, then the ends: what was sent in time to count is in the tables before the decision.
        """
        now = datetime.now(UTC)
        topics = [topic for topic in self.domain.topics if not topic.endswith(".leaderboards")]
        unread = hidden(connection, self.log, topics, stop, self.heartbeat)
        if unread is None:
            return 0
        self._waits_for = behind(unread) if unread else ""
        if unread and not watch.by_partition:
            return 0
        with self.heartbeat.within(f"ask for {watch.name}", TABLES_SECONDS_MAX):
            records = self._due(watch, connection, now, EVENTS_MAX if not unread else EVENTS_MAX_BESIDE)
        if unread:
            records = [record for record in records if unread.isdisjoint(self._places_of(record))]
        publisher.publish(records)
        if records:
            LOG.info("due", watch=watch.name, domain=self.domain.name, events=len(records))
        self.heartbeat.record_done(len(records))
        return len(records)

    def _places_of(self, record: Record) -> set[Place]:
        """Where what forestalls an event would be: under its key, in every topic whose events share such keys."""
        topic, key, _ = record
        kinds = {event.partition_by for event in self.domain.events if event.topic == topic}
        topics = {event.topic for event in self.domain.events if event.partition_by in kinds}
        return {(each, partition_of(key, self.domain.topics[each])) for each in topics}

    def _due(self, watch: Watch, connection: Connection[Any], now: datetime, most: int) -> list[Record]:
        """What is due; what cannot be decided is a failure of its timer, its subject or its row, and of no other."""
        timer, records = f"timer {watch.name}", list[Record]()
        self._failed.clear()
        with self._confined(timer, connection):
            for subject, rows in _subjects(watch, self._rows(watch, connection, now, most)):
                with self._confined(f"{timer}{subject}", connection):
                    for type_, data in list(_decided(watch, rows, now)):
                        with self._confined(f"{timer}{subject or self._named(type_, data)}", connection):
                            records.append(self._writers[type_](data, now))
        for name in self.heartbeat.failures:
            if name.partition(",")[0] == timer and name not in self._failed:
                self.heartbeat.recover(name)
        return records

    def _confined(self, subject: str, connection: Connection[Any]) -> _Confined:
        """Whatever is raised within is told as a failure of the subject. Raises it if the connection is gone."""
        return _Confined(self, subject, connection)

    def fail(self, subject: str, error: BaseException) -> None:
        """Note that a timer, a subject or a row could not be decided on in this turn."""
        self._failed.add(subject)
        if subject not in self.heartbeat.failures:
            LOG.warning("not decided", domain=self.domain.name, subject=subject, error=described(error))
        self.heartbeat.confine(subject, error)

    def _rows(self, watch: Watch, connection: Connection[Any], now: datetime, most: int) -> list[dict[str, Any]]:
        # Rows that fail are found again each time: they must not hide the others.
        limit = most + len(self.heartbeat.failures)
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(self.domain.sql(watch.sql).encode(), {"now": now, "limit": limit}).fetchall()

    def _named(self, type_: Any, data: Any) -> str:
        """Of an event that is decided without a subject: its natural key."""
        event = self.domain.by_type.get(type_)
        key = ":".join(str(data.get(name)) for name in event.key) if event and isinstance(data, Mapping) else repr(data)
        return f", {type_} {key}"[:NAME_CHARACTERS_MAX]


@dataclass
class _Confined:
    """A class, as a generator does not see a KafkaError, which is no BaseException."""

    watcher: Watcher
    subject: str
    connection: Connection[Any]

    def __enter__(self) -> None:
        """Nothing yet."""

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        gone = self.connection.broken or self.connection.closed
        if error is None or isinstance(error, NEVER_CONFINED) or gone:
            return False
        self.watcher.fail(self.subject, error)
        return True


def _subjects(watch: Watch, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """The rows that are decided on together, and the name of what they are about."""
    if watch.decide is None or not watch.per:
        yield "", list(rows)
        return
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in watch.per), []).append(row)
    for values, own in groups.items():
        told = " ".join(f"{name} {value}" for name, value in zip(watch.per, values, strict=True))
        yield f", {told}"[:NAME_CHARACTERS_MAX], own


def _decided(watch: Watch, rows: Sequence[Mapping[str, Any]], now: datetime) -> Iterable[Decision]:
    return watch.decide(rows, now) if watch.decide else ((row["type"], row["data"]) for row in rows)
