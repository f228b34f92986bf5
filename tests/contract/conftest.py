"""What the contract tests of every domain share: a migrated database to look at, and one of one's own to change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from podium.settings import Postgres, Settings


@contextmanager
def copied(services: Settings, template: str, name: str) -> Iterator[Postgres]:
    """A further migrated database, dropped afterwards."""
    with psycopg.connect(services.postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
        yield services.postgres.at(name)
        connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture(scope="session")
def migrated(services: Settings, template: str) -> Iterator[Settings]:
    """Settings with a migrated database that all share: to read its catalog."""
    with copied(services, template, f"{template}_catalog") as postgres:
        yield services.model_copy(update={"postgres": postgres})


@pytest.fixture
def connection(database: Settings) -> Iterator[Connection[Any]]:
    """As the consumers connect."""
    with psycopg.connect(database.postgres.dsn("consumer"), autocommit=True) as one:
        yield one


@pytest.fixture
def owner(database: Settings) -> Iterator[Connection[Any]]:
    """Free to look and to change."""
    with psycopg.connect(database.postgres.dsn("owner"), autocommit=True) as one:
        yield one
