"""The verdicts of `podium status` as metrics: lag, what is hidden, what stands still, dead letters by reason."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric

from podium.settings import Settings
from podium.status.whole import Status, Watcher
from schema.declare import Domain

FRESH_SECONDS = 5.0
"""However often it is asked, it looks no more often than that."""


class PipelineMetrics:
    """Looks at the whole pipeline when it is scraped. `settings` hold concrete addresses."""

    def __init__(self, settings: Settings, domains: Iterable[Domain]) -> None:
        self._watcher = Watcher(settings, domains)
        self._lock = Lock()
        self._found: Status | None = None
        self._looked = 0.0

    def describe(self) -> list[Metric]:
        """Nothing: registering must not look."""
        return []

    def collect(self) -> Iterator[Metric]:
        """What Prometheus asks for; `podium_status_up` is 0 where Kafka or PostgreSQL does not answer."""
        found = self._fresh()
        yield GaugeMetricFamily(
            "podium_status_up", "1: the pipeline could be looked at", value=float(found is not None)
        )
        if found is not None:
            yield from _families(found)

    def _fresh(self) -> Status | None:
        with self._lock:
            if time.monotonic() - self._looked > FRESH_SECONDS or not self._looked:
                try:
                    self._found = self._watcher.look(0.0)
                except Exception:  # a scrape never fails: that it could not look is what it tells
                    self._found = None
                self._looked = time.monotonic()
            return self._found


def _families(found: Status) -> Iterator[Metric]:
    yield GaugeMetricFamily("podium_status_good", "1: nothing stands still", value=float(found.good))
    yield GaugeMetricFamily("podium_status_faults", "Things that stand still or are wrong", value=len(found.faults))
    topics: list[tuple[str, str, Callable[[Any], float]]] = [
        ("podium_topic_lag_offsets", "Offsets that the tables lack", lambda one: one.lag),
        ("podium_topic_lag_seconds", "Age of the oldest record that the tables lack", lambda one: one.lag_seconds),
        ("podium_topic_hidden_offsets", "Offsets hidden behind open transactions", lambda one: one.hidden),
        ("podium_topic_parked", "Events that wait for what they refer to", lambda one: one.parked),
    ]
    for name, help_, read in topics:
        yield _family(name, help_, ["topic"], [([one.topic], read(one)) for one in found.topics])
    loops: list[tuple[str, str, Callable[[Any], float]]] = [
        ("podium_loop_lag", "Things to do, over all processes", lambda one: one.lag),
        ("podium_loop_lag_seconds", "Age of the oldest of them", lambda one: one.lag_seconds),
        ("podium_loop_ok", "1: its verdict is OK", lambda one: float(one.verdict == "OK")),
    ]
    for name, help_, read in loops:
        yield _family(name, help_, ["loop"], [([one.name], read(one)) for one in found.loops])
    dead = [([one.topic, one.reason], float(one.letters)) for one in found.dead]
    yield _family("podium_dead_letters", "Dead letters that nobody has closed", ["topic", "reason"], dead)


def _family(name: str, help_: str, labels: list[str], values: list[tuple[list[str], float]]) -> Metric:
    family = GaugeMetricFamily(name, help_, labels=labels)
    for label, value in values:
        family.add_metric(label, value)
    return family
