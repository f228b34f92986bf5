"""Measurements: finite or flagged, of one definition, and summed the same however they come."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.errors import CheckViolation

from tests.consumers.worker import Worker
from tests.seismic.lines import JOB, Line, begun, figure, line, people, result, submitted, uploaded

WORLD = [*people(), *uploaded(), submitted(), begun()]


def measured(trace: int, value: float | None = None, **more: Any) -> Line:
    told = {"trace": trace, "metric": "rmse", "definition": 1, "n": 100, "value": value}
    return line("metric.measured", 2, job_id=JOB, attempt=1, **{**told, **more})


def dead(db: psycopg.Connection) -> int:
    ((count,),) = db.execute("SELECT count(*) FROM ledger.dead").fetchall()
    return int(count)


@pytest.mark.parametrize(
    "wrong",
    [
        measured(0),
        measured(0, 1.0, flag="perfect"),
        measured(0, -1.0),
        measured(0, 1.5, metric="ssim"),
        measured(0, 1.5, n=0),
        result(rmse=figure(None)),
        result(rmse=figure(1.0, direction="sideways")),
        result(rmse=figure(None, n=0, flag="odd")),
    ],
)
def test_what_is_no_figure_is_dead_and_nothing_else_is(worker: Worker, db: psycopg.Connection, wrong: Line) -> None:
    ssim = line("metric.defined", metric="ssim", definition=1, unit="1", direction="up", formula="of windows")
    worker.log.extend([*WORLD, ssim, measured(1, 2.0)])
    worker.log.put(*_raw(worker, wrong))
    worker.finish()
    assert dead(db) == 1
    assert db.execute("SELECT trace FROM seismic.measurements").fetchall() == [(1,)]
    assert db.execute("SELECT status FROM seismic.jobs").fetchall() == [("running",)]


def _raw(worker: Worker, wrong: Line) -> tuple[str, bytes, bytes]:
    """Past the producer, which would have refused it."""
    import json

    topic = worker.log.types[wrong["type"]].topic
    told = {**wrong, "specversion": "1.0", "id": "018f0000-0000-7000-8000-000000000001", "source": "test"}
    return topic, JOB.encode(), json.dumps(told).encode()


def test_by_hand_neither(worker: Worker, db: psycopg.Connection) -> None:
    worker.log.extend(WORLD)
    worker.finish()
    for value, flag in ((None, None), (1.0, "perfect"), (math.inf, None), (math.nan, None), (None, "odd")):
        with pytest.raises(CheckViolation):
            db.execute(
                "INSERT INTO seismic.measurements (job_id, attempt, trace, metric, definition, value, flag, n)"
                " VALUES (%s, 1, 0, 'rmse', 1, %s, %s, 100)",
                [JOB, value, flag],
            )


figures = st.one_of(st.floats(0, 1e9, allow_nan=False), st.sampled_from(["perfect", "undefined"]))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(figures, min_size=1, max_size=30), st.integers(1, 9))
def test_sums_are_those_of_the_values(
    worker: Worker, db: psycopg.Connection, told: list[float | str], cut: int
) -> None:
    if not worker.log.entries["seismic.jobs", 0] + worker.log.entries["seismic.jobs", 1]:
        worker.log.extend(WORLD)
        worker.finish()
    db.execute("DELETE FROM seismic.measurements")
    assert db.execute("SELECT * FROM seismic.summaries").fetchall() == []
    for trace, value in enumerate(told):
        extra = {"flag": value} if isinstance(value, str) else {"value": value}
        worker.log.append(measured(trace, **extra))
    worker.finish(cut)
    values = [Decimal(repr(value)) for value in told if not isinstance(value, str)]
    ((n, perfect, undefined, total, near),) = db.execute(
        "SELECT s.n, s.perfect, s.undefined, s.total,"
        " (SELECT coalesce(sum(p.n), 0) FROM seismic.spread p) FROM seismic.summaries s"
    ).fetchall()
    assert (n, perfect, undefined) == (len(values), told.count("perfect"), told.count("undefined"))
    assert near == n
    assert float(total) == pytest.approx(float(sum(values, Decimal(0))), rel=1e-12)
