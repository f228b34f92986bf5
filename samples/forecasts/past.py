"""What a forecaster may know: the hours up to now, some of them without an observation."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum, sqrt
from typing import Final

DAY: Final = 24


class CannotForecast(Exception):
    """Why a method has no answer, in words for whoever reads the failure."""


@dataclass(frozen=True)
class Past:
    """Hour by hour, oldest first; the last one is now."""

    values: Sequence[float | None]

    @cached_property
    def filled(self) -> list[float]:
        """The same, a gap filled by what was observed before it. Raises CannotForecast."""
        found: list[float] = []
        for value in self.values:
            if value is not None:
                found.append(value)
            elif found:
                found.append(found[-1])
        if len(found) < 2 * DAY:
            raise CannotForecast(f"{len(found)} hours are known; it takes two days")
        return found

    def gaps(self, hours: int) -> int:
        """How many of the last hours have no observation."""
        return sum(value is None for value in self.values[-hours:])


def deviation(values: Sequence[float], forecasts: Sequence[float]) -> float:
    """Root of the mean square of what was forecast wrongly; the longer sequence is cut at its end."""
    wrong = [value - forecast for value, forecast in zip(values, forecasts, strict=False)]
    return sqrt(fsum(error * error for error in wrong) / len(wrong))
