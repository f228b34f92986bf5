"""Raw scores by their formulas, final scores by the rule of the round; nothing that an author sends stops either."""

from __future__ import annotations

import math
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.competition.finals import of_round, spread
from schema.competition.scoring import (
    FIGURE_MAX,
    METRICS,
    MIXTURE_MAX,
    REASON_CHARACTERS_MAX,
    Judge,
    Unjudged,
    brier,
    crps,
    density,
)
from schema.competition.tables import RAW_MAX, SCORE_MAX
from tests.competition.contest import T0

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["steps", "value", "loc", "scale", "weight", "mixture", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
COSTS = st.lists(st.floats(-1e6, 1e6).map(lambda cost: round(cost, 6)), max_size=24) | st.lists(
    st.floats(-RAW_MAX, RAW_MAX) | st.sampled_from([0.0, -0.0, 1.0, 5e-324, RAW_MAX, -RAW_MAX]), max_size=24
)
FIGURES = st.floats(-FIGURE_MAX, FIGURE_MAX) | st.sampled_from([0.0, -0.0, 5e-324, FIGURE_MAX, -FIGURE_MAX, 1.0])
SCALES = FIGURES.map(abs)
PARTS = st.lists(st.tuples(SCALES, FIGURES, SCALES), min_size=1, max_size=4).filter(
    lambda parts: any(w for w, *_ in parts)
)


def judged(output: Any, *truth: Any, metric: str = "crps", status: str = "SUCCESS") -> list[Any] | None:
    judge = Judge()
    key = {"prediction_config_id": "C", "performed_at": T0}
    judge.learn("competition.round.opened.v1", SimpleNamespace(**key, scoring_jsonb=SimpleNamespace(metric=metric)))
    judge.learn("competition.truth.published.v1", SimpleNamespace(**key, truth_jsonb={"values": list(truth)}))
    asked = SimpleNamespace(**key, model_id="a", status=status, inference_output_jsonb=output)
    return judge.judge("competition.prediction.recorded.v1", asked, b"0" * 16)


def test_crps_is_the_integral_of_its_definition() -> None:
    mixture = [(0.3, -1.0, 0.5), (0.7, 2.0, 1.5)]

    def below(x: float) -> float:
        return sum(weight * (1 + math.erf((x - loc) / scale / math.sqrt(2))) / 2 for weight, loc, scale in mixture)

    for truth in (-3.0, 0.4, 6.0):
        step = 0.001
        points = [-20 + step * (n + 0.5) for n in range(40_000)]
        integral = math.fsum((below(x) - (x >= truth)) ** 2 for x in points) * step
        assert crps(mixture, truth) == pytest.approx(integral, abs=1e-3)


def test_known_values() -> None:
    assert crps([(1.0, 0.0, 1.0)], 0.0) == pytest.approx(math.sqrt(2 / math.pi) - 1 / math.sqrt(math.pi))
    assert crps([(1.0, 3.0, 0.0)], 5.0) == 2.0
    assert brier([(1.0, 0.7, 0.0)], 1.0) == pytest.approx(0.09)
    assert density([(1.0, 0.0, 2.0)], 0.0) == pytest.approx(1 / (2 * math.sqrt(2 * math.pi)))
    for metric, forecast in ((brier, [(1.0, 1.1, 0.0)]), (brier, [(1.0, 0.5, 0.1)]), (density, [(1.0, 0.5, 0.0)])):
        with pytest.raises(Unjudged):
            metric(forecast, 1.0)


@given(JSON, st.lists(st.one_of(st.floats(), st.booleans(), st.none()), max_size=3), st.sampled_from(sorted(METRICS)))
def test_whatever_is_answered_has_a_finite_value_or_a_reason(output: Any, truth: list[Any], metric: str) -> None:
    found = judged(output if isinstance(output, dict) else {"steps": output}, *truth, metric=metric)
    assert found is not None
    ((_, judgement),) = found
    if judgement["value"] is None:
        assert judgement["failed_reason"]
    else:
        assert math.isfinite(judgement["value"])
        assert judgement["failed_reason"] is None


@given(PARTS, FIGURES, st.sampled_from(sorted(METRICS)))
def test_every_legal_answer_is_worth_a_legal_raw_score_or_a_reason(
    parts: list[tuple[float, float, float]], truth: float, metric: str
) -> None:
    mixture = [{"weight": weight, "loc": loc, "scale": scale} for weight, loc, scale in parts]
    ((_, judgement),) = judged({"mixture": mixture}, truth, metric=metric) or []
    if metric == "crps":
        assert 0 <= judgement["value"] <= RAW_MAX
    assert judgement["value"] is None or abs(judgement["value"]) <= RAW_MAX
    assert (judgement["value"] is None) == bool(judgement["failed_reason"])


@given(FIGURES, st.floats(1e-3, 1e3), st.floats(0, 1e3), st.floats(0, 1e3))
def test_a_forecast_farther_off_is_never_better(truth: float, scale: float, near: float, more: float) -> None:
    truth = truth % 1000
    for parts in (1.0, 0.0), (1.0, scale):
        close, far = ([(parts[0], truth + off, parts[1])] for off in (near, near + more))
        assert crps(close, truth) <= crps(far, truth) + 1e-9
        if parts[1]:
            assert density(close, truth) >= density(far, truth) - 1e-12


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from([0.0, 1.0]))
def test_a_probability_farther_off_is_never_better(one: float, other: float, truth: float) -> None:
    near, far = sorted((one, other), key=lambda probability: abs(probability - truth))
    assert 0 <= brier([(1.0, near, 0.0)], truth) <= brier([(1.0, far, 0.0)], truth) <= 1


