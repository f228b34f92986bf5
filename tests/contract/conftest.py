"""What the contract tests of every domain share: a migrated database to look at, and one of one's own to change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from podium.settings import Settings


@pytest.fixture(scope="session")
def migrated(services: Settings, template: str) -> Iterator[Settings]:
    """Settings with a migrated database that all share: to read its catalog."""
    name = f"{template}_catalog"
    with psycopg.connect(services.postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        yield services.model_copy(update={"postgres": services.postgres.at(name)})
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


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
