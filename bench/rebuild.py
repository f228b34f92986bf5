"""How fast is a rebuild, beside one live consumer over the same log, and how fast are the digests that prove it?"""

from __future__ import annotations

import time
from collections.abc import Callable

from bench.evaluation import published
from bench.ground import Ends, Ground
from bench.options import Options
from bench.verdict import Verdict, measure
from consumers import loop
from podium.rebuild.digest import Range, Rows, reading, rows_of
from podium.rebuild.fill import fill
from podium.settings import Postgres, Settings
from schema import LEDGER
from schema.evaluation import DOMAIN

EVENTS = 1_000_000
RATIO_MIN = 1.3
REBUILT_MIN = 50_000.0
FAST_MIN = 1_000_000.0
TEXT_MIN = 300_000.0
WORKERS = 2
NARROW = "evaluation.predictionstatus"
"""The table that digests are timed on: as many rows as events."""


def run(ground: Ground, options: Options) -> Verdict:
    """The same log into fresh databases: by one consumer as it runs live, and by a rebuild; then digests."""
    rebuilt, lived, fast, text = [], [], [], []
    with published(ground, options.events or EVENTS) as namespace:
        settings = _settings(ground, namespace)
        until = ground.ends(namespace, [*LEDGER.topics, *DOMAIN.topics])
        events = sum(until.values())
        for _ in range(options.pairs):
            with ground.database() as database:
                rebuilt.append(events / _timed(lambda: fill(settings, database, [DOMAIN], until, workers=WORKERS)))
            with ground.database() as database:
                lived.append(events / _timed(lambda: _live(settings, database, until)))
                rows = next(rows for rows in rows_of(DOMAIN) if rows.name == NARROW)
                fast.append(_speed(database, rows, text=False))
                text.append(_speed(database, rows, text=True))
    return Verdict(
        "rebuild",
        "How fast is the whole log rebuilt, beside one live consumer, and how fast are the digests?",
        f"{events:,} events of catalog, jobs and predictions from offset 0 into a fresh database, all triggers on: "
        f"family by family in {WORKERS} processes, and by one Loop over all topics. Start-up is counted on both sides. "
        f"Digests: one query over every row of {NARROW}, of hashed values and of canonical text in key order.",
        [
            measure("rebuild / live", [a / b for a, b in zip(rebuilt, lived, strict=True)], RATIO_MIN),
            measure("rebuilt", rebuilt, REBUILT_MIN, "events/s"),
            measure("lived", lived, None, "events/s"),
            measure("fast digest", fast, FAST_MIN, "rows/s"),
            measure("text digest", text, TEXT_MIN, "rows/s"),
        ],
    )


def _settings(ground: Ground, namespace: str) -> Settings:
    kafka = ground.settings.kafka.model_copy(update={"namespace": namespace})
    return ground.settings.model_copy(update={"kafka": kafka})


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
