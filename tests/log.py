"""A log in memory: records as Kafka delivers them, in partitions, for tests that choose how they are cut and mixed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from schema.admission import partition_of
from schema.declare import Domain, EventType
from schema.envelope import event_id, record_key

APPENDED = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp() * 1000)
"""Append time of every record: a day after the stories."""


@dataclass(frozen=True)
class Entry:
    """One record, with the reading methods of a confluent_kafka.Message."""

    topic_: str
    partition_: int
    offset_: int
    key_: bytes | None
    value_: bytes | None
    headers_: list[tuple[str, bytes | None]] = field(default_factory=list)
    append_ms: int = APPENDED
    stamp: int = 2

    def topic(self) -> str:
        return self.topic_

    def partition(self) -> int:
        return self.partition_

    def offset(self) -> int:
        return self.offset_

    def key(self) -> bytes | None:
        return self.key_

    def value(self) -> bytes | None:
        return self.value_

    def headers(self) -> list[tuple[str, bytes | None]]:
        return self.headers_

    def timestamp(self) -> tuple[int, int]:
        return (self.stamp, self.append_ms)

    def leader_epoch(self) -> int | None:
        return 0

    def error(self) -> None:
        return None


Partition = tuple[str, int]


class Log:
    """Partitions of topics, as `domains` declare them with that number of partitions; a key lies where murmur2 says."""

    def __init__(self, domains: Sequence[Domain], partitions: int = 2) -> None:
        self.domains = [resized(domain, partitions) for domain in domains]
        self.types: Mapping[str, EventType] = {event.type: event for domain in domains for event in domain.events}
        self.partitions = partitions
        self.entries: dict[Partition, list[Entry]] = {
            (topic, n): [] for domain in domains for topic in domain.topics for n in range(partitions)
        }

    def put(self, topic: str, key: bytes | None, value: bytes | None, partition: int | None = None) -> Entry:
        """Append a record of any content, where its key belongs or in a given partition."""
        number = partition_of(key or b"", self.partitions) if partition is None else partition
        entries = self.entries[topic, number]
        entry = Entry(topic, number, len(entries), key, value)
        entries.append(entry)
        return entry

    def append(self, line: Mapping[str, Any]) -> Entry:
        """Append an event given by type, time and data, as its producer would."""
        event = self.types[line["type"]]
        return self.put(event.topic, record_key(event, _defaulted(event, line["data"])), envelope(event, line))

    def extend(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Append events."""
        for line in lines:
            self.append(line)

    def ends(self) -> dict[Partition, int]:
        """Next offset of every partition."""
        return {partition: len(entries) for partition, entries in self.entries.items()}


def resized(domain: Domain, partitions: int) -> Domain:
    """A domain with so many partitions in each topic."""
    return replace(domain, partitions={topic.rpartition(".")[2]: partitions for topic in domain.topics})


def _defaulted(event: EventType, data: Mapping[str, Any]) -> dict[str, Any]:
    model = event.model.model_validate_json(json.dumps(data))
    return {name: getattr(model, name) for name in event.model.model_fields}


def envelope(event: EventType, line: Mapping[str, Any]) -> bytes:
    """The record's value: CloudEvents 1.0, structured mode."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": str(event_id(event, _defaulted(event, line["data"]))),
            "source": "story",
            "type": event.type,
            "time": line["time"],
            "data": line["data"],
        }
    ).encode()


def story(domain: Domain) -> list[dict[str, Any]]:
    """The domain's short life in events."""
    text = (domain.folder / "story.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]
