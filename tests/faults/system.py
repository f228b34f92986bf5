"""Everything that runs, each part in a process of its own, so that any of them can be killed."""

from __future__ import annotations

import hashlib
import json
import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from threading import Event
from typing import Any

import psutil
import psycopg
from confluent_kafka import KafkaException, Producer
from psycopg import sql

from podium import database as migrations
from podium import embedded, topics
from podium.embedded.home import Home
from podium.embedded.kafka import Kafka
from podium.embedded.postgres import Postgres
from podium.settings import Settings
from podium.supervisor import Part, Supervisor, environment
from tests.consumers.broker import Broker, until
from tests.consumers.lines import EVALUATION
from tests.faults.hostile import Sent, answer
from tests.faults.story import Record
from tests.tables import contents

PATIENCE_SECONDS = 120.0
CONSUMERS = ("consumers-1", "consumers-2")
STREAMS = ("score-1", "score-2", "rank")
PARTS = (*CONSUMERS, *STREAMS)
SERVICES = ("broker", "database")
NEWEST = "SELECT DISTINCT ON (board) board, cut, entries FROM ledger.snapshot ORDER BY board, cut_at DESC"
AWAY = (psycopg.OperationalError, psycopg.errors.AdminShutdown)


def part(name: str) -> Part:
    """A child process: `consumers-1` runs `podium run consumers`."""
    kind = name.partition("-")[0]
    return Part(name, "podium", ("run", *(("rank", "watch") if kind == "rank" else (kind,))))


