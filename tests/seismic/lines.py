"""Events of the seismic domain as lines (type, time, data)."""

from __future__ import annotations

from typing import Any

Line = dict[str, Any]

ANA, BO = "ana@example.org", "bo@example.org"
DATASET = "00000000-0000-4000-8000-000000000001"
JOB = "00000000-0000-4000-9000-000000000001"
BYTES = 4880
"""Of SEG-Y with 2 traces of 100 samples."""


def line(type_: str, second: int = 0, **data: Any) -> Line:
    """An event; `second` after ten o'clock."""
    return {"type": f"seismic.{type_}.v1", "time": f"2026-03-01T10:{second // 60:02}:{second % 60:02}Z", "data": data}


def people() -> list[Line]:
    """Two accounts, a model and a metric."""
    model: Line = {"name": "wiener", "version": "1", "architecture": "wiener", "type": "denoising"}
    metric: Line = {"metric": "rmse", "definition": 1, "unit": "g", "direction": "down", "formula": "root of mse"}
    accounts = [line("user.registered", email=email) for email in (ANA, BO)]
    return [*accounts, line("model.registered", **model), line("metric.defined", **metric)]


def started(dataset: str = DATASET, size: int = BYTES, part: int = 2000, owner: str = ANA) -> Line:
    more: Line = {"owner": owner, "name": "line.sgy", "format": "segy"}
    return line("upload.started", dataset_id=dataset, size_bytes=size, part_bytes=part, **more)


def part(number: int, size: int, dataset: str = DATASET, attempt: int = 1, sha: str = "a") -> Line:
    return line("part.stored", dataset_id=dataset, attempt=attempt, part=number, bytes=size, sha256=sha * 64)


def prepared(size: int = BYTES, dataset: str = DATASET, attempt: int = 1, **more: Any) -> Line:
    shape = {"traces": 2, "samples": 100, "sample_rate": 250.0, "storage_path": "raw/line.sgy", **more}
    return line("dataset.prepared", dataset_id=dataset, attempt=attempt, size_bytes=size, **shape)


def finalized(dataset: str = DATASET, attempt: int = 1) -> Line:
    return line("upload.finalized", dataset_id=dataset, attempt=attempt)


def uploaded(dataset: str = DATASET, owner: str = ANA) -> list[Line]:
    """A data set from its announcement until it is ready."""
    parts = [part(number, size, dataset) for number, size in enumerate((2000, 2000, 880))]
    return [started(dataset, owner=owner), *parts, finalized(dataset), prepared(dataset=dataset)]


def submitted(job: str = JOB, dataset: str = DATASET, owner: str = ANA) -> Line:
    wanted: Line = {"model": "wiener", "model_version": "1", "type": "denoising"}
    return line("job.submitted", job_id=job, owner=owner, dataset_id=dataset, **wanted)


def begun(attempt: int = 1, job: str = JOB, second: int = 1) -> Line:
    return line("job.started", second, job_id=job, attempt=attempt, worker=f"w-{attempt}")


def at(percent: int, attempt: int = 1, job: str = JOB, second: int = 2) -> Line:
    return line("job.progressed", second, job_id=job, attempt=attempt, percent=percent)


def failed(attempt: int = 1, job: str = JOB, why: str = "out of memory") -> Line:
    return line("job.failed", 3, job_id=job, attempt=attempt, error_message=why)


def cancelled(job: str = JOB) -> Line:
    return line("job.cancelled", 3, job_id=job, reason="wrong model")


def figure(value: float | None = 1.5, n: int = 2, **more: Any) -> dict[str, Any]:
    return {"definition": 1, "unit": "g", "direction": "down", "n": n, "value": value, **more}


def result(attempt: int = 1, job: str = JOB, **metrics: Any) -> Line:
    shape = {"traces": 2, "samples": 100, "sample_rate": 250.0, "size_bytes": BYTES}
    stored = {"storage_path": f"out/{attempt}", "metrics": metrics or {"rmse": figure()}}
    return line("result.recorded", 4, job_id=job, attempt=attempt, **shape, **stored)
