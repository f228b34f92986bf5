"""One database a module, emptied before each test, and connections by the roles that write."""

import itertools
import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from podium.settings import Settings
from tests.evaluation.byhand import empty

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def kept(services: Settings, template: str) -> Iterator[Settings]:
    """Settings with a migrated database that the tests of a module share."""
    name = f"t{os.getpid()}_evaluation_{next(_numbers)}"
    with psycopg.connect(services.postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        yield services.model_copy(update={"postgres": services.postgres.at(name)})
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database(kept: Settings) -> Settings:
    """The database of the module, empty again."""
    with psycopg.connect(kept.postgres.dsn("owner"), autocommit=True) as connection:
        empty(connection)
    return kept


@pytest.fixture
def db(database: Settings) -> Iterator[psycopg.Connection]:
    """The owner's session: plain SQL, each statement a transaction."""
    with psycopg.connect(database.postgres.dsn("owner"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def consumer(database: Settings) -> Iterator[psycopg.Connection]:
    """A session of the role that writes what the log says."""
    with psycopg.connect(database.postgres.dsn("consumer"), autocommit=True) as connection:
        yield connection
