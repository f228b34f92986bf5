"""What the log says about a worker's claims: the topics of jobs and predictions, in the order of each partition."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from podium.settings import Kafka
from samples.sentiment.catalog import Job
from samples.sentiment.leases import Leases, Task

JOBS, PREDICTIONS = "evaluation.jobs", "evaluation.predictions"
FINAL = "evaluation.prediction.recorded.v1"
SECONDS_MAX = 60.0
CHUNK_RECORDS = 2_000


class NotInTheLog(Exception):
    """What this worker published did not come back from the log in time."""


class _Record(msgspec.Struct):
    """As much of an event as leases depend on."""

    type: str
    data: dict[str, Any]


_decode = msgspec.json.Decoder(_Record).decode


class Reader:
    """All partitions of one topic, from the beginning; only records of some keys are decoded."""

    def __init__(self, kafka: Kafka, topic: str, keys: set[bytes]) -> None:
        self._keys = keys
        self._consumer = Consumer(
            kafka.client(
                group_id=kafka.named("samples.sentiment"),
                enable_auto_commit=False,
                auto_offset_reset="error",
                isolation_level="read_committed",
                enable_partition_eof=True,
                fetch_wait_max_ms=20,
                queued_max_messages_kbytes=16_384,
            )
        )
        name = kafka.named(topic)
        self._left = set(self._consumer.list_topics(name, timeout=10).topics[name].partitions)
        self._consumer.assign([TopicPartition(name, n, OFFSET_BEGINNING) for n in self._left])

    def read(self, seconds: float) -> Iterator[tuple[bytes, str, dict[str, Any]]]:
        """What is new: key, type, data. Raises KafkaException."""
        for message in self._consumer.consume(CHUNK_RECORDS, seconds):
            if (error := message.error()) is not None:
                if error.code() != error._PARTITION_EOF:
                    raise KafkaException(error)
                self._left.discard(message.partition())
            elif (key := message.key()) in self._keys and (record := _record(message.value())):
                yield key, record.type, record.data

    @property
    def at_end(self) -> bool:
        """Whether every partition was once read to its end."""
        return not self._left

    def close(self) -> None:
        """Let go of the broker."""
        self._consumer.close()


def _record(value: bytes | str | None) -> _Record | None:
    """Others may have put anything there: what is no event decides nothing."""
    try:
        return _decode(value or b"")
    except msgspec.MsgspecError:
        return None


class JobLog:
    """One worker's view of its jobs. `claims` gives the part that `answers.work` needs."""

    def __init__(self, kafka: Kafka, jobs: Sequence[Job], worker: str) -> None:
        self.kafka = kafka
        self.leases = {_key(job): Leases(job, worker) for job in jobs}
        self.answered: dict[bytes, set[int]] = {key: set() for key in self.leases}
        self._jobs = Reader(kafka, JOBS, set(self.leases))

    def follow(self, seconds: float = 0.0) -> None:
        """Take in what is new about the jobs."""
        for key, type_, data in self._jobs.read(seconds):
            self.leases[key].see(type_, data)

    def catch_up(self) -> None:
        """Take in all that is there. Raises NotInTheLog."""
        late = time.monotonic() + SECONDS_MAX
        while not self._jobs.at_end:
            _in_time(late, f"the end of {JOBS}")
            self.follow(0.05)

    def look_for_answers(self) -> None:
        """Learn which rows have a final answer by now, whoever gave it. Raises NotInTheLog."""
        reader, late = Reader(self.kafka, PREDICTIONS, set(self.leases)), time.monotonic() + SECONDS_MAX
        try:
            while not reader.at_end:
                _in_time(late, f"the end of {PREDICTIONS}")
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
        late = time.monotonic() + SECONDS_MAX
        while not all(map(self._leases.decided, tasks)):
            _in_time(late, "a claim of this worker")
            self._log.follow(0.02)
        held = [task for task in tasks if self._leases.holds(task)]
        self.answered.update(task.row_id for task in held)
        return held


def _in_time(late: float, what: str) -> None:
    if time.monotonic() > late:
        raise NotInTheLog(f"{what} did not come within {SECONDS_MAX:.0f} s; podium status tells whether Kafka runs")


def _key(job: Job) -> bytes:
    return ":".join(str(value) for value in job.key.values()).encode()
