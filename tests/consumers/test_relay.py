"""Dead letters reach their topic: untouched, in order, each once, whatever happens to the relay."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any
from uuid import uuid5

import psycopg
import pytest
from psycopg import Connection

from consumers.dead import bury
from consumers.record import Letter, Raw
from consumers.relay import Relay
from podium import topics
from podium.settings import Settings
from schema import LEDGER
from schema.envelope import NAMESPACE
from streams.lease import Leases
from tests.podium.command import started
from tests.podium.log import committed, messages, until

TOPIC = next(iter(LEDGER.topics))
DEAD = f"{TOPIC}.dead"
APPENDED_MS = 1_772_366_400_000


@pytest.fixture
def settings(database: Settings) -> Settings:
    topics.apply(database.kafka, topics.wanted((), database.kafka))
    return database


def letter(offset: int, **raw: Any) -> Letter:
    plain = {"key": b"k", "value": b"{}", "headers": []}
    record = Raw(topic=TOPIC, partition=0, offset=offset, append_ms=APPENDED_MS, **{**plain, **raw})
    return Letter(record, "refused", "correct the data and publish the event again", sqlstate="22003")


def buried(settings: Settings, letters: Sequence[Letter]) -> None:
    with psycopg.connect(settings.postgres.dsn("consumer"), autocommit=True) as connection:
        bury(connection, letters)


def unrelayed(connection: Connection[Any]) -> int:
    row = connection.execute("SELECT count(*) FROM ledger.dead WHERE relayed_at IS NULL").fetchone()
    assert row is not None
    return int(row[0])


@contextmanager
def relaying(settings: Settings, batch_letters_max: int = 500) -> Iterator[Relay]:
    dsn = settings.postgres.dsn("consumer")
    relay = Relay(settings.kafka.client(), dsn, Leases(dsn), settings.kafka.namespace, batch_letters_max)
    stop = Event()
    thread = Thread(target=relay.run, args=[stop], daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def ids(settings: Settings, count: int) -> list[str]:
    """`podium.id` of everything in the topic, which must have so many records."""
    found = committed(settings, DEAD)
    assert len(found) == count
    return [dict(message.headers() or [])["podium.id"].decode() for message in found]  # type: ignore[union-attr]


def expected(offsets: Sequence[int]) -> list[str]:
    return [str(uuid5(NAMESPACE, f"{TOPIC}:0:{offset}")) for offset in offsets]


def test_a_letter_arrives_untouched_and_says_why(settings: Settings, connection: Connection[Any]) -> None:
    own = [("trace", b"\xff\x00"), ("trace", None), ("other", b"")]
    buried(settings, [letter(7, key=b"\x00key", value=b"\xfe not UTF-8", headers=own)])
    with relaying(settings):
        until(lambda: unrelayed(connection) == 0)
    (message,) = messages(settings, DEAD, 1)
    assert (message.key(), message.value(), message.partition()) == (b"\x00key", b"\xfe not UTF-8", 0)
    headers: Any = message.headers()
    assert headers[:3] == own
    assert dict(headers[3:]) == {
        "podium.id": expected([7])[0].encode(),
        "podium.reason": b"refused",
        "podium.sqlstate": b"22003",
        "podium.message": b"correct the data and publish the event again",
        "podium.topic": TOPIC.encode(),
        "podium.partition": b"0",
        "podium.offset": b"7",
        "podium.time": b"2026-03-01T12:00:00+00:00",
    }


def test_tombstones_and_records_without_a_key_arrive(settings: Settings, connection: Connection[Any]) -> None:
    buried(settings, [letter(1, key=None, value=None)])
    with relaying(settings):
        until(lambda: unrelayed(connection) == 0)
    (message,) = messages(settings, DEAD, 1)
    assert (message.key(), message.value()) == (None, None)


def test_letters_keep_their_order(settings: Settings, connection: Connection[Any]) -> None:
    buried(settings, [letter(offset) for offset in range(1000)])
    with relaying(settings, batch_letters_max=64) as relay:
        until(lambda: unrelayed(connection) == 0)
        assert relay.heartbeat.ready
    assert ids(settings, 1000) == expected(range(1000))


def test_what_was_sent_but_not_noted_is_not_sent_again(
    settings: Settings, connection: Connection[Any], owner: Connection[Any]
) -> None:
    buried(settings, [letter(offset) for offset in range(100)])
    with relaying(settings):
        until(lambda: unrelayed(connection) == 0)
    owner.execute('UPDATE ledger.dead SET relayed_at = NULL WHERE "offset" >= 60')
    buried(settings, [letter(offset) for offset in range(200, 210)])
    with relaying(settings):
        until(lambda: unrelayed(connection) == 0)
    assert ids(settings, 110) == expected([*range(100), *range(200, 210)])


def test_a_second_relay_stands_by_and_takes_over(settings: Settings, connection: Connection[Any]) -> None:
    with relaying(settings) as second:
        until(lambda: second.heartbeat.ready)
        with relaying(settings) as third:
            buried(settings, [letter(offset) for offset in range(50)])
            until(lambda: unrelayed(connection) == 0)
            assert not third.heartbeat.ready
    with relaying(settings) as fourth:
        until(lambda: fourth.heartbeat.ready)
    assert ids(settings, 50) == expected(range(50))


@pytest.mark.faults
def test_killed_at_any_instant_it_relays_each_letter_once(settings: Settings, connection: Connection[Any]) -> None:
    buried(settings, [letter(offset, value=b"x" * 2000) for offset in range(6000)])
    chance = random.Random(7)
    for _ in range(4):
        before = unrelayed(connection)
        with started(settings, "run", "relay") as process:
            until(lambda before=before: unrelayed(connection) < before, 40)  # type: ignore[misc]
            Event().wait(chance.random() * 0.05)
            process.send_signal(signal.SIGKILL)
    with relaying(settings):
        until(lambda: unrelayed(connection) == 0, 40)
    assert ids(settings, 6000) == expected(range(6000))
