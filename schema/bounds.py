"""What a field takes, in words: its bounds, read from the JSON Schema of its model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel

Schema = Mapping[str, Any]


def bounds_of(model: type[BaseModel], path: Sequence[str | int]) -> str | None:
    """Both bounds of the field at `path` of the model, in words; None if it has none."""
    root = _schema(model)
    nodes: list[Schema] = [root]
    for step in path:
        nodes = [inner for node in nodes for each in _choices(node, root) for inner in _step(each, step)]
    told = [words for node in nodes for each in _choices(node, root) if (words := _words(each))]
    return " or ".join(dict.fromkeys(told)) or None


@cache
def _schema(model: type[BaseModel]) -> Schema:
    return model.model_json_schema()


def _choices(node: Schema, root: Schema) -> Iterator[Schema]:
    """The schema itself, or what it refers to or chooses from."""
    if reference := node.get("$ref"):
        yield from _choices(root["$defs"][reference.removeprefix("#/$defs/")], root)
    elif "anyOf" in node:
        for each in node["anyOf"]:
            yield from _choices(each, root)
    else:
        yield node


def _step(node: Schema, step: str | int) -> Iterator[Schema]:
    if isinstance(step, int):
        prefix = node.get("prefixItems", ())
        inner = prefix[step] if step < len(prefix) else node.get("items")
    else:
        # Names of properties come first; other steps, such as the tags of a choice, stay where they are.
        inner = node.get("properties", {}).get(step, node.get("additionalProperties"))
    if isinstance(inner, Mapping):
        yield inner


_LENGTHS = {"string": ("minLength", "maxLength", "characters"), "array": ("minItems", "maxItems", "elements")}


def _words(node: Schema) -> str | None:
    kind = node.get("type")
    if kind in ("integer", "number"):
        return _range(
            node.get("minimum"), node.get("exclusiveMinimum"), node.get("maximum"), node.get("exclusiveMaximum")
        )
    if kind in _LENGTHS:
        low, high, noun = _LENGTHS[kind]
        words = _range(node.get(low), None, node.get(high), None)
        return f"{words} {noun}" if words else None
    return None


def _range(least: Any, above: Any, most: Any, below: Any) -> str | None:
    low = f"above {above:,}" if above is not None else f"from {least:,}" if least is not None else ""
    high = f"below {below:,}" if below is not None else f"to {most:,}" if most is not None else ""
    return " ".join(filter(None, (low, high))).replace(",", "") or None
