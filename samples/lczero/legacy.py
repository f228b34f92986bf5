"""Brings the rows of the old server over as events: `python -m samples.lczero.legacy SOURCE`, as often as one likes.

SOURCE is `env:NAME`, a variable with the address of the old database, or a file of JSON lines, each a row:
{"table": …, "row": {…}}. Rows keep their ids, and a row is the same event every time: a second run changes nothing.
Passwords are never read from a database, and dropped from a file.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier

from podium.client import Producer
from podium.errors import Problem
from podium.lines import explained, numbered
from podium.plain import plain
from schema.envelope import VALUE_BYTES_MAX, derived_id
from schema.refusal import Refused, failed

BEFORE_EVERYTHING = datetime(2018, 1, 1, tzinfo=UTC)
"""Time of rows that have none: whatever happens to a run later is newer."""

ROWS_A_FETCH = 2_000
SECRET = "password"
REFUSED_SHOWN_MAX = 1_000
"""Rows of which the reason is kept; the others are counted."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class BadLine:
    """A line of a dump that holds no row."""

    number: int
    why: Refused


Source = Iterable[tuple[str, Row] | BadLine]
"""Table and row."""


class _Line(msgspec.Struct):
    table: str
    row: dict[str, Any]


_read = msgspec.json.Decoder(_Line).decode
"""Strict: NaN, bytes that are no UTF-8 and documents that are too deep are errors."""


@dataclass(frozen=True)
class Legacy:
    """How a table becomes events: `columns` are fields under the same names, the id and others under new ones."""

    event: str
    id: str
    columns: tuple[str, ...]
    renamed: Mapping[str, str]
    time: str | None = None


def _legacy(event: str, id_: str, columns: str, time: str | None = None, **renamed: str) -> Legacy:
    return Legacy(f"chess.{event}.v1", id_, tuple(columns.split()), renamed, time)


TABLES: Mapping[str, Legacy] = {
    "users": _legacy("user.imported", "user_id", "username assigned_training_run_id"),
    "clients": _legacy(
        "client.imported", "client_id", "user_id client_name last_version last_engine_version last_game_at gpu_name"
    ),
    "networks": _legacy(
        "network.imported",
        "network_id",
        "training_run_id network_number sha path layers filters elo anchor elo_set",
        time="created_at",
    ),
    "training_runs": _legacy(
        "training_run.registered",
        "training_run_id",
        "description train_parameters match_parameters train_book match_book active permission_expr multi_net_mode",
        best_network_id="first_network_id",
    ),
    "matches": _legacy(
        "match.imported",
        "match_id",
        "training_run_id parameters candidate_id current_best_id games_created wins losses draws game_cap done passed"
        " test_only special_params target_slice",
    ),
    "match_games": _legacy(
        "match_game.imported",
        "match_game_id",
        "user_id match_id version pgn result done flip engine_version",
        time="created_at",
    ),
    "training_games": _legacy(
        "training_game.recorded",
        "training_game_id",
        "user_id client_id training_run_id network_id game_number version compacted engine_version resign_fp_threshold",
        time="created_at",
    ),
    "server_data": _legacy("server_data.imported", "server_data_id", "training_pgn_uploaded"),
}
"""Parents before children, so that nothing has to wait."""


def event_of(table: str, row: Row) -> tuple[str, dict[str, Any], datetime]:
    """Type, data and time of a row. Raises KeyError for a table that is no legacy table."""
    legacy = TABLES[table]
    names = {name: name for name in legacy.columns} | dict(legacy.renamed)
    data = {field: _plain(row[name]) for name, field in names.items() if _says(name, row.get(name))}
    time = row.get(legacy.time) if legacy.time else None
    return legacy.event, {legacy.id: row["id"], **data}, _moment(time)


def _says(name: str, value: Any) -> bool:
    """Whether a column holds anything: the old server writes 0 where it refers to nothing."""
    return not (value is None or (name.endswith("_id") and value == 0) or value != value)


def _plain(value: Any) -> Any:
    """As JSON has it."""
    match value:
        case datetime():
            return _moment(value).isoformat()
        case Decimal():
            return float(value)
    return value


