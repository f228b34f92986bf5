"""Positions in the log, kept beside the rows: claim, fence, compare-and-set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection, Cursor

from consumers.aside import TopicFault
from consumers.sql import load

Partition = tuple[str, int]
"""Topic (without a namespace) and partition."""


class Fenced(Exception):
    """Another owner holds a partition, or its position moved: this one must leave and join anew."""


class AnotherLog(TopicFault):
    """A topic is not the one that the ledger's positions belong to: it was deleted and made again."""


@dataclass(slots=True)
class Held:
    """A partition that is ours: the next offset to read, and the epoch under which we hold it."""

    position: int
    epoch: int
    leader_epoch: int | None = None


@dataclass(slots=True)
class Move:
    """What a batch came to in one partition. read = applied + parked + released + dead, as changes."""

    next: int
    read: int = 0
    applied: int = 0
    parked: int = 0
    released: int = 0
    dead: int = 0
    leader_epoch: int | None = None
    event_time: datetime | None = None


class Offsets:
    """The partitions that this process holds, and where it stands in them."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.held: dict[Partition, Held] = {}

    def claim(self, connection: Connection[Any], topic_ids: Mapping[Partition, str]) -> None:
        """Take partitions over under a new epoch, in a transaction of its own.

        Raises AnotherLog for a topic that was made again, Fenced when someone claimed later.
        """
        with connection.transaction():
            epoch = connection.execute("SELECT nextval('ledger.epoch')").fetchone()
            assert epoch is not None
            rows = connection.execute(load("claim"), self._claims(topic_ids, epoch[0])).fetchall()
        for topic, partition, position, held_epoch, leader_epoch in rows:
            self.held[topic, partition] = Held(position, held_epoch, leader_epoch)
        refused = set(topic_ids) - {(row[0], row[1]) for row in rows}
        if refused:
            self._explain(connection, topic_ids, refused)

    def _claims(self, topic_ids: Mapping[Partition, str], epoch: int) -> dict[str, Any]:
        return {
            "topics": [topic for topic, _ in topic_ids],
            "partitions": [partition for _, partition in topic_ids],
            "topic_ids": list(topic_ids.values()),
            "epochs": [epoch] * len(topic_ids),
            "owner": self.owner,
        }

    def _explain(self, connection: Connection[Any], ids: Mapping[Partition, str], refused: set[Partition]) -> None:
        topic, partition = min(refused)
        row = connection.execute(
            "SELECT topic_id FROM ledger.offset WHERE topic = %s AND partition = %s", (topic, partition)
        ).fetchone()
        if row is not None and row[0] != ids[topic, partition]:
            raise AnotherLog(
                topic,
                f"topic {topic}: its id is {ids[topic, partition]}, the ledger's positions belong to {row[0]}. "
                "It was deleted and made again, or this is another cluster. Rebuild from the topics, or point at "
                "the cluster that this database was filled from.",
            )
        raise Fenced(f"{topic}[{partition}] was claimed by another process meanwhile")

    def release(self, partitions: Iterable[Partition]) -> None:
        """Forget partitions that were taken from us."""
        for partition in partitions:
            self.held.pop(partition, None)

    def fence(self, connection: Connection[Any], partitions: Iterable[Partition]) -> None:
        """Lock our positions for this transaction. Raises Fenced when one is not where we left it."""
        wanted = sorted(partitions)
        row = connection.execute(load("fence"), self._places(wanted)).fetchone()
        if row is None or row[0] != len(wanted):
            raise Fenced("a partition of this batch is held by another process")

    def advance(self, connection: Connection[Any], moves: Mapping[Partition, Move]) -> None:
        """Move positions by compare-and-set. Raises Fenced; nothing is remembered before `remember`."""
        self.moved(self.send(connection, moves), moves)

    def send(self, connection: Connection[Any], moves: Mapping[Partition, Move]) -> Cursor[Any]:
        """The compare-and-set on its way; `moved` looks at what it came to."""
        ordered = sorted(moves)
        each = [moves[partition] for partition in ordered]
        parameters = self._places(ordered) | {
            "nexts": [move.next for move in each],
            "reads": [move.read for move in each],
            "applieds": [move.applied for move in each],
            "parkeds": [move.parked for move in each],
            "releaseds": [move.released for move in each],
            "deads": [move.dead for move in each],
            "leader_epochs": [move.leader_epoch for move in each],
            "event_times": [move.event_time for move in each],
        }
        return connection.execute(load("advance"), parameters)

    def moved(self, cursor: Cursor[Any], moves: Mapping[Partition, Move]) -> None:
        """Raises Fenced when not every position was where we left it, under our epoch."""
        if cursor.rowcount != len(moves):
            raise Fenced("a partition of this batch is held by another process")

    def remember(self, moves: Mapping[Partition, Move]) -> None:
        """After the commit: this is where we stand."""
        for partition, move in moves.items():
            self.held[partition].position = move.next

    def _places(self, partitions: list[Partition]) -> dict[str, Any]:
        try:
            held = [self.held[partition] for partition in partitions]
        except KeyError as missing:
            raise Fenced(f"{missing.args[0]} is not ours") from None
        return {
            "topics": [topic for topic, _ in partitions],
            "partitions": [partition for _, partition in partitions],
            "positions": [one.position for one in held],
            "epochs": [one.epoch for one in held],
        }
