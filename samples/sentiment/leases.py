"""Who may answer which row of a job: a fold over the records of the job's partition, in their order."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from samples.sentiment.catalog import Job
from schema.evaluation.events import JOB, TASK

JOB_STATES: Final = {
    "evaluation.job.submitted.v1": "pending",
    "evaluation.job.stopped.v1": "stop",
    "evaluation.job.cancelled.v1": "cancelled",
    "evaluation.job.failed.v1": "failed",
}
TASK_STATES: Final = {
    "evaluation.task.claimed.v1": "in_progress",
    "evaluation.task.released.v1": "pending",
    "evaluation.task.failed.v1": "failed",
}


class Task(NamedTuple):
    """A row under one attempt."""

    row_id: int
    attempt: int


class _Standing(NamedTuple):
    attempt: int
    rank: int


class Leases:
    """One worker's view of one job. Every worker that has read as far sees the same holders.

    The greatest (attempt, rank of the state) stands; of equals the first in the partition, so of two claims
    of one attempt the earlier record has the row, whoever sent it first.
    """

    def __init__(self, job: Job, worker: str) -> None:
        self._job = job
        self._worker = worker
        self._epoch_and_rank = (0, 0)
        self._standing: dict[int, _Standing] = {}
        self._holder: dict[int, str] = {}
        self._seen: set[Task] = set()

    @property
    def open(self) -> bool:
        """Whether the job was submitted and neither stopped nor ended since."""
        epoch, rank = self._epoch_and_rank
        return epoch > 0 and rank == JOB.ranks["pending"]

    def see(self, type_: str, data: Mapping[str, Any]) -> None:
        """Takes in the next record of the partition; records of other jobs and other types change nothing."""
        if not self._job.owns(data):
            return
        if type_ in JOB_STATES:
            told = (data.get("epoch", 1), JOB.ranks[JOB_STATES[type_]])
            self._epoch_and_rank = max(self._epoch_and_rank, told)
        elif type_ in TASK_STATES:
            self._see_task(TASK_STATES[type_], data)

    def _see_task(self, state: str, data: Mapping[str, Any]) -> None:
        task = Task(data["row_id"], data.get("attempt", 1))
        worker = data.get("worker", "")
        if worker == self._worker:
            self._seen.add(task)
        standing = _Standing(task.attempt, TASK.ranks[state])
        if standing > self._standing_of(task.row_id):
            self._standing[task.row_id] = standing
            self._holder[task.row_id] = worker

    def claimable(self, row_ids: Iterable[int]) -> list[Task]:
        """Those of the rows that nobody holds and that have not failed, under the attempt to claim."""
        if not self.open:
            return []
        current = ((row_id, self._standing_of(row_id)) for row_id in row_ids)
        return [Task(row_id, now.attempt) for row_id, now in current if now.rank == TASK.ranks["pending"]]

    def decided(self, task: Task) -> bool:
        """Whether this worker's own claim has come back from the log."""
        return task in self._seen

    def holds(self, task: Task) -> bool:
        """Whether this worker may answer the task."""
        standing = _Standing(task.attempt, TASK.ranks["in_progress"])
        return self._standing.get(task.row_id) == standing and self._holder[task.row_id] == self._worker

    def _standing_of(self, row_id: int) -> _Standing:
        return self._standing.get(row_id, _Standing(1, TASK.ranks[TASK.initial]))
