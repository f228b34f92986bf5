"""What JSON Schema can say of an event's record, said; and a list of the rules that it cannot say."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from schema.declare import EventType
from schema.types import moment, normal, storable, storable_document, whole, whole_number

FLOAT_MAX = sys.float_info.max
NO_NUL = "^[^\\u0000]*$"
_HYPHENS = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
UUID = rf"^({_HYPHENS}|[0-9a-fA-F]{{32}}|urn:uuid:{_HYPHENS}|\{{{_HYPHENS}\}})$"
TIME = (
    "^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])$"
)

BEYOND = {
    "size": "a record has at most 1,000,000 bytes, the snapshot of a board 4,000,000",
    "depth": "values lie at most about 200 levels deep",
    "surrogate": "a text has whole characters: an escape of half a pair is refused",
    "integer": "an integer is written without fraction and exponent: 1.0 and 1e0 are refused",
    "eight-byte": "integers beyond 2^53 are exact, and so are the bounds of those that are written as strings",
    "nfc": "names are in the Unicode form NFC",
    "calendar": "a time is a day of the calendar, and lies in the years 1 to 9999 of UTC",
    "document": "texts and names in a free document have no NUL, its numbers are finite",
}
"""Rules of events that JSON Schema has no word for, and what they say."""

ALWAYS = ("size", "depth", "surrogate", "calendar", "nfc")


def stated(node: Any) -> Any:
    """A JSON Schema with the rules of Podium's field types in its own words: forms of times and ids, NUL, finite."""
    match node:
        case {"type": "string", "format": "uuid"}:
            return {**_without(node, "format"), "pattern": UUID}
        case {"type": "string", "format": "date-time"}:
            return {**_without(node, "format"), "pattern": TIME}
        case {"type": "string"} if not {"pattern", "const", "enum"} & node.keys():
            return {**node, "pattern": NO_NUL}
        case {"type": "number"}:
            low = {} if "exclusiveMinimum" in node else {"minimum": -FLOAT_MAX}
            high = {} if "exclusiveMaximum" in node else {"maximum": FLOAT_MAX}
            return {**low, **high, **node}
        case {"prefixItems": list(parts)}:
            # Pydantic bounds the length of a tuple; "items": false says the same to whoever looks there.
            return {**node, "prefixItems": [stated(part) for part in parts], "items": False}
        case dict():
            return {name: each if name in ("default", "examples") else stated(each) for name, each in node.items()}
        case list():
            return [stated(each) for each in node]
    return node


def _without(node: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != name}


def beyond(event: EventType) -> list[dict[str, str]]:
    """The rules of an event that its JSON Schema does not say: a name and a sentence each."""
    found = dict.fromkeys(ALWAYS)
    own: dict[str, str] = {}
    for schema in _schemas(event.model.__pydantic_core_schema__):
        if schema["type"] == "int" or (schema["type"] == "literal" and isinstance(schema["expected"][0], int)):
            found["integer"] = None
        if schema["type"] == "int" and schema.get("le", 0) > 2**53:
            found["eight-byte"] = None
        if schema["type"] == "any":
            found["document"] = None
        if name := _own(schema):
            own[f"own:{name}"] = f"a rule of this event that only code can say ({name.strip('_')})"
    rules = {name: BEYOND[name] for name in found}
    return [{"rule": name, "says": says} for name, says in {**rules, **own}.items()]


def _own(schema: Mapping[str, Any]) -> str | None:
    """The name of a validator of the domain's own, if the schema is one."""
    if not schema["type"].startswith("function-"):
        return None
    function = schema["function"]["function"]
    named = getattr(function, "func", function).__name__
    ours = (storable, storable_document, normal, moment, whole, whole_number)
    return None if function in ours or named.endswith("_length_validator") else str(named)


def _schemas(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every core schema inside of one."""
    if isinstance(node, Mapping):
        if isinstance(node.get("type"), str):
            yield node
        for name, each in node.items():
            if name not in ("metadata", "serialization", "function"):
                yield from _schemas(each)
    elif isinstance(node, list | tuple):
        for each in node:
            yield from _schemas(each)
