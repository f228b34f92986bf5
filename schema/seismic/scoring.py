"""How an output trace is held against its reference: pure functions of two sequences of samples.

`x` is the reference, `y` the output (or the input), N samples each; powers are means of squares. A figure is a finite
number, or a flag: nothing is left to measure (perfect), or the formula has no value (undefined).
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from schema.seismic.ranges import FIGURE_MAX

Trace = Sequence[float]
Gather = Sequence[Trace]

PERFECT, UNDEFINED = "perfect", "undefined"

SILENT_DECIBELS = 240
"""Noise so far below the reference's power is none: relative, so that no unit decides."""

SSIM_WINDOW = 7
SSIM_C1, SSIM_C2 = 0.01, 0.03
"""Stabilisers, in parts of the range of the reference (Wang et al. 2004, doi:10.1109/TIP.2003.819861)."""


class Figure(NamedTuple):
    """A finite value, or none and the flag that says why."""

    value: float | None
    flag: str | None = None


UNDEFINED_FIGURE, PERFECT_FIGURE = Figure(None, UNDEFINED), Figure(None, PERFECT)


class Mismatch(ValueError):
    """Reference and output are not of one shape, or hold no samples."""


def _paired(x: Trace, y: Trace) -> None:
    if len(x) != len(y) or not x:
        raise Mismatch(f"reference and output have {len(x)} and {len(y)} samples; both must have the same, at least 1")


class Power(NamedTuple):
    """A mean of squares, kept as a scale and the mean of what is left: neither 1e200 nor 1e-200 leaves the doubles."""

    scale: float
    """The greatest value, either way; infinite where there is none."""
    mean: float
    """Of the squares of the values in units of the scale, 0 … 1."""

    @property
    def value(self) -> float:
        """The mean of the squares, in squared units of the data; infinite or 0 beyond what a double holds."""
        return self.scale * self.scale * self.mean

    @property
    def root(self) -> float:
        """The root of it, in units of the data."""
        return self.scale * math.sqrt(self.mean)

    @property
    def decibels(self) -> float:
        """10 log10 of it; minus infinity of nothing."""
        return 20 * math.log10(self.scale) + 10 * math.log10(self.mean) if self.scale else -math.inf


def powered(values: Sequence[float]) -> Power:
    """The mean of the squares of at least one value."""
    scale = max(map(abs, values))
    if not scale or not math.isfinite(scale):
        return Power(scale, 1.0 if scale else 0.0)
    return Power(scale, math.fsum((value / scale) ** 2 for value in values) / len(values))


def power(x: Trace) -> float:
    """Mean of the squares, in squared units of the data."""
    return powered(x).value


def _error(x: Trace, y: Trace) -> Power:
    _paired(x, y)
    return powered([a - b for a, b in zip(x, y, strict=True)])


def mse(x: Trace, y: Trace) -> float:
    """Mean squared error, in squared units of the data; infinite beyond what a double holds. Raises Mismatch."""
    return _error(x, y).value


def rmse(x: Trace, y: Trace) -> float:
    """Root of the mean squared error, in units of the data. Raises Mismatch."""
    return _error(x, y).root


def mae(x: Trace, y: Trace) -> float:
    """Mean absolute error, in units of the data. Raises Mismatch."""
    _paired(x, y)
    errors = [abs(a - b) for a, b in zip(x, y, strict=True)]
    scale = max(errors)
    if not scale or not math.isfinite(scale):
        return scale
    return scale * (math.fsum(error / scale for error in errors) / len(errors))


def _decibels(part: Power, whole: Power) -> Figure:
    """10 log10(part / whole); without noise perfect, without a signal undefined."""
    if not (math.isfinite(part.scale) and math.isfinite(whole.scale)) or not part.scale:
        return UNDEFINED_FIGURE
    found = part.decibels - whole.decibels
    return PERFECT_FIGURE if found >= SILENT_DECIBELS else Figure(found)


def snr(x: Trace, y: Trace) -> Figure:
    """Signal to noise in dB: 10 log10(mean(x²) / mean((x - y)²)). Raises Mismatch."""
    error = _error(x, y)
    return _decibels(powered(x), error)


def snr_improvement(x: Trace, noisy: Trace, y: Trace) -> Figure:
    """What the output gains over the input, in dB: snr(output) - snr(input) = 10 log10(mse_in / mse_out).

    Exactly 0 for the input returned unchanged; negative where the model made it worse. Raises Mismatch.
    """
    before, after, signal = _error(x, noisy), _error(x, y), powered(x)
    if _decibels(signal, before).value is None:
        return UNDEFINED_FIGURE
    if before == after:
        return Figure(0.0)
    return PERFECT_FIGURE if _decibels(signal, after) == PERFECT_FIGURE else _decibels(before, after)


