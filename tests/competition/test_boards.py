"""The boards of the competition domain, from sums of windows to entries."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.board import canonical
from schema.competition.boards import HOURS, entries, sign_test

BILLION = 10**9
Sums = tuple[int, int] | None
SUMS = st.none() | st.tuples(st.integers(1, 5), st.integers(-5, 5).map(lambda score: score * BILLION // 5))
SCOPES = st.fixed_dictionaries(
    {"anchor": SUMS, "steady": SUMS, "recent": SUMS, "age": st.sampled_from([None, 24, 100, 400])}
)


def row(model: str, scope: str | None, age: float | None = 400, **windows: Sums) -> dict[str, Any]:
    """A row of windows.sql: windows are pairs of count and sum."""
    sums = {name: windows.get(name) or (0, None) for name in HOURS}
    columns = {
        f"{name}_{part}": value for name, pair in sums.items() for part, value in zip(("n", "sum"), pair, strict=True)
    }
    n = sums["anchor"][0]
    named = {"model_id": model, "name": model.upper(), "player_name": "ana", "scope_key": scope}
    return {**named, "n": n, "succeeded": n, "age_hours": age, **columns}


def even(model: str, score: float | None, n: int = 2, scope: str = "s", age: float | None = 400) -> dict[str, Any]:
    """The same score in every window."""
    whole = None if score is None else (n, round(score * n * BILLION))
    return row(model, scope, age, anchor=whole, steady=whole, recent=whole)


def order(*rows: dict[str, Any]) -> list[str]:
    return [entry["id"] for entry in entries(rows)]


def test_zero_is_a_score_and_ranks_above_none() -> None:
    found = entries([even("a", None), even("b", 0.0), even("c", -0.5)])
    assert [(entry["id"], entry["rank"], entry["score"]) for entry in found] == [
        ("b", 1, Decimal(0)), ("c", 2, Decimal("-0.5")), ("a", 3, None),
    ]  # fmt: skip


def test_equals_are_told_apart_by_steady_recent_number_and_id() -> None:
    one = (2, BILLION)
    assert order(
        row("a", "s", anchor=one, steady=one, recent=one),
        row("b", "s", anchor=one, steady=one, recent=(2, 2 * BILLION)),
        row("c", "s", anchor=one, steady=(2, 2 * BILLION), recent=None),
        row("d", "s", anchor=(4, 2 * BILLION), steady=one, recent=one),
        row("e", "s", anchor=one, steady=one, recent=one),
    ) == ["c", "b", "d", "a", "e"]


@pytest.mark.parametrize(
    ("age", "known"),
    [
        (None, ()),
        (23, ()),
        (24, ("recent",)),
        (72, ("recent", "steady")),
        (167, ("recent", "steady")),
        (168, tuple(HOURS)),
    ],
)
def test_a_window_has_a_value_once_the_model_has_been_there_so_long(age: float | None, known: tuple[str, ...]) -> None:
    (entry,) = entries([even("a", 0.5, age=age)])
    figures = {"anchor": entry["score"], "steady": entry["steady"], "recent": entry["recent"]}
    assert {name for name, figure in figures.items() if figure is not None} == set(known)


def test_over_all_scopes_it_is_their_mean_and_none_if_one_has_none() -> None:
    (entry,) = entries([even("a", 0.25, scope="s"), even("a", 0.75, n=100, scope="t")])
    assert entry["score"] == Decimal("0.5")
    assert entry["n"] == 102
    (entry,) = entries([even("a", 0.25, scope="s"), even("a", None, scope="t")])
    assert entry["score"] is None
    assert entry["scopes"] == {"s": [Decimal("0.25")] * 3, "t": [None] * 3}


def test_a_model_without_any_score_is_shown() -> None:
    (entry,) = entries([row("a", None, None)])
    assert (entry["rank"], entry["score"], entry["n"], entry["success_rate"], entry["scopes"]) == (1, None, 0, None, {})


@given(
    st.dictionaries(st.tuples(st.sampled_from("abcde"), st.sampled_from("st")), SCOPES),
    st.randoms(use_true_random=False),
)
def test_ranks_are_total_whatever_the_order_of_the_rows(given_: dict[tuple[str, str], Any], random: Any) -> None:
    rows = [row(model, scope, **{"age": None, **sums}) for (model, scope), sums in given_.items()]
    found = entries(rows)
    random.shuffle(rows)
    assert canonical(entries(rows)) == canonical(found)
    assert [entry["rank"] for entry in found] == list(range(1, len({model for model, _ in given_}) + 1))
    scores = [entry["score"] for entry in found]
    known = [score for score in scores if score is not None]
    assert known == sorted(known, reverse=True)
    assert scores[len(known) :] == [None] * (len(scores) - len(known))


def test_the_sign_test_is_exact() -> None:
    assert sign_test(0, 0)["p_value"] == 1
    assert sign_test(8, 2)["p_value"] == pytest.approx(0.109375)
    assert sign_test(0, 10)["p_value"] == pytest.approx(0.001953, abs=1e-6)
