"""A database of one's own, seen as a consumer and as its owner, and a life in events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from podium.settings import Settings
from tests.replays.life import Life


@pytest.fixture
def owner(database: Settings) -> Iterator[Connection[Any]]:
    """Free to look and to change."""
    with psycopg.connect(database.postgres.dsn("owner"), autocommit=True) as one:
        yield one


@pytest.fixture
def connection(database: Settings) -> Iterator[Connection[Any]]:
    """As the consumers connect."""
    with psycopg.connect(database.postgres.dsn("consumer"), autocommit=True) as one:
        yield one


@pytest.fixture
def life(connection: Connection[Any]) -> Life:
    """Nothing has happened yet."""
    return Life(connection)
