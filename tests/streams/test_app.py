"""The Faust application: hosts loops, answers for them, ends in time; a loop that fails is kept running."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from schema.heartbeat import Heartbeat
from streams.app import KINDS, host, loops, run
from streams.supervise import keep
from tests.streams.conftest import DEADLINE_SECONDS, World, until

SERVE = """
import json, sys
from schema import DOMAINS
from streams.app import serve
kafka, dsn, namespace, port = json.loads(sys.argv[1])
sys.exit(serve(("score", "watch", "rank"), DOMAINS[:1], kafka, dsn, namespace=namespace, web_port=port))
"""


class Counting:
    """A loop that fails as often as it is told to, then turns."""

    def __init__(self, failures: int = 0) -> None:
        self.name = "counting"
        self.heartbeat = Heartbeat(self.name)
        self.failures = failures

    def run(self, stop: Event) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("not yet")
        while not stop.wait(0.01):
            self.heartbeat.record_turn()
            self.heartbeat.record_done(1)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def counting(failures: str, port: str, fatal: str) -> None:
    """Host a counting loop in this process; with `fatal` its failures are."""
    application = host([Counting(int(failures))], web_port=int(port) or None, fatal=(ConnectionError,) if fatal else ())
    sys.exit(run(application))


@contextmanager
def process(code: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Faust keeps state of its process, so each application has one."""
    started = subprocess.Popen([sys.executable, "-c", code, *arguments])
    try:
        yield started
    finally:
        started.kill()
        started.wait()


COUNTING = "import sys; from tests.streams.test_app import counting; counting(*sys.argv[1:])"


def test_pages_tell_of_the_loops_and_the_application_ends_when_told() -> None:
    port = free_port()
    with process(COUNTING, "1", str(port), "") as one:
        until(lambda: get(port, "/readyz")[0] == 200)
        assert get(port, "/livez") == (200, '{"alive":true,"stuck":[]}')
        status, metrics = get(port, "/metrics")
        assert status == 200
        assert 'podium_loop_restarts_total{loop="counting"} 1.0' in metrics
        one.send_signal(signal.SIGTERM)
        assert one.wait(DEADLINE_SECONDS) == 0


IDLE = "import sys; from streams.app import host, run; sys.exit(run(host([], web_port=int(sys.argv[1]))))"


def test_an_application_without_a_loop_waits_until_it_is_told() -> None:
    port = free_port()
    with process(IDLE, str(port)) as one:
        until(lambda: get(port, "/livez")[0] == 200)
        one.send_signal(signal.SIGTERM)
        assert one.wait(DEADLINE_SECONDS) == 0


def test_a_loop_that_cannot_go_on_ends_the_application_with_a_failure() -> None:
    with process(COUNTING, "1", "0", "fatal") as one:
        assert one.wait(DEADLINE_SECONDS) == 1


def test_a_failure_is_raised_only_if_it_is_fatal() -> None:
    stop = Event()
    with pytest.raises(ConnectionError):
        keep(Counting(failures=1), stop, (ConnectionError,))
    kept = Counting(failures=2)
    thread = Thread(target=keep, args=(kept, stop), daemon=True)
    thread.start()
    until(lambda: kept.heartbeat.done > 0)
    stop.set()
    thread.join(5)
    assert kept.heartbeat.restarts == 2


def test_one_process_hosts_every_stream_and_stops_within_seconds(world: World) -> None:
    assert [loop.name for loop in loops(world.log, world.dsn, [world.domain], KINDS)] == [
        "podium.score.evaluation", "podium.sweep.evaluation", "podium.watch.evaluation",
        "podium.rank.evaluation.accuracy", "podium.rank.evaluation.overall",
    ]  # fmt: skip
    port = free_port()
    given: list[Any] = [world.log.kafka, world.dsn, world.log.namespace, port]
    with process(SERVE, json.dumps(given)) as one:
        until(lambda: get(port, "/readyz")[0] == 200 or one.poll() is not None)
        assert get(port, "/livez")[0] == 200
        asked = time.monotonic()
        one.send_signal(signal.SIGTERM)
        assert one.wait(DEADLINE_SECONDS) == 0
        assert time.monotonic() - asked < 10
