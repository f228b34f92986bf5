"""The proof of a snapshot: its bytes, its record in the log, and the same board recomputed from the log alone.

Recomputing fills a scratch database from the topics, exactly up to the cut; the live tables are not touched.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
from confluent_kafka import Consumer, KafkaError, Message, TopicPartition
from confluent_kafka.admin import AdminClient
from psycopg import IsolationLevel
from psycopg.sql import SQL, Identifier

from consumers.loop import fill
from podium import boards, database, session
from podium.boards import Declared, NoSuchBoard, NoSuchSnapshot, Snapshot
from podium.rebuild import beginning
from podium.rebuild.plan import BeginningGone, EndGone
from podium.settings import Postgres, Settings
from podium.status.log import oldest_unread, read_log
from schema import LEDGER
from schema.admission import admissions
from schema.board import canonical, difference, digest, raw_entries
from schema.declare import Board, Domain
from schema.limits import FETCH
from schema.refusal import Refused
from schema.session import LONG
from streams.rank import entries, rule

PREFIX = "podium_verify_"
STALE_SECONDS = 3600
"""A scratch database that old, with nobody in it, was left behind by a process that was killed."""

READ_SECONDS_MAX = 20.0
SHOWN_MAX = 5

Cut = Mapping[tuple[str, int], int]
Report = Callable[[str], None]


@dataclass(frozen=True)
class Check:
    """One thing that must be so; `why` tells what is not."""

    check: str
    ok: bool
    why: str = ""


NOT_WHOLE = Check("digest", False, "a part of the stored entries is gone")
NO_RECORD = Check("record", False, "the log has no record where the row says that it came from")


@dataclass
class Verdict:
    """What the proof of one snapshot came to."""

    id: str
    snapshot: str
    digest: str
    checks: list[Check] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything that must be so is so."""
        return all(check.ok for check in self.checks)


@dataclass(frozen=True)
class Age:
    """How far a snapshot lies behind the log's end: offsets of its inputs, and since the oldest of these records."""

    records_behind: int
    seconds_behind: float


def ages(settings: Settings, domains: Sequence[Domain], snapshots: Sequence[Snapshot]) -> list[Age]:
    """Of each snapshot, against the ends of the log now. Raises KafkaException."""
    kafka, now = settings.kafka, datetime.now(UTC)
    counts = {name: count for domain in domains for name, count in domain.topics.items()}
    inputs = {topic for one in snapshots for topic, _ in one.until}
    log = read_log(
        AdminClient(kafka.client()), kafka.namespace, {name: counts[name] for name in inputs & counts.keys()}
    )
    found: dict[frozenset[Any], Age] = {}
    cuts = [frozenset(one.until.items()) for one in snapshots]
    for cut in dict.fromkeys(cuts):  # boards that were cut together share one
        behind = {place: at for place, at in cut if at < log.readable.get(place, 0)}
        unread = oldest_unread(kafka, behind)
        since = min(unread.values(), default=now)
        offsets = sum(log.ends[place] - at for place, at in behind.items() if place in unread)
        found[cut] = Age(offsets, round(max(0.0, (now - since).total_seconds()), 1))
    return [found[cut] for cut in cuts]


def verify(
    settings: Settings, domains: Sequence[Domain], snapshots: Sequence[Snapshot], report: Report = lambda _: None
) -> list[Verdict]:
    """Prove snapshots, in the order given; the entries of one read without them are read from the tables, in parts.

    `settings` hold concrete addresses.

    Raises what `consumers.loop.fill` and `beginning.begin` raise, psycopg and Kafka errors.
    """
    known = {id(one): _stored_digest(settings, one) for one in snapshots}
    verdicts = {id(one): _plainly(settings, domains, one, known[id(one)]) for one in snapshots}
    decided = operations(settings)
    for domain in domains:
        own = [one for one in snapshots if boards.declared(domains, one.board).domain is domain]
        gone = {id(one): found for one in own if (found := _gone(settings, domain, decided, one))}
        for snapshot, check in gone.items():
            verdicts[snapshot].checks.append(check)
        for chain in _chains([one for one in own if id(one) not in gone]):
            with scratch(settings.postgres, report) as postgres:
                base = beginning.begin(settings, postgres, [domain], {**decided, **chain[0].until}, report)
                for one in chain if base else ():
                    _look_into_base(postgres, verdicts[id(one)], one)
                fill_operations(settings, postgres, decided)
                for one in chain:
                    report(f"reading the log up to the cut of {one.board}")
                    _fill(settings, postgres, domain, one.until)
                    board = boards.declared(domains, one.board)
                    verdicts[id(one)].checks.append(_recomputed(settings, postgres, board, one, known[id(one)]))
    return [verdicts[id(one)] for one in snapshots]


