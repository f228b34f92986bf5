"""The contract as others read it: JSON Schema, AsyncAPI, golden examples, and what would break it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from schema.declare import Domain, EventType, Once, Register
from schema.envelope import envelope_model, event_id, stem
from schema.stated import beyond, stated

DIALECT = "https://json-schema.org/draft/2020-12/schema"
CONTRACT = "contract.json"
GOLDEN = "golden"
TOPIC_CONFIG = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "message.timestamp.type": "LogAppendTime",
    "max.message.bytes": "4194304",
}
"""Of every input: kept for ever, stamped by the broker, and wide enough for records that will be refused."""


def json_schema(event: EventType, partitions: int | None = None) -> dict[str, Any]:
    """JSON Schema 2020-12 of a whole record: the envelope and its data, without references.

    `x-podium` says where the record goes, and names the rules that JSON Schema has no word for.
    """
    made = stated(_inlined(envelope_model(event).model_json_schema()))
    placed = {
        "topic": event.topic,
        "partition_by": list(event.partition_by),
        "record_key": ":".join(f"{{{name}}}" for name in event.partition_by),
        "partitioner": "murmur2 of the record key, its sign bit cleared, modulo the partitions",
        "partitions": partitions,
        "key": list(event.key),
        "beyond": beyond(event),
    }
    return {"$schema": DIALECT, "$id": f"urn:podium:{event.type}", **made, "title": event.type, "x-podium": placed}


def json_schemas(domains: Iterable[Domain]) -> dict[str, dict[str, Any]]:
    """Event type -> JSON Schema, each with the number of its topic's partitions."""
    return {event.type: json_schema(event, domain.topics[event.topic]) for domain in domains for event in domain.events}


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    definitions = schema.pop("$defs", {})

    def inline(node: Any) -> Any:
        match node:
            case {"$ref": str(reference), **rest}:
                return {**inline(definitions[reference.removeprefix("#/$defs/")]), **rest}
            case dict():
                return {name: inline(each) for name, each in node.items()}
            case list():
                return [inline(each) for each in node]
        return node

    return dict(inline(schema))


def example(event: EventType) -> dict[str, Any]:
    """A whole record of the event: its declared example in an envelope, always the same."""
    data = dict(event.example)
    read = event.model.model_validate_json(json.dumps(data))
    return {
        "specversion": "1.0",
        "id": str(event_id(event, read.model_dump())),
        "source": "podium/examples",
        "type": event.type,
        "time": "2026-03-01T10:00:00Z",
        "subject": ":".join(str(data[name]) for name in event.key),
        "data": data,
    }


def asyncapi(domains: Iterable[Domain], version: str, namespace: str = "") -> dict[str, Any]:
    """AsyncAPI 3.0 of the topics and events of the domains; `namespace` goes before every address."""
    domains = tuple(domains)
    events = [event for domain in domains for event in domain.events]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Podium",
            "version": version,
            "description": "Events that Podium turns into tables and boards: "
            + "; ".join(f"{domain.name}: {domain.title}" for domain in domains),
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {
            topic: _channel(topic, partitions, namespace, [event for event in events if event.topic == topic])
            for domain in domains
            for topic, partitions in domain.topics.items()
        },
        "operations": {
            f"publish.{event.type}": {
                "action": "receive",
                "title": f"Podium takes {event.type}",
                "channel": {"$ref": f"#/channels/{event.topic}"},
                "messages": [{"$ref": f"#/channels/{event.topic}/messages/{event.type}"}],
            }
            for event in events
        },
        "components": {"messages": {event.type: _message(event) for event in events}},
    }


def _channel(topic: str, partitions: int, namespace: str, events: list[EventType]) -> dict[str, Any]:
    retention = {"cleanup.policy": ["delete"], "retention.ms": -1, "retention.bytes": -1}
    kafka = {"topic": namespace + topic, "partitions": partitions, "topicConfiguration": retention}
    return {
        "address": namespace + topic,
        "messages": {event.type: {"$ref": f"#/components/messages/{event.type}"} for event in events},
        "bindings": {"kafka": {**kafka, "bindingVersion": "0.5.0"}},
    }


def _message(event: EventType) -> dict[str, Any]:
    key = {"type": "string", "description": f"{':'.join(event.partition_by)}, placed by murmur2"}
    return {
        "name": event.type,
        "title": stem(event.type)[0],
        "summary": (event.model.__doc__ or "").strip().split("\n")[0],
        "contentType": "application/cloudevents+json",
        "payload": json_schema(event),
        "bindings": {"kafka": {"key": key, "bindingVersion": "0.5.0"}},
        "examples": [{"name": "example", "payload": example(event)}],
        "x-podium": {"key": list(event.key), "partition_by": list(event.partition_by), "lands": landings(event)},
    }


def landings(event: EventType) -> list[dict[str, Any]]:
    """Where an event comes to rest: each table, with the policy by which it merges."""
    return [
        {
            "table": landing.table.fullname,
            "policy": type(landing).__name__,
            "merges": [type(merge).__name__ for merge in landing.merges] if isinstance(landing, Register) else [],
            "creates": isinstance(landing, Once) or getattr(landing, "creates", True),
        }
        for landing in event.lands
    ]


def declared(domain: Domain) -> dict[str, Any]:
    """What producers and old logs rely on, by event type: topic, keys and the schema of the data."""
    return {
        event.type: {
            "topic": event.topic,
            "partitions": domain.topics[event.topic],
            "key": list(event.key),
            "partition_by": list(event.partition_by),
            "data": _inlined(event.model.model_json_schema()),
        }
        for event in sorted(domain.events, key=lambda event: event.type)
    }


def accepted(domain: Domain) -> dict[str, Any]:
    """The contract that was accepted last: the checked-in file; empty if there is none."""
    path = domain_folder(domain) / CONTRACT
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def domain_folder(domain: Domain) -> Path:
    """Where the domain's contract and golden examples lie: the folder that is named after it, or its own."""
    return domain.folder if domain.folder.name == domain.name else domain.folder / domain.name


def golden(domain: Domain) -> dict[str, bytes]:
    """Type -> the record kept for ever as an example of it, for all types that ever were."""
    folder = domain_folder(domain) / GOLDEN
    return {path.stem: path.read_bytes() for path in sorted(folder.glob("*.json"))}


def accept(domain: Domain) -> list[Path]:
    """Write the contract and the golden examples that are missing; what is there is never changed by hand.

    Returns the files written. Raises Broken if the declared contract is not compatible with the accepted one.
    """
    from schema.compatibility import check

    check(accepted(domain), declared(domain))
    folder, written = domain_folder(domain), []
    (folder / GOLDEN).mkdir(parents=True, exist_ok=True)
    for event in domain.events:
        path = folder / GOLDEN / f"{event.type}.json"
        if not path.exists():
            written.append(_write(path, example(event)))
    if accepted(domain) != declared(domain):
        written.append(_write(folder / CONTRACT, declared(domain)))
    return written


def _write(path: Path, content: Mapping[str, Any]) -> Path:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
