"""Forecasters of an hourly series: each gives a normal distribution for some hours ahead. Formulas by their source.

FPP3 is Hyndman and Athanasopoulos, Forecasting: Principles and Practice, third edition, 2021.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import fsum, sqrt
from typing import Final, NamedTuple

from samples.forecasts.autoregression import autoregression
from samples.forecasts.past import DAY, CannotForecast, Past, deviation
from samples.forecasts.smoothing import holt_winters, simple_smoothing


class Normal(NamedTuple):
    """What the series will be: degrees."""

    loc: float
    scale: float


Method = Callable[[Past, Sequence[int]], Sequence[tuple[float, float]] | None]
"""Takes the past and how many hours ahead to look; None where it stays silent. Raises CannotForecast."""


@dataclass(frozen=True)
class Forecaster:
    """One model of the competition; `joins` is how long after the beginning."""

    name: str
    player: str
    method: Method
    joins: timedelta = timedelta(0)

    def answer(self, past: Past, ahead: Sequence[int]) -> list[Normal] | None:
        """Forecasts for the hours ahead, or none. Raises CannotForecast."""
        found = self.method(past, ahead)
        return (
            None if found is None else [Normal(round(loc, 4), max(round(scale, 4), SCALE_MIN)) for loc, scale in found]
        )


SCALE_MIN: Final = 0.01
"""Thermometers are read to a hundredth of a degree."""


def naive(past: Past, ahead: Sequence[int]) -> list[tuple[float, float]]:
    """The last observation (FPP3, section 5.2); spread as the series has moved in so many hours."""
    values = past.filled
    return [(values[-1], deviation(values[hours:], values)) for hours in ahead]


def drift(past: Past, ahead: Sequence[int]) -> list[tuple[float, float]]:
    """The line through the first and the last observation of two days (FPP3, sections 5.2 and 5.5)."""
    values = past.filled[-2 * DAY :]
    steps = len(values) - 1
    slope = (values[-1] - values[0]) / steps
    spread = deviation(values[1:], [value + slope for value in values])
    return [(values[-1] + hours * slope, spread * sqrt(hours * (1 + hours / steps))) for hours in ahead]


def seasonal_naive(past: Past, ahead: Sequence[int]) -> list[tuple[float, float]] | None:
    """The observation of the same hour a day before (FPP3, section 5.2); silent if there was none."""
    spread = deviation(past.filled[DAY:], past.filled)
    found = []
    for hours in ahead:
        days = -(-hours // DAY)
        before = past.values[hours - 1 - days * DAY]
        if before is None:
            return None
        found.append((before, spread * sqrt(days)))
    return found


def climatology(past: Past, ahead: Sequence[int]) -> list[tuple[float, float]]:
    """Mean and standard deviation of the same hour on all days of the past."""
    found = []
    for hours in ahead:
        same = [value for value in past.values[(hours - 1) % DAY - DAY :: -DAY] if value is not None]
        if len(same) < 2:
            raise CannotForecast(f"{len(same)} days have an observation at this hour; it takes two")
        mean = fsum(same) / len(same)
        found.append((mean, sqrt(fsum((value - mean) ** 2 for value in same) / (len(same) - 1))))
    return found


FORECASTERS: Final[Mapping[str, Forecaster]] = {
    one.name: one
    for one in (
        Forecaster("naive", "yesterday's papers", naive),
        Forecaster("drift", "yesterday's papers", drift),
        Forecaster("seasonal-naive", "yesterday's papers", seasonal_naive),
        Forecaster("climatology", "almanac", climatology),
        Forecaster("simple-smoothing", "smooth operators", simple_smoothing),
        Forecaster("autoregression", "box and company", autoregression),
        Forecaster("holt-winters", "smooth operators", holt_winters, joins=timedelta(days=5)),
    )
}