def _moment(value: datetime | date | str | None) -> datetime:
    if value is None:
        return BEFORE_EVERYTHING
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    assert isinstance(found, datetime), found
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def rows_of_database(url: str) -> Iterator[tuple[str, Row]]:
    """Rows of the legacy tables that are there, without secrets, in the order of their ids."""
    # A server of others, of any version: nothing is written there, and nothing of ours is pinned but how values travel.
    with psycopg.connect(url, client_encoding="UTF8") as connection:
        connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        connection.execute("SET datestyle = ISO")
        connection.execute("SET timezone = 'UTC'")
        connection.commit()
        for table, legacy in TABLES.items():
            if connection.execute("SELECT to_regclass(%s)", [table]).fetchone() != (None,):
                yield from _rows(connection, table, legacy)


def _rows(connection: psycopg.Connection[Any], table: str, legacy: Legacy) -> Iterator[tuple[str, Row]]:
    wanted = ["id", *legacy.columns, *legacy.renamed, *([legacy.time] if legacy.time else [])]
    query = SQL("SELECT {} FROM {} ORDER BY id").format(SQL(", ").join(map(Identifier, wanted)), Identifier(table))
    with connection.cursor(f"legacy_{table}", row_factory=dict_row) as cursor:
        cursor.itersize = ROWS_A_FETCH
        for row in cursor.execute(query):
            yield table, row


def rows_of_file(path: Path) -> Iterator[tuple[str, Row] | BadLine]:
    """Rows of a dump, without secrets, to its end; tables that nobody knows are left out. Raises OSError."""
    with path.open("rb") as file:
        for line in numbered(file, VALUE_BYTES_MAX):
            if line.content is None:
                what = f"{line.size} bytes of at most {VALUE_BYTES_MAX}; no event holds such a row"
                yield BadLine(line.number, Refused("too-large", what))
            elif line.content.strip():
                try:
                    found = _read(line.content)
                except (msgspec.MsgspecError, ValueError, RecursionError) as error:
                    what = f'{error}; a line is {{"table": …, "row": {{…}}}} in UTF-8'
                    yield BadLine(line.number, explained(line, Refused("not-json", what)))
                    continue
                if found.table in TABLES:
                    yield found.table, {name: value for name, value in found.row.items() if name != SECRET}


def bring_over(source: Source, publish: Callable[..., Any]) -> tuple[Counter[str], list[str]]:
    """Publish every row as `publish(type, data, time=…, id=…)`: how many of each table, and why which were refused.

    No row ends the others, whatever it holds. Raises Problem and what `source` raises.
    """
    counts: Counter[str] = Counter()
    refused: list[str] = []
    total = 0
    for found in source:
        why = f"line {found.number}: {found.why}" if isinstance(found, BadLine) else _published(*found, publish)
        if why is None and not isinstance(found, BadLine):
            counts[found[0]] += 1
        elif why is not None:
            total += 1
            refused += [plain(why)] if total <= REFUSED_SHOWN_MAX else []
    if total > len(refused):
        refused.append(f"and {total - len(refused):,} more")
    return counts, refused


def _published(table: str, row: Row, publish: Callable[..., Any]) -> str | None:
    """Publish a row; why not, if it is refused. Raises Problem."""
    try:
        type_, data, time = event_of(table, row)
        publish(type_, data, time=time, id=derived_id("chess.legacy", table, row["id"]))
    except Refused as refused:
        return f"{table} {row.get('id')}: {refused}"
    except (Problem, MemoryError):
        raise
    except Exception as error:
        return f"{table} {row.get('id')}: {failed(error)}"
    return None


def _source(given: str) -> Source:
    name = given.removeprefix("env:")
    if name == given:
        path = Path(given)
        if not path.is_file():
            raise SystemExit(f"{path} is no file: name a dump of JSON lines, or env:NAME")
        return rows_of_file(path)
    if not os.environ.get(name):
        raise SystemExit(f"the variable {name} is not set: put the address of the old database there")
    return rows_of_database(os.environ[name])


def main() -> None:
    """Read the command line, publish and say how much."""
    parser = argparse.ArgumentParser(prog="python -m samples.lczero.legacy", description=__doc__)
    parser.add_argument("source", help="a file of JSON lines, or `env:NAME`: the variable that holds the address")
    source = _source(parser.parse_args().source)
    with Producer(source="lczero/legacy") as producer:
        counts, refused = bring_over(source, producer.publish)
    for table, count in counts.items():
        print(f"{count:>12,} {table}")
    if refused:
        raise SystemExit("\n".join(refused))


if __name__ == "__main__":
    main()
