"""What is in a database, read from its catalogs: `python -m tests.migrations.catalog DSN` prints schema.sql."""

import sys
from pathlib import Path
from typing import NamedTuple

import psycopg

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


if __name__ == "__main__":
    sys.stdout.write(dump(read(sys.argv[1])))
