"""Snapshots: a board is cut from one consistent view of tallies and positions, and published with its proof."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any
from uuid import UUID

from confluent_kafka import Producer
from psycopg import Connection, IsolationLevel, capabilities
from psycopg.rows import dict_row

from schema.board import canonical, digest
from schema.declare import Board, Domain
from schema.envelope import uuid7
from schema.heartbeat import FURTHER, NEVER_CONFINED, Heartbeat, described, raised
from schema.waiting import ready_statements
from streams.duty import TABLES_SECONDS_MAX, duty, passed
from streams.exchange import GRACE_SECONDS, TRANSACTION_SECONDS_MAX
from streams.log import LOG, Log, Place
from streams.progress import Progress
from streams.publisher import PUBLISH_MS_MAX, fenced_producer
from streams.snapshots import SnapshotWriter, produce_all, snapshot_event
from streams.sql import load
from streams.write import Record

SOURCE = "podium/rank"
LOOK_SECONDS = 0.1
BETWEEN_SECONDS_MIN = 0.25
"""At most four snapshots of a board a second."""

RETRY_SECONDS = 5.0
"""A board that could not be cut is tried again so often, even if nothing moved."""

BYTES_A_SECOND_MAX = 4_000_000
"""What is published of one declaration over time: a board of 100 MB is cut every half a minute."""

SETTLED_SECONDS = 1.0
"""When the log has been quiet for so long, a board is cut there even if nobody moved."""

_CHUNK_ROWS = 1_000 if capabilities.has_stream_chunked() else 1

Cut = dict[Place, int]


class GoneBack(Exception):
    """The tables stand before the last published cut: this is not the database that it was cut from."""


@dataclass(frozen=True)
class View:
    """What one consistent look at the database shows: positions, and the entries of each board."""

    cut: Cut
    as_of: datetime
    boards: Mapping[str, bytes]
    """Id of a board -> canonical entries."""


@dataclass(frozen=True)
class Last:
    """The newest snapshot of a board."""

    cut_at: datetime
    cut: Cut
    digest: str


def inputs(domain: Domain, board: Board) -> list[str]:
    """The topics whose positions are the cut of a board."""
    return [topic for topic in domain.topics if topic.rpartition(".")[2] in board.inputs]


def rule(board: Board) -> dict[str, Any]:
    """The terms of a ranking, as every snapshot states them."""
    digits = {metric.name: metric.digits for metric in board.metrics if metric.digits}
    return {
        "rank": board.rank_rule,
        "metric": board.metrics[0].name,
        "direction": board.direction,
        "missing": board.missing,
        "nan": board.missing,
        "decimals": {metric.name: metric.decimals for metric in board.metrics if not metric.digits},
        **({"digits": digits} if digits else {}),
        "ties": list(board.ties),
        **board.terms,
    }


def entries(connection: Connection[Any], domain: Domain, board: Board) -> Iterator[tuple[str, bytes]]:
    """Id and canonical entries of each board of a declaration, as the tables are in this transaction."""
    for scope in scopes(connection, domain, board):
        yield board_id(domain, board, scope), scope_entries(connection, domain, board, scope)


def scopes(connection: Connection[Any], domain: Domain, board: Board) -> list[dict[str, Any]]:
    """The boards of a declaration as the tables have them: id, title, parameters. Raises psycopg errors."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(domain.sql(board.scopes).encode()).fetchall()


def board_id(domain: Domain, board: Board, scope: Mapping[str, Any]) -> str:
    """The name of one board."""
    return f"{domain.name}.{board.name}.{scope['id']}"


def scope_entries(connection: Connection[Any], domain: Domain, board: Board, scope: Mapping[str, Any]) -> bytes:
    """Canonical entries of one board. Raises psycopg errors and whatever the board's own function raises."""
    with connection.cursor(row_factory=dict_row) as cursor:
        # In chunks: the whole answer of a large board would lie in memory beside its rows.
        rows = list(cursor.stream(domain.sql(board.sql).encode(), scope["parameters"], size=_CHUNK_ROWS))
    made = board.entries(rows)
    del rows
    return canonical(made)


