"""What a poll brings, as a batch: from our positions on, and families in their order while one is far behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

import structlog
from confluent_kafka import Consumer, KafkaError, TopicPartition

from consumers.aside import TopicFault
from consumers.offset import Offsets, Partition
from consumers.read import Batch, raw_of
from consumers.record import Delivered
from schema.declare import FAMILIES
from schema.limits import BoundedReader

LOG = structlog.get_logger("consumers")

FILL_SECONDS = 0.02
"""How long a batch of a consumer that is behind may wait to fill up."""
FAMILY_LAG_RECORDS = 100_000
"""Lag of a family from which the families below it are paused."""
PREFER_SECONDS = 0.5


class LogLost(TopicFault):
    """Kafka cannot deliver a position that the ledger needs: the log's tail or head is gone."""


class Intake:
    """Reads the partitions that `offsets` holds; with `until`, up to those offsets.

    `withdrawn` are offsets by partition that are set apart in the batch, since an operator has given them up. Of an
    `unsettled` partition, which the group has given or taken since it was claimed, nothing is taken in.
    """

    def __init__(
        self,
        consumer: Consumer,
        offsets: Offsets,
        withdrawn: Mapping[Partition, set[int]],
        namespace: str,
        records_max: int,
        until: Mapping[Partition, int] | None,
        unsettled: Callable[[Partition], bool] = lambda _: False,
    ) -> None:
        self.behind = False
        """Whether more was there than a batch likes to hold."""
        self._consumer = consumer
        self._offsets = offsets
        self._withdrawn = withdrawn
        self._namespace = namespace
        self.records_max = records_max
        """Of a batch."""
        self._until = until
        self._reader: BoundedReader = BoundedReader()
        self._kept: list[Delivered] = []
        """Taken from the client, but beyond what the last batch could hold."""
        self.lost: dict[str, LogLost] = {}
        """Topics of which Kafka cannot deliver what is next."""
        self._unsettled = unsettled
        self._read: dict[Partition, int] = {}
        """How far polls have come, ahead of what is committed."""
        self._paused: frozenset[Partition] = frozenset()
        self._preferred_at = 0.0

    def place(self, partition: Partition) -> TopicPartition:
        """A held partition at our position in it."""
        topic, number = partition
        held = self._offsets.held[partition]
        if held.leader_epoch is None:
            return TopicPartition(self._namespace + topic, number, held.position)
        return TopicPartition(self._namespace + topic, number, held.position, leader_epoch=held.leader_epoch)

    def restart(self, partitions: Iterable[Partition] | None = None) -> None:
        """Partitions (None: all that are held) were assigned anew and are read from their positions on.

        What we paused before is paused still, and may be all that is left.
        """
        anew = set(self._offsets.held if partitions is None else partitions)
        skip = len(self._namespace)
        # In place: a rebalance comes while a batch is being gathered.
        self._kept[:] = [one for one in self._kept if ((one.topic() or "")[skip:], one.partition()) not in anew]
        self._consumer.resume([self._place(topic, n) for topic, n in self._offsets.held])
        self._paused = frozenset()
        self._read.clear()
        if self._until is not None:
            self.prefer()

    def gather(self, patience_seconds: float) -> Batch:
        """What is there, up to a batch; while far behind, wait a little for it to fill. To an end, raises LogLost.

        A batch ends at `records_max` or with the record that reaches the limit of bytes; what was taken beyond it
        comes first in the next one.
        """
        first = self._consumer.poll(0.0 if self.behind else patience_seconds)
        if first is not None:
            self._kept.append(first)
        if not self._kept:
            self.behind = False
            # What was paused may be all that is left to read.
            self.prefer()
            return Batch()
        room = self.records_max
        full = self._reader.read(self._kept, self._consumer.consume, room, FILL_SECONDS if self.behind else 0)
        found = self._reader.cut(self._kept, room)
        self.behind = full or len(found) > room // 4
        batch = self._sorted(found)
        self._read.update(batch.ends)
        # What a family begins with is on its way while the end of the one above it is written.
        self.prefer()
        return batch

    def _sorted(self, found: Iterable[Delivered]) -> Batch:
        parts: dict[tuple[str | None, int], list[Delivered]] = {}
        for message in found:
            place = (message.topic(), message.partition())
            try:
                parts[place].append(message)
            except KeyError:
                parts[place] = [message]
        batch = Batch()
        skip = len(self._namespace)
        for (topic, number), part in parts.items():
            if topic is None:
                # Of no partition, such as that we did not poll for too long; the next polls deal with it.
                LOG.warning("kafka", error=part[0].error().str())
            elif (topic[skip:], number) in self._offsets.held and not self._unsettled((topic[skip:], number)):
                self._add(batch, (topic[skip:], number), part)
        return batch

    def _add(self, batch: Batch, partition: Partition, part: list[Delivered]) -> None:
        """Take in what a poll brought of one partition: from our position on, up to `until`."""
        position = self._offsets.held[partition].position
        faulty = [message for message in part if message.error() is not None]
        good = [message for message in part if message.error() is None] if faulty else part
        end = max([position, *(message.offset() for message in faulty if self._is_end(message.error(), partition))])
        if good:
            end = max(end, good[-1].offset() + 1)
        limit = end if self._until is None else min(end, self._until[partition])
        if good and (good[0].offset() < position or limit < end):
            good = [message for message in good if position <= message.offset() < limit]
        if good and partition in self._withdrawn:
            good = self._without_withdrawn(batch, partition, good)
        if good:
            batch.messages[partition] = good
        if limit > position:
            batch.ends[partition] = limit

    def _without_withdrawn(self, batch: Batch, partition: Partition, part: list[Delivered]) -> list[Delivered]:
        withdrawn = self._withdrawn[partition]
        batch.withdrawn += [raw_of(one, partition[0]) for one in part if one.offset() in withdrawn]
        return [one for one in part if one.offset() not in withdrawn]

    def _is_end(self, error: KafkaError, partition: Partition) -> bool:
        """Whether it only says that the partition ends here; everything else that is not passing is an alarm."""
        if error.code() == KafkaError._PARTITION_EOF:
            return True
        topic, number = partition
        if error.code() in (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE):
            lost = LogLost(
                topic,
                f"{topic}[{number}]: Kafka has no record at offset {self._offsets.held[partition].position}, which is "
                "next for this database. The log was cut or lost its tail; see docs/operators.md, 'A lost log'.",
            )
            if self._until is not None:
                raise lost
            self.lost.setdefault(topic, lost)
            return False
        if error.fatal() or not error.retriable():
            LOG.warning("kafka", topic=topic, partition=number, error=error.str())
        return False

    def prefer(self) -> None:
        """While a family is far behind, read nothing of the families below it: references come first.

        With `until` what is to be read has an end, so that any lag is far: hardly a record has to wait. Of what is read
        to its end the broker is asked no more.
        """
        now = time.monotonic()
        if now - self._preferred_at < PREFER_SECONDS and self._until is None:
            return
        self._preferred_at = now
        paused = self._below() | self._ended()
        resumed = [self._place(*one) for one in self._paused - paused if one in self._offsets.held]
        self._consumer.resume(resumed)
        self._consumer.pause([self._place(*one) for one in paused - self._paused])
        self._paused = paused

    def _below(self) -> frozenset[Partition]:
        """What belongs to families below one that is far behind."""
        lags = self._lags()
        far_from = FAMILY_LAG_RECORDS if self._until is None else 0
        far = [family for family in FAMILIES if lags.get(family, 0) > far_from]
        below = FAMILIES[FAMILIES.index(far[0]) + 1 :] if far else ()
        return frozenset(one for one in self._offsets.held if one[0].rpartition(".")[2] in below)

    def _ended(self) -> frozenset[Partition]:
        until, held = self._until, self._offsets.held
        if until is None:
            return frozenset()
        return frozenset(one for one, at in held.items() if self._read.get(one, at.position) >= until[one])

    def _lags(self) -> dict[str, int]:
        lags: dict[str, int] = {}
        for (topic, partition), held in self._offsets.held.items():
            if self._until is None:
                _, high = self._consumer.get_watermark_offsets(self._place(topic, partition), cached=True)
            else:
                high = self._until[topic, partition]
            family = topic.rpartition(".")[2]
            lags[family] = lags.get(family, 0) + max(0, high - self._read.get((topic, partition), held.position))
        return lags

    def _place(self, topic: str, number: int) -> TopicPartition:
        return TopicPartition(self._namespace + topic, number)
