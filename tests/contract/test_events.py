"""The contract of every domain's events: golden examples of all versions, and one meaning in all of its forms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema import DOMAINS, LEDGER, contract
from schema.compatibility import check
from schema.declare import Domain
from schema.decode import decoders
from schema.envelope import digest, envelope_model
from schema.refusal import Refused
from tests.log import envelope, story
from tests.schema.records import record, records

REAL = (*DOMAINS, LEDGER)
BY_TOPIC = decoders(REAL)

SOME = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])

each_domain = pytest.mark.parametrize("domain", REAL, ids=lambda domain: domain.name)


@each_domain
def test_every_event_has_a_golden_example(domain: Domain) -> None:
    lacking = set(domain.by_type) - set(contract.golden(domain))
    assert not lacking, "run `podium schema accept` and commit what it writes"


@each_domain
def test_golden_examples_of_all_times_are_still_decoded(domain: Domain) -> None:
    for type_, value in contract.golden(domain).items():
        assert type_ in domain.by_type, "an event that once was declared must stay declared"
        assert BY_TOPIC[domain.by_type[type_].topic].decode(value).data is not None


@each_domain
def test_the_declared_contract_is_the_accepted_one(domain: Domain) -> None:
    check(contract.accepted(domain), contract.declared(domain))
    said = "the contract grew: run `podium schema accept` and commit what it writes"
    assert contract.accepted(domain) == contract.declared(domain), said


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
def test_a_story_keeps_its_meaning_through_model_json_and_decoder(domain: Domain) -> None:
    for line in story(domain):
        event = domain.by_type[line["type"]]
        value = envelope(event, line)
        assert not list(refusals(contract.json_schema(event), json.loads(value)))
        model = envelope_model(event).model_validate_json(value)
        again = model.model_dump_json(exclude_unset=True).encode()
        first, second = (BY_TOPIC[event.topic].decode(each) for each in (value, again))
        assert msgspec.json.encode(first.data) == msgspec.json.encode(second.data)
        assert digest(first.data) == digest(second.data)


@each_domain
@SOME
@given(data=st.data())
def test_what_a_decoder_takes_the_schema_takes(domain: Domain, data: st.DataObject) -> None:
    value = data.draw(records(domain.events))
    for topic in domain.topics:
        try:
            BY_TOPIC[topic].decode(value)
        except Refused:
            continue
        taken = json.loads(value)
        assert not list(refusals(contract.json_schema(domain.by_type[taken["type"]]), taken))


def refusals(schema: dict[str, Any], value: Any, path: str = "$") -> Iterator[str]:
    """Why a value does not fit a JSON Schema, of the words that the contract uses (draft 2020-12)."""
    if "anyOf" in schema:
        tried = [list(refusals(choice, value, path)) for choice in schema["anyOf"]]
        yield from [] if not all(tried) else min(tried, key=len)
    if "const" in schema and value != schema["const"]:
        yield f"{path}: is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: is not one of {schema['enum']}"
    if "type" in schema and not _is_a(schema["type"], value):
        yield f"{path}: is not of type {schema['type']}"
        return
    match value:
        case bool() | None:
            return
        case str():
            yield from _text(schema, value, path)
        case int() | float():
            yield from _number(schema, value, path)
        case list():
            kinds = schema.get("prefixItems", [])
            for index, each in enumerate(value):
                kind = kinds[index] if index < len(kinds) else schema.get("items", {})
                yield from refusals(kind if isinstance(kind, dict) else {}, each, f"{path}[{index}]")
        case dict():
            yield from _object(schema, value, path)


def _is_a(kind: str | list[str], value: Any) -> bool:
    kinds = {"string": str, "boolean": bool, "array": list, "object": dict, "null": type(None)}
    for one in [kind] if isinstance(kind, str) else kind:
        if one in ("integer", "number") and isinstance(value, int | float) and not isinstance(value, bool):
            return one == "number" or float(value).is_integer()
        if one in kinds and isinstance(value, kinds[one]):
            return True
    return False


def _text(schema: dict[str, Any], value: str, path: str) -> Iterator[str]:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield f"{path}: has {len(value)} characters"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{path}: does not match {schema['pattern']}"
    if schema.get("format") == "uuid":
        try:
            UUID(value)
        except ValueError:
            yield f"{path}: is not a UUID"


def _number(schema: dict[str, Any], value: float, path: str) -> Iterator[str]:
    low, high = schema.get("minimum", value), schema.get("maximum", value)
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if not low <= value <= high or (above is not None and value <= above) or (below is not None and value >= below):
        yield f"{path}: {value} is out of range"


def _object(schema: dict[str, Any], value: dict[str, Any], path: str) -> Iterator[str]:
    known = schema.get("properties", {})
    yield from (f"{path}.{name}: is missing" for name in schema.get("required", ()) if name not in value)
    more = schema.get("additionalProperties", True)
    for name, each in value.items():
        if name in known:
            yield from refusals(known[name], each, f"{path}.{name}")
        elif more is False:
            yield f"{path}.{name}: is not declared"
        elif isinstance(more, dict):
            yield from refusals(more, each, f"{path}.{name}")


@each_domain
def test_texts_of_keys_have_one_form(domain: Domain) -> None:
    for event in domain.events:
        for name in {*event.key, *event.partition_by, *event.order_by}:
            if isinstance(event.example[name], str):
                bent = {name: event.example[name] + "e\u0301"}
                with pytest.raises(Refused):
                    BY_TOPIC[event.topic].decode(record(event, **bent))
