"""Consume, process, produce in one Kafka transaction: outputs and input positions are committed together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import Any, Protocol, TypeVar

from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)

from schema.heartbeat import Heartbeat
from schema.limits import BoundedReader
from streams.assignment import Assignment
from streams.log import LOG, Log
from streams.progress import Progress
from streams.supervise import as_exception
from streams.topics import TopicCheck
from streams.write import Record

BATCH_RECORDS_MAX = 10_000
POLL_SECONDS_MAX = 0.2
BETWEEN_SECONDS_MIN = 0.1
"""A transaction costs broker and readers the same whatever is in it: as long as this a small batch may fill."""

TRANSACTION_MS_MAX = 10_000
TRANSACTION_SECONDS_MAX = 15.0
CALL_SECONDS_MAX = 1.0
TAKE_OVER_SECONDS_MAX = 60.0
"""A broker that has just begun may take long to find out who coordinates transactions."""

CLOSE_SECONDS_MAX = 45.0
GRACE_SECONDS = 15.0
"""By how much a native call may outlast its own limit before it counts as hung."""

ATTEMPTS_MAX = 4

Transform = Callable[[Sequence[Message]], Iterable[Record]]
T = TypeVar("T")


class Memory(Protocol):
    """What a transformation remembers of the records before: it must always be that of the committed positions.

    With one, `transform` is called also when there is nothing to read.
    """

    def recall(self, committed: Sequence[TopicPartition]) -> None:
        """These partitions are ours now, and no others: at these positions, with the notes left there."""
        ...

    def resume(self) -> bool:
        """Go on recalling, for a moment; whether all is known. Asked before every transformation."""
        ...

    def forget(self) -> None:
        """What was transformed was not committed: recall all of it."""
        ...

    def positions(self) -> list[TopicPartition]:
        """Where transformed records end, with the notes to leave there."""
        ...


class Broken(Exception):
    """The producer can't go on (fenced, or a fatal error): it must be made anew."""


class OffsetLost(Exception):
    """The log no longer has the offset where this group stands."""


