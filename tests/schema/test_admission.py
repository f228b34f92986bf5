"""Whether a record is an event: known vectors of the hash, and what is refused, in which order, for what."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from confluent_kafka import Producer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podium import topics
from podium.settings import Settings
from schema import DOMAINS, LEDGER
from schema.admission import (
    APPENDED,
    MILLISECONDS_MAX,
    Admission,
    admissions,
    is_stamped,
    murmur2,
    partition_of,
    placing,
)
from schema.contract import example
from schema.envelope import LAST, latest_time, record_key, time_of
from schema.refusal import Refused
from tests.schema import sampler

VECTORS = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}
"""Of the test of Java's own client, as it gives them: signed."""

NOW_MS = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp() * 1000)
STAMPED = (APPENDED, NOW_MS)
ALL = admissions((LEDGER, *DOMAINS))
EXAMPLES = [(domain, event) for domain in (LEDGER, *DOMAINS) for event in domain.events if event.upcast is None]


@pytest.mark.parametrize(("key", "signed"), VECTORS.items())
def test_murmur2_is_that_of_java(key: bytes, signed: int) -> None:
    assert murmur2(key) == signed & 0xFFFFFFFF
    assert partition_of(key, 7) == (signed & 0x7FFFFFFF) % 7


@given(st.binary(max_size=300), st.integers(1, 5_000))
def test_murmur2_is_that_of_another_client_for_every_key(key: bytes, partitions: int) -> None:
    from aiokafka.partitioner import murmur2 as theirs

    assert murmur2(key) == theirs(key) & 0xFFFFFFFF
    assert 0 <= partition_of(key, partitions) == placing(partitions)(key) < partitions


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(min_size=1, max_size=100), min_size=1, max_size=100, unique=True))
def test_librdkafka_puts_keys_where_we_look_for_them(broker: Settings, keys: list[bytes]) -> None:
    """Its own partitioner decides, in a topic of the real broker."""
    topics.apply(broker.kafka, topics.wanted([sampler.DOMAIN], broker.kafka))
    found: dict[Any, Any] = {}
    producer = Producer({**broker.kafka.client(partitioner="murmur2_random"), "log_level": 2})
    for key in keys:
        producer.produce(
            broker.kafka.named("sampler.catalog"), b"x", key,
            on_delivery=lambda _, message: found.__setitem__(message.key(), message.partition()),
        )  # fmt: skip
    assert producer.flush(30) == 0
    assert found == {key: partition_of(key, 4) for key in keys}


def record(event: Any) -> tuple[Admission, bytes, bytes, int]:
    """The admission of an event's topic; value, key and partition of its example."""
    admission, whole = ALL[event.topic], example(event)
    read = event.model.model_validate_json(json.dumps(whole["data"]))
    key = record_key(event, {name: getattr(read, name) for name in event.columns})
    return admission, json.dumps(whole).encode(), key, partition_of(key, admission.partitions)


@pytest.mark.parametrize(("domain", "event"), EXAMPLES, ids=lambda each: getattr(each, "type", ""))
def test_an_event_is_admitted_in_its_partition_and_in_no_other(domain: Any, event: Any) -> None:
    admission, value, key, right = record(event)
    assert admission.partitions == domain.topics[event.topic]
    for partition in range(-1, admission.partitions + 3):
        if partition == right:
            assert admission.types[type(admission.admit(value, key, partition, STAMPED))] == event.type
            continue
        with pytest.raises(Refused) as refused:
            admission.admit(value, key, partition, STAMPED)
        assert (refused.value.reason, refused.value.type) == ("wrong-partition", event.type)
        for told in (f"partition {partition} of {event.topic}", f"partition {right}", "partitioner=murmur2_random"):
            assert told in refused.value.message


def test_what_is_wrong_first_is_told_first() -> None:
    event = EXAMPLES[-1][1]
    admission, value, key, right = record(event)
    future = (APPENDED, NOW_MS - 10 * 86_400_000)
    steps = [
        ("not-json", (b"no", None, right + 1, (0, 0))),
        ("wrong-key", (value, None, right + 1, (0, 0))),
        ("wrong-key", (value, key + b"x", right, future)),
        ("wrong-partition", (value, key, right + 1, (0, 0))),
        ("unstamped", (value, key, right, (1, NOW_MS))),
        ("unstamped", (value, key, right, (APPENDED, NOW_MS * 1000))),
        ("future-time", (value, key, right, future)),
    ]
    for reason, given_ in steps:
        with pytest.raises(Refused) as refused:
            admission.admit(*given_)
        assert refused.value.reason == reason


@given(
    st.sampled_from([event for _, event in EXAMPLES]),
    st.none() | st.binary(max_size=50) | st.text(max_size=20).map(lambda text: text.encode(errors="surrogatepass")),
    st.none() | st.integers(-(2**31), 2**31),
    st.tuples(st.integers(0, 3), st.integers(-(2**63), 2**63 - 1)),
    st.none() | st.binary(max_size=100),
)
def test_no_record_raises_anything_but_its_refusal(
    event: Any, key: bytes | None, partition: int | None, stamp: tuple[int, int], value: bytes | None
) -> None:
    refusals: list[Refused] = []
    admission, good, own, right = record(event)
    for one in ((value, key, partition, stamp), (good, key, partition, stamp), (good, own, right, stamp)):
        try:
            admission.admit(*one)
        except Refused as refused:
            refusals.append(refused)
        else:
            assert is_stamped(stamp)
    assert all(refused.message.encode() for refused in refusals)


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_time_stamp_is_a_moment(milliseconds: int) -> None:
    assert time_of(milliseconds).tzinfo is UTC
    assert time_of(milliseconds) <= latest_time(milliseconds) <= LAST
    if 0 <= milliseconds <= MILLISECONDS_MAX:
        assert time_of(milliseconds) - datetime(1970, 1, 1, tzinfo=UTC) == timedelta(milliseconds=milliseconds)


def test_what_our_own_code_raises_refuses_the_record_and_says_where() -> None:
    class Odd(Exception):
        def __str__(self) -> str:
            raise ValueError("not even that")

    def spoilt(_: Any) -> bytes:
        raise Odd

    event = EXAMPLES[-1][1]
    admission, value, key, right = record(event)
    own = Admission(admission.topic, admission.decoder, admission.partitions)
    own.keys = dict.fromkeys(own.keys, spoilt)
    with pytest.raises(Refused) as refused:
        own._made()(value, key, right, STAMPED)
    assert refused.value.reason == "failed"
    assert "Odd at test_admission.py" in refused.value.message
    assert "redrive" in refused.value.message
