"""Filter, order, change of rank and the drawings, purely."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.web import drawing
from podium.web.view import View, changes, columns, figure, known, matching, measure, ordered, shown
from schema.declare import Metric

SCORE = Metric("score", "Accuracy", "share", "up", "right / all", 4)
LATENCY = Metric("p95", "Latency p95", "ms", "down", "nearest rank", 3)
PLAIN = Metric("elo", "Elo", "", "up", "by games", 1)

figures = st.none() | st.floats(-1e9, 1e9) | st.just(float("nan"))
entries = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.text(max_size=8),
            "rank": st.none() | st.integers(1, 9),
            "score": figures,
            "low": figures,
            "high": figures,
        }
    ),
    max_size=8,
).map(lambda rows: [{"id": str(place), **row} for place, row in enumerate(rows)])


@given(entries, st.sampled_from(["", "score", "-score", "name", "-name", "nothing"]))
def test_order_keeps_every_entry_puts_missing_last_and_equals_in_rank_order(
    rows: list[dict[str, Any]], sort: str
) -> None:
    found = ordered(rows, sort)
    assert sorted(entry["id"] for entry in found) == sorted(entry["id"] for entry in rows)
    values = [entry.get(sort.removeprefix("-")) for entry in found] if sort else []
    there = [known(value) for value in values]
    assert there == sorted(there, reverse=True)
    by_value: dict[Any, list[int]] = {}
    for entry, value in zip(found, values, strict=False):
        by_value.setdefault(value if known(value) else None, []).append(int(entry["id"]))
    if "name" not in sort:
        assert all(ids == sorted(ids) for ids in by_value.values())


@given(entries, st.text(max_size=6))
def test_a_filter_only_removes_and_an_empty_one_removes_nothing(rows: list[dict[str, Any]], q: str) -> None:
    found = matching(rows, q)
    assert [entry for entry in rows if entry in found] == found
    assert matching(rows, "  ") == rows


@given(st.text(max_size=20), st.sampled_from(["", "n", "-score"]), st.sampled_from(["24h", "first", "previous"]))
def test_a_view_and_its_address_say_the_same(q: str, sort: str, against: str) -> None:
    view = View(q, sort, against)
    assert View(**dict(parse_qsl(view.query))) == view
    assert View().query == View().name == ""


@given(entries)
def test_drawings_stay_within_their_frame(rows: list[dict[str, Any]]) -> None:
    scale = drawing.common(rows, 160)
    for entry in rows:
        found = drawing.interval(entry, scale)
        assert found.at is None or 0 <= found.at <= 160
        assert found.left is None or 0 <= found.left <= 160
    points = drawing.line([entry["score"] for entry in rows], 84, 24)
    assert all(0 <= x <= 84 and 0 <= y <= 24 for x, y in points)
    chart = drawing.chart(rows, 1000, 200)
    if chart:
        assert [y for y, _ in chart.ticks] == sorted(y for y, _ in chart.ticks)
        assert 2 <= len(chart.ticks) <= 8


def test_change_of_rank_is_towards_the_top() -> None:
    now = [*_standing(a=1, b=2, c=2, d=4), {"id": "e", "rank": 5, "score": None}]
    before = [*_standing(a=3, b=2, c=1, e=4), {"id": "d", "rank": 5, "score": None}]
    assert {id_: change.text for id_, change in changes(now, before).items()} == {
        "a": "up 2",
        "b": "no change",
        "c": "down 1",
        "d": "new",
        "e": "nothing to compare with",
    }
    assert {change.kind for change in changes(now, None).values()} == {"none"}


def _standing(**ranks: int) -> list[dict[str, Any]]:
    return [{"id": id_, "rank": rank, "score": 0.5} for id_, rank in ranks.items()]


@pytest.mark.parametrize(
    ("value", "metric", "plain", "with_unit"),
    [
        (0.681, SCORE, "68.10", "68.10 %"),
        (1, SCORE, "100.00", "100.00 %"),
        (0.29149, LATENCY, "0.291", "0.291 ms"),
        (-1512.25, PLAIN, "−1,512.2", "−1,512.2"),
        (None, SCORE, "–", "–"),
        (float("nan"), LATENCY, "–", "–"),
    ],
)
def test_figures_read_as_declared(value: float | None, metric: Metric, plain: str, with_unit: str) -> None:
    assert figure(value, metric) == plain
    assert measure(value, metric) == with_unit


def test_a_heading_sorts_best_first_then_the_other_way_then_by_rank() -> None:
    steps = [columns(SCORE, [LATENCY], sort)["p95"] for sort in ("", "p95", "-p95")]
    assert [step.next for step in steps] == ["p95", "-p95", ""]
    assert [step.order for step in steps] == [None, "ascending", "descending"]
    assert columns(SCORE, [LATENCY], "")["score"].next == "-score"


def test_metrics_that_break_ties_get_a_column_before_others() -> None:
    metrics = [Metric(name, name, "", "up", "", 1) for name in "abcdef"]
    assert [metric.name for metric in shown(metrics, ("f", "e"), everything=False)] == ["a", "e", "f"]
    assert shown(metrics, ("f",), everything=True) == metrics
