"""One database a module, emptied before each test, and connections by the roles that write."""

import itertools
import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection, sql

from podium.settings import Settings
from schema.chess import DOMAIN
from tests.tables import empty

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def kept(services: Settings, template: str) -> Iterator[Settings]:
    """Settings with a migrated database that the tests of a module share."""
    name = f"t{os.getpid()}_chess_{next(_numbers)}"
    with psycopg.connect(services.postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        yield services.model_copy(update={"postgres": services.postgres.at(name)})
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def owner(kept: Settings) -> Iterator[Connection[Any]]:
    """The role that migrates, in an empty database: plain SQL, each statement a transaction."""
    with psycopg.connect(kept.postgres.dsn("owner"), autocommit=True) as connection:
        empty(connection, DOMAIN)
        yield connection


@pytest.fixture
def consumer(kept: Settings, owner: Connection[Any]) -> Iterator[Connection[Any]]:
    """The role that writes what the log says."""
    with psycopg.connect(kept.postgres.dsn("consumer"), autocommit=True) as connection:
        yield connection
