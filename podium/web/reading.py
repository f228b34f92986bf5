"""What the page reads: snapshots, their order in time, and the facts behind an entry. Nothing here can write."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from podium.web.catalog import Catalog, Known, Ranking
from podium.web.connections import Connections
from podium.web.view import matching, ordered, ranked

SQL = Path(__file__).parent / "sql"
SNAPSHOTS_KEPT_MAX = 1024
KEPT_CHARACTERS_MAX = 32_000_000
"""Of the entries of all snapshots that are kept, as JSON."""
SNAPSHOTS_AT_ONCE = 8
SEARCHED_MAX = 500
"""Entries shown of what a filter finds, or an order begins with, on a board in parts."""


class Place(NamedTuple):
    """The next offset to read of one partition: everything below it is in the snapshot."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True)
class Mark:
    """A snapshot by name: enough to order it in time and to fetch the rest."""

    board: str
    snapshot: UUID
    as_of: datetime
    cut_at: datetime


@dataclass(frozen=True)
class Snapshot(Mark):
    """A board as it stood at a cut. Immutable, so a process reads each once."""

    cut: tuple[Place, ...]
    rule: Mapping[str, Any]
    digest: str
    entries: tuple[Mapping[str, Any], ...]
    """Of a board in parts only those of the first: the best ones."""
    parts: int | None = None
    count: int = -1
    """How many entries the board has."""

    def __post_init__(self) -> None:
        if self.count < 0:
            object.__setattr__(self, "count", len(self.entries))

    @cached_property
    def ranks(self) -> dict[str, int | None]:
        """Rank by id of the entries that have one to speak of."""
        return {str(entry["id"]): ranked(entry) for entry in self.entries}

    def entry(self, id_: str) -> Mapping[str, Any] | None:
        """The entry of that id, None if it is not on the board."""
        return next((entry for entry in self.entries if str(entry["id"]) == id_), None)


class Facts(NamedTuple):
    """One page of the facts behind an entry; `after` continues it, None on the last page."""

    rows: list[dict[str, Any]]
    after: str | None


@cache
def statement(name: str) -> bytes:
    """Text of one of the queries beside this module."""
    return (SQL / f"{name}.sql").read_bytes()


