"""The topic of jobs, read from its beginning."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from podium.settings import Kafka
from samples.engines.queue import Queue

JOBS = "chess.jobs"
CHUNK_RECORDS = 2_000
SECONDS_MAX = 60.0


class NotInTheLog(Exception):
    """What this client published did not come back from the log in time."""


class _Record(msgspec.Struct):
    """As much of an event as a client depends on."""

    type: str
    data: dict[str, Any]


_decode = msgspec.json.Decoder(_Record).decode


class JobLog:
    """Feeds a queue with what the log says."""

    def __init__(self, kafka: Kafka, queue: Queue) -> None:
        self.queue = queue
        self._consumer = Consumer(
            kafka.client(
                group_id=kafka.named("samples.engines"),
                enable_auto_commit=False,
                auto_offset_reset="error",
                isolation_level="read_committed",
                enable_partition_eof=True,
                fetch_wait_max_ms=20,
            )
        )
        name = kafka.named(JOBS)
        self._left = set(self._consumer.list_topics(name, timeout=10).topics[name].partitions)
        self._consumer.assign([TopicPartition(name, n, OFFSET_BEGINNING) for n in self._left])

    def follow(self, seconds: float = 0.0) -> None:
        """Take in what is new. Raises KafkaException."""
        for message in self._consumer.consume(CHUNK_RECORDS, seconds):
            if (error := message.error()) is not None:
                if error.code() != error._PARTITION_EOF:
                    raise KafkaException(error)
                self._left.discard(message.partition())
            elif record := _record(message.value()):
                self.queue.see(record.type, record.data)

    def catch_up(self) -> None:
        """Take in all that is there. Raises NotInTheLog, KafkaException."""
        late = time.monotonic() + SECONDS_MAX
        while self._left:
            self._in_time(late, f"the end of {JOBS}")
            self.follow(0.05)

    def assigned(self, task_id: int, assignment: int) -> bool:
        """Wait until an assignment is in the log; whether it has a part. Raises NotInTheLog, KafkaException."""
        task, late = self.queue.tasks[task_id], time.monotonic() + SECONDS_MAX
        while assignment not in task.playing:
            self._in_time(late, f"assignment {assignment}")
            self.follow(0.02)
        return assignment in task.parts

    def close(self) -> None:
        """Let go of the broker."""
        self._consumer.close()

    def _in_time(self, late: float, what: str) -> None:
        if time.monotonic() > late:
            raise NotInTheLog(f"{what} did not come within {SECONDS_MAX:.0f} s; podium status tells whether Kafka runs")


def _record(value: bytes | str | None) -> _Record | None:
    """Others may have put anything there: what is no event says nothing."""
    try:
        return _decode(value or b"")
    except msgspec.MsgspecError:
        return None