@pytest.mark.parametrize(
    ("output", "truth", "metric", "says"),
    [
        ({"value": 10**400}, 1.0, "crps", "1e+100"),
        ({"value": 1.1e100}, 1.0, "crps", "1e+100"),
        ({"value": 1.0}, 1.1e100, "crps", "1e+100"),
        ({"value": 0.5}, 2.0, "brier", "from 0 to 1"),
        ({"loc": 0.0, "scale": 5e-324}, 0.0, "density", "1e-100"),
        ({"mixture": [{"weight": 1, "loc": 0, "scale": 1}] * (MIXTURE_MAX + 1)}, 0.0, "crps", str(MIXTURE_MAX)),
        ({"mixture": []}, 0.0, "crps", "0 parts"),
        ({"_validation_error": "x" * 900_000}, 0.0, "crps", "xxx"),
    ],
)
def test_what_has_no_raw_score_has_a_short_reason_that_names_the_limit(
    output: Any, truth: float, metric: str, says: str
) -> None:
    ((_, judgement),) = judged(output, truth, metric=metric) or []
    assert judgement["value"] is None
    assert says in judgement["failed_reason"]
    assert len(judgement["failed_reason"]) <= REASON_CHARACTERS_MAX


@pytest.mark.parametrize("status", ["FAILED", "TIMEOUT"])
def test_a_call_that_failed_never_reaches_the_metric(status: str) -> None:
    assert judged({"value": 1.0}, 1.0, status=status) == []


def test_booleans_are_no_numbers() -> None:
    for output, truth in (({"value": True}, 1.0), ({"value": 1.0}, True)):
        found = judged(output, truth)
        assert found is not None
        ((_, judgement),) = found
        assert judgement["value"] is None


@pytest.mark.parametrize(
    ("costs", "finals"),
    [
        ([], []),
        ([1], [1]),
        ([1, 2], [1, 0]),
        ([1, 1, 5], [1, 1, 0]),
        ([3, 3, 3, 3], [1, 1, 1, 1]),
        ([5, 1, 5, 5], [0, 1, 0, 0]),
        ([*[1.0] * 18, 9.0], [*[1.0] * 18, 0.0]),
        ([*[1.0] * 17, 2.0, 9.0], [*[1.0] * 17, 0.0, 0.0]),
        ([1e100, -1e100], [0, 1]),
        ([5e-324, 0.0], [0, 1]),
        ([8e-17, 5e-19, 4e-18], [0, 1, 0]),
        ([1, 2, 3, 4, 5], [1, 0.666666667, 0.333333333, 0, 0]),
        ([1, 2, 2, 9], [1, 0, 0, 0]),
        ([0.0, 0.0], [1, 1]),
    ],
)
def test_finals_of_known_rounds(costs: list[float], finals: list[float]) -> None:
    assert spread(costs) == finals


@given(COSTS, st.randoms(use_true_random=False))
def test_finals_follow_the_costs_whatever_the_order(costs: list[float], random: Any) -> None:
    found = spread(costs)
    assert all(0 <= final <= 1 for final in found)
    order = sorted(range(len(costs)), key=costs.__getitem__)
    assert all(found[one] >= found[other] for one, other in pairwise(order))
    assert not costs or max(found) == 1
    assert not costs or min(costs) == max(costs) or found[order[-1]] == 0
    assert all(found[one] == found[other] for one, other in pairwise(order) if costs[one] == costs[other])
    random.shuffle(order)
    assert spread([costs[n] for n in order]) == [found[n] for n in order]


@given(st.dictionaries(st.sampled_from("abcdef"), st.floats(-RAW_MAX, RAW_MAX)), st.booleans(), st.booleans())
def test_more_is_better_in_both_directions(raw: dict[str, float], lower: bool, normalise: bool) -> None:
    found = of_round(raw, lower, normalise)
    assert found.keys() == raw.keys()
    assert all(abs(final) <= SCORE_MAX for final in found.values())
    for one in raw:
        for other in raw:
            if raw[one] < raw[other]:
                assert found[one] >= found[other] if lower else found[one] <= found[other]
