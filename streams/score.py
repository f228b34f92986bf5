"""Scores: what a domain's judge says of its input events, and a sweep for what it could not judge in time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event
from types import SimpleNamespace
from typing import Any

from confluent_kafka import TopicPartition
from psycopg import Connection
from psycopg.rows import dict_row

from schema.declare import Domain, Judge, Scoring
from schema.decode import Decoder, decoders
from schema.envelope import digest
from schema.heartbeat import Heartbeat
from streams.admit import Admitted, admission
from streams.duty import duty, passed, publish
from streams.exchange import COMMITTED_SECONDS_MAX, Exchange
from streams.log import Log, Place
from streams.references import References
from streams.write import Record, writer

CATCH_UP_SECONDS_MAX = 2.0
SWEEP_SECONDS = 3.0
SWEEP_EVENTS_MAX = 5_000
SLOTS_MAX = 64
SOURCE = "podium/score"

Write = Callable[[Mapping[str, Any], datetime], Record]


class Bench:
    """A judge with all that it needs: how inputs are read, what they refer to, how scores are written."""

    def __init__(self, log: Log, domain: Domain) -> None:
        scoring = declared(domain)
        self.log = log
        self.judge: Judge = scoring.judge()
        self.inputs = {type_: domain.by_type[type_].topic for type_ in scoring.inputs}
        known: Mapping[str, Decoder] = decoders([domain])
        referred = {type_: domain.by_type[type_].topic for type_ in scoring.references}
        self.references = References(log, known, referred, self.judge.learn)
        self._admit = {log.named(topic): admission(known[topic]) for topic in set(self.inputs.values())}
        self._writers: dict[str, Write] = {
            event.type: writer(event, SOURCE) for event in domain.events if event.family == "scores"
        }
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
        unknown: list[Admitted] = []
        for topic, messages in self._by_topic(batch).items():
            yield from self._judged(self._admit[topic](messages), unknown)
        if unknown and self.references.catch_up(CATCH_UP_SECONDS_MAX):
            yield from self._judged(unknown, [])

    def _by_topic(self, batch: Sequence[Any]) -> dict[str, Sequence[Any]]:
        if len(self._admit) == 1:
            return dict.fromkeys(self._admit, batch)
        return {topic: [one for one in batch if one.topic() == topic] for topic in self._admit}

    def _judged(self, admitted: Iterable[Admitted], unknown: list[Admitted]) -> Iterator[Record]:
        judge, writers, inputs = self.judge.judge, self._writers, self.inputs
        for type_, envelope in admitted:
            if type_ not in inputs:
                continue
            scores = judge(type_, envelope.data, digest(envelope.data))
            if scores is None:
                unknown.append((type_, envelope))
                continue
            for score, data in scores:
                yield writers[score](data, envelope.time)

    def rescore(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[Record]:
        """Scores of inputs as the tables have them; none for those whose reference is still unknown."""
        for row in rows:
            found = self.judge.judge(row["type"], SimpleNamespace(**row["data"]), row["digest"])
            for type_, data in found or ():
                yield self._writers[type_](data, row["time"] or datetime.now(UTC))


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
            with Bench(self.log, self.domain).opened() as bench:
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

    def run(self, stop: Event) -> None:
        """Sweep until told to stop. Raises psycopg and Kafka errors: call again after a pause."""
        with duty(self.dsn, [self.name], stop, self.heartbeat) as held, Bench(self.log, self.domain).opened() as bench:
            producer = self.log.producer()
            while held and not stop.is_set():
                records = list(bench.rescore(self._missed(held.connection, bench, stop)))
                publish(self.log, producer, records)
                self.heartbeat.record_done(len(records))
                stop.wait(0 if records else SWEEP_SECONDS)

    def _missed(self, connection: Connection[Any], bench: Bench, stop: Event) -> list[dict[str, Any]]:
        """Inputs that scorers have passed and whose score, if they had made one, would have landed by now."""
        self.heartbeat.record_turn()
        if not self._unscored(connection, limit=1):
            return []
        scored = self._scored(bench)
        ends = self.log.ends({*bench.references.topics, *bench.outputs})
        if not passed(connection, ends, stop, self.heartbeat):
            return []
        bench.references.load(stop)
        found = self._unscored(connection, limit=SWEEP_EVENTS_MAX)
        return [row for row in found if row["place_offset"] < scored.get(_place(bench, row), 0)]

    def _unscored(self, connection: Connection[Any], limit: int) -> list[dict[str, Any]]:
        query = self.domain.sql(declared(self.domain).unscored)
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), {"limit": limit}).fetchall()

    def _scored(self, bench: Bench) -> dict[Place, int]:
        """How far the scoring group has come: offsets and scores are committed together."""
        places = self.log.places(set(bench.inputs.values()))
        consumer = self.log.consumer(f"podium.score.{self.domain.name}")
        try:
            committed = consumer.committed(
                [TopicPartition(self.log.named(topic), partition) for topic, partition in places],
                timeout=COMMITTED_SECONDS_MAX,
            )
        finally:
            consumer.close()
        return {(self.log.plain(at.topic), at.partition): at.offset for at in committed}


def _place(bench: Bench, row: Mapping[str, Any]) -> Place:
    return bench.inputs[row["type"]], row["place_partition"]


def declared(domain: Domain) -> Scoring:
    """What a domain says of its scoring; only call it for one that scores."""
    assert domain.scoring is not None, f"{domain.name} declares no scoring"
    return domain.scoring
