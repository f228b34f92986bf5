"""What belongs to a database and stays behind when its name goes to another: rights, settings, things of one's own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Identifier, Literal

from podium.settings import ROLES, rolname
from podium.sql import load
from schema import DOMAINS, ledger

OURS = [str(ledger.METADATA.schema), *(domain.name for domain in DOMAINS)]
"""Schemas that migrations make; what is in others is somebody's own."""

NOWHERE = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.InvalidSchemaName)


@dataclass(frozen=True)
class Traits:
    """What belongs to a database and stays behind when its name goes to another."""

    owner: str
    connections_max: int
    grants: frozenset[tuple[str, str, bool]]
    """Role (empty: everybody), privilege, whether it may be passed on."""
    settings: frozenset[tuple[str, str]]
    """Role (empty: every role) and `name=value`."""
    rights: frozenset[tuple[str, str, bool]]
    """What on what, role, whether it may be passed on."""
    extensions: frozenset[str]
    publications: frozenset[str]
    """As statements that would make them."""
    objects: frozenset[str]
    """Schemas, and relations in schemas that are not ours."""


def traits(admin: Connection[Any], inside: Connection[Any], name: str) -> Traits:
    """The traits of a database: what the cluster keeps of it, and what it keeps itself."""
    row = admin.execute(load("trait_owner"), [name]).fetchone()
    assert row is not None  # the database is there
    return Traits(
        row[0],
        row[1],
        frozenset(admin.execute(load("trait_grants"), [name]).fetchall()),
        frozenset(admin.execute(load("trait_settings"), [name]).fetchall()),
        frozenset(inside.execute(load("trait_rights"), {"ours": OURS, "roles": [*map(rolname, ROLES)]}).fetchall()),
        _texts(inside, "trait_extensions"),
        _texts(inside, "trait_publications"),
        _texts(inside, "trait_objects"),
    )


def _texts(connection: Connection[Any], statement: str) -> frozenset[str]:
    return frozenset(row[0] for row in connection.execute(load(statement), {"ours": OURS}))


def give(admin: Connection[Any], inside: Connection[Any], name: str, wanted: Traits) -> list[str]:
    """Give a database the traits of another, as far as we may; what it lacks then. Both connections autocommit.

    Rights to what newer code has done away with are not missed.
    """
    have = traits(admin, inside, name)
    _around(admin, name, have, wanted)
    for statement in sorted(wanted.extensions - have.extensions) + sorted(wanted.publications - have.publications):
        _try(inside, statement.encode())
    for what, role, _ in have.rights - wanted.rights:
        _try(inside, f"REVOKE {what} FROM {role}".encode())
    nowhere = set()
    for what, role, passed_on in wanted.rights - have.rights:
        try:
            inside.execute(f"GRANT {what} TO {role}{' WITH GRANT OPTION' if passed_on else ''}".encode())
        except NOWHERE:
            nowhere.add((what, role, passed_on))
    return list(_lacking(traits(admin, inside, name), wanted, nowhere))


def _around(admin: Connection[Any], name: str, have: Traits, wanted: Traits) -> None:
    """What the cluster keeps of a database."""
    database = Identifier(name)
    _try(admin, SQL("ALTER DATABASE {} CONNECTION LIMIT {}").format(database, Literal(wanted.connections_max)))
    for role, privilege, _ in have.grants - wanted.grants:
        _try(admin, SQL("REVOKE {} ON DATABASE {} FROM {}").format(_word(privilege), database, _role(role)))
    for role, privilege, passed_on in wanted.grants - have.grants:
        grant = SQL("GRANT {} ON DATABASE {} TO {}").format(_word(privilege), database, _role(role))
        _try(admin, SQL("{} WITH GRANT OPTION").format(grant) if passed_on else grant)
    for role, setting in have.settings - wanted.settings:
        _try(admin, SQL("ALTER {} RESET {}").format(_whose(database, role), _key(setting)))
    for role, setting in wanted.settings - have.settings:
        with suppress(psycopg.Error), admin.transaction():
            # By way of the session: a list of names must not become one name.
            admin.execute("SELECT set_config(%s, %s, true)", [*setting.split("=", 1)])
            admin.execute(SQL("ALTER {} SET {} FROM CURRENT").format(_whose(database, role), _key(setting)))
    if have.owner != wanted.owner:
        _try(admin, SQL("ALTER DATABASE {} OWNER TO {}").format(database, Identifier(wanted.owner)))


def _try(connection: Connection[Any], statement: Any) -> None:
    """Whether it did anything shows when both are compared."""
    with suppress(psycopg.Error):
        connection.execute(statement)


def _whose(database: Identifier, role: str) -> Any:
    if role:
        return SQL("ROLE {} IN DATABASE {}").format(Identifier(role), database)
    return SQL("DATABASE {}").format(database)


def _key(setting: str) -> Identifier:
    return Identifier(*setting.split("=", 1)[0].split("."))


def _word(privilege: str) -> SQL:
    """A privilege of a database as SQL has it; the catalog gives no other."""
    return {"CREATE": SQL("CREATE"), "TEMPORARY": SQL("TEMPORARY"), "CONNECT": SQL("CONNECT")}[privilege]


def _role(name: str) -> SQL | Identifier:
    return Identifier(name) if name else SQL("PUBLIC")


def _lacking(found: Traits, wanted: Traits, nowhere: Collection[tuple[str, str, bool]]) -> Iterator[str]:
    if found.owner != wanted.owner:
        yield f"the owner {wanted.owner}"
    if found.connections_max != wanted.connections_max:
        yield f"the connection limit {wanted.connections_max}"
    for role, privilege, _ in sorted(wanted.grants ^ found.grants):
        yield f"{privilege} as it is granted to {role or 'everybody'}"
    for role, setting in sorted(wanted.settings ^ found.settings):
        yield f"{setting} as it is set for {role or 'everybody'}"
    for what, role, _ in sorted((wanted.rights ^ found.rights) - set(nowhere)):
        yield f"{what} as it is granted to {role}"
    for name in ("extensions", "publications", "objects"):
        yield from sorted(getattr(wanted, name) - getattr(found, name))
