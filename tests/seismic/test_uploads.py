"""Uploads: every part, whole, none too many, whichever way they come; and the size that the format says."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import psycopg
import pytest
from psycopg.errors import CheckViolation, UniqueViolation

from schema.seismic import DOMAIN
from tests.consumers.worker import Worker
from tests.seismic.lines import DATASET, Line, finalized, line, part, people, prepared, started, uploaded
from tests.tables import empty

WHOLE = [part(0, 2000), part(1, 2000), part(2, 880)]


def status(db: psycopg.Connection) -> tuple[Any, ...]:
    (row,) = db.execute("SELECT status, event_status FROM seismic.datasets").fetchall()
    return row


@pytest.mark.parametrize(
    ("told", "shown"),
    {
        "whole": (WHOLE, "ready"),
        "the same part twice": ([*WHOLE, WHOLE[1]], "ready"),
        "a rival part with other bytes": ([*WHOLE, part(1, 2000, sha="b")], "ready"),
        "a hole": ([WHOLE[0], WHOLE[2]], "uploading"),
        "a part too short": ([part(0, 1999), *WHOLE[1:]], "uploading"),
        "a part too long": ([*WHOLE[:2], part(2, 881)], "uploading"),
        "a part too many": ([*WHOLE, part(3, 10)], "uploading"),
        "of an older attempt": ([part(0, 2000, attempt=2), *WHOLE[1:]], "uploading"),
    }.values(),
)  # fmt: skip
def test_parts(worker: Worker, db: psycopg.Connection, told: list[Line], shown: str) -> None:
    worker.log.extend([*people(), started(), *told, finalized(), prepared()])
    worker.finish()
    assert status(db) == (shown, "ready")


def test_no_order_shows(worker: Worker, db: psycopg.Connection) -> None:
    for order in list(permutations([WHOLE[0], WHOLE[2], finalized(), prepared()]))[::5]:
        empty(db, DOMAIN)
        worker.leave()
        for entries in worker.log.entries.values():
            entries.clear()
        worker.take(worker.log.entries)
        worker.log.extend([*people(), started(), *order])
        worker.finish(2)
        assert status(db) == ("uploading", "ready")
        worker.log.append(WHOLE[1])
        worker.finish()
        assert status(db) == ("ready", "ready")


@pytest.mark.parametrize(
    ("size", "shape", "shown"),
    [
        (4880, {}, "ready"),
        (4881, {}, "error"),
        (4480, {"sample_bytes": 2}, "ready"),
        (8080, {"extended_headers": 1}, "ready"),
        (4880, {"traces": 3}, "error"),
        # Sizes of real files: 4,840 bytes hold one trace of 500 samples of two bytes, 12,040 one of 2,050 of four.
        (4840, {"traces": 1, "samples": 500, "sample_bytes": 2}, "ready"),
        (12040, {"traces": 1, "samples": 2050}, "ready"),
    ],
)
def test_a_size_that_the_format_does_not_have(
    worker: Worker, db: psycopg.Connection, size: int, shape: dict[str, Any], shown: str
) -> None:
    worker.log.extend([*people(), started(size=size, part=size), part(0, size), finalized(), prepared(size, **shape)])
    worker.finish()
    assert status(db)[0] == shown


def test_a_size_that_was_not_stored(worker: Worker, db: psycopg.Connection) -> None:
    worker.log.extend([*people(), started(size=5000, part=5000), part(0, 5000), finalized(), prepared()])
    worker.finish()
    assert status(db) == ("error", "ready")


def test_after_an_error_the_next_attempt_counts_alone(worker: Worker, db: psycopg.Connection) -> None:
    broke = line("dataset.failed", 1, dataset_id=DATASET, attempt=1, error_message="the connection broke")
    again = line("upload.restarted", 2, dataset_id=DATASET, attempt=2, size_bytes=4880, part_bytes=4880)
    worker.log.extend([*people(), started(), *WHOLE[:2], broke])
    worker.finish()
    assert status(db)[0] == "error"
    worker.log.extend([again, WHOLE[2], finalized(), prepared()])
    worker.finish()
    assert status(db)[0] == "uploading", "the first attempt is over"
    worker.log.extend([part(0, 4880, attempt=2), finalized(attempt=2), prepared(attempt=2)])
    worker.finish()
    assert status(db)[0] == "ready"


def test_by_hand(worker: Worker, db: psycopg.Connection) -> None:
    worker.log.extend([*people(), *uploaded()[:3]])
    worker.finish()
    for said in ("ready", "processing"):
        with pytest.raises(CheckViolation):
            db.execute("UPDATE seismic.datasets SET status = %s", [said])
    with pytest.raises(UniqueViolation):
        db.execute("INSERT INTO seismic.parts SELECT * FROM seismic.parts")
    db.execute("INSERT INTO seismic.parts VALUES (%s, 1, 2, 880, %s)", [DATASET, "a" * 64])
    db.execute("UPDATE seismic.datasets SET status = 'processing'")
    shape = "traces = 2, samples = 100, sample_rate = 250, size_bytes = 4880, storage_path = 'raw'"
    db.execute(f"UPDATE seismic.datasets SET status = 'ready', {shape}".encode())
    assert status(db) == ("ready", "ready")
    with pytest.raises(CheckViolation):
        db.execute("UPDATE seismic.datasets SET status = 'uploading'")
