"""Whether a reader gets on: how far it has read against the ends of its partitions, asked for in passing."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from streams.log import Log, Place

ASK_SECONDS = 3.0
STALL_SECONDS = 45.0
"""Records that could be read and are not: after so long the reader's client is at fault, and it is made anew."""


class Stalled(Exception):
    """There are records to read, and none of them comes."""


class Progress:
    """How far one worker has read. Never waits for the broker."""

    def __init__(self, log: Log, topics: Sequence[str]) -> None:
        self.log = log
        self.topics = topics
        self.is_at_end = False
        self._reached: dict[Place, int] = {}
        self._moved = self._asked = time.monotonic()
        self._answers: list[dict[Place, Future[Any]]] = []
        self._told = ""

    def restart(self, places: Sequence[TopicPartition]) -> None:
        """Reading begins at these offsets."""
        self._reached = {(self.log.plain(at.topic), at.partition): max(at.offset, 0) for at in places}
        self._answers, self._told, self.is_at_end = [], "", False
        self._moved = time.monotonic()

    def stand(self, reached: Mapping[Place, int]) -> None:
        """For one that reads tables, not the log: they have come so far, and whether they stall is not its affair."""
        self._reached = dict(reached)
        self._moved = time.monotonic()

    def pause(self) -> None:
        """Nothing is to be read for now."""
        self._moved = time.monotonic()

    def read(self, records: Sequence[Any]) -> None:
        """These records came."""
        if not records:
            return
        self._moved = time.monotonic()
        self.is_at_end = False
        seen = set()
        for message in reversed(records):
            place = message.topic(), message.partition()
            if place not in seen:
                seen.add(place)
                self._reached[self.log.plain(place[0]), place[1]] = message.offset() + 1
                if len(seen) == len(self._reached):
                    break

    def ended(self, message: Any) -> bool:
        """Whether this message says that a partition is read to its end."""
        error = message.error()
        if error is None or error.code() != KafkaError._PARTITION_EOF:
            return False
        place = self.log.plain(message.topic()), message.partition()
        if message.offset() > self._reached.get(place, 0):
            self._reached[place] = message.offset()
            self._moved = time.monotonic()
        return True

    def look(self) -> str:
        """What it waits for: records behind an open transaction, or nothing. Raises Stalled."""
        now = time.monotonic()
        if self._answers:
            self._judge(now)
        elif now - self._asked > ASK_SECONDS:
            self._asked = now
            try:
                self._answers = [self.log.ask_ends(self.topics, whole) for whole in (False, True)]
            except KafkaException:
                self.log.ask_anew()
        return self._told

    def _judge(self, now: float) -> None:
        if not all(end.done() for asked in self._answers for end in asked.values()):
            return
        try:
            readable, whole = ({at: end.result().offset for at, end in asked.items()} for asked in self._answers)
        except KafkaException:
            self.log.ask_anew()  # one that has lost its broker may never find it again
            self._answers, self._moved, self.is_at_end = [], now, False
            return
        self._answers = []
        left = {at: readable[at] - reached for at, reached in self._reached.items() if readable[at] > reached}
        hidden = {at: whole[at] - readable[at] for at in self._reached if whole[at] > readable[at] and at not in left}
        self.is_at_end = not left
        self._told = _told(hidden)
        if left and now - self._moved > STALL_SECONDS:
            (topic, partition), records = max(left.items(), key=lambda entry: entry[1])
            raise Stalled(
                f"{topic}[{partition}]: {records} records to read, and none came for {now - self._moved:.0f} s"
            )


def _told(hidden: dict[Place, int]) -> str:
    if not hidden:
        return ""
    (topic, partition), _ = max(hidden.items(), key=lambda entry: entry[1])
    where = f"{topic}[{partition}]" + (f" and {len(hidden) - 1} more partitions" if len(hidden) > 1 else "")
    return f"{sum(hidden.values())} records behind an open transaction in {where}"