def _gone(settings: Settings, domain: Domain, decided: Cut, one: Snapshot) -> Check | None:
    """What is not there any more, or never was, of the log up to the cut."""
    until = {**decided, **one.until}
    try:
        beginning.of(settings, None, [domain], until).check(settings, until)
    except (BeginningGone, EndGone) as gone:
        return Check("log", False, gone.what)
    return None


def _look_into_base(postgres: Postgres, verdict: Verdict, one: Snapshot) -> None:
    """A record that is gone from the log has left its row in the base."""
    if NO_RECORD in verdict.checks:
        with session.connect(postgres.dsn("owner"), LONG) as connection:
            try:
                row = boards.find(connection, one.board, str(one.snapshot), whole=False)
            except (NoSuchBoard, NoSuchSnapshot):
                return
            same = row == replace(one, entries="") and boards.digest_of(connection, row) == one.digest
        check = Check("record", same, "" if same else "the base says otherwise")
        verdict.checks[verdict.checks.index(NO_RECORD)] = check


def _plainly(settings: Settings, domains: Sequence[Domain], one: Snapshot, known: str | None) -> Verdict:
    """What can be told without recomputing."""
    found = boards.declared(domains, one.board)
    verdict = Verdict(one.board, str(one.snapshot), one.digest)
    stated = _edition(found.board, one) is not None
    verdict.checks = [
        _digest(one, known),
        _record(settings, found.domain, one),
        Check("rule", stated, "" if stated else "the board's declaration has changed since it was cut"),
    ]
    return verdict


def _edition(board: Board, one: Snapshot) -> Board | None:
    """The declaration whose rule a snapshot states: the present one or one before; None if it is none of them."""
    editions = (board, *board.editions)
    return next((each for each in editions if one.rule == msgspec.json.decode(canonical(rule(each)))), None)


@contextmanager
def _stored(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """A session with the live tables, from which entries are read."""
    with session.connect(settings.postgres.dsn("reader"), LONG, autocommit=True) as connection:
        yield connection


def _stored_digest(settings: Settings, one: Snapshot) -> str | None:
    """The digest of the entries as they are stored; None if a part of them is gone."""
    try:
        with _stored(settings) as connection:
            return boards.digest_of(connection, one)
    except NoSuchSnapshot:
        return None


def _digest(one: Snapshot, known: str | None) -> Check:
    if known is None:
        return NOT_WHOLE
    if known != one.digest:
        return Check("digest", False, f"the stored entries have the digest {known}, stated is {one.digest}")
    return Check("digest", True)


def _record(settings: Settings, domain: Domain, one: Snapshot) -> Check:
    """The stored row against the record of the log that it came from."""
    topic = next(event.topic for event in domain.events if event.family == "leaderboards")
    if one.place_partition is None or one.place_offset is None:
        return Check("record", False, "the row names no record: it did not come through the log")
    where = f"{topic}[{one.place_partition}]@{one.place_offset}"
    message = _read(settings, topic, one.place_partition, one.place_offset)
    if message is None:
        return NO_RECORD
    try:
        admit = admissions([domain])[topic].admit
        data = admit(message.value(), message.key(), message.partition(), message.timestamp()).data
    except Refused as refused:
        return Check("record", False, f"{where}: {refused}")
    # Entries that came in parts are not in this record: its digest speaks for them.
    if data.parts is None and one.parts is None and not one.entries:
        with _stored(settings) as connection:
            one = replace(one, entries=b"".join(boards.texts(connection, one)).decode())
    stated = [name for name in data.__struct_fields__ if name != "entries" or data.parts is None]
    wrong = [name for name in stated if _plain(getattr(data, name)) != _plain(getattr(one, name))]
    return Check("record", not wrong, f"{where} says otherwise of: {', '.join(wrong)}" if wrong else "")


def _plain(value: Any) -> Any:
    return value if isinstance(value, datetime) else msgspec.json.decode(msgspec.json.encode(value))


def _read(settings: Settings, topic: str, partition: int, offset: int) -> Message | None:
    """One record; None if the log has none there."""
    kafka = settings.kafka
    consumer = Consumer(
        {
            **FETCH,
            **kafka.client(),
            "group.id": kafka.named("podium.verify"),
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "isolation.level": "read_committed",
        }
    )
    try:
        consumer.assign([TopicPartition(kafka.named(topic), partition, offset)])
        late = time.monotonic() + READ_SECONDS_MAX
        while time.monotonic() < late:
            message = consumer.poll(0.5)
            if message is None:
                continue
            error = message.error()
            if error is None:
                return message if message.offset() == offset else None
            if error.code() in (KafkaError._PARTITION_EOF, KafkaError._AUTO_OFFSET_RESET):
                return None
        return None
    finally:
        consumer.close()


def _chains(snapshots: Sequence[Snapshot]) -> Iterator[list[Snapshot]]:
    """Snapshots whose cuts lie one behind the other: a database that is filled to one goes on to the next."""
    left = sorted(snapshots, key=lambda one: sum(one.until.values()))
    while left:
        chain: list[Snapshot] = []
        for one in left:
            if not chain or _reaches(chain[-1].until, one.until):
                chain.append(one)
        left = [one for one in left if one not in chain]
        yield chain


def _reaches(earlier: Cut, later: Cut) -> bool:
    return earlier.keys() == later.keys() and all(later[place] >= offset for place, offset in earlier.items())


@contextmanager
def scratch(server: Postgres, report: Report) -> Iterator[Postgres]:
    """A migrated, empty database of our own on the same server, dropped afterwards."""
    name = f"{PREFIX}{int(time.time())}_{os.getpid()}"
    report("making a scratch database")
    with session.connect(server.dsn("owner"), LONG, autocommit=True) as connection:
        _sweep(connection)
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            postgres = server.at(name)
            database.upgrade(postgres.dsn("owner"))
            yield postgres
        finally:
            connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def _sweep(connection: psycopg.Connection[Any]) -> None:
    left = connection.execute(
        "SELECT datname FROM pg_database AS d WHERE starts_with(datname, %s)"
        " AND NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.datname = d.datname)",
        [PREFIX],
    ).fetchall()
    for (name,) in left:
        made = name.removeprefix(PREFIX).split("_")[0]
        if made.isdecimal() and time.time() - int(made) > STALE_SECONDS:
            connection.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(name)))


