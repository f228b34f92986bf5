"""What spoils a recording: noise that is seeded, so that every run meets the same."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from samples.denoising.recordings import SAMPLE_RATE, STATIONS, Station, Trace, traces
from schema.seismic.scoring import power

WHITE_DB: Final = 5.0
"""Of signal over noise, trace by trace."""

SPIKED_SHARE: Final = 0.03
SPIKE_DEVIATIONS: Final = 4.0
HUM_HERTZ: Final = 31.0
HUM_DB: Final = 3.0

Spoil = Callable[[Sequence[float], Random], Trace]


def white(clean: Sequence[float], random: Random) -> Trace:
    """Gaussian noise over all frequencies, WHITE_DB below the signal."""
    sigma = math.sqrt(power(clean) * 10 ** (-WHITE_DB / 10))
    return [value + random.gauss(0.0, sigma) for value in clean]


def spikes(clean: Sequence[float], random: Random) -> Trace:
    """A share of the samples jumps by several deviations, as a bad contact makes them."""
    jump = SPIKE_DEVIATIONS * math.sqrt(power(clean))
    return [value + (random.choice((-jump, jump)) if random.random() < SPIKED_SHARE else 0.0) for value in clean]


def hum(clean: Sequence[float], random: Random) -> Trace:
    """A machine nearby: one frequency with a phase of its own, HUM_DB below the signal."""
    height = math.sqrt(2 * power(clean) * 10 ** (-HUM_DB / 10))
    phase, turn = random.uniform(0.0, math.tau), math.tau * HUM_HERTZ / SAMPLE_RATE
    return [value + height * math.sin(phase + turn * n) for n, value in enumerate(clean)]


@dataclass(frozen=True)
class Spoilt:
    """A station's traces with one kind of noise."""

    station: Station
    kind: str
    spoil: Spoil

    @property
    def name(self) -> str:
        """Of the data set."""
        return f"Ridgecrest 2019, {self.station.code}, {self.kind}"

    def reference(self) -> list[Trace]:
        """The traces as they were recorded, in g."""
        return [list(trace) for trace in traces(self.station)]

    def noisy(self) -> list[Trace]:
        """The same with noise, seeded by the name, in g."""
        random = Random(self.name)
        return [self.spoil(trace, random) for trace in traces(self.station)]


SPOILT: Final = tuple(
    Spoilt(station, spoil.__name__, spoil) for station, spoil in zip(STATIONS, (white, spikes, hum), strict=True)
)
"""Three data sets: another station and another kind of noise each."""