class Reading:
    """Read-only connections and the snapshots read over them."""

    def __init__(self, dsn: str) -> None:
        self._kept: OrderedDict[tuple[str, UUID], tuple[Snapshot, int]] = OrderedDict()
        self._characters = 0
        self._connections = Connections(dsn)

    async def close(self) -> None:
        """Give all connections back to the server."""
        await self._connections.close()

    async def _fetch(self, query: bytes, **parameters: Any) -> list[dict[str, Any]]:
        return await self._connections.fetch(query, **parameters)

    async def migrated(self) -> bool:
        """Whether the tables that the page reads are there."""
        return bool((await self._fetch(statement("ready")))[0]["migrated"])

    async def latest(self) -> dict[str, Mark]:
        """The newest snapshot of every board, by board."""
        return {row["board"]: Mark(**row) for row in await self._fetch(statement("latest"))}

    async def newest(self, board: str) -> Snapshot | None:
        """The newest snapshot of a board, None for a board that was never cut."""
        mark = await self._mark("newest", board=board)
        return await self.snapshot(board, mark.snapshot) if mark else None

    async def oldest(self, board: str) -> Mark | None:
        """The first snapshot of a board that is kept."""
        return await self._mark("oldest", board=board)

    async def before(self, board: str, moment: datetime) -> Mark | None:
        """The newest snapshot cut at or before a moment."""
        return await self._mark("before", board=board, moment=moment)

    async def cut_at(self, board: str, cut: str) -> Mark | None:
        """The snapshot cut at exactly these offsets, given as JSON."""
        return await self._mark("cut_at", board=board, cut=cut)

    async def recent(self, mark: Mark, limit: int) -> list[Snapshot]:
        """The snapshots that came just before another, newest first."""
        before = {"board": mark.board, "cut_at": mark.cut_at, "snapshot": mark.snapshot}
        rows = await self._fetch(statement("recent"), **before, limit=limit)
        return await self.snapshots(mark.board, [row["snapshot"] for row in rows])

    async def _mark(self, name: str, **parameters: Any) -> Mark | None:
        rows = await self._fetch(statement(name), **parameters)
        return Mark(**rows[0]) if rows else None

    async def snapshot(self, board: str, snapshot: UUID) -> Snapshot | None:
        """One snapshot with its entries; None if there is none of that id."""
        found = await self.snapshots(board, [snapshot])
        return found[0] if found else None

    async def snapshots(self, board: str, wanted: Iterable[UUID]) -> list[Snapshot]:
        """Snapshots in the order wanted, those that do not exist left out."""
        names = list(wanted)
        found = {name: self._kept[board, name][0] for name in names if (board, name) in self._kept}
        missing = [name for name in names if name not in found]
        # A few at a time: each may be a megabyte, and is then taken apart.
        for start in range(0, len(missing), SNAPSHOTS_AT_ONCE):
            some = missing[start : start + SNAPSHOTS_AT_ONCE]
            for row in await self._fetch(statement("snapshot"), board=board, snapshots=some):
                found[row["snapshot"]] = _snapshot(row)
                self._keep(found[row["snapshot"]], len(row["entries"]))
        return [found[name] for name in names if name in found]

    def _keep(self, snapshot: Snapshot, characters: int) -> None:
        _, before = self._kept.pop((snapshot.board, snapshot.snapshot), (None, 0))
        self._kept[snapshot.board, snapshot.snapshot] = snapshot, characters
        self._characters += characters - before
        while len(self._kept) > SNAPSHOTS_KEPT_MAX or (len(self._kept) > 1 and self._characters > KEPT_CHARACTERS_MAX):
            self._characters -= self._kept.popitem(last=False)[1][1]

    async def entries(self, snapshot: Snapshot) -> AsyncIterator[list[dict[str, Any]]]:
        """All entries of a snapshot by rank, a part at a time."""
        if snapshot.parts is None:
            yield [dict(entry) for entry in snapshot.entries]
        for part in range(1, (snapshot.parts or 0) + 1):
            yield await self._part(snapshot, part)

    async def _part(self, snapshot: Snapshot, part: int) -> list[dict[str, Any]]:
        rows = await self._fetch(statement("part"), board=snapshot.board, snapshot=snapshot.snapshot, part=part)
        found: list[dict[str, Any]] = json.loads(rows[0]["entries"]) if rows else []
        return found

    async def entry(self, snapshot: Snapshot, id_: str) -> Mapping[str, Any] | None:
        """The entry of that id wherever it stands, None if it is not on the board."""
        found = snapshot.entry(id_)
        if found is not None or snapshot.parts is None:
            return found
        piece = f'"id":{json.dumps(id_, ensure_ascii=False)}'
        given = {"board": snapshot.board, "snapshot": snapshot.snapshot}
        for row in await self._fetch(statement("parts_with"), **given, piece=piece):
            for entry in await self._part(snapshot, row["part"]):
                if str(entry["id"]) == id_:
                    return entry
        return None

    async def searched(self, snapshot: Snapshot, q: str, sort: str) -> list[Mapping[str, Any]]:
        """The first SEARCHED_MAX entries of a board in parts that a filter lets through, in an order."""
        found: list[Mapping[str, Any]] = []
        async for entries in self.entries(snapshot):
            found += matching(entries, q)
            if not sort and len(found) >= SEARCHED_MAX:
                break
            found = ordered(found, sort)[:SEARCHED_MAX]
        return found[:SEARCHED_MAX]

    async def timeline(self, mark: Mark, points: int) -> list[Snapshot]:
        """The way to a snapshot: it and some before it, evenly spread, oldest first."""
        rows = await self._fetch(
            statement("timeline"), board=mark.board, cut_at=mark.cut_at, snapshot=mark.snapshot, points=points
        )
        return await self.snapshots(mark.board, [row["snapshot"] for row in rows])

    async def catalog(self, rankings: Sequence[Ranking]) -> Catalog:
        """Names of the boards there are, as the domains list them."""
        found = Catalog(rankings)
        for ranking in rankings:
            found.add(ranking, await self._fetch(ranking.scopes.encode()))
        found.tell_apart()
        return found

    async def compare(self, known: Known, a: str, b: str) -> dict[str, Any]:
        """The row in which a board's query counts how two entries fared on what they share."""
        query = known.ranking.domain.sql(known.ranking.board.compare or "")
        (row,) = await self._fetch(query.encode(), **{**(known.parameters or {}), "a": a, "b": b})
        return row

    async def facts(self, drill: str, parameters: Mapping[str, Any], after: str | None, limit: int) -> Facts:
        """Facts behind an entry, from just behind the subject `after`."""
        rows = await self._fetch(drill.encode(), **parameters, after=after, limit=limit + 1)
        more = len(rows) > limit
        return Facts(rows[:limit], str(rows[limit - 1]["subject"]) if more else None)


def _snapshot(row: Mapping[str, Any]) -> Snapshot:
    return Snapshot(
        board=row["board"],
        snapshot=row["snapshot"],
        as_of=row["as_of"],
        cut_at=row["cut_at"],
        cut=tuple(Place(*place) for place in row["cut"]),
        rule=row["rule"],
        digest=row["digest"],
        entries=tuple(json.loads(row["entries"])),
        parts=row["parts"],
        count=-1 if row["total"] is None else row["total"],
    )
