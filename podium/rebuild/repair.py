"""Repair: rows of live tables put back to what the log says, each with an audit row, while positions stand still."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from threading import Event
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Composed, Identifier, Placeholder
from psycopg.types.json import Jsonb

from podium import session
from podium.errors import Problem
from podium.proof import scratch
from podium.rebuild import beginning, plan
from podium.rebuild.carry import quiet
from podium.rebuild.digest import Difference, Key, Rows, reading
from podium.rebuild.fill import fill
from podium.rebuild.prove import Step
from podium.rebuild.run import who
from podium.rebuild.swap import standing
from podium.settings import Settings
from podium.sql import load
from schema.declare import PLACE, Domain
from schema.session import LONG

ROWS_MAX = 10_000
"""More rows than that are no repair but a rebuild."""
ORDER = "Repair first the table that it names: missing rows before those that refer to them, extra ones after them."


class NoSuchKey(Problem):
    """A key does not name the columns by which the log knows a row."""

    code = "PD095"
    exit_code = 2


class Refused(Problem):
    """A row cannot be put back while another one of other tables is wrong."""

    code = "PD102"


class TooMany(Problem):
    """So many rows differ that the tables should be rebuilt."""

    code = "PD096"


def keyed(rows: Rows, text: str) -> dict[str, str]:
    """A key given as `column=value,…`, as `podium verify` prints it. Raises NoSuchKey."""
    # A value may have commas: what begins the next one is a column's name.
    names = "|".join(map(re.escape, rows.keys))
    before, *parts = re.split(rf"(?:^|,)\s*({names})=", text)
    given = dict(zip(parts[::2], parts[1::2], strict=True))
    if before.strip() or len(parts) != 2 * len(rows.keys) or len(given) != len(rows.keys):
        raise _unknown(rows, text)
    return given


def _unknown(rows: Rows, text: str) -> NoSuchKey:
    example = ", ".join(f"{name}=…" for name in rows.keys)
    return NoSuchKey(f"{text}: rows of {rows.name} are known by {', '.join(rows.keys)}", f"Give {example}")


def _typed(settings: Settings, rows: Rows, given: Mapping[str, str]) -> Key:
    """A key as the tables have it, whichever way its values are written. Raises NoSuchKey."""
    try:
        with reading(settings.postgres.dsn("owner")) as connection:
            return rows.key_of(connection, [given[name] for name in rows.keys])
    except psycopg.DataError as error:
        raise _unknown(rows, str(error).splitlines()[0]) from None


def repair(
    settings: Settings, domains: Sequence[Domain], rows: Rows, keys: Sequence[Mapping[str, str]], why: str = "",
    step: Step = lambda _: None, stop: Event | None = None,
) -> list[Difference]:  # fmt: skip
    """Put rows of one table back to what the log says; all that differ if no key is given. Returns what they were.

    Raises NoSuchKey, TooMany, Refused, what `fill` and `beginning.begin` raise, psycopg errors.
    """
    wanted = {_typed(settings, rows, key) for key in keys}
    with scratch(settings.postgres, step) as log:
        with session.connect(settings.postgres.dsn("owner"), LONG, autocommit=True) as live:
            until = plan.positions(live, domains)
        beginning.begin(settings, log, domains, until, step)
        step("reading the log")
        fill(settings, log, domains, until, stop=stop)
        with standing(settings.postgres) as keeper:
            step("live stands still")
            fill(settings, log, domains, plan.positions(keeper, domains), stop=stop)
            found = _wrong(settings, log.dsn("owner"), rows, wanted)
            with reading(log.dsn("owner")) as there:
                try:
                    _put_back(keeper, there, rows, found, why)
                    keeper.commit()
                except psycopg.IntegrityError as error:
                    raise Refused(f"{rows.name}: {error.diag.message_detail or str(error).strip()}", ORDER) from None
    return found


def _wrong(settings: Settings, log: str, rows: Rows, wanted: Collection[Key]) -> list[Difference]:
    found = []
    with reading(settings.postgres.dsn("owner")) as live, reading(log) as there:
        for one in rows.differences(live, there):
            if not wanted or one.key in wanted:
                found.append(one)
            if len(found) > ROWS_MAX:
                raise TooMany(f"more than {ROWS_MAX} rows of {rows.name} differ", "podium rebuild --swap --accept")
    return found


def _put_back(live: Connection[Any], log: Connection[Any], rows: Rows, found: Sequence[Difference], why: str) -> None:
    """Change, insert and delete rows with the table's triggers off: what they would count, the log has counted."""
    placed = [name for name in PLACE if name in rows.table.c]
    names = [*rows.shown, *placed]
    with quiet(live, rows.table):
        for one in found:
            key = {f"key{n}": value for n, value in enumerate(one.key)}
            if len(one.live) == len(one.log) == 1:
                values = _full(log, rows, names, key)[0]
                live.execute(_update(rows, names), {**key, **values})
            else:
                live.execute(SQL("DELETE FROM {} WHERE {}").format(rows.place, rows.is_key), key)
                for values in _full(log, rows, names, key):
                    live.execute(_insert(rows, names), values)
            live.execute(load("repair_record"), _audit(rows, one, why))


def _full(log: Connection[Any], rows: Rows, names: Sequence[str], key: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The log's rows of a key, with their places, in text that any type reads."""
    listed = SQL(", ").join(SQL("{}::text").format(Identifier(name)) for name in names)
    query = SQL("SELECT {} FROM {} WHERE {}").format(listed, rows.place, rows.is_key)
    return [{f"v{n}": value for n, value in enumerate(row)} for row in log.execute(query, key)]


def _update(rows: Rows, names: Sequence[str]) -> Composed:
    pairs = ((Identifier(name), _given(rows, n, name)) for n, name in enumerate(names))
    sets = SQL(", ").join(SQL("{} = {}").format(*pair) for pair in pairs)
    return SQL("UPDATE {} SET {} WHERE {}").format(rows.place, sets, rows.is_key)


def _insert(rows: Rows, names: Sequence[str]) -> Composed:
    return SQL("INSERT INTO {} ({}) VALUES ({})").format(
        rows.place,
        SQL(", ").join(map(Identifier, names)),
        SQL(", ").join(_given(rows, n, name) for n, name in enumerate(names)),
    )


def _given(rows: Rows, number: int, name: str) -> Composed:
    return SQL("{}::text::{}").format(Placeholder(f"v{number}"), rows.type_of(name))


def _audit(rows: Rows, one: Difference, why: str) -> dict[str, Any]:
    either = (one.live or one.log)[0]
    return {
        "by": who(),
        "why": why,
        "relation": rows.name,
        "key": Jsonb({name: either[name] for name in rows.keys}),
        "before": Jsonb(one.live),
        "after": Jsonb(one.log),
    }
