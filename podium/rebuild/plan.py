"""What a rebuild will read: records and bytes by topic, how far, and whether the log still has all of it."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from psycopg import Connection

from podium import topics
from podium.errors import Problem
from podium.rebuild import cut
from podium.rebuild.cut import Base, Place
from podium.settings import Settings
from podium.status import log
from schema import LEDGER
from schema.declare import FAMILIES, Domain
from schema.limits import FETCH

Until = Mapping[Place, int]
"""(topic without namespace, partition) -> next offset not to be read."""

SAMPLE_RECORDS = 100
SAMPLE_SECONDS = 0.1
SAMPLE_SECONDS_MAX = 5.0
ROW_OVERHEAD = 2.5
"""Bytes that a table takes for each byte of a record, with indexes: measured on narrow events."""
RATE_GUESSED = 20_000.0
"""Events a second, until a run has shown better."""
TIME_SECONDS_MAX = 10.0


class BeginningGone(Problem):
    """Records that must be read are gone from the beginning of a topic."""

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
    """What is left to read of one topic; bytes are an estimate from a sample."""

    topic: str
    partitions: int
    records: int
    bytes: int


@dataclass(frozen=True)
class Plan:
    """What will be read, from where and up to where, and what it takes."""

    until: Until
    topics: Sequence[Topic]
    rate: float = RATE_GUESSED
    stand: Until = field(default_factory=dict)
    """Where reading begins; at 0 what is not named."""
    base: Base | None = None
    """What is loaded before anything is read."""
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
        loaded = self.base.bytes if self.base else 0
        return max(int((sum(topic.bytes for topic in self.topics) + loaded) * ROW_OVERHEAD), self.like_live_bytes)


def made(
    settings: Settings, domains: Sequence[Domain], until: Until, rate: float | None = None, stand: Until | None = None,
    base: Base | None = None,
) -> Plan:  # fmt: skip
    """The plan of reading the log from where a database stands up to some offsets. Raises Kafka errors."""
    sizes, stand = _record_bytes(settings, until), stand or {}
    found = []
    for topic in _topics(domains):
        left = [max(0, end - stand.get(place, 0)) for place, end in until.items() if place[0] == topic]
        found.append(Topic(topic, len(left), sum(left), int(sum(left) * sizes.get(topic, 0.0))))
    return Plan(until, found, rate or RATE_GUESSED, stand, base)


def check(settings: Settings, until: Until, stand: Until | None = None, remark: str = "") -> None:
    """Whether the log still has every record from where a database stands (0 where not named) up to some offsets.

    `remark` goes into the refusal. Raises BeginningGone, EndGone.
    """
    kafka, wanted, stand = settings.kafka, _counts(until), stand or {}
    admin = AdminClient(kafka.client())
    ends = log.read_ends(admin, kafka.namespace, wanted)
    starts = _starts(settings, admin, wanted)
    for (topic, partition), end in sorted(until.items()):
        start, after = starts[topic, partition], stand.get((topic, partition), 0)
        if after < end and after < start:
            raise BeginningGone(
                f"{topic}[{partition}]: the log begins at offset {start}; what came before is gone, and "
                f"{f'what is at hand ends at {after}' if after else 'nothing at hand has it'}{remark}",
                "Begin from an export that reaches so far (--base, or the setting rebuild.base): "
                "docs/rebuild.md, 'A topic was truncated'.",
            )
        if end > ends[topic, partition]:
            raise EndGone(
                f"{topic}[{partition}]: asked for up to offset {end}, but the log ends at {ends[topic, partition]}",
                "Is this the cluster that the tables were filled from? docs/rebuild.md, 'A topic was truncated'.",
            )


def _starts(settings: Settings, admin: AdminClient, counts: Mapping[str, int]) -> dict[Place, int]:
    """First offset of each partition."""
    kafka, skip = settings.kafka, len(settings.kafka.namespace)
    found = topics.starts(admin, {kafka.named(topic): count for topic, count in counts.items()})
    return {(name[skip:], n): start for (name, n), start in found.items()}


def ends(settings: Settings, domains: Sequence[Domain]) -> dict[Place, int]:
    """Where every input of the domains ends now; topics that are not there are left out. Raises KafkaException."""
    counts = {name: count for domain in (LEDGER, *domains) for name, count in domain.topics.items()}
    return log.read_readable(AdminClient(settings.kafka.client()), settings.kafka.namespace, counts)


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


def at_time(
    settings: Settings, domains: Sequence[Domain], moment: datetime, topics: Collection[str] = ()
) -> dict[Place, int]:
    """The offsets of inputs (of all, or of these topics) before the first record appended at or after a moment.

    Raises BeginningGone where that may have been a record that is gone.
    """
    found = {place: end for place, end in ends(settings, domains).items() if not topics or place[0] in topics}
    kafka = settings.kafka
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
    _check_time(settings, found, moment)
    return found


def _check_time(settings: Settings, found: Until, moment: datetime) -> None:
    """The first record that is left tells a time only if all that is gone was appended before it."""
    starts, base = _starts(settings, AdminClient(settings.kafka.client()), _counts(found)), cut.given(settings)
    for place, offset in sorted(found.items()):
        if 0 < starts[place] == offset and not (base and base.ends_before(place, offset, moment)):
            raise BeginningGone(
                f"{place[0]}[{place[1]}]: the log begins at offset {offset}; what came before is gone, and "
                f"may have been appended after {moment.isoformat()}",
                "Take a later time, or begin from an export that ends there (--base, or the setting rebuild.base).",
            )


def read_until(
    settings: Settings, domains: Sequence[Domain], text: str, topics: Collection[str] = ()
) -> dict[Place, int]:
    """A point of the log: an ISO 8601 time, or offsets as `topic[partition]@offset,…`; others at their end.

    Of a time only these topics need to know, if any are named. Raises NoSuchTime, BeginningGone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _read_offsets(settings, domains, text)
    return at_time(settings, domains, moment if moment.tzinfo else moment.astimezone(), topics)


def _read_offsets(settings: Settings, domains: Sequence[Domain], text: str) -> dict[Place, int]:
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
        group_id=kafka.named("podium.rebuild"), enable_auto_commit=False,
        isolation_level="read_uncommitted",
    )  # fmt: skip
    consumer, late = Consumer(FETCH | properties), time.monotonic() + SAMPLE_SECONDS_MAX
    sums: dict[str, list[int]] = {}
    places = [TopicPartition(kafka.named(topic), n, OFFSET_BEGINNING) for (topic, n), end in until.items() if end]
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
