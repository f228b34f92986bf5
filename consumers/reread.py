"""One record from the log again, by its place: what the ledger keeps only the beginning of is redriven from there."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

import msgspec
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from consumers.read import headers_of
from consumers.record import Delivered, Raw
from schema.limits import FETCH

CLIENT_LOG = logging.getLogger("consumers.kafka")
READ_SECONDS_MAX = 20.0
PROPERTIES = {
    **FETCH,
    "queued.min.messages": 1,
    "enable.auto.commit": False,
    "enable.partition.eof": True,
    "auto.offset.reset": "error",
    "isolation.level": "read_committed",
}
GONE = (KafkaError._PARTITION_EOF, KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE)


def reread(kafka: Mapping[str, Any], namespace: str, raw: Raw) -> Raw | None:
    """The record at the place of `raw`, whole; None if the log has none there. Raises KafkaException."""
    consumer = Consumer({**PROPERTIES, **kafka, "group.id": f"{namespace}podium.reread"}, logger=CLIENT_LOG)
    try:
        consumer.assign([TopicPartition(namespace + raw.topic, raw.partition, raw.offset)])
        late = time.monotonic() + READ_SECONDS_MAX
        while time.monotonic() < late:
            message: Delivered = consumer.poll(0.5)
            if message is None:
                continue
            error = message.error()
            if error is None:
                return _whole(raw, message) if message.offset() == raw.offset else None
            if error.code() in GONE:
                return None
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT, f"{raw.topic}[{raw.partition}]@{raw.offset}: no answer"))
    finally:
        consumer.close()


def _whole(raw: Raw, message: Delivered) -> Raw:
    return msgspec.structs.replace(
        raw, key=message.key(), value=message.value(), headers=headers_of(message), truncated=False
    )