class Exchange:
    """One worker of a group: `transform` turns a batch of records into the records to publish for it.

    Stable `slot`s keep transactional ids few, and a successor aborts what its predecessor left open.
    While one batch is being committed the next is read and transformed; if the commit fails, both are read again,
    so `transform` may see records twice; a `memory` is told.
    """

    def __init__(
        self,
        log: Log,
        name: str,
        slot: int,
        inputs: Sequence[str],
        transform: Transform,
        heartbeat: Heartbeat | None = None,
        memory: Memory | None = None,
    ) -> None:
        self.log = log
        self.name = name
        self.slot = slot
        self.inputs = [log.named(topic) for topic in inputs]
        self.partitions = sum(log.topics[topic] for topic in inputs)
        self.transform = transform
        self.heartbeat = heartbeat or Heartbeat(f"{name}.{slot}")
        self.memory = memory
        self._paused = False
        self._begun = 0.0
        self._reader: BoundedReader = BoundedReader()
        self._progress = Progress(log, inputs)
        self._check = TopicCheck(log, inputs, self.heartbeat)

    def run(self, stop: Event) -> None:
        """Work until told to stop. Raises Broken, OffsetLost, Stalled, TopicRefused, KafkaException: call again."""
        with ThreadPoolExecutor(1, self.name) as committer:
            commits = Commits(self._producer(stop), committer, self.log, self.heartbeat, self._forget)
            consumer = self.log.consumer(self.name, {"enable.partition.eof": True})
            self._assignment = Assignment(consumer, self.heartbeat)
            try:
                self._assignment.subscribe(self.inputs)
                while not stop.is_set():
                    self._turn(consumer, commits)
                commits.settle()
            finally:
                self._let_go(consumer, commits)

    def _producer(self, stop: Event) -> Producer:
        producer = self.log.producer(
            {
                "transactional.id": self.log.named(f"{self.name}.{self.slot}"),
                "transaction.timeout.ms": TRANSACTION_MS_MAX,
            }
        )
        take_over(producer, self.heartbeat, stop)
        return producer

    def _let_go(self, consumer: Consumer, commits: Commits) -> None:
        """Close both clients now: a descriptor and a thread for each broker go with them."""
        self.heartbeat.pause()
        # The callbacks know the assignment, and it the consumer: without this only the collector would end the circle.
        del self._assignment
        commits.close()
        with self.heartbeat.within("close the consumer", CLOSE_SECONDS_MAX):
            consumer.close()

    def _forget(self) -> None:
        if self.memory:
            self.memory.forget()

    def _rewind(self) -> None:
        """Back to the committed offsets, so that what was dropped is read again."""
        self._assignment.displace()

    def _turn(self, consumer: Consumer, commits: Commits) -> None:
        """Read and transform a batch, then see the one before it committed and hand this one over."""
        batch = self._poll(consumer)
        if not self._assignment.is_placed:
            # What was begun before a rebalance ends first, one way or the other: the group decides which.
            commits.settle()
            return self._place(consumer)
        remembers = self._remembers(consumer, batch)
        self._tell(consumer, remembers)
        if not remembers:
            return None
        records = list(self.transform(batch)) if batch or self.memory else []
        if not commits.settle():
            self._rewind()
        elif batch or records:
            positions = self.memory.positions() if self.memory else positions_after(batch, self.partitions)
            self._begun = time.monotonic()
            commits.begin(records, positions, self._assignment.member, len(batch))
        return None

    def _place(self, consumer: Consumer) -> None:
        committed = self._assignment.place()
        if committed is None:
            return self.heartbeat.record_turn(ready=False, waits_for=self._assignment.waits_for)
        self._paused = False
        self._progress.restart(committed)
        if self.memory:
            self.memory.recall(committed)
        return None

    def _tell(self, consumer: Consumer, remembers: bool) -> None:
        """Say on the heartbeat whether it can work. Raises Stalled, TopicRefused."""
        self._check.look()
        if not self._assignment.partitions:
            self.heartbeat.record_standby("every partition has a worker")
        elif not remembers:
            self._progress.pause()
            self.heartbeat.record_turn(ready=False, waits_for="what it must remember")
        else:
            self.heartbeat.record_turn(waits_for=self._progress.look())
            if self._progress.is_at_end:
                self.heartbeat.record_done(0)

    def _remembers(self, consumer: Consumer, batch: list[Message]) -> bool:
        """Whether transforming can go on. Until then nothing is read, but the consumer answers for its membership."""
        if self.memory is None:
            return True
        known = self.memory.resume()
        if not known and batch:
            self._rewind()
        if known is self._paused:
            (consumer.resume if known else consumer.pause)(consumer.assignment())
            self._paused = not known
        return known

    def _poll(self, consumer: Consumer) -> list[Message]:
        """What is there, at once; an empty list after a while without anything."""
        changes = self._assignment.changes
        first = consumer.poll(0 if self._paused else POLL_SECONDS_MAX)
        if first is None:
            return []
        patience = self._begun + BETWEEN_SECONDS_MIN - time.monotonic()
        found = [first]
        self._reader.read(found, consumer.consume, BATCH_RECORDS_MAX, max(patience, 0))
        if self._assignment.changes != changes or not self._assignment.is_placed:
            # A rebalance among these calls: what was read is someone else's, or read again.
            return []
        records = [message for message in found if message.error() is None]
        self._progress.read(records)
        for message in found if len(records) < len(found) else ():
            if not self._progress.ended(message):
                heed(message)
        return records


