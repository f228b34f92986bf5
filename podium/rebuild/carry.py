"""What a rebuild cannot have from the log: secrets, and the history of what happened to a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Identifier
from sqlalchemy import Table

from podium.sql import load
from schema import ledger
from schema.declare import Domain, identity

HISTORY = (ledger.outside_write, ledger.rebuild, ledger.repair)
"""Tables of the ledger that tell what happened to a database; whole rows go along."""

EPOCHS_APART = 1_000
"""How far the new epochs start above both: a claim on its way must not meet one of them."""


def carried(live: Connection[Any], domains: Sequence[Domain]) -> list[str]:
    """Names of the tables from which rows are taken, as far as live has them."""
    secret = [table.fullname for domain in domains for table in domain.tables if table.name in domain.secret]
    names = [*secret, *(table.fullname for table in HISTORY)]
    return [
        row[0] for row in live.execute("SELECT n FROM unnest(%s::text[]) n WHERE to_regclass(n) IS NOT NULL", [names])
    ]


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
    nothing = SQL(", ").join(SQL("{} = NULL").format(Identifier(name)) for name in names)
    sets = SQL(", ").join(SQL("{} = c.{}").format(Identifier(name), Identifier(name)) for name in names)
    matches = SQL(" AND ").join(SQL("t.{} = c.{}").format(Identifier(name), Identifier(name)) for name in keys)
    with quiet(new, table):
        new.execute(SQL("UPDATE {} SET {} WHERE {}").format(_name(table), nothing, where))
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
    """Rows that the new database lacks, in columns that both have; what it has of its own stays."""
    has = [{name for (name,) in one.execute(load("columns_of"), [table.fullname])} for one in (live, new)]
    names = [one.name for one in table.columns if one.identity is None and one.name in set.intersection(*has)]
    if not names:
        return
    listed = SQL(", ").join(map(Identifier, names))
    new.execute(
        SQL("CREATE TEMP TABLE carried ON COMMIT DROP AS SELECT {} FROM {} WHERE false").format(listed, _name(table))
    )
    source = SQL("SELECT {} FROM {}").format(listed, _name(table))
    _copy(live, new, source, SQL("COPY carried ({}) FROM STDIN").format(listed))
    # All at once, and with NULL equal to NULL: of two long histories no row is compared with each of the other's.
    new.execute(
        SQL("INSERT INTO {} ({}) SELECT {} FROM carried EXCEPT ALL SELECT {} FROM {}").format(
            _name(table), listed, listed, listed, _name(table)
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
