"""Snapshots of boards as they are stored, and which declaration a board comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection, Cursor
from psycopg.rows import class_row, dict_row

from podium.errors import Problem
from podium.sql import load
from schema.board import ListDigest, raw_entries
from schema.declare import Board, Domain

FACTS_MAX = 100_000
"""Facts of an entry that are looked through."""


class NoSuchBoard(Problem):
    """No board of that id was ever cut."""

    code = "PD070"


class NoSuchSnapshot(Problem):
    """A board has no snapshot of that name, or none that early."""

    code = "PD071"


@dataclass(frozen=True)
class Snapshot:
    """A row of `ledger.published_snapshot`, `entries` still in its canonical bytes.

    `entries` is empty where a snapshot was read without them: `texts` reads them a part at a time.
    """

    board: str
    snapshot: UUID
    as_of: datetime
    cut_at: datetime
    cut: list[list[Any]]
    rule: dict[str, Any]
    digest: str
    entries: str
    place_partition: int | None
    place_offset: int | None
    parts: int | None = None
    """In how many records the entries were published; None: in that of the snapshot."""

    @property
    def listed(self) -> list[dict[str, Any]]:
        """The entries, best first."""
        found: list[dict[str, Any]] = json.loads(self.entries)
        return found

    @property
    def until(self) -> dict[tuple[str, int], int]:
        """The cut by place: topic and partition to the next offset not read."""
        return {(topic, partition): offset for topic, partition, offset in self.cut}


@dataclass(frozen=True)
class Declared:
    """What a board's id says: its domain, its declaration and its scope."""

    domain: Domain
    board: Board
    scope: str


def declared(domains: Sequence[Domain], id_: str) -> Declared:
    """The declaration behind a board's id. Raises NoSuchBoard."""
    for domain in domains:
        for board in domain.boards:
            prefix = f"{domain.name}.{board.name}."
            if id_.startswith(prefix):
                return Declared(domain, board, id_.removeprefix(prefix))
    known = ", ".join(f"{domain.name}.{board.name}.*" for domain in domains for board in domain.boards)
    raise NoSuchBoard(f"{id_}: no domain declares such a board", f"There are: {known}. See podium board list.")


def latest(connection: Connection[Any], whole: bool = True) -> list[Snapshot]:
    """The newest snapshot of every board, by id; without entries unless `whole`."""
    with connection.cursor(row_factory=class_row(Snapshot)) as cursor:
        return cursor.execute(load("board_latest"), {"whole": whole}).fetchall()


def find(connection: Connection[Any], board: str, name: str = "", whole: bool = True) -> Snapshot:
    """The snapshot of a board by id, or the newest at a moment (ISO 8601), or the newest of all.

    Without entries unless `whole`. Raises NoSuchBoard, NoSuchSnapshot.
    """
    moment = None if name in ("", "previous") or snapshot_id(name) else _moment(name)
    newest = _one(connection, "board_newest", whole and not name, board=board, moment=None)
    if newest is None:
        raise NoSuchBoard(f"{board}: never cut", "podium board list names every board.")
    if not name:
        return newest
    if uuid := snapshot_id(name):
        found = _one(connection, "board_snapshot", whole, board=board, snapshot=uuid)
    elif name == "previous":
        found = previous(connection, newest, whole)
    else:
        found = _one(connection, "board_newest", whole, board=board, moment=moment)
    if found is None:
        raise NoSuchSnapshot(f"{board}: no snapshot {name}", "Give a snapshot's id, a time, or `previous`.")
    return found


def previous(connection: Connection[Any], snapshot: Snapshot, whole: bool = True) -> Snapshot | None:
    """The snapshot that came just before another one; without entries unless `whole`."""
    given = {"board": snapshot.board, "cut_at": snapshot.cut_at, "snapshot": snapshot.snapshot}
    return _one(connection, "board_before", whole, **given)


def texts(connection: Connection[Any], snapshot: Snapshot) -> Iterator[bytes]:
    """The canonical entries of a snapshot in lists of whole entries, one part in memory at a time.

    Raises NoSuchSnapshot where a part is gone.
    """
    if snapshot.entries:
        yield snapshot.entries.encode()
        return
    numbers = [0] if snapshot.parts is None else range(1, snapshot.parts + 1)
    for part in numbers:
        given = {"board": snapshot.board, "snapshot": snapshot.snapshot, "part": part}
        row = connection.execute(load("board_part"), given).fetchone()
        if row is None:
            raise NoSuchSnapshot(f"{snapshot.board}: {snapshot.snapshot} is not whole any more", "Name another one.")
        yield row[0].encode()


