"""Observations are the published ones, forecasters know only the past, the referee closes what is complete."""

import hashlib
import io
import tarfile
from datetime import timedelta
from math import pi, sin
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.forecasts import log
from samples.forecasts.autoregression import fitted
from samples.forecasts.contest import BEGIN, DAYS, PAST_HOURS, QUESTIONS, rounds
from samples.forecasts.forecaster import called
from samples.forecasts.forecasters import FORECASTERS
from samples.forecasts.past import DAY, Past
from samples.forecasts.referee import Book
from samples.forecasts.series import HEAD, HOUR, SeriesDamaged, load, parse
from samples.forecasts.vendor import WEATHER, SourceRefused, chosen, vendor

GAPS = {"EWR": 8, "JFK": 6, "LGA": 6}
SHAPES = st.lists(st.floats(-5, 5), min_size=DAY, max_size=DAY)


def test_every_hour_of_every_station_but_its_gaps_is_there() -> None:
    assert {name: sum(value is None for value in series.values) for name, series in load().items()} == GAPS
    assert {len(series.values) for series in load().values()} == {62 * 24}


def test_another_file_is_refused() -> None:
    for content in (
        "station,hour\n",
        f"{HEAD}\nJFK,2013-07-01T00:00:00Z,warm\n",
        f"{HEAD}\nBOS,2013-07-01T00:00:00Z,1\n",
    ):
        with pytest.raises(SeriesDamaged, match="vendor it again"):
            parse(content)


def test_only_the_published_source_is_vendored(tmp_path: Path) -> None:
    sdist = tmp_path / "sdist.tar.gz"
    with tarfile.open(sdist, "w:gz") as archive:
        member = tarfile.TarInfo(WEATHER)
        member.size = 5
        archive.addfile(member, io.BytesIO(b"other"))
    with pytest.raises(SourceRefused, match=hashlib.sha256(b"other").hexdigest()):
        vendor(sdist, tmp_path)


def test_what_is_vendored_are_three_columns_of_two_months() -> None:
    lines = ["EWR,68,2013-06-30T23:00:00Z", "EWR,70.5,2013-07-01T00:00:00Z", "JFK,NA,2013-07-01T00:00:00Z"]
    assert chosen("\n".join(["origin,temp,time_hour", *lines])) == f"{HEAD}\nEWR,2013-07-01T00:00:00Z,70.5\n"


def test_the_past_of_a_slot_ends_with_it() -> None:
    series = load()["JFK"]
    past = series.until(BEGIN, PAST_HOURS)
    assert len(past) == PAST_HOURS
    assert past[-1] == series.at(BEGIN)
    assert past[0] == series.at(BEGIN - (PAST_HOURS - 1) * HOUR)


def test_rounds_are_those_of_every_question_and_some_have_no_truth() -> None:
    everything = rounds()
    assert len(everything) == len(QUESTIONS) // 3 * DAYS * (8 + 4 + 2) == 672
    assert sum(each.truth is None for each in everything) == 8
    assert {len(each.expected) for each in everything} == {6, 7}


@given(SHAPES, st.integers(1, 2 * DAY))
def test_a_series_that_repeats_every_day_is_known_in_advance(shape: list[float], hours: int) -> None:
    values = [60 + shape[n % DAY] for n in range(PAST_HOURS)]
    for name in ("seasonal-naive", "climatology", "holt-winters"):
        answer = FORECASTERS[name].answer(Past(values), [hours])
        assert answer is not None
        (found,) = answer
        assert found.loc == pytest.approx(values[(hours - 1) % DAY], abs=1e-3)
        assert found.scale <= 0.02


@pytest.mark.parametrize("name", FORECASTERS)
def test_a_gap_is_answered_refused_or_passed_over_but_never_raises(name: str) -> None:
    values: list[float | None] = [60 + 8 * sin(2 * pi * n / DAY) for n in range(PAST_HOURS)]
    values[-1] = values[-DAY] = None
    status, output = called(FORECASTERS[name], Past(values), [1])
    assert (status, output is None) == {"autoregression": ("FAILED", False), "seasonal-naive": ("SUCCESS", True)}.get(
        name, ("SUCCESS", False)
    )
    assert called(FORECASTERS[name], Past([None] * PAST_HOURS), [1])[0] == "FAILED"


def test_weights_solve_the_equations_of_yule_and_walker() -> None:
    values = [sin(n) + sin(n * n) for n in range(200)]
    moments = [sum(one * other for one, other in zip(values[lag:], values, strict=False)) / 200 for lag in range(6)]
    weights, variance = fitted(values, 5)
    for lag in range(1, 6):
        assert sum(weight * moments[abs(lag - n)] for n, weight in enumerate(weights, 1)) == pytest.approx(moments[lag])
    left = moments[0] - sum(weight * moments[n] for n, weight in enumerate(weights, 1))
    assert variance == pytest.approx(left)


def test_a_round_is_complete_when_everybody_has_answered_it_or_a_later_one() -> None:
    first, second = [each for each in rounds() if each.config_id == "CFG_JFK-3600-3600"][:2]
    book, names = Book(), [one.name for one in first.expected]
    assert "holt-winters" not in names
    for name in names[1:]:
        book.see(log.Told(log.ANSWERED, first, name))
    assert not book.complete(first)
    book.see(log.Told(log.ANSWERED, second, names[0]))
    assert book.complete(first)
    assert names[0] not in book.answered[first]
    assert not book.complete(second)


def test_a_late_comer_is_expected_from_its_first_slot_on() -> None:
    late = FORECASTERS["holt-winters"]
    slots = sorted(each.performed_at for each in rounds() if late in each.expected)
    assert slots[0] == BEGIN + timedelta(days=5)
