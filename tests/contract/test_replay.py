"""On a real log: what was written live is what a replay from offset 0 writes, and each board is proven from the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from confluent_kafka import Producer
from psycopg import Connection

from consumers.loop import fill
from podium import boards, proof, topics
from podium.settings import Postgres, Settings
from schema import DOMAINS
from schema.declare import Domain
from schema.envelope import record_key
from streams.log import Log
from streams.rank import Ranker
from tests.contract import outcome
from tests.contract.conftest import copied
from tests.log import envelope, story
from tests.streams.conftest import Consuming, World, running, until

pytestmark = pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)


@pytest.fixture
def another(services: Settings, template: str, namespace: str) -> Iterator[Postgres]:
    """A second migrated database."""
    with copied(services, template, f"{namespace.strip('.')}_replay") as postgres:
        yield postgres


@pytest.fixture
def world(database: Settings, domain: Domain) -> World:
    """A log that holds the story, and an empty database."""
    kafka = database.kafka
    topics.apply(kafka, topics.wanted([domain], kafka))
    _publish(database, domain)
    return World(database, Log(kafka.client(), kafka.namespace, domain.topics), domain)


def _publish(settings: Settings, domain: Domain) -> None:
    producer = Producer({**settings.kafka.client(partitioner="murmur2_random"), "log_level": 0})
    for line in story(domain):
        event = domain.by_type[line["type"]]
        model = event.model.model_validate(line["data"], strict=False)
        key = record_key(event, {name: getattr(model, name) for name in event.columns})
        producer.produce(settings.kafka.named(event.topic), envelope(event, line), key)
    assert producer.flush(20) == 0


def test_replay_equals_live_and_boards_are_proven(world: World, domain: Domain, another: Postgres) -> None:
    live = world.settings.postgres.dsn("owner")
    rankers = [Ranker(world.log, world.dsn, domain, board) for board in domain.boards]
    with psycopg.connect(live, autocommit=True) as connection:
        with running(Consuming(world), *rankers):
            wanted = until(lambda: world.caught_up() and outcome.boards(connection, domain).keys())
            until(lambda: _settled(connection, world, wanted))
        latest = boards.latest(connection)
        verdicts = proof.verify(world.settings, [domain], latest)
        assert [(one.id, check.check, check.why) for one in verdicts for check in one.checks if not check.ok] == []
        kafka = world.settings.kafka
        ends = world.log.ends(domain.topics)
        fill([domain], kafka.client(), another.dsn("consumer"), ends, namespace=kafka.namespace)
        with psycopg.connect(another.dsn("owner"), autocommit=True) as replayed:
            assert outcome.outcome_of(replayed, domain) == outcome.outcome_of(connection, domain)
            assert boards.latest(replayed) == latest


def _settled(connection: Connection[Any], world: World, wanted: set[str]) -> bool:
    """Whether the tables hold the whole log, and every board was cut at the end of its inputs."""
    ends = world.log.ends(world.domain.topics)
    cut = {one.board: one.until for one in boards.latest(connection)}
    at_end = all(offset == ends[place] for until_ in cut.values() for place, offset in until_.items())
    return world.caught_up() and cut.keys() == wanted and at_end