class Ranker:
    """Cuts the boards of one declaration, by schedule and on change; one process at a time, others stand by."""

    def __init__(self, log: Log, dsn: str, domain: Domain, board: Board) -> None:
        self.log = log
        self.dsn = dsn
        self.domain = domain
        self.board = board
        self.name = f"podium.rank.{domain.name}.{board.name}"
        self.heartbeat = Heartbeat(self.name)
        self.inputs = inputs(domain, board)
        self._event = snapshot_event(domain)
        self._write = SnapshotWriter(domain, SOURCE).records
        self._between = BETWEEN_SECONDS_MIN
        self._last: dict[str, Last] = {}
        self._unpublished: set[str] = set()
        """Subjects of boards that were made but could not be published."""
        self._ready = ready_statements([domain])

    def run(self, stop: Event) -> None:
        """Cut until told to stop, and once more then. Raises psycopg and Kafka errors, GoneBack."""
        with duty(self.dsn, [self.name], stop, self.heartbeat) as held:
            if held is None:
                return
            self._lease = held.lease
            producer = fenced_producer(self.log, self.name, held.lease, self.heartbeat, stop)
            if not passed(held.connection, self.log.ends([self._event.topic]), stop, self.heartbeat):
                return
            self._last = {}
            self._watch(held.connection, producer, stop)
            self.turn(held.connection, producer, final=True)

    def _watch(self, connection: Connection[Any], producer: Producer, stop: Event) -> None:
        seen: Cut = {}
        moved = cut = scheduled = time.monotonic()
        settled = False
        progress = Progress(self.log, self.inputs)
        while not stop.is_set():
            now, positions = time.monotonic(), self._positions(connection)[0]
            progress.stand(positions)
            self.heartbeat.record_turn(waits_for=progress.look())
            if now - cut < self._between:
                pass
            elif positions != seen:
                if self.turn(connection, producer, final=now - scheduled >= self.board.every_seconds):
                    scheduled = now
                seen, moved, cut, settled = positions, now, now, False
            elif (not settled and now - moved >= SETTLED_SECONDS) or (
                self.heartbeat.failures and now - cut >= RETRY_SECONDS
            ):
                cut = now
                settled = self.turn(connection, producer, final=True) is not None
                scheduled = now
            stop.wait(LOOK_SECONDS)

    def turn(self, connection: Connection[Any], producer: Producer, final: bool) -> int | None:
        """Publish the boards that changed, with `final` those whose cut moved; how many, None if it must wait."""
        with self.heartbeat.within("look at the tables", TABLES_SECONDS_MAX):
            view = self.look(connection)
        if view is None:
            return None
        due = [
            (board, text) for board, text in view.boards.items() if self._is_due(connection, board, text, view, final)
        ]
        recorded = self._recorded(connection, view, due)
        if recorded:
            self._publish(producer, view, recorded)
        return len(recorded)

    def look(self, connection: Connection[Any]) -> View | None:
        """One consistent view of the database; None while nothing was read or a parked record could be released."""
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        try:
            with connection.transaction():
                cut, as_of = self._positions(connection)
                if as_of is None or self._releasable(connection, cut):
                    return None
                return View(cut, as_of, dict(self._boards(connection)))
        finally:
            connection.isolation_level = connection.read_only = None

    def _boards(self, connection: Connection[Any]) -> Iterator[tuple[str, bytes]]:
        """Id and canonical entries of every board that can be made now; the others are told as failures."""
        # One savepoint serves all: rolling back to it keeps it, and in a transaction that only reads nothing is lost.
        connection.execute("SAVEPOINT board")
        failed: dict[str, BaseException] = {}
        whole = f"{self.domain.name}.{self.board.name}"
        listed: list[dict[str, Any]] = []
        try:
            listed = scopes(connection, self.domain, self.board)
        except NEVER_CONFINED:
            raise
        except:  # noqa: E722
            failed[whole] = self._survived(connection, raised())
        for scope in listed:
            board = whole
            try:
                board = board_id(self.domain, self.board, scope)
                text = scope_entries(connection, self.domain, self.board, scope)
            except NEVER_CONFINED:
                raise
            except:  # noqa: E722
                failed[board] = self._survived(connection, raised())
            else:
                yield board, text
        self._tell(connection, failed)

    def _survived(self, connection: Connection[Any], error: BaseException) -> BaseException:
        """The error, with the transaction usable again. Raises the error if the connection itself is gone."""
        if connection.broken or connection.closed:
            raise error
        connection.execute("ROLLBACK TO SAVEPOINT board")
        return error

    def _tell(self, connection: Connection[Any], failed: Mapping[str, BaseException]) -> None:
        """Note which boards could not be made, since when and why; the others are well, or are no more."""
        for board, error in failed.items():
            self._confine(connection, board, error)
        for name in self.heartbeat.failures:
            over = name.removeprefix("board ") not in failed and name not in self._unpublished
            if over and (name != FURTHER or not failed):
                self.heartbeat.recover(name)

    def _confine(self, connection: Connection[Any], board: str, error: BaseException) -> None:
        last = self._last.get(board) or self._recall(connection, board)
        since = f"not cut since {last.cut_at.isoformat(timespec='seconds')}" if last else "never cut"
        if f"board {board}" not in self.heartbeat.failures:
            LOG.warning("board not cut", board=board, error=described(error))
        self.heartbeat.confine(f"board {board}", f"{since}, because {described(error)}")

    def _positions(self, connection: Connection[Any]) -> tuple[Cut, datetime | None]:
        rows = connection.execute(load("cut"), {"topics": self.inputs}).fetchall()
        cut = dict.fromkeys(self.log.places(self.inputs), 0)
        cut.update({(topic, partition): position for topic, partition, position, _ in rows})
        return cut, max((time for *_, time in rows if time), default=None)

    def _releasable(self, connection: Connection[Any], cut: Cut) -> bool:
        """Whether a parked record of the cut has its parent: the tables are about to change without a move."""
        row = connection.execute("SELECT EXISTS (SELECT FROM ledger.parked)").fetchone()
        if row is None or not row[0]:
            return False
        places = [topic for topic, _ in cut], [partition for _, partition in cut], 1
        return any(connection.execute(query.encode(), places).fetchone() for _, query in self._ready)

    def _is_due(self, connection: Connection[Any], board: str, text: bytes, view: View, final: bool) -> bool:
        last = self._last.get(board) or self._recall(connection, board)
        if last is None:
            return True
        if any(view.cut.get(place, 0) < position for place, position in last.cut.items()):
            raise GoneBack(
                f"{board}: its last snapshot was cut further on than these tables are. Let them catch up with "
                "the log, or point at the database that the snapshot came from."
            )
        return digest(text) != last.digest or (final and view.cut != last.cut)

    def _recall(self, connection: Connection[Any], board: str) -> Last | None:
        row = connection.execute(load("last"), {"board": board}).fetchone()
        if row is None:
            return None
        cut_at, cut, known = row
        self._last[board] = Last(cut_at, {(topic, partition): at for topic, partition, at in cut}, known)
        return self._last[board]

    def _recorded(
        self, connection: Connection[Any], view: View, due: Sequence[tuple[str, bytes]]
    ) -> dict[str, tuple[dict[str, Any], list[Record]]]:
        """Snapshot and records of each board that is due; one that consumers would bury is a failure of its board."""
        found: dict[str, tuple[dict[str, Any], list[Record]]] = {}
        self._unpublished = set()
        for board, text in due:
            try:
                data = self._snapshot(board, text, view)
                found[board] = data, self._write(data, text)
            except NEVER_CONFINED:
                raise
            except:  # noqa: E722
                self._unpublished.add(f"board {board}")
                self._confine(connection, board, raised())
        return found

    def _publish(
        self, producer: Producer, view: View, found: Mapping[str, tuple[dict[str, Any], list[Record]]]
    ) -> None:
        self._lease.check()
        producer.begin_transaction()
        records = (record for _, records in found.values() for record in records)
        with self.heartbeat.within("publish snapshots", PUBLISH_MS_MAX / 1000 + GRACE_SECONDS):
            published = produce_all(producer, records, self.log)
        self._between = max(BETWEEN_SECONDS_MIN, published / BYTES_A_SECOND_MAX)
        with self.heartbeat.within("commit snapshots", TRANSACTION_SECONDS_MAX + GRACE_SECONDS):
            producer.commit_transaction(TRANSACTION_SECONDS_MAX)
        for board, (data, _) in found.items():
            self._last[board] = Last(data["cut_at"], view.cut, data["digest"])
            self.heartbeat.recover(f"board {board}")
        self.heartbeat.record_done(len(found))
        LOG.debug("cut", board=self.name, boards=len(found))

    def _snapshot(self, board: str, text: bytes, view: View) -> dict[str, Any]:
        last = self._last.get(board)
        now = datetime.now(UTC)
        snapshot: UUID = uuid7()
        return {
            "board": board,
            "snapshot": snapshot,
            "as_of": view.as_of,
            "cut_at": max(now, last.cut_at + timedelta(microseconds=1)) if last else now,
            "cut": [[topic, partition, position] for (topic, partition), position in sorted(view.cut.items())],
            "rule": rule(self.board),
            "digest": digest(text),
        }
