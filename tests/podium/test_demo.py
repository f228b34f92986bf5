"""podium demo: ends when everything is applied and proven, whatever dies on the way, and can be run again."""

from __future__ import annotations

import re
from pathlib import Path
from threading import Event

import psycopg
import pytest

import samples
from podium import boards, demo, status
from podium.cli.demo import Show
from podium.cli.screen import Interrupted, Screen
from podium.settings import Settings
from schema import DOMAINS, LEDGER
from tests.podium.command import environment, podium
from tests.podium.smalldemo import ROWS, Small


def play(settings: Settings, folder: Path) -> None:
    stop = Event()
    two = [Small(folder / f"mark{n}", n) for n in (1, 2)]
    with Screen(stop) as screen:
        given = {name: value for name, value in environment(settings).items() if name.startswith("PODIUM_")}
        Show(settings, two, screen, given, browse=False).play(stop, once=True)


def test_two_side_by_side_end_with_boards_that_are_proven_and_again(
    database: Settings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    play(database, tmp_path)
    out, err = capfd.readouterr()
    assert "3 of 3 boards proven" in out
    assert len(re.findall("killed by SIGKILL", err)) == 2
    first = status.look(database, (LEDGER, *DOMAINS), sample_seconds=0)
    assert first.good
    assert first.total.caught_up
    assert first.total.dead == 0
    with psycopg.connect(database.postgres.dsn("reader"), autocommit=True) as connection:
        entries = boards.find(connection, Small.headline).listed
        assert [(entry["n"], entry["score"]) for entry in entries] == [(ROWS, 0.5)] * 2
        play(database, tmp_path)
        again = boards.find(connection, Small.headline).listed
    assert again == entries
    second = status.look(database, (LEDGER, *DOMAINS), sample_seconds=0)
    assert second.good
    assert second.total.read > first.total.read


def test_ctrl_c_ends_it(database: Settings) -> None:
    stop = Event()
    stop.set()
    with Screen(stop) as screen, pytest.raises(Interrupted):
        Show(database, [Small(Path("/nowhere"))], screen, {}, browse=False).play(stop, once=True)


def test_demos_are_found_beside_the_samples_by_their_own_name_or_the_domains() -> None:
    every = demo.every()
    assert every
    assert demo.find() is every[0]
    assert {one.domain for one in every} <= {domain.name for domain in DOMAINS}
    for name, one in zip(demo.names(), every, strict=True):
        assert demo.find(name) is one
        assert demo.find(one.domain).domain == one.domain
        assert one.workers()
        assert one.headline.startswith(f"{one.domain}.")


def test_what_is_shown_first_is_declared() -> None:
    assert demo.names()[: len(samples.ORDER)] == list(samples.ORDER)


def test_an_unknown_demo_is_refused(services: Settings) -> None:
    refused = podium(services, "demo", "nonsense")
    assert refused.returncode == 2
    assert "nonsense" in refused.stderr


def test_one_or_all(services: Settings) -> None:
    refused = podium(services, "demo", demo.names()[0], "--all")
    assert refused.returncode == 2
    assert "not both" in refused.stderr
