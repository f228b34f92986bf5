"""The log as streams see it: how to connect to it, and where its partitions end."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from functools import cached_property
from typing import Any

import structlog
from confluent_kafka import (
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec

from schema.admission import placing
from schema.limits import FETCH
from schema.outage import Sparse

Place = tuple[str, int]
"""Topic (without a namespace) and partition."""

LOG = structlog.get_logger("streams")
CLIENT_LOG = logging.getLogger("streams.kafka")
CLIENT_LOG.addFilter(Sparse())
REQUEST_SECONDS_MAX = 5.0
RETRY_SECONDS = 0.2
PATIENCE_SECONDS = 1.0
"""Short: nobody who waits here hears that he is to stop."""

PASSING = (
    KafkaError._NOENT,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.UNKNOWN_LEADER_EPOCH,
)
"""Errors of a partition that has no leader yet, or that our knowledge of is old."""

PRODUCER: dict[str, Any] = {
    "partitioner": "murmur2_random",  # the same partition for a key as every other client
    "acks": "all",
    "enable.idempotence": True,
    "linger.ms": 5,
    "message.max.bytes": 4_194_304,  # the snapshot of a large board
    "queue.buffering.max.messages": 200_000,
}
CONSUMER: dict[str, Any] = {
    "isolation.level": "read_committed",
    "auto.offset.reset": "error",
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "fetch.min.bytes": 1,
    "fetch.wait.max.ms": 100,
    "fetch.queue.backoff.ms": 5,
    "queued.min.messages": 50_000,
    **FETCH,
    "session.timeout.ms": 6_000,
    "heartbeat.interval.ms": 2_000,
}


class Log:
    """A log with its declared topics (topic -> number of partitions).

    `kafka` are librdkafka properties, at least `bootstrap.servers`; `namespace` goes before every name.
    """

    def __init__(self, kafka: Mapping[str, Any], namespace: str, topics: Mapping[str, int]) -> None:
        self.kafka = dict(kafka)
        self.namespace = namespace
        self.topics = topics
        self.topic_ids: dict[str, str] = {}
        """Of the topics that this process began with."""
        self._placing = {topic: placing(partitions) for topic, partitions in topics.items()}

    def plain(self, name: str) -> str:
        """A topic's name without the namespace."""
        return name[len(self.namespace) :]

    def named(self, name: str) -> str:
        """A name with the namespace."""
        return self.namespace + name

    def consumer(self, group: str, properties: Mapping[str, Any] | None = None) -> Consumer:
        """A consumer that reads committed records only and never commits by itself."""
        own = {"group.id": self.named(group), **(properties or {})}
        return Consumer({**CONSUMER, **self.kafka, **own}, logger=CLIENT_LOG)

    def producer(self, properties: Mapping[str, Any] | None = None) -> Producer:
        """An idempotent producer."""
        return Producer({**PRODUCER, **self.kafka, **(properties or {})}, logger=CLIENT_LOG)

    def places(self, topics: Iterable[str]) -> list[Place]:
        """Every partition of some topics."""
        return [(topic, partition) for topic in topics for partition in range(self.topics[topic])]

    def ends(self, topics: Iterable[str], whole: bool = False) -> dict[Place, int]:
        """The offset behind the last committed record of each partition, or behind the last. Raises KafkaException.

        Who asks again after a failure asks through a new client: one that has lost its broker may never find it again.
        """
        wanted = [TopicPartition(self.named(topic), partition) for topic, partition in self.places(topics)]
        late = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self._ends(wanted, whole)
            except KafkaException as failure:
                # A partition without a leader, as just after its creation, has one soon.
                self.__dict__.pop("_admin", None)
                if failure.args[0].code() not in PASSING or time.monotonic() > late:
                    raise
                time.sleep(RETRY_SECONDS)

    def _ends(self, wanted: list[TopicPartition], whole: bool) -> dict[Place, int]:
        admin = self._admin  # kept while it is asked: others may put a new one in its place, and answers end with it
        found = admin.list_offsets(
            dict.fromkeys(wanted, OffsetSpec.latest()),  # type: ignore[no-untyped-call, arg-type]
            isolation_level=IsolationLevel.READ_UNCOMMITTED if whole else IsolationLevel.READ_COMMITTED,
            request_timeout=REQUEST_SECONDS_MAX,
        )
        return {(self.plain(at.topic), at.partition): end.result().offset for at, end in found.items()}

    def ask_ends(self, topics: Iterable[str], whole: bool) -> dict[Place, Future[Any]]:
        """The same question without waiting: the answers are for whoever looks again later. Raises KafkaException."""
        wanted = [TopicPartition(self.named(topic), partition) for topic, partition in self.places(topics)]
        found = self._admin.list_offsets(
            dict.fromkeys(wanted, OffsetSpec.latest()),  # type: ignore[no-untyped-call, arg-type]
            isolation_level=IsolationLevel.READ_UNCOMMITTED if whole else IsolationLevel.READ_COMMITTED,
            request_timeout=REQUEST_SECONDS_MAX,
        )
        return {(self.plain(at.topic), at.partition): end for at, end in found.items()}

    def ask_topics(self, topics: Iterable[str]) -> dict[str, Future[Any]]:
        """Ask what topics are, without waiting. Raises KafkaException."""
        wanted = TopicCollection([self.named(topic) for topic in topics])
        found = self._admin.describe_topics(wanted, request_timeout=REQUEST_SECONDS_MAX)
        return {self.plain(name): future for name, future in found.items()}

    def partition_of(self, topic: str, key: bytes) -> int:
        """Where a key belongs by the declared partitions: a client would count those that it finds."""
        return self._placing[topic](key)

    def ask_anew(self) -> None:
        """Ask through a new client from now on."""
        self.__dict__.pop("_admin", None)

    @cached_property
    def _admin(self) -> AdminClient:
        return AdminClient(self.kafka, logger=CLIENT_LOG)
