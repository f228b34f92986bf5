"""Writes what the stories come to beside them: `python -m tests.contract.story [DOMAIN ...] [--home FOLDER]`.

Look at the difference before you commit it: a story's outcome changes only when a rule of its domain does.
"""

from __future__ import annotations

import argparse
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
from schema import DOMAINS
from tests.contract.told import path_of, play, told, written


@contextmanager
def scratch(home: Path | None) -> Iterator[Postgres]:
    """A migrated database of one's own; with `home` the embedded services there are used and left running."""
    folder = home or Path(tempfile.mkdtemp(prefix="podium-"))
    chosen = load({"home": folder, "kafka.bootstrap": "", "postgres.url": ""})
    name = f"story_{os.getpid()}"
    try:
        server = embedded.up(chosen).postgres
        with psycopg.connect(server.dsn("owner"), autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
            database.upgrade(server.at(name).dsn("owner"))
            yield server.at(name)
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
    finally:
        if home is None:
            embedded.down(chosen)
            shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(prog="python -m tests.contract.story", description=__doc__)
    parser.add_argument("domain", nargs="*", help="which (default: all)")
    parser.add_argument("--home", type=Path, help="use these embedded services and leave them running")
    given = parser.parse_args()
    for domain in DOMAINS:
        if given.domain and domain.name not in given.domain:
            continue
        with scratch(given.home) as postgres, psycopg.connect(postgres.dsn("consumer"), autocommit=True) as connection:
            play(connection, domain)
            path_of(domain).write_text(written(told(connection, domain)), encoding="utf-8")
            print(path_of(domain))


if __name__ == "__main__":
    main()
