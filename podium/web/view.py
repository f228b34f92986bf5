"""One way to look at a snapshot: filter, order and the earlier snapshot it is compared with. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import urlencode

from schema.declare import Detail, Metric

Entry = Mapping[str, Any]

AGO = {"1h": timedelta(hours=1), "24h": timedelta(hours=24), "7d": timedelta(days=7)}
AGAINST = ("previous", *AGO, "first")
AGAINST_DEFAULT = "24h"
FILTER_CHARACTERS_MAX = 100
COLUMNS_MAX = 3
PLAIN_DECIMALS = 4
DECIMALS_MAX = 6
"""Figures with more decimals than these are shown in SIGNIFICANT digits."""
SIGNIFICANT = 5
PERCENT_DECIMALS_MAX = 2
POWERS = dict(zip("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True))
DASH = "–"
MINUS = "−"


@dataclass(frozen=True)
class View:
    """What the address asks for. `sort` names a column, with `-` before it for the greatest first.

    `against` is one of AGAINST or the id of a snapshot; `columns` is `all` or empty for the chosen few.
    """

    q: str = ""
    sort: str = ""
    against: str = AGAINST_DEFAULT
    columns: str = ""

    @property
    def query(self) -> str:
        """The part of the address behind `?`, defaults left out; empty for the plain board."""
        return urlencode({name: value for name, value in asdict(self).items() if value != getattr(View, name)})

    @property
    def name(self) -> str:
        """Short name of the view, the same in every process; empty for the plain board."""
        return hashlib.sha256(self.query.encode()).hexdigest()[:12] if self.query else ""

    def with_(self, **changes: str) -> View:
        """The view with some of it chosen otherwise."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Column:
    """A heading that sorts: where it leads and how it is sorted now."""

    key: str
    title: str
    hint: str
    order: Literal["ascending", "descending"] | None
    next: str
    unit: str = ""


@dataclass(frozen=True)
class Change:
    """How far an entry moved since the snapshot compared with; positive is towards the top, None is new."""

    places: int | None
    compared: bool = True

    @property
    def kind(self) -> str:
        """up, down, same, new or none (nothing to compare with)."""
        if not self.compared:
            return "none"
        if self.places is None:
            return "new"
        return "up" if self.places > 0 else "down" if self.places < 0 else "same"

    @property
    def text(self) -> str:
        """For people and screen readers: `up 2`."""
        words = {"none": "nothing to compare with", "new": "new", "same": "no change"}
        return words.get(self.kind) or f"{self.kind} {abs(self.places or 0)}"


@dataclass(frozen=True)
class Row:
    """An entry as it is drawn."""

    entry: Entry
    change: Change
    trend: Sequence[float | None] = field(default=())

    @property
    def id(self) -> str:
        """Id of the entry, as text."""
        return str(self.entry["id"])

    @property
    def anchor(self) -> str:
        """An id for the element, free of characters that selectors choke on."""
        return "e-" + hashlib.sha256(self.id.encode()).hexdigest()[:12]

    @property
    def rank(self) -> str:
        """Its rank by the rule of the board; a dash for an entry without a score."""
        return rank(self.entry)

    @property
    def range(self) -> str:
        """`3–5` where the intervals leave several ranks open, else empty."""
        if ranked(self.entry) is None:
            return ""
        low, high = self.entry.get("rank_low", self.entry.get("rank")), self.entry.get("rank_high")
        return f"{low}{DASH}{high}" if low is not None and high is not None and low != high else ""


def ranked(entry: Entry) -> int | None:
    """The rank of an entry that has a score: behind those, places say nothing."""
    place: int | None = entry.get("rank") if known(entry.get("score")) else None
    return place


def rank(entry: Entry) -> str:
    """The rank of an entry as text; a dash for an entry without a score."""
    place = ranked(entry)
    return DASH if place is None else str(place)


def matching(entries: Iterable[Entry], q: str) -> list[Entry]:
    """Entries whose name or id has every word of the filter, in any case."""
    words = q.casefold().split()
    return [e for e in entries if all(word in f"{e['name']} {e['id']}".casefold() for word in words)]


def ordered(entries: Sequence[Entry], sort: str) -> list[Entry]:
    """Entries by the chosen column; equals stay in rank order, those without a value come last."""
    column = sort.removeprefix("-")
    if not column:
        return list(entries)
    there = [entry for entry in entries if known(entry.get(column))]
    gone = [entry for entry in entries if not known(entry.get(column))]
    return sorted(there, key=lambda entry: _key(entry[column]), reverse=sort.startswith("-")) + gone


def known(value: Any) -> bool:
    """Whether there is a value to compare: not None, not NaN."""
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def _key(value: Any) -> tuple[int, Any]:
    return (0, value) if isinstance(value, int | float) else (1, str(value).casefold())


def changes(entries: Iterable[Entry], earlier: Iterable[Entry] | None) -> dict[str, Change]:
    """Change of rank by id; without an earlier snapshot there is nothing to compare."""
    if earlier is None:
        return {str(entry["id"]): Change(None, compared=False) for entry in entries}
    ranks = {str(entry["id"]): ranked(entry) for entry in earlier}
    return {str(entry["id"]): _change(ranked(entry), ranks.get(str(entry["id"]))) for entry in entries}


