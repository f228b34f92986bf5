"""Whether the topics that a worker reads are still those that were declared, asked for in passing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaException

from schema.heartbeat import Heartbeat
from schema.topics import FoundTopic, topic_fault
from streams.log import Log

ASK_SECONDS = 5.0


class TopicRefused(Exception):
    """A topic has other partitions than declared, or is another one: what came of it could not be proven."""


class TopicCheck:
    """Looks at some topics every few seconds. Never waits for the broker."""

    def __init__(self, log: Log, topics: Sequence[str], heartbeat: Heartbeat) -> None:
        self.log = log
        self.topics = topics
        self.heartbeat = heartbeat
        self._asked = 0.0
        self._answers: dict[str, Future[Any]] = {}

    def look(self) -> None:
        """Ask, or heed the answers. Raises TopicRefused, after telling which topic on the heartbeat."""
        now = time.monotonic()
        if self._answers:
            if all(answer.done() for answer in self._answers.values()):
                answers, self._answers = self._answers, {}
                self._heed(answers)
        elif now - self._asked > ASK_SECONDS:
            self._asked = now
            try:
                self._answers = self.log.ask_topics(self.topics)
            except KafkaException:
                self.log.ask_anew()

    def _heed(self, answers: dict[str, Future[Any]]) -> None:
        for topic, answer in answers.items():
            try:
                described = answer.result()
            except KafkaException:
                # One that is away, or that we may not describe, is told by whoever reads it.
                self.log.ask_anew()
                continue
            found = FoundTopic(str(described.topic_id), len(described.partitions))
            known = self.log.topic_ids.setdefault(topic, found.id)
            fault = topic_fault(topic, self.log.topics[topic], found, known)
            if fault is not None:
                self.heartbeat.confine(f"topic {topic}", fault)
                raise TopicRefused(fault)
            self.heartbeat.recover(f"topic {topic}")
