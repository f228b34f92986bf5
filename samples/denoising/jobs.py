"""What the log says of a worker's jobs: who began which attempt first, and whether they ended."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from podium.settings import Kafka
from samples.denoising.catalog import Job, Publish
from samples.log import Reader, in_time

TOPIC: Final = "seismic.jobs"
ENDS: Final = frozenset(f"seismic.{what}.v1" for what in ("result.recorded", "job.failed", "job.cancelled"))
QUIET_SECONDS: Final = 4.0
"""A worker that says nothing of its job for so long is lost; who works says more, more often."""


@dataclass
class Course:
    """How one job goes, as far as the log was read."""

    submitted: bool = False
    workers: dict[int, str] = field(default_factory=dict)
    """Attempt -> who began it; the first start in the log counts."""

    ended: bool = False
    moved: float = field(default_factory=time.monotonic)

    @property
    def attempt(self) -> int:
        """The present one, 0 before the first."""
        return max(self.workers, default=0)

    def see(self, type_: str, data: dict[str, Any]) -> None:
        """Take in one event of the job."""
        self.moved = time.monotonic()
        if type_ == "seismic.job.submitted.v1":
            self.submitted = True
        elif type_ == "seismic.job.started.v1":
            self.workers.setdefault(data.get("attempt", 1), data["worker"])
        elif type_ == "seismic.job.cancelled.v1" or (type_ in ENDS and data.get("attempt", 1) == self.attempt):
            self.ended = True


class JobLog:
    """One worker's view of some jobs."""

    def __init__(self, kafka: Kafka, jobs: Sequence[Job], worker: str) -> None:
        self.worker = worker
        self._courses = {str(job.id).encode(): Course() for job in jobs}
        self._reader = Reader(kafka, TOPIC, set(self._courses), "samples.denoising")

    def follow(self, seconds: float = 0.0) -> None:
        """Take in what is new."""
        for key, type_, data in self._reader.read(seconds):
            self._courses[key].see(type_, data)

    def course(self, job: Job) -> Course:
        """How a job goes."""
        return self._courses[str(job.id).encode()]

    def take(self, job: Job, publish: Publish) -> int | None:
        """Begin the next attempt at a job, unless another is at it; None once the job has ended.

        Who is quiet for QUIET_SECONDS has lost the job. Raises NotInTheLog.
        """
        course, late = self.course(job), in_time(f"a start of job {job.id}")
        while not (self._reader.at_end and course.submitted):
            self.follow(0.05)
            late()
        while not course.ended:
            lost = course.attempt == 0 or time.monotonic() - course.moved > QUIET_SECONDS
            if lost and self._begin(job, course.attempt + 1, publish):
                return course.attempt
            self.follow(0.05)
            late()
        return None

    def _begin(self, job: Job, attempt: int, publish: Publish) -> bool:
        """Ask for an attempt; whether the log gave it to this worker."""
        course, late = self.course(job), in_time(f"a start of job {job.id}")
        publish("seismic.job.started.v1", {"job_id": str(job.id), "attempt": attempt, "worker": self.worker})
        while attempt not in course.workers:
            self.follow(0.02)
            late()
        return course.workers[attempt] == self.worker and not course.ended

    def close(self) -> None:
        """Let go of the broker."""
        self._reader.close()