def entries(connection: Connection[Any], snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """The entries of a snapshot, best first, one part in memory at a time. Raises NoSuchSnapshot."""
    return (json.loads(entry) for text in texts(connection, snapshot) for entry in raw_entries(text))


def digest_of(connection: Connection[Any], snapshot: Snapshot) -> str:
    """The digest of the canonical entries as they are stored. Raises NoSuchSnapshot."""
    found = ListDigest()
    for text in texts(connection, snapshot):
        found.add(text)
    return found.digest()


class Summary(NamedTuple):
    """What a list of boards shows of the entries."""

    total: int | None
    first: str | None


def summary(connection: Connection[Any], snapshot: Snapshot) -> Summary:
    """How many entries a stored snapshot has, and the name of the first."""
    given = {"board": snapshot.board, "snapshot": snapshot.snapshot}
    row = connection.execute(load("board_summary"), given).fetchone()
    return Summary(*row) if row else Summary(None, None)


def titles(connection: Connection[Any], domains: Sequence[Domain]) -> dict[str, str]:
    """Id -> title of every board that the domains list."""
    found = {}
    with connection.cursor(row_factory=dict_row) as cursor:
        for domain in domains:
            for board in domain.boards:
                for scope in cursor.execute(domain.sql(board.scopes).encode()).fetchall():
                    found[f"{domain.name}.{board.name}.{scope['id']}"] = scope["title"]
    return found


def compare(connection: Connection[Any], one: Declared, a: str, b: str) -> dict[str, Any]:
    """How two entries fared on what both answered. Raises NoSuchBoard where nothing can be compared."""
    if one.board.compare is None or one.board.compared is None:
        raise NoSuchBoard(f"{one.domain.name}.{one.board.name}: its entries share nothing to compare them by")
    with connection.cursor(row_factory=dict_row) as cursor:
        query = one.domain.sql(one.board.compare).encode()
        row = cursor.execute(query, {**_parameters(cursor, one), "a": a, "b": b}).fetchone()
    assert row is not None  # an aggregate without groups yields one row
    return one.board.compared(row)


def _parameters(cursor: Cursor[dict[str, Any]], one: Declared) -> dict[str, Any]:
    """What the queries of a board take. Raises NoSuchBoard."""
    scopes = cursor.execute(one.domain.sql(one.board.scopes).encode()).fetchall()
    scope = next((scope for scope in scopes if scope["id"] == one.scope), None)
    if scope is None:
        raise NoSuchBoard(f"{one.domain.name}.{one.board.name}.{one.scope}: not there", "See podium board list.")
    found: dict[str, Any] = scope["parameters"]
    return found


def between(
    connection: Connection[Any], one: Declared, entry: str, earlier: Snapshot, later: Snapshot
) -> list[tuple[str, int, int]]:
    """Places of the events behind an entry that came between two cuts; none where a board tells of no facts."""
    if one.board.drill is None:
        return []
    scores = next((topic for topic in one.domain.topics if topic.endswith(".scores")), "")
    found = set()
    with connection.cursor(row_factory=dict_row) as cursor:
        given = {**_parameters(cursor, one), "entry": entry, "after": None, "limit": FACTS_MAX}
        for fact in cursor.execute(one.domain.sql(one.board.drill).encode(), given):
            found.add((fact["topic"], fact["partition"], fact["offset"]))
            found.add((scores, fact.get("score_partition"), fact.get("score_offset")))
    before, after = earlier.until, later.until
    return sorted(
        place for place in found
        if place[2] is not None and before.get(place[:2], 0) <= place[2] < after.get(place[:2], 0)
    )  # fmt: skip


def _one(connection: Connection[Any], statement: str, whole: bool, **parameters: Any) -> Snapshot | None:
    with connection.cursor(row_factory=class_row(Snapshot)) as cursor:
        return cursor.execute(load(statement), {**parameters, "whole": whole}).fetchone()


def snapshot_id(name: str) -> UUID | None:
    """The id that a text is, None if it is none."""
    try:
        return UUID(name)
    except ValueError:
        return None


def _moment(name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(name)
    except ValueError:
        raise NoSuchSnapshot(f"{name}: neither a snapshot's id nor a time", "2026-03-01T10:00:00Z is a time.") from None
    return moment if moment.tzinfo else moment.astimezone()
