"""For machines that watch a process without a page: /livez, /readyz, /metrics, /version."""

import json
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from podium import __version__
from schema.heartbeat import Heartbeat

TURN_SECONDS_MAX = 60.0
"""A loop that has not turned for so long is stuck: it neither works nor waits."""

REQUEST_SECONDS_MAX = 5.0
"""A connection that has not sent its request by then is closed."""


class Health:
    """What a process answers about its loops; `registry` holds what else it counts."""

    def __init__(self, registry: CollectorRegistry, heartbeats: Sequence[Heartbeat]) -> None:
        self.registry = registry
        self.heartbeats = heartbeats
        registry.register(LoopMetrics(heartbeats))

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and body for a path."""
        if path == "/metrics":
            return 200, CONTENT_TYPE_LATEST, generate_latest(self.registry)
        if path == "/livez":
            return self._alive()
        if path == "/readyz":
            return self._ready()
        if path == "/version":
            return _json({"version": __version__})
        return 404, "application/json", b'{"error": "there is /livez, /readyz, /metrics, /version"}'

    def _alive(self) -> tuple[int, str, bytes]:
        stuck = [one.name for one in self.heartbeats if one.age_seconds >= TURN_SECONDS_MAX and not one.ended]
        turned = round(max((one.age_seconds for one in self.heartbeats), default=0.0), 3)
        return _json({"alive": not stuck, "turned_seconds_ago": turned, "stuck": stuck}, not stuck)

    def _ready(self) -> tuple[int, str, bytes]:
        """False while a loop can't work, and while a key, board, timer or partition of one stands still."""
        waiting = {one.name: one.error or one.waits_for for one in self.heartbeats if not one.is_able}
        still = {
            one.name: {subject: failure.error for subject, failure in one.failures.items()}
            for one in self.heartbeats
            if one.failures
        }
        if not waiting and not still:
            return _json({"ready": True})
        return _json({"ready": False, "waiting": waiting, "stands_still": still}, good=False)


class LoopMetrics:
    """Signs of life of some loops as metrics."""

    def __init__(self, heartbeats: Sequence[Heartbeat]) -> None:
        self.heartbeats = heartbeats

    def collect(self) -> Iterator[Metric]:
        """What Prometheus asks for."""
        counter, gauge = CounterMetricFamily, GaugeMetricFamily
        yield self._family(counter, "podium_loop_done", "Things done", lambda one: one.done)
        yield self._family(counter, "podium_loop_restarts", "Restarts", lambda one: one.restarts)
        yield self._family(gauge, "podium_loop_ready", "1: can work", lambda one: one.ready)
        yield self._family(
            gauge, "podium_loop_stands_by", "1: another process has its lease", lambda one: one.stands_by
        )
        yield self._family(gauge, "podium_loop_turn_age_seconds", "Since the last turn", lambda one: one.age_seconds)
        yield self._family(
            gauge, "podium_loop_progress_age_seconds", "Since it finished something or found nothing to do",
            lambda one: one.idle_seconds,
        )  # fmt: skip
        yield self._family(
            gauge, "podium_loop_failures", "Keys, boards, timers, partitions set aside", lambda one: len(one.failures)
        )

    def _family(
        self,
        kind: type[CounterMetricFamily | GaugeMetricFamily],
        name: str,
        help_: str,
        read: Callable[[Heartbeat], float],
    ) -> Metric:
        family = kind(name, help_, labels=["loop"])
        for heartbeat in self.heartbeats:
            family.add_metric([heartbeat.name], read(heartbeat))
        return family


def _json(content: dict[str, Any], good: bool = True) -> tuple[int, str, bytes]:
    return 200 if good else 503, "application/json", json.dumps(content).encode()


@contextmanager
def served(health: Health, port: int, host: str = "127.0.0.1") -> Iterator[str]:
    """Answer until left, at `port` or (0) any free one; yields the address."""

    class Answer(BaseHTTPRequestHandler):
        timeout = REQUEST_SECONDS_MAX

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
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

    with Server((host, port), Answer) as server:
        Thread(target=server.serve_forever, args=[0.1], daemon=True).start()
        try:
            named = f"[{host}]" if ":" in host else host
            yield f"http://{named}:{server.server_address[1]}"
        finally:
            server.shutdown()
