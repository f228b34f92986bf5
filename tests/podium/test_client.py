"""The producer client, against a real broker."""

from __future__ import annotations

import json
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from confluent_kafka import Message, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions

from podium import topics
from podium.client import Failure, NotDeclared, Producer, Stalled, Undelivered
from podium.ids import Exhausted, RequestsGone
from podium.settings import Kafka, Settings
from schema.envelope import canonical, digest, event_id
from schema.refusal import Refused
from tests.podium.log import events, messages, size
from tests.schema import sampler

DOMAINS = (sampler.DOMAIN,)
EVERYTHING = sampler.DOMAIN.by_type["sampler.everything.measured.v1"]
SPAN = "sampler.span.timed.v3"


@pytest.fixture
def log(broker: Settings) -> Settings:
    """A broker with the sampler's topics."""
    topics.apply(broker.kafka, topics.wanted(DOMAINS, broker.kafka))
    return broker


def producer(settings: Settings | Kafka, **options: Any) -> Producer:
    return Producer(settings, source="tests", domains=DOMAINS, **options)


def spans(log: Settings, count: int) -> list[Any]:
    return events(log, DOMAINS, "sampler.catalog", count)


def test_what_is_published_is_decoded_as_it_was_given(log: Settings) -> None:
    with producer(log) as client:
        ids = [
            client.publish(SPAN, {"sample_id": 1, "seconds": 2}),
            client.publish(sampler.SpanTimed(sample_id=2, seconds=0.5, unit="min")),
            client.publish(sampler.SpanTimed, {"sample_id": 3, "seconds": 1.5}, time="2026-03-01T12:00:00+02:00"),
            client.publish(EVERYTHING.type, EVERYTHING.example),
        ]
    found = {str(event.id): event for event in spans(log, 4)}
    assert set(found) == set(ids)
    assert found[ids[0]].data.seconds == 2.0
    assert found[ids[1]].data.unit == "min"
    assert found[ids[2]].time == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert found[ids[3]].data.document == EVERYTHING.example["document"]
    assert {event.source for event in found.values()} == {"tests"}
    assert found[ids[2]].subject == "3"


def test_ids_are_those_of_the_natural_key_unless_chosen(log: Settings) -> None:
    mine = UUID(int=7, version=4)
    with producer(log) as client, producer(log, ids="v7") as fresh:
        first = client.publish(SPAN, {"sample_id": 1, "seconds": 1.0})
        again = client.publish(SPAN, {"sample_id": 1, "seconds": 1.0})
        assert first == again == str(event_id(sampler.DOMAIN.by_type[SPAN], {"sample_id": 1}))
        assert client.publish(SPAN, {"sample_id": 2, "seconds": 1.0}, id=mine) == str(mine)
        assert UUID(fresh.publish(SPAN, {"sample_id": 3, "seconds": 1.0})).version == 7
    assert len(spans(log, 4)) == 4


def test_the_key_decides_the_partition_as_every_murmur2_client_decides(log: Settings) -> None:
    with producer(log) as client:
        client.publish_many(SPAN, ({"sample_id": number, "seconds": 1.0} for number in range(1, 41)))
    found = {message.key(): message.partition() for message in messages(log, "sampler.catalog", 40)}
    assert found == {str(number).encode(): partition_of(str(number).encode(), 4) for number in range(1, 41)}
    assert len(set(found.values())) == 4


def test_keys_stay_where_the_declaration_puts_them_though_a_topic_grew(log: Settings) -> None:
    name = log.kafka.named("sampler.catalog")
    admin = AdminClient({**log.kafka.client(), "log_level": 0})
    admin.create_partitions([NewPartitions(name, 9)])[name].result(20)
    with producer(log) as client:
        client.publish_many(SPAN, ({"sample_id": number, "seconds": 1.0} for number in range(1, 41)))
    found = {message.key(): message.partition() for message in messages(log, "sampler.catalog", 40)}
    assert found == {str(number).encode(): partition_of(str(number).encode(), 4) for number in range(1, 41)}


