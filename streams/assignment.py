"""The partitions that a group gives a worker. Callbacks only note what it says; the worker's own turn acts on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from schema.heartbeat import Heartbeat

COMMITTED_SECONDS_MAX = 2.0
GRACE_SECONDS = 15.0


class Assignment:
    """Which partitions a consumer has, and whether it stands at their committed offsets.

    An exception in a callback ends the thread that polls, and a call that waits there for the broker hangs it.
    """

    def __init__(self, consumer: Consumer, heartbeat: Heartbeat) -> None:
        self.consumer = consumer
        self.heartbeat = heartbeat
        self.changes = 0
        """How often partitions were given or taken."""
        self.is_placed = False
        """Whether it reads from where the group stands; until then nothing that is read counts."""
        self.member: Any = None
        """What the group knew this consumer by when it gave these partitions: later, commits under it are refused."""
        self.partitions: list[TopicPartition] = []
        self.waits_for = "its partitions"

    def subscribe(self, topics: Sequence[str]) -> None:
        """Join the group."""
        self.consumer.subscribe(list(topics), on_assign=self._given, on_revoke=self._taken, on_lost=self._taken)

    def _given(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.assign([])  # or the client would read from where it thinks right
        member = consumer.consumer_group_metadata()
        # A client that has lost its membership meanwhile has no id; a commit under none would not be fenced.
        self.member = member if consumer.memberid() else None
        self.partitions, self.is_placed = partitions, False
        self.changes += 1

    def _taken(self, _: Consumer, __: list[TopicPartition]) -> None:
        self.member, self.partitions, self.is_placed = None, [], False
        self.changes += 1

    def displace(self) -> None:
        """Read nothing until placed again, so that what was dropped is read again."""
        self.is_placed = False
        self.consumer.assign([])

    def place(self) -> list[TopicPartition] | None:
        """Go on from the committed offsets, new partitions from their beginning; None while these cannot be had.

        Raises KafkaException for what waiting does not mend.
        """
        if self.member is None:
            self.waits_for = "its partitions"
            return None
        committed = self._committed()
        if committed is not None:
            self.consumer.assign(committed)
            # Partitions that stay with us would stay paused.
            self.consumer.resume(committed)
            self.is_placed = True
        return committed

    def _committed(self) -> list[TopicPartition] | None:
        if not self.partitions:
            return []
        wanted = [TopicPartition(place.topic, place.partition) for place in self.partitions]
        try:
            with self.heartbeat.within("fetch committed offsets", COMMITTED_SECONDS_MAX + GRACE_SECONDS):
                found = self.consumer.committed(wanted, timeout=COMMITTED_SECONDS_MAX)
            for place in found:
                if place.error:
                    raise KafkaException(place.error)
        except KafkaException as failure:
            # Offsets that a transaction under way may still move are told as unstable: that passes, as all else that is
            # not fatal does; a worker that no longer belongs to its group hears so from its next poll.
            if failure.args[0].fatal():
                raise
            self.waits_for = f"its committed offsets: {failure.args[0].str()}"
            return None
        for place in found:
            if place.offset < 0:
                place.offset = OFFSET_BEGINNING
        return found
