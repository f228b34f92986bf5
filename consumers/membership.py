"""What the group gives and takes: its callbacks only note it, the next turn acts upon it."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from confluent_kafka import OFFSET_END, Consumer, KafkaException, TopicPartition

from consumers.offset import Partition
from schema.heartbeat import described

LOG = structlog.get_logger("consumers")


class Membership:
    """Partitions that were given and taken since the last turn.

    What was given is paused until it is claimed: only then is it known where to read on. What was taken may still be
    in a batch that is being written; the lock on its row makes whoever claims it wait for that, and its epoch refuses a
    batch that comes later.
    """

    def __init__(self, namespace: str) -> None:
        self.given: set[Partition] = set()
        self.taken: set[Partition] = set()
        self.given_at = 0.0
        self._namespace = namespace

    def assigned(self, consumer: Consumer, places: Sequence[TopicPartition]) -> None:
        """The callback of the group."""
        partitions = {self.partition(place) for place in places}
        self.given |= partitions
        self.taken -= partitions
        # With an offset of its own, or the client would ask for one that the group has stored: there is none.
        ours = [TopicPartition(place.topic, place.partition, OFFSET_END) for place in places]
        self._quietly(consumer.incremental_assign, ours)
        self._quietly(consumer.pause, ours)

    def revoked(self, consumer: Consumer, places: Sequence[TopicPartition]) -> None:
        """The callback of the group."""
        partitions = {self.partition(place) for place in places}
        self.given -= partitions
        self.taken |= partitions
        self._quietly(consumer.incremental_unassign, list(places))

    def partition(self, place: TopicPartition) -> Partition:
        """Topic without the namespace, and number."""
        return place.topic[len(self._namespace) :], place.partition

    def _quietly(self, call: object, places: list[TopicPartition]) -> None:
        """What is raised within a callback would come out of `poll` as no exception at all."""
        assert callable(call)
        try:
            call(places)
        except KafkaException as error:
            LOG.warning("kafka", error=described(error))