def _change(now: int | None, before: int | None) -> Change:
    if now is None:
        return Change(None, compared=False)
    return Change(None if before is None else before - now)


def columns(score: Metric, further: Sequence[Metric], sort: str) -> dict[str, Column]:
    """Headings by key. A heading sorts best first, then the other way round, then by rank again."""
    heads = [
        _column("name", "Entry", "", sort, up=False),
        _column("score", score.title, _hint(score), sort, up=score.direction == "up", unit_=unit(score)),
        _column("n", "n", "how much evidence the score rests on", sort, up=True),
        *(_column(m.name, m.title, _hint(m), sort, up=m.direction == "up", unit_=unit(m)) for m in further),
    ]
    return {
        "rank": Column("rank", "Rank", "", None if sort else "ascending", ""),
        **{head.key: head for head in heads},
    }


def _column(key: str, title: str, hint: str, sort: str, up: bool, unit_: str = "") -> Column:
    first, second = (f"-{key}", key) if up else (key, f"-{key}")
    steps = {first: second, second: ""}
    order: Literal["ascending", "descending"] | None = None
    if sort in steps:
        order = "descending" if sort.startswith("-") else "ascending"
    told = unit_ and title.lower().endswith(unit_.lower())
    return Column(key, title, hint, order, steps.get(sort, first), "" if told else unit_)


def _hint(metric: Metric) -> str:
    better = "higher" if metric.direction == "up" else "lower"
    return f"{metric.formula}; {better} is better"


def unit(metric: Metric) -> str:
    """The unit that figures of a metric are shown in: shares in per cent."""
    return "%" if metric.unit == "share" else metric.unit


def figure(value: Any, metric: Metric | None = None) -> str:
    """A figure as people read it, in `unit`, with the decimals of its metric; a dash where there is none."""
    if not known(value):
        return DASH
    if isinstance(value, str | bool):
        return str(value)
    shift = 2 if metric and metric.unit == "share" else 0
    decimals = metric.decimals - shift if metric else 0 if isinstance(value, int) else PLAIN_DECIMALS
    if shortened(metric, decimals):
        return significant(float(value))
    decimals = min(decimals, PERCENT_DECIMALS_MAX) if shift else decimals
    return f"{value * 10**shift:,.{max(decimals, 0)}f}".replace("-", MINUS)


def significant(value: float) -> str:
    """A figure of any size in a few significant digits, very large and very small ones with a power of ten."""
    if value == 0 or 1e-4 <= abs(value) < 1e7:
        power = math.floor(math.log10(abs(value))) if value else 0
        plain = f"{value:,.{max(SIGNIFICANT - 1 - power, 0)}f}"
        return (plain.rstrip("0").rstrip(".") if "." in plain else plain).replace("-", MINUS)
    digits, _, exponent = f"{value:.{SIGNIFICANT - 1}e}".partition("e")
    return f"{digits} × 10{''.join(POWERS[sign] for sign in str(int(exponent)))}".replace("-", MINUS)


def shortened(metric: Metric | None, decimals: int) -> bool:
    """Whether figures of a metric are told in significant digits: errors that may be tiny, and seconds."""
    free = metric is not None and (metric.digits > 0 or metric.unit == "s")
    return free or decimals > DECIMALS_MAX


def full(value: Any, metric: Metric) -> str:
    """All digits of a figure that `figure` shortens; empty where it shows all."""
    if value is None or not known(value) or not (shortened(metric, metric.decimals) or metric.unit == "share"):
        return ""
    return f"{value} {metric.unit}" if metric.unit != "share" else f"{value * 100:.10g} %"


def measure(value: Any, metric: Metric) -> str:
    """A figure with its unit, unless that is no more than the metric's name."""
    said = "" if unit(metric) == metric.title else unit(metric)
    return f"{figure(value, metric)} {said}".rstrip() if known(value) else DASH


def detail(entry: Entry, told: Detail) -> str:
    """What an entry shows under a detail, in words."""
    values = [entry.get(part) for part in told.parts]
    if len(values) == 1:
        return DASH if values[0] is None else told.words.get(str(values[0]), str(values[0]).lower())
    if told.between:
        return DASH if values[1] is None else significant(float(values[1]))
    return " · ".join(figure(value) for value in values)


def share_between(entry: Entry, told: Detail) -> float | None:
    """How far a figure is from its low bound to its high one, from 0 to 1; None for what has no bounds."""
    low, value, high = (entry.get(part) for part in told.parts) if told.between else (None, None, None)
    if low is None or value is None or high is None or not low < high:
        return None
    return float(min(max((value - low) / (high - low), 0), 1))


def shown(metrics: Sequence[Metric], first: Sequence[str], everything: bool, most: int = COLUMNS_MAX) -> list[Metric]:
    """The further metrics that get a column: all, or the few that matter most, those that break ties before others."""
    if everything or len(metrics) <= most:
        return list(metrics)
    chosen = sorted(metrics, key=lambda metric: metric.name not in first)[:most]
    return [metric for metric in metrics if metric in chosen]
