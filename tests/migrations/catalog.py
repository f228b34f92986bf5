"""What is in a database, read from its catalogs.

`python -m tests.migrations.catalog [DSN] [--home FOLDER]` prints schema.sql; without DSN, of a database made for it.
"""

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

import psycopg

from tests.scratch import scratch

HERE = Path(__file__).parent
COMMITTED = HERE / "schema.sql"


class Entry(NamedTuple):
    """One object: its kind, its name and all that PostgreSQL says of it."""

    kind: str
    name: str
    definition: str


def read(dsn: str) -> list[Entry]:
    """Every object of every schema of ours, in a fixed order."""
    query = (HERE / "catalog.sql").read_bytes()
    with psycopg.connect(dsn) as connection:
        return [Entry(*row) for row in connection.execute(query)]


def dump(entries: list[Entry]) -> str:
    """The entries as a text that shows in a review what a migration does."""
    head = "-- Printed by `python -m tests.migrations.catalog DSN` from a migrated database.\n"
    return head + "".join(f"\n-- {kind} {name}\n{definition.strip()}\n" for kind, name, definition in entries)


def main() -> None:
    """Read the command line and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.migrations.catalog", description=__doc__)
    parser.add_argument("dsn", nargs="?", metavar="DSN", help="of a migrated database")
    parser.add_argument("--home", type=Path, help="use these embedded services and leave them running")
    given = parser.parse_args()
    if given.dsn:
        sys.stdout.write(dump(read(given.dsn)))
        return
    with scratch(given.home) as postgres:
        sys.stdout.write(dump(read(postgres.dsn("owner"))))


if __name__ == "__main__":
    main()
