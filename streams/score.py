"""Scores: what a domain's judge says of its input events, and a sweep for what it could not judge in time.

An answer whose judge raises, or says what consumers would bury, fails alone: it stays unscored and is told of, and the
sweep tries it again, each time after a longer pause.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event
from types import SimpleNamespace
from typing import Any

from confluent_kafka import TopicPartition
from psycopg import Connection
from psycopg.rows import dict_row

from schema.admission import admissions
from schema.declare import Domain, Judge, Scoring
from schema.envelope import digest
from schema.heartbeat import FAILURES_MAX, NEVER_CONFINED, Heartbeat, raised
from streams.admit import Admitted, admission
from streams.duty import TABLES_SECONDS_MAX, behind, duty, hidden
from streams.exchange import Exchange
from streams.log import Log, Place
from streams.publisher import Publisher
from streams.references import References
from streams.write import Record, checked_writer

CATCH_UP_SECONDS_MAX = 2.0
COMMITTED_SECONDS_MAX = 20.0
"""Longer than a transaction may last: the offsets of a killed predecessor are unreadable until then."""

SWEEP_SECONDS = 3.0
SWEEP_EVENTS_MAX = 5_000
RETRY_SECONDS_MAX = 600.0
RETRIES_MAX = 20_000
"""Unscored inputs that are looked past for others: those beyond wait until some of these are scored."""

SLOTS_MAX = 64
SOURCE = "podium/score"

Write = Callable[[Mapping[str, Any], datetime], Record]


class Bench:
    """A judge with all that it needs: how inputs are read, what they refer to, how scores are written."""

    def __init__(self, log: Log, domain: Domain, heartbeat: Heartbeat | None = None) -> None:
        scoring = declared(domain)
        self.log = log
        self.heartbeat = heartbeat or Heartbeat(f"podium.score.{domain.name}")
        self.judge: Judge = scoring.judge()
        self.inputs = {type_: domain.by_type[type_].topic for type_ in scoring.inputs}
        known = admissions([domain])
        referred = {type_: domain.by_type[type_].topic for type_ in scoring.references}
        self.references = References(log, known, referred, self.judge.learn, self.heartbeat)
        self._admit = {log.named(topic): admission(known[topic]) for topic in set(self.inputs.values())}
        self._writers: dict[str, Write] = {
            event.type: checked_writer(event, SOURCE, known[event.topic].decoder.decode)
            for event in domain.events
            if event.family == "scores"
        }
        self._keys = {type_: domain.by_type[type_].key for type_ in scoring.inputs}
        self._failed: dict[str, Admitted] = {}
        """Answers that could not be judged, to be tried again with more references."""
        self._learned = 0
        self._at: tuple[str, int, int] | None = None
        """Topic, partition, offset of the record that is being judged."""
        self.outputs = {domain.by_type[type_].topic for type_ in self._writers}

    @contextmanager
    def opened(self) -> Iterator[Bench]:
        """With a connection to the references, closed afterwards."""
        self.references.open()
        try:
            yield self
        finally:
            self.references.close()

    def scores(self, batch: Sequence[Any]) -> Iterator[Record]:
        """Scores of a batch of records; what refers to something unknown is tried again at the ends."""
        self.references.follow()
        yield from self._judged_again()
        unknown: list[Admitted] = []
        for topic, messages in self._by_topic(batch).items():
            yield from self._judged(self._admit[topic](self._at_each(topic, messages)), unknown)
        self._at = None
        if unknown and self.references.catch_up(CATCH_UP_SECONDS_MAX):
            yield from self._judged(unknown, [])

    def _at_each(self, topic: str, messages: Iterable[Any]) -> Iterator[Any]:
        plain = self.log.plain(topic)
        for message in messages:
            self._at = plain, message.partition(), message.offset()
            yield message

    def _judged_again(self) -> Iterator[Record]:
        """Answers that failed, once there are references that may change that."""
        if self._failed and self.references.learned != self._learned:
            failed, self._failed = self._failed, {}
            yield from self._judged(failed.values(), [])
        self._learned = self.references.learned

    def _by_topic(self, batch: Sequence[Any]) -> dict[str, Sequence[Any]]:
        if len(self._admit) == 1:
            return dict.fromkeys(self._admit, batch)
        return {topic: [one for one in batch if one.topic() == topic] for topic in self._admit}

    def _judged(self, admitted: Iterable[Admitted], unknown: list[Admitted]) -> Iterator[Record]:
        inputs = self.inputs
        for type_, envelope in admitted:
            if type_ not in inputs:
                continue
            try:
                scores = self._scored(type_, envelope.data, digest(envelope.data), envelope.time)
            except NEVER_CONFINED:
                raise
            except:  # noqa: E722
                self._fail(type_, envelope, raised())
                continue
            if scores is None:
                unknown.append((type_, envelope))
            else:
                yield from scores
            if self.heartbeat.failures:
                self.heartbeat.recover(self.subject(type_, envelope.data))

    def _scored(self, type_: str, data: Any, known: bytes, moment: datetime) -> list[Record] | None:
        """The judge's scores of one input, all or none. Raises what the judge raises, and Refused for a bad score."""
        scores = self.judge.judge(type_, data, known)
        writers = self._writers
        return None if scores is None else [writers[score](fields, moment) for score, fields in scores]

    def _fail(self, type_: str, envelope: Any, error: BaseException) -> None:
        subject = self.subject(type_, envelope.data)
        self.heartbeat.confine(subject, error, self._at)
        if len(self._failed) < FAILURES_MAX:
            self._failed[subject] = type_, envelope

    def subject(self, type_: str, data: Any) -> str:
        """How an input is called where failures are told: by its natural key."""
        return f"answer {':'.join(str(getattr(data, name, None)) for name in self._keys[type_])}"

    def rescore(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[Record]:
        """Scores of inputs as the tables have them; none for those that fail or whose reference is still unknown."""
        for row in rows:
            data, moment = SimpleNamespace(**row["data"]), row["time"] or datetime.now(UTC)
            try:
                scores = self._scored(row["type"], data, row["digest"], moment)
            except NEVER_CONFINED:
                raise
            except:  # noqa: E722
                self.heartbeat.confine(
                    self.subject(row["type"], data), raised(),
                    (self.inputs[row["type"]], row["place_partition"], row["place_offset"]),
                )  # fmt: skip
                continue
            yield from scores or ()


class Retries:
    """Inputs that were tried and are still unscored: each is tried again after a pause that doubles."""

    def __init__(self, heartbeat: Heartbeat) -> None:
        self.heartbeat = heartbeat
        self._tried: dict[str, tuple[float, float]] = {}
        """Subject -> pause, monotonic time of the next try."""

    def __len__(self) -> int:
        return len(self._tried)

    def is_due(self, subject: str) -> bool:
        """Whether to try this input now, or for the first time."""
        return subject not in self._tried or self._tried[subject][1] <= time.monotonic()

    def tried(self, subject: str) -> None:
        """It is tried now; told as a failure if that was already done in vain."""
        pause = min(self._tried[subject][0] * 2, RETRY_SECONDS_MAX) if subject in self._tried else SWEEP_SECONDS
        if subject in self._tried and subject not in self.heartbeat.failures:
            self.heartbeat.confine(subject, "tried, and still without a score in the tables")
        self._tried[subject] = pause, time.monotonic() + pause

    def keep(self, unscored: Iterable[str]) -> None:
        """Forget the inputs that are not unscored any more; their failures are over."""
        left = set(unscored)
        for subject in self._tried.keys() - left:
            del self._tried[subject]
        for subject in [name for name in self.heartbeat.failures if name.startswith("answer ") and name not in left]:
            self.heartbeat.recover(subject)


class Scorer:
    """One worker of the scoring service of a domain; several share the partitions of its inputs."""

    def __init__(self, log: Log, dsn: str, domain: Domain) -> None:
        self.log = log
        self.dsn = dsn
        self.domain = domain
        self.name = f"podium.score.{domain.name}"
        self.heartbeat = Heartbeat(self.name)

    def run(self, stop: Event) -> None:
        """Score until told to stop. Raises what Exchange.run raises, and psycopg errors while it takes a slot."""
        slots = [f"{self.name}.{slot}" for slot in range(SLOTS_MAX)]
        with duty(self.dsn, slots, stop, self.heartbeat) as held:
            if held is None:
                return
            with Bench(self.log, self.domain, self.heartbeat).opened() as bench:
                bench.references.load(stop)
                topics = sorted(set(bench.inputs.values()))
                slot = int(held.name.rpartition(".")[2])
                Exchange(self.log, self.name, slot, topics, bench.scores, self.heartbeat).run(stop)


class Sweep:
    """Publishes scores that are missing although input and reference have landed; one at a time a domain."""

    def __init__(self, log: Log, dsn: str, domain: Domain) -> None:
        self.log = log
        self.dsn = dsn
        self.domain = domain
        self.name = f"podium.sweep.{domain.name}"
        self.heartbeat = Heartbeat(self.name)
        self._retries = Retries(self.heartbeat)

    def run(self, stop: Event) -> None:
        """Sweep until told to stop. Raises psycopg and Kafka errors: call again after a pause."""
        bench = Bench(self.log, self.domain, self.heartbeat)
        with duty(self.dsn, [self.name], stop, self.heartbeat) as held, bench.opened():
            if held is None:
                return
            publisher = Publisher(self.log, self.name, held.lease, self.heartbeat, stop)
            while not stop.is_set():
                records = list(bench.rescore(self._missed(held.connection, bench, stop)))
                publisher.publish(records)
                self.heartbeat.record_done(len(records))
                stop.wait(0 if records else SWEEP_SECONDS)

    def _missed(self, connection: Connection[Any], bench: Bench, stop: Event) -> list[dict[str, Any]]:
        """Inputs that scorers have passed and whose score, if they had made one, would have landed by now."""
        self.heartbeat.record_turn()
        if not self._due(connection, bench, 1):
            return []
        scored = self._scored(bench)
        topics = {*bench.references.topics, *bench.outputs}
        unread = hidden(connection, self.log, topics, stop, self.heartbeat)
        if unread is None:
            return []
        if unread:
            # A score may lie there that would be made a second time, and again each round.
            self.heartbeat.record_turn(waits_for=behind(unread))
            return []
        bench.references.load(stop)
        found = self._due(connection, bench, SWEEP_EVENTS_MAX)
        missed = [row for row in found if row["place_offset"] < scored.get(_place(bench, row), 0)]
        for row in missed:
            self._retries.tried(_subject(bench, row))
        return missed

    def _due(self, connection: Connection[Any], bench: Bench, most: int) -> list[dict[str, Any]]:
        """Unscored inputs that are to be tried now: at most so many, and those whose pause is over."""
        # Those that wait to be tried again must not hide the others.
        limit = most + min(len(self._retries), RETRIES_MAX)
        found = self._unscored(connection, limit)
        if len(found) < limit:
            self._retries.keep(_subject(bench, row) for row in found)
        return [row for row in found if self._retries.is_due(_subject(bench, row))]

    def _unscored(self, connection: Connection[Any], limit: int) -> list[dict[str, Any]]:
        query = self.domain.sql(declared(self.domain).unscored)
        looking = self.heartbeat.within("ask for what is unscored", TABLES_SECONDS_MAX)
        with looking, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), {"limit": limit}).fetchall()

    def _scored(self, bench: Bench) -> dict[Place, int]:
        """How far the scoring group has come: offsets and scores are committed together."""
        places = self.log.places(set(bench.inputs.values()))
        wanted = [TopicPartition(self.log.named(topic), partition) for topic, partition in places]
        consumer = self.log.consumer(f"podium.score.{self.domain.name}")
        try:
            with self.heartbeat.within("fetch committed offsets", 2 * COMMITTED_SECONDS_MAX):
                committed = consumer.committed(wanted, timeout=COMMITTED_SECONDS_MAX)
        finally:
            consumer.close()
        return {(self.log.plain(at.topic), at.partition): at.offset for at in committed}


def _subject(bench: Bench, row: Mapping[str, Any]) -> str:
    return bench.subject(row["type"], SimpleNamespace(**row["data"]))


def _place(bench: Bench, row: Mapping[str, Any]) -> Place:
    return bench.inputs[row["type"]], row["place_partition"]


def declared(domain: Domain) -> Scoring:
    """What a domain says of its scoring; only call it for one that scores."""
    assert domain.scoring is not None, f"{domain.name} declares no scoring"
    return domain.scoring
