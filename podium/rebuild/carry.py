"""What a rebuild cannot have from the log and a rename does not move: secrets, history, rights, settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Identifier, Literal
from sqlalchemy import Table

from podium.sql import load
from schema import ledger
from schema.declare import Domain, identity

HISTORY = (ledger.outside_write, ledger.rebuild, ledger.repair)
"""Tables of the ledger that tell what happened to a database; whole rows go along."""

EPOCHS_APART = 1_000
"""How far the new epochs start above both: a claim on its way must not meet one of them."""

BATCH_ROWS = 10_000


@dataclass(frozen=True)
class Traits:
    """What belongs to a database and stays behind when its name goes to another."""

    owner: str
    grants: frozenset[tuple[str, str, bool]]
    """Role (empty: everybody), privilege, whether it may be passed on."""
    settings: frozenset[tuple[str, str]]
    """Role (empty: every role) and `name=value`."""
    extensions: frozenset[str]
    publications: frozenset[str]
    connections_max: int


def traits(admin: Connection[Any], inside: Connection[Any], name: str) -> Traits:
    """The traits of a database: what the cluster keeps of it, and what it keeps itself."""
    owner, connections_max = _one(admin, "trait_owner", name)
    return Traits(
        owner,
        frozenset(admin.execute(load("trait_grants"), [name]).fetchall()),
        frozenset(admin.execute(load("trait_settings"), [name]).fetchall()),
        frozenset(row[0] for row in inside.execute("SELECT extname::text FROM pg_extension")),
        frozenset(row[0] for row in inside.execute("SELECT pubname::text FROM pg_publication")),
        connections_max,
    )


def _one(connection: Connection[Any], statement: str, *parameters: Any) -> tuple[Any, ...]:
    row = connection.execute(load(statement), parameters).fetchone()
    assert row is not None  # the database is there
    return tuple(row)


def adorn(admin: Connection[Any], name: str, have: Traits, wanted: Traits) -> None:
    """Give a database the grants and settings of another; what cannot be given shows when they are compared again."""
    database = Identifier(name)
    for role, privilege, _ in have.grants - wanted.grants:
        admin.execute(SQL("REVOKE {} ON DATABASE {} FROM {}").format(SQL(_word(privilege)), database, _role(role)))
    for role, privilege, passed_on in wanted.grants - have.grants:
        grant = SQL("GRANT {} ON DATABASE {} TO {}").format(SQL(_word(privilege)), database, _role(role))
        admin.execute(SQL("{} WITH GRANT OPTION").format(grant) if passed_on else grant)
    for role, setting in wanted.settings - have.settings:
        key, _, value = setting.partition("=")
        whose = SQL("ROLE {} IN DATABASE {}").format(Identifier(role), database)
        with admin.transaction():
            # By way of the session: a list of names must not become one name.
            admin.execute("SELECT set_config(%s, %s, true)", [key, value])
            admin.execute(
                SQL("ALTER {} SET {} FROM CURRENT").format(
                    whose if role else SQL("DATABASE {}").format(database), Identifier(*key.split("."))
                )
            )
    if have.connections_max != wanted.connections_max:
        limit = SQL("ALTER DATABASE {} CONNECTION LIMIT {}").format(database, Literal(wanted.connections_max))
        admin.execute(limit)


def _word(privilege: str) -> Any:
    """A privilege of a database as SQL has it; the catalog gives no other."""
    return {"CREATE": "CREATE", "TEMPORARY": "TEMPORARY", "CONNECT": "CONNECT"}[privilege]


def _role(name: str) -> SQL | Identifier:
    return Identifier(name) if name else SQL("PUBLIC")


def carry(live: Connection[Any], new: Connection[Any], domains: Sequence[Domain]) -> None:
    """Copy what the log does not say. Both in a transaction; `live` must not move meanwhile."""
    for domain in domains:
        for table in domain.tables:
            if names := domain.secret.get(table.name):
                _secrets(live, new, table, names)
    for table in HISTORY:
        history(live, new, table)
    _relayed(live, new)
    epochs = [row[0] for one in (live, new) if (row := one.execute("SELECT last_value FROM ledger.epoch").fetchone())]
    new.execute("SELECT setval('ledger.epoch', %s)", [max(epochs) + EPOCHS_APART])


def _secrets(live: Connection[Any], new: Connection[Any], table: Table, names: Sequence[str]) -> None:
    keys = identity(table)
    columns = [*keys, *names]
    listed = SQL(", ").join(map(Identifier, columns))
    where = SQL("num_nonnulls({}) > 0").format(SQL(", ").join(map(Identifier, names)))
    source = SQL("SELECT {} FROM {} WHERE {}").format(listed, _name(table), where)
    new.execute(
        SQL("CREATE TEMP TABLE carried ON COMMIT DROP AS SELECT {} FROM {} WHERE false").format(listed, _name(table))
    )
    _copy(live, new, source, SQL("COPY carried ({}) FROM STDIN").format(listed))
    sets = SQL(", ").join(SQL("{} = c.{}").format(Identifier(name), Identifier(name)) for name in names)
    matches = SQL(" AND ").join(SQL("t.{} = c.{}").format(Identifier(name), Identifier(name)) for name in keys)
    with quiet(new, table):
        new.execute(SQL("UPDATE {} AS t SET {} FROM carried AS c WHERE {}").format(_name(table), sets, matches))
    new.execute("DROP TABLE carried")


@contextmanager
def quiet(connection: Connection[Any], *tables: Table) -> Iterator[None]:
    """Without the triggers of some tables; afterwards each is as it was. Nobody else may use them meanwhile."""
    before = [row for table in tables for row in connection.execute(load("triggers_enabled"), [table.fullname])]
    for table in tables:
        connection.execute(SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(_name(table)))
    yield
    for schema, name, trigger, word in before:
        connection.execute(
            SQL("ALTER TABLE {} {} TRIGGER {}").format(
                Identifier(schema, name), SQL(_ENABLED[word]), Identifier(trigger)
            )
        )


_ENABLED: dict[str, Any] = {"A": "ENABLE ALWAYS", "O": "ENABLE", "R": "ENABLE REPLICA", "D": "DISABLE"}


def history(live: Connection[Any], new: Connection[Any], table: Table) -> None:
    """Rows that the new database lacks; what it has of its own stays. Nothing where code was older than the table."""
    for one in (live, new):
        if not one.execute("SELECT to_regclass(%s)", [table.fullname]).fetchone()[0]:  # type: ignore[index]
            return
    names = [column.name for column in table.columns if column.identity is None]
    listed = SQL(", ").join(map(Identifier, names))
    new.execute(
        SQL("CREATE TEMP TABLE carried ON COMMIT DROP AS SELECT {} FROM {} WHERE false").format(listed, _name(table))
    )
    source = SQL("SELECT {} FROM {}").format(listed, _name(table))
    _copy(live, new, source, SQL("COPY carried ({}) FROM STDIN").format(listed))
    same = SQL(" AND ").join(SQL("t.{} IS NOT DISTINCT FROM c.{}").format(*(Identifier(name),) * 2) for name in names)
    new.execute(
        SQL("INSERT INTO {} ({}) SELECT {} FROM carried AS c WHERE NOT EXISTS (SELECT FROM {} AS t WHERE {})").format(
            _name(table), listed, listed, _name(table), same
        )
    )
    new.execute("DROP TABLE carried")


def _relayed(live: Connection[Any], new: Connection[Any]) -> None:
    """Which dead letters their topic has already: a rebuild relays none."""
    new.execute('CREATE TEMP TABLE carried (topic text, partition int, "offset" bigint, at timestamptz) ON COMMIT DROP')
    _copy(live, new, load("carry_relayed"), SQL("COPY carried FROM STDIN"))
    new.execute(load("carry_relayed_into"))
    new.execute("DROP TABLE carried")


def _copy(live: Connection[Any], new: Connection[Any], source: Any, into: Any) -> None:
    rows = SQL("COPY ({}) TO STDOUT").format(source)
    with live.cursor().copy(rows) as out, new.cursor().copy(into) as taking:
        for block in out:
            taking.write(block)


def _name(table: Table) -> Identifier:
    return Identifier(str(table.schema), table.name)
