"""Exactly once from topic to topic, whoever joins, leaves, dies or is fenced meanwhile."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
from confluent_kafka import OFFSET_BEGINNING, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions

from streams.duty import publish
from streams.exchange import Broken, Exchange, positions_after
from streams.log import Log
from streams.supervise import keep
from streams.write import Record
from tests.streams.conftest import World, running, until

IN, OUT = "evaluation.predictions", "evaluation.scores"
KILLS = 2


def copied(batch: Sequence[Any]) -> Iterator[Record]:
    """One output for each input, telling where it came from."""
    for message in batch:
        yield OUT, message.key(), b"%d:%d" % (message.partition(), message.offset())


class Worker(Exchange):
    """An exchange that can be kept running."""

    def __init__(self, log: Log, slot: int, memory: Dozing | None = None) -> None:
        super().__init__(log, "copy", slot, [IN], self.copied, memory=memory)
        self.seen = 0

    def copied(self, batch: Sequence[Any]) -> Iterable[Record]:
        self.seen += len(batch)
        if isinstance(self.memory, Dozing):
            self.memory.at = positions_after(batch, self.partitions)
        return copied(batch)


class Dozing:
    """A memory that knows nothing until partitions are assigned for the second time."""

    def __init__(self) -> None:
        self.recalled = 0
        self.at: list[TopicPartition] = []

    def recall(self, committed: Sequence[TopicPartition]) -> None:
        self.recalled += 1

    def resume(self) -> bool:
        return self.recalled > 1

    def forget(self) -> None:
        self.at = []

    def positions(self) -> list[TopicPartition]:
        return self.at


def send(log: Log, count: int) -> None:
    """Records under keys that reach every partition."""
    producer = log.producer()
    for n in range(count):
        producer.produce(log.named(IN), b"x", b"%d" % (n % 97))
    producer.flush()


def _sent(log: Log) -> bool:
    send(log, 10)
    return True


def results(log: Log) -> Counter[bytes]:
    """What a reader of committed records finds in the output, and how often."""
    ends = log.ends([OUT])
    consumer = log.consumer("reader", {"enable.partition.eof": True})
    consumer.assign([TopicPartition(log.named(topic), n, OFFSET_BEGINNING) for topic, n in ends])
    found: Counter[bytes] = Counter()
    reached = dict.fromkeys(ends, 0)
    while any(reached[place] < end for place, end in ends.items()):
        for message in consumer.consume(10_000, 0.2):
            whole: Any = message
            if whole.error() is None:
                found[whole.value()] += 1
            reached[OUT, whole.partition()] = whole.offset() + (whole.error() is None)
    consumer.close()
    return found


def exactly_once(log: Log, count: int) -> None:
    """Wait until there is an output for every input, then hold that there is just one."""
    until(lambda: len(results(log)) == count, 60)
    assert set(results(log).values()) == {1}


def test_workers_that_come_and_go_share_the_partitions(world: World) -> None:
    first, second, third = (Worker(world.log, slot) for slot in range(3))
    with running(first):
        send(world.log, 2000)
        until(lambda: first.seen >= 2000)
        with running(second):
            until(lambda: second.heartbeat.ready)
            send(world.log, 2000)
            with running(third):
                send(world.log, 2000)
                until(lambda: second.seen > 0)
            send(world.log, 2000)
        exactly_once(world.log, 8000)


def test_what_was_paused_before_a_rebalance_is_read_after_it(world: World) -> None:
    memory = Dozing()
    send(world.log, 200)
    with running(Worker(world.log, 0, memory)):
        until(lambda: memory.recalled > 0)
        with running(Worker(world.log, 1)):
            exactly_once(world.log, 200)


def test_a_second_owner_of_a_slot_fences_the_first(world: World) -> None:
    stop, ended = Event(), list[BaseException]()
    first = Worker(world.log, 0)

    def run() -> None:
        try:
            first.run(stop)
        except Broken as broken:
            ended.append(broken)

    thread = Thread(target=run, daemon=True)
    thread.start()
    send(world.log, 500)
    until(lambda: first.heartbeat.done == 500)
    with running(Worker(world.log, 0)):
        until(lambda: _sent(world.log) and not thread.is_alive(), 60)
        assert len(ended) == 1
        (count,) = {sum(end for end in world.log.ends([IN]).values())}
        exactly_once(world.log, count)
    stop.set()


def test_what_a_transformation_breaks_off_leaves_nothing_behind(world: World) -> None:
    class Failing(Worker):
        def copied(self, batch: Sequence[Any]) -> Iterator[Record]:
            self.seen += len(batch)
            yield from copied(batch[: len(batch) // 2])
            if self.heartbeat.restarts < 2:
                raise RuntimeError("half way")
            yield from copied(batch[len(batch) // 2 :])

    worker = Failing(world.log, 0)
    send(world.log, 300)
    with running(worker):
        exactly_once(world.log, 300)
    assert worker.heartbeat.restarts == 2


def _work(kafka: dict[str, Any], namespace: str, topics: dict[str, int], slot: int) -> None:
    keep(Worker(Log(kafka, namespace, topics), slot), Event())


@contextmanager
def process(log: Log, slot: int) -> Iterator[Any]:
    spawned = multiprocessing.get_context("spawn").Process(
        target=_work, args=(log.kafka, log.namespace, dict(log.topics), slot), daemon=True
    )
    spawned.start()
    yield spawned
    spawned.kill()
    spawned.join()


def test_killed_workers_lose_and_double_nothing(world: World) -> None:
    chance, total = random.Random(7), 0
    for _ in range(KILLS):
        with process(world.log, 0) as worker:
            before = len(results(world.log))
            send(world.log, 5000)
            total += 5000
            wanted = before + chance.randrange(1, 4000)
            until(lambda wanted=wanted: len(results(world.log)) >= wanted, 60)  # type: ignore[misc]
            os.kill(worker.pid, signal.SIGKILL)
    with running(Worker(world.log, 0)):
        exactly_once(world.log, total)


def test_a_worker_that_was_stopped_and_goes_on_as_a_zombie_counts_nothing_twice(world: World) -> None:
    heir = Worker(world.log, 1)
    with process(world.log, 0) as zombie:
        send(world.log, 3000)
        until(lambda: len(results(world.log)) == 3000, 60)
        for n in range(1, 3):
            before = len(results(world.log))
            send(world.log, 5000)
            # Somewhere between reading and committing.
            until(lambda before=before: len(results(world.log)) > before, 60)  # type: ignore[misc]
            os.kill(zombie.pid, signal.SIGSTOP)
            with running(heir):
                exactly_once(world.log, 3000 + n * 5000 + (n - 1) * 100)
                os.kill(zombie.pid, signal.SIGCONT)
                send(world.log, 100)
                until(lambda n=n: len(results(world.log)) == 3000 + n * 5000 + 100 * n, 60)  # type: ignore[misc]
    with running(heir):
        send(world.log, 100)
        exactly_once(world.log, 3000 + 2 * 5100 + 100)


@pytest.mark.parametrize("kept", [True, False])
def test_a_new_group_starts_at_the_beginning_and_a_known_one_where_it_stood(world: World, kept: bool) -> None:
    send(world.log, 100)
    if kept:
        with running(Worker(world.log, 0)):
            exactly_once(world.log, 100)
    worker = Worker(world.log, 1)
    with running(worker):
        send(world.log, 50)
        exactly_once(world.log, 150)
    assert worker.seen == (50 if kept else 150)


def test_a_topic_that_grows_under_a_worker_is_refused_and_what_is_published_stays_in_the_declared_places(
    world: World,
) -> None:
    worker = Worker(world.log, 0)
    admin = AdminClient({"bootstrap.servers": world.log.kafka["bootstrap.servers"]})
    with running(worker):
        send(world.log, 100)
        exactly_once(world.log, 100)
        grown = [NewPartitions(world.log.named(topic), world.log.topics[topic] + 2) for topic in (IN, OUT)]
        for done in admin.create_partitions(grown).values():
            done.result()
        until(lambda: f"topic {IN}" in worker.heartbeat.failures)
        assert "keys have moved" in worker.heartbeat.failures[f"topic {IN}"].error
        until(lambda: not worker.heartbeat.ready)
    publish(world.log, world.log.producer(), [(OUT, b"%d" % n, b"decided %d" % n) for n in range(50)])
    assert sum(value.startswith(b"decided") for value in results(world.log)) == 50
