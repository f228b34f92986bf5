"""The records of a snapshot: one where it fits, else its entries in parts and then the one that names them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from schema.board import PART_BYTES_MAX, raw_entries, split
from schema.declare import Domain, EventType
from schema.decode import decoders
from schema.envelope import VALUE_BYTES_MAX
from schema.limits import BATCH_BYTES_MAX
from streams.log import Log
from streams.write import Record, checked_writer

FLUSH_SECONDS_MAX = 15.0


def snapshot_event(domain: Domain) -> EventType:
    """The event by which boards of a domain are published."""
    return _event(domain, "entries", "digest")


def _event(domain: Domain, *fields: str) -> EventType:
    found = (event for event in domain.events if event.family == "leaderboards")
    return next(event for event in found if set(fields) <= set(event.model.model_fields))


class SnapshotWriter:
    """Makes the records of snapshots, none of which is larger than a reader takes."""

    def __init__(self, domain: Domain, source: str) -> None:
        whole, part = snapshot_event(domain), _event(domain, "entries", "part")
        decode = decoders([domain])[whole.topic].decode
        self._whole = checked_writer(whole, source, decode)
        self._part = checked_writer(part, source, decode)

    def records(self, data: dict[str, Any], text: bytes) -> list[Record]:
        """The records of a snapshot with canonical entries, in their order. Raises Refused for what readers refuse.

        `data` are the fields of the event but `entries` and `parts`.
        """
        if len(text) <= VALUE_BYTES_MAX:
            record = self._whole({**data, "entries": text.decode(), "parts": None}, data["cut_at"])
            if len(record[2]) <= VALUE_BYTES_MAX or len(text) <= PART_BYTES_MAX:
                return [record]
        named = {name: data[name] for name in ("board", "snapshot", "cut_at")}
        records = [
            self._part(
                {**named, "part": n, "entries_count": count, "entries": entries.decode()},
                data["cut_at"],
            )
            for n, (count, entries) in enumerate(split(raw_entries(text)), 1)
        ]
        return [*records, self._whole({**data, "entries": "", "parts": len(records)}, data["cut_at"])]


def produce_all(producer: Producer, records: Iterable[Record], log: Log) -> int:
    """Produce records without holding many of them in the client's queue; their bytes. Raises KafkaException."""
    total = waiting = 0
    for topic, key, value in records:
        if waiting and waiting + len(value) > BATCH_BYTES_MAX:
            _flush(producer)
            waiting = 0
        producer.produce(log.named(topic), value, key, log.partition_of(topic, key))
        waiting += len(value)
        total += len(value)
    return total


def _flush(producer: Producer) -> None:
    if producer.flush(FLUSH_SECONDS_MAX):
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "the broker takes no records; its log tells why"))
