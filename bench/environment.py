"""What a run stands on: the real services, a database and topics of its own, and nothing left behind."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from psycopg import Connection, sql

from bench.domain import DOMAIN
from podium import database as migrations
from podium import embedded
from podium.settings import Postgres, Settings, load
from schema.ddl import render

PARTITIONS = 4
PLAIN = Path(__file__).parent / "plain.sql"

Ends = dict[tuple[str, int], int]
"""(topic without namespace, partition) -> next offset."""


@dataclass(frozen=True)
class Environment:
    """Running services with a prepared, empty database to copy; every name given out is used once."""

    settings: Settings
    template: str
    numbers: Iterator[int]
    server: psutil.Process
    """The database server's first process."""

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[Postgres]:
        """A fresh database with the ledger, all domains and the plain tables, or a copy of another one.

        Dropping it at the end makes a checkpoint, so that every run begins after one.
        """
        name = f"{self.template}_{next(self.numbers)}"
        with self._administer() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template or self.template)
                )
            )
        try:
            yield self.settings.postgres.at(name)
        finally:
            self.drop(name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected."""
        with self._administer() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _administer(self) -> Connection[Any]:
        return psycopg.connect(self.settings.postgres.dsn("owner"), autocommit=True)

    def topics(self, topics: Mapping[str, int]) -> str:
        """Make empty topics (name -> partitions) in a namespace of their own, which is returned."""
        namespace = f"bench-{os.getpid()}-{next(self.numbers)}."
        config = {"message.timestamp.type": "LogAppendTime", "retention.ms": "-1"}
        wanted = [NewTopic(namespace + name, count, 1, config=config) for name, count in topics.items()]
        admin = AdminClient(self.settings.kafka.client())
        for future in admin.create_topics(wanted).values():
            future.result()
        return namespace

    def forget(self, namespace: str) -> None:
        """Delete the topics of a namespace."""
        admin = AdminClient(self.settings.kafka.client())
        names = [name for name in admin.list_topics(timeout=10).topics if name.startswith(namespace)]
        for future in admin.delete_topics(names).values() if names else ():
            future.result()

    def ends(self, namespace: str, topics: Sequence[str]) -> Ends:
        """How far the partitions of some topics reach."""
        consumer = Consumer(self.settings.kafka.client(**{"group.id": "bench"}))
        found: Ends = {}
        for topic in topics:
            metadata = consumer.list_topics(namespace + topic, timeout=10).topics[namespace + topic]
            for number in metadata.partitions:
                place = TopicPartition(namespace + topic, number)
                found[topic, number] = consumer.get_watermark_offsets(place, timeout=10)[1]
        consumer.close()
        return found


@contextmanager
def environment(home: Path | None = None) -> Iterator[Environment]:
    """Start the embedded services in a folder of their own, or use those of `home` and leave them running."""
    # Not below a closed folder: under root the database runs as another account.
    folder = home or Path(tempfile.mkdtemp(prefix="podium-bench-"))
    chosen = load({"home": folder, "kafka.bootstrap": "", "postgres.url": ""})
    try:
        settings = embedded.up(chosen)
        template = f"bench_{os.getpid()}"
        found = Environment(settings, template, itertools.count(1), _server(chosen))
        with found._administer() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(template)))
        _prepare(settings.postgres.at(template).dsn("owner"))
        try:
            yield found
        finally:
            found.drop(template)
    finally:
        if home is None:
            embedded.down(chosen)
            shutil.rmtree(folder, ignore_errors=True)


def _server(settings: Settings) -> psutil.Process:
    (server,) = (one for one in embedded.services(settings) if one.name == "postgres")
    found = server.process.find()
    assert found is not None
    return found


def _prepare(dsn: str) -> None:
    migrations.upgrade(dsn)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(render(DOMAIN).encode())
        connection.execute(PLAIN.read_bytes())
