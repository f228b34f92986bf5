"""Statistics over mergeable sums and counts: means with Student's interval, percentiles, win rates, a sign test."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import NamedTuple

from schema.board import EXACT

STUDENT = (
    "12.7062", "4.3027", "3.1824", "2.7764", "2.5706", "2.4469", "2.3646", "2.3060", "2.2622", "2.2281", "2.2010",
    "2.1788", "2.1604", "2.1448", "2.1314", "2.1199", "2.1098", "2.1009", "2.0930", "2.0860", "2.0796", "2.0739",
    "2.0687", "2.0639", "2.0595", "2.0555", "2.0518", "2.0484", "2.0452", "2.0423",
)  # fmt: skip
"""Student's 97.5 % quantile for 1 … 30 degrees of freedom."""

NORMAL = Decimal("1.959963985")


class Interval(NamedTuple):
    """A mean, unrounded, and its 95 % interval; none of one value alone."""

    mean: Decimal
    low: Decimal | None
    high: Decimal | None


def student(freedom: int) -> Decimal:
    """The 97.5 % quantile of Student's t; beyond the table by Cornish and Fisher, right to four decimals.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5.
    """
    if freedom <= len(STUDENT):
        return Decimal(STUDENT[freedom - 1])
    with localcontext(EXACT):
        z, n = NORMAL, Decimal(freedom)
        first = (z**3 + z) / 4
        second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
        third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
        return z + first / n + second / n**2 + third / n**3


def interval(n: int, total: Decimal, squares: Decimal) -> Interval | None:
    """Mean of n values from their sum and the sum of their squares: mean ± t(n - 1) s / √n; None of nothing."""
    if not n:
        return None
    with localcontext(EXACT):
        mean = total / n
        if n == 1:
            return Interval(mean, None, None)
        variance = max((squares - total * total / n) / (n - 1), Decimal(0))
        half = student(n - 1) * (variance / n).sqrt()
        return Interval(mean, mean - half, mean + half)


def percentile(spread: Mapping[Decimal, int], percent: int) -> Decimal | None:
    """Nearest rank: the sorted element ceil(percent * n / 100), from 1; None of nothing."""
    n = sum(spread.values())
    seen, wanted = 0, max(1, -(-percent * n // 100))
    for near in sorted(spread):
        seen += spread[near]
        if seen >= wanted:
            return near
    return None


def win_rates(scores: Mapping[str, Mapping[str, Decimal]], direction: str) -> dict[str, Fraction | None]:
    """Mean win rate: data set -> entry -> score becomes entry -> mean share of the others beaten, a tie being half.

    Entries meet only on the data sets that both have; None for one that never met another.
    """
    sign = 1 if direction == "up" else -1
    shares: dict[str, list[Fraction]] = {}
    for board in scores.values():
        for entry, own in board.items():
            others = [score for name, score in board.items() if name != entry]
            halves = sum(2 * (sign * own > sign * score) + (own == score) for score in others)
            shares.setdefault(entry, []).extend([Fraction(halves, 2 * len(others))] if others else [])
    return {entry: sum(each, Fraction(0)) / len(each) if each else None for entry, each in shares.items()}


class SignTest(NamedTuple):
    """Who was better how often on the traces that both returned, and how likely such a difference is by chance."""

    better_a: int
    better_b: int
    equal: int
    p_value: Decimal


def sign_test(better_a: int, better_b: int, equal: int) -> SignTest:
    """Two-sided exact sign test on pairs that differ; beyond 1,000 of them the normal tail with a correction."""
    differ, fewer = better_a + better_b, min(better_a, better_b)
    if differ > 1000:
        with localcontext(EXACT):
            z = max(abs(better_a - better_b) - 1, 0) / Decimal(differ).sqrt()
        return SignTest(better_a, better_b, equal, Decimal(math.erfc(float(z) / math.sqrt(2))))
    chances = sum(math.comb(differ, k) for k in range(fewer + 1))
    with localcontext(EXACT):
        return SignTest(better_a, better_b, equal, min(Decimal(2 * chances) / 2**differ, Decimal(1)))
