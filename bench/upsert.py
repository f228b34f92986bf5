"""What does a guarded upsert cost? A register that inserts, and one that updates, beside COPY of the same rows."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from bench.domain import DOMAIN
from bench.feed import BEGAN, Record, envelope, publish
from bench.ground import PARTITIONS, Ground
from bench.options import Options
from bench.sides import commits, podium, raw
from bench.stopwatch import Run
from bench.verdict import Verdict, figures, ratio
from schema.binding import counted, microseconds
from schema.envelope import uuid7

TOPIC = "bench.catalog"
EVENTS = 200_000
STATEMENT = "COPY plain.models (id, name, weight, latest_time, latest_id, latest_digest) FROM STDIN (FORMAT BINARY)"

_NUMBERED = struct.Struct(">hiq").pack
_WEIGHED = struct.Struct(">idiqi16s").pack


def run(ground: Ground, options: Options) -> Verdict:
    """Registers described for the first time, then anew; COPY of the first descriptions."""
    ids = list(range(1, (options.events or EVENTS) + 1))
    random.Random(1).shuffle(ids)
    namespace = ground.topics({TOPIC: PARTITIONS})
    stretches = []
    for edition in (1, 2):
        publish(ground.settings, namespace + TOPIC, _described(ids, edition))
        stretches.append(ground.ends(namespace, [TOPIC]))
    prepared = commits(_row(id_) for id_ in ids)
    rounds: list[tuple[Run, Run, Run]] = []
    for _ in range(options.pairs):
        with ground.database() as database:
            inserted, updated = (podium(ground, (DOMAIN,), database, namespace, end) for end in stretches)
        with ground.database() as database:
            rounds.append((inserted, updated, raw(ground, database, STATEMENT, prepared)))
    ground.forget(namespace)
    return Verdict(
        "upsert",
        "How much of the speed of COPY does a guarded upsert keep, where it inserts and where it updates?",
        "A register with a version (time, id, digest), keys in random order; first every key once, then every key "
        "again with a later time. COPY: the same columns packed beforehand, 20,000 rows a commit, no guard. Each "
        "stretch is timed from its first commit to its last.",
        [
            ratio("inserts / COPY", [(new, copied) for new, _, copied in rounds], 0.4),
            ratio("updates / COPY", [(again, copied) for _, again, copied in rounds], 0.28),
        ],
        figures("inserts", [new for new, _, _ in rounds])
        | figures("updates", [again for _, again, _ in rounds])
        | figures("COPY", [copied for _, _, copied in rounds]),
    )


def _described(ids: Sequence[int], edition: int) -> Iterator[Record]:
    for id_ in ids:
        data: dict[str, object] = {"id": id_, "name": f"model {id_}, edition {edition}", "weight": id_ / edition}
        time = BEGAN + timedelta(hours=edition)
        yield Record(str(id_).encode(), envelope("bench.model.described.v1", data, time=time))


def _row(id_: int) -> bytes:
    version: UUID = uuid7()
    weighed = _WEIGHED(8, float(id_), 8, microseconds(BEGAN), 16, version.bytes)
    return _NUMBERED(6, 8, id_) + counted(f"model {id_}, edition 1".encode()) + weighed + counted(bytes(16))
