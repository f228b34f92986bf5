"""Looking at topics: what is as declared, and that a broker that is away leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaException
from hypothesis import given
from hypothesis import strategies as st

from consumers.aside import TopicFault, TopicsAside
from consumers.topics import TopicWatch
from schema.contract import TOPIC_CONFIG
from schema.heartbeat import Heartbeat
from schema.topics import VOIDING, FoundTopic, topic_fault

TRIES = 6


def held(what: str) -> int:
    """Threads (`task`) or descriptors (`fd`) of this process."""
    return sum(1 for _ in Path("/proc/self", what).iterdir())


def test_a_broker_that_is_away_leaves_no_threads_and_descriptors_behind() -> None:
    watch = TopicWatch({"bootstrap.servers": "127.0.0.1:1", "log_level": 0}, "", {"a.catalog": 4})
    watch.request_seconds = 0.2
    counts = []
    for _ in range(TRIES):
        with pytest.raises(KafkaException):
            watch.ask()
        counts.append((held("task"), held("fd")))
    assert max(counts[1:]) <= counts[0]
    assert watch.asked_at == 0.0


def test_a_topic_as_declared_is_no_fault_and_every_other_is_told() -> None:
    good: dict[str, Any] = {name: TOPIC_CONFIG.get(name) for name in VOIDING}
    assert topic_fault("a", 4, FoundTopic("id", 4, good), "id") is None
    assert topic_fault("a", 4, FoundTopic("id", 4)) is None, "what nobody may ask for is not held against it"
    assert "has 3 partitions" in str(topic_fault("a", 4, FoundTopic("id", 3, good)))
    assert "made again" in str(topic_fault("a", 4, FoundTopic("id", 4, good), "other"))
    for name in VOIDING:
        told = str(topic_fault("a", 4, FoundTopic("id", 4, good | {name: "else"})))
        assert f"{name}=else" in told
        assert "podium topics apply" in told


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["put", "up", "moved", "wait"])), max_size=40))
def test_a_topic_stands_until_it_is_taken_up_and_is_told_until_it_works(steps: list[tuple[str, str]]) -> None:
    heartbeat = Heartbeat("consumers")
    aside = TopicsAside(heartbeat, seconds_min=1, seconds_max=8)
    now, stands, trying = 0.0, set[str](), set[str]()
    for topic, step in steps:
        now += 0.5
        if step == "put":
            aside.put(TopicFault(topic, "why"), now)
            stands.add(topic)
            trying.discard(topic)
        elif step == "up" and topic in stands:
            aside.take_up(topic, now)
            stands.discard(topic)
            trying.add(topic)
        elif step == "moved":
            aside.note([topic], now)
            trying.discard(topic)
        else:
            now += 10
            aside.note([], now)
            trying.clear()
            assert set(aside.due(now)) == stands, "no pause is longer than the longest"
        assert set(aside) == stands
        assert {f"topic {one}" for one in stands} <= set(heartbeat.failures)
        assert set(heartbeat.failures) <= {f"topic {one}" for one in stands | trying}
