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
from schema.limits import BATCH_BYTES_MAX, FETCH
from schema.session import RELAY, opened

LOG = structlog.get_logger("relay")
CLIENT_LOG = logging.getLogger("relay.kafka")

SUFFIX = ".dead"
ID_HEADER = "podium.id"
LOCK = "podium.relay"
BATCH_LETTERS_MAX = 500
LOOK_SECONDS = 0.25
BACKOFF_SECONDS_MIN = 0.1
BACKOFF_SECONDS_MAX = 5.0
FLUSH_SECONDS_MAX = 30.0
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
    "group.id": LOCK,
    "enable.auto.commit": False,
    "auto.offset.reset": "error",
    **FETCH,
}


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

    Killed between the acknowledgement and its note, it finds what it has sent at the end of the topic: never
    more than one batch. `kafka` are librdkafka properties, `dsn` a connection string of the consumer's role.
    """

    def __init__(
        self,
        kafka: Mapping[str, Any],
        dsn: str,
        namespace: str = "",
        batch_letters_max: int = BATCH_LETTERS_MAX,
        registry: CollectorRegistry | None = None,
    ) -> None:
        self.kafka = dict(kafka)
        self.dsn = dsn
        self.namespace = namespace
        self.batch_letters_max = batch_letters_max
        self.registry = registry or CollectorRegistry()
        self.relayed = Counter("podium_dead_letters_relayed", "Letters acknowledged", registry=self.registry)
        self.heartbeat = Heartbeat(LOCK)

    def run(self, stop: Event) -> None:
        """Relay until told to stop; waits out a lost database or broker."""
        wait = BACKOFF_SECONDS_MIN
        while not stop.is_set():
            try:
                self._session(stop)
            except (psycopg.OperationalError, KafkaException, Undelivered) as error:
                self.heartbeat.record_failure(error)
                LOG.warning("not relayed", error=str(error).partition("\n")[0], wait_seconds=wait)
                stop.wait(wait)
                wait = min(wait * 2, BACKOFF_SECONDS_MAX)
            else:
                wait = BACKOFF_SECONDS_MIN
        self.heartbeat.ended = True

    def _session(self, stop: Event) -> None:
        """From the lock to the first failure."""
        with opened(psycopg, self.dsn, RELAY) as connection:
            while not self._lock(connection):
                self.heartbeat.record_standby("held by another relay")
                if stop.wait(LOOK_SECONDS):
                    return
            producer = Producer({**PRODUCER, **self.kafka}, logger=CLIENT_LOG)
            sent = self._sent(connection)
            while not stop.is_set():
                self.heartbeat.record_turn()
                relayed = self.turn(connection, producer, sent)
                self.heartbeat.record_done(relayed)
                if not relayed:
                    stop.wait(LOOK_SECONDS)

    def _lock(self, connection: Connection[Any]) -> bool:
        row = connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [LOCK]).fetchone()
        return bool(row and row[0])

    def turn(self, connection: Connection[Any], producer: Producer, sent: set[str]) -> int:
        """Relay every letter that waits, batch by batch; how many that were.

        A letter that the broker refuses for good (too large) stays behind and is tried again next time.
        """
        total, after = 0, ("", -1, -1)
        while letters := self._unrelayed(connection, after):
            known = [letter for letter in letters if str(letter.id) in sent]
            fresh = [letter for letter in letters if str(letter.id) not in sent]
            taken = known + self._publish(producer, fresh)
            self._note(connection, taken)
            self.relayed.inc(len(taken))
            total += len(taken)
            after = letters[-1][:3]
        sent.clear()
        return total

    def _unrelayed(self, connection: Connection[Any], after: tuple[str, int, int]) -> list[Buried]:
        topic, partition, offset = after
        parameters = {"topic": topic, "partition": partition, "offset": offset, "limit": self.batch_letters_max}
        parameters["bytes"] = BATCH_BYTES_MAX
        return [Buried(*row) for row in connection.execute(load("unrelayed"), parameters)]

    def _publish(self, producer: Producer, letters: Sequence[Buried]) -> list[Buried]:
        """The letters that were acknowledged, in their order. Raises Undelivered."""
        refused: set[UUID] = set()
        unsure: list[str] = []
        for letter in letters:

            def delivered(error: KafkaError | None, _: Any, letter: Buried = letter) -> None:
                if error is not None:
                    self._heed(letter, error, refused, unsure)

            self._produce(producer, letter, delivered)
        if producer.flush(FLUSH_SECONDS_MAX):
            raise Undelivered(f"not acknowledged within {FLUSH_SECONDS_MAX:.0f} s")
        if unsure:
            raise Undelivered(unsure[0])
        return [letter for letter in letters if letter.id not in refused]

    def _heed(self, letter: Buried, error: KafkaError, refused: set[UUID], unsure: list[str]) -> None:
        if error.code() != KafkaError.MSG_SIZE_TOO_LARGE:
            unsure.append(error.str())
            return
        refused.add(letter.id)
        LOG.error(
            "too large for its dead letter topic; raise max.message.bytes there",
            topic=letter.topic, partition=letter.partition, offset=letter.offset,
        )  # fmt: skip

    def _produce(self, producer: Producer, letter: Buried, delivered: Any) -> None:
        try:
            producer.produce(
                self.namespace + letter.topic + SUFFIX,
                letter.value, letter.key, letter.partition,
                headers=letter.sent(), timestamp=int(letter.died_at.timestamp() * 1000), on_delivery=delivered,
            )  # fmt: skip
        except KafkaException as failure:
            delivered(failure.args[0], None)

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
        """The last batch of every partition, and so at least all of the last batch of the relay."""
        unread: dict[tuple[str, int], int] = {}
        places = []
        for topic, partition in _partitions(consumer, topics):
            low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
            if high > low:
                unread[topic, partition] = high
                places.append(TopicPartition(topic, partition, max(low, high - self.batch_letters_max)))
        consumer.assign(places)
        late = time.monotonic() + TAIL_SECONDS_MAX
        while unread:
            if time.monotonic() > late:
                raise Undelivered("the ends of the dead letter topics cannot be read")
            message: Delivered
            for message in consumer.consume(TAIL_RECORDS, 0.1):
                if message.error() is not None:
                    raise KafkaException(message.error())
                place = (message.topic(), message.partition())
                if message.offset() + 1 >= unread.get(place, 0):
                    unread.pop(place, None)
                yield message


def _partitions(consumer: Consumer, topics: Sequence[str]) -> Iterable[tuple[str, int]]:
    for topic in topics:
        described = consumer.list_topics(topic, timeout=10).topics[topic]
        if described.error is not None:
            raise KafkaException(described.error)
        for partition in described.partitions:
            yield topic, partition
