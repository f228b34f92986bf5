"""What a domain's story comes to: tables, boards and what the ledger still holds, as JSON that people can read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Identifier
from sqlalchemy import Table

from schema.declare import Domain
from schema.logged import logged
from streams.rank import entries
from tests.consumers.worker import Worker
from tests.log import Log, story

Outcome = dict[str, Any]


def play(connection: Connection[Any], domain: Domain, lines: Iterable[Mapping[str, Any]] | None = None) -> Worker:
    """Read the domain's story, or other lines, partition by partition in one batch each; the worker that did."""
    log = Log((domain,))
    log.extend(story(domain) if lines is None else lines)
    worker = Worker(connection, (domain,), log)
    worker.take(log.entries)
    worker.finish()
    return worker


def outcome_of(connection: Connection[Any], domain: Domain) -> Outcome:
    """Tables, boards, what waits and what is dead, in a fixed order and without bookkeeping."""
    with connection.transaction():
        connection.execute("SET LOCAL timezone TO 'UTC'")
        return {
            "tables": {table.name: _rows(connection, domain, table) for table in domain.tables},
            "boards": boards(connection, domain),
            "waiting": _ledger(connection, "parked", "subject, parent_table, parent_key"),
            "dead": _ledger(
                connection, "dead", "\"type\", reason, convert_from(value, 'UTF8')::jsonb -> 'data' AS data"
            ),
        }


def boards(connection: Connection[Any], domain: Domain) -> dict[str, Any]:
    """Entries of every board as it would be cut now, by the board's id."""
    found = {id_: text for board in domain.boards for id_, text in entries(connection, domain, board)}
    return {id_: json.loads(found[id_]) for id_ in sorted(found)}


def _rows(connection: Connection[Any], domain: Domain, table: Table) -> list[Any]:
    names = logged(domain, table)
    query = SQL("SELECT to_json(t) FROM (SELECT {} FROM {}) AS t").format(
        SQL(", ").join(map(Identifier, names)), Identifier(str(table.schema), table.name)
    )
    return sorted((row for (row,) in connection.execute(query)), key=lambda row: json.dumps(row))


def _ledger(connection: Connection[Any], table: str, columns: str) -> list[Any]:
    query = f"SELECT to_json(t) FROM (SELECT {columns} FROM ledger.{table}) AS t"
    return sorted((row for (row,) in connection.execute(query.encode())), key=lambda row: json.dumps(row))


def path_of(domain: Domain) -> Path:
    """Where the expected outcome lies: beside the story."""
    return domain.folder / "story.expected.json"


def written(found: Outcome) -> str:
    """As it is checked in: a row or an entry a line."""
    return _object(found, "") + "\n"


def _object(members: Mapping[str, Any], indent: str) -> str:
    lines = [f"{indent} {json.dumps(name)}: {_value(value, indent + ' ')}" for name, value in members.items()]
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}" if lines else "{}"


def _value(value: Any, indent: str) -> str:
    if isinstance(value, dict):
        return _object(value, indent)
    lines = [f"{indent} {json.dumps(each, ensure_ascii=False)}" for each in value]
    return "[\n" + ",\n".join(lines) + f"\n{indent}]" if lines else "[]"
