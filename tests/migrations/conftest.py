"""Databases that no migration has touched."""

import itertools
import os
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql

from podium.settings import Settings

_numbers = itertools.count(1)


@pytest.fixture
def blank(services: Settings) -> Iterator[Callable[[], str]]:
    """Makes empty databases and returns their owner's connection string."""
    made: list[str] = []

    def make() -> str:
        made.append(f"t{os.getpid()}_blank_{next(_numbers)}")
        _run(services, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(made[-1])))
        return services.postgres.at(made[-1]).dsn()

    yield make
    for name in made:
        _run(services, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _run(services: Settings, statement: sql.Composed) -> None:
    with psycopg.connect(services.postgres.dsn(), autocommit=True) as connection:
        connection.execute(statement)
