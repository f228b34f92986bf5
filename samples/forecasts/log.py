"""What the log says about rounds and predictions: all partitions of some topics, from the beginning."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from podium.settings import Kafka
from samples.forecasts.contest import QUESTIONS, Round

JOBS, PREDICTIONS = "competition.jobs", "competition.predictions"
OPENED, CLOSED = "competition.round.opened.v1", "competition.round.closed.v1"
ANSWERED, ABSENT = "competition.prediction.recorded.v1", "competition.prediction.absent.v1"
SECONDS_MAX: Final = 60.0
CHUNK_RECORDS: Final = 2_000


class NotInTheLog(Exception):
    """The end of a topic did not come within reach in time."""


class Told(NamedTuple):
    """One event about a round of this contest; the model of one about a prediction."""

    type: str
    round: Round
    model: str


class _About(msgspec.Struct):
    prediction_config_id: str = ""
    performed_at: datetime | None = None
    model_id: str = ""


class _Record(msgspec.Struct):
    """As much of an event as this contest depends on."""

    type: str
    data: _About


_decode = msgspec.json.Decoder(_Record).decode


class Reader:
    """Follows topics of the competition domain; what is not about this contest is left out."""

    def __init__(self, kafka: Kafka, topics: Sequence[str]) -> None:
        self._consumer = Consumer(
            kafka.client(
                group_id=kafka.named("samples.forecasts"),
                enable_auto_commit=False,
                auto_offset_reset="error",
                isolation_level="read_committed",
                enable_partition_eof=True,
                fetch_wait_max_ms=20,
                queued_max_messages_kbytes=16_384,
            )
        )
        known = self._consumer.list_topics(timeout=10).topics
        self._left = {(name, n) for name in map(kafka.named, topics) for n in known[name].partitions}
        self._consumer.assign([TopicPartition(*place, OFFSET_BEGINNING) for place in self._left])

    def read(self, seconds: float) -> Iterator[Told]:
        """What is new. Raises KafkaException."""
        for message in self._consumer.consume(CHUNK_RECORDS, seconds):
            if (error := message.error()) is not None:
                if error.code() != error._PARTITION_EOF:
                    raise KafkaException(error)
                self._left.discard((message.topic(), message.partition()))
            elif told := _told(message.value()):
                yield told

    def begun(self) -> Iterator[Told]:
        """What is there already. Raises NotInTheLog."""
        late = time.monotonic() + SECONDS_MAX
        while self._left:
            if time.monotonic() > late:
                raise NotInTheLog(f"{len(self._left)} partitions were not read within {SECONDS_MAX:.0f} s")
            yield from self.read(0.05)

    def close(self) -> None:
        """Let go of the broker."""
        self._consumer.close()


def _told(value: bytes | str | None) -> Told | None:
    """Others may have put anything there: what is no event decides nothing."""
    try:
        record = _decode(value or b"")
    except msgspec.MsgspecError:
        return None
    at = record.data.performed_at
    if at is None or at.tzinfo is None or record.data.prediction_config_id not in QUESTIONS:
        return None
    return Told(record.type, Round(at.astimezone(UTC), record.data.prediction_config_id), record.data.model_id)
