"""The topics that the declarations ask for: create them, and name every difference from what is there."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

from podium.errors import Problem
from podium.settings import Kafka, Settings
from schema import DOMAINS, LEDGER
from schema.contract import TOPIC_CONFIG
from schema.declare import Domain
from schema.topics import too_many
from streams.log import PASSING

DEAD = ".dead"
"""Put after the name of an input: where the records go that are not events."""

DEAD_CONFIG = {**TOPIC_CONFIG, "message.timestamp.type": "CreateTime", "max.message.bytes": "5242880"}
"""As inputs, with room for the headers that say why, and the time of death instead of the arrival."""

REQUEST_SECONDS_MAX = 15.0
MAKING_SECONDS_MAX = 90.0
"""Until a broker that is busy has made a hundred partitions and knows who leads them."""
RETRY_SECONDS = 0.05
BROKER_DEFAULT = -1
CRITICAL = 2
"""Log level of librdkafka: what goes wrong is told by exceptions."""


class UnknownDomain(Problem):
    """A setting names a domain that is not declared."""

    code = "PD041"
    exit_code = 2


class PartitionsDiffer(Problem):
    """A topic has another number of partitions than declared; keys would move and their order be lost."""

    code = "PD042"

    def __init__(self, what: str, remedy: str = "", changes: Sequence[Change] = ()) -> None:
        super().__init__(what, remedy)
        self.changes = tuple(changes)
        """What was done to the other topics."""


class NotCreated(Problem):
    """The broker refused a topic or a configuration."""

    code = "PD043"


@dataclass(frozen=True)
class Topic:
    """A topic as it should be; `name` carries the namespace."""

    name: str
    partitions: int
    config: Mapping[str, str]
    is_input: bool
    replicas: int | None = None
    """Of each partition; None: as the broker likes."""


@dataclass(frozen=True)
class Difference:
    """What is not as declared: `what` is `topic`, `partitions`, `replicas`, `log start` or the name of a setting."""

    topic: str
    what: str
    declared: str
    found: str


@dataclass(frozen=True)
class Change:
    """What `apply` did to a topic."""

    topic: str
    change: str


def domains(settings: Settings) -> tuple[Domain, ...]:
    """The domains that this installation runs, without the machinery's own. Raises UnknownDomain."""
    known = {domain.name: domain for domain in DOMAINS}
    unknown = [name for name in settings.domains if name not in known]
    if unknown:
        raise UnknownDomain(f"domains: {', '.join(unknown)} is not declared", f"There are: {', '.join(known)}.")
    return tuple(domain for domain in DOMAINS if not settings.domains or domain.name in settings.domains)


def wanted(chosen: Iterable[Domain], kafka: Kafka) -> tuple[Topic, ...]:
    """The topics of the domains and of the machinery: each input with its topic of dead letters."""
    inputs = {name: count for domain in (LEDGER, *chosen) for name, count in domain.topics.items()}
    further = {} if kafka.in_sync_min is None else {"min.insync.replicas": str(kafka.in_sync_min)}
    return tuple(
        topic
        for name, count in inputs.items()
        for topic in (
            Topic(kafka.named(name), count, TOPIC_CONFIG | further, True, kafka.replicas),
            Topic(kafka.named(name + DEAD), count, DEAD_CONFIG | further, False, kafka.replicas),
        )
    )


def verify(kafka: Kafka, topics: Sequence[Topic]) -> list[Difference]:
    """Every difference between the topics and the broker. Raises KafkaException if it does not answer."""
    admin = _admin(kafka)
    found = _found(admin)
    present = [topic for topic in topics if topic.name in found]
    missing = [Difference(topic.name, "topic", "present", "missing") for topic in topics if topic not in present]
    counts = _counts(found)
    return [
        *missing,
        *_partitions(present, counts),
        *_replicas(present, found),
        *_configs(admin, present),
        *_starts(admin, present, counts),
    ]


def apply(kafka: Kafka, topics: Sequence[Topic]) -> list[Change]:
    """Create what is missing, set what differs, delete nothing. Raises PartitionsDiffer, NotCreated.

    A topic with another number of partitions is left alone, and told when all others are as declared. A log that lost
    its beginning, and replicas, stay as they are: `verify` goes on to tell.
    """
    admin = _admin(kafka)
    counts = _counts(_found(admin))
    wrong = _partitions([topic for topic in topics if topic.name in counts], counts)
    refused = {each.topic for each in wrong}
    created = [topic for topic in topics if topic.name not in counts]
    _create(admin, created)
    altered = _configs(admin, [topic for topic in topics if topic.name in counts and topic.name not in refused])
    _alter(admin, altered)
    changes = [Change(topic.name, f"created with {topic.partitions} partitions") for topic in created]
    changes += [Change(each.topic, f"{each.what}: {each.found} -> {each.declared}") for each in altered]
    if wrong:
        what = "; ".join(too_many(each.topic, int(each.declared), int(each.found)) for each in wrong)
        raise PartitionsDiffer(what, "All other topics are as declared.", changes)
    return changes


def _admin(kafka: Kafka) -> AdminClient:
    return AdminClient({**kafka.client(), "log_level": CRITICAL})


def _found(admin: AdminClient) -> dict[str, Any]:
    """What the broker says of every topic that it has."""
    found = admin.list_topics(timeout=REQUEST_SECONDS_MAX).topics
    return {name: topic for name, topic in found.items() if topic.error is None}


