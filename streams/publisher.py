"""Publishes the decisions of a duty: in transactions under one id, so that a zombie's are refused by the broker."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event
from typing import Any

from confluent_kafka import KafkaException, Producer

from schema.heartbeat import Heartbeat
from schema.lease import Lease
from streams.duty import Undelivered
from streams.exchange import TRANSACTION_SECONDS_MAX, take_over
from streams.log import Log
from streams.write import Record

PUBLISH_MS_MAX = 60_000
"""What a transaction may take: one may publish a board in hundreds of parts. Whoever takes over aborts it at once."""
GRACE_SECONDS = 15.0
"""By how much a call may outlast its own limit before its process counts as hung."""


class Publisher:
    """The one publisher of a duty: making the next one ends it, whatever it does meanwhile."""

    def __init__(self, log: Log, name: str, lease: Lease, heartbeat: Heartbeat, stop: Event) -> None:
        """Fences whoever published for this duty before. Raises KafkaException, LeaseLost and psycopg errors."""
        self.log = log
        self.lease = lease
        self.heartbeat = heartbeat
        self.producer: Producer = fenced_producer(log, name, lease, heartbeat, stop)

    def publish(self, records: Sequence[Record]) -> None:
        """Publish all of these or none. Raises LeaseLost, and Undelivered: begin again with a new publisher."""
        if not records:
            return
        self.lease.check()
        producer = self.producer
        try:
            producer.begin_transaction()
            for topic, key, value in records:
                self._produce(topic, key, value)
            with self.heartbeat.within("commit what was decided", TRANSACTION_SECONDS_MAX + GRACE_SECONDS):
                producer.commit_transaction(TRANSACTION_SECONDS_MAX)
        except KafkaException as failure:
            raise Undelivered(str(failure.args[0].str())) from failure

    def _produce(self, topic: str, key: bytes, value: bytes) -> Any:
        record = self.log.named(topic), value, key, self.log.partition_of(topic, key)
        try:
            return self.producer.produce(*record)
        except BufferError:
            with self.heartbeat.within("flush what was decided", TRANSACTION_SECONDS_MAX + GRACE_SECONDS):
                self.producer.flush(TRANSACTION_SECONDS_MAX)
        try:
            return self.producer.produce(*record)
        except BufferError:
            raise Undelivered("the broker takes no records") from None


def fenced_producer(log: Log, name: str, lease: Lease, heartbeat: Heartbeat, stop: Event) -> Producer:
    """A producer with which the holder of a lease publishes in transactions. Raises KafkaException, Broken, LeaseLost.

    The lease is confirmed after the fence is up: one that was lost meanwhile publishes nothing, and one that is lost
    later meets the fence of the next holder.
    """
    own = {"transactional.id": log.named(name), "transaction.timeout.ms": PUBLISH_MS_MAX, "compression.type": "lz4"}
    producer = log.producer(own)
    take_over(producer, heartbeat, stop)
    with heartbeat.within(f"confirm the lease of {name}", 2 * GRACE_SECONDS):
        lease.confirm()
    return producer
