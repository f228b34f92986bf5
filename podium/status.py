"""Where the tables stand in the log, partition by partition, and whether everything adds up."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Any, NamedTuple, get_args

import psycopg
from confluent_kafka import (
    Consumer,
    ConsumerGroupState,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient
from psycopg.rows import class_row

from consumers.loop import GROUP
from podium.rebuild import database
from podium.rebuild.database import Part
from podium.settings import Postgres, Settings
from podium.sql import load
from podium.topics import ends
from schema.declare import Domain

SAMPLE_SECONDS = 0.5
REQUEST_SECONDS_MAX = 10.0
UNREAD_SECONDS_MAX = 2.0
STALL_SECONDS = 3.0
"""A partition with an owner and something to read that has not moved for so long is stuck."""

Place = tuple[str, int]


class Position(NamedTuple):
    """One row of `ledger.offset`."""

    topic: str
    partition: int
    position: int = 0
    topic_id: str = ""
    read: int = 0
    applied: int = 0
    parked: int = 0
    released: int = 0
    dead: int = 0
    event_time: datetime | None = None
    updated_at: datetime | None = None
    owner: str | None = None

    @property
    def adds_up(self) -> bool:
        """Whether nothing that was read is unaccounted for."""
        return self.read == self.applied + self.parked + self.released + self.dead


@dataclass(frozen=True)
class Log:
    """What Kafka says at one moment: ends by place, ids by topic, places that a consumer holds now."""

    ends: Mapping[Place, int]
    topic_ids: Mapping[str, str]
    held: frozenset[Place]


@dataclass(frozen=True)
class Sample:
    """Tables and log at one moment; the ends were read after the positions."""

    at: float
    positions: Mapping[Place, Position]
    log: Log


@dataclass(frozen=True)
class Row:
    """One partition. `lag` counts offsets, markers included; `lag_seconds` is the age of the oldest unread record."""

    topic: str
    partition: int
    position: int
    end: int
    read: int
    applied: int
    parked: int
    released: int
    dead: int
    lag: int
    lag_seconds: float
    rate: float
    verdict: str
    why: str
    owner: str | None


@dataclass(frozen=True)
class Reason:
    """Dead letters of one topic for one reason."""

    topic: str
    reason: str
    letters: int
    unrelayed: int
    last: datetime


@dataclass(frozen=True)
class Outside:
    """Writes to one table that did not come through the log."""

    relation: str
    statement: str
    role: str
    application: str
    writes: int
    rows: int
    last: datetime
    keys: Sequence[Mapping[str, Any]] | None = None
    """Of the last write, up to a bound; None of a TRUNCATE."""


@dataclass(frozen=True)
class Aside:
    """A database beside the live one: of a rebuild, of the last swap, or to compare with."""

    database: str
    part: Part
    state: str
    bytes: int | None
    started: str = ""
    keep_until: str = ""


@dataclass(frozen=True)
class Total:
    """All partitions together; `rate` in events a second."""

    read: int
    applied: int
    parked: int
    released: int
    dead: int
    lag: int
    lag_seconds: float
    rate: float
    adds_up: bool
    caught_up: bool


@dataclass(frozen=True)
class Status:
    """Everything that `podium status` tells about the pipeline."""

    partitions: Sequence[Row]
    dead: Sequence[Reason]
    outside: Sequence[Outside] = ()
    beside: Sequence[Aside] = ()

    @property
    def total(self) -> Total:
        """Sums, and the largest lag in seconds."""
        rows = self.partitions
        sums = {name: sum(getattr(row, name) for row in rows) for name in COUNTS}
        return Total(
            **sums,
            lag=sum(row.lag for row in rows),
            lag_seconds=max((row.lag_seconds for row in rows), default=0.0),
            rate=round(sum(row.rate for row in rows), 1),
            adds_up=sums["read"] == sums["applied"] + sums["parked"] + sums["released"] + sums["dead"],
            caught_up=all(row.position >= row.end for row in rows),
        )

    @property
    def good(self) -> bool:
        """Whether there is nothing for an operator to do."""
        return self.total.adds_up and all(row.verdict == "OK" for row in self.partitions)


COUNTS = ("read", "applied", "parked", "released", "dead")


def look(settings: Settings, domains: Iterable[Domain], sample_seconds: float = SAMPLE_SECONDS) -> Status:
    """Two samples, for rates and tendencies. Raises psycopg errors and KafkaException.

    `settings` hold concrete addresses.
    """
    topics = {name: count for domain in domains for name, count in domain.topics.items()}
    admin = AdminClient(settings.kafka.client())
    with psycopg.connect(settings.postgres.dsn("stream"), autocommit=True) as connection:
        first = sample(connection, admin, settings.kafka.namespace, topics)
        Event().wait(sample_seconds)
        second = sample(connection, admin, settings.kafka.namespace, topics)
        with connection.cursor(row_factory=class_row(Reason)) as cursor:
            reasons = cursor.execute(load("dead_reasons")).fetchall()
        with connection.cursor(row_factory=class_row(Outside)) as cursor:
            outside = cursor.execute(load("outside_writes")).fetchall()
        aside = list(beside(connection, settings.postgres, datetime.now(UTC)))
    waiting = oldest_unread(settings, _behind(second, topics))
    return Status(rows(first, second, topics, waiting, datetime.now(UTC)), reasons, outside, aside)


def beside(connection: psycopg.Connection[Any], postgres: Postgres, now: datetime) -> Iterator[Aside]:
    """The databases beside the live one, also one that has such a name by mistake."""
    for part in get_args(Part):
        try:
            found = database.beside(connection, postgres, part)
        except database.NotOurs as problem:
            yield Aside(database.named(postgres, part), part, problem.what, None)
            continue
        if found is not None:
            journal = found.journal
            yield Aside(found.name, part, found.state(now), found.bytes, journal.started, journal.keep_until)


def _behind(sample: Sample, topics: Mapping[str, int]) -> dict[Place, int]:
    known = _known(sample, topics).items()
    return {place: row.position for place, row in known if row.position < sample.log.ends.get(place, 0)}


def sample(
    connection: psycopg.Connection[Any], admin: AdminClient, namespace: str, topics: Mapping[str, int]
) -> Sample:
    """Positions first, then ends: what looks caught up was."""
    with connection.cursor(row_factory=class_row(Position)) as cursor:
        found = cursor.execute(load("positions")).fetchall()
    at = time.monotonic()
    return Sample(at, {(row.topic, row.partition): row for row in found}, read_log(admin, namespace, topics))


def read_log(admin: AdminClient, namespace: str, topics: Mapping[str, int]) -> Log:
    """Ends (what a reader of committed records will reach), ids and owners; a missing topic has none of them."""
    described = admin.describe_topics(
        TopicCollection([namespace + topic for topic in topics]), request_timeout=REQUEST_SECONDS_MAX
    )
    skip, ids = len(namespace), {}
    for name, future in described.items():
        try:
            ids[name[skip:]] = str(future.result().topic_id)
        except KafkaException:
            continue
    return Log(read_ends(admin, namespace, {name: topics[name] for name in ids}), ids, _held(admin, namespace))


def read_ends(admin: AdminClient, namespace: str, topics: Mapping[str, int]) -> dict[Place, int]:
    """Where a reader of committed records will stand in the end, by topic without the namespace."""
    named = {namespace + topic: count for topic, count in topics.items()}
    return {(name[len(namespace) :], n): end for (name, n), end in ends(admin, named).items()}


def _held(admin: AdminClient, namespace: str) -> frozenset[Place]:
    """Partitions that a living member of the consumers' group has."""
    (future,) = admin.describe_consumer_groups([namespace + GROUP], request_timeout=REQUEST_SECONDS_MAX).values()
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


