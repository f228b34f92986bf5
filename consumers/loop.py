"""Poll, batch, stop: the one loop that owns time, limits and shutdown."""

from __future__ import annotations

import gc
import logging
import math
import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import psycopg
import structlog
from confluent_kafka import Consumer, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient
from psycopg import Connection

from consumers import apart, login
from consumers.ahead import Ahead
from consumers.batch import Writer, Written
from consumers.dead import BREAKER_SHARE_MAX, Breaker, is_moments_fault
from consumers.intake import Intake
from consumers.meter import Meter
from consumers.offset import Fenced, Offsets, Partition
from consumers.operations import Operations
from consumers.parked import Parked
from consumers.patience import CUT_OFF, SECONDS, Patience
from consumers.plan import Plan
from consumers.properties import KAFKA, TO_AN_END
from consumers.read import Batch
from consumers.reread import reread
from schema.declare import Domain
from schema.heartbeat import Heartbeat

LOG = structlog.get_logger("consumers")
CLIENT_LOG = logging.getLogger("consumers.kafka")

BATCH_RECORDS_MAX = 8_000
POLL_SECONDS = 0.1
RESTLESS_SECONDS = 0.02
"""The same while records are parked: what they wait for may land any moment."""
BACKOFF_SECONDS_MIN = 0.05
BACKOFF_SECONDS_MAX = 5.0
GROUP = "podium.consumers"
GC_ALLOCATIONS = 50_000
HANGS_SECONDS = 60.0
"""How much longer than its limit a transaction may take before the process counts as hung."""

SWITCH_SECONDS = 0.0005
"""How soon the thread that writes gets the interpreter from the one that reads ahead."""


@dataclass(frozen=True)
class Limits:
    """What the loop allows itself."""

    batch_records_max: int = BATCH_RECORDS_MAX
    dead_share_max: float = BREAKER_SHARE_MAX
    rate_max: float | None = None
    """Records a second; None: as fast as it goes."""
    transaction_seconds: int = SECONDS
    """What a transaction may take, of one that reads without end."""


