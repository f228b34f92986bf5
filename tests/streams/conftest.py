"""Topics of a namespace of one's own, a small world of events, and loops that run for as long as a test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from consumers.loop import Loop as Consumers
from podium.settings import Settings
from schema import DOMAINS
from schema.declare import Domain
from schema.heartbeat import Heartbeat
from streams.duty import publish
from streams.log import Log
from streams.supervise import Loop, keep
from streams.write import writer

DEADLINE_SECONDS = 120.0
EVALUATION = next(domain for domain in DOMAINS if domain.name == "evaluation")


def until(condition: Callable[[], Any], seconds: float = DEADLINE_SECONDS) -> Any:
    """Wait for a condition to hold and return what it gave."""
    late = time.monotonic() + seconds
    pause = Event()
    while not (found := condition()):
        assert time.monotonic() < late, "the condition did not come true in time"
        pause.wait(0.02)
    return found


@dataclass
class World:
    """A log and a database of one's own."""

    settings: Settings
    log: Log
    domain: Domain = EVALUATION

    @property
    def dsn(self) -> str:
        return self.settings.postgres.dsn("stream")

    def publish(self, type_: str, *data: Mapping[str, Any], time: datetime | None = None) -> None:
        """Publish events of one type; `type_` without the domain."""
        write = writer(self.domain.by_type[f"{self.domain.name}.{type_}"], "test")
        moment = time or datetime.now(UTC)
        publish(self.log, self.log.producer(), [write(each, moment) for each in data])

    def query(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.settings.postgres.dsn("owner"), autocommit=True) as connection:
            return connection.execute(sql.encode(), parameters).fetchall()

    def caught_up(self) -> bool:
        """Whether the tables hold everything that is in the log."""
        held = {(topic, n): at for topic, n, at in self.query("SELECT topic, partition, position FROM ledger.offset")}
        return all(held.get(place, 0) >= end for place, end in self.log.ends(self.domain.topics).items())

    def settled(self, board: str) -> bool:
        """Whether the tables hold the whole log and the board was cut at its end."""
        rows = self.query("SELECT cut FROM ledger.snapshot WHERE board = %s ORDER BY cut_at DESC LIMIT 1", board)
        ends = self.log.ends(topic for topic in self.domain.topics if not topic.endswith(".leaderboards"))
        return bool(rows) and self.caught_up() and {(topic, n): at for topic, n, at in rows[0][0]} == ends

    def consumers(self) -> Consumers:
        kafka = self.settings.kafka
        return Consumers([self.domain], kafka.client(), self.settings.postgres.dsn("consumer"), kafka.namespace)

    def world(self, rows: int = 20, models: int = 2) -> None:
        """A data set of alternating labels, models, one prompt, and a job for each model."""
        self.publish("dataset.registered.v1", {"dataset_id": 1, "name": "tweets", "description": None, "labels": None})
        self.publish("dataset.version_published.v1", {"dataset_id": 1, "version": 1, "total_rows": rows})
        self.publish("row.added.v1", *(row(n) for n in range(1, rows + 1)))
        self.publish("model.registered.v1", *(model(n) for n in range(1, models + 1)))
        self.publish("prompt.registered.v1", {"prompt_id": 7, "model_id": None, "text": "{content}"})
        self.publish("job.submitted.v1", *(job(n) for n in range(1, models + 1)))


def row(n: int, version: int = 1) -> dict[str, Any]:
    label = "positive" if n % 2 else "negative"
    return {"row_id": n, "dataset_id": 1, "content": f"text {n}", "expected_prediction": label, "version": version}


def model(n: int) -> dict[str, Any]:
    return {"model_id": n, "name": f"model {n}", "source": "test", "description": None, "library": "test"}


def job(n: int, **more: Any) -> dict[str, Any]:
    key = {"model_id": n, "prompt_id": 7, "dataset_id": 1}
    return {**key, "dataset_version": 1, "epoch": 1, "attempts_max": 2, **more}


def prediction(model_id: int, row_id: int, said: str = "positive", **more: Any) -> dict[str, Any]:
    key = {"row_id": row_id, "model_id": model_id, "prompt_id": 7, "dataset_id": 1, "attempt": 1}
    rest = {"prediction_time": 0.002, "formatted_prompt": None, "tokens": None, "cost": None}
    return {**key, **rest, "prediction": said, **more}


class Consuming:
    """The consumers as a loop that can be kept running."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.name = "consumers"
        self.heartbeat = Heartbeat(self.name)

    def run(self, stop: Event) -> None:
        self.world.consumers().run(stop)


@contextmanager
def running(*loops: Loop) -> Iterator[None]:
    """Keep loops running in threads; afterwards they must end."""
    stop = Event()
    threads = [Thread(target=keep, args=[loop, stop], daemon=True) for loop in loops]
    try:
        for thread in threads:
            thread.start()
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(DEADLINE_SECONDS)
    assert not any(thread.is_alive() for thread in threads)


@pytest.fixture
def world(database: Settings) -> World:
    """Empty topics and an empty, migrated database."""
    log = Log(database.kafka.client(), database.kafka.namespace, EVALUATION.topics)
    admin = AdminClient({"bootstrap.servers": database.kafka.bootstrap, "log_level": 0})
    topics = [
        NewTopic(log.named(name), partitions, 1, config={"message.timestamp.type": "LogAppendTime"})
        for name, partitions in EVALUATION.topics.items()
    ]
    for created in admin.create_topics(topics).values():
        created.result()
    return World(database, log)
