"""Which parents are known to be there: a cache that learns after commit, and one probe a table for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from consumers.plan import Landed, Parent, column_type, qualified
from consumers.record import Decoded, Waiting

KNOWN_MAX = 500_000
"""Keys that the cache holds before it starts anew."""

Key = tuple[str, tuple[str, ...], tuple[Any, ...]]
"""Parent table, its columns, their values."""


class References:
    """Known parents of one connection's lifetime; emptied on reconnect, on revoke, and when one turned out gone."""

    def __init__(self) -> None:
        self._known: set[Key] = set()
        self._seen: set[Key] = set()

    def forget(self) -> None:
        """Know nothing: parents may have gone."""
        self._known.clear()
        self._seen.clear()

    def committed(self) -> None:
        """What the transaction saw is there for all."""
        if len(self._known) > KNOWN_MAX:
            self._known.clear()
        self._known |= self._seen
        self._seen.clear()

    def rolled_back(self) -> None:
        """What the transaction saw may never have been."""
        self._seen.clear()

    def missing(
        self, connection: Connection[Any], pairs: Sequence[tuple[Decoded, Sequence[Landed]]]
    ) -> dict[int, Waiting]:
        """Index of a record -> the first row that it names and that is not there."""
        wanted = [self._wanted(record, landings) for record, landings in pairs]
        unknown = {key: parent for keys in wanted for key, parent in keys}
        self._probe(connection, unknown)
        found: dict[int, Waiting] = {}
        for n, keys in enumerate(wanted):
            for key, parent in keys:
                if key not in self._seen:
                    values = dict(zip(parent.columns, key[2], strict=True))
                    found[n] = Waiting(pairs[n][0], parent.table.fullname, values)
                    break
        return found

    def _wanted(self, record: Decoded, landings: Sequence[Landed]) -> list[tuple[Key, Parent]]:
        wanted = []
        for landed in landings:
            for parent in landed.parents:
                values = parent.read(record.e.data)
                key = (parent.table.fullname, parent.columns, values)
                if None not in values and key not in self._known:
                    wanted.append((key, parent))
        return wanted

    def _probe(self, connection: Connection[Any], unknown: dict[Key, Parent]) -> None:
        groups: dict[tuple[str, tuple[str, ...]], list[Key]] = {}
        for key in unknown:
            if key not in self._seen:
                groups.setdefault(key[:2], []).append(key)
        for keys in groups.values():
            parent = unknown[keys[0]]
            columns = [[key[2][n] for key in keys] for n in range(len(parent.columns))]
            rows = connection.execute(probe(parent), columns).fetchall()
            self._seen.update(keys[row[0] - 1] for row in rows)


@cache
def probe(parent: Parent) -> bytes:
    """SQL: arrays of key columns -> the ordinal numbers of those that are there."""
    arrays = SQL(", ").join(SQL("%s::{}[]").format(column_type(parent.table.c[name])) for name in parent.columns)
    names = SQL(", ").join(Identifier(name) for name in parent.columns)
    matches = SQL(" AND ").join(SQL("p.{0} = u.{0}").format(Identifier(name)) for name in parent.columns)
    return (
        SQL("SELECT u.n FROM unnest({}) WITH ORDINALITY AS u ({}, n) WHERE EXISTS (SELECT FROM {} p WHERE {})")
        .format(arrays, names, qualified(parent.table), matches)
        .as_bytes()
    )
