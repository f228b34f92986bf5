"""A real log of one's own for consumers: records of any content go in, and what became of each can be asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

import psycopg
from confluent_kafka import IsolationLevel, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    OffsetSpec,
    ResourceType,
)

from consumers.loop import Loop, fill
from podium import topics
from podium.settings import Settings
from schema.declare import EventType
from schema.envelope import record_key
from tests.consumers.lines import EVALUATION, Line
from tests.log import Partition, envelope

DEADLINE_SECONDS = 120.0
QUIET = 2
"""Log level of librdkafka: a broker that is away is what some tests are about."""
TYPES: dict[str, EventType] = {event.type: event for event in EVALUATION.events}
COUNTS = ("read", "applied", "parked", "released", "dead")

Header = tuple[str, bytes | None]


def until(condition: Callable[[], Any], seconds: float = DEADLINE_SECONDS, every: float = 0.02) -> Any:
    """Wait for a condition to hold and return what it gave."""
    late, pause = time.monotonic() + seconds, Event()
    while not (found := condition()):
        assert time.monotonic() < late, f"not true after {seconds:g} s: {condition}"
        pause.wait(every)
    return found


def event_of(line: Line) -> tuple[str, bytes, bytes]:
    """Topic, key and value of an event, as a producer sends them."""
    event = TYPES[line["type"]]
    model = event.model.model_validate(line["data"], strict=False)
    data = {name: getattr(model, name) for name in event.columns}
    return event.topic, record_key(event, data), envelope(event, line)


@dataclass
class Broker:
    """Topics of evaluation in a namespace, and the database that consumers fill from them."""

    settings: Settings
    places: list[tuple[Partition, int]] = field(default_factory=list)
    """(partition, offset) of every record that was committed, in the order of sending."""

    def __post_init__(self) -> None:
        topics.apply(self.settings.kafka, topics.wanted([EVALUATION], self.settings.kafka))
        self.producer = self.producing()
        self.admin = AdminClient({**self.settings.kafka.client(), "log_level": QUIET})

    def producing(self, **properties: Any) -> Producer:
        given = {"partitioner": "murmur2_random", "message_max_bytes": 4_000_000, **properties}
        return Producer({**self.settings.kafka.client(**given), "log_level": QUIET})

    def named(self, topic: str) -> str:
        return self.settings.kafka.named(topic)

    def put(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Sequence[Header] = ()
    ) -> tuple[Partition, int]:
        """Append a record of any content; its place."""
        return self.put_all([(topic, key, value)], headers)[0]

    def put_all(
        self, records: Iterable[tuple[str, bytes | None, bytes | None]], headers: Sequence[Header] = ()
    ) -> list[tuple[Partition, int]]:
        """Append records of any content; their places, in the same order."""
        found = self._send(self.producer, records, headers)
        assert self.producer.flush(DEADLINE_SECONDS) == 0
        self.places += found
        return found

    def _send(
        self, producer: Producer, records: Iterable[tuple[str, bytes | None, bytes | None]], headers: Sequence[Header]
    ) -> list[tuple[Partition, int]]:
        """Places are filled in as the broker acknowledges."""
        found: list[Any] = []
        for n, (topic, key, value) in enumerate(records):
            found.append(None)

            def delivered(error: Any, message: Any, n: int = n, topic: str = topic) -> None:
                assert error is None, error
                found[n] = ((topic, message.partition()), message.offset())

            producer.produce(self.named(topic), value, key, headers=list(headers), on_delivery=delivered)
            producer.poll(0)
        return found

    def publish(self, *lines: Line) -> list[tuple[Partition, int]]:
        """Append events."""
        return self.put_all([event_of(line) for line in lines])

    def publish_in_transactions(self, lines: Sequence[Line], size: int, id_: str) -> list[tuple[Partition, int]]:
        """Append events in transactions of so many, every second of which is aborted first; places of the others."""
        producer = self.producing(transactional_id=self.named(id_))
        producer.init_transactions(DEADLINE_SECONDS)
        found = []
        for start in range(0, len(lines), size):
            records = [event_of(line) for line in lines[start : start + size]]
            for ends_well in (False, True):
                producer.begin_transaction()
                sent = self._send(producer, records, ())
                producer.flush(DEADLINE_SECONDS)
                if ends_well:
                    producer.commit_transaction(DEADLINE_SECONDS)
                    found += sent
                else:
                    producer.abort_transaction(DEADLINE_SECONDS)
        self.places += found
        # The broker answers before its markers are in every partition.
        until(lambda: self.ends() == self.ends(whole=True))
        return found

    def ends(self, whole: bool = False) -> dict[Partition, int]:
        """The next offset of every partition, markers included; the `whole` of it or what is committed."""
        wanted = [
            TopicPartition(self.named(topic), n) for topic, count in EVALUATION.topics.items() for n in range(count)
        ]
        latest: Any = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        isolation = IsolationLevel.READ_UNCOMMITTED if whole else IsolationLevel.READ_COMMITTED
        found = self.admin.list_offsets(dict.fromkeys(wanted, latest), isolation_level=isolation, request_timeout=10)
        skip = len(self.settings.kafka.namespace)
        return {(at.topic[skip:], at.partition): end.result().offset for at, end in found.items()}

    def alter(self, topic: str, setting: str, value: str) -> None:
        """Change a setting of a topic."""
        entry = ConfigEntry(setting, value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, self.named(topic), incremental_configs=[entry])
        self.admin.incremental_alter_configs([resource])[resource].result(20)

    # The consumers' side

    def loop(self, **more: Any) -> Loop:
        kafka = self.settings.kafka
        given = {
            "domains": [EVALUATION],
            "kafka": kafka.client(),
            "dsn": self.settings.postgres.dsn("consumer"),
            "namespace": kafka.namespace,
        }
        return Loop(**{**given, **more})

    def fill(self) -> None:
        """Bring the tables to the end of the log."""
        kafka = self.settings.kafka
        dsn = self.settings.postgres.dsn("consumer")
        fill([EVALUATION], kafka.client(), dsn, self.ends(), namespace=kafka.namespace)

    def query(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """As the owner of the database."""
        with psycopg.connect(self.settings.postgres.dsn("owner"), autocommit=True) as connection:
            return connection.execute(sql.encode(), parameters).fetchall()

    def positions(self) -> dict[Partition, int]:
        return {(topic, n): at for topic, n, at in self.query("SELECT topic, partition, position FROM ledger.offset")}

    def caught_up(self) -> bool:
        held = self.positions()
        return all(held.get(place, 0) >= end for place, end in self.ends().items())

    def at_rest(self) -> bool:
        """Whether all was read and nothing waits."""
        return self.caught_up() and self.query("SELECT NOT EXISTS (SELECT FROM ledger.parked)") == [(True,)]

    def counts(self) -> dict[str, int]:
        """What the ledger counts, over all partitions."""
        sums = ", ".join(f'sum("{name}")::int' for name in COUNTS)
        return dict(zip(COUNTS, self.query(f"SELECT {sums} FROM ledger.offset")[0], strict=True))

    def adds_up(self) -> bool:
        """Whether every committed record was read once, and each is applied, parked, released or dead."""
        columns = ", ".join(f'"{name}"' for name in COUNTS)
        rows = self.query(f"SELECT topic, partition, {columns} FROM ledger.offset")
        waiting, buried = self._counted("ledger.parked"), self._counted("ledger.dead")
        for topic, n, read, applied, parked, released, dead in rows:
            sent = sum(place == (topic, n) for place, _ in self.places)
            told = f"{topic}[{n}]"
            assert read == sent, f"{told}: {read} read of {sent} sent"
            assert read == applied + parked + released + dead, told
            assert (parked, dead) == (waiting.get((topic, n), 0), buried.get((topic, n), 0)), told
        return bool(rows)

    def _counted(self, table: str) -> dict[Partition, int]:
        rows = self.query(f"SELECT topic, partition, count(*) FROM {table} GROUP BY 1, 2")
        return {(topic, n): count for topic, n, count in rows}


class Running:
    """A loop in a thread; `error` is what it ended with."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.stop = Event()
        self.error: BaseException | None = None
        self.thread = Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.loop.run(self.stop)
        except BaseException as error:
            self.error = error

    @property
    def ended(self) -> bool:
        return not self.thread.is_alive()


@contextmanager
def running(*loops: Loop) -> Iterator[list[Running]]:
    """Loops in threads until the end of the block; each must then stop, and without an error."""
    threads = [Running(loop) for loop in loops]
    try:
        yield threads
    finally:
        for one in threads:
            one.stop.set()
        for one in threads:
            one.thread.join(DEADLINE_SECONDS)
    assert all(one.ended for one in threads), "a loop did not stop"
    errors = [one.error for one in threads if one.error is not None]
    if errors:
        raise errors[0]
