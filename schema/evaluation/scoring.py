"""How answers are judged, and the statistics over their tallies: pure, exact until the one rounding."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any, NamedTuple

from schema.board import EXACT, rounded
from schema.types import BLANKS, folded

UNKNOWN = "unknown"
"""The label of an answer that names none: always wrong, and counted apart as abstained."""

DEFAULT_LABELS = ("negative", "neutral", "positive")
LABEL_CHARACTERS_MAX = 255
BUCKETS_PER_DOUBLING = 8
_MANTISSAS = (
    1.0, 1.0905077326652577, 1.189207115002721, 1.2968395546510096,
    1.4142135623730951, 1.5422108254079407, 1.681792830507429, 1.8340080864093424,
)  # fmt: skip
LATENCY_EDGES = tuple(mantissa * 2.0**doubling for doubling in range(50) for mantissa in _MANTISSAS)[1:]
"""Where a latency bucket ends and the next begins, in microseconds: literals, so no platform's logarithm decides."""
NORMAL_FROM = 25
"""Discordant pairs from which McNemar's test uses chi squared instead of the exact binomial."""

Confusion = Mapping[tuple[str, str], int]
"""(gold label, predicted label) -> answers."""

Histogram = Mapping[int, int]
"""Latency bucket -> answers; histograms merge by adding."""


@lru_cache(maxsize=4096)
def label(text: str) -> str:
    """A label as it is compared: in NFC, trimmed, lower case; `unknown` if nothing is left. So is SQL's `label`."""
    return folded(text)[:LABEL_CHARACTERS_MAX].rstrip(BLANKS) or UNKNOWN


class Truth(NamedTuple):
    """The gold label of a row and its edition."""

    version: int
    gold: str


class Judge:
    """Holds answers against the newest known edition of their row's gold label."""

    def __init__(self) -> None:
        self._truths: dict[int, Truth] = {}

    def learn(self, type_: str, data: Any) -> None:
        """Take in row.added or row.relabelled: the greatest edition stays, of equal ones the first."""
        version = getattr(data, "truth_version", 1)
        known = self._truths.get(data.row_id)
        if known is None or version > known.version:
            self._truths[data.row_id] = Truth(version, label(data.expected_prediction))

    def judge(self, type_: str, data: Any, digest: bytes) -> list[tuple[str, dict[str, Any]]] | None:
        """The score of prediction.recorded, naming the digest of its data; None while its row is unknown."""
        truth = self._truths.get(data.row_id)
        if truth is None:
            return None
        version, gold = truth
        predicted = label(data.prediction)
        score = {
            "row_id": data.row_id,
            "model_id": data.model_id,
            "prompt_id": data.prompt_id,
            "dataset_id": data.dataset_id,
            "attempt": data.attempt,
            "prediction_digest": digest.hex(),
            "truth_version": version,
            "gold": gold,
            "predicted": predicted,
            "correct": int(predicted == gold != UNKNOWN),
        }
        return [("evaluation.answer.scored.v1", score)]


def answers(confusion: Confusion) -> int:
    """Answers that were judged, abstentions among them."""
    return sum(confusion.values())


def correct(confusion: Confusion) -> int:
    """Answers that named the gold label."""
    return sum(n for (gold, predicted), n in confusion.items() if gold == predicted != UNKNOWN)


def abstained(confusion: Confusion) -> int:
    """Answers that named no label."""
    return sum(n for (_, predicted), n in confusion.items() if predicted == UNKNOWN)


def merged(tallies: Iterable[Mapping[Any, int]]) -> dict[Any, int]:
    """The sum of confusion matrices or of histograms: the same in any order."""
    total: dict[Any, int] = {}
    for tally in tallies:
        for key, n in tally.items():
            total[key] = total.get(key, 0) + n
    return total


def f1(confusion: Confusion, of: str) -> Fraction:
    """2 TP / (predicted + gold) of one label; 0 if nobody named it and no row has it."""
    hits = confusion.get((of, of), 0)
    named = sum(n for (_, predicted), n in confusion.items() if predicted == of)
    gold = sum(n for (truth, _), n in confusion.items() if truth == of)
    return Fraction(2 * hits, named + gold) if named + gold else Fraction(0)


