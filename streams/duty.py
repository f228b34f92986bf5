"""Duties: work that one process at a time may do, and that waits for the tables to catch up with the log."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any, NamedTuple

from confluent_kafka import KafkaException, Producer
from psycopg import Connection

from schema.heartbeat import Heartbeat
from streams import session
from streams.log import Log, Place
from streams.sql import load
from streams.write import Record

RETRY_SECONDS = 0.5
LOOK_SECONDS = 0.05
PASS_SECONDS_MAX = 30.0
FLUSH_SECONDS_MAX = 30.0


class Undelivered(Exception):
    """The broker did not take what was published."""


class Held(NamedTuple):
    """A duty that is ours for as long as the connection lives."""

    name: str
    connection: Connection[Any]


@contextmanager
def duty(dsn: str, names: Sequence[str], stop: Event, heartbeat: Heartbeat) -> Iterator[Held | None]:
    """Hold the first free one of these duties; waits for one, and yields None when told to stop meanwhile.

    It is an advisory lock of the session: the duty is free again as soon as its holder dies. Raises psycopg errors.
    """
    with session.connect(dsn) as connection:
        held = None
        while held is None and not stop.is_set():
            heartbeat.record_turn(ready=False)
            held = next((name for name in names if _lock(connection, name)), None)
            if held is None:
                stop.wait(RETRY_SECONDS)
        try:
            yield Held(held, connection) if held else None
        finally:
            heartbeat.pause()


def _lock(connection: Connection[Any], name: str) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name]).fetchone()
    return bool(row and row[0])


def passed(connection: Connection[Any], ends: Mapping[Place, int], stop: Event, heartbeat: Heartbeat) -> bool:
    """Wait until the tables hold the log up to these ends; False if told to stop or if it takes too long."""
    parameters = {
        "topics": [topic for topic, _ in ends],
        "partitions": [partition for _, partition in ends],
        "ends": list(ends.values()),
    }
    late = time.monotonic() + PASS_SECONDS_MAX
    while not stop.is_set() and time.monotonic() < late:
        heartbeat.record_turn(heartbeat.ready)
        row = connection.execute(load("behind"), parameters).fetchone()
        if row is not None and row[0] == 0:
            return True
        stop.wait(LOOK_SECONDS)
    return False


def publish(log: Log, producer: Producer, records: Iterable[Record]) -> None:
    """Publish and wait until all are acknowledged. Raises Undelivered: do the whole again."""
    failures: list[str] = []

    def delivered(error: Any, _: Any) -> None:
        if error is not None:
            failures.append(str(error))

    for topic, key, value in records:
        try:
            producer.produce(log.named(topic), value, key, on_delivery=delivered)
        except BufferError:
            producer.flush(FLUSH_SECONDS_MAX)
            producer.produce(log.named(topic), value, key, on_delivery=delivered)
        except KafkaException as failure:
            raise Undelivered(str(failure)) from failure
    if producer.flush(FLUSH_SECONDS_MAX):
        raise Undelivered(f"not acknowledged within {FLUSH_SECONDS_MAX:.0f} s")
    if failures:
        raise Undelivered(failures[0])
