"""Whatever is legal of seismic figures can be computed, summed, ranked and told apart, however small or great."""

from __future__ import annotations

import json
import math
from decimal import Context, Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from psycopg.errors import CheckViolation

from schema.board import canonical, rounded, significant
from schema.decode import decoders
from schema.refusal import Refused
from schema.seismic import DOMAIN
from schema.seismic.boards import BOARDS, across_entries, downward_entries, upward_entries
from schema.seismic.events import MetricMeasured
from schema.seismic.intervals import interval, percentile, sign_test, student, win_rates
from schema.seismic.ranges import FIGURE_MAX
from schema.seismic.scoring import DEFINITIONS, PERFECT_FIGURE, measured, ssim
from tests.consumers.worker import Worker
from tests.seismic.lines import JOB, begun, line, people, submitted, uploaded
from tests.seismic.test_boards import row

EXTREMES = (0.0, -0.0, 5e-324, 1e-308, 1e-200, 1e-17, 1.0, 1e25, 1e200, 1e300, 1.7e308, -1.7e308)
samples = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(EXTREMES)
traces = st.integers(1, 12).flatmap(lambda n: st.tuples(*[st.lists(samples, min_size=n, max_size=n)] * 3))
figures = st.floats(-FIGURE_MAX, FIGURE_MAX) | st.sampled_from([value for value in EXTREMES if abs(value) <= 1e300])


@settings(deadline=None, max_examples=200)
@given(traces)
@example(([1.7e308] * 4, [-1.7e308] * 4, [1e-200] * 4))
@example(([5e-324] * 8, [0.0] * 8, [5e-324] * 8))
def test_every_figure_is_finite_or_flagged(found: tuple[list[float], list[float], list[float]]) -> None:
    x, noisy, y = found
    for name, figure in measured(x, noisy, y).items():
        assert (figure.value is None) == (figure.flag is not None), name
        if figure.value is not None:
            assert abs(figure.value) <= FIGURE_MAX
            told = {"job_id": JOB, "trace": 0, "metric": name, "definition": 1, "value": figure.value, "n": len(x)}
            MetricMeasured.model_validate_json(json.dumps(told))
    ssim([x] * 8, [y] * 8)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.floats(-1e3, 1e3), min_size=8, max_size=8),
    st.lists(st.floats(-1, 1), min_size=8, max_size=8),
    st.sampled_from((1e-250, 1e-18, 1e18, 1e250)),
)
def test_no_unit_decides_a_figure_without_one(x: list[float], noise: list[float], unit: float) -> None:
    noisy = [a + b for a, b in zip(x, noise, strict=True)]
    here = measured(x, noisy, x[::-1])
    there = measured(*([value * unit for value in trace] for trace in (x, noisy, x[::-1])))
    for one in DEFINITIONS:
        if one.unit in ("dB", "1") and here[one.metric].value is not None and there[one.metric].value is not None:
            assert there[one.metric].value == pytest.approx(here[one.metric].value, abs=1e-6)


def test_a_perfect_output_is_perfect_in_any_unit() -> None:
    for unit in (1e-300, 1.0, 1e300):
        x = [unit * value for value in (1.0, -2.0, 0.5, 1.5)]
        assert measured(x, [0.9 * value for value in x], x)["snr"] == PERFECT_FIGURE


def exact(value: float) -> Decimal:
    """As PostgreSQL casts a double to numeric: by 15 digits."""
    return Decimal(f"{value:.15g}")


@settings(deadline=None, max_examples=200)
@given(st.lists(st.lists(figures, max_size=5), min_size=1, max_size=5), st.lists(figures, max_size=3))
@example([[1e25], [3.0]], [])
@example([[1e300, -1e300], [5e-324]], [0.0])
def test_every_board_can_be_cut(models: list[list[float]], base: list[float]) -> None:
    rows = [
        {**row(name, [str(exact(value)) for value in values]), "direction": direction}
        for direction in ("up",)
        for name, values in [("identity", base), *((f"m{n}", values) for n, values in enumerate(models))]
    ]
    for cut in (upward_entries, downward_entries, across_entries):
        entries = cut(rows)
        assert len(entries) == len(rows)
        told = json.loads(canonical(entries))
        numbers = [value for entry in told for value in entry.values() if isinstance(value, float | int)]
        assert all(math.isfinite(float(value)) for value in numbers)
    for board in BOARDS:
        for edition in board.editions:
            canonical(edition.entries(rows))


@settings(deadline=None, max_examples=200)
@given(st.lists(figures.map(abs), min_size=2, max_size=6, unique_by=exact))
@example([8e-17, 5e-19, 4e-18])
@example([5e-324, 1e-323, 1e300])
def test_errors_that_differ_have_ranks_of_their_own(errors: list[float]) -> None:
    entries = downward_entries([row(f"m{n}", [str(exact(error))]) for n, error in enumerate(errors)])
    right = [f"m{n}" for n in sorted(range(len(errors)), key=lambda n: exact(errors[n]))]
    assert [entry["model"] for entry in entries] == right
    assert [entry["rank"] for entry in entries] == list(range(1, len(errors) + 1))
    assert canonical(entries) == canonical(json.loads(canonical(entries), parse_float=Decimal))


