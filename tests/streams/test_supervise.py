"""Whatever ends a loop, it is started again; a start that fails leaves nothing behind."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import psutil
import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from schema.heartbeat import Heartbeat
from streams.app import KINDS, loops
from streams.exchange import Exchange
from streams.log import Log
from streams.supervise import as_exception, keep
from tests.streams.conftest import World, running, until

STARTS = 20


class Thrown(BaseException):
    """What no `except Exception` catches."""


class Once:
    """A loop that something ends once."""

    def __init__(self, end: Callable[[], None]) -> None:
        self.name = "once"
        self.heartbeat = Heartbeat(self.name)
        self.end = end

    def run(self, stop: Event) -> None:
        if not self.heartbeat.restarts:
            self.end()
        while not stop.wait(0.01):
            self.heartbeat.record_turn()


def thrown() -> None:
    raise Thrown("at once")


def thrown_by_a_callback(world: World) -> Callable[[], None]:
    """A call that times out in a rebalance callback: the client raises a class that is no exception."""

    def end() -> None:
        consumer = world.log.consumer("thrown")
        topic = world.log.named("evaluation.predictions")

        def assigned(*_: Any) -> None:
            consumer.committed([TopicPartition(topic, 0)], timeout=0.0001)

        consumer.subscribe([topic], on_assign=assigned)
        try:
            while True:
                consumer.poll(0.2)
        finally:
            consumer.close()

    return end


@pytest.mark.parametrize("how", ["exception", "callback"])
def test_a_loop_is_started_again_whatever_ended_it(world: World, how: str) -> None:
    loop = Once(thrown if how == "exception" else thrown_by_a_callback(world))
    with running(loop):
        until(lambda: loop.heartbeat.ready)
        assert loop.heartbeat.restarts == 1
        assert loop.heartbeat.error == ""
    assert loop.heartbeat.ended


def test_what_is_no_exception_becomes_one(world: World) -> None:
    with pytest.raises(KafkaException) as raised:
        as_exception(thrown_by_a_callback(world))
    assert isinstance(raised.value.args[0], KafkaError)
    with pytest.raises(Thrown):
        as_exception(thrown)


def test_every_kind_of_loop_is_started_again_after_what_no_exception_handler_catches(world: World) -> None:
    hosted = loops(world.log, world.dsn, [world.domain], KINDS)
    injected = []
    for loop in hosted:
        broken = Once(thrown)
        broken.heartbeat, run = loop.heartbeat, loop.run

        def once(stop: Event, broken: Once = broken, run: Callable[[Event], None] = run) -> None:
            if not broken.heartbeat.restarts:
                broken.end()
            run(stop)

        broken.run = once  # type: ignore[method-assign]
        injected.append(broken)
    with running(*injected):
        until(lambda: all(loop.heartbeat.is_able for loop in hosted))
        assert [loop.heartbeat.restarts for loop in hosted] == [1] * len(hosted)


def resources() -> tuple[int, int]:
    own = psutil.Process()
    return own.num_fds(), own.num_threads()


def failed_start(world: World) -> None:
    """A worker begins while the broker is away, and is told to stop."""
    log = Log({**world.log.kafka, "bootstrap.servers": "127.0.0.1:1"}, world.log.namespace, world.log.topics)
    stop = Event()
    loop = Exchange(log, "away", 0, ["evaluation.predictions"], lambda _: [])
    thread = Thread(target=keep, args=[loop, stop], daemon=True)
    thread.start()
    until(lambda: "the broker" in loop.heartbeat.waits_for)
    stop.set()
    thread.join(10)
    assert loop.heartbeat.ended


def test_starts_that_fail_leave_no_descriptor_and_no_thread_behind(world: World) -> None:
    logging.getLogger("streams.kafka").setLevel(logging.CRITICAL)
    failed_start(world)
    before = resources()
    for _ in range(STARTS):
        failed_start(world)
    after = resources()
    assert after[0] <= before[0] + 2
    assert after[1] <= before[1] + 2