def operations(settings: Settings) -> Cut:
    """Where the log of what operators decide ends now, as far as it has anything."""
    kafka = settings.kafka
    admin = AdminClient(kafka.client())
    topics = {name: count for name, count in LEDGER.topics.items() if name.endswith(".operations")}
    return {place: end for place, end in read_log(admin, kafka.namespace, topics).readable.items() if end > 0}


def fill_operations(settings: Settings, postgres: Postgres, ends: Cut) -> None:
    """What operators have given up must be known before the records are read that it is about."""
    if ends:
        kafka = settings.kafka
        fill([LEDGER], kafka.client(), postgres.dsn("consumer"), ends, namespace=kafka.namespace)


def _fill(settings: Settings, postgres: Postgres, domain: Domain, until: Cut) -> None:
    # A partition of which the cut has nothing holds nothing to read.
    ends = {place: offset for place, offset in until.items() if offset > 0}
    if ends:
        fill([domain], settings.kafka.client(), postgres.dsn("consumer"), ends, namespace=settings.kafka.namespace)


def _recomputed(settings: Settings, postgres: Postgres, found: Declared, one: Snapshot, known: str | None) -> Check:
    with session.connect(postgres.dsn("stream"), LONG) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        board = _edition(found.board, one) or found.board
        again = next((text for id_, text in entries(connection, found.domain, board) if id_ == one.board), None)
    if again is None:
        return Check("recomputed", False, "the log up to the cut tells of no such board")
    if known is None:
        return Check("recomputed", False, NOT_WHOLE.why)
    if digest(again) == known:
        return Check("recomputed", True)
    with _stored(settings) as connection:
        return Check("recomputed", False, _told(boards.entries(connection, one), again))


def _told(stored: Iterable[Any], again: bytes) -> str:
    """Which entries differ between what is stored and what the log says."""
    try:
        changed = difference(map(msgspec.json.decode, raw_entries(again)), stored)
    except (ValueError, msgspec.DecodeError):
        return "the stored entries are not JSON"
    names = [f"{kind} {entry['id']}" for kind, found in changed.items() for entry in found]
    shown = ", ".join(names[:SHOWN_MAX]) + (", …" if len(names) > SHOWN_MAX else "")
    return f"the log gives other bytes (stored against recomputed: {shown or 'other figures'})"
