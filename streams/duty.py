"""Duties: work that one process at a time may do, under a lease, and that waits for the tables to hold the log."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any, NamedTuple

from confluent_kafka import KafkaException, Producer
from psycopg import Connection

from schema.heartbeat import Heartbeat
from schema.lease import Lease
from schema.session import STREAMS
from streams import session
from streams.lease import leases
from streams.log import Log, Place
from streams.sql import load
from streams.write import Record

CONNECT_SECONDS_MAX = 30.0
TABLES_SECONDS_MAX = STREAMS.statement_seconds + 60.0
"""For a question to the tables; the server ends it before."""

LOOK_SECONDS = 0.05
LATE_LOOK_SECONDS = 0.5
PASS_SECONDS_MAX = 30.0
OPEN_SECONDS_MAX = 3.0
"""What transactions of our own take at most, when all is well; what is hidden longer is told."""

FLUSH_SECONDS_MAX = 30.0


class Undelivered(Exception):
    """The broker did not take what was published."""


class Held(NamedTuple):
    """A duty that is ours, and a session to do it with."""

    name: str
    connection: Connection[Any]
    lease: Lease


@contextmanager
def duty(dsn: str, names: Sequence[str], stop: Event, heartbeat: Heartbeat) -> Iterator[Held | None]:
    """Hold the first free one of these duties; waits for one, and yields None when told to stop meanwhile.

    While it waits the heartbeat says who has it. What failed in a duty that is only ours to do is found anew by whoever
    has it next. Raises psycopg errors.
    """
    if len(names) == 1:
        heartbeat.failures = {}
    try:
        with leases(dsn).hold(names, stop, heartbeat) as lease:
            if lease is None:
                yield None
                return
            with heartbeat.within("connect", CONNECT_SECONDS_MAX):
                connection = session.connect(dsn)
            with connection:
                yield Held(lease.name, connection, lease)
    finally:
        heartbeat.pause()


def passed(connection: Connection[Any], ends: Mapping[Place, int], stop: Event, heartbeat: Heartbeat) -> bool:
    """Wait until the tables hold the log up to these ends; False if told to stop or if it takes too long."""
    parameters = {
        "topics": [topic for topic, _ in ends],
        "partitions": [partition for _, partition in ends],
        "ends": list(ends.values()),
    }
    late = time.monotonic() + PASS_SECONDS_MAX
    while not stop.is_set() and time.monotonic() < late:
        heartbeat.record_turn(heartbeat.ready, heartbeat.waits_for)
        row = connection.execute(load("behind"), parameters).fetchone()
        if row is not None and row[0] == 0:
            return True
        stop.wait(LOOK_SECONDS)
    return False


def hidden(
    connection: Connection[Any], log: Log, topics: Iterable[str], stop: Event, heartbeat: Heartbeat
) -> frozenset[Place] | None:
    """Wait until the tables hold the log up to its present ends; the partitions with records that nobody can read yet.

    Those lie behind a transaction that its producer has left open. None: told to stop, or the tables take too long.
    Raises KafkaException and psycopg errors.
    """
    asked = list(topics)
    ends = log.ends(asked, whole=True)
    began = time.monotonic()
    while not stop.is_set() and time.monotonic() - began < PASS_SECONDS_MAX:
        heartbeat.record_turn(heartbeat.ready, heartbeat.waits_for)
        reached = _reached(connection, asked)
        behind = [place for place, end in ends.items() if reached.get(place, 0) < end]
        if not behind:
            return frozenset()
        if time.monotonic() - began > OPEN_SECONDS_MAX:
            readable = log.ends(asked)
            if all(reached.get(place, 0) >= min(readable[place], ends[place]) for place in behind):
                return frozenset(behind)
            stop.wait(LATE_LOOK_SECONDS)
        stop.wait(LOOK_SECONDS)
    return None


def behind(places: Iterable[Place]) -> str:
    """For a heartbeat: what is waited for."""
    found = sorted(places)
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"records behind an open transaction in {found[0][0]}[{found[0][1]}]{more}"


def _reached(connection: Connection[Any], topics: list[str]) -> dict[Place, int]:
    rows = connection.execute(load("cut"), {"topics": topics}).fetchall()
    return {(topic, partition): position for topic, partition, position, _ in rows}


def publish(log: Log, producer: Producer, records: Iterable[Record]) -> None:
    """Publish and wait until all are acknowledged. Raises Undelivered: do the whole again."""
    failures: list[str] = []

    def delivered(error: Any, _: Any) -> None:
        if error is not None:
            failures.append(str(error))

    for topic, key, value in records:
        try:
            producer.produce(log.named(topic), value, key, log.partition_of(topic, key), on_delivery=delivered)
        except BufferError:
            producer.flush(FLUSH_SECONDS_MAX)
            producer.produce(log.named(topic), value, key, log.partition_of(topic, key), on_delivery=delivered)
        except KafkaException as failure:
            raise Undelivered(str(failure)) from failure
    if producer.flush(FLUSH_SECONDS_MAX):
        raise Undelivered(f"not acknowledged within {FLUSH_SECONDS_MAX:.0f} s")
    if failures:
        raise Undelivered(failures[0])
