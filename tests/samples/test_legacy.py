"""The old chess server's rows: each comes over once, whole, under its id, and without its password."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from consumers.plan import column_type
from podium.settings import Settings
from samples.lczero.legacy import TABLES, BadLine, Legacy, bring_over, event_of, rows_of_database, rows_of_file
from schema.chess import DOMAIN
from schema.refusal import Refused
from tests.consumers.worker import Worker
from tests.log import Log

WHEN = datetime(2019, 5, 1, 12, 30, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
ROWS: dict[str, list[dict[str, Any]]] = {
    "users": [{"id": 7, "username": "ana", "password": PASSWORD, "assigned_training_run_id": 0}],
    "clients": [{"id": 8, "user_id": 7, "client_name": "rig7_0", "last_version": 34, "last_game_at": WHEN}],
    "networks": [
        {"id": n, "created_at": WHEN, "training_run_id": 1, "network_number": n, "sha": f"{n}" * 64, "elo": 1.5 * n,
         "anchor": n == 1, "elo_set": False}
        for n in (1, 2)
    ],
    "training_runs": [{"id": 1, "best_network_id": 2, "description": "main", "active": True, "multi_net_mode": False}],
    "matches": [
        {"id": 5, "training_run_id": 1, "candidate_id": 2, "current_best_id": 1, "wins": 9, "losses": 0, "draws": 0,
         "done": True, "passed": True, "test_only": False, "special_params": False, "game_cap": 4}
    ],
    "match_games": [
        {"id": n, "created_at": WHEN, "user_id": 7, "match_id": 5, "result": 1, "done": n < 3, "flip": n == 2}
        for n in (1, 2, 3)
    ],
    "training_games": [
        {"id": 3, "created_at": WHEN, "user_id": 7, "client_id": 8, "training_run_id": 1, "network_id": 2,
         "game_number": 100, "resign_fp_threshold": -1.0}
    ],
    "server_data": [{"id": 1, "training_pgn_uploaded": 41}],
}  # fmt: skip


@pytest.fixture
def old(services: Settings) -> Iterator[str]:
    """Address of a database as the old server has it."""
    name = f"t{os.getpid()}_legacy"
    with psycopg.connect(services.postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        dsn = services.postgres.at(name).dsn("owner")
        with psycopg.connect(dsn, autocommit=True) as inside:
            _fill(inside)
        yield dsn
        connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def _fill(connection: Connection[Any]) -> None:
    for table in DOMAIN.tables:
        if table.name not in ROWS:
            continue
        own = TABLES[table.name]
        names = ["id", *own.columns, *own.renamed, *_stored(own)]
        names += ["password"] if table.name == "users" else []
        columns = SQL(", ").join(
            SQL("{} {}").format(Identifier(name), column_type(table.c[name])) for name in dict.fromkeys(names)
        )
        connection.execute(SQL("CREATE TABLE {} ({})").format(Identifier(table.name), columns))
        for row in ROWS[table.name]:
            connection.execute(
                SQL("INSERT INTO {} ({}) VALUES ({})").format(
                    Identifier(table.name),
                    SQL(", ").join(map(Identifier, row)),
                    SQL(", ").join([SQL("%s")] * len(row)),
                ),
                list(row.values()),
            )


def _stored(own: Legacy) -> list[str]:
    return [own.time] if own.time else []


class Publisher:
    """Publishes to a log in memory, as a producer would."""

    def __init__(self) -> None:
        self.log = Log((DOMAIN,))
        self.lines: list[dict[str, Any]] = []

    def publish(self, type_: str, data: dict[str, Any], *, time: datetime, id: Any) -> str:
        line = {"type": type_, "time": time.isoformat(), "data": data}
        self.log.append(line)
        self.lines.append({**line, "id": str(id)})
        return str(id)


@pytest.fixture
def connection(database: Settings) -> Iterator[Connection[Any]]:
    with psycopg.connect(database.postgres.dsn("consumer"), autocommit=True) as one:
        yield one


def test_rows_come_over_once_and_again_nothing_changes(
    old: str, connection: Connection[Any], database: Settings
) -> None:
    publisher = Publisher()
    for _ in range(2):
        counts, refused = bring_over(rows_of_database(old), publisher.publish)
        assert counts == {table: len(rows) for table, rows in ROWS.items()}
        assert refused == []
    half = len(publisher.lines) // 2
    assert publisher.lines[:half] == publisher.lines[half:]
    assert PASSWORD not in json.dumps(publisher.lines)
    worker = Worker(connection, (DOMAIN,), publisher.log)
    worker.take(publisher.log.entries)
    worker.finish()
    for table, rows in ROWS.items():
        derived = {"best_network_id"} if table == "training_runs" else set()
        for row in rows:
            names = [name for name in row if name not in {"password", *derived}]
            query = SQL("SELECT {} FROM {} WHERE id = %s").format(
                SQL(", ").join(map(Identifier, names)), Identifier("chess", table)
            )
            kept = connection.execute(query, [row["id"]]).fetchone()
            wanted = (None if name == "assigned_training_run_id" else row[name] for name in names)
            assert kept == tuple(wanted), table
    assert connection.execute("SELECT best_network_id, last_game FROM chess.training_runs").fetchall() == [(2, 100)]
    with psycopg.connect(database.postgres.dsn("owner")) as owner:
        assert owner.execute("SELECT count(password) FROM chess.users").fetchall() == [(0,)]
    assert connection.execute("SELECT count(*) FROM ledger.dead").fetchall() == [(0,)]
    assert connection.execute("SELECT anomaly FROM chess.anomalies").fetchall() == [
        ("legacy match shows more games than it has",)
    ]


def test_a_dump_is_read_without_its_passwords(tmp_path: Path) -> None:
    path = tmp_path / "dump.jsonl"
    lines = [{"table": table, "row": row} for table in ("users", "networks") for row in ROWS[table]]
    text = "\n".join(json.dumps(line, default=str) for line in [*lines, {"table": "schema_migrations", "row": {}}])
    path.write_text(text, encoding="utf-8")
    found = [row for row in rows_of_file(path) if not isinstance(row, BadLine)]
    assert [table for table, _ in found] == ["users", "networks", "networks"]
    assert "password" not in found[0][1]
    assert event_of(*found[1])[2] == WHEN


HOSTILE = [
    b'{"table": "users", "row": {"id": 7, "username": "\xff"}}',
    b'{"table": "networks", "row": {"id": 2, "elo": NaN}}',
    b'{"table": "users", "row": [1]}',
    b"[" * 200_000,
    b'{"table": "users", "row": {"username": "' + b"a" * 3_000_000 + b'"}}',
    b'{"table": "users", "row": {"username": "without an id"}}',
    b'{"table": "networks", "row": {"id": 2, "created_at": "yesterday\\u001b[2J"}}',
    b'{"table": "networks", "row": {"id": 2, "created_at": 1e300}}',
]


def test_no_line_of_a_dump_ends_the_others(tmp_path: Path) -> None:
    path = tmp_path / "dump.jsonl"
    good = json.dumps({"table": "users", "row": ROWS["users"][0]}).encode()
    path.write_bytes(b"\xef\xbb\xbf" + good + b"\r\n\n" + b"\n".join([*HOSTILE, good]))
    publisher = Publisher()
    counts, refused = bring_over(rows_of_file(path), publisher.publish)
    assert counts == {"users": 2}
    assert len(refused) == len(HOSTILE)
    assert all(line.isprintable() for line in refused)
    counts, refused = bring_over((BadLine(n, Refused("not-json", "x")) for n in range(5000)), publisher.publish)
    assert (counts, len(refused), refused[-1]) == ({}, 1001, "and 4,000 more")


def test_a_row_that_is_none_is_told_and_the_others_come() -> None:
    publisher = Publisher()

    def publish(type_: str, data: dict[str, Any], **more: Any) -> str:
        if data.get("network_id") == 1:
            raise Refused("value", "sha: must be 64 hexadecimal digits")
        return publisher.publish(type_, data, **more)

    counts, refused = bring_over((("networks", row) for row in ROWS["networks"]), publish)
    assert counts == {"networks": 1}
    assert len(refused) == 1
    assert refused[0].startswith("networks 1: ")
