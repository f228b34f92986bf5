"""How close to raw COPY? Podium end to end from Kafka beside COPY BINARY of rows that are packed already."""

from __future__ import annotations

import psycopg

from bench.consumer_group import podium_group
from bench.contenders import COLUMNS, bare_row, commits, podium, raw
from bench.domain import DOMAIN
from bench.environment import PARTITIONS, Environment
from bench.feed import Prediction, made, predictions, publish
from bench.options import Options
from bench.stopwatch import Run, Stopwatch
from bench.verdict import Verdict, figures, ratio
from podium.settings import Postgres

TOPIC = "bench.predictions"
EVENTS = 600_000
STATEMENT = f"COPY plain.predictions ({COLUMNS}) FROM STDIN (FORMAT BINARY)"
INSERT = f"INSERT INTO plain.predictions ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s)"
EXECUTEMANY_ROWS = 2_000
EXECUTEMANY_SHARE = 5
"""executemany is so slow that a fifth of the rows tells its speed."""


def run(environment: Environment, options: Options) -> Verdict:
    """Podium, COPY, executemany, in turn, each in a fresh database."""
    rows = predictions(options.events or EVENTS)
    namespace = environment.topics({TOPIC: PARTITIONS})
    publish(environment.settings, namespace + TOPIC, made(rows))
    until = environment.ends(namespace, [TOPIC])
    prepared = commits(bare_row(row) for row in rows)
    some = rows[: len(rows) // EXECUTEMANY_SHARE]
    rounds: list[tuple[Run, Run, Run, Run]] = []
    for _ in range(options.pairs):
        with environment.database() as database:
            one = podium(environment, (DOMAIN,), database, namespace, until)
        with environment.database() as database:
            two = podium_group(environment, DOMAIN.name, database, namespace, until, 2)
        with environment.database() as database:
            copied = raw(environment, database, STATEMENT, prepared)
        with environment.database() as database:
            rounds.append((one, two, copied, _executemany(environment, database, some)))
    environment.forget(namespace)
    return Verdict(
        "copy",
        "How much of the speed of raw, prebuilt COPY BINARY does Podium reach from Kafka to committed rows?",
        "Same rows, data of 188 bytes, 1,000 models, key by time and one more index. COPY: one connection, 20,000 rows "
        "a commit, no places, no triggers, nothing decoded. executemany: 2,000 rows a statement, from tuples. "
        "Timed from the first commit to the last.",
        [
            ratio("podium, two consumers / COPY", [(two, copied) for _, two, copied, _ in rounds], 0.75),
            ratio("podium, one consumer / COPY", [(one, copied) for one, _, copied, _ in rounds]),
            ratio("executemany / COPY", [(each, copied) for *_, copied, each in rounds]),
        ],
        figures("podium, one consumer", [one for one, *_ in rounds])
        | figures("podium, two consumers", [two for _, two, *_ in rounds])
        | figures("COPY", [copied for *_, copied, _ in rounds])
        | figures("executemany", [each for *_, each in rounds]),
    )


def _executemany(environment: Environment, database: Postgres, rows: list[Prediction]) -> Run:
    watch = Stopwatch(environment.server)
    with psycopg.connect(database.dsn("consumer")) as connection:
        for start in range(0, len(rows), EXECUTEMANY_ROWS):
            some = rows[start : start + EXECUTEMANY_ROWS]
            connection.cursor().executemany(INSERT, some)
            connection.commit()
            watch.lap(len(some))
    return watch.stop()
