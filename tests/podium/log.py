"""Reading a test's topics back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, TopicPartition

from podium.settings import Settings
from schema.decode import decoders


def messages(settings: Settings, topic: str, count: int, seconds_max: float = 20) -> list[Message]:
    """The first `count` records of a topic without its namespace; fewer if they do not come in time."""
    consumer = Consumer(settings.kafka.client(group_id="reader", enable_auto_commit=False))
    name = settings.kafka.named(topic)
    partitions = consumer.list_topics(name, timeout=10).topics[name].partitions
    consumer.assign([TopicPartition(name, partition, OFFSET_BEGINNING) for partition in partitions])
    found: list[Message] = []
    deadline = time.monotonic() + seconds_max
    try:
        while len(found) < count and time.monotonic() < deadline:
            found += [message for message in consumer.consume(count, 0.2) if message.error() is None]
    finally:
        consumer.close()
    return found


def events(settings: Settings, domains: Any, topic: str, count: int) -> list[Any]:
    """The same, decoded."""
    decoder = decoders(domains)[topic]
    return [decoder.decode(message.value()) for message in messages(settings, topic, count)]


def committed(settings: Settings, topic: str) -> list[Message]:
    """Every record of a topic without its namespace, as readers of committed transactions find it."""
    consumer = Consumer(settings.kafka.client(group_id="reader", enable_auto_commit=False, enable_partition_eof=True))
    name = settings.kafka.named(topic)
    partitions = consumer.list_topics(name, timeout=10).topics[name].partitions
    consumer.assign([TopicPartition(name, partition, OFFSET_BEGINNING) for partition in partitions])
    found: list[Message] = []
    ended: set[int | None] = set()
    while len(ended) < len(partitions):
        for message in consumer.consume(10_000, 0.2):
            if message.error() is None:
                found.append(message)
            else:
                ended.add(message.partition())
    consumer.close()
    return found


def size(settings: Settings, topic: str) -> int:
    """How many records a topic without its namespace has."""
    consumer = Consumer(settings.kafka.client(group_id="reader", enable_auto_commit=False))
    name = settings.kafka.named(topic)
    partitions = consumer.list_topics(name, timeout=10).topics[name].partitions
    ends = [consumer.get_watermark_offsets(TopicPartition(name, each), timeout=10) for each in partitions]
    consumer.close()
    return sum(high - low for low, high in ends)


def until(done: Callable[[], bool], seconds_max: float = 20) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds_max
    pause = threading.Event()
    while not done():
        assert time.monotonic() < deadline, "it did not come true in time"
        pause.wait(0.02)
