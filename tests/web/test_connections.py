"""Whoever reads is not told that a connection was cut off; a database that is really down is not hidden."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import psycopg
import pytest
from fastapi.testclient import TestClient

from podium.settings import Settings
from podium.web.connections import CONNECTIONS_MAX, Connections, NoConnection
from tests.web import sample
from tests.web.sample import BOARD, START
from tests.web.test_serve import environment

PATHS = ("/", f"/b/{BOARD}", "/boards.json", f"/b/{BOARD}/1:1", "/readyz")
CUT_OFF = (
    "SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid())"
)


def test_every_answer_is_good_however_often_connections_are_cut_off(own: TestClient, owner: psycopg.Connection) -> None:
    with ThreadPoolExecutor(2 * CONNECTIONS_MAX) as readers:
        asked, cut, answered = [readers.submit(own.get, path) for path in PATHS * 40], 0, 0
        # Cut off by progress and not by the clock: on a busy machine a login may take longer than any pause.
        while pending := wait(asked, timeout=0.03).not_done:
            if len(asked) - len(pending) > answered:
                answered = len(asked) - len(pending)
                cut += owner.execute(CUT_OFF).fetchone()[0]  # type: ignore[index]
    assert {(path, one.result().status_code) for path, one in zip(PATHS * 40, asked, strict=True)} == {
        (path, 200) for path in PATHS
    }
    assert cut > CONNECTIONS_MAX


def test_what_fails_by_itself_is_not_asked_again(database: Settings) -> None:
    async def ask() -> None:
        connections = Connections(database.postgres.dsn("reader"))
        (first,) = await connections.fetch(b"SELECT pg_backend_pid(), set_config('statement_timeout', '50', false)")
        with pytest.raises(psycopg.errors.QueryCanceled):
            await connections.fetch(b"SELECT pg_sleep(60)")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            await connections.fetch(b"DELETE FROM ledger.snapshot")
        assert await connections.fetch(b"SELECT pg_backend_pid()") == [{"pg_backend_pid": first["pg_backend_pid"]}]
        await connections.close()

    asyncio.run(ask())


def test_a_server_that_says_nothing_or_has_no_room_is_told(database: Settings) -> None:
    async def ask(dsn: str, count: int, query: bytes = b"SELECT 1") -> list[object]:
        connections = Connections(dsn, patience=0.3)
        found = await asyncio.gather(*(connections.fetch(query) for _ in range(count)), return_exceptions=True)
        await connections.close()
        return [type(one) for one in found]

    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert asyncio.run(ask(f"postgresql://podium@127.0.0.1:{port}/none", 1)) == [NoConnection]
    assert asyncio.run(ask(f"postgresql://podium@127.0.0.1:{port}/none", 1)) == [psycopg.OperationalError]
    found = asyncio.run(ask(database.postgres.dsn("reader"), CONNECTIONS_MAX + 1, b"SELECT pg_sleep(1)"))
    assert sorted(map(str, found)) == sorted(map(str, [*[list] * CONNECTIONS_MAX, NoConnection]))


def test_watching_a_board_goes_on(owner: psycopg.Connection, database: Settings) -> None:
    command = [sys.executable, "-m", "podium", "board", "watch", BOARD, "--count", "2", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(database)) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        assert owner.execute(CUT_OFF).fetchone() == (1,)
        snapshot = sample.publish(owner, sample.SCORES[:3], START + timedelta(hours=1))
        second = json.loads(process.stdout.readline())
        assert process.wait(10) == 0
    assert (first["id"], second["snapshot"]) == (BOARD, str(snapshot))
    assert first["snapshot"] != second["snapshot"]
