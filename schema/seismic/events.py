"""What can happen in the seismic domain, and where it lands and how it merges; what jobs refer to is in `catalog`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from schema.declare import Event, Furthest, Greatest, Lifecycle, Once, Register, happens
from schema.envelope import v5
from schema.seismic import catalog, tables
from schema.seismic.catalog import DATASET_EXAMPLE, MEASURES, Bytes, Hertz, Label, Path, Purpose
from schema.seismic.ranges import FIGURE_MAX, SECONDS_MAX
from schema.types import Attempt, Count, Email, Id, Json, Name, Number, Seconds, Text, Uuid

Percent = Annotated[int, Field(ge=0, le=99)]
"""What a worker may report: 100 comes with the result alone."""

Figured = Annotated[Number, Field(ge=-FIGURE_MAX, le=FIGURE_MAX)]
"""A figure of a metric: -1e300 to 1e300."""

Flag = Literal["perfect", "undefined"]

JOB = Lifecycle(
    "job",
    moves={
        "pending": ("running", "failed", "cancelled"),
        "running": ("completed", "failed", "cancelled"),
        "completed": (),
        "failed": (),
        "cancelled": (),
    },
    initial="pending",
    backward={"running": ("running",)},
    final=("completed", "failed", "cancelled"),
)
"""What events say of a job: the first end in the log stays, and a lost worker's job runs on as the next attempt."""

_OF_END = ("completed_at", "error_message")
_JOB_EXAMPLE = "7c1d2e3f-0b4a-4c5d-8e6f-1a2b3c4d5e6f"

_AT_JOB: dict[str, Any] = {
    "family": "jobs",
    "key": ("job_id", "attempt"),
    "partition_by": ("job_id",),
    "order_by": ("job_id",),
}


def _becomes(state: str) -> Furthest:
    return Furthest(JOB, state, "event_status", attempt="attempt", moves=_OF_END)


def _moves_job(
    *merges: Any, omit: tuple[str, ...] = (), renamed: dict[str, str] | None = None, **landing: Any
) -> Register:
    """A landing on a job that is there."""
    renamed = {"id": "job_id", **(renamed or {})}
    return Register(tables.jobs, creates=False, renamed=renamed, omit=("job_id", *omit), merges=merges, **landing)


_output_id = v5("seismic.output", "job_id")


@happens(
    "job.submitted.v1",
    family="jobs",
    key=("job_id",),
    lands=Register(
        tables.jobs,
        time="created_at",
        renamed={"id": "job_id"},
        derived={
            "user_id": v5("seismic.user", "owner"),
            "model_id": v5("seismic.model", "model", "model_version"),
            "output_dataset_id": _output_id,
        },
        values={"attempt": 1, **dict.fromkeys(_OF_END)},
        omit=("job_id", "owner", "model", "model_version"),
        merges=(_becomes("pending"),),
    ),
    example={
        "job_id": _JOB_EXAMPLE,
        "owner": "ana@example.org",
        "dataset_id": DATASET_EXAMPLE,
        "model": "wiener",
        "model_version": "1.0.0",
        "type": "denoising",
        "parameters": {"strength": "medium"},
        "lease_seconds": 900,
    },
)
class JobSubmitted(Event):
    """A model is to work on a data set; the output data set is made with the job."""

    job_id: Uuid
    owner: Email
    dataset_id: Uuid
    model: Name
    model_version: Label
    type: Purpose
    parameters: Json = Field(default_factory=dict)
    lease_seconds: Id = tables.LEASE_SECONDS


@happens(
    "job.started.v1",
    **_AT_JOB,
    lands=_moves_job(
        _becomes("running"),
        Greatest("began_attempt", moves=("began_at", "worker")),
        Greatest("seen_at"),
        renamed={"began_attempt": "attempt"},
        time=("began_at", "seen_at"),
        values=dict.fromkeys(_OF_END),
    ),
    example={"job_id": _JOB_EXAMPLE, "attempt": 1, "worker": "w-1"},
)
class JobStarted(Event):
    """A worker began; after a lost worker the next one begins the next attempt."""

    job_id: Uuid
    attempt: Attempt = 1
    worker: Name


@happens(
    "job.progressed.v1",
    family="jobs",
    key=("job_id", "attempt", "percent"),
    partition_by=("job_id",),
    order_by=("job_id",),
    lands=_moves_job(
        _becomes("running"),
        Greatest("percent", after=("reported_attempt",)),
        Greatest("seen_at"),
        renamed={"reported_attempt": "attempt"},
        time="seen_at",
        values=dict.fromkeys(_OF_END),
    ),
    example={"job_id": _JOB_EXAMPLE, "attempt": 1, "percent": 60},
)
class JobProgressed(Event):
    """How far an attempt is: it runs. The series is in the topic, the row keeps the greatest."""

    job_id: Uuid
    attempt: Attempt = 1
    percent: Percent


