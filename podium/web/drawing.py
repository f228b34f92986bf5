"""Geometry of the small drawings: intervals on one scale, sparklines, the history of an entry. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from podium.web.view import known

PADDING = 0.06
STEPS_MAX = 5
ROUND = (1, 2, 5, 10)


@dataclass(frozen=True)
class Scale:
    """A straight map from figures to lengths, `low` to 0 and `high` to `length`."""

    low: float
    high: float
    length: float

    def __call__(self, value: float) -> float:
        """Length of a figure, kept within the drawing."""
        share = (value - self.low) / (self.high - self.low)
        return round(min(max(share, 0.0), 1.0) * self.length, 2)


@dataclass(frozen=True)
class Interval:
    """A score with its bounds on the common scale, in units of the drawing; None parts are not drawn."""

    at: float | None
    left: float | None
    width: float | None


def scale(values: Iterable[float | None], length: float) -> Scale:
    """The scale that holds all figures with some air; of equal figures or none it is still a scale."""
    there = [float(value) for value in values if value is not None and known(value)]
    if not there:
        return Scale(0.0, 1.0, length)
    low, high = min(there), max(there)
    air = (high - low) * PADDING or abs(high) * PADDING or 1.0
    return Scale(low - air, high + air, length)


def common(entries: Sequence[Mapping[str, Any]], length: float) -> Scale:
    """One scale for the intervals of a whole board."""
    return scale((entry.get(part) for entry in entries for part in ("low", "score", "high")), length)


def interval(entry: Mapping[str, Any], on: Scale) -> Interval:
    """Where the score and its bounds of an entry lie."""
    score, low, high = entry.get("score"), entry.get("low"), entry.get("high")
    at = on(float(score)) if score is not None and known(score) else None
    if low is None or high is None or not (known(low) and known(high)):
        return Interval(at, None, None)
    left = on(float(low))
    return Interval(at, left, round(on(float(high)) - left, 2))


def line(values: Sequence[float | None], width: float, height: float, margin: float = 2.0) -> list[tuple[float, float]]:
    """Points of a sparkline, oldest at the left; empty when there are fewer than two."""
    there = [(place, float(value)) for place, value in enumerate(values) if value is not None and known(value)]
    if len(there) < 2:
        return []
    across = Scale(0, len(values) - 1, width - 2 * margin)
    up = scale((value for _, value in there), height - 2 * margin)
    return [(round(margin + across(place), 2), round(height - margin - up(value), 2)) for place, value in there]


def path(points: Iterable[tuple[float, float]]) -> str:
    """Points as the value of an SVG `points` attribute."""
    return " ".join(f"{x:g},{y:g}" for x, y in points)


@dataclass(frozen=True)
class Chart:
    """The history of an entry: the line of its score, the band of its interval, and where the axes are labelled."""

    width: float
    height: float
    line: str
    band: str
    last: tuple[float, float]
    ticks: tuple[tuple[float, float], ...]
    """(y, figure) of the horizontal lines, evenly spread from the top to the bottom."""


def chart(entries: Sequence[Mapping[str, Any]], width: float, height: float) -> Chart | None:
    """Drawing of the scores of one entry over snapshots, oldest first; None when there are fewer than two."""
    there = [entry for entry in entries if known(entry.get("score"))]
    if len(there) < 2:
        return None
    around = common(there, height)
    step = tidy((around.high - around.low) / STEPS_MAX)
    first, last = math.floor(around.low / step), math.ceil(around.high / step)
    across, up = Scale(0, len(there) - 1, width), Scale(first * step, last * step, height)
    points = [(across(place), round(height - up(float(entry["score"])), 2)) for place, entry in enumerate(there)]
    return Chart(
        width=width,
        height=height,
        line=path(points),
        band=path(_band(there, across, up)),
        last=points[-1],
        ticks=tuple((round(height - up(each * step), 2), each * step) for each in range(last, first - 1, -1)),
    )


def tidy(step: float) -> float:
    """The least of 1, 2, 5 times a power of ten that is not below `step`."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * each for each in ROUND if power * each >= step * 0.999)


def _band(entries: Sequence[Mapping[str, Any]], across: Scale, up: Scale) -> list[tuple[float, float]]:
    """The upper bounds from left to right, then the lower ones back."""
    there = [known(entry.get("low")) and known(entry.get("high")) for entry in entries]
    bounded = [(across(place), entry) for place, entry in enumerate(entries) if there[place]]
    above = [(x, round(up.length - up(float(entry["high"])), 2)) for x, entry in bounded]
    below = [(x, round(up.length - up(float(entry["low"])), 2)) for x, entry in bounded]
    return above + below[::-1]
