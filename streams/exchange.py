"""Consume, process, produce in one Kafka transaction: outputs and input positions are committed together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from threading import Event
from typing import Any, TypeVar

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)

from streams.log import LOG, Log
from streams.pulse import Pulse
from streams.write import Record

BATCH_RECORDS_MAX = 10_000
POLL_SECONDS_MAX = 0.2
TRANSACTION_MS_MAX = 10_000
TRANSACTION_SECONDS_MAX = 15.0
COMMITTED_SECONDS_MAX = 20.0
"""Longer than a transaction may last: the offsets of a killed predecessor are unreadable until then."""

Transform = Callable[[Sequence[Message]], Iterable[Record]]
T = TypeVar("T")


class Broken(Exception):
    """The producer can't go on (fenced, or a fatal error): it must be made anew."""


class OffsetLost(Exception):
    """The log no longer has the offset where this group stands."""


class Exchange:
    """One worker of a group: `transform` turns a batch of records into the records to publish for it.

    Stable `slot`s keep transactional ids few, and a successor aborts what its predecessor left open.
    `transform` is called again for the same records after an abort.
    """

    def __init__(
        self, log: Log, name: str, slot: int, inputs: Sequence[str], transform: Transform, pulse: Pulse | None = None
    ) -> None:
        self.log = log
        self.name = name
        self.slot = slot
        self.inputs = [log.named(topic) for topic in inputs]
        self.transform = transform
        self.pulse = pulse or Pulse(f"{name}.{slot}")
        self._pending = False
        self._stale = False

    def run(self, stop: Event) -> None:
        """Work until told to stop. Raises Broken, OffsetLost, KafkaException: call again after a pause."""
        producer = self._producer()
        consumer = self.log.consumer(self.name)
        try:
            consumer.subscribe(
                self.inputs,
                on_assign=self._assigned,
                on_revoke=lambda _, __: self._revoked(producer),
                on_lost=lambda _, __: self._revoked(producer),
            )
            while not stop.is_set():
                batch = self._poll(consumer)
                self.pulse.beat(ready=bool(consumer.assignment()))
                if batch:
                    self._exchange(consumer, producer, batch)
        finally:
            consumer.close()
            self.pulse.rest()

    def _producer(self) -> Producer:
        producer = self.log.producer(
            {
                "transactional.id": self.log.named(f"{self.name}.{self.slot}"),
                "transaction.timeout.ms": TRANSACTION_MS_MAX,
            }
        )
        self._steady(lambda: producer.init_transactions(TRANSACTION_SECONDS_MAX))
        return producer

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Go on from the committed offsets; a partition new to the group is read from its beginning."""
        committed = consumer.committed(partitions, timeout=COMMITTED_SECONDS_MAX)
        for place in committed:
            if place.error:
                raise KafkaException(place.error)
            if place.offset < 0:
                place.offset = OFFSET_BEGINNING
        consumer.assign(committed)

    def _revoked(self, producer: Producer) -> None:
        self._stale = True
        if self._pending:
            self._abort(producer)

    def _poll(self, consumer: Consumer) -> list[Message]:
        """What is there, at once; an empty list after a while without anything."""
        self._stale = False
        first = consumer.poll(POLL_SECONDS_MAX)
        if first is None:
            return []
        rest = consumer.consume(BATCH_RECORDS_MAX - 1, 0)
        # A rebalance among these calls makes what was read before it someone else's.
        return [] if self._stale else [message for message in (first, *rest) if _sound(message)]

    def _exchange(self, consumer: Consumer, producer: Producer, batch: list[Message]) -> None:
        try:
            self._commit(consumer, producer, batch)
        except KafkaException as failure:
            error: KafkaError = failure.args[0]
            LOG.warning("transaction failed", loop=self.pulse.name, error=error.str())
            if error.fatal() or not error.txn_requires_abort():
                raise Broken(str(error)) from failure
            self._abort(producer)
            self._rewind(consumer)
        except BaseException:
            with suppress(Broken):
                self._abort(producer)
            raise
        else:
            self.pulse.count(len(batch))

    def _commit(self, consumer: Consumer, producer: Producer, batch: list[Message]) -> None:
        producer.begin_transaction()
        self._pending = True
        named, produce = self.log.named, producer.produce
        names: dict[str, str] = {}
        for topic, key, value in self.transform(batch):
            name = names.get(topic) or names.setdefault(topic, named(topic))
            try:
                produce(name, value, key)
            except BufferError:
                self._drain(producer)
                produce(name, value, key)
        positions, member = positions_after(batch), consumer.consumer_group_metadata()
        self._steady(lambda: producer.send_offsets_to_transaction(positions, member, TRANSACTION_SECONDS_MAX))
        self._steady(lambda: producer.commit_transaction(TRANSACTION_SECONDS_MAX))
        self._pending = False

    def _drain(self, producer: Producer) -> None:
        if producer.flush(TRANSACTION_SECONDS_MAX):
            raise Broken("the broker takes no records; its log tells why")

    def _abort(self, producer: Producer) -> None:
        try:
            self._steady(lambda: producer.abort_transaction(TRANSACTION_SECONDS_MAX))
        except KafkaException as failure:
            raise Broken(str(failure.args[0])) from failure
        finally:
            self._pending = False

    def _rewind(self, consumer: Consumer) -> None:
        """Back to the committed offsets, so that what was aborted is read again."""
        for place in consumer.committed(consumer.assignment(), timeout=COMMITTED_SECONDS_MAX):
            if place.error:
                raise KafkaException(place.error)
            place.offset = place.offset if place.offset >= 0 else OFFSET_BEGINNING
            consumer.seek(place)

    def _steady(self, operation: Callable[[], T]) -> T:
        """Call until it succeeds or fails for good: operations on transactions may be resumed."""
        for _ in range(3):
            try:
                return operation()
            except KafkaException as failure:
                if not failure.args[0].retriable():
                    raise
        return operation()


def positions_after(batch: Sequence[Any]) -> list[TopicPartition]:
    """The next offset of every partition in the batch."""
    last: dict[tuple[str, int], Any] = {}
    for message in batch:
        last[message.topic(), message.partition()] = message
    return [TopicPartition(topic, partition, message.offset() + 1) for (topic, partition), message in last.items()]


def _sound(message: Message) -> bool:
    """Whether it is a record. Raises OffsetLost and KafkaException for errors that do not pass."""
    error = message.error()
    if error is None:
        return True
    if error.code() == KafkaError._AUTO_OFFSET_RESET:
        raise OffsetLost(
            f"{message.topic()}[{message.partition()}]: the log no longer has the offset where this group "
            "stands. Was the topic made again, or its retention limited? Restore it, or reset the group."
        )
    if error.fatal():
        raise KafkaException(error)
    LOG.warning("kafka", topic=message.topic(), partition=message.partition(), error=error.str())
    return False
