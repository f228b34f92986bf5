"""One database a module, emptied before each test; a contest in it whose clock the test sets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from podium.settings import Settings
from schema.competition import DOMAIN
from tests.competition.contest import Contest
from tests.contract.conftest import copied
from tests.tables import empty


@pytest.fixture(scope="module")
def kept(services: Settings, template: str, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Settings with a migrated database that the tests of a module share."""
    name = f"{template}_{request.module.__name__.rpartition('.')[2]}"
    with copied(services, template, name) as postgres:
        yield services.model_copy(update={"postgres": postgres})


@pytest.fixture
def owner(kept: Settings) -> Iterator[Connection[Any]]:
    """The owner's session in an empty database: plain SQL, each statement a transaction."""
    with psycopg.connect(kept.postgres.dsn("owner"), autocommit=True) as one:
        empty(one, DOMAIN)
        yield one


@pytest.fixture
def connection(owner: Connection[Any], kept: Settings) -> Iterator[Connection[Any]]:
    """As the consumers connect."""
    with psycopg.connect(kept.postgres.dsn("consumer"), autocommit=True) as one:
        yield one


@pytest.fixture
def contest(connection: Connection[Any]) -> Contest:
    """Nothing has happened yet."""
    return Contest(connection)
