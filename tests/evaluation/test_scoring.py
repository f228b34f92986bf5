"""The judge and the statistics over its tallies."""

import math
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.evaluation.scoring import (
    DEFAULT_LABELS,
    Judge,
    abstained,
    answers,
    bucket_milliseconds,
    correct,
    label,
    label_set,
    latency_bucket,
    macro_f1,
    mcnemar,
    merged,
    percentile,
    win_rates,
)
from schema.interval import wilson

labels = st.sampled_from([*DEFAULT_LABELS, "unknown", "other"])
pairs = st.lists(st.tuples(st.sampled_from(DEFAULT_LABELS), labels), max_size=60)
histograms = st.dictionaries(st.integers(0, 300), st.integers(1, 50), max_size=20)
DIGEST = bytes(range(16))


def row(row_id: int, gold: str, **more: Any) -> SimpleNamespace:
    return SimpleNamespace(row_id=row_id, expected_prediction=gold, **more)


def answer(row_id: int, said: str) -> SimpleNamespace:
    return SimpleNamespace(row_id=row_id, model_id=3, prompt_id=7, dataset_id=1, attempt=2, prediction=said)


def judged(judge: Judge, said: str) -> dict[str, Any] | None:
    found = judge.judge("evaluation.prediction.recorded.v1", answer(1, said), DIGEST)
    return found[0][1] if found else None


def test_a_score_names_what_it_judged() -> None:
    judge = Judge()
    assert judged(judge, "positive") is None
    judge.learn("evaluation.row.added.v1", row(1, " Positive "))
    assert judged(judge, "POSITIVE\n") == {
        "row_id": 1, "model_id": 3, "prompt_id": 7, "dataset_id": 1, "attempt": 2,
        "prediction_digest": DIGEST.hex(), "truth_version": 1, "gold": "positive", "predicted": "positive",
        "correct": 1,
    }  # fmt: skip


def test_the_newest_edition_of_the_truth_counts_in_any_order() -> None:
    editions = [row(1, "positive"), row(1, "neutral", truth_version=2), row(1, "negative", truth_version=3)]
    for order in (editions, editions[::-1]):
        judge = Judge()
        for each in order:
            judge.learn("", each)
        score = judged(judge, "negative")
        assert score is not None
        assert (score["truth_version"], score["gold"], score["correct"]) == (3, "negative", 1)


@pytest.mark.parametrize("said", ["unknown", "  Unknown", "   "])
def test_unknown_is_a_wrong_answer_even_of_an_unknown_truth(said: str) -> None:
    judge = Judge()
    judge.learn("", row(1, "unknown"))
    score = judged(judge, said)
    assert score is not None
    assert (score["predicted"], score["correct"]) == ("unknown", 0)


@given(st.text(min_size=1, max_size=255))
def test_labels_fit_where_they_are_kept(text: str) -> None:
    found = label(text)
    assert 1 <= len(found) <= 255
    assert label(found) == found or len(text) > 200


@given(st.integers(0, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_stays_within_0_and_1_and_around_the_share(counts: tuple[int, int]) -> None:
    part, whole = counts
    found = wilson(part, whole)
    if not whole:
        assert found is None
        return
    assert found is not None
    low, high = found
    assert 0 <= low <= Decimal(part) / whole <= high <= 1


def test_wilson_known_values() -> None:
    low, high = wilson(8, 10) or (None, None)
    assert low is not None
    assert high is not None
    assert (round(low, 4), round(high, 4)) == (Decimal("0.4902"), Decimal("0.9433"))


@given(pairs)
def test_macro_f1_against_a_naive_recomputation(said: list[tuple[str, str]]) -> None:
    confusion = merged([{pair: 1} for pair in said])
    if not said:
        assert macro_f1(confusion, DEFAULT_LABELS) is None
        return
    expected = Fraction(0)
    for name in DEFAULT_LABELS:
        true_positive = sum(g == name and p == name for g, p in said)
        false_positive = sum(g != name and p == name for g, p in said)
        false_negative = sum(g == name and p != name for g, p in said)
        below = 2 * true_positive + false_positive + false_negative
        expected += Fraction(2 * true_positive, below) if below else 0
    assert macro_f1(confusion, DEFAULT_LABELS) == expected / 3
    assert answers(confusion) == len(said)
    assert correct(confusion) == sum(g == p for g, p in said)
    assert abstained(confusion) == sum(p == "unknown" for _, p in said)


@given(st.lists(histograms, max_size=5), st.randoms())
def test_merging_does_not_depend_on_order(parts: list[dict[int, int]], random: Any) -> None:
    shuffled = list(parts)
    random.shuffle(shuffled)
    assert merged(parts) == merged(shuffled) == merged([merged(parts[:2]), merged(parts[2:])])


@given(st.lists(st.floats(1e-7, 1e4), min_size=1, max_size=80), st.sampled_from([50, 90, 95, 99]))
def test_percentiles_lie_in_the_bucket_of_the_nearest_rank(seconds: list[float], percent: int) -> None:
    histogram = merged([{latency_bucket(each): 1} for each in seconds])
    exact = sorted(seconds)[math.ceil(percent * len(seconds) / 100) - 1]
    assert percentile(histogram, percent) == bucket_milliseconds(latency_bucket(exact))
    assert percentile({}, percent) is None


@given(st.floats(1e-6, 1e6))
def test_a_bucket_is_within_five_percent_of_what_it_holds(seconds: float) -> None:
    middle = float(bucket_milliseconds(latency_bucket(seconds))) / 1000
    assert abs(middle / seconds - 1) < 0.05


def test_durations_below_a_microsecond_share_a_bucket() -> None:
    assert latency_bucket(0) == latency_bucket(1e-9) == latency_bucket(1e-6) == 0


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_symmetric_and_a_probability(b: int, c: int) -> None:
    one, other = mcnemar(b, c), mcnemar(c, b)
    assert one.p_value == other.p_value
    assert one.test == other.test == ("chi_squared" if b + c >= 25 else "exact")
    assert 0 <= one.p_value <= 1


def test_mcnemar_known_values() -> None:
    assert mcnemar(0, 0).p_value == 1
    assert mcnemar(8, 2).p_value == Decimal("0.109375")
    assert mcnemar(30, 10).p_value == Decimal("0.002663")


def test_win_rates() -> None:
    boards = {
        "1": {"a": Decimal("0.9"), "b": Decimal("0.5"), "c": Decimal("0.5")},
        "2": {"a": Decimal("0.1"), "b": Decimal("0.2")},
        "3": {"d": Decimal("1")},
    }
    assert win_rates(boards) == {"a": Fraction(1, 2), "b": Fraction(5, 8), "c": Fraction(1, 4), "d": None}


def test_label_sets() -> None:
    assert label_set(None) == ("negative", "neutral", "positive")
    assert label_set("Pos, neg ,unknown,,pos") == ("neg", "pos")
