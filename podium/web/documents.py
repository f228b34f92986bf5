"""What pages show: the list of boards, a board looked at in one way, an entry with its history and its facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from podium.web import drawing
from podium.web.address import address
from podium.web.catalog import Known
from podium.web.reading import Facts, Snapshot
from podium.web.view import (
    COLUMNS_MAX,
    Change,
    Column,
    Entry,
    Row,
    View,
    changes,
    columns,
    known,
    matching,
    ordered,
    shown,
)
from schema.declare import Detail, Domain, Metric

BAR_LENGTH, BAR_HEIGHT = 160, 20
TREND_WIDTH, TREND_HEIGHT = 84, 24
CHART_WIDTH, CHART_HEIGHT = 1000, 200


@dataclass(frozen=True)
class Listed:
    """A board in the list: how it is called, and how it stands if it was cut yet."""

    known: Known
    snapshot: Snapshot | None

    @property
    def words(self) -> str:
        """All that a search looks through."""
        ranking = self.known.ranking
        said = (self.known.title, self.known.id, ranking.board.title, ranking.domain.name, ranking.domain.title)
        return "\n".join((*said, *self.names)).casefold()

    @property
    def names(self) -> list[str]:
        """Names of its entries."""
        return [str(entry["name"]) for entry in self.snapshot.entries] if self.snapshot else []


@dataclass(frozen=True)
class BoardPage:
    """A board at a snapshot, looked at in one way."""

    known: Known
    snapshot: Snapshot
    view: View
    baseline: Snapshot | None
    trend: Sequence[Snapshot]
    fixed: bool
    """Whether the address names the snapshot: then nothing on the page ever changes."""
    then: str = ""
    """The moment for which it was recomputed from the log; empty for a stored snapshot."""
    searched: Sequence[Entry] | None = None
    """What filter and order find on a board in parts."""

    @property
    def score(self) -> Metric:
        """The metric that ranks."""
        return self.known.score

    @cached_property
    def further(self) -> list[Metric]:
        """The further metrics that have a column in this view."""
        drawn = {told.parts[1] for told in self.details if told.between}
        metrics = [metric for metric in self.known.further if metric.name not in drawn]
        return shown(metrics, self.known.ranking.board.ties, self.view.columns == "all", self._most)

    @property
    def _most(self) -> int:
        """How many further metrics have room beside the details."""
        return COLUMNS_MAX - 1 if self.details else COLUMNS_MAX

    @property
    def hidden(self) -> bool:
        """Whether there are metrics without a column in this view."""
        return not self.view.columns and len(self.known.further) > len(self.further) == self._most

    @property
    def details(self) -> tuple[Detail, ...]:
        """What entries show beside metrics."""
        return self.known.ranking.board.details

    @property
    def provisional(self) -> bool:
        """Whether some entries stand behind the others for want of evidence."""
        return any(entry.get("provisional") for entry in self.snapshot.entries)

    @property
    def comparable(self) -> bool:
        """Whether two entries can be held against each other."""
        board = self.known.ranking.board
        return board.compare is not None and self.known.parameters is not None and len(self.snapshot.entries) > 1

    @property
    def width(self) -> int:
        """How many columns the table has."""
        return 6 + bool(self.interval_by) + len(self.details) + len(self.further)

    @cached_property
    def interval_by(self) -> str | None:
        """How intervals were made; None for a board without any."""
        if not any(known(entry.get("low")) for entry in self.snapshot.entries):
            return None
        return str(self.snapshot.rule.get("interval") or "95 %")

    @cached_property
    def columns(self) -> dict[str, Column]:
        """Headings by key."""
        return columns(self.score, self.further, self.view.sort)

    @cached_property
    def entries(self) -> list[Entry]:
        """Entries that the view lets through, in its order."""
        if self.searched is not None:
            return list(self.searched)
        return ordered(matching(self.snapshot.entries, self.view.q), self.view.sort)

    @cached_property
    def rows(self) -> list[Row]:
        """The same, as they are drawn."""
        moved = changes(self.entries, self.baseline.entries if self.baseline else None)
        if self.baseline and (self.baseline.parts or self.snapshot.parts):
            # Of those that were not among the best then, nobody knows here where they stood.
            unknown = moved.keys() - self.baseline.ranks.keys()
            moved |= dict.fromkeys(unknown, Change(None, compared=False))
        return [Row(entry, moved[str(entry["id"])], self._trend(str(entry["id"]))) for entry in self.entries]

    def _trend(self, id_: str) -> list[float | None]:
        found = (snapshot.entry(id_) for snapshot in self.trend)
        return [entry.get("score") if entry else None for entry in found]

    @cached_property
    def scale(self) -> drawing.Scale:
        """The one scale of all intervals, filtered out or not."""
        return drawing.common(self.snapshot.entries, BAR_LENGTH)

    def interval(self, row: Row) -> drawing.Interval:
        """Where the score of a row and its bounds are drawn."""
        return drawing.interval(row.entry, self.scale)

    def spark(self, row: Row) -> list[tuple[float, float]]:
        """Points of the row's sparkline."""
        return drawing.line(row.trend, TREND_WIDTH, TREND_HEIGHT)

    @property
    def permalink(self) -> str:
        """Address under which this never changes."""
        return f"{address(self.known.id)}/@" + (f"/{self.then}" if self.then else str(self.snapshot.snapshot))

    @property
    def path(self) -> str:
        """Address of this page without its query."""
        return self.permalink if self.fixed else address(self.known.id)

    def href(self, **changed: str) -> str:
        """Address of the page in a view changed in some respects."""
        query = self.view.with_(**changed).query
        return f"{self.path}?{query}" if query else self.path


@dataclass(frozen=True)
class EntryPage:
    """An entry of the newest snapshot: its history over snapshots and a page of the facts behind it."""

    known: Known
    snapshot: Snapshot
    entry: Entry
    history: Sequence[tuple[Snapshot, Entry]]
    facts: Facts = field(default_factory=lambda: Facts([], None))
    after: str | None = None

    @property
    def score(self) -> Metric:
        """The metric that ranks."""
        return self.known.score

    @cached_property
    def chart(self) -> drawing.Chart | None:
        """Drawing of the history."""
        return drawing.chart([entry for _, entry in self.history], CHART_WIDTH, CHART_HEIGHT)

    @property
    def row(self) -> Row:
        """The entry as a row."""
        return Row(self.entry, changes([self.entry], None)[str(self.entry["id"])])

    @cached_property
    def there(self) -> frozenset[str]:
        """Ids of all entries of the board."""
        return frozenset(self.snapshot.ranks)

    @property
    def bounded(self) -> bool:
        """Whether there was ever an interval."""
        return any(known(entry.get("low")) for _, entry in self.history)

    @property
    def path(self) -> str:
        """Address of this page without its query."""
        return address(self.known.id, str(self.entry["id"]))


def grouped(listed: Sequence[Listed]) -> list[tuple[Domain, list[Listed]]]:
    """Boards by domain, those never cut last, before them those of headlines first, else in the order of the list."""
    groups: dict[str, list[Listed]] = {}
    domains = {each.known.ranking.domain.name: each.known.ranking.domain for each in listed}
    for each in sorted(listed, key=lambda one: (one.snapshot is None, not one.known.ranking.board.headline)):
        groups.setdefault(each.known.ranking.domain.name, []).append(each)
    return [(domain, groups[name]) for name, domain in domains.items()]


def found(listed: Sequence[Listed], q: str) -> list[Listed]:
    """Boards whose title, id, domain or entries have every word, in any case."""
    words = q.casefold().split()
    return [each for each in listed if all(word in each.words for word in words)]
