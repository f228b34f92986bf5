"""The fast decoder accepts and rejects exactly what pydantic does."""

from __future__ import annotations

import json
import os
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from schema import DOMAINS, LEDGER
from schema.declare import Domain, EventType, Misdeclared, Once, domain_metadata
from schema.decode import Decoder, decoders
from schema.envelope import BOARD_BYTES_MAX, VALUE_BYTES_MAX, Envelope, envelope_model
from schema.refusal import FAULTS_KEPT_MAX, Refused
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
        if b"\\u" in value or not value.isascii() or value.count(b"[") + value.count(b"{") > 100:
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
        ("not-json", b"\xef\xbb\xbf{}", "Invalid JSON: the record starts with the byte order mark of UTF-8"),
        ("not-utf8", '{"type":1}'.encode("utf-16"), "byte order mark of UTF-16"),
        ("not-json", b"[" * 1_000_000, "Invalid JSON"),
        ("not-json", b'{"type":' + b"[" * 900_000, "Invalid JSON"),
        ("envelope", json.dumps(dict(PREDICTION.example)).encode(), "binary mode"),
        ("not-json", record(PREDICTION, prediction="DEEP").replace(b'"DEEP"', b"[" * 900_000), "Invalid JSON"),
        (
            "not-json",
            record(PREDICTION).replace(b'"data": {', b'"data": {"deep": ' + b'{"a":' * 150_000),
            "Invalid JSON",
        ),
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


EVERYTHING = sampler.DOMAIN.by_type["sampler.everything.measured.v1"]


def refused(event: EventType, value: bytes) -> Refused:
    with pytest.raises(Refused) as found:
        next(decoder for decoder in BY_TOPIC.values() if event.type in decoder.structs).decode(value)
    return found.value


@pytest.mark.parametrize(
    ("data", "label", "says"),
    [
        ({"figure": 1.1e100}, "out-of-range", "from -1e+100 to 1e+100"),
        ({"sample_id": 0}, "out-of-range", "from 1 to 2147483647"),
        ({"share": 1.5}, "out-of-range", "from 0 to 1"),
        ({"spot": {"x": 1.0}}, "out-of-range", "above -1 below 1"),
        ({"weights": {"w": -1.0}}, "out-of-range", "from 0 to 1000000000.0"),
        ({"wait": 1e10}, "out-of-range", "from 0 to 1000000000.0"),
        ({"marks": [1, 2, 2**31]}, "out-of-range", "from 0 to 2147483647"),
        ({"marks": [1] * 5}, "out-of-range", "to 4 elements"),
        ({"pair": ["", 1]}, "out-of-range", "from 1 to 255 characters"),
        ({"pair": ["a", 0]}, "out-of-range", "from 1 to 1000000"),
        ({"big": 2**63}, "out-of-range", "from 1 to 9223372036854775807"),
        ({"big": "9223372036854775808"}, "out-of-range", "from 1 to 9223372036854775807"),
        ({"big": "0"}, "wrong-type", "integer"),
        ({"spot": {"x": 0.5, "name": "e\u0301"}}, "not-normalised", "data.spot.name: must be in the Unicode form NFC"),
        ({"pair": ["e\u0301", 1]}, "not-normalised", "send 'é'"),
        ({"email": "Ana@X.org"}, "not-normalised", "send 'ana@x.org'"),
        ({"email": " ana@x.org"}, "not-normalised", "send 'ana@x.org'"),
        ({"email": "ana"}, "out-of-range", "such as ana@example.org"),
        ({"email": "änn@x.org"}, "out-of-range", "ASCII"),
    ],
)
def test_a_refusal_names_both_bounds_or_the_form_that_is_taken(data: dict[str, Any], label: str, says: str) -> None:
    found = refused(EVERYTHING, record(EVERYTHING, **data))
    assert found.reason == label
    assert says in found.message


def test_labels_may_have_any_form_and_names_in_nfc_are_kept() -> None:
    decoder = BY_TOPIC["sampler.catalog"]
    for ascii_only in (True, False):
        data = envelope(EVERYTHING, mark="e\u0301", pair=["é", 1])
        read = decoder.decode(json.dumps(data, ensure_ascii=ascii_only).encode())
        assert (read.data.mark, read.data.pair) == ("e\u0301", ("é", 1))


@pytest.mark.parametrize("number", [1, 2**53 + 1, 2**63 - 1])
def test_big_integers_are_the_same_as_numbers_and_as_decimal_strings(number: int) -> None:
    decoder = BY_TOPIC["sampler.catalog"]
    one, other = (decoder.decode(record(EVERYTHING, big=each)) for each in (number, str(number)))
    assert one == other
    assert one.data.big == number


def test_all_faults_are_told_at_once() -> None:
    data = {**EVERYTHING.example, "mood": 1, "size": -1, "name": 5, "spot": {"x": 2.0, "seen": "2026-03-01T10:00:00"}}
    del data["flag"], data["code"]
    found = refused(EVERYTHING, json.dumps({**envelope(EVERYTHING), "data": data}).encode())
    assert found.reason == "missing-field"
    told = {".".join(map(str, fault.path)): fault.label for fault in found.faults}
    assert told == {
        "data.flag": "missing-field",
        "data.code": "missing-field",
        "data.size": "out-of-range",
        "data.name": "wrong-type",
        "data.spot.x": "out-of-range",
        "data.spot.seen": "naive-time",
        "data.mood": "extra-field",
    }
    assert all(path in found.message for path in told)


def test_a_refusal_stays_small_and_plain_whatever_was_sent() -> None:
    odd = {"\x1b[31m" + "x" * 10_000: 1, **{f"f{n}": "\x07" for n in range(40_000)}}
    found = refused(EVERYTHING, json.dumps({**envelope(EVERYTHING), "data": {**EVERYTHING.example, **odd}}).encode())
    assert len(found.faults) <= FAULTS_KEPT_MAX
    assert "more)" in found.message
    huge = record(EVERYTHING, spot="HUGE").replace(b'"HUGE"', b"[" + b"9" * 100_000 + b"]")
    for message in (found.message, refused(EVERYTHING, huge).message):
        assert len(message) < 3_000
        assert message.isprintable()


@given(st.recursive(st.integers(), lambda inner: st.lists(inner, max_size=2), max_leaves=3), st.integers(0, 20_000))
def test_depth_is_a_refusal_in_every_field(inner: Any, depth: int) -> None:
    deep = f"{'[' * depth}{json.dumps(inner)}{']' * depth}".encode()
    for name in EVERYTHING.example:
        value = record(EVERYTHING, **{name: "DEEP"}).replace(b'"DEEP"', deep)
        said = verdict(EVERYTHING, value)
        assert repr(decoded(BY_TOPIC["sampler.catalog"], value)) == repr(said)
