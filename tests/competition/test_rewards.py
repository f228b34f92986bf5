"""Rewards sum exactly, never favour a worse rank, and lose no unit of the pool."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.competition.rewards import WHOLE, prizes, ranking, rewards

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
