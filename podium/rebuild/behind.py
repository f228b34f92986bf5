"""The events behind a row: those that land in it, and those whose key its tallies are counted under."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from podium.errors import Problem
from podium.rebuild.digest import Key
from podium.rebuild.plan import Place, Until
from podium.settings import Settings
from schema.binding import key_of, reader
from schema.declare import Domain, identity
from schema.decode import Decoder, decoders
from schema.refusal import Refused

SHOWN_MAX = 10
"""Events listed of one row; the others are counted."""
BATCH_RECORDS = 5_000
SILENCE_SECONDS_MAX = 20.0

Read = Callable[[Any], Key]


class Silent(Problem):
    """The broker delivers nothing of a partition that should have records."""

    code = "PD087"
    exit_code = 3


class Record(NamedTuple):
    """Where an event lies in the log."""

    topic: str
    partition: int
    offset: int
    type: str


@dataclass
class Behind:
    """The events behind one row: the first few that land in it, or else that it counts; and how many there are."""

    landed: list[Record] = field(default_factory=list)
    counted: list[Record] = field(default_factory=list)
    total: int = 0

    @property
    def shown(self) -> list[Record]:
        """Those to list."""
        return (self.landed + self.counted)[:SHOWN_MAX]

    def add(self, record: Record, landed: bool) -> None:
        """Take one in."""
        self.total += 1
        into = self.landed if landed else self.counted
        if len(into) < SHOWN_MAX:
            into.append(record)


@dataclass(frozen=True)
class Trail:
    """How to tell from an event which rows of a table it is behind."""

    table: str
    read: Read
    columns: tuple[int, ...]
    """Which of the row's key the event carries."""
    landed: bool


def trails(domain: Domain, tables: Sequence[str]) -> Iterator[tuple[str, Trail]]:
    """(event type, trail) for every event that may be behind rows of some tables, given by name."""
    for table in domain.tables:
        if table.fullname not in tables:
            continue
        keys = identity(table)
        lands = {event.type for event in domain.events for landing in event.lands if landing.table is table}
        for event in domain.events:
            for landing in event.lands:
                if landing.table is table:
                    whole = tuple(range(len(keys)))
                    yield event.type, Trail(table.fullname, reader(event, landing, keys), whole, landed=True)
            carried = tuple(name for name in keys if name in event.columns)
            if event.type not in lands and carried and set(carried) >= _known(domain, keys):
                columns = tuple(keys.index(name) for name in carried)
                yield event.type, Trail(table.fullname, key_of(event, carried), columns, landed=False)


def _known(domain: Domain, keys: Sequence[str]) -> set[str]:
    """The part of a key that events know; the rest only triggers make."""
    return {name for name in keys for event in domain.events if name in event.columns}


def behind(
    settings: Settings, domain: Domain, wanted: Mapping[str, Sequence[Key]], until: Until
) -> dict[tuple[str, Key], Behind]:
    """The events behind rows (table -> keys), found by reading the log up to some offsets. Raises Kafka errors."""
    found = {(table, key): Behind() for table, keys in wanted.items() for key in keys}
    by_type: dict[str, list[tuple[Trail, dict[Key, list[Behind]]]]] = {}
    for type_, trail in trails(domain, list(wanted)):
        index: dict[Key, list[Behind]] = {}
        for key in wanted[trail.table]:
            index.setdefault(tuple(key[n] for n in trail.columns), []).append(found[trail.table, key])
        by_type.setdefault(type_, []).append((trail, index))
    topics = {domain.by_type[type_].topic for type_ in by_type}
    places = {place: end for place, end in until.items() if place[0] in topics and end}
    known = decoders([domain])
    for place, offset, value in records(settings, places):
        for trail, row in _matching(known[place[0]], by_type, value):
            row.add(Record(*place, offset, trail[1]), trail[0].landed)
    return found


def _matching(
    decoder: Decoder, by_type: Mapping[str, list[tuple[Trail, dict[Key, list[Behind]]]]], value: bytes | None
) -> Iterator[tuple[tuple[Trail, str], Behind]]:
    try:
        event = decoder.decode(value)
    except Refused:
        return
    type_ = decoder.declared[type(event)].type
    for trail, index in by_type.get(type_, ()):
        for row in index.get(trail.read(event.data), ()):
            yield (trail, type_), row


def records(settings: Settings, until: Until) -> Iterator[tuple[Place, int, bytes | None]]:
    """Every record of some partitions up to some offsets: place, offset, value. Raises Kafka errors, Silent."""
    kafka = settings.kafka
    consumer = Consumer(
        {
            **kafka.client(),
            "group.id": kafka.named("podium.verify"),
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "isolation.level": "read_committed",
            "fetch.queue.backoff.ms": 5,
        }
    )
    left = dict(until)
    try:
        consumer.assign([TopicPartition(kafka.named(topic), n, 0) for topic, n in left])
        while left:
            first = consumer.poll(SILENCE_SECONDS_MAX)
            if first is None:
                raise Silent(f"the broker delivers nothing of {', '.join(f'{topic}[{n}]' for topic, n in left)}")
            for message in (first, *consumer.consume(BATCH_RECORDS, 0)):
                place = (str(message.topic())[len(kafka.namespace) :], message.partition())
                error = message.error()
                if place in left and error is None and message.offset() < left[place]:
                    yield place, message.offset(), message.value()
                if place in left and (error is not None or message.offset() >= left[place] - 1):
                    if error is not None and error.code() != KafkaError._PARTITION_EOF:
                        raise KafkaException(error)
                    del left[place]
    finally:
        consumer.close()
