"""A migrated database of one's own, for the tools that write what tests compare with."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from podium import database, embedded
from podium.settings import Postgres, load


@contextmanager
def scratch(home: Path | None) -> Iterator[Postgres]:
    """With `home` the embedded services there are used and left running; dropped at the end."""
    # Not below a closed folder: under root the database runs as another account.
    folder = home or Path(tempfile.mkdtemp(prefix="podium-"))
    chosen = load({"home": folder, "kafka.bootstrap": "", "postgres.url": ""})
    name = f"scratch_{os.getpid()}"
    try:
        server = embedded.up(chosen).postgres
        with psycopg.connect(server.dsn("owner"), autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
            try:
                database.upgrade(server.at(name).dsn("owner"))
                yield server.at(name)
            finally:
                connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
    finally:
        if home is None:
            embedded.down(chosen)
            shutil.rmtree(folder, ignore_errors=True)