@dataclass
class Loop:
    """Consumes the topics of some domains into one database until it is stopped.

    `kafka` are librdkafka properties (at least `bootstrap.servers`), `dsn` a connection string of the consumer's
    role. With `until` it takes exactly those partitions without a group, reads up to those offsets and returns.
    """

    domains: Sequence[Domain]
    kafka: Mapping[str, Any]
    dsn: str
    namespace: str = ""
    limits: Limits = field(default_factory=Limits)
    until: Mapping[Partition, int] | None = None
    meter: Meter = field(default_factory=Meter)
    asynchronous_commit: bool = True
    heartbeat: Heartbeat = field(default_factory=lambda: Heartbeat("podium.consumers"))

    def __post_init__(self) -> None:
        self.plan = Plan(self.domains)
        self.owner = f"{socket.gethostname()}:{os.getpid()}"
        self.offsets = Offsets(self.owner)
        self.parked = Parked(self.domains)
        self.operations = Operations(lambda raw: reread(self.kafka, self.namespace, raw))
        self.writer = Writer(self.plan, self.offsets, self.parked, Breaker(self.limits.dead_share_max))
        self._stop = Event()
        self._connection: Connection[Any] | None = None
        self._flight: Future[None] | None = None
        self._ahead = Ahead()
        seconds = self.limits.transaction_seconds if self.until is None else 0
        self.patience = Patience(self.limits.batch_records_max, seconds)
        self._pause = BACKOFF_SECONDS_MIN
        self._free_at = 0.0
        self._turned = time.monotonic()

    @property
    def ready(self) -> bool:
        """Whether it has its database and belongs to its group."""
        return self._connection is not None and not self._connection.closed and bool(self.offsets.held)

    @property
    def age(self) -> float:
        """Seconds since it last turned, beyond what a long transaction is allowed: one that hangs fails liveness."""
        return time.monotonic() - self._turned - self.patience.extra_seconds

    def run(self, stop: Event) -> None:
        """Work until `stop` is set, or `until` is reached.

        Raises AnotherLogin, AnotherLog, LogLost, CircuitBroken and psycopg errors that no retry can mend; with `until`
        also Fenced and KafkaException.
        """
        self._stop = stop
        # Decoded batches are many objects of short life: the collector would look at them again and again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(GC_ALLOCATIONS, 20, 100)
        sys.setswitchinterval(SWITCH_SECONDS)
        own = KAFKA if self.until is None else KAFKA | TO_AN_END
        self._consumer = Consumer({**own, **self.kafka, "group.id": self.namespace + GROUP}, logger=CLIENT_LOG)
        self._intake = Intake(
            self._consumer,
            self.offsets,
            self.operations.withdrawn,
            self.namespace,
            self.limits.batch_records_max,
            self.until,
        )
        self._hand = ThreadPoolExecutor(1, "write")
        try:
            self._connect()
            self._join()
            while not stop.is_set() and not self._done():
                self._turn()
            self._land()
        except psycopg.OperationalError:
            # Told to stop while the database is away: nothing is open, so nothing is lost.
            if not stop.is_set():
                raise
        finally:
            self._consumer.close()
            self._hand.shutdown()
            if self._connection is not None:
                self._connection.close()
            self.heartbeat.ended = stop.is_set()

    def _turn(self) -> None:
        """One poll, one batch, one sweep; waits out what is the moment's fault.

        A consumer that is behind reads a batch ahead while the one before is written, if that mostly waits.
        """
        self._turned = time.monotonic()
        self.heartbeat.record_turn(self.ready, "" if self.ready else "its partitions")
        try:
            self._intake.records_max = self.patience.records
            batch = self._intake.gather(RESTLESS_SECONDS if len(self.parked) else POLL_SECONDS)
            self._keep_pace(batch)
            if self._intake.behind and self._ahead.pays():
                batch.read_ahead(self.plan.topics)
                self._land()
                self._flight = self._hand.submit(self._work, batch)
                return
            self._land()
            with self._ahead.measured():
                self._work(batch)
        except Fenced as why:
            LOG.warning("fenced", why=str(why))
            self._rejoin()
        except KafkaException as error:
            if self.until is not None:
                raise
            self.heartbeat.record_failure(error)
            LOG.warning("broker lost", error=_first_line(error))
            self._rejoin()
        except psycopg.Error as error:
            if not is_moments_fault(error):
                raise
            self.heartbeat.record_failure(error)
            LOG.warning("database lost", error=_first_line(error))
            self._recover()

    def _keep_pace(self, batch: Batch) -> None:
        """Wait as long as the records of a batch take at the rate that is allowed."""
        if self.limits.rate_max is not None:
            records = sum(map(len, batch.messages.values()))
            self._stop.wait(max(0.0, self._free_at - time.monotonic()))
            self._free_at = time.monotonic() + records / self.limits.rate_max

    def _land(self) -> None:
        """Wait until the batch in flight is written. Raises what writing it raised."""
        if self._flight is not None:
            flight, self._flight = self._flight, None
            flight.result()

    def _work(self, batch: Batch) -> None:
        seconds = self.patience.seconds + HANGS_SECONDS if self.patience.seconds else math.inf
        with (
            self.heartbeat.within("a transaction", seconds),
            self.meter.transaction_seconds.time(),
            self.patience.tried(self._live(), batch.ends, self.offsets.held),
        ):
            self._write(batch)

    def _write(self, batch: Batch) -> None:
        if batch.ends:
            for written in apart.write(self.writer, self._live(), batch):
                self._after(written, bool(batch.messages))
        self.heartbeat.record_done(sum(map(len, batch.messages.values())))
        if self.parked.is_due(time.monotonic()):
            # To an end, all that can land does so first: what is read next would have to wait behind it.
            while self._ready_now() and self.until is not None and not self._stop.is_set():
                continue
        if self.operations.is_due(time.monotonic()):
            self._asked_now()

    def _after(self, written: Written, worked: bool) -> None:
        self._pause = BACKOFF_SECONDS_MIN
        if written.landed_references:
            self.parked.hasten()
        self.meter.note(written, len(self.parked))
        if worked and written.outcome.letters:
            for letter in written.outcome.letters[:10]:
                raw = letter.raw
                LOG.warning(
                    "dead letter",
                    topic=raw.topic,
                    partition=raw.partition,
                    offset=raw.offset,
                    reason=letter.reason,
                )

    # Taking and leaving partitions

    def _join(self) -> None:
        if self.until is not None:
            self._take(list(self.until), assign=self._consumer.assign)
            while self._asked_now():  # What was given up since it was parked must not be released by what is read.
                continue
            return
        topics = [self.namespace + topic for topic in self.plan.topics]
        self._consumer.subscribe(topics, on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked)

    def _assigned(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        partitions = [(place.topic[len(self.namespace) :], place.partition) for place in places]
        self._await()
        while not self._stop.is_set():
            try:
                self._take(partitions, assign=consumer.incremental_assign)
                LOG.info("assigned", partitions=len(self.offsets.held))
                return
            except CUT_OFF as error:
                LOG.warning("database lost", error=_first_line(error))
                self._connect()

    def _revoked(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        self._leave([(place.topic[len(self.namespace) :], place.partition) for place in places])
        consumer.incremental_unassign(places)

    def _await(self) -> None:
        """Within a callback: the batch in flight still counts; what became of it, the turn will hear."""
        if self._flight is not None:
            wait([self._flight])

    def _leave(self, partitions: Sequence[Partition]) -> None:
        self._await()
        self.offsets.release(partitions)
        self.parked.release(partitions)
        self.operations.release(partitions)
        self.writer.references.forget()

    def _take(self, partitions: Sequence[Partition], assign: Any) -> None:
        """Claim partitions and start reading each where the ledger stands."""
        ids = self._topic_ids({topic for topic, _ in partitions})
        self.offsets.claim(self._live(), {(topic, n): ids[topic] for topic, n in partitions})
        self.parked.adopt(self._live(), partitions)
        self.operations.adopt(self._live(), partitions)
        assign([self._intake.place(partition) for partition in partitions])
        self._intake.restart(partitions)

    def _topic_ids(self, topics: set[str]) -> dict[str, str]:
        wanted = [self.namespace + topic for topic in sorted(topics)]
        if not wanted:
            return {}
        # A new client each time: one that has lost its broker may never find it again.
        properties = {name: value for name, value in self.kafka.items() if not name.startswith("group")}
        admin = AdminClient(properties, logger=CLIENT_LOG)
        futures = admin.describe_topics(TopicCollection(wanted), request_timeout=10)
        return {name[len(self.namespace) :]: str(future.result().topic_id) for name, future in futures.items()}

    def _rejoin(self) -> None:
        """Someone else holds a partition of ours: leave the group and join anew."""
        self._leave(list(self.offsets.held))
        if self.until is not None:
            raise Fenced("another process fills the same database; run one at a time")
        self._consumer.unsubscribe()
        self._consumer.poll(0)
        self._stop.wait(BACKOFF_SECONDS_MIN)
        self._join()

    # The database

    def _live(self) -> Connection[Any]:
        assert self._connection is not None
        return self._connection

    def _connect(self) -> None:
        """Connect, waiting longer after each refusal, for as long as it takes or until stopped."""
        if self._connection is not None:
            self._connection.close()
        wait = BACKOFF_SECONDS_MIN
        while True:
            try:
                self._connection = login.connect(self.dsn)
                self.patience.tell(self._connection)
                if self.asynchronous_commit:
                    self._connection.execute("SET synchronous_commit = off")
                self.writer.prepare(self._connection)
                return
            except psycopg.OperationalError as error:
                if self._stop.wait(wait):
                    raise
                self.heartbeat.record_turn(ready=False, waits_for="the database")
                LOG.warning("database unreachable", error=_first_line(error), wait_seconds=wait)
                wait = min(wait * 2, BACKOFF_SECONDS_MAX)

    def _recover(self) -> None:
        """After a lost connection nothing is known but the ledger: connect, claim again, read from there.

        Waits longer each time until a batch goes through: a full disk is not mended by trying again at once.
        """
        while not self._stop.wait(self._pause):
            self._pause = min(self._pause * 2, BACKOFF_SECONDS_MAX)
            try:
                self._connect()
                self._take_again()
                return
            except Fenced as why:
                LOG.warning("fenced", why=str(why))
                return self._rejoin()
            except (*CUT_OFF, KafkaException) as error:
                self.heartbeat.record_turn(ready=False, waits_for="broker and database")
                LOG.warning("not yet recovered", error=_first_line(error))

    def _take_again(self) -> None:
        partitions = list(self.offsets.held)
        if self.until is not None:
            self._consumer.unassign()
            self._take(partitions, self._consumer.assign)
        elif partitions:
            # When an earlier try failed half-way, they are not assigned any more.
            self._consumer.incremental_unassign(self._consumer.assignment())
            self._take(partitions, self._consumer.incremental_assign)

    def _done(self) -> bool:
        if self.until is None or (self._flight is not None and not self._flight.done()):
            return False
        reached = all(self.offsets.held[partition].position >= end for partition, end in self.until.items())
        return reached and not self._ready_now() and not self._asked_now()

    def _ready_now(self) -> bool:
        """Release a slice of what is parked; whether any went, as some may wait behind one that an operator holds."""
        raws = self.parked.ready(self._live(), time.monotonic()) if len(self.parked) else []
        if not raws:
            return False
        waiting = 0
        for written in apart.release(self.writer, self._live(), raws):
            self._after(written, True)
            waiting += len(written.outcome.waiting)
        return waiting < len(raws)

    def _asked_now(self) -> bool:
        """Carry out a slice of what operators asked for; whether there was anything."""
        asked = self.operations.asked(self._live(), self.offsets.held, time.monotonic())
        if asked:
            self._after(self.writer.operate(self._live(), asked), True)
            # One thing a slice: what was given up must be out of the ledger before anything is tried again.
            for written in apart.release(self.writer, self._live(), [] if asked.expired else asked.redriven):
                self._after(written, True)
        return bool(asked)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def fill(
    domains: Sequence[Domain], kafka: Mapping[str, Any], dsn: str, until: Mapping[Partition, int], *,
    namespace: str = "", limits: Limits | None = None, stop: Event | None = None,
) -> None:  # fmt: skip
    """Bring a database up to exactly the given positions of the log, then return.

    `until` maps (topic without namespace, partition) to the next offset not to be read. Raises as Loop.run does.
    """
    Loop(domains, kafka, dsn, namespace, limits or Limits(), until=until).run(stop or Event())