@happens(
    "job.failed.v1",
    **_AT_JOB,
    lands=_moves_job(_becomes("failed"), time="completed_at"),
    example={"job_id": _JOB_EXAMPLE, "attempt": 1, "error_message": "out of memory"},
)
class JobFailed(Event):
    """The present attempt ended without a result."""

    job_id: Uuid
    attempt: Attempt = 1
    error_message: Text


@happens(
    "job.cancelled.v1",
    family="jobs",
    key=("job_id",),
    lands=_moves_job(
        Furthest(JOB, "cancelled", "event_status", moves=_OF_END),
        omit=("reason", "actor"),
        time="completed_at",
        values={"error_message": None},
    ),
    example={"job_id": _JOB_EXAMPLE, "reason": "wrong model", "actor": "ana@example.org"},
)
class JobCancelled(Event):
    """A person ended the job, whichever attempt is at work."""

    job_id: Uuid
    reason: Text = ""
    actor: Text = ""


class Figure(BaseModel):
    """One metric of a result: the mean of its finite values, or none and a flag; infinity and NaN have no place."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    definition: Id
    unit: Label
    direction: Literal["up", "down"]
    n: Count
    value: Figured | None = None
    low: Figured | None = None
    high: Figured | None = None
    perfect: Count = 0
    undefined: Count = 0
    flag: Flag | None = None


_OF_RESULT = ("metrics", "storage_path", *MEASURES[:4])


@happens(
    "result.recorded.v1",
    **_AT_JOB,
    lands=(
        _moves_job(_becomes("completed"), omit=_OF_RESULT, time="completed_at", values={"error_message": None}),
        Once(
            tables.results,
            time="created_at",
            derived={"id": v5("seismic.result", "job_id", "attempt"), "output_dataset_id": _output_id},
        ),
    ),
    example={
        "job_id": _JOB_EXAMPLE,
        "attempt": 1,
        "metrics": {
            "snr_improvement_db": {
                "definition": 1, "unit": "dB", "direction": "up", "n": 1000, "value": 10.5, "low": 10.1, "high": 10.9,
                "perfect": 0, "undefined": 0, "flag": None,
            }
        },
        "storage_path": "datasets/5b0f7c1e/denoised/survey_2025.sgy",
        "traces": 1000,
        "samples": 2000,
        "sample_rate": 250.0,
        "size_bytes": 8_243_600,
    },
)  # fmt: skip
class ResultRecorded(Event):
    """The result, which completes the job and makes its output ready; one that comes too late is kept, and no more."""

    job_id: Uuid
    attempt: Attempt = 1
    metrics: dict[str, Figure]
    storage_path: Path
    traces: Id
    samples: Id
    sample_rate: Hertz
    size_bytes: Bytes


@happens(
    "trace.denoised.v1",
    family="predictions",
    key=("job_id", "attempt", "trace"),
    partition_by=("job_id",),
    lands=Once(tables.denoised, time="denoised_at"),
    example={
        "job_id": _JOB_EXAMPLE,
        "attempt": 1,
        "trace": 0,
        "reference": "datasets/5b0f7c1e/denoised/0",
        "seconds": 0.002,
    },
)
class TraceDenoised(Event):
    """A model returned one trace."""

    job_id: Uuid
    attempt: Attempt = 1
    trace: Count
    reference: Path
    seconds: Annotated[Seconds, Field(le=SECONDS_MAX)]


@happens(
    "metric.measured.v1",
    family="scores",
    key=("job_id", "attempt", "metric", "definition", "trace"),
    partition_by=("job_id",),
    lands=Once(tables.measurements, time="measured_at"),
    example={
        "job_id": _JOB_EXAMPLE,
        "attempt": 1,
        "trace": 0,
        "metric": "snr_improvement_db",
        "definition": 1,
        "value": 10.5,
        "flag": None,
        "n": 2000,
    },
)
class MetricMeasured(Event):
    """One metric of one output trace against its reference: a finite value, or a flag that says why there is none."""

    job_id: Uuid
    attempt: Attempt = 1
    trace: Count
    metric: Label
    definition: Id
    value: Figured | None = None
    flag: Flag | None = None
    n: Id


EVENTS = (
    *catalog.EVENTS, JobSubmitted, JobStarted, JobProgressed, JobFailed, JobCancelled, ResultRecorded, TraceDenoised,
    MetricMeasured,
)  # fmt: skip
