"""Canonical bytes, digests, keys and ids."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid5

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema import DOMAINS, LEDGER
from schema.declare import Event, EventType, Misdeclared
from schema.decode import decoders
from schema.envelope import NAMESPACE, canonical, digest, event_id, key_of, record_key, recurs, stem, uuid7
from schema.structs import Structs
from tests.schema import sampler
from tests.schema.records import record

ALL = (*DOMAINS, LEDGER, sampler.DOMAIN)
EVENTS = {event.type: event for domain in ALL for event in domain.events if event.upcast is None}
BY_TOPIC = decoders(ALL)
PREDICTION = EVENTS["evaluation.prediction.recorded.v1"]


def data_of(event: EventType, **data: Any) -> Any:
    return BY_TOPIC[event.topic].decode(record(event, **data)).data


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_a_struct_and_its_fields_have_the_same_digest(event: EventType) -> None:
    data = data_of(event)
    fields = msgspec.structs.asdict(data)
    assert canonical(fields) == canonical(data)
    assert digest(fields) == digest(data)
    assert len(digest(data)) == 16
    assert record_key(event, fields) == record_key(event, data) == key_of(event)(data)
    assert event_id(event, fields) == event_id(event, data)


def test_canonical_bytes_are_sorted_tight_and_in_utc() -> None:
    claimed = EVENTS["evaluation.task.claimed.v1"]
    assert canonical(data_of(claimed, lease_until="2026-03-01T12:05:00.5+02:00", worker="é")) == (
        b'{"attempt":1,"dataset_id":1,"lease_until":"2026-03-01T10:05:00.500000Z","model_id":3,'
        b'"prompt_id":7,"row_id":1042,"worker":"\xc3\xa9"}'
    )


def test_null_and_absent_are_the_same_data() -> None:
    sparse = {name: value for name, value in PREDICTION.example.items() if value is not None}
    value = json.dumps({**json.loads(record(PREDICTION)), "data": sparse}).encode()
    assert digest(BY_TOPIC[PREDICTION.topic].decode(value).data) == digest(data_of(PREDICTION))
    assert digest(data_of(PREDICTION, formatted_prompt="x")) != digest(data_of(PREDICTION))


def test_a_default_other_than_null_is_written() -> None:
    assert b'"attempt":1' in canonical(data_of(PREDICTION))
    everything = EVENTS["sampler.everything.measured.v1"]
    assert b'"marks":[]' in canonical(data_of(everything, marks=[]))


def test_the_spelling_of_numbers_does_not_matter() -> None:
    plain = record(PREDICTION, prediction_time=1.0)
    odd = plain.replace(b'"prediction_time": 1.0', b'"prediction_time": 1')
    decoder = BY_TOPIC[PREDICTION.topic]
    assert odd != plain
    assert digest(decoder.decode(odd).data) == digest(decoder.decode(plain).data)


def test_an_id_is_the_v5_of_type_and_natural_key() -> None:
    key = [PREDICTION.example[name] for name in PREDICTION.key]
    name = "evaluation.prediction.recorded" + json.dumps(key, separators=(",", ":"))
    assert event_id(PREDICTION, data_of(PREDICTION)) == uuid5(NAMESPACE, name)
    assert event_id(PREDICTION, data_of(PREDICTION, tokens=9)) == uuid5(NAMESPACE, name)
    assert event_id(PREDICTION, data_of(PREDICTION, attempt=2)) != uuid5(NAMESPACE, name)


@given(st.text(max_size=3), st.text(max_size=3), st.text(max_size=3), st.text(max_size=3))
def test_different_natural_keys_have_different_ids(one: str, two: str, three: str, four: str) -> None:
    board = EVENTS["evaluation.board.published.v1"]
    first = event_id(board, {"board": one, "snapshot": two})
    second = event_id(board, {"board": three, "snapshot": four})
    assert (first == second) == ((one, two) == (three, four))


def test_registers_recur_and_facts_do_not() -> None:
    assert recurs(EVENTS["evaluation.model.registered.v1"])
    assert recurs(EVENTS["evaluation.task.heartbeat.v1"])
    assert not recurs(PREDICTION)
    assert not recurs(EVENTS["evaluation.job.submitted.v1"])


def test_the_version_is_told_from_the_type() -> None:
    assert stem("a.b.c.v12") == ("a.b.c", 12)
    assert stem("a.b.c") == ("a.b.c", 0)
    assert stem("a.b.c.v") == ("a.b.c.v", 0)
    assert stem("a.b.c.vier") == ("a.b.c.vier", 0)


def test_new_ids_are_v7_sorted_by_time() -> None:
    before = datetime.now(UTC).timestamp()
    made = [uuid7() for _ in range(1000)]
    assert all(value.version == 7 and value.variant == "specified in RFC 4122" for value in made)
    assert len(set(made)) == len(made)
    assert before - 1 <= (made[0].int >> 80) / 1000 <= before + 5
    assert all(one.int >> 76 <= two.int >> 76 for one, two in pairwise(made))
    assert isinstance(made[0], UUID)


def test_a_field_that_may_be_null_must_default_to_null() -> None:
    class Unsaid(Event):
        """Null or not, it must be sent: another digest for the same data."""

        comment: str | None

    with pytest.raises(Misdeclared, match=r"Unsaid\.comment"):
        Structs().of(Unsaid)