def oldest_unread(settings: Settings, behind: Mapping[Place, int]) -> dict[Place, datetime]:
    """Append time of the first record at or after each position; a place with markers only has none."""
    if not behind:
        return {}
    kafka = settings.kafka
    consumer = Consumer(
        kafka.client(group_id=kafka.named("podium.status"), enable_auto_commit=False, queued_min_messages=1)
    )
    found: dict[Place, datetime] = {}
    late = time.monotonic() + UNREAD_SECONDS_MAX
    try:
        consumer.assign([TopicPartition(kafka.named(topic), n, at) for (topic, n), at in behind.items()])
        while len(found) < len(behind) and time.monotonic() < late:
            message: Any
            for message in consumer.consume(100, 0.05):
                place = (message.topic()[len(kafka.namespace) :], message.partition())
                if message.error() is None and place not in found:
                    found[place] = datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)
                    consumer.pause([TopicPartition(message.topic(), message.partition())])
    finally:
        consumer.close()
    return found


def rows(
    first: Sample, second: Sample, topics: Mapping[str, int], waiting: Mapping[Place, datetime], now: datetime
) -> list[Row]:
    """One row a partition, declared or found, with its verdict."""
    before, after = _known(first, topics), _known(second, topics)
    return [_row(place, before.get(place, after[place]), first, second, waiting, now) for place in after]


def _known(sample: Sample, topics: Mapping[str, int]) -> dict[Place, Position]:
    """Positions of all declared partitions; one that nobody ever claimed stands at 0."""
    declared = [(topic, n) for topic, count in topics.items() for n in range(count)]
    return {place: sample.positions.get(place) or Position(*place) for place in declared}


def _row(
    place: Place, before: Position, first: Sample, second: Sample, waiting: Mapping[Place, datetime], now: datetime
) -> Row:
    after = second.positions.get(place) or before
    end = second.log.ends.get(place, 0)
    lag = max(0, end - after.position)
    was = max(0, first.log.ends.get(place, 0) - before.position)
    verdict, why = judge(place, after, second.log, moved=after.position - before.position, was=was, now=now)
    since = waiting.get(place, now)
    return Row(
        topic=after.topic,
        partition=after.partition,
        position=after.position,
        end=end,
        **{name: getattr(after, name) for name in COUNTS},
        lag=lag,
        lag_seconds=round(max(0.0, (now - since).total_seconds()), 3) if lag else 0.0,
        rate=round((after.read - before.read) / max(second.at - first.at, 1e-9), 1),
        verdict=verdict,
        why=why,
        owner=after.owner if place in second.log.held else None,
    )


def judge(place: Place, row: Position, log: Log, moved: int, was: int, now: datetime) -> tuple[str, str]:
    """OK, or what is wrong: ERR, STOP (nobody reads), STALL (read, but stuck), WARN (falls behind); and why."""
    topic, end = place[0], log.ends.get(place)
    if end is None:
        return "ERR", "the topic is missing: podium topics apply"
    if row.topic_id and row.topic_id != log.topic_ids.get(topic):
        return "ERR", "the topic was deleted and made again; these tables belong to the old one"
    if row.position > end:
        return "ERR", "the log ends before the tables' position: it lost its tail"
    if not row.adds_up:
        return "ERR", "read is not applied + parked + released + dead"
    lag = end - row.position
    if not lag:
        return "OK", ""
    if place not in log.held and not moved:
        return "STOP", "no consumer holds it: podium run"
    if not moved:
        still = (now - row.updated_at).total_seconds() if row.updated_at else 0.0
        return ("STALL", f"no move for {still:.0f} s; see the consumer's log") if still > STALL_SECONDS else ("OK", "")
    return ("WARN", "falls behind") if lag > was > 0 else ("OK", "")