def test_a_time_far_ahead_is_refused_before_it_is_sent(log: Settings) -> None:
    data = {"sample_id": 1, "seconds": 1.0}
    with producer(log) as client:
        for ahead in (timedelta(minutes=6), timedelta(days=3650)):
            when = datetime.now(UTC) + ahead
            with pytest.raises(Refused, match="more than 5 minutes after this computer's clock") as one:
                client.publish(SPAN, data, time=when)
            assert one.value.reason == "future-time"
            with pytest.raises(Refused):
                client.publish_many(SPAN, [data], time=when.isoformat())
        client.publish(SPAN, data, time=datetime.now(UTC) + timedelta(minutes=4))
    assert len(spans(log, 1)) == 1


def partition_of(key: bytes, count: int) -> int:
    """Where Java clients, and those that follow them, put a key: this one asks aiokafka."""
    from aiokafka.partitioner import murmur2

    return int(murmur2(key) & 0x7FFFFFFF) % count


@pytest.mark.parametrize(
    ("reason", "data"),
    [
        ("missing-field", {"sample_id": 1}),
        ("missing-field", None),
        ("extra-field", {"sample_id": 1, "seconds": 1.0, "mood": "fine"}),
        ("wrong-type", {"sample_id": "1", "seconds": 1.0}),
        ("wrong-type", {"sample_id": True, "seconds": 1.0}),
        ("wrong-type", {"sample_id": 1.0, "seconds": 1.0}),
        ("wrong-type", {"sample_id": object(), "seconds": 1.0}),
        ("out-of-range", {"sample_id": 0, "seconds": 1.0}),
        ("out-of-range", {"sample_id": 1, "seconds": -1.0}),
        ("out-of-range", {"sample_id": 1, "seconds": float("nan")}),
        ("out-of-range", {"sample_id": 1, "seconds": float("inf")}),
        ("nul", {"sample_id": 1, "seconds": 1.0, "unit": "a\0"}),
        ("surrogate", {"sample_id": 1, "seconds": 1.0, "unit": "\ud800"}),
    ],
)
def test_what_consumers_would_refuse_is_refused_here(log: Settings, reason: str, data: dict[str, Any]) -> None:
    with producer(log) as client:
        with pytest.raises(Refused) as refused:
            client.publish(SPAN, data)
        assert refused.value.reason == reason
        client.publish(SPAN, {"sample_id": 1, "seconds": 1.0})
    assert size(log, "sampler.catalog") == 1


def test_times_documents_and_validators_are_checked_too(log: Settings) -> None:
    when = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    with producer(log) as client:
        for reason, change in (
            ("naive-time", {"seen": datetime(2026, 3, 1)}),
            ("nul", {"document": {"a": ["\0"]}}),
            ("out-of-range", {"document": {"a": float("nan")}}),
        ):
            with pytest.raises(Refused) as refused:
                client.publish(EVERYTHING.type, {**EVERYTHING.example, **change})
            assert refused.value.reason == reason
        with pytest.raises(Refused, match="must be even"):
            client.publish(sampler.OddityFound, {"sample_id": 1, "even": 3})
        with pytest.raises(Refused, match="append Z"):
            client.publish(SPAN, {"sample_id": 1, "seconds": 1.0}, time="2026-03-01T10:00:00")
        with pytest.raises(Refused, match="must be a UUID"):
            client.publish(SPAN, {"sample_id": 1, "seconds": 1.0}, id="1")
        client.publish(EVERYTHING.type, {**EVERYTHING.example, "seen": when})
    [event] = spans(log, 1)
    assert b'"seen":"2026-03-01T10:00:00Z"' in canonical(event.data)
    assert len(digest(event.data)) == 16


def test_names_and_addresses_are_brought_to_their_one_form(log: Settings) -> None:
    odd = {"email": " Ana@X.org", "pair": ["e\u0301", 3], "spot": {"x": 0.5, "name": "\u212b"}, "mark": "e\u0301"}
    with producer(log) as client:
        client.publish(EVERYTHING.type, {**EVERYTHING.example, **odd})
        client.publish(SPAN, {"sample_id": 5, "seconds": 1.0, "unit": "A\u030a"})
        with pytest.raises(Refused) as refused:
            client.publish(EVERYTHING.type, {**EVERYTHING.example, **odd, "sample_id": 0, "email": "ana"})
    first, second = sorted(spans(log, 2), key=lambda event: event.data.sample_id)
    assert (first.data.email, first.data.pair, first.data.spot.name) == ("ana@x.org", ("é", 3), "Å")
    assert first.data.mark == "e\u0301"
    assert second.data.unit == "Å"
    assert {fault.path[1] for fault in refused.value.faults} >= {"sample_id", "email"}


