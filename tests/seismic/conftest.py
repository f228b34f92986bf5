"""A migrated database of one's own, the role that writes it, and a log in memory."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from podium.settings import Settings
from schema.seismic import DOMAIN
from tests.consumers.worker import Worker
from tests.log import Log


@pytest.fixture
def db(database: Settings) -> Iterator[psycopg.Connection]:
    """The owner's session: plain SQL, each statement a transaction."""
    with psycopg.connect(database.postgres.dsn("owner"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def worker(database: Settings) -> Iterator[Worker]:
    """Holds every partition of an empty log."""
    with psycopg.connect(database.postgres.dsn("consumer"), autocommit=True) as connection:
        one = Worker(connection, (DOMAIN,), Log((DOMAIN,)))
        one.take(one.log.entries)
        yield one
