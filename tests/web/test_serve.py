"""The command `podium serve`: says where, stops at a signal, explains a taken port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from podium.cli import serve
from podium.settings import Settings, Web

COMMAND = [sys.executable, "-c", "from podium.cli.main import run; run()", "serve", "--port", "0"]


def environment(settings: Settings) -> dict[str, str]:
    """Variables under which the command reaches the services of the tests."""
    return os.environ | {
        "PODIUM_KAFKA__BOOTSTRAP": settings.kafka.bootstrap,
        "PODIUM_POSTGRES__URL": settings.postgres.dsn("owner"),
        "PODIUM_POSTGRES__READER_URL": settings.postgres.dsn("reader"),
    }


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_serves_and_stops_at_a_signal(shown: Settings, sent: signal.Signals) -> None:
    with subprocess.Popen(COMMAND, stderr=subprocess.PIPE, text=True, env=environment(shown)) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        address = next(word for word in line.split() if word.startswith("http"))
        with urllib.request.urlopen(f"{address}live") as stream:
            assert stream.readline() == b": still here\n"
            asked = time.monotonic()
            process.send_signal(sent)
            stream.read()
            code = process.wait(10)
    assert time.monotonic() - asked < 2
    assert code == 0


def test_a_taken_port_is_explained() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(serve.AddressTaken, match=f"127.0.0.1 port {port}.*in use"):
            serve.listen(Web(port=port))


@pytest.mark.parametrize(
    ("host", "shown_as"),
    [("127.0.0.1", "http://127.0.0.1:"), ("0.0.0.0", "http://127.0.0.1:"), ("::1", "http://[::1]:")],
)
def test_the_address_opens_in_a_browser_on_this_machine(host: str, shown_as: str) -> None:
    web = Web(host=host, port=0)
    with serve.listen(web) as listening:
        assert serve.url(web, listening).startswith(shown_as)
