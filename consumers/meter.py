"""What the consumers count, for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

if TYPE_CHECKING:
    from consumers.batch import Written


SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)


class Meter:
    """Counters of one loop, in a registry of their own."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self.events = Counter(
            "podium_events_consumed", "Records read, by what became of them", ("topic", "outcome"),
            registry=self.registry,
        )  # fmt: skip
        self.batches = Counter("podium_batches", "Transactions committed", registry=self.registry)
        self.transaction_seconds = Histogram(
            "podium_transaction_seconds", "From a batch at hand to its commit, or its failure",
            buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        self.position = Gauge(
            "podium_consumer_position", "Next offset to read", ("topic", "partition"), registry=self.registry
        )
        self.waiting = Gauge("podium_parked_events", "Records that wait for a parent", registry=self.registry)

    def note(self, written: Written, waiting: int) -> None:
        """After a commit."""
        self.batches.inc()
        self.waiting.set(waiting)
        for (topic, partition), move in written.moves.items():
            self.position.labels(topic, str(partition)).set(move.next)
            for outcome in ("applied", "released", "dead"):
                count = getattr(move, outcome)
                if count > 0:
                    self.events.labels(topic, outcome).inc(count)
            if move.parked > 0:
                self.events.labels(topic, "parked").inc(move.parked)