class Commits:
    """The transactions of a worker, one at a time, in a thread of their own."""

    def __init__(
        self, producer: Producer, thread: ThreadPoolExecutor, log: Log, heartbeat: Heartbeat, forget: Callable[[], None]
    ) -> None:
        self.producer = producer
        self.heartbeat = heartbeat
        self._partition_of = log.partition_of
        self._names = {topic: log.named(topic) for topic in log.topics}
        self._thread = thread
        self._pending: Future[int] | None = None
        self._forget = forget

    def begin(self, records: Sequence[Record], positions: list[TopicPartition], member: Any, read: int) -> None:
        """Publish a batch and start to commit it; the one before it is settled. Raises KafkaException, Broken.

        Only the waiting is left to the thread: two that compute would take the interpreter from each other.
        """
        producer, produce, names = self.producer, self.producer.produce, self._names
        partition_of = self._partition_of
        producer.begin_transaction()
        for topic, key, value in records:
            try:
                produce(names[topic], value, key, partition_of(topic, key))
            except BufferError:
                if producer.flush(TRANSACTION_SECONDS_MAX):
                    raise Broken("the broker takes no records; its log tells why") from None
                produce(names[topic], value, key, partition_of(topic, key))
        self._pending = self._thread.submit(self._commit, positions, member, read)

    def settle(self) -> bool:
        """Wait for what was begun; False if it was aborted and its records must be read again. Raises Broken."""
        pending, self._pending = self._pending, None
        if pending is None:
            return True
        try:
            self.heartbeat.record_done(pending.result())
            return True
        except KafkaException as failure:
            LOG.warning("transaction failed", loop=self.heartbeat.name, error=failure.args[0].str())
            if failure.args[0].fatal() or not failure.args[0].txn_requires_abort():
                raise Broken(failure.args[0].str()) from failure
            self._abort()
            return False

    def close(self) -> None:
        """Drop the producer; what it left open is aborted by whoever has its slot next."""
        self._pending = None
        del self.producer

    def _commit(self, positions: list[TopicPartition], member: Any, read: int) -> int:
        # In a thread pool: what confluent-kafka raises that is no exception would leave the future open for ever.
        return as_exception(lambda: self._committed(positions, member, read))

    def _committed(self, positions: list[TopicPartition], member: Any, read: int) -> int:
        producer, steadily = self.producer, partial(steady, self.heartbeat, TRANSACTION_SECONDS_MAX)
        steadily(
            "send offsets", lambda: producer.send_offsets_to_transaction(positions, member, TRANSACTION_SECONDS_MAX)
        )
        steadily("commit a transaction", lambda: producer.commit_transaction(TRANSACTION_SECONDS_MAX))
        return read

    def _abort(self) -> None:
        self._forget()
        abort = self.producer.abort_transaction
        try:
            steady(
                self.heartbeat, TRANSACTION_SECONDS_MAX, "abort a transaction", lambda: abort(TRANSACTION_SECONDS_MAX)
            )
        except KafkaException as failure:
            raise Broken(failure.args[0].str()) from failure


def take_over(producer: Producer, heartbeat: Heartbeat, stop: Event) -> None:
    """Fence whoever has the transactional id, and abort what it left open.

    In short calls that are resumed, so that a stop is heard. Raises KafkaException, and Broken when told to stop.
    """
    late = time.monotonic() + TAKE_OVER_SECONDS_MAX
    while not stop.is_set():
        try:
            with heartbeat.within("take over transactions", CALL_SECONDS_MAX + GRACE_SECONDS):
                return producer.init_transactions(CALL_SECONDS_MAX)
        except KafkaException as failure:
            if not failure.args[0].retriable() or time.monotonic() > late:
                raise
            heartbeat.record_turn(ready=False, waits_for=f"the broker: {failure.args[0].str()}")
    raise Broken("told to stop while it waited for the broker")


def steady(heartbeat: Heartbeat, seconds_max: float, call: str, operation: Callable[[], T]) -> T:
    """Call until it succeeds or fails for good: operations on transactions may be resumed. Raises KafkaException.

    One call that outlasts `seconds_max`, which is its own limit, by GRACE_SECONDS is told as hung: librdkafka has been
    seen to forget its limit.
    """
    for attempt in range(ATTEMPTS_MAX):
        try:
            with heartbeat.within(call, seconds_max + GRACE_SECONDS):
                return operation()
        except KafkaException as failure:
            if not failure.args[0].retriable() or attempt == ATTEMPTS_MAX - 1:
                raise
    raise AssertionError("unreachable")


def positions_after(batch: Sequence[Any], partitions: int) -> list[TopicPartition]:
    """The next offset of every partition in the batch, of which there can be at most `partitions`."""
    last: dict[tuple[str, int], TopicPartition] = {}
    for message in reversed(batch):
        place = message.topic(), message.partition()
        if place not in last:
            last[place] = TopicPartition(*place, message.offset() + 1)
            if len(last) == partitions:
                break
    return list(last.values())


def heed(message: Message) -> None:
    """Raises OffsetLost and KafkaException for errors that do not pass."""
    error = message.error()
    if error is None:
        return
    if error.code() == KafkaError._AUTO_OFFSET_RESET:
        raise OffsetLost(
            f"{message.topic()}[{message.partition()}]: the log no longer has the offset where this group "
            "stands. Was the topic made again, or its retention limited? Restore it, or reset the group."
        )
    if error.fatal():
        raise KafkaException(error)
    LOG.warning("kafka", topic=message.topic(), partition=message.partition(), error=error.str())
