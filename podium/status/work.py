"""What every loop has to do now, told from log and tables alone: whoever does nothing cannot say that it is nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from confluent_kafka.admin import AdminClient
from psycopg.rows import dict_row

from podium.settings import Kafka
from podium.sql import load
from podium.status.log import Log, Place, committed, oldest_unread
from podium.status.partitions import Position
from schema.declare import Board, Domain, Watch
from streams.rank import inputs

UNSCORED_MAX = 1_000
DUE_MAX = 2_000
TIMER_SECONDS = 5.0
"""A timer that was due so long before its next turn has been missed."""


@dataclass(frozen=True)
class Work:
    """What is to be done: how much, since when at the latest, and what it is, as far as that needs words."""

    lag: int = 0
    since: datetime | None = None
    why: str = ""
    error: str = ""
    """Why it could not be found out."""


NOTHING = Work()


@dataclass(frozen=True)
class Sight:
    """All that is looked at, at one moment."""

    kafka: Kafka
    client: AdminClient
    connection: psycopg.Connection[Any]
    log: Log
    positions: Mapping[Place, Position]
    now: datetime

    def behind(self, topics: Iterable[str]) -> bool:
        """Whether the tables lack records of some topics that can be read: then the consumers are to blame."""
        wanted = set(topics)
        return any(
            place[0] in wanted and self.positions.get(place, Position(*place)).position < end
            for place, end in self.log.readable.items()
        )


def reading(sight: Sight, group: str, topics: Iterable[str]) -> Work:
    """Records that a group of scorers or folds has not done."""
    wanted = set(topics)
    places = [place for place in sight.log.ends if place[0] in wanted]
    stands = committed(sight.client, sight.kafka, group, places)
    behind = {place: at for place, at in stands.items() if at < sight.log.readable.get(place, 0)}
    unread = oldest_unread(sight.kafka, behind)
    if not unread:  # nothing but markers of transactions
        return NOTHING
    return Work(sum(sight.log.ends[place] - behind[place] for place in unread), min(unread.values()), "records")


def unscored(sight: Sight, domain: Domain, group: str) -> Work:
    """Inputs that the scorers have passed, whose references are known, and that have no score."""
    assert domain.scoring is not None
    with sight.connection.cursor(row_factory=dict_row) as cursor:
        query = domain.sql(domain.scoring.unscored).encode()
        found = cursor.execute(query, {"limit": UNSCORED_MAX}).fetchall()
    if not found or sight.behind(topic for topic in domain.topics if topic.endswith(".scores")):
        return NOTHING
    topics = {type_: domain.by_type[type_].topic for type_ in domain.scoring.inputs}
    places = {(topics[row["type"]], row["place_partition"]) for row in found if row["place_offset"] is not None}
    passed = committed(sight.client, sight.kafka, group, places) if places else {}
    missed: dict[Place, list[int]] = {}
    for row in found:
        place = topics[row["type"]], row["place_partition"]
        if row["place_offset"] is not None and row["place_offset"] < passed.get(place, 0):
            missed.setdefault(place, []).append(row["place_offset"])
    since = oldest_unread(sight.kafka, {place: min(offsets) for place, offsets in missed.items()})
    return Work(sum(map(len, missed.values())), min(since.values(), default=None), "unscored inputs")


def due(sight: Sight, domain: Domain) -> Work:
    """Timers that should have decided something some seconds ago and have not."""
    lag, since, names = 0, sight.now, []
    for watch in domain.watches:
        then = sight.now - timedelta(seconds=watch.every_seconds + TIMER_SECONDS)
        if decisions := _decisions(sight, domain, watch, then):
            lag += decisions
            since = min(since, then)
            names.append(watch.name)
    if not lag:
        return NOTHING
    waits = "; the tables are not at the end of the log" if sight.behind(domain.topics) else ""
    return Work(lag, since, f"due of {', '.join(names)}{waits}")


def _decisions(sight: Sight, domain: Domain, watch: Watch, then: datetime) -> int:
    with sight.connection.cursor(row_factory=dict_row) as cursor:
        query = domain.sql(watch.sql).encode()
        found = cursor.execute(query, {"now": then, "limit": DUE_MAX}).fetchall()
    return len(list(watch.decide(found, then))) if watch.decide else len(found)


def uncut(sight: Sight, domain: Domain, board: Board) -> Work:
    """Boards of a declaration whose newest snapshot lacks what the tables have."""
    topics = set(inputs(domain, board))
    read = {place: row for place, row in sight.positions.items() if place[0] in topics and row.read}
    snapshots = next(event.topic for event in domain.events if event.family == "leaderboards")
    if not read or sight.behind([snapshots]):
        return NOTHING
    with sight.connection.cursor(row_factory=dict_row) as cursor:
        scopes = [row["id"] for row in cursor.execute(domain.sql(board.scopes).encode()).fetchall()]
    ids = [f"{domain.name}.{board.name}.{scope}" for scope in scopes]
    rows = sight.connection.execute(load("status_cuts"), {"boards": ids}).fetchall()
    late = [(id_, since) for id_, cut_at, cut in rows if (since := _late(read, board, cut_at, cut))]
    if not late:
        return NOTHING
    return Work(len(late), min(since for _, since in late), f"boards to cut, as {late[0][0]}")


def _late(read: Mapping[Place, Position], board: Board, cut_at: datetime | None, cut: Any) -> datetime | None:
    """Since when a board should have been cut further on; None if it was cut where the tables are."""
    known = {(topic, partition): at for topic, partition, at in cut or ()}
    moved = [row for place, row in read.items() if row.position > known.get(place, 0)]
    if not moved:
        return None
    quiet = min(row.updated_at for row in moved if row.updated_at)
    return quiet if cut_at is None else min(quiet, cut_at + timedelta(seconds=board.every_seconds))


def unrelayed(sight: Sight) -> Work:
    """Dead letters that were not published."""
    ((letters, since),) = sight.connection.execute(load("status_unrelayed")).fetchall()
    return Work(letters, since, "dead letters to relay")
