"""Works a job off: claims rows by the batch, answers those that the log granted, publishes the answers."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, Protocol

from samples.sentiment.catalog import Job, Numbered, Publish
from samples.sentiment.classifiers import CONTENT_SLOT, Classifier, fill
from samples.sentiment.leases import Task

BATCH_ROWS_MAX: Final = 250
BATCHES_AHEAD_MAX: Final = 4
LEASE: Final = timedelta(seconds=60)


class Claims(Protocol):
    """The log as arbiter, as one worker of one job meets it."""

    def claimable(self, row_ids: Sequence[int]) -> list[Task]:
        """Tasks worth claiming, as far as the log has been read; none while the job is not open."""
        ...

    def granted(self, tasks: Sequence[Task]) -> list[Task]:
        """Waits until the log has decided on this worker's claims of `tasks`; gives those it may answer."""
        ...


@dataclass(frozen=True)
class Assignment:
    """Everything one worker needs for one job."""

    job: Job
    numbered: Numbered
    prompt: str
    classifier: Classifier
    worker: str


def work(assignment: Assignment, claims: Claims, publish: Publish, now: Callable[[], datetime]) -> Iterator[int]:
    """Claims and answers the rows of the job once through; yields the number answered after every batch.

    Claims run a few batches ahead of the answers, so that a worker need not wait while the log decides.
    """
    asked: deque[list[Task]] = deque()
    for row_ids in batches(assignment.numbered.row_ids):
        tasks = claims.claimable(row_ids)
        claim(publish, assignment, tasks, now() + LEASE)
        asked.append(tasks)
        if len(asked) > BATCHES_AHEAD_MAX:
            yield answer(publish, assignment, claims.granted(asked.popleft()))
    while asked:
        yield answer(publish, assignment, claims.granted(asked.popleft()))


def batches(row_ids: Sequence[int]) -> Iterator[list[int]]:
    """The ids in their order, at most BATCH_ROWS_MAX at a time."""
    remaining = iter(row_ids)
    while batch := list(islice(remaining, BATCH_ROWS_MAX)):
        yield batch


def claim(publish: Publish, assignment: Assignment, tasks: Sequence[Task], lease_until: datetime) -> None:
    """Asks for the tasks; whether they are granted is for the log to say."""
    asked = {"worker": assignment.worker, "lease_until": lease_until.isoformat()}
    for task in tasks:
        publish("evaluation.task.claimed.v1", {**_key(assignment.job, task), **asked})


def answer(publish: Publish, assignment: Assignment, tasks: Sequence[Task]) -> int:
    """Classifies and publishes the granted tasks; gives their number."""
    for task in tasks:
        content = assignment.numbered.content(task.row_id)
        prompt = fill(assignment.prompt, content)
        label, seconds = assignment.classifier.classify(prompt)
        answered: dict[str, Any] = {"prediction": label, "prediction_time": seconds}
        if assignment.prompt != CONTENT_SLOT:
            answered["formatted_prompt"] = prompt
        publish("evaluation.prediction.recorded.v1", {**_key(assignment.job, task), **answered})
    return len(tasks)


def _key(job: Job, task: Task) -> dict[str, int]:
    return {**job.key, "row_id": task.row_id, "attempt": task.attempt}
