"""Connections by the roles that write."""

from collections.abc import Iterator

import psycopg
import pytest

from podium.settings import Settings


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
