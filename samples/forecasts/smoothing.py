"""Exponential smoothing: of the level, and of level, trend and hour of the day."""

from collections.abc import Sequence
from itertools import product
from math import sqrt
from typing import Final

from samples.forecasts.past import DAY, Past

ALPHAS: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
LEVELS, TRENDS, SEASONS = (0.3, 0.6, 0.9), (0.0, 0.1), (0.1, 0.3)


def simple_smoothing(past: Past, ahead: Sequence[int]) -> list[tuple[float, float]]:
    """Simple exponential smoothing, its weight that of the least squares (FPP3, sections 8.1 and 8.7)."""
    squares, alpha, level = min(_smoothed(past.filled, alpha) for alpha in ALPHAS)
    spread = sqrt(squares / (len(past.filled) - 1))
    return [(level, spread * sqrt(1 + (hours - 1) * alpha * alpha)) for hours in ahead]


def _smoothed(values: Sequence[float], alpha: float) -> tuple[float, float, float]:
    """Sum of squared errors, the weight, and the level at the end."""
    level, squares = values[0], 0.0
    for value in values[1:]:
        error = value - level
        squares += error * error
        level += alpha * error
    return squares, alpha, level


def holt_winters(past: Past, ahead: Sequence[int]) -> list[tuple[float, float]]:
    """Additive Holt-Winters with a period of a day, weights of the least squares (FPP3, sections 8.3 and 8.7)."""
    fits = (_Fit(past.filled, *weights) for weights in product(LEVELS, TRENDS, SEASONS))
    best = min(fits, key=lambda fit: fit.squares)
    return [best.forecast(hours) for hours in ahead]


class _Fit:
    """Level, trend and the shape of the day after all observations, under given weights."""

    def __init__(self, values: Sequence[float], alpha: float, beta: float, gamma: float) -> None:
        self.alpha, self.beta, self.gamma = alpha, beta, gamma
        self.level, self.trend, self.squares = sum(values[:DAY]) / DAY, 0.0, 0.0
        self.season = [value - self.level for value in values[:DAY]]
        self.at = 0
        for value in values[DAY:]:
            self._see(value)
        self.spread = sqrt(self.squares / (len(values) - DAY))

    def _see(self, value: float) -> None:
        error = value - self.level - self.trend - self.season[self.at]
        self.squares += error * error
        self.level += self.trend + self.alpha * error
        self.trend += self.alpha * self.beta * error
        self.season[self.at] += self.gamma * error
        self.at = (self.at + 1) % DAY

    def forecast(self, hours: int) -> tuple[float, float]:
        """Mean and standard deviation so many hours ahead."""
        mean = self.level + hours * self.trend + self.season[(self.at + hours - 1) % DAY]
        passed = range(1, hours)
        weights = (self.alpha * (1 + self.beta * n) + self.gamma * (n % DAY == 0) for n in passed)
        return mean, self.spread * sqrt(1 + sum(weight * weight for weight in weights))
