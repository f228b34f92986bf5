"""Filters that take noise off a trace: pure functions from samples to as many samples."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import mul
from statistics import fmean, median
from typing import Any, Final

from samples.denoising.recordings import SAMPLE_RATE, Trace
from schema.seismic.scoring import fourier

Filter = Callable[..., Trace]

DEVIATIONS_PER_MEDIAN: Final = 1 / 0.6744897501960817
"""A normal variable's standard deviation over the median of its absolute values."""


def identity(x: Sequence[float]) -> Trace:
    """The input, unchanged: what doing nothing scores."""
    return list(x)


def moving_average(x: Sequence[float], window: int) -> Trace:
    """Mean of an odd window around each sample."""
    return [math.fsum(part) / window for part in _windows(x, window)]


def running_median(x: Sequence[float], window: int) -> Trace:
    """Median of an odd window around each sample (Tukey 1977): deaf to single outliers."""
    return [median(part) for part in _windows(x, window)]


def savitzky_golay(x: Sequence[float], window: int) -> Trace:
    """Value of the cubic that fits an odd window best (Savitzky and Golay 1964, doi:10.1021/ac60214a047)."""
    weights = cubic_weights(window // 2)
    return [_dot(weights, part) for part in _windows(x, window)]


@cache
def cubic_weights(half: int) -> tuple[float, ...]:
    """Weights of 2 half + 1 samples; closed form of the quadratic and cubic fit (Madden 1978)."""
    norm = (2 * half - 1) * (2 * half + 1) * (2 * half + 3)
    return tuple(3 * (3 * half * half + 3 * half - 1 - 5 * k * k) / norm for k in range(-half, half + 1))


def wiener(x: Sequence[float], window: int, robust: bool = False) -> Trace:
    """Each sample drawn to its window's mean, the more the less the window varies beyond the noise (Lee 1980).

    The noise's variance is the mean of the windows' variances or, `robust`, told by the finest Haar details.
    """
    means, variances = [], []
    for part in _windows(x, window):
        mean = math.fsum(part) / window
        means.append(mean)
        variances.append(max(0.0, _dot(part, part) / window - mean * mean))
    noise = _deviation(x) ** 2 if robust else fmean(variances)
    gains = [max(0.0, 1 - noise / variance) if variance else 0.0 for variance in variances]
    return [mean + gain * (value - mean) for value, mean, gain in zip(x, means, gains, strict=True)]


def band_pass(x: Sequence[float], low: float, high: float) -> Trace:
    """Only frequencies from `low` to `high` Hz, with cosine edges of a tenth of each on both sides of it."""

    def gain(hertz: float) -> float:
        return _edge(hertz, low) * (1 - _edge(hertz, high))

    return _by_frequency(x, lambda hertz, value: gain(hertz) * value)


def notch(x: Sequence[float], hertz: float, width: float) -> Trace:
    """Everything but a narrow band around one frequency, in Hz."""
    return _by_frequency(x, lambda at, value: value if abs(at - hertz) > width / 2 else 0j)


def spectral_threshold(x: Sequence[float], deviations: float) -> Trace:
    """Frequencies whose amplitude does not stand out of the noise go, the others lose as much (Boll 1979).

    The noise's amplitude is the median of the highest quarter of frequencies.
    """
    size = _padded(len(x))
    upper = [abs(value) for value in _transform(x)[3 * size // 8 : size // 2]]
    limit = deviations * median(upper)
    return _by_frequency(x, lambda hertz, value: value * max(0.0, 1 - limit / abs(value)) if value else value)


def haar_threshold(x: Sequence[float], levels: int, shifts: int = 1) -> Trace:
    """Haar wavelet shrinkage: details within the noise go, the others lose as much (Donoho and Johnstone 1994,
    doi:10.1093/biomet/81.3.425); averaged over `shifts` of the start (Coifman and Donoho 1995).

    The number of samples must be a multiple of 2 ** levels.
    """
    limit = _deviation(x) * math.sqrt(2 * math.log(len(x)))
    total = [0.0] * len(x)
    for shift in range(shifts):
        turned = _shrunk([*x[shift:], *x[:shift]], levels, limit)
        for n, value in enumerate(turned):
            total[(n + shift) % len(x)] += value
    return [value / shifts for value in total]


def _windows(x: Sequence[float], window: int) -> list[Sequence[float]]:
    """An odd window around each sample; beyond the ends the trace is mirrored."""
    half = window // 2
    padded = [*x[half:0:-1], *x, *x[-2 : -half - 2 : -1]]
    return [padded[n : n + window] for n in range(len(x))]


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return math.fsum(map(mul, a, b))


def _deviation(x: Sequence[float]) -> float:
    """Of the noise, from the finest Haar details: in most of them there is hardly any signal."""
    details = [abs(b - a) / math.sqrt(2) for a, b in zip(x[::2], x[1::2], strict=False)]
    return median(details) * DEVIATIONS_PER_MEDIAN


def _shrunk(x: Trace, levels: int, limit: float) -> Trace:
    if not levels:
        return x
    half = math.sqrt(0.5)
    pairs = list(zip(x[::2], x[1::2], strict=True))
    coarse = _shrunk([(a + b) * half for a, b in pairs], levels - 1, limit)
    fine = [math.copysign(max(0.0, abs(detail) - limit), detail) for detail in ((a - b) * half for a, b in pairs)]
    return [value for a, b in zip(coarse, fine, strict=True) for value in ((a + b) * half, (a - b) * half)]


def _edge(hertz: float, corner: float) -> float:
    """From 0 to 1 across a corner."""
    place = (hertz - 0.9 * corner) / (0.2 * corner)
    return 0.5 - 0.5 * math.cos(math.pi * min(1.0, max(0.0, place)))


def _padded(samples: int) -> int:
    return 1 << (samples - 1).bit_length()


def _transform(x: Sequence[float]) -> list[complex]:
    return fourier([complex(value) for value in x] + [0j] * (_padded(len(x)) - len(x)))


def _by_frequency(x: Sequence[float], change: Callable[[float, complex], complex]) -> Trace:
    """There and back, every positive frequency changed on the way; what comes back is real."""
    values = _transform(x)
    size = len(values)
    for k in range(size // 2 + 1):
        values[k] = change(k * SAMPLE_RATE / size, values[k])
        values[-k] = values[k].conjugate()
    back = fourier([value.conjugate() for value in values])
    return [value.real / size for value in back[: len(x)]]


@dataclass(frozen=True)
class Model:
    """A version of a filter, as it is registered."""

    name: str
    version: str
    run: Filter
    config: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Name and version, as the boards name it."""
        return f"{self.name}@{self.version}"

    def denoise(self, trace: Sequence[float]) -> Trace:
        """The trace without what this filter takes for noise."""
        return self.run(trace, **self.config)


MODELS: Final = (
    Model("identity", "1.0.0", identity),
    Model("moving-average", "1.0.0", moving_average, {"window": 5}),
    Model("median", "1.0.0", running_median, {"window": 5}),
    Model("savitzky-golay", "1.0.0", savitzky_golay, {"window": 11}),
    Model("wiener", "1.0.0", wiener, {"window": 11}),
    Model("wiener", "2.0.0", wiener, {"window": 11, "robust": True}),
    Model("band-pass", "1.0.0", band_pass, {"low": 1.0, "high": 3.0}),
    Model("band-pass", "2.0.0", band_pass, {"low": 0.05, "high": 16.0}),
    Model("notch", "1.0.0", notch, {"hertz": 31.0, "width": 0.8}),
    Model("spectral-threshold", "1.0.0", spectral_threshold, {"deviations": 2.0}),
    Model("haar", "1.0.0", haar_threshold, {"levels": 5}),
    Model("haar", "2.0.0", haar_threshold, {"levels": 5, "shifts": 8}),
)
"""Every filter's every version; `identity` is the baseline."""
