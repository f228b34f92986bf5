"""What a rebuild will read: records and bytes by topic, how far, and whether the log still has all of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from psycopg import Connection

from podium import status, topics
from podium.errors import Problem
from podium.settings import Settings
from schema import LEDGER
from schema.declare import FAMILIES, Domain

Place = tuple[str, int]
Until = Mapping[Place, int]
"""(topic without namespace, partition) -> next offset not to be read."""

SAMPLE_RECORDS = 1_000
SAMPLE_SECONDS = 0.1
SAMPLE_BYTES = 64 * 1024
SAMPLE_SECONDS_MAX = 5.0
ROW_OVERHEAD = 2.5
"""Bytes that a table takes for each byte of a record, with indexes: measured on narrow events."""
RATE_GUESSED = 20_000.0
"""Events a second, until a run has shown better."""
TIME_SECONDS_MAX = 10.0


class BeginningGone(Problem):
    """A topic's first records are gone, so that nothing can be rebuilt from it."""

    code = "PD082"


class EndGone(Problem):
    """The tables stand further on than the log reaches, or belong to another log."""

    code = "PD083"


class Further(Problem):
    """A database that was begun holds more of the log than is asked for now."""

    code = "PD094"


class NoSuchTime(Problem):
    """A point of the log is neither a time nor offsets."""

    code = "PD084"
    exit_code = 2


@dataclass(frozen=True)
class Topic:
    """What there is to read of one topic; bytes are an estimate from a sample."""

    topic: str
    partitions: int
    records: int
    bytes: int


@dataclass(frozen=True)
class Plan:
    """What will be read, up to where, and what it takes."""

    until: Until
    topics: Sequence[Topic]
    rate: float = RATE_GUESSED
    like_live_bytes: int = 0
    """What it takes on disk if it takes as much as the live tables do; 0 where they hold nothing."""

    @property
    def records(self) -> int:
        """Offsets to read, markers of transactions included."""
        return sum(topic.records for topic in self.topics)

    @property
    def seconds(self) -> float:
        """How long it will take at the rate of the last run."""
        return self.records / self.rate

    @property
    def disk_bytes(self) -> int:
        """What the new database will take on disk."""
        return max(int(sum(topic.bytes for topic in self.topics) * ROW_OVERHEAD), self.like_live_bytes)


def made(settings: Settings, domains: Sequence[Domain], until: Until, rate: float | None = None) -> Plan:
    """The plan of reading the log up to some offsets. Raises BeginningGone, EndGone and Kafka errors."""
    check(settings, until)
    sizes = _record_bytes(settings, until)
    found = []
    for topic in _topics(domains):
        places = {place: end for place, end in until.items() if place[0] == topic}
        records = sum(places.values())
        found.append(Topic(topic, len(places), records, int(records * sizes.get(topic, 0.0))))
    return Plan(until, found, rate or RATE_GUESSED)


def check(settings: Settings, until: Until) -> None:
    """Whether the log still has every record up to some offsets. Raises BeginningGone, EndGone."""
    kafka, wanted = settings.kafka, _counts(until)
    admin = AdminClient(kafka.client())
    ends = status.read_ends(admin, kafka.namespace, wanted)
    starts = topics.starts(admin, {kafka.named(topic): count for topic, count in wanted.items()})
    for (topic, partition), end in sorted(until.items()):
        start = starts[kafka.named(topic), partition]
        if start > 0:
            raise BeginningGone(
                f"{topic}[{partition}]: the log begins at offset {start}; what came before is gone",
                "Restore the topic, or keep the live tables: docs/rebuild.md, 'A topic was truncated'.",
            )
        if end > ends[topic, partition]:
            raise EndGone(
                f"{topic}[{partition}]: asked for up to offset {end}, but the log ends at {ends[topic, partition]}",
                "Is this the cluster that the tables were filled from? docs/rebuild.md, 'A topic was truncated'.",
            )


def ends(settings: Settings, domains: Sequence[Domain]) -> dict[Place, int]:
    """Where every input of the domains ends now; topics that are not there are left out. Raises KafkaException."""
    counts = {name: count for domain in (LEDGER, *domains) for name, count in domain.topics.items()}
    return dict(status.read_log(AdminClient(settings.kafka.client()), settings.kafka.namespace, counts).ends)


def positions(connection: Connection[Any], domains: Sequence[Domain]) -> dict[Place, int]:
    """Where a database stands in the log: offsets of all inputs of the domains, 0 where nothing was read."""
    counts = {name: count for domain in (LEDGER, *domains) for name, count in domain.topics.items()}
    query = "SELECT topic, partition, position FROM ledger.offset WHERE topic = ANY(%s)"
    found = {(topic, n): 0 for topic, count in counts.items() for n in range(count)}
    return found | {(topic, n): position for topic, n, position in connection.execute(query, [list(counts)])}


