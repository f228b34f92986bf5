"""Publishes what `ledger.dead` holds to `<topic>.dead`: same partition, in order, each letter once."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from threading import Event
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import psycopg
import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from prometheus_client import CollectorRegistry, Counter
from psycopg import Connection

from consumers.dead import decode_headers
from consumers.record import Delivered
from consumers.sql import load
from schema.envelope import NAMESPACE
from schema.heartbeat import Heartbeat
from schema.lease import Lease, Leases
from schema.limits import BATCH_BYTES_MAX, FETCH
from schema.outage import Outage, Sparse
from schema.session import RELAY, opened

LOG = structlog.get_logger("relay")
CLIENT_LOG = logging.getLogger("relay.kafka")
CLIENT_LOG.addFilter(Sparse())

SUFFIX = ".dead"
ID_HEADER = "podium.id"
NAME = "podium.relay"
BATCH_LETTERS_MAX = 500
LOOK_SECONDS = 0.25
BACKOFF_SECONDS_MIN = 0.1
BACKOFF_SECONDS_MAX = 5.0
FLUSH_SECONDS_MAX = 30.0
GRACE_SECONDS = 15.0
"""By how much a native call may outlast its own limit before the process counts as hung."""

CALL_SECONDS_MAX = 1.0
TRANSACTION_MS_MAX = 40_000
AGAIN_SECONDS = 60.0
"""A letter that the broker refuses is tried again after so long."""

TAIL_SECONDS_MAX = 30.0
TAIL_RECORDS = 16
"""Letters read back at a time: each may be large."""

PRODUCER: dict[str, Any] = {
    "partitioner": "murmur2_random",
    "acks": "all",
    "enable.idempotence": True,
    "linger.ms": 5,
    "delivery.timeout.ms": 20_000,
    # A letter is a little larger than the record it holds; what is too large, the broker is to say.
    "message.max.bytes": 64 * 1024 * 1024,
}
CONSUMER: dict[str, Any] = {
    "group.id": NAME,
    "enable.auto.commit": False,
    "auto.offset.reset": "error",
    "enable.partition.eof": True,
    **FETCH,
}


class TooLarge(Exception):
    """The broker takes a letter by no means; with it, the transaction that it is in."""

    def __init__(self, letter: Buried) -> None:
        super().__init__(letter.topic, letter.partition, letter.offset)
        self.letter = letter


class Undelivered(Exception):
    """Whether the broker took some letters is not known: look at the topics' ends before going on."""


class Buried(NamedTuple):
    """A dead letter as `ledger.dead` keeps it."""

    topic: str
    partition: int
    offset: int
    append_time: datetime | None
    died_at: datetime
    key: bytes | None
    value: bytes | None
    headers: list[list[Any]]
    reason: str
    sqlstate: str | None
    message: str
    size: int | None
    digest: str | None
    truncated: bool

    @property
    def id(self) -> UUID:
        """The same for every copy: UUIDv5 of the record's place."""
        return uuid5(NAMESPACE, f"{self.topic}:{self.partition}:{self.offset}")

    def sent(self) -> list[tuple[str, str | bytes | None]]:
        """The record's own headers, untouched, then ours; `podium.time` is when the log took the record."""
        appended = self.append_time or self.died_at
        told = {
            ID_HEADER: str(self.id),
            "podium.reason": self.reason,
            "podium.sqlstate": self.sqlstate,
            "podium.message": self.message,
            "podium.topic": self.topic,
            "podium.partition": str(self.partition),
            "podium.offset": str(self.offset),
            "podium.time": appended.isoformat(),
            # Of what is too large to be kept, the topic has the beginning.
            "podium.truncated": "true" if self.truncated else None,
            "podium.size": str(self.size) if self.truncated and self.size is not None else None,
            "podium.digest": self.digest,
        }
        own = [(name, value) for name, value in told.items() if value is not None]
        return [*decode_headers(self.headers), *own]