def test_what_holds_itself_or_is_too_deep_is_refused() -> None:
    client = producer(Kafka(bootstrap="127.0.0.1:1"))
    circle: dict[str, Any] = {}
    circle["a"] = circle
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    for document in (circle, {"a": deep}):
        with pytest.raises(Refused):
            client.publish(EVERYTHING.type, {**EVERYTHING.example, "document": document})


def test_only_the_newest_version_of_declared_events_is_published() -> None:
    with producer(Kafka(bootstrap="127.0.0.1:9")) as client:
        with pytest.raises(NotDeclared, match=r"sampler\.span\.timed\.v1"):
            client.publish("sampler.span.timed.v1", {"sample_id": 1, "length": 1})
        with pytest.raises(NotDeclared, match="nothing"):
            client.publish("nothing", {})


def test_events_that_the_broker_does_not_take_are_named(broker: Settings) -> None:
    """The topics were never created."""
    seen: list[Failure] = []
    client = producer(broker, seconds_max=5, on_failure=seen.append)
    made = client.publish(SPAN, {"sample_id": 5, "seconds": 1.0})
    with pytest.raises(Undelivered) as undelivered:
        client.flush()
    assert [(each.id, each.type, each.key) for each in undelivered.value.failures] == [(made, SPAN, "5")]
    assert seen == list(undelivered.value.failures)
    assert made in str(undelivered.value)
    client.close()


def test_a_full_queue_holds_the_producer_back_and_then_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        kafka = Kafka(
            bootstrap=f"127.0.0.1:{mute.getsockname()[1]}",
            properties={"queue.buffering.max.messages": 10},
        )
        client = producer(kafka, seconds_max=1)
        with pytest.raises(Stalled, match="full for 1 s"):
            client.publish_many(SPAN, ({"sample_id": number, "seconds": 1.0} for number in range(1, 100)))
        with pytest.raises(Undelivered):
            client.close()


def test_an_error_inside_the_with_is_the_one_that_is_told(log: Settings) -> None:
    def break_off() -> None:
        with producer(log) as client:
            client.publish(SPAN, {"sample_id": 1, "seconds": 1.0})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert len(spans(log, 1)) == 1


def test_ids_are_granted_once_to_one_producer_each(log: Settings) -> None:
    def take(number: int) -> list[int]:
        with producer(log) as client:
            ids = client.ids(("sampler.sample", "sampler.span")[number % 2])
            return [*ids.take(3), *ids.take(5)]

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, range(8)))
    for kind in (0, 1):
        minted = Counter(number for ids in taken[kind::2] for number in ids)
        assert set(minted) == set(range(1, 4 * 8 + 1))
        assert set(minted.values()) == {1}


def test_a_repeated_request_grants_nothing_new_and_other_records_grant_nothing(log: Settings) -> None:
    from confluent_kafka import Producer as Raw

    with producer(log) as client:
        assert client.ids("sampler.sample").take(4) == range(1, 5)
        [request] = messages(log, "podium.ids", 1)
        raw = Raw(log.kafka.client())
        rival = json.loads(request.value() or b"")
        rival["data"]["size"] = 1000
        for value in (request.value(), json.dumps(rival).encode(), b"no event"):
            raw.produce(log.kafka.named("podium.ids"), value, b"kind")
        assert raw.flush(10) == 0
        assert client.ids("sampler.sample").take(1) == range(5, 6)
        assert client.ids("sampler.span").take(2) == range(1, 3)
    assert isinstance(request, Message)


def test_a_kind_that_runs_out_says_so(log: Settings) -> None:
    with producer(log) as client:
        for _ in range(9):
            client.ids("sampler.sample").take(100_000_000)
        with pytest.raises(Exhausted, match=r"sampler\.sample"):
            client.ids("sampler.sample").take(100_000_000)


def test_no_id_is_granted_twice_when_the_first_requests_are_gone(log: Settings) -> None:
    with producer(log) as client:
        assert client.ids("sampler.sample").take(4) == range(1, 5)
    admin = AdminClient(log.kafka.client())
    [gone] = admin.delete_records([TopicPartition(log.kafka.named("podium.ids"), 0, 1)]).values()
    assert gone.result().low_watermark == 1
    with producer(log) as client, pytest.raises(RequestsGone):
        client.ids("sampler.sample").take(4)
