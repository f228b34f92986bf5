"""The Faust application: hosts loops as services, with pages for health and metrics. It is given no work of its own.

Its agents, tables, windows and transactions lose or double events, so every loop here owns its connections and its
positions; Faust starts and stops them and answers for them.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from threading import Event, Thread, Timer
from typing import Any

import faust
import mode
from faust.app.base import BootStrategy
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from schema.declare import Domain
from schema.heartbeat import Heartbeat, described
from streams.fold import Folds
from streams.log import LOG, Log
from streams.rank import Ranker
from streams.score import Scorer, Sweep
from streams.supervise import Loop, keep
from streams.watch import Watcher

KINDS = ("score", "watch", "rank")
TURN_SECONDS_MAX = 60.0
"""A loop that has not turned for so long is stuck."""

GRACE_SECONDS = 8.0
"""From the signal to the end, whatever still runs."""


GARBAGE_OBJECTS = 100_000


class Application(faust.App):
    """A Faust application that knows which loops it hosts."""

    hosted: Sequence[Hosted] = ()


class Boot(BootStrategy):
    """Web and services only: Faust itself opens no connection to the log."""

    enable_kafka = False


class Hosted(mode.Service):
    """A loop in a thread, kept running until the application stops."""

    def __init__(self, hosted: Loop, fatal: tuple[type[Exception], ...], **options: Any) -> None:
        super().__init__(**options)
        self.hosted = hosted
        self.fatal = fatal
        self.ended = Event()
        self._stop_asked = Event()
        self._thread = Thread(target=self._work, name=hosted.name, daemon=True)

    def _work(self) -> None:
        try:
            keep(self.hosted, self._stop_asked, self.fatal)
        except BaseException as failure:
            LOG.error("will not start again", loop=self.hosted.name, error=described(failure))
        finally:
            self.ended.set()

    async def on_start(self) -> None:
        """Begin."""
        self._thread.start()

    async def on_stop(self) -> None:
        """Ask the loop to end and wait for it; a loop that does not is left to the end of the process."""
        self._stop_asked.set()
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join, GRACE_SECONDS)


def loops(log: Log, dsn: str, domains: Iterable[Domain], kinds: Sequence[str] = KINDS) -> list[Loop]:
    """The loops of some kinds (of KINDS) for some domains, as far as these declare work for them."""
    found: list[Loop] = []
    for domain in domains:
        if "score" in kinds and domain.scoring:
            found += [Scorer(log, dsn, domain), Sweep(log, dsn, domain)]
        if "score" in kinds:
            found += [Folds(log, dsn, domain, folding) for folding in domain.folds]
        if "watch" in kinds and domain.watches:
            found.append(Watcher(log, dsn, domain))
        if "rank" in kinds:
            found += [Ranker(log, dsn, domain, board) for board in domain.boards]
    return found


def host(
    hosted: Sequence[Loop],
    *,
    bootstrap: str = "127.0.0.1:9092",
    web_port: int | None = None,
    web_host: str = "127.0.0.1",
    fatal: tuple[type[Exception], ...] = (),
) -> Application:
    """A Faust application around some loops; without a port it serves no pages."""
    app = Application(
        "podium",
        broker=[f"kafka://{address}" for address in bootstrap.split(",")],
        store="memory://",
        autodiscover=False,
        web_enabled=web_port is not None,
        web_bind=web_host,
        web_port=web_port or 6066,
        web_host=web_host,
        web_metrics_enabled=False,
        stream_wait_empty=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
    )
    app.boot_strategy = Boot(app)
    app.hosted = [Hosted(loop, fatal) for loop in hosted]
    for service in app.hosted:
        app.service(service)  # type: ignore[arg-type]  # it takes services as well as their classes
    if web_port is not None:
        _pages(app, [loop.heartbeat for loop in hosted])
    return app


def _pages(app: Application, heartbeats: Sequence[Heartbeat]) -> None:
    registry = CollectorRegistry()
    registry.register(Heartbeats(heartbeats))

    @app.page("/livez", name="livez")
    async def livez(web: Any, request: Any) -> Any:
        stuck = [heartbeat.name for heartbeat in heartbeats if heartbeat.age_seconds > TURN_SECONDS_MAX]
        return web.json({"alive": not stuck, "stuck": stuck}, status=503 if stuck else 200)

    @app.page("/readyz", name="readyz")
    async def readyz(web: Any, request: Any) -> Any:
        waiting = {
            heartbeat.name: heartbeat.error or heartbeat.waits_for for heartbeat in heartbeats if not heartbeat.is_able
        }
        return web.json({"ready": not waiting, "waiting": waiting}, status=503 if waiting else 200)

    @app.page("/metrics", name="metrics")
    async def metrics(web: Any, request: Any) -> Any:
        return web.text(generate_latest(registry).decode(), content_type="text/plain")


class Heartbeats:
    """Signs of life as metrics."""

    def __init__(self, heartbeats: Sequence[Heartbeat]) -> None:
        self.heartbeats = heartbeats

    def collect(self) -> Iterator[Metric]:
        """What Prometheus asks for."""
        yield self._family(CounterMetricFamily, "podium_loop_done", "Things done", lambda heartbeat: heartbeat.done)
        yield self._family(
            CounterMetricFamily, "podium_loop_restarts", "Restarts", lambda heartbeat: heartbeat.restarts
        )
        yield self._family(GaugeMetricFamily, "podium_loop_ready", "1: can work", lambda heartbeat: heartbeat.ready)
        yield self._family(
            GaugeMetricFamily,
            "podium_loop_turn_age_seconds",
            "Since the last turn",
            lambda heartbeat: heartbeat.age_seconds,
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


def serve(
    kinds: Sequence[str],
    domains: Sequence[Domain],
    kafka: Mapping[str, Any],
    dsn: str,
    namespace: str = "",
    web_port: int | None = None,
    stop: Event | None = None,
    observed: Callable[[Sequence[Heartbeat]], AbstractContextManager[None]] = lambda _: nullcontext(),
) -> int:
    """Run some kinds of loops (of KINDS) for some domains in this process, as `run` does; the exit code.

    `kafka` are librdkafka properties, `dsn` a connection string of the stream's role.
    """
    # Batches make many objects and hardly a cycle: the collector would cost a tenth of the time.
    gc.set_threshold(GARBAGE_OBJECTS)
    topics = {topic: partitions for domain in domains for topic, partitions in domain.topics.items()}
    hosted = loops(Log(kafka, namespace, topics), dsn, domains, kinds)
    with observed([loop.heartbeat for loop in hosted]):
        return run(host(hosted, bootstrap=str(kafka["bootstrap.servers"]), web_port=web_port), stop)


def run(app: Application, stop: Event | None = None) -> int:
    """Run an application until a signal, `stop`, or the end of a loop that nobody asked to end; the exit code.

    A second signal ends at once, and so does the watchdog when a loop does not stop in time.
    """
    return asyncio.run(_serve(app, stop or Event()))


async def _serve(app: Application, stop: Event) -> int:
    around = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        around.add_signal_handler(number, _asked, stop)
    app.loop = around
    watchdog = Timer(GRACE_SECONDS + 1, _give_up)
    watchdog.daemon = True
    async with app:
        while not stop.is_set() and not any(service.ended.is_set() for service in app.hosted):
            await asyncio.sleep(0.1)
        failed = not stop.is_set()
        watchdog.start()
    watchdog.cancel()
    return int(failed)


def _asked(stop: Event) -> None:
    if stop.is_set():
        os._exit(130)
    stop.set()


def _give_up() -> None:
    LOG.error("a loop did not stop in time; what it left open is rolled back by Kafka and PostgreSQL")
    sys.stderr.flush()
    os._exit(1)
