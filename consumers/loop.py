"""Poll, batch, stop: the one loop that owns time, limits and shutdown."""

from __future__ import annotations

import math
import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import psycopg
import structlog
from confluent_kafka import Consumer, KafkaException
from psycopg import Connection

from consumers import apart, login
from consumers.ahead import Ahead
from consumers.aside import TopicFault, TopicsAside
from consumers.batch import Writer, Written
from consumers.dead import BREAKER_SHARE_MAX, Breaker, is_moments_fault
from consumers.holdings import Holdings
from consumers.intake import Intake
from consumers.membership import Membership
from consumers.meter import Meter
from consumers.offset import Fenced, Offsets, Partition
from consumers.operations import Operations
from consumers.parked import Parked
from consumers.patience import CUT_OFF, SECONDS, Patience
from consumers.plan import Plan
from consumers.properties import CLIENT_LOG, KAFKA, TO_AN_END
from consumers.read import Batch
from consumers.reread import reread
from consumers.topics import TopicWatch
from schema.declare import Domain
from schema.heartbeat import NEVER_CONFINED, Heartbeat, described
from schema.outage import Outage

LOG = structlog.get_logger("consumers")

BATCH_RECORDS_MAX = 8_000
POLL_SECONDS = 0.1
RESTLESS_SECONDS = 0.02
"""The same while records are parked: what they wait for may land any moment."""
BACKOFF_SECONDS_MIN = 0.05
BACKOFF_SECONDS_MAX = 5.0
GROUP = "podium.consumers"
HANGS_SECONDS = 60.0
"""How much longer than its limit a transaction may take before the process counts as hung."""

