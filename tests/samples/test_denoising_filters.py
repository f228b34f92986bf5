"""Recordings as they were vendored, noise as it is seeded, filters as their sources describe them, files as SEG-Y."""

from __future__ import annotations

import math
import struct
import zipfile
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.denoising import catalog, filters, segy, vendor
from samples.denoising.filters import MODELS, Model
from samples.denoising.noise import SPOILT, Spoilt
from samples.denoising.recordings import FOLDER, SAMPLE_RATE, STATIONS, traces
from schema.seismic.scoring import power, snr, snr_improvement

SIZE = 256


def tone(hertz: float, height: float = 1.0) -> list[float]:
    return [height * math.sin(math.tau * hertz * n / SAMPLE_RATE) for n in range(SIZE)]


def model(name: str, version: str = "1.0.0") -> Model:
    return next(one for one in MODELS if (one.name, one.version) == (name, version))


def test_recordings_are_those_that_were_published() -> None:
    peaks = {station.code: max(abs(value) for trace in traces(station) for value in trace) for station in STATIONS}
    assert peaks == {"CCC": 0.566659, "TOW2": 0.437307, "CLC": 0.510799}, "as the headers of the records say, in g"
    for station in STATIONS:
        assert [len(trace) for trace in traces(station)] == [1024] * 24
        told = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
        assert station.unpacked in told
    assert "CC0 1.0 Universal" in (FOLDER.parent / "LICENSE.md").read_text(encoding="utf-8")


def test_another_wheel_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "other.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("other.dist-info/licenses/LICENSE.md", "none")
        archive.writestr(f"{vendor.FOLDER}/{STATIONS[0].member}", "0 Accelerogram points at 100 pts/sec\n")
    with pytest.raises(vendor.SourceRefused, match="sha256"):
        vendor.vendor(wheel, tmp_path)


@pytest.mark.parametrize("spoilt", SPOILT, ids=lambda one: one.kind)
def test_noise_is_the_same_in_every_run_and_as_strong_as_said(spoilt: Spoilt) -> None:
    noisy = spoilt.noisy()
    assert noisy == spoilt.noisy()
    levels = {"white": (4.4, 5.6), "spikes": (1.0, 6.0), "hum": (2.9, 3.1)}[spoilt.kind]
    for reference, trace in zip(spoilt.reference(), noisy, strict=True):
        level = snr(reference, trace).value
        assert level is not None
        assert levels[0] < level < levels[1]


@pytest.mark.parametrize("one", MODELS, ids=lambda one: one.id)
def test_filters_are_deaf_to_units_and_keep_the_length(one: Model) -> None:
    random = Random(1)
    x = [random.gauss(0, 1) + value for value in tone(2.0, 3.0)]
    y = one.denoise(x)
    assert len(y) == len(x)
    assert one.denoise([value / 1024 for value in x]) == pytest.approx([value / 1024 for value in y], abs=1e-12)
    assert one.denoise([0.0] * SIZE) == pytest.approx([0.0] * SIZE)


@given(st.lists(st.floats(-1e3, 1e3), min_size=4, max_size=4))
def test_savitzky_and_golay_keep_every_cubic(weights: list[float]) -> None:
    x = [sum(weight * (n / 32) ** k for k, weight in enumerate(weights)) for n in range(SIZE)]
    assert filters.savitzky_golay(x, 11)[5:-5] == pytest.approx(x[5:-5], rel=1e-9, abs=1e-6)


def test_medians_take_single_spikes_out_and_means_spread_them() -> None:
    x = [1.0] * SIZE
    x[100] = 50.0
    assert filters.running_median(x, 5) == [1.0] * SIZE
    assert filters.moving_average(x, 5)[98:103] == pytest.approx([10.8] * 5)


@pytest.mark.parametrize(("hertz", "kept"), [(6.25, True), (25.0, False)])
def test_bands(hertz: float, kept: bool) -> None:
    x = tone(hertz)
    found = power(filters.band_pass(x, 2.0, 12.0)) / power(x)
    assert found == pytest.approx(1.0 if kept else 0.0, abs=1e-9)
    assert power(filters.notch(x, hertz, 1.0)) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("one", [model("haar"), model("haar", "2.0.0"), model("wiener", "2.0.0")], ids=lambda m: m.id)
def test_where_no_noise_is_seen_nothing_is_taken(one: Model) -> None:
    x = [float(n // 32 % 2) for n in range(SIZE)]
    assert one.denoise(x) == pytest.approx(x, abs=1e-9)


@pytest.mark.parametrize("one", [one for one in MODELS if one.name not in ("identity", "notch")], ids=lambda m: m.id)
def test_noise_on_something_slow_gets_less(one: Model) -> None:
    random = Random(2)
    x = tone(1.5625)
    noisy = [value + random.gauss(0, 0.5) for value in x]
    gain = snr_improvement(x, noisy, one.denoise(noisy)).value
    assert gain is not None
    assert gain > 1.0


@given(st.lists(st.lists(st.floats(-1e6, 1e6, width=32), min_size=3, max_size=3), min_size=1, max_size=4))
def test_files_hold_what_they_were_given(gather: list[list[float]]) -> None:
    content = segy.encode(gather, SAMPLE_RATE)
    assert segy.decode(content) == gather
    assert len(content) == 3600 + len(gather) * (240 + 4 * 3)
    assert struct.unpack_from(">HH", content, 3216)[0] == 10_000, "microseconds between samples"
    for broken in (content[:3000], content[:-1]):
        with pytest.raises(segy.NotSegy):
            segy.decode(broken)


def test_data_sets_are_whole_in_their_parts() -> None:
    for dataset in catalog.DATASETS:
        assert b"".join(dataset.parts) == dataset.content
        assert sha256(dataset.content).hexdigest() == catalog.digest(dataset.content)
        assert [len(part) for part in dataset.parts] == [32768, 32768, 32768, 9360]
