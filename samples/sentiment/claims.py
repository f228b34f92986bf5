"""What the log says about a worker's claims: the topics of jobs and predictions, in the order of each partition."""

from collections.abc import Sequence

from podium.settings import Kafka
from samples.log import Reader, in_time
from samples.sentiment.catalog import Job
from samples.sentiment.leases import Leases, Task

JOBS, PREDICTIONS = "evaluation.jobs", "evaluation.predictions"
FINAL = "evaluation.prediction.recorded.v1"
GROUP = "samples.sentiment"


class JobLog:
    """One worker's view of its jobs. `claims` gives the part that `answers.work` needs."""

    def __init__(self, kafka: Kafka, jobs: Sequence[Job], worker: str) -> None:
        self.kafka = kafka
        self.leases = {_key(job): Leases(job, worker) for job in jobs}
        self.answered: dict[bytes, set[int]] = {key: set() for key in self.leases}
        self._jobs = Reader(kafka, JOBS, set(self.leases), GROUP)

    def follow(self, seconds: float = 0.0) -> None:
        """Take in what is new about the jobs."""
        for key, type_, data in self._jobs.read(seconds):
            self.leases[key].see(type_, data)

    def catch_up(self) -> None:
        """Take in all that is there. Raises NotInTheLog."""
        late = in_time(f"the end of {JOBS}")
        while not self._jobs.at_end:
            late()
            self.follow(0.05)

    def look_for_answers(self) -> None:
        """Learn which rows have a final answer by now, whoever gave it. Raises NotInTheLog."""
        reader = Reader(self.kafka, PREDICTIONS, set(self.leases), GROUP)
        late = in_time(f"the end of {PREDICTIONS}")
        try:
            while not reader.at_end:
                late()
                for key, type_, data in reader.read(0.05):
                    if type_ == FINAL or data.get("retry") == 0:
                        self.answered[key].add(data["row_id"])
        finally:
            reader.close()

    def claims(self, job: Job) -> "JobClaims":
        """The claims of this worker for one of its jobs."""
        return JobClaims(self, self.leases[_key(job)], self.answered[_key(job)])

    def close(self) -> None:
        """Let go of the broker."""
        self._jobs.close()


class JobClaims:
    """The log as arbiter of one job; `answered` are rows that need no further claim."""

    def __init__(self, log: JobLog, leases: Leases, answered: set[int]) -> None:
        self._log = log
        self._leases = leases
        self.answered = answered

    @property
    def open(self) -> bool:
        """Whether the job was submitted and neither stopped nor ended since."""
        return self._leases.open

    def claimable(self, row_ids: Sequence[int]) -> list[Task]:
        """Tasks worth claiming, as far as the log has been read."""
        return self._leases.claimable(row_id for row_id in row_ids if row_id not in self.answered)

    def granted(self, tasks: Sequence[Task]) -> list[Task]:
        """Waits for the log's decision; what is granted counts as answered, since the caller answers it.

        Raises NotInTheLog.
        """
        late = in_time("a claim of this worker")
        while not all(map(self._leases.decided, tasks)):
            late()
            self._log.follow(0.02)
        held = [task for task in tasks if self._leases.holds(task)]
        self.answered.update(task.row_id for task in held)
        return held


def _key(job: Job) -> bytes:
    return ":".join(str(value) for value in job.key.values()).encode()
