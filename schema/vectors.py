"""Vectors: keys with their partitions, ids derived from keys, and records with their verdicts, for any language."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from schema.admission import murmur2, partition_of
from schema.contract import example
from schema.corpus import corpus
from schema.declare import Domain, EventType
from schema.decode import Decoder, decoders
from schema.envelope import NAMESPACE, event_id, key_of, natural_key, recurs
from schema.refusal import Refused

KEYS = (
    *("", "a", "ab", "abc", "abcd", "abcde", "21", "3:7:1", "12345", "lab/net-8b", "naïve", "Zürich", "東京", "🏔"),
    *("0192f0c1-2345-7abc-8def-0123456789ab", "9223372036854775807", "https://www.duelingbook.com/replay?id=1234567"),
    *("é:1", "x" * 255, "x" * 256, "x" * 257, "é" * 255, "🏔" * 1000, "k" * 4093),
)
PARTITIONS = (1, 2, 3, 4, 6, 8, 12, 16, 64, 1000)

RECIPES = {
    "partition": "(murmur2(bytes of the key) & 0x7fffffff) % partitions, as Kafka's Java producer places keys; "
    "murmur2 has the seed 0x9747b28c",
    "record_key": "the values of partition_by, joined by colons, in UTF-8; integers in decimal, UUIDs in lower case "
    "with hyphens",
    "natural_key": "the type without its version, then the values of key as a JSON array in UTF-8 without spaces; "
    "UUIDs in lower case, times in UTC with Z and without zeros at the end of a fraction",
    "id": "UUID version 5 of the natural key in the namespace; null for events that recur under one key: they take a "
    "new UUID, of version 7",
    "records": "text is a record's value, verdict is `good` or the label of its refusal, why is its message",
}
"""How each part is made, for people."""


def vectors(domains: Iterable[Domain]) -> dict[str, Any]:
    """All that a client in another language needs to prove that it places, names and writes events as Podium does."""
    domains = tuple(domains)
    by_topic = decoders(domains)
    return {
        "version": 1,
        "recipes": RECIPES,
        "namespace": str(NAMESPACE),
        "partitions": [_partitions(key) for key in KEYS],
        "events": [
            _event(event, by_topic[event.topic], domain.topics[event.topic])
            for domain in domains
            for event in domain.events
            if event.upcast is None
        ],
        "records": list(_records(domains, by_topic)),
    }


def _partitions(key: str) -> dict[str, Any]:
    value = key.encode()
    placed = {str(count): partition_of(value, count) for count in PARTITIONS}
    return {"key": key, "murmur2": murmur2(value), "partitions": placed}


def _event(event: EventType, decoder: Decoder, partitions: int) -> dict[str, Any]:
    """The example of an event: its topic, key, partition, natural key and id."""
    text = json.dumps(example(event), ensure_ascii=False)
    data = decoder.decode(text.encode()).data
    key = key_of(event)(data)
    return {
        "type": event.type,
        "topic": event.topic,
        "partitions": partitions,
        "record": text,
        "record_key": key.decode(),
        "partition": partition_of(key, partitions),
        "natural_key": natural_key(event, data).decode(),
        "id": None if recurs(event) else str(event_id(event, data)),
    }


def _records(domains: tuple[Domain, ...], by_topic: dict[str, Decoder]) -> Iterator[dict[str, Any]]:
    for event, document in corpus(domains):
        verdict, why = judged(by_topic[event.topic], document.text)
        told = {"why": why} if why else {}
        bent = {"type": event.type, "topic": event.topic, "bent": document.name, "path": document.path}
        yield {**bent, "verdict": verdict, **told, "text": document.text}


def judged(decoder: Decoder, text: str) -> tuple[str, str | None]:
    """What the decoder says of a record's text: `good`, or the label of its refusal and the message."""
    try:
        decoder.decode(text.encode())
    except Refused as refused:
        return refused.reason, refused.message
    return "good", None
