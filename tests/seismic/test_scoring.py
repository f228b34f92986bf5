"""The formulas of the seismic domain, against values that were found in another way."""

from __future__ import annotations

import cmath
import math
import statistics
from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schema.seismic import scoring
from schema.seismic.intervals import interval, percentile, sign_test, student, win_rates
from schema.seismic.scoring import DEFINITIONS, PERFECT_FIGURE, UNDEFINED_FIGURE, Figure, Mismatch

samples = st.lists(st.integers(-9999, 9999).map(lambda n: n / 16), min_size=8, max_size=64)
"""Values that binary fractions hold exactly, so that nothing below depends on rounding."""


@st.composite
def triples(draw: st.DrawFn) -> tuple[list[float], list[float], list[float]]:
    """Reference, input and output of one length, the reference not silent, both of the others off."""
    x = draw(samples)
    noisy, y = (draw(st.lists(st.sampled_from(x), min_size=len(x), max_size=len(x))) for _ in range(2))
    assume(any(x) and noisy != x and y != x)
    return x, noisy, y


def exact_mse(x: Sequence[float], y: Sequence[float]) -> Fraction:
    return sum(((Fraction(a) - Fraction(b)) ** 2 for a, b in zip(x, y, strict=True)), Fraction(0)) / len(x)


def decibels(ratio: Fraction) -> float:
    with localcontext() as context:
        context.prec = 40
        return float(10 * (Decimal(ratio.numerator) / Decimal(ratio.denominator)).log10())


@given(triples())
def test_figures_equal_those_of_exact_arithmetic(traces: tuple[list[float], list[float], list[float]]) -> None:
    x, noisy, y = traces
    error, before = exact_mse(x, y), exact_mse(x, noisy)
    power = exact_mse(x, [0.0] * len(x))
    found = {one.metric: one.measure(x, noisy, y) for one in DEFINITIONS[:4]}
    near = pytest.approx
    assert scoring.mse(x, y) == near(float(error), rel=1e-12)
    assert scoring.rmse(x, y) ** 2 == near(scoring.mse(x, y), rel=1e-12)
    assert found["snr"].value == near(decibels(power / error), abs=1e-9)
    assert found["snr_improvement_db"].value == near(decibels(before / error), abs=1e-9)
    before_snr = scoring.snr(x, noisy).value
    assert before_snr is not None
    assert found["snr"].value is not None
    assert found["snr_improvement_db"].value == near(found["snr"].value - before_snr, abs=1e-9)
    reach = Fraction(max(x)) - Fraction(min(x))
    assert found["psnr"].value == (near(decibels(reach**2 / error), abs=1e-9) if reach else None)


@given(triples(), st.integers(-40, 40))
def test_units_change_no_ratio_and_psnr_ranks_as_snr(
    traces: tuple[list[float], list[float], list[float]], exponent: int
) -> None:
    x, noisy, y = traces
    scaled = [[math.ldexp(value, exponent) for value in trace] for trace in traces]
    for one in DEFINITIONS[:6]:
        assert one.measure(x, noisy, y) == pytest.approx(one.measure(*scaled), abs=1e-9)
    if max(x) > min(x):
        gaps = [scoring.psnr(x, z).value - scoring.snr(x, z).value for z in (noisy, y)]  # type: ignore[operator]
        assert gaps[0] == pytest.approx(gaps[1], abs=1e-9)


@given(triples())
def test_doing_nothing_gains_exactly_nothing(traces: tuple[list[float], list[float], list[float]]) -> None:
    x, noisy, _ = traces
    assert scoring.snr_improvement(x, noisy, list(noisy)) == Figure(0.0)


def test_worse_than_the_input_is_negative() -> None:
    assert scoring.snr_improvement([0.0, 4.0], [1.0, 4.0], [10.0, 4.0]).value == pytest.approx(-20.0)


def test_what_has_no_value_has_a_flag() -> None:
    x, flat, zero = [1.0, -2.0, 3.0, 0.5], [2.0] * 4, [0.0] * 4
    assert scoring.snr(x, x) == scoring.psnr(x, x) == scoring.snr_improvement(x, zero, x) == PERFECT_FIGURE
    assert scoring.snr(zero, x) == scoring.psnr(flat, x) == scoring.correlation(flat, x) == UNDEFINED_FIGURE
    assert scoring.snr_improvement(x, x, x) == scoring.snr_improvement(x, x, zero) == UNDEFINED_FIGURE
    assert scoring.freq_correlation(x, zero) == scoring.phase_coherence(zero, x) == UNDEFINED_FIGURE
    for broken in ([], [1.0]):
        with pytest.raises(Mismatch, match="samples"):
            scoring.snr(x, broken)


def test_perfect_is_judged_against_the_signal_not_against_a_unit() -> None:
    """Samples of 2e-9 with noise at a tenth of that: 20 dB, although the noise's power is below 1e-17."""
    x = [2e-9 if n % 2 else -2e-9 for n in range(100)]
    y = [value * 1.1 for value in x]
    assert scoring.snr(x, y).value == pytest.approx(20.0, abs=1e-6)
    assert scoring.snr([value * 1e-140 for value in x], [value * 1e-140 for value in y]).value == pytest.approx(20.0)


