"""The partitions that are held: claimed when the group gives them, released when it takes them, set aside by topic."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import structlog
from confluent_kafka import Consumer, KafkaException
from psycopg import Connection

from consumers.aside import TopicFault, TopicsAside
from consumers.intake import Intake
from consumers.membership import Membership
from consumers.offset import AnotherLog, Fenced, Offsets, Partition
from consumers.operations import Operations
from consumers.parked import Parked
from consumers.references import References
from consumers.topics import TopicRefused, TopicWatch
from schema.heartbeat import Heartbeat
from schema.outage import Outage

LOG = structlog.get_logger("consumers")

CLAIM_SECONDS_MAX = 60.0
"""What claiming may take beyond one transaction of whoever had the partitions."""

REJOIN_SECONDS = 0.05


@dataclass
class Holdings:
    """Claims, releases and sets aside; `live` is the present connection, `seconds` the limit of a transaction."""

    plan: Collection[str]
    """Topics, without the namespace."""
    offsets: Offsets
    parked: Parked
    operations: Operations
    references: References
    heartbeat: Heartbeat
    topics: TopicWatch
    membership: Membership
    aside: TopicsAside
    broker: Outage
    until: Mapping[Partition, int] | None
    live: Callable[[], Connection[Any]]
    seconds: Callable[[], float]
    stopped: dict[str, TopicFault] = field(default_factory=dict)
    """Topics that the batch being written could not be written for; the next turn sets them aside."""
    moved: set[str] = field(default_factory=set)
    """Topics whose positions moved since the last turn."""

    def begin(self, consumer: Consumer, intake: Intake, stop: Event) -> None:
        """Join the group, or take what is to be read to an end. Raises as `take_all` does."""
        self.consumer, self.intake, self.stop = consumer, intake, stop
        if self.until is not None:
            return self.take_all()
        self.topics.start()
        return self.membership.join(consumer, self.plan)

    def positions(self) -> dict[Partition, int]:
        """Where we stand."""
        return {partition: held.position for partition, held in self.offsets.held.items()}

    @property
    def standing(self) -> set[str]:
        """Topics of which nothing is to be written."""
        return {*self.aside, *self.stopped}

    def note_fault(self, fault: TopicFault) -> None:
        """The next turn sets the topic aside; to an end, raises it."""
        if self.until is not None:
            raise fault
        self.stopped[fault.topic] = fault

    def follow(self, land: Callable[[], None]) -> None:
        """Act upon what the group, the broker and the last batch have said since the last turn."""
        now, moved, self.moved = time.monotonic(), self.moved, set()
        self.aside.note(moved, now)
        news = [topic for topic in self.topics.refused if topic not in self.aside]
        given = self.membership.given and self.topics.asked_at > self.membership.given_at
        # Taken and given again within a turn, it is held at a position that the client does not stand at.
        stale = self.membership.given & self.offsets.held.keys()
        if not (
            news or stale or given or self.membership.taken or self.stopped or self.intake.lost or self.aside.due(now)
        ):
            return
        land()
        self._release([*self.membership.taken, *stale])
        self.membership.taken.clear()
        for faults in (self.stopped, self.intake.lost):
            for fault in list(faults.values()):
                self.set_aside(fault)
            faults.clear()
        for topic in news:
            self.set_aside(TopicRefused(topic, self.topics.refused[topic]))
        for topic in self.aside.due(now):
            self._take_up(topic, now)
        if self.membership.given and self.topics.asked_at > self.membership.given_at:
            self._take(self.membership.given)

    def set_aside(self, fault: TopicFault) -> None:
        """Read nothing more of a topic; its partitions stay ours."""
        self._release([place for place in self.offsets.held if place[0] == fault.topic])
        ours = {place for place in self.membership.ours if place[0] == fault.topic}
        self.membership.given -= ours
        with suppress(KafkaException):  # one that is being assigned is paused anyway
            self.consumer.pause(self.membership.places(ours))
        self.aside.put(fault, time.monotonic())

    def _take_up(self, topic: str, now: float) -> None:
        """Try a topic again that was set aside."""
        if why := self.topics.refused.get(topic):
            return self.aside.put(TopicRefused(topic, why), now)
        self.aside.take_up(topic, now)
        self.membership.given |= {place for place in self.membership.ours if place[0] == topic}
        return None

    def _take(self, partitions: Iterable[Partition]) -> None:
        """Claim partitions and start reading each where the ledger stands; what is refused is set aside."""
        seconds = CLAIM_SECONDS_MAX + self.seconds()
        with self.heartbeat.within("claiming partitions", seconds):
            wanted = sorted(one for one in partitions if one[0] not in self.aside and one[0] in self.topics.found)
            try:
                self._claim(wanted)
            except AnotherLog as fault:
                self.set_aside(fault)
                return self._take([one for one in wanted if one[0] != fault.topic])
            # What the callbacks have assigned begins at its end; when an earlier try failed half-way, it is not there.
            assigned = [one for one in self.consumer.assignment() if self.membership.partition(one) in set(wanted)]
            self.consumer.incremental_unassign(assigned)
            self.consumer.incremental_assign([self.intake.place(partition) for partition in wanted])
            self.intake.restart(wanted)
        self.membership.given -= set(wanted)
        self.broker.over("consumers")
        self.heartbeat.record_turn(bool(self.offsets.held))  # who reads that they are assigned finds it ready
        LOG.info("assigned", partitions=len(self.offsets.held))
        return None

    def take_all(self) -> None:
        """Claim what is to be read to an end. Raises TopicFault, KafkaException."""
        assert self.until is not None
        self.consumer.unassign()
        self.topics.ask()
        for topic in sorted({topic for topic, _ in self.until}):
            if topic not in self.topics.found:
                raise TopicRefused(topic, f"topic {topic} is not there; `podium topics verify` tells what is missing")
            if why := self.topics.refused.get(topic):
                raise TopicRefused(topic, why)
        self._claim(list(self.until))
        self.consumer.assign([self.intake.place(partition) for partition in self.until])
        self.intake.restart()

    def _claim(self, partitions: Sequence[Partition]) -> None:
        self.offsets.claim(self.live(), {one: self.topics.found[one[0]].id for one in partitions})
        self.parked.adopt(self.live(), partitions)
        self.operations.adopt(self.live(), partitions)

    def _release(self, partitions: Sequence[Partition]) -> None:
        self.offsets.release(partitions)
        self.parked.release(partitions)
        self.operations.release(partitions)
        self.references.forget()

    def begin_again(self) -> None:
        """Read on from where the ledger stands, in all that is ours."""
        if self.until is not None:
            return self.take_all()
        self._release(list(self.offsets.held))
        self.membership.given |= {place for place in self.membership.ours if place[0] not in self.aside}
        return None

    def rejoin(self) -> None:
        """Someone else holds a partition of ours: leave the group and join anew."""
        self._release(list(self.offsets.held))
        if self.until is not None:
            raise Fenced("another process fills the same database; run one at a time")
        self.membership.leave(self.consumer)
        self.stop.wait(REJOIN_SECONDS)
        self.membership.join(self.consumer, self.plan)