def _counts(found: Mapping[str, Any]) -> dict[str, int]:
    return {name: len(topic.partitions) for name, topic in found.items()}


def _partitions(topics: Iterable[Topic], counts: Mapping[str, int]) -> list[Difference]:
    return [
        Difference(topic.name, "partitions", str(topic.partitions), str(counts[topic.name]))
        for topic in topics
        if counts[topic.name] != topic.partitions
    ]


def _replicas(topics: Iterable[Topic], found: Mapping[str, Any]) -> list[Difference]:
    """Topics of which a partition has fewer or more replicas than the settings say, where they do."""
    wanted = {topic.name: topic.replicas for topic in topics if topic.replicas is not None}
    counts = {name: {len(one.replicas) for one in found[name].partitions.values()} for name in wanted}
    return [
        Difference(name, "replicas", str(wanted[name]), ", ".join(map(str, sorted(each))))
        for name, each in counts.items()
        if each != {wanted[name]}
    ]


def _configs(admin: AdminClient, topics: Sequence[Topic]) -> list[Difference]:
    if not topics:
        return []
    resources = [ConfigResource(ResourceType.TOPIC, topic.name) for topic in topics]
    futures = admin.describe_configs(resources, request_timeout=REQUEST_SECONDS_MAX)
    found = {resource.name: future.result() for resource, future in futures.items()}
    return [
        Difference(topic.name, name, value, found[topic.name][name].value)
        for topic in topics
        for name, value in topic.config.items()
        if found[topic.name][name].value != value
    ]


def _starts(admin: AdminClient, topics: Iterable[Topic], counts: Mapping[str, int]) -> list[Difference]:
    """Inputs of which the beginning is gone: a rebuild would be short of it."""
    inputs = {topic.name: counts[topic.name] for topic in topics if topic.is_input}
    return [
        Difference(topic, f"log start of partition {partition}", "0", str(start))
        for (topic, partition), start in sorted(starts(admin, inputs).items())
        if start > 0
    ]


def starts(admin: AdminClient, counts: Mapping[str, int]) -> dict[tuple[str, int], int]:
    """First offset of each partition; `counts` are partitions by topic, names with the namespace."""
    earliest: Any = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
    return _offsets(admin, counts, earliest)


def ends(
    admin: AdminClient, counts: Mapping[str, int], isolation: IsolationLevel = IsolationLevel.READ_COMMITTED
) -> dict[tuple[str, int], int]:
    """Where a reader of committed records will stand in the end, markers included, as `starts`; or high watermarks."""
    latest: Any = OffsetSpec.latest()  # type: ignore[no-untyped-call]
    return _offsets(admin, counts, latest, isolation)


def _offsets(
    admin: AdminClient,
    counts: Mapping[str, int],
    spec: Any,
    isolation: IsolationLevel = IsolationLevel.READ_COMMITTED,
) -> dict[tuple[str, int], int]:
    """Partitions without a leader, as those that are just being made, get their time. Raises KafkaException."""
    places = [TopicPartition(name, partition) for name, count in counts.items() for partition in range(count)]
    if not places:
        return {}
    asked: dict[TopicPartition, Any] = dict.fromkeys(places, spec)
    deadline = time.monotonic() + MAKING_SECONDS_MAX
    while True:
        futures = admin.list_offsets(asked, isolation_level=isolation, request_timeout=REQUEST_SECONDS_MAX)
        try:
            return {(place.topic, place.partition): each.result().offset for place, each in futures.items()}
        except KafkaException as error:
            if error.args[0].code() not in PASSING or time.monotonic() > deadline:
                raise
            time.sleep(RETRY_SECONDS)
            admin.list_topics(timeout=REQUEST_SECONDS_MAX)  # or it would go on asking by what it knows


def _create(admin: AdminClient, topics: Sequence[Topic]) -> None:
    if not topics:
        return
    new = [
        NewTopic(topic.name, topic.partitions, topic.replicas or BROKER_DEFAULT, config=dict(topic.config))
        for topic in topics
    ]
    _await(admin.create_topics(new, request_timeout=MAKING_SECONDS_MAX))
    counts = {topic.name: topic.partitions for topic in topics}
    deadline = time.monotonic() + MAKING_SECONDS_MAX
    while not counts.items() <= _counts(_found(admin)).items():
        if time.monotonic() > deadline:
            raise NotCreated("topics were created but the broker does not list them", "Try again.")
        time.sleep(RETRY_SECONDS)
    starts(admin, counts)


def _alter(admin: AdminClient, differences: Sequence[Difference]) -> None:
    if not differences:
        return
    by_topic: dict[str, list[ConfigEntry]] = {}
    for each in differences:
        entry = ConfigEntry(each.what, each.declared, incremental_operation=AlterConfigOpType.SET)
        by_topic.setdefault(each.topic, []).append(entry)
    resources = [
        ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries) for topic, entries in by_topic.items()
    ]
    _await(admin.incremental_alter_configs(resources, request_timeout=REQUEST_SECONDS_MAX))


def _await(futures: Mapping[Any, Any]) -> None:
    for name, future in futures.items():
        try:
            future.result()
        except KafkaException as error:
            raise NotCreated(f"{name}: {error.args[0].str()}", "Check the rights of this client.") from None
