"""The databases of a rebuild, side by side in one server: made alike, named by role, each with a journal entry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal, get_args

from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier
from psycopg.sql import Literal as Quoted

from podium import session
from podium.errors import Problem
from podium.settings import Postgres
from podium.sql import load
from schema.session import LONG

Part = Literal["rebuild", "before", "verify"]
"""What a database is beside the live one: the next one, the one that was live before, one to compare with."""

MAINTENANCE = "postgres"
"""The database from which the others are made and renamed: nobody works in it."""

PROVIDERS = {"b": "builtin", "i": "icu", "c": "libc"}
LOCK = 0x706F6402


class NotOurs(Problem):
    """A database has the name that a rebuild needs, but no rebuild made it."""

    code = "PD080"


class Busy(Problem):
    """Another rebuild, swap or background verification of the same database is at work."""

    code = "PD081"


@dataclass(frozen=True)
class Journal:
    """What a database is, and how it came to be; kept as its comment, so outside of it and moved by no rename."""

    part: Part
    run: str
    started: str
    by: str
    why: str = ""
    filled: str = ""
    swapped: str = ""
    keep_until: str = ""

    def noted(self, **changed: str) -> Journal:
        """The same with some fields changed."""
        return replace(self, **changed)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Beside:
    """A database beside the live one."""

    name: str
    journal: Journal
    bytes: int | None
    """None for a role that may not connect to it."""

    def state(self, now: datetime) -> str:
        """What can be done with it."""
        match self.journal:
            case Journal(part="rebuild", filled=""):
                return "being filled"
            case Journal(part="rebuild"):
                return "filled: podium rebuild --swap"
            case Journal(part="before", keep_until=kept) if kept and datetime.fromisoformat(kept) > now:
                return "kept: podium rebuild --back"
            case Journal(part="before"):
                return "kept long enough: podium rebuild prune"
        return "to compare with"


def name_of(postgres: Postgres) -> str:
    """The database that these settings name."""
    parts = conninfo_to_dict(postgres.dsn("owner"))
    return str(parts.get("dbname") or parts["user"])


def named(postgres: Postgres, part: Part) -> str:
    """What the database of that part is called."""
    return f"{name_of(postgres)}_{part}"


def administering(postgres: Postgres) -> Connection[Any]:
    """A connection of the owner to a database that is none of ours, in which databases are made and renamed."""
    dsn = postgres.at(MAINTENANCE).dsn("owner")
    return session.connect(dsn, LONG, autocommit=True)


@contextmanager
def alone(postgres: Postgres, part: Part = "rebuild") -> Iterator[Connection[Any]]:
    """Hold the one right to rebuild, swap or prune this database, or to patrol it. Raises Busy."""
    with administering(postgres) as connection:
        key = "SELECT pg_try_advisory_lock(%s, hashtext(%s))"
        row = connection.execute(key, (LOCK, f"{name_of(postgres)} {part}")).fetchone()
        if row is None or not row[0]:
            raise Busy(f"another {part} of {name_of(postgres)} is at work already", "One at a time.")
        yield connection


def make_noted(connection: Connection[Any], postgres: Postgres, journal: Journal) -> None:
    """A database of that part; it never is there without its journal entry: until then it has a passing name."""
    name, passing = named(postgres, journal.part), f"{named(postgres, journal.part)}_making"
    drop(connection, passing)
    make(connection, passing, like=name_of(postgres))
    with connection.transaction():
        note(connection, passing, journal)
        connection.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(passing), Identifier(name)))


def make(connection: Connection[Any], name: str, like: str) -> None:
    """An empty database in which texts sort as in another one."""
    row = connection.execute(
        "SELECT pg_encoding_to_char(encoding), datlocprovider::text, datcollate, datctype, datlocale"
        " FROM pg_database WHERE datname = %s",
        [like],
    ).fetchone()
    assert row is not None  # we are connected to it, or were
    encoding, provider, collate, ctype, locale = row
    parts = [
        SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name)),
        SQL("ENCODING {} LC_COLLATE {} LC_CTYPE {}").format(Quoted(encoding), Quoted(collate), Quoted(ctype)),
        SQL("LOCALE_PROVIDER {}").format(Identifier(PROVIDERS[provider])),
    ]
    if provider == "b":
        parts.append(SQL("BUILTIN_LOCALE {}").format(Quoted(locale)))
    if provider == "i":
        parts.append(SQL("ICU_LOCALE {}").format(Quoted(locale)))
    connection.execute(SQL(" ").join(parts))


def drop(connection: Connection[Any], name: str) -> None:
    """Remove a database, whoever is connected."""
    connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def note(connection: Connection[Any], name: str, journal: Journal | None) -> None:
    """Write the journal entry of a database; None: it has none, as the live one."""
    text = None if journal is None else json.dumps({"podium": asdict(journal)})
    connection.execute(SQL("COMMENT ON DATABASE {} IS {}").format(Identifier(name), Quoted(text)))


def beside(connection: Connection[Any], postgres: Postgres, part: Part) -> Beside | None:
    """The database of that part, if there is one. Raises NotOurs for one without a journal entry."""
    name = named(postgres, part)
    row = connection.execute(load("beside"), [name]).fetchone()
    if row is None:
        return None
    try:
        journal = Journal(**json.loads(row[0])["podium"])
    except (TypeError, ValueError, KeyError):
        raise NotOurs(f"the database {name} exists, but no rebuild made it", "Rename or drop it.") from None
    return Beside(name, journal, row[1])


def all_beside(connection: Connection[Any], postgres: Postgres) -> list[Beside]:
    """Every database beside the live one."""
    found = (beside(connection, postgres, part) for part in get_args(Part))
    return [one for one in found if one is not None]
