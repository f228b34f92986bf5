"""The fast decoder accepts and rejects exactly what pydantic does."""

from __future__ import annotations

import json
import os
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from pydantic import BaseModel, ValidationError

from schema import DOMAINS, LEDGER
from schema.declare import Domain, EventType, Misdeclared, Once, domain_metadata
from schema.decode import Decoder, decoders
from schema.envelope import BOARD_BYTES_MAX, VALUE_BYTES_MAX, Envelope, envelope_model
from schema.refusal import Refused
from tests.schema import sampler
from tests.schema.records import envelope, record, records

ALL: tuple[Domain, ...] = (*DOMAINS, LEDGER, sampler.DOMAIN)
EVENTS = tuple(event for domain in ALL for event in domain.events)
CURRENT = tuple(event for event in EVENTS if event.upcast is None)
BY_TOPIC = decoders(ALL)
EXAMPLES_MAX = int(os.environ.get("DECODE_EXAMPLES", "400"))


def plain(value: Any) -> Any:
    """Structs and models as nested dicts, so that type and value of every leaf can be compared by repr."""
    match value:
        case msgspec.Struct():
            fields = value.__struct_fields__
            return {name: plain(getattr(value, name)) for name in sorted(fields)}
        case BaseModel():
            return {name: plain(getattr(value, name)) for name in sorted(type(value).model_fields)}
        case dict():
            return {name: plain(value[name]) for name in sorted(value)}
        case list() | tuple():
            return [type(value).__name__, *map(plain, value)]
    return value


def verdict(event: EventType, value: bytes) -> Any:
    """What pydantic says of the record: its values, without the type that a Struct has as its class."""
    try:
        read = plain(envelope_model(event).model_validate_json(value))
    except ValidationError:
        return None
    del read["type"]
    return read


def decoded(decoder: Decoder, value: bytes) -> Any:
    try:
        return plain(decoder.decode(value))
    except Refused as refused:
        return None if refused.reason and refused.message else "a refusal that says nothing"


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_the_example_is_decoded_alike_by_both_paths(event: EventType) -> None:
    decoder = BY_TOPIC[event.topic]
    value = record(event)
    slow = decoder.slow(value)
    assert decoder.declared[type(slow)].domain == event.domain
    assert plain(decoder.decode(value)) == plain(slow)
    if event in CURRENT and event.type not in decoder.slow_types:
        assert plain(decoder.fast(value)) == plain(slow)


@settings(max_examples=EXAMPLES_MAX, deadline=None)
@given(value=records(CURRENT))
def test_decode_accepts_exactly_what_pydantic_accepts(value: bytes) -> None:
    verdicts = {event.type: said for event in CURRENT if (said := verdict(event, value))}
    for decoder in BY_TOPIC.values():
        mine = [verdicts[type_] for type_ in decoder.structs if type_ in verdicts]
        assert repr([decoded(decoder, value)]) == repr(mine or [None])


@settings(max_examples=EXAMPLES_MAX, deadline=None)
@given(value=records(CURRENT))
def test_fast_alone_is_sound_where_it_says_so(value: bytes) -> None:
    for decoder in BY_TOPIC.values():
        try:
            event = decoder.fast(value)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
        if b"\\u0000" in value or value.count(b"[") + value.count(b"{") > 100:
            continue
        said = verdict(decoder.declared[type(event)], value)
        assert said is not None
        assert said == plain(event)


def test_every_event_that_comes_in_masses_takes_the_fast_path() -> None:
    slow = {type_ for topic, decoder in BY_TOPIC.items() for type_ in decoder.slow_types}
    few = {event.type for domain in DOMAINS for event in domain.events if event.family in ("catalog", "jobs")}
    assert slow - few == {"sampler.oddity.found.v1", "chess.tune.output_published.v1"}


def test_a_validator_of_its_own_decides() -> None:
    decoder, event = BY_TOPIC["sampler.catalog"], sampler.DOMAIN.by_type["sampler.oddity.found.v1"]
    assert decoder.decode(record(event, even=8)).data.even == 8
    with pytest.raises(Refused, match=r"data\.even: Value error, must be even, got 7"):
        decoder.decode(record(event, even=7))


def test_old_versions_arrive_as_the_newest() -> None:
    decoder = BY_TOPIC["sampler.catalog"]
    newest = decoder.structs["sampler.span.timed.v3"]
    for version in ("v1", "v2", "v3"):
        event = decoder.decode(record(sampler.DOMAIN.by_type[f"sampler.span.timed.{version}"]))
        assert type(event) is newest
        assert plain(event.data) == {"sample_id": 1, "seconds": 3.0, "unit": "s"}


def test_an_old_version_that_cannot_be_lifted_says_so() -> None:
    event = sampler.DOMAIN.by_type["sampler.span.timed.v1"]
    with pytest.raises(Refused, match=r"seconds: .* when brought to sampler\.span\.timed\.v3") as refused:
        BY_TOPIC["sampler.catalog"].decode(record(event, length=-3))
    assert refused.value.type == "sampler.span.timed.v2"


