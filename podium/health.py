"""For machines that watch a process without a page: /livez, /readyz, /metrics, /version on loopback."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from podium import __version__

TURN_SECONDS_MAX = 30.0
"""A loop that has not turned for so long is stuck: it neither works nor waits."""


class Health:
    """What a process answers about itself.

    `age` gives the seconds since its loop last turned, `ready` whether it can do its work now.
    """

    def __init__(self, registry: CollectorRegistry, age: Callable[[], float], ready: Callable[[], bool]) -> None:
        self.registry = registry
        self.age = age
        self.ready = ready

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and body for a path."""
        if path == "/metrics":
            return 200, CONTENT_TYPE_LATEST, generate_latest(self.registry)
        if path == "/livez":
            age = self.age()
            return _json({"alive": age < TURN_SECONDS_MAX, "turned_seconds_ago": round(age, 3)}, age < TURN_SECONDS_MAX)
        if path == "/readyz":
            ready = self.ready()
            return _json({"ready": ready}, ready)
        if path == "/version":
            return _json({"version": __version__})
        return 404, "application/json", b'{"error": "there is /livez, /readyz, /metrics, /version"}'


def _json(content: dict[str, Any], good: bool = True) -> tuple[int, str, bytes]:
    return 200 if good else 503, "application/json", json.dumps(content).encode()


@contextmanager
def served(health: Health, port: int) -> Iterator[str]:
    """Answer on loopback until left, at `port` or (0) any free one; yields the address."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content_type, body = health.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """A scrape every few seconds is not worth a line."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        address_family = socket.AF_INET

    with Server(("127.0.0.1", port), Answer) as server:
        Thread(target=server.serve_forever, args=[0.1], daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
