"""What is legal is computable: statistics of evaluation over their whole legal input."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schema.board import canonical
from schema.evaluation.boards import accuracy_entries, compared, overall_entries
from schema.evaluation.scoring import UNKNOWN, f1, label, label_set, latency_bucket, macro_f1, mcnemar, win_rates
from schema.evaluation.tables import LABELS_CHARACTERS_MAX
from schema.interval import bounds, wilson
from schema.types import INT4_MAX, SECONDS_MAX

COUNTS = st.integers(0, 50) | st.sampled_from([0, 1, INT4_MAX, 2**53])
NAMES = st.sampled_from(["positive", "negative", "neutral", "é", "x" * 255, UNKNOWN]) | st.text(max_size=5).map(label)
CONFUSIONS = st.lists(st.tuples(NAMES, NAMES, COUNTS.filter(bool)), max_size=6, unique_by=lambda cell: cell[:2])
LATENCIES = st.lists(
    st.tuples(st.integers(0, 400), COUNTS.filter(bool)), max_size=5, unique_by=lambda bucket: bucket[0]
)
SOME = settings(max_examples=150, deadline=None)


@st.composite
def tallies(draw: st.DrawFn) -> dict[str, Any]:
    """A row of accuracy.sql as the tables may hold it."""
    return {
        "model_id": draw(st.sampled_from([1, 2, INT4_MAX])),
        "prompt_id": draw(st.sampled_from([1, INT4_MAX])),
        "dataset_id": draw(st.integers(1, 3)),
        "model": draw(st.text(min_size=1, max_size=5)),
        "status": draw(st.sampled_from(["pending", "running", "done", "stop"])),
        "labels": draw(st.none() | st.text("aé, ", max_size=12)),
        "total_rows": draw(COUNTS),
        "failed": draw(COUNTS),
        "confusion": [list(cell) for cell in draw(CONFUSIONS)],
        "latency": [list(bucket) for bucket in draw(LATENCIES)],
    }


@SOME
@given(st.lists(tallies(), max_size=8, unique_by=lambda row: (row["model_id"], row["prompt_id"], row["dataset_id"])))
def test_every_board_has_canonical_bytes_and_shares_within_0_and_1(rows: list[dict[str, Any]]) -> None:
    one = [row for row in rows if row["dataset_id"] == 1]
    for entries in (accuracy_entries(one), overall_entries(rows)):
        assert canonical(entries)
        for entry in entries:
            for name in ("score", "low", "high", "answered_accuracy", "macro_f1", "abstain_rate", "failure_rate"):
                assert entry[name] is None or 0 <= entry[name] <= 1
            if entry["score"] is not None:
                assert entry["low"] <= entry["score"] <= entry["high"]


@given(st.integers(0, 2**62).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_bears_every_count(counts: tuple[int, int]) -> None:
    part, whole = counts
    low, high = bounds(part, whole, 4)
    assert (low is None) == (whole == 0)
    if low is not None and high is not None:
        assert 0 <= low <= high <= 1
        exact = wilson(part, whole)
        assert exact is not None
        assert exact[0] <= Decimal(part) / whole + Decimal("1e-30")


@given(CONFUSIONS, st.lists(NAMES, max_size=6, unique=True))
def test_macro_f1_is_the_mean_of_f1(cells: list[tuple[str, str, int]], labels: list[str]) -> None:
    confusion = {(gold, predicted): n for gold, predicted, n in cells}
    found = macro_f1(confusion, labels)
    naive = sum((f1(confusion, of) for of in labels), Fraction(0)) / len(labels) if labels and cells else None
    assert found == naive


def test_the_longest_label_set_is_computed_at_once() -> None:
    labels = label_set(",".join(f"{n:x}" for n in range(LABELS_CHARACTERS_MAX))[:LABELS_CHARACTERS_MAX])
    confusion = {(of, of): n for n, of in enumerate(labels, 1)}
    assert macro_f1(confusion, labels) == 1


@given(COUNTS, COUNTS)
def test_mcnemar_bears_every_count(b: int, c: int) -> None:
    found = compared({"only_a": b, "only_b": c})
    assert 0 <= found["p_value"] <= 1
    assert mcnemar(b, c).p_value == mcnemar(c, b).p_value


@given(st.floats(0, SECONDS_MAX) | st.sampled_from([0.0, 5e-324, SECONDS_MAX]), st.floats(0, SECONDS_MAX))
def test_longer_calls_are_in_later_buckets(one: float, other: float) -> None:
    short, long = sorted((one, other))
    assert 0 <= latency_bucket(short) <= latency_bucket(long) <= 400


@given(
    st.dictionaries(st.sampled_from("xyz"), st.dictionaries(st.sampled_from("abcd"), st.integers(0, 3).map(Decimal)))
)
def test_win_rates_by_counting(scores: dict[str, dict[str, Decimal]]) -> None:
    for entry, rate in win_rates(scores).items():
        shares = [
            Fraction(sum(2 * (own[entry] > each) + (own[entry] == each) for each in rest), 2 * len(rest))
            for own in scores.values()
            if entry in own and (rest := [score for name, score in own.items() if name != entry])
        ]
        assert rate == (sum(shares, Fraction(0)) / len(shares) if shares else None)
