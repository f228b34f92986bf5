"""Autoregression over the day before, fitted by the equations of Yule and Walker."""

from collections.abc import Sequence
from math import fsum, sqrt
from typing import Final

from samples.forecasts.past import DAY, CannotForecast, Past

ORDER: Final = DAY + 1
FRESH_HOURS: Final = 3


def autoregression(past: Past, ahead: Sequence[int]) -> list[tuple[float, float]]:
    """AR(25) about the mean of the past. Raises CannotForecast where one of the newest hours was not observed."""
    if gaps := past.gaps(FRESH_HOURS):
        raise CannotForecast(f"{gaps} of the last {FRESH_HOURS} hours were not observed")
    mean = fsum(past.filled) / len(past.filled)
    values = [value - mean for value in past.filled]
    weights, variance = fitted(values, ORDER)
    means, spreads = [], []
    path, ripples = values[-ORDER:], [1.0]
    for _ in range(max(ahead)):
        path.append(sum(weight * value for weight, value in zip(weights, reversed(path), strict=False)))
        means.append(mean + path[-1])
        spreads.append(sqrt(variance * fsum(ripple * ripple for ripple in ripples)))
        ripples.append(sum(weight * ripple for weight, ripple in zip(weights, reversed(ripples), strict=False)))
    return [(means[hours - 1], spreads[hours - 1]) for hours in ahead]


def fitted(values: Sequence[float], order: int) -> tuple[list[float], float]:
    """Weights of the last values, newest first, and the variance of what they leave open.

    Recursion of Levinson and Durbin (Brockwell and Davis, Time Series: Theory and Methods, second edition, 1991,
    section 5.2). Raises CannotForecast for a series that never moves.
    """
    moments = [_moment(values, lag) for lag in range(order + 1)]
    if moments[0] <= 0:
        raise CannotForecast("the series has not moved")
    weights: list[float] = []
    variance = moments[0]
    for lag in range(1, order + 1):
        known = fsum(weight * moments[lag - n] for n, weight in enumerate(weights, start=1))
        newest = (moments[lag] - known) / variance
        weights = [one - newest * other for one, other in zip(weights, reversed(weights), strict=True)] + [newest]
        variance *= 1 - newest * newest
    return weights, variance


def _moment(values: Sequence[float], lag: int) -> float:
    """Autocovariance."""
    return fsum(one * other for one, other in zip(values[lag:], values, strict=False)) / len(values)
