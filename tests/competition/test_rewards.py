"""Rewards sum exactly, never favour a worse rank, and lose no unit of the pool."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.competition.boards import EXACT_ROUNDS_MAX, sign_test
from schema.competition.rewards import POOL_MAX, RANKED_MAX, WHOLE, decide, prizes, ranking, rewards
from schema.envelope import VALUE_BYTES_MAX

KNOWN = {
    0: [],
    1: [1_000_000_000],
    2: [625_000_000, 375_000_000],
    3: [500_000_000, *[250_000_000] * 2],
    5: [400_000_000, *[150_000_000] * 4],
    6: [383_333_335, *[133_333_333] * 4, 83_333_333],
    7: [371_428_574, *[121_428_571] * 4, *[71_428_571] * 2],
    9: [355_555_552, *[105_555_556] * 4, *[55_555_556] * 4],
    11: [350_000_000, *[100_000_000] * 4, *[50_000_000] * 5, 0],
}


@pytest.mark.parametrize("n", KNOWN)
def test_known_shares(n: int) -> None:
    assert rewards(n) == KNOWN[n]


@given(st.integers(1, 3_000), st.integers(0, 10**12))
def test_shares_and_prizes_sum_exactly_and_a_better_rank_never_gets_less(n: int, pool: int) -> None:
    shares = rewards(n)
    won = prizes(pool, shares)
    assert (len(shares), sum(shares), sum(won)) == (n, WHOLE, pool)
    for given_ in (shares, won):
        assert min(given_) >= 0
        assert given_ == sorted(given_, reverse=True)


@given(
    st.dictionaries(
        st.text("ab12", min_size=1, max_size=3), st.tuples(st.integers(1, 4), st.integers(-4, 4)), min_size=1
    ),
    st.randoms(use_true_random=False),
)
def test_a_ranking_is_total_whatever_the_order_of_the_rows(sums: dict[str, tuple[int, int]], random: Any) -> None:
    rows = [{"model_id": model, "n": n, "billionths": each * WHOLE} for model, (n, each) in sums.items()]
    found = ranking(rows)
    random.shuffle(rows)
    assert ranking(rows) == found
    assert [entry["mean"] for entry in found] == sorted((entry["mean"] for entry in found), reverse=True)


START, END, NEXT = (datetime(2026, 3, day, tzinfo=UTC) for day in (1, 8, 15))


def _due(models: list[str], meta: dict[str, Any]) -> list[dict[str, Any]]:
    period = {"checkpoint_id": "c" * 255, "period_start": START, "period_end": END, "next_run_at": NEXT}
    return [
        {**period, "meta_jsonb": meta, "model_id": model, "n": 1, "billionths": n} for n, model in enumerate(models)
    ]


@pytest.mark.parametrize(
    "pool",
    [0, 1, 10, POOL_MAX, POOL_MAX + 1, 10**5000, -5, True, "9", None, 1.5],
    ids=lambda pool: f"{pool}"[:20] if pool != 10**5000 else "huge",
)
def test_an_emission_fits_its_record_whatever_the_checkpoint_says(pool: Any) -> None:
    models = [f"{n:05}" + "🏔" * 250 for n in range(3_000)]
    meta = {"crunch": "x" * 900_000, "compute_provider": "y" * 900_000, "data_provider": 7, "pool": pool}
    ((_, emission),) = decide(_due(models, meta), END)
    assert len(json.dumps(emission, default=str, ensure_ascii=False).encode()) < VALUE_BYTES_MAX - 10_000
    assert len(emission["ranking_jsonb"]) == len(emission["payload_jsonb"]["cruncher_rewards"]) == RANKED_MAX
    won = sum(each["prize"] for each in emission["prizes_jsonb"])
    assert won == (pool if isinstance(pool, int) and not isinstance(pool, bool) and 0 < pool <= POOL_MAX else 0)


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_sign_test_ends_soon_with_a_probability(only_a: int, only_b: int) -> None:
    found = sign_test(only_a, only_b)
    assert 0 <= found["p_value"] <= 1
    assert found == sign_test(only_b, only_a)


def test_the_sign_test_is_continuous_where_it_becomes_normal() -> None:
    exact, normal = (sign_test((n + 100) // 2, n - (n + 100) // 2) for n in (EXACT_ROUNDS_MAX, EXACT_ROUNDS_MAX + 2))
    assert (exact["test"], normal["test"]) == ("sign test, exact", "sign test, normal")
    assert exact["p_value"] == pytest.approx(normal["p_value"], rel=0.01)
