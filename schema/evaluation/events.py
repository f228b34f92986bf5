"""What can happen in the evaluation domain; beside each event, where it lands and how it merges."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schema.declare import Event, Furthest, Greatest, Latest, Lifecycle, Once, Register, happens
from schema.evaluation import tables
from schema.evaluation.tables import JOB_KEY, LABELS_CHARACTERS_MAX
from schema.types import Attempt, BigCount, Count, Epoch, Id, Label, Name, Seconds, Text, Time, Whole

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]

JOB = Lifecycle(
    "job",
    moves={"pending": ("stop", "cancelled", "failed"), "stop": ("cancelled", "failed"), "cancelled": (), "failed": ()},
    initial="pending",
    backward={"stop": ("pending",), "cancelled": ("pending",), "failed": ("pending",)},
)
"""What events say of a job; `running` and `done` are shown by the tallies."""

TASK = Lifecycle(
    "task",
    moves={"pending": ("in_progress",), "in_progress": ("failed",), "failed": ()},
    initial="pending",
    backward={"in_progress": ("pending",), "failed": ("pending",)},
)
"""What events say of a task; `done` is shown when it has a final prediction."""

_JOB_EXAMPLE = {"model_id": 3, "prompt_id": 7, "dataset_id": 1}
_TASK_EXAMPLE = {**_JOB_EXAMPLE, "row_id": 1042}
_TASK = ("model_id", "prompt_id", "dataset_id", "row_id")


@happens(
    "dataset.registered.v1",
    family="catalog",
    key=("dataset_id",),
    lands=Register(tables.datasets, merges=(Latest(("name", "description", "labels")),)),
    example={"dataset_id": 1, "name": "tweets", "description": "4,200 human-rated tweets", "labels": None},
)
class DatasetRegistered(Event):
    """A data set got its name, or a new one."""

    dataset_id: Id
    name: Name
    description: Text | None = None
    labels: Annotated[Text, Field(max_length=LABELS_CHARACTERS_MAX)] | None = None


@happens(
    "dataset.version_published.v1",
    family="catalog",
    key=("dataset_id", "version"),
    lands=Once(tables.dataset_versions),
    example={"dataset_id": 1, "version": 1, "total_rows": 4200},
)
class DatasetVersionPublished(Event):
    """A version of a data set is complete: a job can freeze it."""

    dataset_id: Id
    version: Id
    total_rows: Count


@happens(
    "row.added.v1",
    family="catalog",
    key=("row_id",),
    lands=Once(tables.rows),
    example={
        "row_id": 1042,
        "dataset_id": 1,
        "content": "Yay. Another good phone interview.",
        "expected_prediction": "positive",
        "version": 1,
    },
)
class RowAdded(Event):
    """A labelled row entered a data set with the given version."""

    row_id: Id
    dataset_id: Id
    content: Text
    expected_prediction: Label
    version: Id = 1


@happens(
    "row.relabelled.v1",
    family="catalog",
    key=("row_id",),
    lands=Register(
        tables.rows,
        creates=False,
        merges=(Greatest("truth_version", moves=("expected_prediction",)),),
    ),
    example={"row_id": 1042, "expected_prediction": "neutral", "truth_version": 2},
)
class RowRelabelled(Event):
    """The gold label of a row was corrected: a new edition of the truth, from 2."""

    row_id: Id
    expected_prediction: Label
    truth_version: Annotated[Id, Field(ge=2)]


@happens(
    "model.registered.v1",
    family="catalog",
    key=("model_id",),
    lands=Register(tables.models, merges=(Latest(("name", "source", "description", "library")),)),
    example={"model_id": 3, "name": "llama3:8b", "source": "ollama", "description": None, "library": "ollama"},
)
class ModelRegistered(Event):
    """A model was registered or described anew."""

    model_id: Id
    name: Name
    source: Name
    description: Text | None = None
    library: Name = "unknown"


@happens(
    "prompt.registered.v1",
    family="catalog",
    key=("prompt_id",),
    lands=Once(tables.prompts),
    example={"prompt_id": 7, "model_id": None, "text": "Positive, negative or neutral? {content}"},
)
class PromptRegistered(Event):
    """A prompt template with a `{content}` slot; its text never changes, another text is another prompt."""

    prompt_id: Id
    model_id: Id | None = None
    text: Text


@happens(
    "job.submitted.v1",
    family="jobs",
    key=(*JOB_KEY, "epoch"),
    partition_by=JOB_KEY,
    lands=(
        Register(
            tables.modelpromptstatus,
            values={"status": "pending"},
            renamed={"submitted_epoch": "epoch"},
            merges=(
                Furthest(JOB, "pending", "event_status", epoch="epoch"),
                Greatest("submitted_epoch", moves=("attempts_max",)),
                # What a job has frozen never shrinks, whichever epoch asked for it.
                Greatest("dataset_version"),
            ),
        ),
        Register(
            tables.status_update_log,
            values={"status": "pending"},
            time="updated_at",
            omit=("dataset_version", "attempts_max"),
        ),
    ),
    example={**_JOB_EXAMPLE, "dataset_version": 1, "epoch": 1, "attempts_max": 3},
)
class JobSubmitted(Event):
    """A model is to answer a data set, frozen at a version, under a prompt.

    The next epoch reopens, resumes or extends the job, with the same or a later version.
    """

    model_id: Id
    prompt_id: Id
    dataset_id: Id
    dataset_version: Id
    epoch: Epoch = 1
    attempts_max: Attempt = 3


class _JobMoved(Event):
    model_id: Id
    prompt_id: Id
    dataset_id: Id
    epoch: Epoch = 1
    reason: Text = ""
    actor: Text = ""


def _job_moved(name: str, state: str):  # type: ignore[no-untyped-def]
    return happens(
        name,
        family="jobs",
        key=(*JOB_KEY, "epoch"),
        partition_by=JOB_KEY,
        lands=(
            Register(
                tables.modelpromptstatus,
                creates=False,
                omit=("reason", "actor"),
                merges=(Furthest(JOB, state, "event_status", epoch="epoch"),),
            ),
            Register(tables.status_update_log, values={"status": state}, time="updated_at", omit=("reason", "actor")),
        ),
        example={**_JOB_EXAMPLE, "epoch": 1, "reason": "budget spent", "actor": "ana"},
    )


@_job_moved("job.stopped.v1", "stop")
class JobStopped(_JobMoved):
    """Workers may claim no more of the job until a new epoch resumes it."""


@_job_moved("job.cancelled.v1", "cancelled")
class JobCancelled(_JobMoved):
    """The job ended without a result, by choice."""


@_job_moved("job.failed.v1", "failed")
class JobFailed(_JobMoved):
    """The job ended without a result: too many rows failed."""


def _claim_moves() -> tuple[str, ...]:
    return ("worker", "claimed_at", "lease_until")


@happens(
    "task.claimed.v1",
    family="jobs",
    key=(*_TASK, "attempt"),
    partition_by=JOB_KEY,
    lands=Register(
        tables.predictionstatus,
        creates=False,
        time="claimed_at",
        merges=(Furthest(TASK, "in_progress", "event_status", attempt="attempt", moves=_claim_moves()),),
    ),
    example={**_TASK_EXAMPLE, "attempt": 1, "worker": "w-1", "lease_until": "2026-03-01T10:05:00Z"},
)
class TaskClaimed(Event):
    """A worker asks for a task: the first claim of an attempt in the partition has it."""

    model_id: Id
    prompt_id: Id
    dataset_id: Id
    row_id: Id
    attempt: Attempt = 1
    worker: Name
    lease_until: Time


@happens(
    "task.heartbeat.v1",
    family="jobs",
    key=(*_TASK, "attempt"),
    partition_by=JOB_KEY,
    lands=Register(
        tables.predictionstatus,
        creates=False,
        merges=(Greatest("lease_until", within=("attempt", "worker")),),
    ),
    example={**_TASK_EXAMPLE, "attempt": 1, "worker": "w-1", "lease_until": "2026-03-01T10:06:00Z"},
)
class TaskHeartbeat(Event):
    """The holder of a lease is alive and asks for more time."""

    model_id: Id
    prompt_id: Id
    dataset_id: Id
    row_id: Id
    attempt: Attempt
    worker: Name
    lease_until: Time


class _TaskMoved(Event):
    model_id: Id
    prompt_id: Id
    dataset_id: Id
    row_id: Id
    attempt: Attempt
    reason: Text = ""


def _task_moved(name: str, state: str, example_reason: str):  # type: ignore[no-untyped-def]
    return happens(
        name,
        family="jobs",
        key=(*_TASK, "attempt"),
        partition_by=JOB_KEY,
        lands=Register(
            tables.predictionstatus,
            creates=False,
            omit=("reason",),
            values={"worker": None, "claimed_at": None, "lease_until": None},
            merges=(Furthest(TASK, state, "event_status", attempt="attempt", moves=_claim_moves()),),
        ),
        example={**_TASK_EXAMPLE, "attempt": 2, "reason": example_reason},
    )


@_task_moved("task.released.v1", "pending", "worker shut down")
class TaskReleased(_TaskMoved):
    """The task waits again, under the next attempt: given back by its worker, or its lease expired."""


@_task_moved("task.failed.v1", "failed", "attempts used up")
class TaskFailed(_TaskMoved):
    """The attempts of a task are used up."""


class _Answer(Event):
    row_id: Id
    model_id: Id
    prompt_id: Id
    dataset_id: Id
    attempt: Attempt = 1
    prediction_time: Seconds
    formatted_prompt: Text | None = None
    tokens: Count | None = None
    cost: BigCount | None = None


@happens(
    "prediction.recorded.v1",
    family="predictions",
    key=(*_TASK, "attempt"),
    partition_by=JOB_KEY,
    lands=Once(tables.predictions, values={"status": "success", "retry": 0}, time="predicted_at", digest="digest"),
    example={
        **_TASK_EXAMPLE,
        "attempt": 1,
        "prediction": "positive",
        "prediction_time": 0.84,
        "formatted_prompt": None,
        "tokens": 41,
        "cost": 12,
    },
)
class PredictionRecorded(_Answer):
    """A model answered a row; `unknown` is an answer that names no label."""

    prediction: Label


@happens(
    "prediction.failed.v1",
    family="predictions",
    key=(*_TASK, "attempt"),
    partition_by=JOB_KEY,
    lands=Once(tables.predictions, values={"status": "failed", "prediction": ""}, time="predicted_at", digest="digest"),
    example={**_TASK_EXAMPLE, "attempt": 1, "prediction_time": 30.0, "error_kind": "timeout", "retry": 0},
)
class PredictionFailed(_Answer):
    """A call failed; with `retry` 1 the task is tried again, with 0 this is its final answer."""

    error_kind: Literal["timeout", "refusal", "rate limit", "parser", "other"]
    retry: Annotated[Literal[0, 1], Whole] = 0


@happens(
    "answer.scored.v1",
    family="scores",
    key=(*_TASK, "attempt", "truth_version", "prediction_digest"),
    partition_by=JOB_KEY,
    lands=Once(tables.scores, time="scored_at"),
    example={
        **_TASK_EXAMPLE,
        "attempt": 1,
        "prediction_digest": "0123456789abcdef0123456789abcdef",
        "truth_version": 1,
        "gold": "positive",
        "predicted": "positive",
        "correct": 1,
    },
)
class AnswerScored(Event):
    """An answer was held against an edition of the gold label; it counts while both are the current ones."""

    row_id: Id
    model_id: Id
    prompt_id: Id
    dataset_id: Id
    attempt: Attempt
    prediction_digest: Digest
    truth_version: Id
    gold: Name
    predicted: Name
    correct: Annotated[Literal[0, 1], Whole]


EVENTS = (
    DatasetRegistered, DatasetVersionPublished, RowAdded, RowRelabelled, ModelRegistered, PromptRegistered,
    JobSubmitted, JobStopped, JobCancelled, JobFailed, TaskClaimed, TaskHeartbeat, TaskReleased, TaskFailed,
    PredictionRecorded, PredictionFailed, AnswerScored,
)  # fmt: skip
