"""What a sample's worker reads back from the log: topics from their beginning, records of some keys or of all."""

import time
from collections.abc import Callable, Iterator, Set
from typing import Any, TypeGuard

import msgspec
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from podium.settings import Kafka

SECONDS_MAX = 60.0
CHUNK_RECORDS = 2_000


class NotInTheLog(Exception):
    """What this worker waits for did not come from the log in time."""


class _Record(msgspec.Struct):
    """As much of an event as a worker depends on."""

    type: str
    data: dict[str, Any]


_decode = msgspec.json.Decoder(_Record).decode


class Reader:
    """All partitions of one topic, from the beginning; only records of `keys` are decoded, if there are any."""

    def __init__(self, kafka: Kafka, topic: str, keys: Set[bytes], group: str) -> None:
        self._keys = keys
        self._consumer = Consumer(
            kafka.client(
                group_id=kafka.named(group),
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
            elif self._wants(key := message.key()) and (record := _record(message.value())):
                yield key, record.type, record.data

    def _wants(self, key: object) -> TypeGuard[bytes]:
        return isinstance(key, bytes) and (not self._keys or key in self._keys)

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


def in_time(what: str) -> Callable[[], None]:
    """To be called while waiting for something: raises NotInTheLog after SECONDS_MAX from now."""
    late = time.monotonic() + SECONDS_MAX

    def check() -> None:
        if time.monotonic() > late:
            raise NotInTheLog(f"{what} did not come within {SECONDS_MAX:.0f} s; podium status tells whether Kafka runs")

    return check