def test_a_version_without_a_way_to_the_newest_is_misdeclared() -> None:
    first, _, third = (sampler.DOMAIN.by_type[f"sampler.span.timed.v{n}"] for n in (1, 2, 3))
    with pytest.raises(Misdeclared, match="no way"):
        Decoder([first, third])


PREDICTION = next(event for event in EVENTS if event.type == "evaluation.prediction.recorded.v1")


@pytest.mark.parametrize(
    ("reason", "value", "says"),
    [
        ("empty", None, "no value"),
        ("empty", b"", "no value"),
        ("not-utf8", b'{"type":"\xff"}', "byte 9"),
        ("not-json", b"{", "Invalid JSON"),
        ("not-json", b"\xef\xbb\xbf{}", "Invalid JSON"),
        ("surrogate", b'{"type":"\\ud800"}', "UTF-8"),
        ("envelope", b"[]", "object"),
        ("envelope", b"{}", "type"),
        ("envelope", b'{"type":5}', "type"),
        ("envelope", json.dumps({**envelope(PREDICTION), "id": "x"}).encode(), "id: "),
        ("envelope", json.dumps({**envelope(PREDICTION), "specversion": "0.3"}).encode(), "specversion"),
        ("envelope", json.dumps({**envelope(PREDICTION), "data": None}).encode(), "data"),
        ("unknown-type", b'{"type":"evaluation.prediction.guessed.v1"}', "this topic takes"),
        ("unknown-version", b'{"type":"evaluation.prediction.recorded.v7"}', "recorded.v1"),
        ("wrong-topic", b'{"type":"evaluation.row.added.v1"}', "evaluation.catalog"),
        ("missing-field", record(PREDICTION).replace(b'"row_id": 1042, ', b""), "data.row_id"),
        ("extra-field", record(PREDICTION, mood="fine"), "data.mood"),
        ("wrong-type", record(PREDICTION, row_id="1042"), "data.row_id"),
        ("wrong-type", record(PREDICTION, row_id=1.0), "data.row_id"),
        ("wrong-type", record(PREDICTION, row_id=True), "data.row_id"),
        ("out-of-range", record(PREDICTION, prediction_time=-0.5), "data.prediction_time"),
        ("out-of-range", record(PREDICTION, prediction_time=float("nan")), "data.prediction_time"),
        ("out-of-range", record(PREDICTION, tokens=2**31), "data.tokens"),
        (
            "naive-time",
            json.dumps({**envelope(PREDICTION), "time": "2026-03-01T10:00:00"}).encode(),
            "time: ",
        ),
        ("nul", record(PREDICTION, prediction="a\0"), "data.prediction"),
        ("surrogate", record(PREDICTION, prediction="\ud800"), "UTF-8"),
        ("too-large", b" " * (VALUE_BYTES_MAX + 1), str(VALUE_BYTES_MAX)),
    ],
)
def test_a_refusal_names_reason_place_and_remedy(reason: str, value: bytes | None, says: str) -> None:
    with pytest.raises(Refused) as refused:
        BY_TOPIC["evaluation.predictions"].decode(value)
    assert refused.value.reason == reason
    assert says in refused.value.message
    assert ";" in refused.value.message


def test_only_the_snapshot_of_a_board_may_be_long() -> None:
    (board,) = (event for event in EVENTS if event.type == "evaluation.board.published.v1")
    text = json.dumps(["x" * 100] * (BOARD_BYTES_MAX // 120))
    long = record(board, entries=text)
    assert VALUE_BYTES_MAX < len(long) < BOARD_BYTES_MAX
    assert BY_TOPIC["evaluation.leaderboards"].decode(long).data.entries == text
    with pytest.raises(Refused, match=str(BOARD_BYTES_MAX)):
        BY_TOPIC["evaluation.leaderboards"].decode(b" " * (BOARD_BYTES_MAX + 1))


def test_unknown_attributes_of_the_envelope_are_ignored_but_those_of_data_are_not() -> None:
    decoder = BY_TOPIC["evaluation.predictions"]
    value = json.dumps({**envelope(PREDICTION), "partitionkey": "p", "sequence": 5}).encode()
    assert plain(decoder.decode(value)) == plain(decoder.decode(record(PREDICTION)))


def test_declared_and_structs_are_inverse() -> None:
    for decoder in BY_TOPIC.values():
        for type_, made in decoder.structs.items():
            assert issubclass(made, Envelope)
            assert decoder.declared[made].type == type_


def test_a_topic_of_events_that_only_pydantic_decodes_still_works() -> None:
    event = sampler.DOMAIN.by_type["sampler.oddity.found.v1"]
    assert Decoder([event]).decode(record(event)).data.even == 4
    assert isinstance(event.lands[0], Once)
    assert domain_metadata("x").schema == "x"