def macro_f1(confusion: Confusion, labels: Sequence[str]) -> Fraction | None:
    """Plain mean of F1 over the data set's label set; None before the first answer."""
    if not answers(confusion) or not labels:
        return None
    named: dict[str, int] = {}
    for (gold, predicted), n in confusion.items():
        named[gold] = named.get(gold, 0) + n
        named[predicted] = named.get(predicted, 0) + n
    # Summed by denominator first: of equal denominators there are many, and a sum of unlike ones grows long.
    hits: dict[int, int] = {}
    for of in labels:
        if n := confusion.get((of, of), 0):
            hits[named[of]] = hits.get(named[of], 0) + 2 * n
    return sum((Fraction(n, whole) for whole, n in hits.items()), Fraction(0)) / len(labels)


def label_set(declared: str | None) -> tuple[str, ...]:
    """Labels of a data set from their comma separated form; three classes if none are declared."""
    if declared is None:
        return DEFAULT_LABELS
    names = (label(name) for name in declared.split(",") if name.strip(BLANKS))
    return tuple(sorted({name for name in names if name != UNKNOWN}))


def latency_bucket(seconds: float) -> int:
    """The bucket of a duration: eight to every doubling, from a microsecond; the same as SQL's latency_bucket."""
    return bisect_right(LATENCY_EDGES, min(seconds, 1e9) * 1e6)


@cache
def bucket_milliseconds(bucket: int) -> Decimal:
    """The geometric middle of a bucket, in milliseconds."""
    with localcontext(EXACT):
        doublings = (Decimal(bucket) + Decimal("0.5")) / BUCKETS_PER_DOUBLING
        return Decimal(2) ** doublings / 1000


def percentile(histogram: Histogram, percent: int) -> Decimal | None:
    """Nearest rank: the bucket of the sorted element ceil(percent * n / 100), in ms; None of nothing."""
    n = sum(histogram.values())
    if not n:
        return None
    seen, wanted = 0, -(-percent * n // 100)
    for bucket in sorted(histogram):
        seen += histogram[bucket]
        if seen >= wanted:
            return bucket_milliseconds(bucket)
    raise AssertionError("the elements of a histogram sum up to its n")


class Comparison(NamedTuple):
    """McNemar's test on the rows that both answered: who alone was right how often, and the p value."""

    only_a: int
    only_b: int
    p_value: Decimal
    test: str


def mcnemar(only_a: int, only_b: int) -> Comparison:
    """Whether two raters differ: exact two-sided binomial, from 25 discordant pairs corrected chi squared."""
    discordant = only_a + only_b
    if discordant >= NORMAL_FROM:
        # One degree of freedom: the upper tail of chi squared is erfc of the root of half of it.
        statistic = max(abs(only_a - only_b) - 1, 0) ** 2 / discordant
        upper_tail = Decimal(math.erfc(math.sqrt(statistic / 2)))
        return Comparison(only_a, only_b, rounded(upper_tail, 6), "chi_squared")
    tail = sum(math.comb(discordant, k) for k in range(min(only_a, only_b) + 1))
    with localcontext(EXACT):
        p_value = min(Decimal(2 * tail) / 2**discordant, Decimal(1))
    return Comparison(only_a, only_b, rounded(p_value, 6), "exact")


def win_rates(scores: Mapping[str, Mapping[str, Decimal]]) -> dict[str, Fraction | None]:
    """Mean win rate: board -> entry -> score becomes entry -> mean share of others beaten (a tie is half).

    Only entries present on a board are compared there; None for one that never met another.
    """
    shares: dict[str, list[Fraction]] = {}
    for board in scores.values():
        ordered, others = sorted(board.values()), len(board) - 1
        for entry, own in board.items():
            below, equal = bisect_left(ordered, own), bisect_right(ordered, own)
            halves = 2 * below + (equal - below - 1)
            shares.setdefault(entry, []).extend([Fraction(halves, 2 * others)] if others else [])
    return {entry: sum(each, Fraction(0)) / len(each) if each else None for entry, each in shares.items()}
