"""What a client may do to the page without harm to others: half a request, another origin, an odd URL of a reader."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from podium.cli import serve
from podium.settings import Settings
from podium.web.app import create
from tests.web.conftest import until
from tests.web.sample import BOARD

HEADER_SECONDS = 0.5
ORIGIN = "https://ranks.example"
ORIGINS = [("", None), ("https://other.example", None), (f"{ORIGIN}/, x", ORIGIN), ("*", "*")]


HALF = b"GET / HTTP/1.1\r\nHost: page\r\n"
WHOLE = b"GET /livez HTTP/1.1\r\nHost: page\r\n\r\n"


@pytest.mark.parametrize(
    "sent", [b"", HALF, WHOLE + HALF, WHOLE.replace(b"\r\n\r\n", b"\r\nContent-Length: 9\r\n\r\n")]
)
def test_half_open_connections_are_closed_however_often_a_byte_comes(shown: Settings, sent: bytes) -> None:
    with half_open(shown) as (server, port), socket.create_connection(("127.0.0.1", port), 30) as client:
        client.sendall(sent)
        client.settimeout(0.1)
        until(lambda: server.server_state.connections)

        def closed() -> bool:
            with contextlib.suppress(TimeoutError, OSError):
                client.sendall(b"x")  # of a header that never ends, or of a body
                client.recv(4096)
            return not server.server_state.connections

        until(closed, 20)


def test_a_request_that_takes_long_is_not_half_open(shown: Settings) -> None:
    with half_open(shown) as (_, port), socket.create_connection(("127.0.0.1", port), 30) as client:
        client.sendall(b"GET /live HTTP/1.1\r\nHost: page\r\n\r\n")
        found, began = b"", time.monotonic()
        while b"id: " not in found or time.monotonic() - began < 3 * HEADER_SECONDS:
            client.settimeout(30)
            with contextlib.suppress(TimeoutError):
                client.settimeout(0.2)
                part = client.recv(65536)
                assert part
                found += part
        assert b"text/event-stream" in found


@contextlib.contextmanager
def half_open(settings: Settings) -> Iterator[tuple[serve.Server, int]]:
    """A page that waits for headers for a part of a second."""
    with serve.listen(settings.web.model_copy(update={"port": 0})) as listening:
        server = serve.Server(create(settings), header_seconds=HEADER_SECONDS)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        until(lambda: server.started)
        yield server, listening.getsockname()[1]
        server.handle_exit(15, None)
        thread.join()


@pytest.mark.parametrize(("origins", "answered"), ORIGINS)
def test_other_origins_may_read_only_where_a_setting_says_so(
    shown: Settings, origins: str, answered: str | None
) -> None:
    web = shown.web.model_copy(update={"cors_origins": origins})
    with TestClient(create(shown.model_copy(update={"web": web}))) as asking:
        headers = asking.get("/boards.json", headers={"Origin": ORIGIN}).headers
    assert headers.get("access-control-allow-origin") == answered
    assert ("Origin" in headers["vary"]) == bool(origins)


def test_a_reader_whose_url_asks_for_a_server_that_writes_is_served(shown: Settings) -> None:
    url = psycopg.conninfo.make_conninfo(shown.postgres.dsn("reader"), target_session_attrs="read-write")
    postgres = shown.postgres.model_copy(update={"reader_url": SecretStr(url)})
    with TestClient(create(shown.model_copy(update={"postgres": postgres}))) as asking:
        assert asking.get("/readyz").json() == {"ready": True}
        assert asking.get("/").status_code == 200


def test_answers_are_timed_by_kind_of_page(shown: Settings) -> None:
    with TestClient(create(shown)) as asking:
        asking.get(f"/b/{BOARD}")
        asking.get(f"/b/{BOARD}/1:1")
        asking.get("/nowhere/x/y")
        told = asking.get("/metrics").text
    for kind in ("board", "entry", "other"):
        assert f'podium_web_seconds_count{{page="{kind}"}} 1.0' in told