def psnr(x: Trace, y: Trace) -> Figure:
    """Peak signal to noise in dB: 10 log10((max x - min x)² / mse); undefined for a constant x. Raises Mismatch."""
    error = _error(x, y)
    return _decibels(powered([max(x) - min(x)]), error)


def correlation(x: Trace, y: Trace) -> Figure:
    """Pearson's coefficient in -1 … 1; undefined where one of both is constant. Raises Mismatch."""
    _paired(x, y)
    x, y = _unit(x), _unit(y)
    centre_x, centre_y = math.fsum(x) / len(x), math.fsum(y) / len(y)
    dx, dy = [value - centre_x for value in x], [value - centre_y for value in y]
    # Scaled before squaring: what is left beside the mean may be tiny.
    top_x, top_y = max(map(abs, dx)), max(map(abs, dy))
    if top_x <= abs(centre_x) * 1e-15 or top_y <= abs(centre_y) * 1e-15:
        return UNDEFINED_FIGURE
    dx, dy = [value / top_x for value in dx], [value / top_y for value in dy]
    root = math.sqrt(math.fsum(a * a for a in dx) * math.fsum(b * b for b in dy))
    return Figure(max(-1.0, min(1.0, math.fsum(a * b for a, b in zip(dx, dy, strict=True)) / root)))


def _unit(x: Trace) -> list[float]:
    """The samples in units of the greatest: coefficients have no scale, sums of 1e308 and squares of 1e-200 have."""
    scale = max(map(abs, x), default=0.0)
    return [value / scale for value in x] if scale and math.isfinite(scale) else list(x)


