"""The events behind a row: those that land in it, and those whose key its tallies are counted under."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from sqlalchemy import Table

from podium.errors import Problem
from podium.rebuild.cut import Place
from podium.rebuild.digest import Key
from podium.rebuild.plan import Until
from podium.settings import Settings
from schema.admission import admissions
from schema.binding import key_of, reader
from schema.declare import Domain, identity
from schema.limits import FETCH
from schema.refusal import Refused

SHOWN_MAX = 10
"""Events listed of one row; the others are counted."""
BATCH_RECORDS = 64
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

    type: str
    topic: str
    read: Read
    columns: tuple[int, ...]
    """Which of the row's key the event carries."""
    landed: bool


def trails(domains: Sequence[Domain], table: Table) -> Iterator[Trail]:
    """One for every event that may be behind rows of a table: it lands there, or carries their key."""
    keys = identity(table)
    events = [event for domain in domains for event in domain.events]
    known = {name for name in keys for event in events if event.domain == table.schema and name in event.columns}
    for event in events:
        landings = [landing for landing in event.lands if landing.table is table]
        for landing in landings:
            whole = tuple(range(len(keys)))
            yield Trail(event.type, event.topic, reader(event, landing, keys), whole, landed=True)
        if event.domain == table.schema and not landings and known and known <= set(event.columns):
            carried = tuple(name for name in keys if name in known)
            columns = tuple(keys.index(name) for name in carried)
            yield Trail(event.type, event.topic, key_of(event, carried), columns, landed=False)


def behind(
    settings: Settings, domains: Sequence[Domain], table: Table, keys: Sequence[Key], until: Until
) -> dict[Key, Behind]:
    """The events behind rows of a table, found by reading the log up to some offsets. Raises Kafka errors, Silent."""
    found = {key: Behind() for key in keys}
    by_type: dict[str, list[tuple[Trail, dict[Key, list[Behind]]]]] = {}
    for trail in trails(domains, table):
        index: dict[Key, list[Behind]] = {}
        for key in keys:
            index.setdefault(_plain(key[n] for n in trail.columns), []).append(found[key])
        by_type.setdefault(trail.type, []).append((trail, index))
    topics = {trail.topic for steps in by_type.values() for trail, _ in steps}
    known = admissions(domains)
    read = {partition: end for partition, end in until.items() if partition[0] in topics and end}
    for place, message in records(settings, read):
        admission = known[place[0]]
        try:
            event = admission.admit(message.value(), message.key(), message.partition(), message.timestamp())
        except Refused:
            continue
        offset = message.offset()
        for trail, index in by_type.get(admission.types[type(event)], ()):
            for row in index.get(_plain(trail.read(event.data)), ()):
                row.add(Record(*place, offset, trail.type), trail.landed)
    return found


def _plain(key: Iterable[Any]) -> Key:
    """As events and tables both write it: text, and bytes in hexadecimal digits."""
    return tuple(value.hex() if isinstance(value, bytes) else str(value) for value in key)


def records(settings: Settings, until: Until) -> Iterator[tuple[Place, Any]]:
    """Every record that the log still has of some partitions, up to some offsets, with its partition.

    Raises Kafka errors, Silent.
    """
    kafka = settings.kafka
    consumer = Consumer(
        {
            **FETCH,
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
        consumer.assign([TopicPartition(kafka.named(topic), n, OFFSET_BEGINNING) for topic, n in left])
        while left:
            first = consumer.poll(SILENCE_SECONDS_MAX)
            if first is None:
                raise Silent(f"the broker delivers nothing of {', '.join(f'{topic}[{n}]' for topic, n in left)}")
            message: Any
            for message in (first, *consumer.consume(BATCH_RECORDS, 0)):
                place, offset = (str(message.topic())[len(kafka.namespace) :], message.partition()), message.offset()
                if place not in left:
                    continue
                error = message.error()
                if error is not None and error.code() != KafkaError._PARTITION_EOF:
                    raise KafkaException(error)
                if error is None and offset < left[place]:
                    yield place, message
                if error is not None or offset >= left[place] - 1:
                    del left[place]
    finally:
        consumer.close()
