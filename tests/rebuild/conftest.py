"""A domain's story on a real log, written live: what rebuilds, proofs and swaps start from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import Table

from consumers import loop
from consumers.loop import Limits
from podium import topics
from podium.rebuild import database, plan
from podium.rebuild.plan import Until
from podium.settings import Rebuild, Settings
from schema import DOMAINS, LEDGER
from schema.declare import Domain
from schema.envelope import record_key
from tests.conftest import RUN
from tests.log import envelope, story
from tests.podium.command import forked, text_of


def publish(settings: Settings, domain: Domain, lines: Iterable[dict[str, Any]]) -> None:
    """Events of a domain, as their producers would publish them."""
    producer = Producer(settings.kafka.client(partitioner="murmur2_random"))
    for line in lines:
        event = domain.by_type[line["type"]]
        model = event.model.model_validate(line["data"], strict=False)
        key = record_key(event, {name: getattr(model, name) for name in event.columns})
        producer.produce(settings.kafka.named(event.topic), envelope(event, line), key)
    assert producer.flush(20) == 0


def prepare(settings: Settings, *domains: Domain) -> None:
    """Topics with the stories of some domains."""
    topics.apply(settings.kafka, topics.wanted(domains, settings.kafka))
    for domain in domains:
        publish(settings, domain, story(domain))


def fill_up(settings: Settings, *domains: Domain, seed: int = 7) -> None:
    """Bring the live tables to the end of the log, in another interleaving than any rebuild reads it."""
    ends, chance = plan.ends(settings, domains), Random(seed)
    some = {place: chance.randint(0, end) for place, end in ends.items()}
    for until in (some, {place: chance.randint(at, ends[place]) for place, at in some.items()}, ends):
        wanted = {place: end for place, end in until.items() if end}
        if wanted:
            loop.fill(
                (LEDGER, *domains), settings.kafka.client(), settings.postgres.dsn("consumer"), wanted,
                namespace=settings.kafka.namespace, limits=Limits(chance.choice([3, 8000]), 1.0),
            )  # fmt: skip


@pytest.fixture
def domain() -> Domain:
    """The first of the domains, where any will do."""
    return DOMAINS[0]


@pytest.fixture(autouse=True)
def swept(services: Settings) -> Iterator[None]:
    """No database of a rebuild stays behind."""
    yield
    with database.administering(services.postgres) as admin:
        query = "SELECT datname FROM pg_database WHERE datname ~ '_(rebuild|before|verify|passing|making)$'"
        for (name,) in admin.execute(query + " AND starts_with(datname, %s)", [RUN]).fetchall():
            database.drop(admin, name)


@pytest.fixture
def live(database: Settings, domain: Domain) -> Settings:
    """Topics and tables that hold the domain's story."""
    chosen = database.model_copy(update={"domains": (domain.name,)})
    prepare(chosen, domain)
    fill_up(chosen, domain)
    return chosen


def damage(settings: Settings, table: Table, query: Composed, *parameters: Any) -> list[tuple[Any, ...]]:
    """Run a statement on a table with its triggers disabled, as only its owner could."""
    with psycopg.connect(settings.postgres.dsn("owner")) as connection:
        connection.execute(SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(name_of(table)))
        cursor = connection.execute(query, parameters or None)
        return cursor.fetchall() if cursor.description else []


def name_of(table: Table) -> Identifier:
    """Schema and table, quoted."""
    return Identifier(str(table.schema), table.name)


def environment(settings: Settings) -> dict[str, str]:
    """These services for a process, and nothing of whoever runs the tests."""
    kafka, postgres = settings.kafka, settings.postgres
    given = {
        "DOMAINS": " ".join(settings.domains),
        "HOME": str(settings.home),
        "KAFKA__BOOTSTRAP": kafka.bootstrap,
        "KAFKA__NAMESPACE": kafka.namespace,
        "REBUILD__BASE": str(settings.rebuild.base or ""),
        "POSTGRES__URL": postgres.dsn("owner"),
        **{f"POSTGRES__{role.upper()}_URL": postgres.dsn(role) for role in ("stream", "consumer", "reader")},
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PODIUM_")}
    return kept | {f"PODIUM_{name}": value for name, value in given.items()}


def podium(settings: Settings, *arguments: str, **environ: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the command line on these services."""
    done = text_of(forked(arguments, environment(settings) | environ))
    return done.returncode, done.stdout, done.stderr


def truncate(settings: Settings, upto: Until) -> None:
    """Delete the records before some offsets, as retention does."""
    kafka = settings.kafka
    admin = AdminClient(kafka.client())
    places = [TopicPartition(kafka.named(topic), n, offset) for (topic, n), offset in upto.items() if offset]
    for future in admin.delete_records(places).values():
        future.result(timeout=20)


def based(settings: Settings, folder: Path) -> Settings:
    """The same, beginning from a base."""
    return settings.model_copy(update={"rebuild": Rebuild(base=folder)})
