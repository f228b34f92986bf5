"""Tuning: SPSA, step by step and repeatable, and the strength of a parameter set from its pairs of games.

SPSA as fishtest and OpenBench run it (Spall 1998): at iteration k the parameters are moved by c_k along random signs
and against them, both play each other, and theta goes towards the winner. Signs and roundings are drawn from a hash
of task, iteration and name, so that whoever computes them gets the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from schema.chess.elo import Z95, Interval, elo_of

PRIOR = tuple(2.5 * share for share in (0.14, 0.19, 0.34, 0.19, 0.14))
"""Chess Tuning Tools: pairs that are taken as seen before the first one, from LL to WW."""

STEP_INTEGER_MIN = 0.5
VALUE_MAX, STEP_MIN, POWER_MAX = 1e9, 1e-9, 2
DECIMALS = 9


class Untunable(ValueError):
    """A parameter or a schedule makes no sense; says which."""


@dataclass(frozen=True)
class Parameter:
    """A number to tune: where it starts, its range, the last step, the last learning rate."""

    name: str
    start: float
    low: float
    high: float
    c_end: float
    r_end: float
    integer: bool = False

    def __post_init__(self) -> None:
        if not (-VALUE_MAX <= self.low <= self.start <= self.high <= VALUE_MAX and self.low < self.high):
            raise Untunable(f"{self.name}: must have low <= start <= high, within {VALUE_MAX:.0f} either way")
        if not all(STEP_MIN <= each <= VALUE_MAX for each in (self.c_end, self.r_end)):
            raise Untunable(f"{self.name}: must have c_end and r_end from {STEP_MIN} to {VALUE_MAX:.0f}")

    def clipped(self, value: float) -> float:
        """Within the range, rounded so that no machine's logarithm shows."""
        return round(min(max(value, self.low), self.high), DECIMALS)


@dataclass(frozen=True)
class Schedule:
    """How steps and rates shrink over `iterations`; `stability` (A) is a tenth of them unless given."""

    iterations: int
    alpha: float = 0.602
    gamma: float = 0.101
    stability: float | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.iterations <= VALUE_MAX:
            raise Untunable(f"{self.iterations} iterations: from 1 to {VALUE_MAX:.0f}")
        if not (0 <= self.alpha <= POWER_MAX and 0 <= self.gamma <= POWER_MAX and 0 <= self._a <= VALUE_MAX):
            raise Untunable(f"must have alpha and gamma from 0 to {POWER_MAX}, stability from 0 to {VALUE_MAX:.0f}")

    @property
    def _a(self) -> float:
        return self.iterations / 10 if self.stability is None else self.stability

    def step(self, parameter: Parameter, k: int) -> float:
        """c_k: how far the parameter is moved at iteration k, from 1."""
        c: float = parameter.c_end * (self.iterations / k) ** self.gamma
        return max(c, STEP_INTEGER_MIN) if parameter.integer else c

    def rate(self, parameter: Parameter, k: int) -> float:
        """R_k: what a result of 1 is worth at iteration k, in squared steps."""
        a_end = parameter.r_end * parameter.c_end**2
        shrunk: float = ((self._a + self.iterations) / (self._a + k)) ** self.alpha
        return a_end * shrunk / self.step(parameter, k) ** 2


class Trial(NamedTuple):
    """One iteration: name -> sign, and the two settings that play each other."""

    flips: dict[str, int]
    dev: dict[str, float]
    base: dict[str, float]


def trial(task: int, parameters: Sequence[Parameter], schedule: Schedule, theta: Mapping[str, float], k: int) -> Trial:
    """What to play at iteration k, from 1."""
    flips, dev, base = {}, {}, {}
    for one in parameters:
        sign = 1 if _chance(task, k, one.name, "flip") < 0.5 else -1
        move = schedule.step(one, k) * sign
        flips[one.name] = sign
        dev[one.name], base[one.name] = (_playable(one, theta[one.name] + way, task, k) for way in (move, -move))
    return Trial(flips, dev, base)


def updated(
    parameters: Sequence[Parameter], schedule: Schedule, theta: Mapping[str, float], flips: Mapping[str, int],
    k: int, result: int,
) -> dict[str, float]:  # fmt: skip
    """Theta after iteration k, `result` being wins - losses of the dev side."""
    return {
        one.name: one.clipped(
            theta[one.name] + schedule.rate(one, k) * schedule.step(one, k) * result * flips[one.name]
        )
        for one in parameters
    }


def _playable(parameter: Parameter, value: float, task: int, k: int) -> float:
    """Integers are rounded at random, so that their mean is the value."""
    if parameter.integer:
        value = math.floor(value + _chance(task, k, parameter.name, "round"))
    return parameter.clipped(value)


def _chance(*words: object) -> float:
    """A number in [0, 1) that depends on the words alone."""
    seed = "\x1f".join(map(str, words)).encode()
    return int.from_bytes(blake2b(seed, digest_size=6).digest()) / 2**48


def strength(pairs: Sequence[int]) -> Interval:
    """Elo of a parameter set with its 95 % interval, from its pairs [LL, LD, DD+WL, DW, WW].

    The mean score of the Dirichlet posterior over Chess Tuning Tools' prior; its variance is exact, and carried over
    to Elo to first order.
    """
    weights = [prior + seen for prior, seen in zip(PRIOR, pairs, strict=True)]
    whole = sum(weights)
    mean = sum(i / 4 * weight for i, weight in enumerate(weights)) / whole
    square = sum((i / 4) ** 2 * weight for i, weight in enumerate(weights)) / whole
    reach = Z95 * math.sqrt((square - mean * mean) / (whole + 1)) * 400 / math.log(10) / (mean * (1 - mean))
    middle = elo_of(mean)
    return Interval(middle - reach, middle, middle + reach)


def best(sets: Mapping[str, Sequence[int]]) -> str:
    """The strongest parameter set by its pairs; of equals the one whose id comes first. At least one."""
    return min(sets, key=lambda name: (-round(strength(sets[name]).mid, DECIMALS), name))
