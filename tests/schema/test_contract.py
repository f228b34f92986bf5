"""The contract: schemas, AsyncAPI, golden examples that stay, and changes that would break old logs."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from schema import DOMAINS, LEDGER, contract
from schema.compatibility import Broken, breaks, check
from schema.declare import EventType
from schema.decode import decoders
from tests.schema import sampler

ALL = (*DOMAINS, LEDGER, sampler.DOMAIN)
EVENTS = [event for domain in ALL for event in domain.events]
BY_TOPIC = decoders(ALL)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_a_schema_stands_alone_and_lists_the_fields(event: EventType) -> None:
    made = contract.json_schema(event)
    assert made["$schema"] == contract.DIALECT
    assert "$ref" not in json.dumps(made)
    assert set(made["properties"]["data"]["properties"]) == set(event.columns)
    assert made["properties"]["data"]["additionalProperties"] is False
    assert made["properties"]["type"]["const"] == event.type
    assert {"specversion", "id", "source", "type", "time", "data"} == set(made["required"])


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_examples_are_events(event: EventType) -> None:
    value = json.dumps(contract.example(event)).encode()
    assert BY_TOPIC[event.topic].decode(value).source == "podium/examples"


def test_asyncapi_names_topics_keys_and_tables_and_its_references_resolve() -> None:
    document = contract.asyncapi(ALL, "1.2.3", namespace="mine.")
    assert document["asyncapi"] == "3.0.0"
    for reference in _references(document):
        at: Any = document
        for step in reference.removeprefix("#/").split("/"):
            at = at[step]
    channel = document["channels"]["evaluation.predictions"]
    assert channel["address"] == "mine.evaluation.predictions"
    assert channel["bindings"]["kafka"]["partitions"] == 4
    message = document["components"]["messages"]["evaluation.prediction.recorded.v1"]
    assert message["x-podium"]["lands"][0]["table"] == "evaluation.predictions"
    assert message["bindings"]["kafka"]["key"]["description"].startswith("model_id:prompt_id:dataset_id")


def _references(node: Any) -> Iterator[str]:
    match node:
        case {"$ref": str(reference)}:
            yield reference
        case dict():
            for each in node.values():
                yield from _references(each)
        case list():
            for each in node:
                yield from _references(each)


CONTRACT = contract.declared(sampler.DOMAIN)
TYPE = "sampler.everything.measured.v1"


def changed(path: str, **values: Any) -> dict[str, Any]:
    """The sampler's contract with the schema at `path` (below data) updated; None removes a word."""
    after = copy.deepcopy(CONTRACT)
    at = after[TYPE]["data"]
    for step in path.split("/") if path else ():
        at = at[int(step)] if isinstance(at, list) else at[step]
    at.update(values)
    for word in [word for word, value in values.items() if value is None and word != "default"]:
        del at[word]
    return after


@pytest.mark.parametrize(
    ("after", "says"),
    [
        ({}, "no longer declared"),
        (changed("properties/sample_id", minimum=2), "minimum was 1 and is 2"),
        (changed("properties/sample_id", maximum=9), "maximum"),
        (changed("properties/name", maxLength=4), "maxLength"),
        (changed("properties/sample_id", type="number"), "was of type integer"),
        (changed("properties/label", enum=["yes"]), "no longer takes 'no'"),
        (changed("properties/code", pattern="^[0-9]{4}$"), "pattern"),
        (changed("properties/seen", format=None), "format"),
        (changed("properties/level", default=2), "default was 1 and is 2"),
        (changed("properties/spot/properties", extra={"type": "integer", "default": None}), "spot.extra"),
        (changed("properties", extra={"type": "integer"}, sample_id=None), "sample_id: is no longer declared"),
        (changed("properties", extra={"type": "integer", "default": 3}), "must default to null"),
        (changed("", required=[*CONTRACT[TYPE]["data"]["required"], "note"]), "note: is required now"),
        (changed("properties/wait", anyOf=[{"type": "number", "minimum": 0}]), "wait"),
        (changed("properties/pair", prefixItems=[]), "another number of parts"),
        (changed("properties/marks/items", maximum=5), "marks[]"),
        (changed("properties/weights/additionalProperties", minimum=5), "weights.*"),
        (changed("properties/share", not_known=5), "cannot compare"),
        ({**CONTRACT, TYPE: {**CONTRACT[TYPE], "partition_by": ["name"]}}, "partition_by"),
        ({**CONTRACT, TYPE: {**CONTRACT[TYPE], "partitions": 9}}, "partitions was 4 and is 9"),
    ],
)
def test_what_old_logs_would_suffer_from_is_named(after: dict[str, Any], says: str) -> None:
    with pytest.raises(Broken) as broken:
        check(CONTRACT, after)
    assert says in str(broken.value)


@pytest.mark.parametrize(
    "after",
    [
        CONTRACT,
        {**CONTRACT, "sampler.new.thing.v1": CONTRACT[TYPE]},
        changed("properties/sample_id", maximum=None, minimum=0),
        changed("properties/label", enum=["yes", "no", "perhaps"]),
        changed("properties/code", pattern=None),
        changed("properties", extra={"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None}),
        changed("", required=["sample_id"]),
        changed(
            "properties/share", anyOf=[{"type": "number"}, {"type": "null"}], type=None, minimum=None, maximum=None
        ),
        changed("properties/sample_id", description="told better", title="Id"),
    ],
)
def test_what_only_widens_is_compatible(after: dict[str, Any]) -> None:
    assert not list(breaks(CONTRACT, after))


def test_accepting_writes_once_and_refuses_what_breaks(tmp_path: Path) -> None:
    domain = replace(sampler.DOMAIN, folder=tmp_path)
    written = contract.accept(domain)
    assert len(written) == len(domain.events) + 1
    assert contract.accept(domain) == []
    assert set(contract.golden(domain)) == set(domain.by_type)
    smaller = replace(domain, models=domain.models[1:])
    with pytest.raises(Broken, match="no longer declared"):
        contract.accept(smaller)
    assert contract.accepted(domain) == contract.declared(domain)
