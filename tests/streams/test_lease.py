"""One process at a time has a duty, by the database's clock; whoever lost it can neither decide nor publish."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from threading import Event, Thread
from typing import Any

import psycopg
import pytest

from schema.heartbeat import Heartbeat
from schema.lease import LeaseLost
from streams.duty import Undelivered
from streams.lease import MARGIN_SECONDS, Leases, TableLease, leases
from streams.publisher import Publisher
from streams.write import Record
from tests.streams.conftest import World, until
from tests.streams.test_exchange import results

NAME = "podium.watch.some"
OUT = "evaluation.scores"
HOLDER = "UPDATE ledger.lease SET holder = %s, token = nextval('ledger.epoch'), expires_at = %s RETURNING 1"


def holding(own: Leases, stop: Event, heartbeat: Heartbeat, got: list[TableLease]) -> Thread:
    """A thread that waits for the lease and keeps it until told to stop."""

    def work() -> None:
        with own.hold(NAME, stop, heartbeat) as lease:
            if lease is not None:
                got.append(lease)
                stop.wait()

    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_one_has_it_and_whoever_waits_says_who_until_it_is_released(world: World) -> None:
    first, second = Event(), Event()
    one, two = Heartbeat("one"), Heartbeat("two")
    got: list[TableLease] = []
    thread = holding(Leases(world.dsn), first, one, got)
    until(lambda: len(got) == 1)
    other = holding(Leases(world.dsn), second, two, got)
    until(lambda: two.stands_by)
    assert f"held by {leases(world.dsn).holder} since 20" in two.waits_for
    assert not two.ready
    assert two.is_able
    first.set()
    thread.join()
    until(lambda: len(got) == 2)
    assert got[1].token > got[0].token
    second.set()
    other.join()
    assert world.query("SELECT expires_at = 'epoch' FROM ledger.lease") == [(True,)]


def test_a_lease_outlives_its_term_by_being_renewed_and_not_otherwise(world: World) -> None:
    stop, got = Event(), list[TableLease]()
    thread = holding(Leases(world.dsn, ttl_seconds=5.0), stop, Heartbeat("one"), got)
    until(lambda: len(got) == 1)
    begun = time.monotonic()
    until(lambda: time.monotonic() - begun > 6)
    got[0].check()
    # Another takes it, as after a pause of this process that was too long.
    world.query(HOLDER, "elsewhere:1", "infinity")
    until(lambda: got[0].taken)
    with pytest.raises(LeaseLost, match="another process"):
        got[0].check()
    stop.set()
    thread.join()
    assert world.query("SELECT holder, expires_at = 'infinity' FROM ledger.lease") == [("elsewhere:1", True)]


def test_a_holder_that_cannot_renew_stops_before_the_lease_runs_out(world: World) -> None:
    own = Leases(world.dsn, ttl_seconds=4.0)
    stop, got = Event(), list[TableLease]()
    thread = holding(own, stop, Heartbeat("one"), got)
    until(lambda: len(got) == 1)
    with own._renewing:  # the session hangs
        until(lambda: time.monotonic() > got[0].valid_until)
        with pytest.raises(LeaseLost, match="renewed in time"):
            got[0].check()
        assert MARGIN_SECONDS > 1
        (left,) = world.query("SELECT expires_at > clock_timestamp() FROM ledger.lease")
        assert left == (True,)
    until(lambda: _is_valid(got[0]))
    stop.set()
    thread.join()


def _is_valid(lease: TableLease) -> bool:
    try:
        lease.check()
    except LeaseLost:
        return False
    return True


def test_a_lease_of_a_dead_process_of_this_host_is_taken_at_once_and_that_of_another_host_waited_for(
    world: World,
) -> None:
    own, heartbeat = Leases(world.dsn), Heartbeat("one")
    host = own.holder.rpartition(":")[0]
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        taken = own.take(connection, NAME)
        assert isinstance(taken, TableLease)
        own._held.clear()
        world.query(HOLDER, f"{host}x:4000000", "infinity")
        waiting = own.take(connection, NAME)
        assert not isinstance(waiting, TableLease)
        assert waiting.holder == f"{host}x:4000000"
        world.query(HOLDER, f"{host}:4000000", "infinity")
        assert isinstance(own.take(connection, NAME), TableLease)
        own._held.clear()
    assert heartbeat.failures == {}


@pytest.mark.parametrize("role", ["reader", "consumer", "stream"])
def test_only_those_who_do_duties_may_touch_the_table_and_advisory_locks_stop_nobody(world: World, role: Any) -> None:
    with psycopg.connect(world.settings.postgres.dsn(role), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [NAME])
        if role == "reader":
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(
                    "INSERT INTO ledger.lease (name, holder, token, expires_at) VALUES ('x', 'x', 1, now())"
                )
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SELECT * FROM ledger.lease")
        stop, got = Event(), list[TableLease]()
        thread = holding(Leases(world.settings.postgres.dsn("stream")), stop, Heartbeat("one"), got)
        until(lambda: len(got) == 1, 10)
        stop.set()
        thread.join()


def record(n: int) -> Record:
    return OUT, b"%d" % n, b"decided %d" % n


def _publish(settings: Any, topics: dict[str, int], dsn: str, gate: Any, told: Any) -> None:
    """In a process of its own: take the duty, publish, be stopped while it holds it, and try again."""
    from streams.log import Log

    heartbeat, stop = Heartbeat("zombie"), Event()
    with Leases(dsn).hold(NAME, stop, heartbeat) as lease:
        assert lease is not None
        publisher = Publisher(Log(settings[0], settings[1], topics), NAME, lease, heartbeat, stop)
        publisher.publish([record(1)])
        # The check is passed, the transaction begun: the worst moment to be stopped.
        publisher.producer.begin_transaction()
        publisher.producer.produce(settings[1] + OUT, b"decided 1 again", b"1")
        publisher.producer.flush()
        told.put("published")
        gate.wait()
        attempts: list[Callable[[], Any]] = [
            publisher.producer.commit_transaction,
            lambda: publisher.publish([record(2)]),
        ]
        for attempt in attempts:
            try:
                attempt()
                told.put("accepted")
            except Exception as error:
                told.put(type(error).__name__)


def test_what_a_zombie_publishes_is_refused(world: World) -> None:
    context = multiprocessing.get_context("spawn")
    gate, told = context.Event(), context.Queue()
    zombie = context.Process(
        target=_publish, args=((world.log.kafka, world.log.namespace), dict(world.log.topics), world.dsn, gate, told),
        daemon=True,
    )  # fmt: skip
    zombie.start()
    with ExitStack() as after:
        after.callback(zombie.kill)
        assert told.get(timeout=60) == "published"
        assert zombie.pid is not None
        os.kill(zombie.pid, signal.SIGSTOP)
        stop, heartbeat = Event(), Heartbeat("heir")
        with leases(world.dsn).hold(NAME, stop, heartbeat) as lease:
            assert lease is not None
            publisher = Publisher(world.log, NAME, lease, heartbeat, stop)
            publisher.publish([record(3)])
            os.kill(zombie.pid, signal.SIGCONT)
            gate.set()
            assert [told.get(timeout=60) for _ in range(2)] == ["KafkaException", "LeaseLost"]
            publisher.publish([record(4)])
        assert sorted(results(world.log)) == [b"decided 1", b"decided 3", b"decided 4"]


def test_a_publisher_that_is_fenced_while_its_lease_seems_good_says_that_it_was_not_delivered(world: World) -> None:
    stop, heartbeat = Event(), Heartbeat("one")
    with leases(world.dsn).hold(NAME, stop, heartbeat) as lease:
        assert lease is not None
        first = Publisher(world.log, NAME, lease, heartbeat, stop)
        first.publish([record(1)])
        Publisher(world.log, NAME, lease, heartbeat, stop).publish([record(2)])
        with pytest.raises(Undelivered):
            first.publish([record(3)])
    assert sorted(results(world.log)) == [b"decided 1", b"decided 2"]
