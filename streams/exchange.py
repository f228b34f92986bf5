"""Consume, process, produce in one Kafka transaction: outputs and input positions are committed together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any, Protocol, TypeVar

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)

from schema.heartbeat import Heartbeat
from schema.limits import BoundedReader
from streams.log import LOG, Log
from streams.write import Record

BATCH_RECORDS_MAX = 10_000
POLL_SECONDS_MAX = 0.2
BETWEEN_SECONDS_MIN = 0.1
"""A transaction costs broker and readers the same whatever is in it: as long as this a small batch may fill."""

TRANSACTION_MS_MAX = 10_000
TRANSACTION_SECONDS_MAX = 15.0
TAKE_OVER_SECONDS_MAX = 60.0
"""A broker that has just begun may take long to find out who coordinates transactions."""

COMMITTED_SECONDS_MAX = 20.0
"""Longer than a transaction may last: the offsets of a killed predecessor are unreadable until then."""

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

    def run(self, stop: Event) -> None:
        """Work until told to stop. Raises Broken, OffsetLost, KafkaException: call again after a pause."""
        producer = self._producer()
        consumer = self.log.consumer(self.name)
        with ThreadPoolExecutor(1, self.name) as committer:
            forget = self.memory.forget if self.memory else _nothing
            commits = Commits(producer, committer, self.log, self.heartbeat, forget)
            try:
                self._subscribe(consumer, commits)
                while not stop.is_set():
                    self._turn(consumer, commits)
                commits.settle()
            finally:
                consumer.close()
                self.heartbeat.pause()

    def _producer(self) -> Producer:
        producer = self.log.producer(
            {
                "transactional.id": self.log.named(f"{self.name}.{self.slot}"),
                "transaction.timeout.ms": TRANSACTION_MS_MAX,
            }
        )
        take_over(producer)
        return producer

    def _subscribe(self, consumer: Consumer, commits: Commits) -> None:
        def leave(_: Consumer, __: list[TopicPartition]) -> None:
            commits.leave()

        consumer.subscribe(self.inputs, on_assign=self._assigned, on_revoke=leave, on_lost=leave)

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Go on from the committed offsets; a partition new to the group is read from its beginning."""
        committed = _committed(consumer, partitions)
        consumer.assign(committed)
        # Partitions that stay with us would stay paused.
        consumer.resume(committed)
        self._paused = False
        if self.memory:
            self.memory.recall(committed)

    def _rewind(self, consumer: Consumer) -> None:
        """Back to the committed offsets, so that what was dropped is read again."""
        self._assigned(consumer, consumer.assignment())

    def _turn(self, consumer: Consumer, commits: Commits) -> None:
        """Read and transform a batch, then see the one before it committed and hand this one over."""
        batch = self._poll(consumer, commits)
        remembers = self._remembers(consumer, batch)
        self.heartbeat.record_turn(ready=bool(consumer.assignment()) and remembers)
        if not remembers:
            return
        records = list(self.transform(batch)) if batch or self.memory else []
        if not commits.settle():
            self._rewind(consumer)
        elif batch or records:
            positions = self.memory.positions() if self.memory else positions_after(batch, self.partitions)
            self._begun = time.monotonic()
            commits.begin(records, positions, consumer.consumer_group_metadata(), len(batch))

    def _remembers(self, consumer: Consumer, batch: list[Message]) -> bool:
        """Whether transforming can go on. Until then nothing is read, but the consumer answers for its membership."""
        if self.memory is None:
            return True
        known = self.memory.resume()
        if not known and batch:
            self._rewind(consumer)
        if known is self._paused:
            (consumer.resume if known else consumer.pause)(consumer.assignment())
            self._paused = not known
        return known

    def _poll(self, consumer: Consumer, commits: Commits) -> list[Message]:
        """What is there, at once; an empty list after a while without anything."""
        left = commits.left
        first = consumer.poll(0 if self._paused else POLL_SECONDS_MAX)
        if first is None:
            return []
        patience = self._begun + BETWEEN_SECONDS_MIN - time.monotonic()
        found = [first]
        self._reader.read(found, consumer.consume, BATCH_RECORDS_MAX, max(patience, 0))
        records = [message for message in found if message.error() is None]
        for message in found if len(records) < len(found) else ():
            heed(message)
        if commits.left == left:
            return records
        # A rebalance among these calls: what was read before it is someone else's, what came after is read again.
        self._rewind(consumer)
        return []


class Commits:
    """The transactions of a worker, one at a time, in a thread of their own."""

    def __init__(
        self, producer: Producer, thread: ThreadPoolExecutor, log: Log, heartbeat: Heartbeat, forget: Callable[[], None]
    ) -> None:
        self.producer = producer
        self.heartbeat = heartbeat
        self.left = 0
        """How often partitions were taken from us."""
        self._names = {topic: log.named(topic) for topic in log.topics}
        self._thread = thread
        self._pending: Future[int] | None = None
        self._broken: Broken | None = None
        self._forget = forget

    def begin(self, records: Sequence[Record], positions: list[TopicPartition], member: Any, read: int) -> None:
        """Publish a batch and start to commit it; the one before it is settled. Raises KafkaException, Broken.

        Only the waiting is left to the thread: two that compute would take the interpreter from each other.
        """
        producer, produce, names = self.producer, self.producer.produce, self._names
        producer.begin_transaction()
        for topic, key, value in records:
            try:
                produce(names[topic], value, key)
            except BufferError:
                if producer.flush(TRANSACTION_SECONDS_MAX):
                    raise Broken("the broker takes no records; its log tells why") from None
                produce(names[topic], value, key)
        self._pending = self._thread.submit(self._commit, positions, member, read)

    def settle(self) -> bool:
        """Wait for what was begun; False if it was aborted and its records must be read again. Raises Broken."""
        if self._broken:
            raise self._broken
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

    def leave(self) -> None:
        """Partitions are being taken from us: what was begun ends here, committed or aborted."""
        self.left += 1
        try:
            self.settle()
        except Broken as broken:  # an exception would be lost in the consumer's callback
            self._broken = broken

    def _commit(self, positions: list[TopicPartition], member: Any, read: int) -> int:
        producer = self.producer
        steady(lambda: producer.send_offsets_to_transaction(positions, member, TRANSACTION_SECONDS_MAX))
        steady(lambda: producer.commit_transaction(TRANSACTION_SECONDS_MAX))
        return read

    def _abort(self) -> None:
        self._forget()
        try:
            steady(lambda: self.producer.abort_transaction(TRANSACTION_SECONDS_MAX))
        except KafkaException as failure:
            raise Broken(failure.args[0].str()) from failure


def _nothing() -> None:
    """There is no memory."""


def take_over(producer: Producer) -> None:
    """Fence whoever has the transactional id, and abort what it left open. Raises KafkaException."""
    steady(lambda: producer.init_transactions(TAKE_OVER_SECONDS_MAX))


def steady(operation: Callable[[], T]) -> T:
    """Call until it succeeds or fails for good: operations on transactions may be resumed. Raises KafkaException."""
    for _ in range(ATTEMPTS_MAX - 1):
        try:
            return operation()
        except KafkaException as failure:
            if not failure.args[0].retriable():
                raise
    return operation()


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


def _committed(consumer: Consumer, partitions: list[TopicPartition]) -> list[TopicPartition]:
    found = consumer.committed(partitions, timeout=COMMITTED_SECONDS_MAX) if partitions else []
    for place in found:
        if place.error:
            raise KafkaException(place.error)
        if place.offset < 0:
            place.offset = OFFSET_BEGINNING
    return found


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
