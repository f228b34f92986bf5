"""What the derived columns and tables must say, computed anew from the raw rows, and what they do say."""

from collections import Counter, defaultdict
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import namedtuple_row

from schema.evaluation.scoring import latency_bucket


class Derived(NamedTuple):
    """Everything that triggers make, in a form that compares."""

    jobs: dict[tuple[Any, ...], tuple[Any, ...]]
    tasks: dict[tuple[Any, ...], tuple[Any, ...]]
    confusion: dict[tuple[Any, ...], int]
    latency: dict[tuple[Any, ...], int]
    log: set[tuple[Any, ...]]


def live(db: psycopg.Connection) -> Derived:
    """What the database shows."""
    jobs = {
        (j.model_id, j.prompt_id, j.dataset_id): (j.status, j.count, j.failed, j.total_rows)
        for j in _rows(db, "modelpromptstatus")
    }
    tasks = {
        (t.row_id, t.model_id, t.prompt_id): (
            t.dataset_id, t.status, t.final_attempt, t.final_status, t.final_digest, t.latency_bucket,
            t.truth_version, t.gold, t.predicted,
        )
        for t in _rows(db, "predictionstatus")
    }  # fmt: skip
    confusion = {tuple(row[:5]): row.n for row in _rows(db, "confusion")}
    latency = {tuple(row[:4]): row.n for row in _rows(db, "latency")}
    log = {
        (row.model_id, row.prompt_id, row.dataset_id, row.epoch, row.status)
        for row in _rows(db, "status_update_log")
        if row.status in ("running", "done")
    }
    return Derived(jobs, tasks, confusion, latency, log)


def _rows(db: psycopg.Connection, table: str) -> list[Any]:
    with db.cursor(row_factory=namedtuple_row) as cursor:
        return list(cursor.execute(f"SELECT * FROM evaluation.{table}".encode()))


def recounted(db: psycopg.Connection) -> Derived:
    """What follows from rows, versions, predictions, scores and what events said of jobs and tasks."""
    jobs, rows, versions = _rows(db, "modelpromptstatus"), _rows(db, "rows"), _rows(db, "dataset_versions")
    predictions, scores = _rows(db, "predictions"), _rows(db, "scores")
    said = {(t.row_id, t.model_id, t.prompt_id): t.event_status for t in _rows(db, "predictionstatus")}
    finals = _finals(predictions)
    counted = _counted(scores, finals, {row.row_id: row.truth_version for row in rows})
    totals = {(version.dataset_id, version.version): version.total_rows for version in versions}
    tasks = {
        (row.row_id, job.model_id, job.prompt_id): row.dataset_id
        for job in jobs
        for row in rows
        if row.dataset_id == job.dataset_id and row.version <= job.dataset_version
    }
    shown_tasks = {
        key: (dataset, *_task(said.get(key, "no task"), finals.get(key)), *counted.get(key, (None, None, None)))
        for key, dataset in tasks.items()
    }
    shown_jobs, log = _jobs(jobs, totals, finals)
    confusion = Counter((key[1], key[2], tasks[key], gold, predicted) for key, (_, gold, predicted) in counted.items())
    latency = Counter(
        (key[1], key[2], tasks[key], latency_bucket(final.prediction_time))
        for key, final in finals.items()
        if final.status == "success"
    )
    return Derived(shown_jobs, shown_tasks, dict(confusion), dict(latency), log)


def _finals(predictions: list[Any]) -> dict[tuple[int, int, int], Any]:
    candidates: dict[tuple[int, int, int], list[Any]] = defaultdict(list)
    for one in predictions:
        if one.status == "success" or one.retry == 0:
            candidates[one.row_id, one.model_id, one.prompt_id].append(one)
    return {key: min(ones, key=lambda p: (p.status != "success", p.attempt)) for key, ones in candidates.items()}


def _counted(scores: list[Any], finals: dict[Any, Any], editions: dict[int, int]) -> dict[Any, tuple[Any, ...]]:
    counted = {}
    for one in scores:
        key = (one.row_id, one.model_id, one.prompt_id)
        final = finals.get(key)
        named = final is not None and (final.attempt, final.digest) == (one.attempt, one.prediction_digest)
        if named and editions[one.row_id] == one.truth_version:
            counted[key] = (one.truth_version, one.gold, one.predicted)
    return counted


def _task(said: str, final: Any) -> tuple[Any, ...]:
    if final is None:
        return said, None, None, None, None
    if final.status == "failed":
        return "failed", final.attempt, final.status, final.digest, None
    return "done", final.attempt, final.status, final.digest, latency_bucket(final.prediction_time)


def _jobs(
    jobs: list[Any], totals: dict[tuple[int, int], int], finals: dict[Any, Any]
) -> tuple[dict[tuple[Any, ...], tuple[Any, ...]], set[tuple[Any, ...]]]:
    shown, log = {}, set()
    for job in jobs:
        key = (job.model_id, job.prompt_id, job.dataset_id)
        of_job = [one for one in finals.values() if (one.model_id, one.prompt_id, one.dataset_id) == key]
        count, failed = len(of_job), sum(one.status == "failed" for one in of_job)
        total = totals[job.dataset_id, job.dataset_version]
        tallied = "done" if count >= total else "running" if count else "pending"
        status = tallied if job.event_status == "pending" else job.event_status
        shown[key] = (status, count, failed, total)
        log |= {(*key, job.epoch, "running")} if count else set()
        log |= {(*key, job.epoch, "done")} if status == "done" else set()
    return shown, log