class Relay:
    """Relays the letters of one database; further relays stand by until this one is gone.

    The right to relay is a lease, and letters are published in transactions under one id: a zombie's are refused.
    Killed between the commit and its note, it finds what it has sent at the end of the topic: never more than one
    batch. `kafka` are librdkafka properties, `dsn` a connection string of the consumer's role.
    """

    def __init__(
        self,
        kafka: Mapping[str, Any],
        dsn: str,
        leases: Leases,
        namespace: str = "",
        batch_letters_max: int = BATCH_LETTERS_MAX,
        registry: CollectorRegistry | None = None,
    ) -> None:
        self.kafka = dict(kafka)
        self.dsn = dsn
        self.leases = leases
        self.namespace = namespace
        self.batch_letters_max = batch_letters_max
        self.registry = registry or CollectorRegistry()
        self.relayed = Counter("podium_dead_letters_relayed", "Letters acknowledged", registry=self.registry)
        self.heartbeat = Heartbeat(NAME)
        self._refused: dict[UUID, float] = {}
        """Letters that are too large for the broker -> monotonic time of the next try."""

    def run(self, stop: Event) -> None:
        """Relay until told to stop; whatever fails is begun again, and an outage is waited out."""
        outage = Outage("broker or database", LOG.warning, LOG.info)
        self.heartbeat.recovered = lambda: outage.over(NAME)
        wait = BACKOFF_SECONDS_MIN
        while not stop.is_set():
            try:
                self._session(stop)
            except Exception as error:
                self.heartbeat.record_failure(error)
                outage.failed(NAME, error)
                stop.wait(wait)
                self.heartbeat.turned = time.monotonic()
                wait = min(wait * 2, BACKOFF_SECONDS_MAX)
            else:
                wait = BACKOFF_SECONDS_MIN
        self.heartbeat.ended = True

    def _session(self, stop: Event) -> None:
        """From the lease to the first failure."""
        with self.leases.hold(NAME, stop, self.heartbeat) as lease:
            if lease is None:
                return
            with opened(psycopg, self.dsn, RELAY) as connection:
                self._relay(connection, self._producer(lease, stop), lease, stop)

    def _relay(self, connection: Connection[Any], producer: Producer, lease: Lease, stop: Event) -> None:
        sent = self._sent(connection)
        while not stop.is_set():
            self.heartbeat.record_turn()
            relayed = self.turn(connection, producer, lease, sent)
            self.heartbeat.record_done(relayed)
            if not relayed:
                stop.wait(LOOK_SECONDS)

    def _producer(self, lease: Lease, stop: Event) -> Producer:
        """One that fences whoever relayed before. Raises KafkaException, LeaseLost, Undelivered when told to stop."""
        own = {"transactional.id": self.namespace + NAME, "transaction.timeout.ms": TRANSACTION_MS_MAX}
        producer = Producer({**PRODUCER, **self.kafka, **own}, logger=CLIENT_LOG)
        while not self._has_taken_over(producer):
            self.heartbeat.record_turn(ready=False, waits_for="the broker")
            if stop.is_set():
                raise Undelivered("told to stop while it waited for the broker")
        with self.heartbeat.within("confirm the lease", FLUSH_SECONDS_MAX):
            lease.confirm()
        return producer

    def _has_taken_over(self, producer: Producer) -> bool:
        """In short calls that are resumed, so that a stop is heard."""
        try:
            with self.heartbeat.within("take over transactions", CALL_SECONDS_MAX + GRACE_SECONDS):
                producer.init_transactions(CALL_SECONDS_MAX)
        except KafkaException as failure:
            if failure.args[0].retriable():
                return False
            raise
        return True

    def turn(self, connection: Connection[Any], producer: Producer, lease: Lease, sent: set[str]) -> int:
        """Relay every letter that waits, batch by batch; how many that were.

        A letter that the broker refuses for good (too large) stays behind and is tried again later.
        """
        total, after = 0, ("", -1, -1)
        while letters := self._unrelayed(connection, after):
            lease.check()
            self.heartbeat.record_turn()
            known = [letter for letter in letters if str(letter.id) in sent]
            fresh = [letter for letter in letters if str(letter.id) not in sent]
            self._note(connection, known)
            total += len(known) + self._publish(connection, producer, fresh)
            after = letters[-1][:3]
        sent.clear()
        return total

    def _unrelayed(self, connection: Connection[Any], after: tuple[str, int, int]) -> list[Buried]:
        topic, partition, offset = after
        parameters = {"topic": topic, "partition": partition, "offset": offset, "limit": self.batch_letters_max}
        parameters["bytes"] = BATCH_BYTES_MAX
        return [Buried(*row) for row in connection.execute(load("unrelayed"), parameters)]

    def _publish(self, connection: Connection[Any], producer: Producer, letters: Sequence[Buried]) -> int:
        """Publish and note these letters in their order; how many went. Raises Undelivered, KafkaException."""
        now = time.monotonic()
        due = [letter for letter in letters if self._refused.get(letter.id, 0.0) <= now]
        if not due:
            return 0
        try:
            self._commit(producer, due)
        except TooLarge as refused:
            with self.heartbeat.within("abort a transaction", FLUSH_SECONDS_MAX + GRACE_SECONDS):
                producer.abort_transaction(FLUSH_SECONDS_MAX)
            self._refuse(refused.letter)
            # One by one: how many others are too large the broker does not say, and each must be noted by itself.
            return sum(self._publish(connection, producer, [letter]) for letter in due)
        self._note(connection, due)
        self.relayed.inc(len(due))
        return len(due)

    def _refuse(self, letter: Buried) -> None:
        self._refused[letter.id] = time.monotonic() + AGAIN_SECONDS
        LOG.error(
            "too large for its dead letter topic; raise max.message.bytes there",
            topic=letter.topic, partition=letter.partition, offset=letter.offset,
        )  # fmt: skip

    def _commit(self, producer: Producer, letters: Sequence[Buried]) -> None:
        """Publish letters in one transaction. Raises TooLarge: abort it; Undelivered: begin anew."""
        failures: list[tuple[Buried, KafkaError]] = []
        producer.begin_transaction()
        try:
            for letter in letters:

                def delivered(error: KafkaError | None, _: Any, letter: Buried = letter) -> None:
                    if error is not None:
                        failures.append((letter, error))

                self._produce(producer, letter, delivered)
            with self.heartbeat.within("commit letters", FLUSH_SECONDS_MAX + GRACE_SECONDS):
                producer.commit_transaction(FLUSH_SECONDS_MAX)
        except KafkaException as failure:
            producer.poll(0)  # what was delivered or refused is told by callbacks
            for letter, error in failures:
                if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
                    raise TooLarge(letter) from failure
            raise Undelivered(failure.args[0].str()) from failure

    def _produce(self, producer: Producer, letter: Buried, delivered: Any) -> None:
        """Hand a letter to the client, once its queue has room. Raises Undelivered when the broker takes nothing."""
        record = self.namespace + letter.topic + SUFFIX, letter.value, letter.key, letter.partition
        more = {"headers": letter.sent(), "timestamp": int(letter.died_at.timestamp() * 1000), "on_delivery": delivered}
        late = time.monotonic() + FLUSH_SECONDS_MAX
        while True:
            try:
                return producer.produce(*record, **more)
            except BufferError:
                if time.monotonic() > late:
                    raise Undelivered("the broker takes no letters; its log tells why") from None
                with self.heartbeat.within("wait for the broker", FLUSH_SECONDS_MAX + GRACE_SECONDS):
                    producer.poll(1.0)

    def _note(self, connection: Connection[Any], letters: Sequence[Buried]) -> None:
        if letters:
            topics, partitions, offsets = zip(*(letter[:3] for letter in letters), strict=True)
            places = {"topics": list(topics), "partitions": list(partitions), "offsets": list(offsets)}
            connection.execute(load("relayed"), places)

    # What an earlier relay sent without living to note it

    def _sent(self, connection: Connection[Any]) -> set[str]:
        """Ids of the letters at the ends of the dead letter topics that still have some to come."""
        rows = connection.execute("SELECT DISTINCT topic FROM ledger.dead WHERE relayed_at IS NULL").fetchall()
        if not rows:
            return set()
        consumer = Consumer({**CONSUMER, **self.kafka}, logger=CLIENT_LOG)
        try:
            return {
                value.decode(errors="replace")
                for message in self._tail(consumer, [self.namespace + topic + SUFFIX for (topic,) in rows])
                for name, value in message.headers() or ()
                if name == ID_HEADER and value is not None
            }
        finally:
            consumer.close()

    def _tail(self, consumer: Consumer, topics: Sequence[str]) -> Iterable[Delivered]:
        """The last batch of every partition, and so at least all of the last batch of the relay that was committed."""
        unread = set()
        places = []
        # Behind it there may be what a zombie had begun, and the marks of both transactions.
        window = 2 * self.batch_letters_max + 4
        with self.heartbeat.within("read the ends of dead letter topics", 2 * TAIL_SECONDS_MAX + GRACE_SECONDS):
            for topic, partition in _partitions(consumer, topics):
                low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
                if high > low:
                    unread.add((topic, partition))
                    places.append(TopicPartition(topic, partition, max(low, high - window)))
            consumer.assign(places)
            late = time.monotonic() + TAIL_SECONDS_MAX
            while unread:
                if time.monotonic() > late:
                    raise Undelivered("the ends of the dead letter topics cannot be read")
                message: Delivered
                for message in consumer.consume(TAIL_RECORDS, 0.1):
                    error = message.error()
                    if error is None:
                        yield message
                    elif error.code() == KafkaError._PARTITION_EOF:
                        unread.discard((message.topic(), message.partition()))
                    else:
                        raise KafkaException(error)


def _partitions(consumer: Consumer, topics: Sequence[str]) -> Iterable[tuple[str, int]]:
    for topic in topics:
        described = consumer.list_topics(topic, timeout=10).topics[topic]
        if described.error is not None:
            raise KafkaException(described.error)
        for partition in described.partitions:
            yield topic, partition
