"""What does a guarded upsert cost? A register that inserts, and one that updates, beside facts that are copied."""

from __future__ import annotations

import struct
from datetime import timedelta

from bench.contenders import COLUMNS, bare_row, commits, podium, raw
from bench.domain import DOMAIN
from bench.environment import PARTITIONS, Environment
from bench.feed import BEGAN, Prediction, made, predictions, publish
from bench.options import Options
from bench.stopwatch import Run
from bench.verdict import Verdict, figures, ratio
from schema.binding import microseconds

FACTS, REGISTER = "bench.predictions", "bench.catalog"
REVISED = "bench.forecast.revised.v1"
EVENTS = 200_000
STATEMENT = f"COPY plain.forecasts ({COLUMNS}, latest_time, latest_id, latest_digest) FROM STDIN (FORMAT BINARY)"

_VERSION = struct.Struct(">iqi16si16s").pack

Round = tuple[Run, Run, Run, Run]
"""Register inserting, register updating, facts by Podium, prebuilt COPY."""


def run(environment: Environment, options: Options) -> Verdict:
    """The same rows as registers, first and then anew, as facts, and packed beforehand."""
    rows = predictions(options.events or EVENTS)
    namespace = environment.topics({FACTS: PARTITIONS, REGISTER: PARTITIONS})
    publish(environment.settings, namespace + FACTS, made(rows))
    facts = environment.ends(namespace, [FACTS])
    stretches = []
    for edition in (1, 2):
        revised = made(rows, REVISED, BEGAN + timedelta(hours=edition))
        publish(environment.settings, namespace + REGISTER, revised)
        stretches.append(environment.ends(namespace, [REGISTER]))
    prepared = commits(_row(row) for row in rows)
    rounds: list[Round] = []
    for _ in range(options.pairs):
        with environment.database() as database:
            inserted, updated = (podium(environment, (DOMAIN,), database, namespace, end) for end in stretches)
        with environment.database() as database:
            copied = podium(environment, (DOMAIN,), database, namespace, facts)
        with environment.database() as database:
            rounds.append((inserted, updated, copied, raw(environment, database, STATEMENT, prepared)))
    environment.forget(namespace)
    return Verdict(
        "upsert",
        "How much of the speed of COPY does a guarded upsert keep, where it inserts and where it updates?",
        "The same rows from Kafka by Podium, as registers with a version (time, id, digest), every key once and then "
        "again an hour later, and as facts, which go by COPY; the tables have the same columns and indexes. Beside "
        "them COPY of rows packed beforehand, 20,000 a commit. Each stretch is timed from first to last commit.",
        [
            ratio("register, inserts / facts by COPY", [(one, fact) for one, _, fact, _ in rounds], 0.4),
            ratio("register, updates / facts by COPY", [(two, fact) for _, two, fact, _ in rounds], 0.28),
            ratio("register, inserts / prebuilt COPY", [(one, packed) for one, _, _, packed in rounds]),
            ratio("register, updates / prebuilt COPY", [(two, packed) for _, two, _, packed in rounds]),
        ],
        figures("register, inserts", [one for one, *_ in rounds])
        | figures("register, updates", [two for _, two, *_ in rounds])
        | figures("facts by COPY", [fact for *_, fact, _ in rounds])
        | figures("prebuilt COPY", [packed for *_, packed in rounds]),
    )


def _row(row: Prediction) -> bytes:
    return bare_row(row, 9) + _VERSION(8, microseconds(BEGAN), 16, row.id.bytes, 16, bytes(16))