CONNECT_SECONDS_MAX = 150.0
CLOSE_SECONDS_MAX = 30.0
"""What the native calls may take that connect to the database and leave the group."""


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
        declared = {topic: count for domain in self.domains for topic, count in domain.topics.items()}
        read = declared if self.until is None else {topic for topic, _ in self.until}
        self.topics = TopicWatch(self.kafka, self.namespace, {topic: declared[topic] for topic in read})
        self.membership = Membership(self.namespace, self.topics.hurry)
        self.aside = TopicsAside(self.heartbeat)
        self._database = Outage("the database", LOG.warning, LOG.info)
        self._broker = Outage("the broker", LOG.warning, LOG.info)
        self.holdings = Holdings(
            self.plan.topics,
            self.offsets,
            self.parked,
            self.operations,
            self.writer.references,
            self.heartbeat,
            self.topics,
            self.membership,
            self.aside,
            self._broker,
            self.until,
            self._live,
            lambda: float(self.patience.seconds),
        )

    @property
    def ready(self) -> bool:
        """Whether it has its database, and partitions of its group that it can read."""
        return self._connection is not None and not self._connection.closed and bool(self.offsets.held)

    @property
    def _waits_for(self) -> str:
        if self.ready:
            return ""
        return f"topics that are set aside: {', '.join(sorted(self.aside))}" if self.aside else "its partitions"

    @property
    def age(self) -> float:
        """Seconds since it last turned, beyond what a long transaction is allowed: one that hangs fails liveness."""
        return time.monotonic() - self._turned - self.patience.extra_seconds

    def run(self, stop: Event) -> None:
        """Work until `stop` is set, or `until` is reached.

        Raises AnotherLogin and psycopg errors that no retry can mend; with `until` also Fenced, KafkaException and what
        is wrong with a topic (TopicFault), for which it otherwise sets the topic aside.
        """
        self._stop = stop
        own = KAFKA if self.until is None else KAFKA | TO_AN_END
        self._consumer = Consumer({**own, **self.kafka, "group.id": self.namespace + GROUP}, logger=CLIENT_LOG)
        self._intake = Intake(
            self._consumer,
            self.offsets,
            self.operations.withdrawn,
            self.namespace,
            self.limits.batch_records_max,
            self.until,
            self.membership.unsettled,
        )
        self._hand = ThreadPoolExecutor(1, "write")
        try:
            self._connect()
            self.holdings.begin(self._consumer, self._intake, stop)
            while self.until is not None and self._asked_now():
                continue  # What was given up since it was parked must not be released by what is read.
            while not stop.is_set() and not self._done():
                self._turn()
            self._land()
        except psycopg.OperationalError:
            # Told to stop while the database is away: nothing is open, so nothing is lost.
            if not stop.is_set():
                raise
        finally:
            self.topics.stop()
            with self.heartbeat.within("leaving the group", CLOSE_SECONDS_MAX):
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
        self.heartbeat.record_turn(self.ready, self._waits_for)
        try:
            self.holdings.follow(self._land)
            self._intake.records_max = self.patience.records
            batch = self._intake.gather(RESTLESS_SECONDS if len(self.parked) else POLL_SECONDS)
            self._keep_pace(batch)
            if self._intake.behind and self._ahead.pays():
                with suppress(Exception):  # what raises is met again, and confined, when the batch is written
                    batch.read_ahead(self.plan.topics)
                self._land()
                self._flight = self._hand.submit(self._work, batch)
                return
            self._land()
            with self._ahead.measured():
                self._work(batch)
        except (login.AnotherLogin, *NEVER_CONFINED):
            raise
        except psycopg.Error as error:
            if not is_moments_fault(error):
                raise
            self.heartbeat.record_failure(error)
            self._database.failed("consumers", error)
            self._recover()
        except:  # noqa: E722  the client may raise its KafkaError, which is no exception
            self._stumbled(sys.exc_info()[1])

    def _stumbled(self, error: Any) -> None:
        """After what may be mended by joining anew, or by starting from what the ledger says. Raises what may not."""
        if isinstance(error, Fenced) and self.membership.taken:
            return self._begin_again()
        if isinstance(error, Fenced):
            LOG.warning("fenced", why=str(error))
            return self._rejoin()
        if self.until is not None:
            raise error if isinstance(error, BaseException) else KafkaException(error)
        self.heartbeat.record_failure(error)
        self._broker.failed("consumers", error)
        if isinstance(error, TopicFault):
            self.holdings.set_aside(error)
            self._begin_again()
        elif isinstance(error, KafkaException):
            self._rejoin()
        else:
            LOG.error("unexpected", error=described(error), exc_info=error)
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
        self._write_rest(batch)
        self.heartbeat.record_done(len(batch))
        try:
            if self.parked.is_due(time.monotonic()):
                # To an end, all that can land does so first: what is read next would have to wait behind it.
                while self._ready_now() and self.until is not None and not self._stop.is_set():
                    continue
            if self.operations.is_due(time.monotonic()):
                self._asked_now()
        except TopicFault as fault:
            self.holdings.note_fault(fault)

    def _write_rest(self, batch: Batch) -> None:
        """Write a batch without what is not ours any more, and without topics that stand or turn out to."""
        while (batch := batch.rest(self.holdings.positions(), self.holdings.standing)).ends:
            try:
                for written in apart.write(self.writer, self._live(), batch):
                    self._after(written, bool(batch.messages))
                return
            except TopicFault as fault:
                self.holdings.note_fault(fault)

    def _after(self, written: Written, worked: bool) -> None:
        self._pause = BACKOFF_SECONDS_MIN
        if written.landed_references:
            self.parked.hasten()
        self.meter.note(written, len(self.parked))
        self.holdings.moved.update(topic for topic, _ in written.moves)
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

    def _begin_again(self) -> None:
        """Read on from where the ledger stands."""
        self._drop_flight()
        self.holdings.begin_again()

    def _rejoin(self) -> None:
        self._drop_flight()
        self.holdings.rejoin()

    def _drop_flight(self) -> None:
        """Wait for the batch in flight; what becomes of it the ledger knows."""
        if self._flight is not None:
            flight, self._flight = self._flight, None
            flight.exception()

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
                with self.heartbeat.within("connecting to the database", CONNECT_SECONDS_MAX):
                    self._connection = login.connect(self.dsn)
                self.patience.tell(self._connection)
                if self.asynchronous_commit:
                    self._connection.execute("SET synchronous_commit = off")
                self.writer.prepare(self._connection)
                self._database.over("consumers")
                return
            except psycopg.OperationalError as error:
                if self._stop.wait(wait):
                    raise
                self.heartbeat.record_turn(ready=False, waits_for="the database")
                self._database.failed("consumers", error)
                wait = min(wait * 2, BACKOFF_SECONDS_MAX)

    def _recover(self) -> None:
        """After a lost connection nothing is known but the ledger: connect, claim again, read from there.

        Waits longer each time until a batch goes through: a full disk is not mended by trying again at once.
        """
        while not self._stop.wait(self._pause):
            self._pause = min(self._pause * 2, BACKOFF_SECONDS_MAX)
            try:
                self._connect()
                self._begin_again()
                return
            except Fenced as why:
                LOG.warning("fenced", why=str(why))
                return self._rejoin()
            except (*CUT_OFF, KafkaException) as error:
                self.heartbeat.record_turn(ready=False, waits_for="broker and database")
                self._database.failed("consumers", error)

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


def fill(
    domains: Sequence[Domain], kafka: Mapping[str, Any], dsn: str, until: Mapping[Partition, int], *,
    namespace: str = "", limits: Limits | None = None, stop: Event | None = None,
) -> None:  # fmt: skip
    """Bring a database up to exactly the given positions of the log, then return.

    `until` maps (topic without namespace, partition) to the next offset not to be read. Raises as Loop.run does.
    """
    Loop(domains, kafka, dsn, namespace, limits or Limits(), until=until).run(stop or Event())
