"""Old logs must always replay: what a change of declared events would break, BACKWARD_TRANSITIVE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
FIXED = ("format", "pattern", "const", "multipleOf")
WORDS = ("title", "description", "examples", "default")
STRUCTURE = ("type", "enum", "anyOf", "items", "prefixItems", "properties", "required", "additionalProperties")

Schema = Mapping[str, Any]


class Broken(Exception):
    """The declared events no longer take what the accepted contract took; each line names one difference."""


def check(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Raises Broken if a record that fitted the contract `before` would be refused, or read otherwise, `after`."""
    lines = list(breaks(before, after))
    if lines:
        raise Broken("\n".join([*lines, "Declare a new version of the event, with an upcast from the old one."]))


def breaks(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Differences between two contracts (see `contract.declared`) that break old logs or producers, a line each."""
    for type_, old in before.items():
        new = after.get(type_)
        if new is None:
            yield f"{type_}: is no longer declared"
            continue
        for part in ("topic", "partitions", "key", "partition_by"):
            if old[part] != new[part]:
                yield f"{type_}: {part} was {old[part]!r} and is {new[part]!r}"
        yield from (f"{type_}: {line}" for line in _fields(old["data"], new["data"], "data", nested=False))


def _fields(old: Schema, new: Schema, path: str, nested: bool) -> Iterator[str]:
    """Objects: what was sent must still be declared, what is new must be absent from old digests."""
    olds, news = old.get("properties", {}), new.get("properties", {})
    for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
        yield f"{path}.{name}: is required now"
    for name, schema in olds.items():
        if name not in news:
            yield f"{path}.{name}: is no longer declared"
            continue
        was_optional = name not in old.get("required", ())
        if was_optional and schema.get("default") != news[name].get("default"):
            yield f"{path}.{name}: its default was {schema.get('default')!r} and is {news[name].get('default')!r}"
        yield from _narrows(schema, news[name], f"{path}.{name}")
    for name in sorted(set(news) - set(olds) - set(new.get("required", ()))):
        if nested or news[name].get("default", ...) is not None:
            yield f"{path}.{name}: a new field must default to null and lie directly in data, or digests change"


def _narrows(old: Schema, new: Schema, path: str) -> Iterator[str]:
    """Values that the old schema took and the new one does not, or takes with another meaning."""
    choices = _choices(new)
    for choice in _choices(old):
        tried = [list(_one(choice, other, path)) for other in choices]
        if all(tried):
            yield from min(tried, key=len)


def _choices(schema: Schema) -> list[Schema]:
    return list(schema["anyOf"]) if "anyOf" in schema else [schema]


def _one(old: Schema, new: Schema, path: str) -> Iterator[str]:
    if unknown := (set(old) | set(new)) - {*LOWER, *UPPER, *FIXED, *WORDS, *STRUCTURE}:
        yield f"{path}: cannot compare {', '.join(sorted(unknown))}"
    if old.get("type") != new.get("type") and "type" in new:
        yield f"{path}: was of type {old.get('type')} and is of type {new['type']}"
        return
    for word in FIXED:
        if old.get(word) != new.get(word) and not (word in ("pattern", "const") and word not in new):
            yield f"{path}: {word} was {old.get(word)!r} and is {new.get(word)!r}"
    yield from _bounds(old, new, path)
    if "enum" in new and (gone := [value for value in _values(old) if value not in new["enum"]]):
        yield f"{path}: no longer takes {', '.join(map(repr, gone))}"
    yield from _parts(old, new, path)


def _values(schema: Schema) -> list[Any]:
    return list(schema.get("enum", [schema["const"]] if "const" in schema else ["any value"]))


def _bounds(old: Schema, new: Schema, path: str) -> Iterator[str]:
    for words, tighter in ((LOWER, max), (UPPER, min)):
        for word in words:
            if word in new and (word not in old or tighter(old[word], new[word]) != old[word]):
                yield f"{path}: {word} was {old.get(word, 'open')} and is {new[word]}"


def _parts(old: Schema, new: Schema, path: str) -> Iterator[str]:
    if "items" in new:
        yield from _narrows(old.get("items", {}), new["items"], f"{path}[]")
    if len(old.get("prefixItems", ())) != len(new.get("prefixItems", ())):
        yield f"{path}: has another number of parts"
    for index, (one, other) in enumerate(zip(old.get("prefixItems", ()), new.get("prefixItems", ()), strict=False)):
        yield from _narrows(one, other, f"{path}[{index}]")
    more, now = old.get("additionalProperties", True), new.get("additionalProperties", True)
    if isinstance(more, dict) and isinstance(now, dict):
        yield from _narrows(more, now, f"{path}.*")
    elif now is not True and more != now:
        yield f"{path}: takes fewer fields of any name"
    yield from _fields(old, new, path, nested=True)
