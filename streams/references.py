"""What scores and folds refer to: read from its topics to their ends before the first of them, then followed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Event
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, KafkaError, KafkaException, TopicPartition

from schema.admission import Admission
from schema.heartbeat import NEVER_CONFINED, Heartbeat, raised
from streams.admit import admission
from streams.log import Log, Place

INTAKE_RECORDS_MAX = 64
WAIT_SECONDS = 0.1
CATCH_UP_SECONDS_MIN = 0.25
"""Least time between two questions for the ends: a burst of unknown references asks once."""


class Lost(Exception):
    """A reference topic no longer has its beginning."""


class References:
    """Feeds `learn(type, data)` with the events of the given types, in the order of each partition.

    Has a consumer of its own, without a group: every worker knows all references. One thread only.
    """

    def __init__(
        self,
        log: Log,
        admissions: Mapping[str, Admission],
        types: Mapping[str, str],
        learn: Callable[[str, Any], None],
        heartbeat: Heartbeat | None = None,
    ) -> None:
        """`types` maps an event type to its topic; the heartbeat is told of what `learn` raises for one event."""
        self.log = log
        self.heartbeat = heartbeat or Heartbeat("references")
        self.learned = 0
        """Events that were taken in."""
        self.topics: Sequence[str] = sorted(set(types.values()))
        self.reached: dict[Place, int] = {}
        self._types = frozenset(types)
        self._learn = learn
        self._admit = {topic: admission(admissions[topic]) for topic in self.topics}
        self._asked = 0.0

    def open(self) -> None:
        """Start reading from the beginning."""
        self._consumer = self.log.consumer("podium.references", {"enable.partition.eof": True})
        places = self.log.places(self.topics)
        self.reached = dict.fromkeys(places, 0)
        self._consumer.assign([TopicPartition(self.log.named(t), p, OFFSET_BEGINNING) for t, p in places])

    def close(self) -> None:
        """Let go of the connection."""
        self._consumer.close()

    def load(self, stop: Event) -> None:
        """Take in everything up to the present ends. Raises KafkaException, Lost."""
        ends = self.log.ends(self.topics)
        while not stop.is_set() and not self.passed(ends):
            self.heartbeat.record_turn(self.heartbeat.ready, "what it refers to")
            self._take_in(WAIT_SECONDS)

    def follow(self, seconds: float = 0.0) -> None:
        """Take in what has arrived; waits only if told to, for the first record."""
        self._take_in(seconds)

    def catch_up(self, seconds_max: float) -> bool:
        """Read up to the present ends, unless that was just done; whether it was done now."""
        now = time.monotonic()
        if now - self._asked < CATCH_UP_SECONDS_MIN:
            return False
        ends = self.log.ends(self.topics)
        while not self.passed(ends) and time.monotonic() < now + seconds_max:
            self._take_in(WAIT_SECONDS)
        self._asked = time.monotonic()
        return True

    def passed(self, ends: Mapping[Place, int]) -> bool:
        """Whether everything before these ends was taken in."""
        return all(self.reached[place] >= end for place, end in ends.items())

    def _take_in(self, seconds: float) -> None:
        while True:
            self.heartbeat.record_turn(self.heartbeat.ready, self.heartbeat.waits_for)
            # One record first: `consume` alone would wait for a full batch.
            first = self._consumer.poll(seconds)
            if first is None:
                return
            for message in (first, *self._consumer.consume(INTAKE_RECORDS_MAX, 0)):
                self._take(message)
            seconds = 0

    def _take(self, message: Any) -> None:
        topic = self.log.plain(message.topic())
        error = message.error()
        if error is None:
            self.reached[topic, message.partition()] = message.offset() + 1
            for type_, envelope in self._admit[topic]([message]):
                if type_ in self._types:
                    self._learn_confined(type_, envelope.data, (topic, message.partition(), message.offset()))
        elif error.code() == KafkaError._PARTITION_EOF:
            self.reached[topic, message.partition()] = message.offset()
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:
            raise Lost(f"{topic}[{message.partition()}]: {error.str()}; its topic was cut or made again")
        elif error.fatal():
            raise KafkaException(error)

    def _learn_confined(self, type_: str, data: Any, place: tuple[str, int, int]) -> None:
        """An event that `learn` raises for is left out; every worker that starts tries it again."""
        try:
            self._learn(type_, data)
        except NEVER_CONFINED:
            raise
        except:  # noqa: E722
            topic, partition, offset = place
            self.heartbeat.confine(f"reference {topic}[{partition}]@{offset}", raised(), place)
        self.learned += 1
