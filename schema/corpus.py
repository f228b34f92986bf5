"""Records that are events and records that nearly are: an event's example, bent in every way that a producer finds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from schema.contract import example, json_schema
from schema.declare import Domain, EventType
from schema.stated import TIME, UUID

PLACE = "\uf8ff bent here"
DEEP = 250
HALF = '"\\ud800"'
BIG = ("9007199254740993", "9223372036854775807", "9223372036854775808", "1" + "0" * 40)
IDS = (
    '"0192F0C1-2345-7ABC-8DEF-0123456789AB"',
    '"0192f0c123457abc8def0123456789ab"',
    '"urn:uuid:0192f0c1-2345-7abc-8def-0123456789ab"',
    '"{0192f0c1-2345-7abc-8def-0123456789ab}"',
    '"0192f0c1-2345-7abc-8def-0123456789a"',
    '"0192f0c1-2345-7abc-8def-0123456789ab\\n"',
    '"run-7"',
)
TIMES = (
    *('"2026-03-01T10:00:00+02:00"', '"2026-03-01t10:00:00z"', '"2026-03-01 10:00:00Z"', '"2026-03-01"'),
    *('"2026-03-01T10:00:00.1234567Z"', '"2026-03-01T10:00:00"', '"2026-03-01T10:00:60Z"', '"2026-02-30T10:00:00Z"'),
    *('"2026-03-01T24:00:00Z"', '"2026-03-01T10:00:00Z\\n"'),
    *('"0000-01-01T00:00:00Z"', '"0001-01-01T00:00:00+05:00"', '"1772359200"', '"2026-03-01T10:00:00+24:00"'),
)


class Document(NamedTuple):
    """A record that may be an event: what was done to the example, where, and the record's text."""

    name: str
    path: str
    text: str


def corpus(domains: Iterable[Domain]) -> Iterator[tuple[EventType, Document]]:
    """Records of every event: each kind of field is bent in all ways once, the envelope in those of the first event."""
    seen: set[str] = set()
    for event in (event for domain in domains for event in domain.events):
        for document in documents(event, seen):
            yield event, document


def documents(event: EventType, seen: set[str] | None = None) -> Iterator[Document]:
    """The example, then a record for each way of bending one place of it.

    `seen` holds the kinds of places that were bent in all ways already; those of this event are added.
    """
    seen = set() if seen is None else seen
    whole = example(event)
    yield Document("example", "", json.dumps(whole, ensure_ascii=False))
    if "envelope" not in seen:
        yield from _envelopes(whole)
        seen.add("envelope")
    data = json_schema(event)["properties"]["data"]
    for name, node in data["properties"].items():
        yield from _fields(whole, name, node, seen)
    yield _document("extra-field", "data", whole, {**whole["data"], "not_declared": 1})
    doubled = json.dumps(whole["data"])[:-1] + f', "{next(iter(data["properties"]))}": null}}'
    yield _put("duplicate-name", "data", whole, doubled)


def _envelopes(whole: Mapping[str, Any]) -> Iterator[Document]:
    for name in ("specversion", "id", "source", "type", "time", "data"):
        yield Document("missing", name, json.dumps({key: value for key, value in whole.items() if key != name}))
        yield _document("null", name, whole, None)
    bent = {
        "specversion": ('"0.3"', "1.0"),
        "id": IDS,
        "source": ('""', '"' + "s" * 256 + '"', '"e\\u0301"', HALF, '"a\\u0000"', "7"),
        "time": TIMES,
        "subject": ('""', '"' + "s" * 4097 + '"', "null", "7"),
        "traceparent": ('"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"', '""'),
        "partitionkey": ("1",),
        "data": ("[]", '"{}"', "[" * DEEP + "]" * DEEP),
    }
    for name, values in bent.items():
        for value in values:
            yield _put(f"value {value[:40]}", name, whole, value)


