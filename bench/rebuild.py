"""How fast is a rebuild, beside one live consumer over the same log, and how fast are the digests that prove it?"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import psutil

from bench.environment import Ends, Environment
from bench.evaluation import published
from bench.options import Options
from bench.verdict import Verdict, measure
from consumers import loop
from podium.rebuild.digest import Range, Rows, reading, rows_of
from podium.rebuild.fill import Progress, fill
from podium.settings import Postgres, Settings
from schema import LEDGER
from schema.evaluation import DOMAIN

EVENTS = 1_000_000
RATIO_MIN = 1.3
REBUILT_MIN = 50_000.0
FAST_MIN = 1_000_000.0
TEXT_MIN = 300_000.0
WORKERS = 2
GROWTH_MAX = 1.05
NARROW = "evaluation.predictionstatus"
"""The table that digests are timed on: as many rows as events."""


def run(environment: Environment, options: Options) -> Verdict:
    """The same log into fresh databases: by one consumer as it runs live, and by a rebuild; then digests."""
    rebuilt, lived, fast, text, grown = [], [], [], [], []
    with published(environment, options.events or EVENTS) as namespace:
        settings = settings_of(environment, namespace)
        until = environment.ends(namespace, [*LEDGER.topics, *DOMAIN.topics])
        events = sum(until.values())
        for _ in range(options.pairs):
            with environment.database() as database:
                seconds, growth = _rebuilt(settings, database, until)
                rebuilt.append(events / seconds)
                grown.append(growth)
            with environment.database() as database:
                lived.append(events / _timed(lambda: _live(settings, database, until)))
                rows = next(rows for rows in rows_of(DOMAIN) if rows.name == NARROW)
                fast.append(_speed(database, rows, text=False))
                text.append(_speed(database, rows, text=True))
    return Verdict(
        "rebuild",
        "How fast is the whole log rebuilt, beside one live consumer, and how fast are the digests?",
        f"{events:,} events of catalog, jobs and predictions from offset 0 into a fresh database, by one Loop over all "
        f"topics with all triggers on, and family by family in {WORKERS} processes while what may sleep does, "
        "until all is awake again. Start-up is counted on both sides. Memory: all processes of the rebuild. "
        f"Digests: one query over every row of {NARROW}, of hashed values and of canonical text in key order.",
        [
            measure("rebuild / live", [a / b for a, b in zip(rebuilt, lived, strict=True)], RATIO_MIN),
            measure("rebuilt", rebuilt, REBUILT_MIN, "events/s"),
            measure("lived", lived, None, "events/s"),
            measure("highest memory of the last tenth / of the second and third", grown, GROWTH_MAX, at_most=True),
            measure("fast digest", fast, FAST_MIN, "rows/s"),
            measure("text digest", text, TEXT_MIN, "rows/s"),
        ],
    )


class Resident:
    """Resident memory of this process and its children, while a filling reports how far it is."""

    def __init__(self) -> None:
        self.highest = [0.0] * 10
        """Megabytes, in each tenth of the records."""
        self.process = psutil.Process(os.getpid())

    def look(self, progress: Progress) -> None:
        """Note the memory of now."""
        tenth = min(9, 10 * progress.done // max(1, progress.records))
        processes = [self.process, *self.process.children(recursive=True)]
        total = sum(one.memory_info().rss for one in processes) / 2**20
        self.highest[tenth] = max(self.highest[tenth], total)

    @property
    def growth(self) -> float:
        """The last tenth beside the second and third: before, caches fill."""
        return self.highest[9] / (max(self.highest[1:3]) or self.highest[9])


def settings_of(environment: Environment, namespace: str) -> Settings:
    """The environment's settings with a namespace."""
    kafka = environment.settings.kafka.model_copy(update={"namespace": namespace})
    return environment.settings.model_copy(update={"kafka": kafka})


def _rebuilt(settings: Settings, database: Postgres, until: Ends) -> tuple[float, float]:
    """Seconds, and how memory grew."""
    resident = Resident()
    seconds = _timed(lambda: fill(settings, database, [DOMAIN], until, workers=WORKERS, report=resident.look))
    return seconds, resident.growth


def _live(settings: Settings, database: Postgres, until: Ends) -> None:
    wanted = {place: end for place, end in until.items() if end}
    kafka = settings.kafka
    loop.fill((LEDGER, DOMAIN), kafka.client(), database.dsn("consumer"), wanted, namespace=kafka.namespace)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _speed(database: Postgres, rows: Rows, text: bool) -> float:
    """Rows a second of one digest over the whole table."""
    with reading(database.dsn("owner")) as connection:
        count = rows.digest(connection).rows
        seconds = _timed(lambda: rows.text_digest(connection, Range()) if text else rows.digest(connection))
    return count / seconds
