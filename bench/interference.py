"""Does the live pipeline stay quick while a rebuild runs beside it?"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from bench import evaluation, processes
from bench.environment import Environment
from bench.latency import WARM_EVENTS, at_share, timed
from bench.options import Options
from bench.rebuild import WORKERS, settings_of
from bench.verdict import Measure, Verdict, measure
from podium.rebuild.fill import Cancelled, Progress, fill
from schema import LEDGER
from schema.evaluation import DOMAIN

LIVE_RATE = 500
LIVE_EVENTS = 20 * LIVE_RATE
EVENTS = 3_000_000
"""In the log that is rebuilt: so many that it is not done before the live side is."""
REBUILD_RATE = 5_000.0
P99_MS_MAX = 250.0


def run(environment: Environment, options: Options) -> Verdict:
    """Live alone, with a rebuild at a rate, with one at full speed."""
    total = WARM_EVENTS + LIVE_EVENTS
    alone: list[list[float]] = []
    paced: list[list[float]] = []
    full: list[list[float]] = []
    rates: list[float] = []
    with evaluation.published(environment, options.events or EVENTS) as namespace:
        for _ in range(options.pairs):
            alone.append(_lived(environment, total))
            for rate, found in ((REBUILD_RATE, paced), (None, full)):
                with _rebuilding(environment, namespace, rate) as progress:
                    found.append(_lived(environment, total))
                if rate is None:
                    rates.append(progress[-1].rate)
    spare = measure(
        f"p99 allowed / p99, rebuild at {REBUILD_RATE:,.0f}/s",
        [P99_MS_MAX / at_share(each, 0.99) for each in paced],
        1.0,
    )
    return Verdict(
        "interference",
        f"How long from publish to visible row at {LIVE_RATE} events a second, while a rebuild runs beside it?",
        f"As in `latency`: {LIVE_EVENTS:,} answers a run after {WARM_EVENTS:,} that are not counted, one live consumer "
        "of the evaluation domain with all triggers on. The rebuild reads another log of the same domain on the same "
        f"broker into another database of the same server, in {WORKERS} processes.",
        [
            spare,
            _p99("alone", alone, None),
            _p99(f"rebuild at {REBUILD_RATE:,.0f} events/s", paced, P99_MS_MAX),
            _p99("rebuild at full speed", full, None),
            measure("rebuilt meanwhile at full speed", rates, None, "events/s"),
        ],
    )


def _p99(what: str, runs: list[list[float]], most: float | None) -> Measure:
    return measure(f"p99, {what}", [at_share(each, 0.99) for each in runs], most, unit="ms", at_most=True)


def _lived(environment: Environment, total: int) -> list[float]:
    with (
        evaluation.published(environment, total, answered=False) as namespace,
        environment.database() as database,
        processes.consumer(environment, database, namespace, (DOMAIN.name,)),
    ):
        processes.until_read(database, "evaluation.jobs")
        records = evaluation.answers(total)
        return timed(environment, database.dsn("reader"), namespace, evaluation.TOPIC, records, LIVE_RATE)


@contextmanager
def _rebuilding(environment: Environment, namespace: str, rate: float | None) -> Iterator[list[Progress]]:
    """A rebuild at work; the context begins when it reads, and ends it."""
    until, found, stop = environment.ends(namespace, [*LEDGER.topics, *DOMAIN.topics]), list[Progress](), Event()
    reads = Event()

    def report(progress: Progress) -> None:
        found.append(progress)
        if progress.done:
            reads.set()

    with environment.database() as database, ThreadPoolExecutor(1) as pool:
        settings = settings_of(environment, namespace)
        work = pool.submit(
            fill, settings, database, [DOMAIN], until, rate=rate, workers=WORKERS, stop=stop, report=report
        )
        try:
            reads.wait(60)
            yield found
            assert not work.done(), "the rebuild was over before the live side was"
        finally:
            stop.set()
            assert isinstance(work.exception(), Cancelled), work.exception()