@dataclass
class System:
    """A namespace of a log, a database of its own, and the processes between them."""

    settings: Settings
    names: Sequence[str] = PARTS
    lines: list[tuple[str, str]] = field(default_factory=list)
    """What the parts said: (name, line)."""

    def __post_init__(self) -> None:
        self.broker = Broker(self.settings)
        self.broker.producer = self._producer()
        self.hostile = self.broker.producing(
            delivery_timeout_ms=240_000, compression_type="zstd", message_max_bytes=64_000_000
        )
        self._foreign: list[Producer] = []
        topics.apply(self.settings.kafka, topics.wanted([EVALUATION], self.settings.kafka))
        told = {
            "home": self.settings.home,
            "domains": EVALUATION.name,
            "kafka.bootstrap": self.settings.kafka.bootstrap,
            "kafka.namespace": self.settings.kafka.namespace,
            "postgres.url": self.settings.postgres.dsn("owner"),
            "postgres.consumer_url": self.settings.postgres.dsn("consumer"),
            "postgres.stream_url": self.settings.postgres.dsn("stream"),
            "log.form": "json",
        }
        self.supervisor = Supervisor([part(name) for name in self.names], self._write, environment(told))
        self.kills: dict[str, int] = {}
        self.undelivered: list[str] = []
        """What the log did not take: an assertion within the client's callback would be lost in whoever polls."""
        self.published = 0

    def _producer(self) -> Producer:
        return self.broker.producing(enable_idempotence=True, delivery_timeout_ms=240_000, linger_ms=5)

    def _write(self, name: str, line: str) -> None:
        self.lines.append((name, line))

    @contextmanager
    def running(self) -> Iterator[None]:
        """With all parts up, restarted when they die."""
        with self.supervisor.running(10.0):
            yield

    def restarts(self) -> dict[str, int]:
        """How often each part was started again."""
        return {name: child.restarts for name, child in self.supervisor.children.items()}

    # What goes in, and how far it has come

    def publish(self, records: Iterable[Record]) -> None:
        """Hand records to the producer; it keeps their order and outlives the broker."""
        producer = self.broker.producer
        for topic, key, value in records:
            producer.produce(self.broker.named(topic), value, key, on_delivery=self._delivered)
            producer.poll(0)
            self.published += 1

    def send(self, records: Iterable[Sent]) -> None:
        """Hand over records of any content, some of them to a partition of the sender's choice."""
        for record in records:
            number = -1 if record.partition is None else record.partition
            self.hostile.produce(
                self.broker.named(record.topic), record.value, record.key, number,
                headers=record.headers, on_delivery=self._delivered,
            )  # fmt: skip
            self.hostile.poll(0)
            self.published += 1

    def begin_foreign(self, timeout_ms: int, random: Random) -> None:
        """Open a transaction in the inputs' partitions and never end it: the broker aborts it after its time-out."""
        producer = self.broker.producing(
            transactional_id=self.broker.named(f"foreign-{random.randrange(10**9)}"), transaction_timeout_ms=timeout_ms
        )
        try:
            producer.init_transactions(20)
            producer.begin_transaction()
            for model in range(1, 5):
                key = f"{model}:1:1".encode()
                producer.produce(self.broker.named("evaluation.predictions"), answer(model_id=model), key)
            producer.flush(10)
        except KafkaException:
            return  # the broker is away just now: that is another fault
        self._foreign.append(producer)

    def _delivered(self, error: Any, message: Any) -> None:
        if error is not None:
            self.undelivered.append(f"{error} {message.topic()}[{message.partition()}] {message.key()!r}")
            return
        skip = len(self.settings.kafka.namespace)
        self.broker.places.append(((message.topic()[skip:], message.partition()), message.offset()))

    def read(self) -> int:
        """Published records that the tables account for, -1 while the database is away."""
        self.broker.producer.poll(0)
        try:
            query = 'SELECT coalesce(sum("read"), 0)::int FROM ledger.offset WHERE topic <> ALL (%s)'
            return int(self.broker.query(query, ["evaluation.scores", "evaluation.leaderboards"])[0][0])
        except AWAY:
            return -1

    def await_read(self, records: int, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until the tables account for so many published records."""
        until(lambda: self.read() >= records, seconds)

    def settled(self, answers: int, boards: int) -> bool:
        """Whether every answer is scored and every board cut at the end of the log."""
        self.broker.producer.poll(0)
        try:
            if self.broker.query("SELECT count(*)::int FROM evaluation.scores") != [(answers,)]:
                return False
            if not self.broker.caught_up():
                return False
            ends = {f"{t}/{n}": at for (t, n), at in self.broker.ends().items() if not t.endswith(".leaderboards")}
            newest = self.broker.query(NEWEST)
        except AWAY:
            return False
        cuts = [{f"{topic}/{n}": at for topic, n, at in cut} for _, cut, _ in newest]
        return len(cuts) == boards and all(cut == ends for cut in cuts)

    def settle(self, answers: int, boards: int = 2) -> None:
        """Wait until nothing moves any more."""
        assert self.broker.producer.flush(PATIENCE_SECONDS) == 0
        assert self.hostile.flush(PATIENCE_SECONDS) == 0
        assert not self.undelivered, self.undelivered[:3]
        try:
            until(lambda: self.settled(answers, boards), PATIENCE_SECONDS, every=0.2)
        except AssertionError:
            tail = "\n".join(f"{name}: {line}" for name, line in self._last_lines())
            raise AssertionError(f"not settled: {self.state()}\n{tail}") from None

    def _last_lines(self, count: int = 30) -> list[tuple[str, str]]:
        """The last lines that the parts said, without those of the Kafka client about its connections."""
        return [line for line in self.lines if "[thrd:" not in line[1]][-count:]

    def state(self) -> dict[str, Any]:
        """Where things stand, for people."""
        return {
            "published": self.published,
            "read": self.read(),
            "scores": self.broker.query("SELECT count(*) FROM evaluation.scores")[0][0],
            "parked": self.broker.query("SELECT count(*) FROM ledger.parked")[0][0],
            "dead": self.broker.query("SELECT topic, reason, count(*) FROM ledger.dead GROUP BY 1, 2"),
            "behind": {
                place: (self.broker.positions().get(place, 0), end)
                for place, end in self.broker.ends().items()
                if self.broker.positions().get(place, 0) < end
            },
        }

    # What comes out

    def digests(self) -> dict[str, str]:
        """Table -> digest of its rows, without what arrival decides."""
        with psycopg.connect(self.settings.postgres.dsn("owner"), autocommit=True) as connection:
            tables = contents(connection, EVALUATION)
        return {name: hashlib.sha256(repr(rows).encode()).hexdigest() for name, rows in tables.items()}

    def boards(self) -> dict[str, Any]:
        """Board -> entries of its newest snapshot."""
        return {board: json.loads(entries) for board, _, entries in self.broker.query(NEWEST)}

    def dead(self) -> list[tuple[Any, ...]]:
        """(topic, key, reason) of the dead, in order."""
        return self.broker.query("SELECT topic, key, reason FROM ledger.dead ORDER BY 1, 2, 3")

    def adds_up(self) -> bool:
        """As Broker.adds_up, for the topics that we alone publish to."""
        rows = self.broker.query(
            'SELECT topic, sum("read")::int, bool_and("read" = applied + parked + released + dead) FROM ledger.offset'
            " GROUP BY topic"
        )
        sent: dict[str, int] = {}
        for (topic, _), _ in self.broker.places:
            sent[topic] = sent.get(topic, 0) + 1
        assert all(sums for _, _, sums in rows)
        assert {topic: read for topic, read, _ in rows if topic in sent} == sent
        return True

    # Faults

    def kill(self, name: str) -> None:
        """kill -9; a service is started again here, a part by its supervisor."""
        if name in SERVICES:
            self._kill_service(name)
        else:
            self._signal(name, signal.SIGKILL)
        self.kills[name] = self.kills.get(name, 0) + 1

    def take_away(self, name: str, seconds: float) -> None:
        """kill -9 of a service, which stays away for a while."""
        process = self._service(name).process.find()
        assert process is not None, f"{name} does not run"
        process.kill()
        psutil.wait_procs([process], timeout=10)
        Event().wait(seconds)
        self._start_services()

    def terminate_sessions(self) -> None:
        """End every session of the database but our own."""
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        with suppress(*AWAY):
            self.broker.query(query + " AND pid <> pg_backend_pid() AND backend_type = 'client backend'")

    def pid(self, name: str) -> int:
        """The living process of a part."""

        def alive() -> int | None:
            process = self.supervisor.children[name].process
            return process.pid if process is not None and process.poll() is None else None

        return int(until(alive, PATIENCE_SECONDS))

    def _signal(self, name: str, number: signal.Signals) -> None:
        os.kill(self.pid(name), number)

    def _kill_service(self, name: str) -> None:
        self.take_away(name, 0.0)

    def _service(self, name: str) -> Kafka | Postgres:
        own, home = self._own(), Home(self.settings.home)
        return Kafka(own, home) if name == "broker" else Postgres(own, home)

    def _own(self) -> Settings:
        kafka = self.settings.kafka.model_copy(update={"bootstrap": ""})
        return self.settings.model_copy(update={"kafka": kafka, "postgres": type(self.settings.postgres)()})

    def _start_services(self) -> None:
        before = (self.settings.kafka.bootstrap, self.settings.postgres.dsn("consumer"))
        found = embedded.up(self._own())
        after = (found.kafka.bootstrap, found.postgres.at(_database(self.settings)).dsn("consumer"))
        assert after == before, "a service came back elsewhere"


def _database(settings: Settings) -> str:
    return psycopg.conninfo.conninfo_to_dict(settings.postgres.dsn())["dbname"]  # type: ignore[return-value]


@contextmanager
def system(services: Settings, name: str, parts: Sequence[str] = PARTS) -> Iterator[System]:
    """A system of its own on running services, migrated and without a process yet; dropped afterwards."""
    with _administer(services) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    settings = services.model_copy(
        update={
            "kafka": services.kafka.model_copy(update={"namespace": f"{name}."}),
            "postgres": services.postgres.at(name),
        }
    )
    try:
        migrations.upgrade(settings.postgres.dsn())
        yield System(settings, parts)
    finally:
        with _administer(services) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _administer(services: Settings) -> psycopg.Connection[Any]:
    return psycopg.connect(services.postgres.dsn("owner"), autocommit=True)