def check_reached(connection: Connection[Any], domains: Sequence[Domain], until: Until) -> None:
    """Whether a database stands exactly at some offsets. Raises Further."""
    for (topic, partition), position in sorted(positions(connection, domains).items()):
        if position > until.get((topic, partition), 0):
            raise Further(
                f"{topic}[{partition}]: the new database holds the log up to {position}, asked is"
                f" {until.get((topic, partition), 0)}",
                "podium rebuild cancel drops it; then begin anew.",
            )


def at_time(settings: Settings, domains: Sequence[Domain], moment: datetime) -> dict[Place, int]:
    """The offsets of all inputs before the first record that was appended at or after a moment."""
    found, kafka = ends(settings, domains), settings.kafka
    if not found:
        return found
    consumer = Consumer(kafka.client(group_id=kafka.named("podium.rebuild"), enable_auto_commit=False))
    try:
        asked = [TopicPartition(kafka.named(topic), n, int(moment.timestamp() * 1000)) for topic, n in found]
        for place in consumer.offsets_for_times(asked, timeout=TIME_SECONDS_MAX):
            if place.error is not None:
                raise KafkaException(place.error)
            if place.offset >= 0:
                found[place.topic[len(kafka.namespace) :], place.partition] = place.offset
    finally:
        consumer.close()
    return found


def read_until(settings: Settings, domains: Sequence[Domain], text: str) -> dict[Place, int]:
    """A point of the log: an ISO 8601 time, or offsets as `topic[partition]@offset,…`; others at their end.

    Raises NoSuchTime.
    """
    try:
        moment = datetime.fromisoformat(text)
        return at_time(settings, domains, moment if moment.tzinfo else moment.astimezone())
    except ValueError:
        pass
    found = ends(settings, domains)
    for each in text.split(","):
        topic, _, rest = each.strip().partition("[")
        partition, _, offset = rest.partition("]@")
        if not (partition.isdecimal() and offset.isdecimal()) or (topic, int(partition)) not in found:
            raise NoSuchTime(
                f"{each}: neither a time nor an offset of a known topic",
                "2026-03-01T10:00:00Z is a time, `<domain>.jobs[0]@42` an offset.",
            )
        found[topic, int(partition)] = int(offset)
    return found


def phases(until: Until, first: str | None = None) -> Iterable[tuple[str, dict[Place, int]]]:
    """What to read in turn: family by family, so that references come before what refers to them.

    A family may have to be finished first, even if nothing is left to read of it.
    """
    for family in sorted(FAMILIES, key=lambda name: name != first):
        found = {place: end for place, end in until.items() if place[0].rpartition(".")[2] == family and end}
        if found or family == first:
            yield family, found


def _topics(domains: Sequence[Domain]) -> list[str]:
    return [topic for domain in (LEDGER, *domains) for topic in domain.topics]


def _counts(until: Until) -> dict[str, int]:
    counts: dict[str, int] = {}
    for topic, partition in until:
        counts[topic] = max(counts.get(topic, 0), partition + 1)
    return counts


def _record_bytes(settings: Settings, until: Until) -> dict[str, float]:
    """Mean bytes of a record by topic, of a few of each."""
    kafka = settings.kafka
    properties = kafka.client(
        group_id=kafka.named("podium.rebuild"), enable_auto_commit=False, max_partition_fetch_bytes=SAMPLE_BYTES,
        queued_max_messages_kbytes=1024, isolation_level="read_uncommitted",
    )  # fmt: skip
    consumer, late = Consumer(properties), time.monotonic() + SAMPLE_SECONDS_MAX
    sums: dict[str, list[int]] = {}
    places = [TopicPartition(kafka.named(topic), n, 0) for (topic, n), end in until.items() if end]
    try:
        consumer.assign(places)
        while (left := [one for one in places if one.topic not in sums]) and time.monotonic() < late:
            for message in consumer.consume(SAMPLE_RECORDS, SAMPLE_SECONDS):
                if message.error() is None:
                    sums.setdefault(str(message.topic()), []).append(len(message.value() or b""))
            # Long topics would keep the short ones waiting.
            consumer.pause([one for one in left if one.topic in sums])
    finally:
        consumer.close()
    return {topic[len(kafka.namespace) :]: sum(sizes) / len(sizes) for topic, sizes in sums.items()}
