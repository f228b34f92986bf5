"""Gathers what a page shows: the snapshot, the way to it, what it is compared with, the facts behind an entry."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from podium.web.address import address, meant, split
from podium.web.catalog import Catalog, Known, Ranking
from podium.web.comparison import Comparison
from podium.web.documents import BoardPage, EntryPage, Listed
from podium.web.reading import Facts, Mark, Reading, Snapshot
from podium.web.view import AGO, Entry, View

TREND_POINTS = 32
HISTORY_POINTS = 160
RECENT = 64
FACTS_A_PAGE = 50
CATALOG_SECONDS = 5.0
CATALOG_AGAIN_SECONDS = 0.5
"""How old the list of boards may be when one is looked for that is not in it."""


class NotThere(Exception):
    """The address names a board, snapshot or entry that does not exist; the message says which.

    `ways` lead on from there: pairs of an address and its name.
    """

    def __init__(self, said: str, ways: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(said)
        self.ways = tuple(ways)


class Misasked(Exception):
    """The address asks for something that cannot be; the message says what can."""


def with_facts(page: EntryPage, facts: Facts, after: str | None) -> EntryPage:
    """The page of an entry with one page of facts, the one behind `after`."""
    return replace(page, facts=facts, after=after)


def sortable(ranking: Ranking, entries: Sequence[Entry]) -> list[str]:
    """Names of the figures that entries can be sorted by: those with a column first."""
    named = ["rank", "name", "n", *(metric.name for metric in ranking.board.metrics)]
    further = (name for entry in entries for name, value in entry.items() if not isinstance(value, list | dict))
    return list(dict.fromkeys([*named, *further]))


class Gather:
    """Puts pages together from what `reading` finds."""

    def __init__(self, reading: Reading, rankings: Sequence[Ranking]) -> None:
        self.reading = reading
        self.rankings = rankings
        self._catalog = Catalog(rankings)
        self._catalog_at = float("-inf")
        self.facts_a_page = FACTS_A_PAGE

    async def catalog(self, seconds_max: float = CATALOG_SECONDS) -> Catalog:
        """The boards there are, not older than `seconds_max`."""
        if time.monotonic() - self._catalog_at > seconds_max:
            self._catalog = await self.reading.catalog(self.rankings)
            self._catalog_at = time.monotonic()
        return self._catalog

    async def known(self, board: str) -> Known:
        """What is known of a board that is listed or was cut. Raises NotThere."""
        catalog = await self.catalog()
        if board not in catalog.known:
            catalog = await self.catalog(CATALOG_AGAIN_SECONDS)
        found = catalog.get(board)
        if found is None or (found.parameters is None and await self.reading.newest(board) is None):
            like = [(address(known.id), known.title) for known in catalog.like(board)]
            asked = " Did you mean one of these?" if like else ""
            raise NotThere(
                f"There is no board {board}. No such board is listed here, and none was ever cut.{asked}", like
            )
        return found

    async def meant(self, rest: str) -> str | None:
        """The address of what a path behind `/b/` means whose ids were not written as this page does; None for none."""
        for board, tail in split(rest, (await self.catalog()).known):
            newest = await self.reading.newest(board)
            found = meant(rest, board, tail, newest.ranks if newest else ())
            if found:
                return found
        return None

    async def listed(self) -> list[Listed]:
        """All boards, those listed by the domains in their order, then others that were cut."""
        catalog, latest = await self.catalog(), await self.reading.latest()
        names = [*catalog.known, *(board for board in latest if board not in catalog.known)]
        found = [(catalog.get(name), latest.get(name)) for name in names]
        return [Listed(known, await self._cut(mark)) for known, mark in found if known]

    async def _cut(self, mark: Mark | None) -> Snapshot | None:
        return await self.reading.snapshot(mark.board, mark.snapshot) if mark else None

    async def board(self, board: str, view: View, snapshot: UUID | None = None) -> BoardPage:
        """A board as it is now, or at a snapshot. Raises NotThere."""
        known, found = await self.known(board), await self.snapshot(board, snapshot)
        return await self._page(known, found, view, fixed=snapshot is not None)

    async def recomputed(self, board: str, view: View, found: Snapshot, then: str) -> BoardPage:
        """A board that was recomputed for a moment. Raises NotThere."""
        page = await self._page(await self.known(board), found, view, fixed=True)
        return replace(page, trend=[*page.trend, found], then=then)

    async def _page(self, known: Known, found: Snapshot, view: View, fixed: bool) -> BoardPage:
        wanted, there = view.sort.removeprefix("-"), sortable(known.ranking, found.entries)
        if wanted and wanted not in there:
            raise Misasked(f"sort: there is no column {wanted}; there are {', '.join(there)}.")
        looks_far = found.parts is not None and (view.q or view.sort)
        return BoardPage(
            known=known,
            snapshot=found,
            view=view,
            baseline=await self._baseline(found, view.against),
            trend=await self.reading.timeline(found, TREND_POINTS),
            fixed=fixed,
            searched=await self.reading.searched(found, view.q, view.sort) if looks_far else None,
        )

    async def as_of(self, board: str, moment: datetime) -> UUID:
        """The newest snapshot of a board cut until a moment. Raises NotThere."""
        mark = await self.reading.before((await self.known(board)).id, moment)
        if mark is None:
            first = await self.reading.oldest(board)
            ways = [(f"{address(board)}/@{first.snapshot}", "Its first snapshot")] if first else []
            raise NotThere(f"Board {board} was not cut yet at {moment.isoformat()}.", [_way_to(board), *ways])
        return mark.snapshot

    async def snapshot(self, board: str, snapshot: UUID | None) -> Snapshot:
        """The named snapshot, or the newest. Raises NotThere."""
        read = self.reading
        found = await (read.snapshot(board, snapshot) if snapshot else read.newest(board))
        if found is None:
            if snapshot:
                raise NotThere(f"Board {board} has no snapshot {snapshot}.", [_way_to(board)])
            raise NotThere(f"Board {board} has not been cut yet: it appears with its first scores.")
        return found

    async def _baseline(self, snapshot: Snapshot, against: str) -> Snapshot | None:
        """The earlier snapshot that the view compares with; for a board younger than asked for, its last move."""
        if against == "previous":
            return next(iter(await self.reading.recent(snapshot, 1)), None)
        if against == "first":
            oldest = await self._cut(await self.reading.oldest(snapshot.board))
            return oldest if oldest != snapshot else None
        if against not in AGO:
            return await self.reading.snapshot(snapshot.board, UUID(against))
        then = await self._cut(await self.reading.before(snapshot.board, snapshot.cut_at - AGO[against]))
        return then or await self._last_other(snapshot)

    async def _last_other(self, snapshot: Snapshot) -> Snapshot | None:
        """The newest of the recent snapshots whose ranks were other ones, else the oldest of them."""
        recent = await self.reading.recent(snapshot, RECENT)
        return next((each for each in recent if each.ranks != snapshot.ranks), recent[-1] if recent else None)

    async def entry(self, board: str, id_: str) -> EntryPage:
        """An entry and its history, without facts. Raises NotThere."""
        known, newest = await self.known(board), await self.snapshot(board, None)
        entry = await self.reading.entry(newest, id_)
        if entry is None:
            raise NotThere(f"Board {board} has no entry {id_}.", [_way_to(board)])
        trend = await self.reading.timeline(newest, HISTORY_POINTS)
        # Of boards in parts only the best entries have a history: each of the others stands in hundreds of parts.
        history = [(at, there) for at in trend if (there := entry if at is newest else at.entry(id_))]
        return EntryPage(known, newest, entry, history)

    async def comparison(self, board: str, a: str, b: str) -> Comparison:
        """Two entries side by side; the first two of the board if none are named. Raises NotThere."""
        known, newest = await self.known(board), await self.snapshot(board, None)
        declared = known.ranking.board
        if declared.compare is None or declared.compared is None or known.parameters is None:
            raise NotThere(f"Entries of board {board} share nothing to compare them by.", [_way_to(board)])
        ids = [str(entry["id"]) for entry in newest.entries[:2]]
        chosen = [newest.entry(id_) for id_ in ((a, b) if a or b else ids)]
        for id_, entry in zip((a, b), chosen, strict=False):
            if entry is None:
                raise NotThere(f"Board {board} has no entry {id_}.", [_way_to(board)])
        if len(chosen) < 2:
            return Comparison(known, newest, None, None, {})
        one, other = chosen
        assert one is not None
        assert other is not None
        row = await self.reading.compare(known, one["id"], other["id"])
        return Comparison(known, newest, one, other, declared.compared(row))

    async def facts(self, known: Known, id_: str, after: str | None) -> Facts:
        """One page of the facts behind an entry; none where the domain does not say how to find them.

        Raises psycopg.DataError if `after` cannot be a place in the list.
        """
        drill = known.ranking.drill
        if drill is None or known.parameters is None:
            return Facts([], None)
        parameters: Mapping[str, Any] = {**known.parameters, "entry": id_}
        return await self.reading.facts(drill, parameters, after, self.facts_a_page)


def _way_to(board: str) -> tuple[str, str]:
    return address(board), "The board as it is now"
