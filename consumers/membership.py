"""What the group gives and takes: its callbacks only note it, the next turn acts upon it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence

import structlog
from confluent_kafka import Consumer, KafkaException, TopicPartition

from consumers.offset import Partition
from schema.heartbeat import described

LOG = structlog.get_logger("consumers")

NOWHERE = 0
"""Offset of what is paused until it is claimed: nothing that is read from there counts."""


class Membership:
    """Partitions that are ours, and those that were given and taken since the last turn.

    What was given is paused until it is claimed: only then is it known where to read on. What was taken may still be
    in a batch that is being written: whoever claims it waits for the lock on its row, or else the batch is refused.
    `noticed` is called when something was given.
    """

    def __init__(self, namespace: str, noticed: Callable[[], None]) -> None:
        self.ours: set[Partition] = set()
        self.given: set[Partition] = set()
        """Of ours, those that are to be claimed."""
        self.taken: set[Partition] = set()
        self.given_at = 0.0
        """Monotonic time at which the group last gave something."""
        self._namespace = namespace
        self._noticed = noticed

    def join(self, consumer: Consumer, topics: Collection[str]) -> None:
        """Ask the group for a share of the topics."""
        names = [self._namespace + topic for topic in topics]
        consumer.subscribe(names, on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked)

    def leave(self, consumer: Consumer) -> None:
        """Leave the group; nothing is ours any more."""
        consumer.unsubscribe()
        consumer.poll(0)
        for partitions in (self.ours, self.given, self.taken):
            partitions.clear()

    def unsettled(self, partition: Partition) -> bool:
        """Whether the group gave or took a partition since it was last claimed.

        What the client then delivers may begin anywhere, even at the end of the log.
        """
        return partition in self.given or partition in self.taken

    def places(self, partitions: Collection[Partition]) -> list[TopicPartition]:
        """As the client names them."""
        return [TopicPartition(self._namespace + topic, number) for topic, number in partitions]

    def _assigned(self, consumer: Consumer, places: Sequence[TopicPartition]) -> None:
        partitions = {self.partition(place) for place in places}
        self.ours |= partitions
        self.given |= partitions
        self.taken -= partitions
        self.given_at = time.monotonic()
        # At an offset that nobody need look up: librdkafka asks again for a logical one, such as the end, when a broker
        # was away, and may take the late answer for the position that the claim has set meanwhile.
        there = [TopicPartition(place.topic, place.partition, NOWHERE) for place in places]
        _quietly(consumer.incremental_assign, there)
        _quietly(consumer.pause, there)
        self._noticed()

    def _revoked(self, consumer: Consumer, places: Sequence[TopicPartition]) -> None:
        partitions = {self.partition(place) for place in places}
        self.ours -= partitions
        self.given -= partitions
        self.taken |= partitions
        _quietly(consumer.incremental_unassign, list(places))

    def partition(self, place: TopicPartition) -> Partition:
        """As we name it: the topic without the namespace, and the number."""
        return place.topic[len(self._namespace) :], place.partition


def _quietly(call: Callable[[list[TopicPartition]], object], places: list[TopicPartition]) -> None:
    """What is raised within a callback would come out of `poll` as something that is no exception."""
    try:
        call(places)
    except KafkaException as error:
        LOG.warning("kafka", error=described(error))
