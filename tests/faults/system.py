"""Everything that runs, each part in a process of its own, so that any of them can be killed."""

from __future__ import annotations

import hashlib
import json
import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil
import psycopg
from confluent_kafka import Producer
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

    def _delivered(self, error: Any, message: Any) -> None:
        assert error is None, error
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

    def await_read(self, records: int) -> None:
        """Wait until the tables account for so many published records."""
        until(lambda: self.read() >= records, PATIENCE_SECONDS)

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
        try:
            until(lambda: self.settled(answers, boards), PATIENCE_SECONDS, every=0.2)
        except AssertionError:
            tail = "\n".join(f"{name}: {line}" for name, line in self.lines[-40:])
            raise AssertionError(f"not settled: {self.state()}\n{tail}") from None

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

    def pid(self, name: str) -> int:
        """The living process of a part."""

        def alive() -> int | None:
            process = self.supervisor.children[name].process
            return process.pid if process is not None and process.poll() is None else None

        return int(until(alive, PATIENCE_SECONDS))

    def _signal(self, name: str, number: signal.Signals) -> None:
        os.kill(self.pid(name), number)

    def _kill_service(self, name: str) -> None:
        home = Home(self.settings.home)
        own = self.settings.model_copy(
            update={
                "kafka": self.settings.kafka.model_copy(update={"bootstrap": ""}),
                "postgres": type(self.settings.postgres)(),
            }
        )
        service = Kafka(own, home) if name == "broker" else Postgres(own, home)
        process = service.process.find()
        assert process is not None, f"{name} does not run"
        process.kill()
        psutil.wait_procs([process], timeout=10)
        before = (self.settings.kafka.bootstrap, self.settings.postgres.dsn("consumer"))
        found = embedded.up(own)
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