def spectrum(x: Trace) -> list[complex]:
    """Discrete Fourier transform at positive frequencies, of x padded by zeros to a power of two.

    N/2 - 1 values for a padded length N: neither the mean nor the Nyquist frequency.
    """
    size = 1 << max(1, (len(x) - 1).bit_length())
    return fourier([complex(value) for value in x] + [0j] * (size - len(x)))[1 : size // 2]


def fourier(values: list[complex]) -> list[complex]:
    """Radix-2 transform of a power of two of values (Cooley and Tukey 1965, doi:10.2307/2003354)."""
    size = len(values)
    if size == 1:
        return values
    even, odd = fourier(values[::2]), fourier(values[1::2])
    turned = [turn * value for turn, value in zip(_turns(size), odd, strict=True)]
    return [a + b for a, b in zip(even, turned, strict=True)] + [a - b for a, b in zip(even, turned, strict=True)]


_TURNS: dict[int, list[complex]] = {}


def _turns(size: int) -> list[complex]:
    if size not in _TURNS:
        _TURNS[size] = [cmath.exp(-2j * cmath.pi * k / size) for k in range(size // 2)]
    return _TURNS[size]


def freq_correlation(x: Trace, y: Trace) -> Figure:
    """Pearson's coefficient of both amplitude spectra, in -1 … 1; undefined for a constant one. Raises Mismatch."""
    _paired(x, y)
    if len(x) < 4:
        return UNDEFINED_FIGURE
    return correlation([abs(value) for value in spectrum(_unit(x))], [abs(value) for value in spectrum(_unit(y))])


def phase_coherence(x: Trace, y: Trace) -> Figure:
    """(1 + mean cosine of the phase difference) / 2 over frequencies > 0, unweighted, in 0 … 1. Raises Mismatch."""
    _paired(x, y)
    pairs = list(zip(spectrum(_unit(x)), spectrum(_unit(y)), strict=True))
    cosines = [math.cos(cmath.phase(a) - cmath.phase(b)) for a, b in pairs if a and b]
    if not cosines or len(cosines) < len(pairs):
        return UNDEFINED_FIGURE
    return Figure(max(0.0, min(1.0, (1 + math.fsum(cosines) / len(cosines)) / 2)))


def ssim(x: Gather, y: Gather, window: int = SSIM_WINDOW) -> Figure:
    """Structural similarity of two gathers (traces x samples), in -1 … 1: the mean over square windows, step 1.

    ((2 mx my + C1)(2 cov + C2)) / ((mx² + my² + C1)(vx + vy + C2)), C1 = (0.01 L)², C2 = (0.03 L)², L the range of x,
    moments over N. Undefined where a window does not fit or x is constant. Raises Mismatch.
    """
    if len(x) != len(y):
        raise Mismatch(f"reference and output have {len(x)} and {len(y)} traces; both must have the same")
    for one, other in zip(x, y, strict=True):
        _paired(one, other)
    scale = max((abs(value) for gather in (x, y) for trace in gather for value in trace), default=0.0) or 1.0
    x, y = ([[value / scale for value in trace] for trace in gather] for gather in (x, y))
    width = min((len(trace) for trace in x), default=0)
    reach = max((max(trace) for trace in x), default=0.0) - min((min(trace) for trace in x), default=0.0)
    if len(x) < window or width < window or not reach:
        return UNDEFINED_FIGURE
    c1, c2 = (SSIM_C1 * reach) ** 2, (SSIM_C2 * reach) ** 2
    if not c1:
        return UNDEFINED_FIGURE
    likeness = []
    for top in range(len(x) - window + 1):
        for left in range(width - window + 1):
            a = [value for row in x[top : top + window] for value in row[left : left + window]]
            b = [value for row in y[top : top + window] for value in row[left : left + window]]
            likeness.append(_likeness(a, b, c1, c2))
    return Figure(max(-1.0, min(1.0, math.fsum(likeness) / len(likeness))))


def _likeness(a: Trace, b: Trace, c1: float, c2: float) -> float:
    n = len(a)
    ma, mb = math.fsum(a) / n, math.fsum(b) / n
    va, vb = math.fsum((v - ma) ** 2 for v in a) / n, math.fsum((v - mb) ** 2 for v in b) / n
    cov = math.fsum((v - ma) * (w - mb) for v, w in zip(a, b, strict=True)) / n
    # Two ratios: the product of both denominators may be less than a double holds.
    return (2 * ma * mb + c1) / (ma * ma + mb * mb + c1) * ((2 * cov + c2) / (va + vb + c2))


@dataclass(frozen=True)
class Definition:
    """A version of a metric: what the figures mean, which way is better, and how they come about."""

    metric: str
    unit: str
    direction: str
    formula: str
    measure: Callable[[Trace, Trace, Trace], Figure]
    """(reference, input, output) -> figure."""
    definition: int = 1

    @property
    def told(self) -> dict[str, Any]:
        """The data of metric.defined."""
        names = ("metric", "definition", "unit", "direction", "formula")
        return {name: getattr(self, name) for name in names}


def _plain(measure: Callable[[Trace, Trace], float]) -> Callable[[Trace, Trace, Trace], Figure]:
    """What no double of a legal figure holds has no value."""

    def measured(x: Trace, noisy: Trace, y: Trace) -> Figure:
        found = measure(x, y)
        return Figure(found) if found <= FIGURE_MAX else UNDEFINED_FIGURE

    return measured


def _flagged(measure: Callable[[Trace, Trace], Figure]) -> Callable[[Trace, Trace, Trace], Figure]:
    return lambda x, noisy, y: measure(x, y)


DEFINITIONS = (
    Definition("snr_improvement_db", "dB", "up", "10 log10(mse of the input / mse of the output)", snr_improvement),
    Definition("snr", "dB", "up", "10 log10(mean(x²) / mean((x - y)²))", _flagged(snr)),
    Definition("psnr", "dB", "up", "10 log10((max x - min x)² / mse)", _flagged(psnr)),
    Definition("correlation", "1", "up", "Pearson of x and y", _flagged(correlation)),
    Definition("freq_correlation", "1", "up", "Pearson of the amplitude spectra", _flagged(freq_correlation)),
    Definition("phase_coherence", "1", "up", "(1 + mean cos of the phase difference) / 2", _flagged(phase_coherence)),
    Definition("mse", "units²", "down", "mean((x - y)²)", _plain(mse)),
    Definition("rmse", "units", "down", "root of mean((x - y)²)", _plain(rmse)),
    Definition("mae", "units", "down", "mean |x - y|", _plain(mae)),
)
"""The metrics of single traces. SSIM is one of gathers: `ssim`."""

SSIM = {
    "metric": "ssim", "definition": 1, "unit": "1", "direction": "up",
    "formula": "mean over 7 x 7 windows of ((2 mx my + C1)(2 cov + C2)) / ((mx² + my² + C1)(vx + vy + C2))",
}  # fmt: skip
"""The data of metric.defined for `ssim`."""


def measured(x: Trace, noisy: Trace, y: Trace) -> dict[str, Figure]:
    """Every metric of one output trace: name -> figure. Raises Mismatch."""
    return {one.metric: one.measure(x, noisy, y) for one in DEFINITIONS}