def test_snapshots_of_before_are_recomputed_by_decimals() -> None:
    rows = [row("a", ["8e-17"]), row("b", ["5e-19"])]
    boards = {board.name: board for board in BOARDS}
    (before,) = boards["downward"].editions
    assert [entry["score"] for entry in boards["downward"].entries(rows)] == [Decimal("5e-19"), Decimal("8e-17")]
    assert [entry["score"] for entry in before.entries(rows)] == [0, 0]
    assert {metric.decimals for metric in before.metrics if metric.name == "score"} == {15}
    assert {metric.digits for metric in boards["downward"].metrics if metric.name == "score"} == {15}


@settings(deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers(0, 20), st.integers(1, 40))
@example(Decimal("1e25"), 15, 15)
@example(Decimal("-9.99e-400"), 4, 2)
def test_rounding_never_fails_and_is_near(value: Decimal, decimals: int, digits: int) -> None:
    if -2000 < value.adjusted() < 2000:
        off = abs(rounded(value, decimals) - value) if value.adjusted() < 20 else Decimal(0)
        assert off <= Decimal(1).scaleb(-decimals)
        canonical(rounded(value, decimals))
    near = significant(value, digits)
    assert len(near.as_tuple().digits) <= digits
    assert significant(near, digits) == near


@settings(deadline=None)
@given(st.lists(figures, max_size=6))
def test_statistics_are_in_order(values: list[float]) -> None:
    exacts = [exact(value) for value in values]
    found = interval(len(values), sum(exacts, Decimal(0)), sum((one * one for one in exacts), Decimal(0)))
    assert (found is None) == (not values)
    if found and found.low is not None and found.high is not None:
        assert found.low <= found.mean <= found.high
    spread = {one: exacts.count(one) for one in exacts}
    ranked = [percentile(spread, percent) for percent in (0, 10, 50, 90, 100)]
    assert ranked == sorted(one for one in ranked if one is not None) if values else set(ranked) == {None}
    win_rates({"d": {str(n): one for n, one in enumerate(exacts)}}, "down")


def test_ends_of_distributions() -> None:
    assert all(student(n) > student(n + 1) > Decimal("1.9599") for n in (1, 29, 30, 31, 1000, 10**9))
    for counts in ((0, 0, 0), (1, 0, 0), (2**31, 0, 0), (0, 2**31, 2**31), (500, 500, 1), (501, 500, 0)):
        assert 0 <= sign_test(*counts).p_value <= 1


@pytest.mark.parametrize(
    ("type_", "data", "limits"),
    [
        ("metric.measured", {"trace": 0, "metric": "mse", "definition": 1, "value": 1e301, "n": 1}, "1e300"),
        ("trace.denoised", {"trace": 0, "reference": "x", "seconds": 1e10}, "1000000000"),
    ],
)
def test_out_of_range_names_the_limits(type_: str, data: dict[str, Any], limits: str) -> None:
    event = DOMAIN.by_type[f"seismic.{type_}.v1"]
    told = {"specversion": "1.0", "id": "018f0000-0000-7000-8000-000000000001", "source": "test", "type": event.type,
            "time": "2026-03-01T10:00:00Z", "data": {"job_id": JOB, **data}}  # fmt: skip
    with pytest.raises(Refused, match=f"out-of-range.* less than or equal to {limits}") as refused:
        decoders([DOMAIN])[event.topic].decode(json.dumps(told).encode())
    assert refused.value.reason == "out-of-range"


def test_the_tallies_hold_every_legal_figure(worker: Worker, db: psycopg.Connection) -> None:
    """Sums are exact, whatever the order, and what is no legal figure is refused by hand as well."""
    worker.log.extend([*people(), *uploaded(), submitted(), begun()])
    worker.finish()
    insert = (
        "INSERT INTO seismic.measurements (job_id, attempt, trace, metric, definition, value, n)"
        " VALUES (%s, 1, %s, 'rmse', 1, %s, 100)"
    )
    values = [5e-324, 1e-300, 1.23456789012345e-17, 0.0, 1.0, 1e25, 9.87654321098765e299, 1e300]
    for order in (values, values[::-1]):
        for trace, value in enumerate(order):
            db.execute(insert, [JOB, trace, value])
        ((total, squares, n),) = db.execute("SELECT total, squares, n FROM seismic.summaries").fetchall()
        assert n == len(values)
        with_all = Context(prec=2000)
        known: Any = Decimal(0)
        square: Any = Decimal(0)
        for value in values:
            known = with_all.add(known, exact(value))
            square = with_all.add(square, with_all.multiply(exact(value), exact(value)))
        assert (total, squares) == (known, square)
        near = [str(one) for (one,) in db.execute("SELECT near FROM seismic.spread ORDER BY near").fetchall()]
        assert [float(one) for one in near] == pytest.approx([float(f"{value:.2e}") for value in values])
        ((size,),) = db.execute("SELECT pg_column_size(s) FROM seismic.summaries s").fetchall()
        assert size < 2000
        db.execute("DELETE FROM seismic.measurements")
    for wrong in (1.1e300, 1.7e308):
        with pytest.raises(CheckViolation):
            db.execute(insert, [JOB, 99, wrong])


def test_sizes_beyond_a_bigint_are_compared(worker: Worker, db: psycopg.Connection) -> None:
    worker.log.extend([*people(), *uploaded(), line("dataset.prepared", dataset_id=uploaded()[0]["data"]["dataset_id"],
        traces=2**31 - 1, samples=2**31 - 1, sample_rate=1.0, size_bytes=2**53 - 1, storage_path="x")])  # fmt: skip
    worker.finish()
    assert db.execute("SELECT count(*) FROM ledger.dead").fetchall() in ([(0,)], [(1,)])
