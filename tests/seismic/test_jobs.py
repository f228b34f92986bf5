"""Jobs under any order of their events: what is shown of them, what ends them, and what comes too late."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.errors import CheckViolation, IntegrityError

from schema.seismic import DOMAIN
from tests.consumers.worker import Worker
from tests.seismic.lines import (
    ANA,
    BO,
    DATASET,
    JOB,
    Line,
    at,
    begun,
    cancelled,
    failed,
    people,
    prepared,
    result,
    submitted,
    uploaded,
)  # fmt: skip
from tests.tables import empty

ENDS = {"completed", "failed", "cancelled"}
SHOWN = "status, progress, attempt, started_at, completed_at, error_message, event_status"

events = st.one_of(
    st.builds(begun, st.integers(1, 3)),
    st.builds(at, st.integers(0, 99), st.integers(1, 3)),
    st.builds(failed, st.integers(1, 3)),
    st.builds(result, st.integers(1, 3)),
    st.builds(cancelled),
)


def job(db: psycopg.Connection, id_: str = JOB) -> dict[str, Any]:
    """What is shown of a job, and of its output."""
    names = SHOWN.split(", ")
    (row,) = db.execute(f"SELECT {SHOWN} FROM seismic.jobs WHERE id = %s".encode(), [id_]).fetchall()
    (output,) = db.execute(
        "SELECT d.status, d.user_id = j.user_id, d.id <> j.dataset_id, d.size_bytes FROM seismic.jobs j"
        " JOIN seismic.datasets d ON d.id = j.output_dataset_id AND d.job_id = j.id WHERE j.id = %s",
        [id_],
    ).fetchall()
    return {**dict(zip(names, row, strict=True)), "output": output}


def model(told: list[Line]) -> tuple[str, int, int]:
    """Status, attempt and progress after these events, said in another way: one at a time, by the rules alone."""
    state, attempt, percents = "pending", 1, dict[int, int]()
    for each in told:
        what, data = each["type"].split(".", 1)[1], each["data"]
        tried = data.get("attempt", attempt)
        if state not in ENDS and tried >= attempt:
            percents[tried] = max(percents.get(tried, 0), data.get("percent", 0))
            if what in ("job.started.v1", "job.progressed.v1"):
                state, attempt = "running", tried
            elif what == "job.failed.v1":
                state, attempt = "failed", tried
            elif what == "result.recorded.v1":
                state, attempt = "completed", tried
            elif what == "job.cancelled.v1":
                state = "cancelled"
    return state, attempt, 100 if state == "completed" else percents.get(attempt, 0)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(events, min_size=1, max_size=12), st.integers(1, 5), st.booleans())
def test_any_course_of_events(
    worker: Worker, db: psycopg.Connection, told: list[Line], cut: int, ready_last: bool
) -> None:
    empty(db, DOMAIN)
    worker.leave()
    for entries in worker.log.entries.values():
        entries.clear()
    worker.take(worker.log.entries)
    *arriving, ready = uploaded()
    worker.log.extend([*people(), *arriving, *([] if ready_last else [ready]), submitted(), *told])
    before: dict[str, Any] = {}
    while worker.step(dict.fromkeys(worker.log.entries, cut)):
        if db.execute("SELECT 1 FROM seismic.jobs").fetchall():
            now = job(db)
            assert_sound(before, now)
            before = now
    worker.sweep()
    if ready_last:
        assert job(db)["status"] in {"pending", *ENDS}, "a job does not run on what is not ready"
        worker.log.append(ready)
    worker.finish(cut)
    found = job(db)
    assert (found["status"], found["attempt"], found["progress"]) == model(told)
    assert_sound(before, found)
    finals = db.execute("SELECT count(*) FROM seismic.final_results").fetchall()
    assert finals == [(int(found["status"] == "completed"),)]
    kept = {each["data"]["attempt"] for each in told if each["type"] == "seismic.result.recorded.v1"}
    assert db.execute("SELECT count(*) FROM seismic.results").fetchall() == [(len(kept),)], "late ones are kept, too"


def assert_sound(before: dict[str, Any], now: dict[str, Any]) -> None:
    """What holds at every moment, and between two."""
    assert (now["progress"] == 100) == (now["status"] == "completed")
    assert now["status"] != "pending" or now["started_at"] is None
    assert now["event_status"] not in ENDS or now["completed_at"] is not None
    assert now["status"] != "failed" or now["error_message"]
    states = {"completed": "ready", "failed": "error", "cancelled": "error"}
    assert now["output"][:3] == (states.get(now["status"], "processing"), True, True)
    if before:
        assert before["status"] not in ENDS or now == before, "the first end stays"
        assert now["attempt"] != before["attempt"] or now["progress"] >= before["progress"]


def test_by_hand_the_same_rules_hold(worker: Worker, db: psycopg.Connection) -> None:
    worker.log.extend([*people(), *uploaded(), submitted()])
    worker.finish()
    refused: list[tuple[str, type[IntegrityError]]] = [
        ("status = 'completed'", CheckViolation),
        ("progress = 100", CheckViolation),
        ("output_dataset_id = dataset_id", CheckViolation),
        ("dataset_id = output_dataset_id", IntegrityError),
    ]
    db.execute("UPDATE seismic.jobs SET status = 'running'")
    db.execute("UPDATE seismic.jobs SET progress = 60")
    refused += [("progress = 50", CheckViolation), ("status = 'pending'", CheckViolation)]
    for change, error in refused:
        with pytest.raises(error):
            db.execute(f"UPDATE seismic.jobs SET {change}".encode())
    with pytest.raises(IntegrityError):
        db.execute("DELETE FROM seismic.datasets WHERE id = %s", [DATASET])
    assert job(db)["progress"] == 60
    db.execute(
        "INSERT INTO seismic.results (job_id, output_dataset_id, storage_path)"
        " SELECT id, output_dataset_id, 'out' FROM seismic.jobs"
    )
    found = job(db)
    assert (found["status"], found["progress"], found["output"][0]) == ("completed", 100, "ready")
    for change in ("status = 'running'", "status = 'cancelled'", "progress = 10"):
        with pytest.raises(CheckViolation):
            db.execute(f"UPDATE seismic.jobs SET {change}".encode())


def test_nobody_works_on_what_is_not_his_own(worker: Worker, db: psycopg.Connection) -> None:
    worker.log.extend([*people(), *uploaded(owner=BO), submitted(owner=ANA), begun(), at(40), result()])
    worker.finish()
    found = job(db)
    assert (found["status"], found["event_status"]) == ("completed", "completed"), "what happened, happened"
    boards = db.execute((DOMAIN.folder / "across_scopes.sql").read_bytes()).fetchall()
    assert boards == [], "but nobody is ranked by it"


def test_a_model_shows_what_its_results_say_and_only_the_final_ones(worker: Worker, db: psycopg.Connection) -> None:
    other = JOB[:-1] + "2"
    worker.log.extend(
        [*people(), *uploaded(), submitted(), begun(), result(rmse={"definition": 1, "unit": "g", "direction": "down",
         "n": 2, "value": 0.5}), submitted(other), begun(job=other), cancelled(other), result(job=other)]
    )  # fmt: skip
    worker.finish()
    ((metrics,),) = db.execute("SELECT metrics FROM seismic.models").fetchall()
    figures = metrics["rmse"]["1"]
    assert (figures["results"], figures["n"], figures["lowest"], figures["highest"]) == (1, 2, 0.5, 0.5)


def test_what_is_ready_never_changes(worker: Worker, db: psycopg.Connection) -> None:
    worker.log.extend([*people(), *uploaded(), prepared(size=1, attempt=2, traces=9)])
    worker.finish()
    found = db.execute("SELECT status, size_bytes, traces FROM seismic.datasets").fetchall()
    assert found == [("ready", 4880, 2)]
    with pytest.raises(CheckViolation, match="never changes"):
        db.execute("UPDATE seismic.datasets SET traces = 3")