def _fields(whole: Mapping[str, Any], name: str, node: Mapping[str, Any], seen: set[str]) -> Iterator[Document]:
    path = f"data.{name}"
    if name in whole["data"]:
        rest = {key: value for key, value in whole["data"].items() if key != name}
        yield _document("missing", path, whole, rest, at="data")
    kinds = [_kind(choice) for choice in node.get("anyOf", [node])]
    values = ["null"]
    for kind, choice in zip(kinds, node.get("anyOf", [node]), strict=True):
        values += ["true", "7.5", '"7"', "[]", "{}", *_values(choice)] if kind not in seen else []
    seen.update(kinds)
    for value in dict.fromkeys(values):
        yield _put(f"value {value[:40]}", path, whole, value)


def _kind(node: Mapping[str, Any]) -> str:
    words = {key: value for key, value in node.items() if key not in ("title", "description", "default", "examples")}
    return json.dumps(words, sort_keys=True)


def _values(node: Mapping[str, Any]) -> Iterator[str]:
    """JSON texts at, within and beyond the bounds of a schema."""
    if "enum" in node or "const" in node:
        yield from (json.dumps(value) for value in (*node.get("enum", [node.get("const")]), "no such word", 10**6, 1.0))
        return
    match node.get("type"):
        case "integer":
            yield from _integers(node)
        case "number":
            yield from _numbers(node)
        case "string":
            yield from _strings(node)
        case "array":
            yield from ("[null]", "[" * DEEP + "]" * DEEP, json.dumps([1] * (node.get("maxItems", 20) + 1)))
        case "object":
            yield from ('{"a": NUL}'.replace("NUL", '"\\u0000"'), '{"a": 1e400}', '{"a": ' * DEEP + "1" + "}" * DEEP)
            yield from ('{"a": {"b": [1, null, "\\ud800"]}}', '{"\\u0000": 1}', '{"a": 1}', '{"a": ' + "9" * 400 + "}")


def _integers(node: Mapping[str, Any]) -> Iterator[str]:
    low = node.get("minimum", node.get("exclusiveMinimum"))
    high = node.get("maximum", node.get("exclusiveMaximum"))
    for bound in (low, high):
        if bound is not None:
            yield from (str(int(bound) + step) for step in (-1, 0, 1))
    yield from ("1.0", "1e0", "-0", "0", "1e400", *BIG, '"12"', '"9007199254740993"', '"9223372036854775808"', '"012"')


def _numbers(node: Mapping[str, Any]) -> Iterator[str]:
    for word in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
        if word in node:
            bound = float(node[word])
            yield from (repr(bound), repr(bound * 1.01 + 1e-9), repr(bound * 1.01 - 1e-9))
    yield from ("0", "0.5", "-0.0", "1", "5e-324", "1e400", "-1e400", "1.7976931348623157e308", "9" * 400, '"0.5"')


def _strings(node: Mapping[str, Any]) -> Iterator[str]:
    if node.get("pattern") == UUID:
        yield from IDS
    elif node.get("pattern") == TIME:
        yield from TIMES
    else:
        most = node.get("maxLength", 8)
        yield from (json.dumps("x" * each) for each in (0, 1, min(most, 5000), min(most, 5000) + 1))
        yield from ('"' + "🏔" * min(most, 5000) + '"', '"é"', '"e\\u0301"', '"e\u0301"', '"a\\u0000b"', HALF, '"a\\n"')
        yield from ('"00ff\\n"', '"Ana@X.org"', '"ana@x.org"', '"' + "0f" * 16 + '\\n"', '"https://example.org/"')


def _document(name: str, path: str, whole: Mapping[str, Any], value: Any, at: str | None = None) -> Document:
    return _put(name, path, whole, json.dumps(value, ensure_ascii=False), at)


def _put(name: str, path: str, whole: Mapping[str, Any], value: str, at: str | None = None) -> Document:
    """The record with the JSON text `value` at `path`, or at `at` if it stands for another place."""
    place, _, field = (at or path).partition(".")
    inner = {**whole["data"], field: PLACE} if field else PLACE
    text = json.dumps({**whole, place: inner}, ensure_ascii=False)
    return Document(name, path, text.replace(json.dumps(PLACE, ensure_ascii=False), value))
