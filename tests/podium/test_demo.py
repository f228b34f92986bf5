"""podium demo: ends when everything is applied and proven, whatever dies on the way, and can be run again."""

from __future__ import annotations

import re
from pathlib import Path
from threading import Event

import psycopg
import pytest

from podium import boards, demo, status
from podium.cli.demo import Show
from podium.cli.screen import Interrupted, Screen
from podium.settings import Settings
from schema import DOMAINS, LEDGER
from tests.podium.command import environment, podium
from tests.podium.smalldemo import ROWS, Small


def play(settings: Settings, mark: Path) -> None:
    stop = Event()
    with Screen(stop) as screen:
        given = {name: value for name, value in environment(settings).items() if name.startswith("PODIUM_")}
        Show(settings, Small(mark), screen, given, browse=False).play(stop, once=True)


def test_it_ends_with_boards_that_are_proven_and_again(
    database: Settings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    play(database, tmp_path / "mark")
    out, err = capfd.readouterr()
    assert len(re.findall(r"^proven: recomputed", out, re.MULTILINE)) == 2
    assert "killed by SIGKILL" in err
    first = status.look(database, (LEDGER, *DOMAINS), sample_seconds=0)
    assert first.good
    assert first.total.caught_up
    assert first.total.dead == 0
    with psycopg.connect(database.postgres.dsn("reader"), autocommit=True) as connection:
        (entry,) = boards.find(connection, Small.headline).listed
        assert (entry["n"], entry["score"]) == (ROWS, 0.5)
        play(database, tmp_path / "mark")
        (again,) = boards.find(connection, Small.headline).listed
    assert again == entry
    second = status.look(database, (LEDGER, *DOMAINS), sample_seconds=0)
    assert second.good
    assert second.total.read > first.total.read


def test_ctrl_c_ends_it(database: Settings) -> None:
    stop = Event()
    stop.set()
    with Screen(stop) as screen, pytest.raises(Interrupted):
        Show(database, Small(Path("/nowhere")), screen, {}, browse=False).play(stop, once=True)


def test_demos_are_found_beside_the_samples() -> None:
    assert demo.names()
    found = demo.find()
    assert found.domain in {domain.name for domain in DOMAINS}
    assert found.workers()


def test_an_unknown_demo_is_refused(services: Settings) -> None:
    refused = podium(services, "demo", "nonsense")
    assert refused.returncode == 2
    assert "nonsense" in refused.stderr