@given(samples, st.randoms(use_true_random=False))
def test_correlations_equal_those_of_a_slow_transform(x: list[float], random: object) -> None:
    y = [value + math.sin(n) for n, value in enumerate(x)]
    if len(set(x)) > 1 and len(set(y)) > 1:
        assert scoring.correlation(x, y).value == pytest.approx(statistics.correlation(x, y), abs=1e-9)
    spectra = [slow_spectrum(trace) for trace in (x, y)]
    for fast, slow in zip((scoring.spectrum(x), scoring.spectrum(y)), spectra, strict=True):
        assert fast == pytest.approx(slow, abs=1e-6)
    amplitudes = [[abs(value) for value in spectrum] for spectrum in spectra]
    found = scoring.freq_correlation(x, y)
    if found.value is not None and min(statistics.pstdev(one) for one in amplitudes) > 1e-6:
        assert found.value == pytest.approx(statistics.correlation(*amplitudes), abs=1e-6)
    if min(map(min, amplitudes)) > 1e-3:
        turns = [math.cos(cmath.phase(a) - cmath.phase(b)) for a, b in zip(*spectra, strict=True)]
        assert scoring.phase_coherence(x, y).value == pytest.approx((1 + statistics.fmean(turns)) / 2, abs=1e-6)


def slow_spectrum(x: Sequence[float]) -> list[complex]:
    """By the definition of the transform."""
    size = 1 << (len(x) - 1).bit_length()
    return [
        sum(value * cmath.exp(-2j * cmath.pi * k * n / size) for n, value in enumerate(x)) for k in range(1, size // 2)
    ]


def test_structural_similarity() -> None:
    gather = [[math.sin(row + column / 3) for column in range(9)] for row in range(8)]
    assert scoring.ssim(gather, gather).value == pytest.approx(1.0)
    raised, fallen = ([[10 + sign * value for value in row] for row in gather] for sign in (1, -1))
    turned = scoring.ssim(raised, fallen).value
    assert turned is not None
    assert -1 <= turned < 0
    shifted = scoring.ssim([row[:7] for row in gather[:7]], [[value + 1 for value in row[:7]] for row in gather[:7]])
    assert shifted.value == pytest.approx(one_window(gather, 1.0), abs=1e-12)
    assert scoring.ssim(gather[:6], gather[:6]) == UNDEFINED_FIGURE
    assert scoring.ssim([[1.0] * 9] * 8, gather) == UNDEFINED_FIGURE


def one_window(gather: Sequence[Sequence[float]], shift: float) -> float:
    """Of 7 x 7 values and the same shifted: only the means differ."""
    values = [value for row in gather[:7] for value in row[:7]]
    mean, reach = statistics.fmean(values), max(values) - min(values)
    c1 = (0.01 * reach) ** 2
    return (2 * mean * (mean + shift) + c1) / (mean**2 + (mean + shift) ** 2 + c1)


def test_definitions_are_told_apart_and_say_which_way_is_better() -> None:
    keys = [(one.metric, one.definition) for one in DEFINITIONS]
    assert len(set(keys)) == len(keys)
    down = {one.metric for one in DEFINITIONS if one.direction == "down"}
    assert down == {"mse", "rmse", "mae"}


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [(1, "12.7062"), (9, "2.2622"), (30, "2.0423"), (31, "2.0395"), (60, "2.0003"), (120, "1.9799")],
)
def test_student(freedom: int, quantile: str) -> None:
    """Tables of the 97.5 % quantile."""
    assert abs(student(freedom) - Decimal(quantile)) < Decimal("0.0001")


@given(st.lists(st.integers(-99, 99).map(Decimal), min_size=2, max_size=40))
def test_intervals_from_sums(values: list[Decimal]) -> None:
    found = interval(len(values), sum(values, Decimal(0)), sum((value**2 for value in values), Decimal(0)))
    half = float(student(len(values) - 1)) * float(statistics.stdev(values)) / math.sqrt(len(values))
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert float(found.mean) == pytest.approx(float(statistics.fmean(values)), abs=1e-9)
    assert float(found.high - found.mean) == float(found.mean - found.low) == pytest.approx(half, abs=1e-9)


def test_percentiles_rates_and_signs() -> None:
    assert [percentile({Decimal(n): 1 for n in range(1, 11)}, percent) for percent in (10, 50, 90)] == [1, 5, 9]
    assert percentile({}, 50) is None
    one = {"a": {"x": Decimal(3), "y": Decimal(1), "z": Decimal(3)}, "b": {"x": Decimal(1), "y": Decimal(2)}}
    assert win_rates(one, "up") == {"x": Fraction(3, 8), "y": Fraction(1, 2), "z": Fraction(3, 4)}
    assert win_rates(one, "down") == {"x": Fraction(5, 8), "y": Fraction(1, 2), "z": Fraction(1, 4)}
    assert win_rates({"a": {"x": Decimal(1)}}, "up") == {"x": None}
    assert sign_test(1, 8, 3).p_value == Decimal(20) / 512
    assert sign_test(500, 520, 0).p_value == pytest.approx(Decimal("0.55"), abs=Decimal("0.02"))
