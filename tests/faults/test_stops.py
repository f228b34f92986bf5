"""Processes that are stopped, gently or in the middle of a transaction, leave nothing half done and nobody waiting."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import psutil
import psycopg
import pytest

from podium.settings import Settings
from tests.consumers.broker import until
from tests.faults.story import Story
from tests.faults.system import CONSUMERS, PATIENCE_SECONDS, System, system

STOP_SECONDS_MAX = 2.0
SAMPLE_SECONDS = 0.2
STORY = Story(5_000, seed=3)
HALVES = list(STORY.slices(2))
AT_WORK = {
    "consumers-1": "SELECT true",
    "score-1": "SELECT EXISTS (SELECT FROM evaluation.scores)",
    "rank": "SELECT EXISTS (SELECT FROM ledger.snapshot)",
}
"""Process -> what shows that it has begun."""


@pytest.fixture
def two(mortal: Settings, request: pytest.FixtureRequest) -> Iterator[System]:
    """Two consumers and a scorer on a log of their own."""
    with system(mortal, f"two-{abs(hash(request.node.name)) % 10**6}", (*CONSUMERS, "score-1", "rank")) as one:
        yield one


def crowd() -> float:
    """How many times longer than alone a process takes: what it gets of a core now, and how many want one."""
    began, used = time.monotonic(), time.process_time()
    while time.process_time() - used < SAMPLE_SECONDS:
        pass
    share = SAMPLE_SECONDS / (time.monotonic() - began)
    return max(1.0, 1 / share, os.getloadavg()[0] / (os.cpu_count() or 1))


def owners(one: System) -> dict[str, int]:
    """Process number -> partitions that it holds."""
    rows = one.broker.query("SELECT split_part(owner, ':', 2), count(*)::int FROM ledger.offset GROUP BY 1")
    return dict(rows)


def shared(one: System) -> bool:
    """Whether both consumers hold partitions."""
    return {str(one.pid(name)) for name in CONSUMERS} <= set(owners(one))


@pytest.mark.faults
@pytest.mark.parametrize("name", AT_WORK)
def test_sigterm_ends_a_process_in_time_with_work_in_flight(two: System, name: str) -> None:
    with two.running():
        until(lambda: shared(two), PATIENCE_SECONDS)
        two.publish(HALVES[0])
        two.await_read(len(HALVES[0]) // 3)
        until(lambda: two.broker.query(AT_WORK[name]) == [(True,)], PATIENCE_SECONDS)
        process = psutil.Process(two.pid(name))
        two.publish(HALVES[1])
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        until(lambda: two.supervisor.children[name].restarts == 1, 20)
        assert time.monotonic() - started < STOP_SECONDS_MAX * crowd()
        two.settle(STORY.tasks)
        assert two.adds_up()
    said = [line for who, line in two.lines if who == name]
    assert any("ended with 0" in line for line in said), said[-20:]


@pytest.mark.faults
def test_a_consumer_frozen_in_a_transaction_keeps_nobody_and_is_refused_when_it_wakes(two: System) -> None:
    with two.running():
        until(lambda: shared(two), PATIENCE_SECONDS)
        frozen = psutil.Process(two.pid("consumers-1"))
        with psycopg.connect(two.settings.postgres.dsn("owner")) as owner:
            # Its transaction waits for this lock, so it is frozen inside.
            held = "SELECT FROM ledger.offset WHERE split_part(owner, ':', 2) = %s FOR UPDATE"
            owner.execute(held, [str(frozen.pid)])
            two.publish(HALVES[0])
            two.broker.producer.flush(20)
            blocked = (
                "SELECT count(*)::int FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND application_name = 'podium consumers' AND datname = current_database()"
            )
            until(lambda: two.broker.query(blocked)[0][0] >= 1, PATIENCE_SECONDS)
            frozen.suspend()
        try:
            until(lambda: set(owners(two)) == {str(two.pid("consumers-2"))}, PATIENCE_SECONDS)
            two.publish(HALVES[1])
            two.settle(STORY.tasks)
            before = two.digests(), two.broker.positions()
        finally:
            frozen.resume()
        until(lambda: shared(two), PATIENCE_SECONDS)
        two.settle(STORY.tasks)
        assert (two.digests(), two.broker.positions()) == before
        assert two.adds_up()
        assert two.restarts()["consumers-1"] == 0, "it was to go on by itself"
    said = [line for name, line in two.lines if name == "consumers-1"]
    assert any("the database does not answer" in line or "fenced" in line for line in said), said[-20:]


@pytest.mark.faults
def test_a_frozen_consumer_that_held_no_lock_is_refused_too(two: System) -> None:
    with two.running():
        until(lambda: shared(two), PATIENCE_SECONDS)
        two.publish(HALVES[0])
        two.await_read(len(HALVES[0]) // 3)
        frozen = psutil.Process(two.pid("consumers-1"))
        frozen.suspend()
        try:
            two.publish(HALVES[1])
            until(lambda: set(owners(two)) == {str(two.pid("consumers-2"))}, PATIENCE_SECONDS)
            two.settle(STORY.tasks)
            before = two.digests()
        finally:
            frozen.resume()
        until(lambda: shared(two), PATIENCE_SECONDS)
        two.settle(STORY.tasks)
        assert two.digests() == before
        assert two.adds_up()
        assert two.restarts()["consumers-1"] == 0
