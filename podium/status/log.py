"""What Kafka says at one moment: ends, what is hidden behind open transactions, members of groups, their positions."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from confluent_kafka import (
    Consumer,
    ConsumerGroupState,
    ConsumerGroupTopicPartitions,
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from consumers.loop import GROUP
from podium import topics
from podium.settings import Kafka
from schema.envelope import time_of
from schema.limits import FETCH

REQUEST_SECONDS_MAX = 10.0
UNREAD_SECONDS_MAX = 3.0
STAMPS = "message.timestamp.type"

CLIENT_LOG = logging.getLogger("podium.status.kafka")
CLIENT_LOG.addHandler(logging.NullHandler())
CLIENT_LOG.propagate = False
"""What librdkafka has to say is told by the exceptions that it raises."""

Place = tuple[str, int]


@dataclass(frozen=True)
class Log:
    """What Kafka says at one moment, by topics without the namespace."""

    ends: Mapping[Place, int]
    """High watermarks: there is nothing behind them."""
    topic_ids: Mapping[str, str]
    held: frozenset[Place]
    """Partitions that a living member of the consumers' group has."""
    readable: Mapping[Place, int] = field(default_factory=dict)
    """Last stable offsets: what lies between them and the ends is hidden behind an open transaction."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Partitions by topic."""
    stamps: Mapping[str, str] = field(default_factory=dict)
    """Who stamps the times of records, by topic."""

    def hidden(self, place: Place) -> int:
        """Offsets that nobody who reads committed records can read yet."""
        end = self.ends.get(place, 0)
        return max(0, end - self.readable.get(place, end))


def admin(kafka: Kafka) -> AdminClient:
    """A client that writes nothing to the terminal."""
    return AdminClient(kafka.client(), logger=CLIENT_LOG)


def read_log(client: AdminClient, namespace: str, counts: Mapping[str, int]) -> Log:
    """Ends, ids, partitions and owners; a missing topic has none of them. `counts` are the declared partitions."""
    ids, found = _described(client, namespace, counts)
    there = {name: min(counts[name], found[name]) for name in ids}
    # What is readable is asked first: what was committed in between is not taken for hidden.
    readable = read_ends(client, namespace, there)
    ends = read_ends(client, namespace, there, IsolationLevel.READ_UNCOMMITTED)
    return Log(ends, ids, _held(client, namespace), readable, found, _stamps(client, namespace, ids))


def read_readable(client: AdminClient, namespace: str, counts: Mapping[str, int]) -> dict[Place, int]:
    """The `readable` of `read_log` alone: it asks for no group, whose coordinator a young broker has to make first."""
    _, found = _described(client, namespace, counts)
    return read_ends(client, namespace, {name: min(counts[name], found[name]) for name in found})


def _described(client: AdminClient, namespace: str, names: Iterable[str]) -> tuple[dict[str, str], dict[str, int]]:
    """Ids and numbers of partitions of the topics that are there."""
    described = client.describe_topics(
        TopicCollection([namespace + topic for topic in names]), request_timeout=REQUEST_SECONDS_MAX
    )
    skip = len(namespace)
    ids: dict[str, str] = {}
    found: dict[str, int] = {}
    for name, future in described.items():
        try:
            topic = future.result()
        except KafkaException:
            continue
        ids[name[skip:]], found[name[skip:]] = str(topic.topic_id), len(topic.partitions)
    return ids, found


def read_ends(
    client: AdminClient,
    namespace: str,
    counts: Mapping[str, int],
    isolation: IsolationLevel = IsolationLevel.READ_COMMITTED,
) -> dict[Place, int]:
    """Where a reader of committed records stands in the end, or high watermarks; topics without the namespace."""
    named = {namespace + topic: count for topic, count in counts.items()}
    return {(name[len(namespace) :], n): end for (name, n), end in topics.ends(client, named, isolation).items()}


def _held(client: AdminClient, namespace: str) -> frozenset[Place]:
    (future,) = client.describe_consumer_groups([namespace + GROUP], request_timeout=REQUEST_SECONDS_MAX).values()
    try:
        group = future.result()
    except KafkaException:
        return frozenset()
    if group.state == ConsumerGroupState.DEAD:
        return frozenset()
    skip = len(namespace)
    return frozenset(
        (place.topic[skip:], place.partition)
        for member in group.members
        for place in member.assignment.topic_partitions
    )


def _stamps(client: AdminClient, namespace: str, names: Iterable[str]) -> dict[str, str]:
    """Empty for a topic of which this client may not read the configuration."""
    resources = [ConfigResource(ResourceType.TOPIC, namespace + name) for name in names]
    found: dict[str, str] = {}
    if not resources:  # the client raises for none
        return found
    for resource, future in client.describe_configs(resources, request_timeout=REQUEST_SECONDS_MAX).items():
        try:
            found[resource.name[len(namespace) :]] = future.result()[STAMPS].value
        except (KafkaException, KeyError):
            continue
    return found


def committed(client: AdminClient, kafka: Kafka, group: str, places: Iterable[Place]) -> dict[Place, int]:
    """Where a group stands; 0 where it never committed. Raises KafkaException."""
    wanted = [TopicPartition(kafka.named(topic), partition) for topic, partition in places]
    request = [ConsumerGroupTopicPartitions(kafka.named(group), wanted)]
    (future,) = client.list_consumer_group_offsets(request, request_timeout=REQUEST_SECONDS_MAX).values()
    skip = len(kafka.namespace)
    return {(at.topic[skip:], at.partition): max(at.offset, 0) for at in future.result().topic_partitions}


def oldest_unread(
    kafka: Kafka,
    behind: Mapping[Place, int],
    isolation: str = "read_committed",
    seconds_max: float = UNREAD_SECONDS_MAX,
) -> dict[Place, datetime]:
    """Append time of the first record at or after each position; a place with nothing but markers has none."""
    if not behind:
        return {}
    consumer = Consumer(
        FETCH
        | kafka.client(
            group_id=kafka.named("podium.status"), enable_auto_commit=False, queued_min_messages=1,
            enable_partition_eof=True, isolation_level=isolation, fetch_wait_max_ms=50,
        ),
        logger=CLIENT_LOG,
    )  # fmt: skip
    found: dict[Place, datetime] = {}
    left = set(behind)
    late = time.monotonic() + seconds_max
    try:
        consumer.assign([TopicPartition(kafka.named(topic), n, at) for (topic, n), at in behind.items()])
        while left and time.monotonic() < late:
            message: Any
            for message in consumer.consume(8, 0.05):
                place = (message.topic()[len(kafka.namespace) :], message.partition())
                error = message.error()
                if place not in left or (error is not None and error.code() != KafkaError._PARTITION_EOF):
                    continue
                left.discard(place)
                if error is None:
                    found[place] = time_of(message.timestamp()[1])
                consumer.pause([TopicPartition(message.topic(), message.partition())])
    finally:
        consumer.close()
    return found
