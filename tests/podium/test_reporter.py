"""What loops do and what failed in them stands in the ledger, and is retired with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
import structlog
from structlog.testing import capture_logs

from podium.reporter import Reporter
from podium.settings import Settings
from schema.heartbeat import FAILURES_MAX, FURTHER, Heartbeat
from tests.consumers.proxy import Wire
from tests.podium.log import until


def query(settings: Settings, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(settings.postgres.dsn("owner"), autocommit=True) as connection:
        return connection.execute(sql.encode(), parameters).fetchall()


def failures(settings: Settings) -> set[tuple[str, str, str]]:
    return set(query(settings, "SELECT loop, subject, process FROM ledger.failure"))


@contextmanager
def reporting(settings: Settings, process: str, *heartbeats: Heartbeat, role: Any = "stream") -> Iterator[Reporter]:
    reporter = Reporter(settings.postgres.dsn(role), heartbeats, process)
    with reporter.running():
        yield reporter


@pytest.mark.parametrize("role", ["consumer", "stream"])
def test_the_state_of_each_loop_is_told_and_signed_off(database: Settings, role: Any) -> None:
    one, two = Heartbeat("one"), Heartbeat("two")
    with reporting(database, "h:1", one, two, role=role):
        one.record_turn()
        one.record_done(3)
        two.record_failure(ConnectionError("no \0 broker \udcff"))
        told = "SELECT name, ready, done, restarts, error FROM ledger.loop WHERE process = 'h:1' ORDER BY name"
        wanted = [("one", True, 3, 0, ""), ("two", False, 0, 1, "ConnectionError: no \ufffd broker ?")]
        until(lambda: query(database, told) == wanted)
        two.record_standby("held by h:2 since 10:00")
        until(lambda: query(database, told)[1:] == [("two", False, 0, 1, "")])
        assert query(database, "SELECT waits_for FROM ledger.loop WHERE name = 'two'") == [("held by h:2 since 10:00",)]
    assert query(database, "SELECT count(*) FROM ledger.loop") == [(0,)]


def test_failures_come_and_go_with_the_loop_that_has_them(database: Settings) -> None:
    one = Heartbeat("one")
    with reporting(database, "h:1", one):
        one.confine("key 42", ValueError("wide"), ("a.b", 1, 2))
        one.confine("board x", "odd")
        until(lambda: failures(database) == {("one", "key 42", "h:1"), ("one", "board x", "h:1")})
        row = "SELECT error, topic, partition, \"offset\", tries FROM ledger.failure WHERE subject = 'key 42'"
        assert query(database, row) == [("ValueError: wide", "a.b", 1, 2, 1)]
        one.confine("key 42", ValueError("wider"))
        until(lambda: query(database, row) == [("ValueError: wide", "a.b", 1, 2, 2)])
        one.recover("board x")
        until(lambda: failures(database) == {("one", "key 42", "h:1")})


def test_whoever_takes_over_from_a_process_that_is_gone_retires_what_does_not_fail(database: Settings) -> None:
    gone, neighbour = Heartbeat("one"), Heartbeat("one")
    with reporting(database, "h:1", gone):
        gone.confine("key 1", "broken")
        gone.confine("key 2", "broken")
        until(lambda: len(failures(database)) == 2)
    with reporting(database, "h:2", neighbour):
        neighbour.confine("key 3", "broken")
        until(lambda: len(failures(database)) == 3)
        heir = Heartbeat("one")
        with reporting(database, "h:3", heir):
            heir.confine("key 2", "still broken")
            until(lambda: ("one", "key 2", "h:3") in failures(database))
            assert ("one", "key 1", "h:1") in failures(database)
            heir.record_turn()
            until(lambda: failures(database) == {("one", "key 2", "h:3"), ("one", "key 3", "h:2")})


def test_very_many_failures_are_counted_rather_than_listed(database: Settings) -> None:
    one = Heartbeat("one")
    for n in range(FAILURES_MAX + 5):
        one.confine(f"key {n}", "broken")
    with reporting(database, "h:1", one):
        until(lambda: len(failures(database)) == FAILURES_MAX + 1)
        more = f"SELECT error, tries FROM ledger.failure WHERE subject = '{FURTHER}'"
        assert query(database, more) == [("broken", 5)]


def test_it_survives_a_database_that_is_away_and_says_so_twice(database: Settings) -> None:
    structlog.reset_defaults()
    one, wire = Heartbeat("one"), Wire(database.postgres.dsn("stream"))
    reporter = Reporter(wire.dsn, [one], "h:1")
    count = "SELECT count(*) FROM ledger.loop WHERE process = 'h:1'"
    with capture_logs() as lines:
        with reporter.running():
            until(lambda: query(database, count) == [(1,)])
            wire.barred = b"INTO ledger.loop"
            until(lambda: any("does not answer" in line["event"] for line in lines))
            query(database, "DELETE FROM ledger.loop RETURNING 1")
            until(lambda: query(database, count) == [(1,)])
        wire.close()
    assert [line["event"].split()[-2] for line in lines] == ["not", "answers"]


def test_reports_of_the_long_gone_are_tidied(database: Settings) -> None:
    stale = (
        "INSERT INTO ledger.loop (name, process, ready, turn_age_seconds, progress_age_seconds, done, restarts, error,"
    )
    stale += " reported_at) VALUES ('old', 'h:0', true, 0, 0, 0, 0, '', now() - interval '2 hours') RETURNING 1"
    query(database, stale)
    with reporting(database, "h:1", Heartbeat("one")):
        until(lambda: query(database, "SELECT name FROM ledger.loop") == [("one",)])
