"""The README is one screen, and true: its commands run, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from podium import topics
from podium.settings import Settings
from schema import DOMAINS
from tests.podium.command import podium

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES_MAX = 60


def commands(first: str) -> list[list[str]]:
    """Commands of the code blocks that begin with this word, comments left out."""
    blocks = re.findall(r"^```\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    lines = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines() if first in line]
    return [line for line in lines if line and line[0] == first]


def named() -> list[str]:
    """Commands in running text."""
    return re.findall(r"`podium ([a-z]+)", README)


@pytest.fixture
def settings(database: Settings) -> Settings:
    topics.apply(database.kafka, topics.wanted(DOMAINS, database.kafka))
    return database


def test_it_is_one_screen() -> None:
    assert len(README.splitlines()) <= LINES_MAX


def test_make_knows_its_targets() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    wanted = [target for _, target in commands("make")]
    assert wanted == ["demo", "test"]
    assert set(wanted) <= targets


def test_its_commands_run(settings: Settings) -> None:
    found = commands(".venv/bin/podium")
    assert len(found) == 5
    for _, *arguments in found:
        ended = podium(settings, *arguments)
        assert ended.returncode == 0, (arguments, ended.stderr)


@pytest.mark.parametrize("command", sorted(set(named())))
def test_commands_in_the_text_are_there(command: str, services: Settings) -> None:
    assert podium(services, command, "--help").returncode == 0


def test_settings_in_the_text_are_there(database: Settings) -> None:
    assert "PODIUM_KAFKA__BOOTSTRAP" in README
    shown = podium(database, "config", "show", "--origin")
    assert shown.returncode == 0
    assert "environment" in shown.stdout
    assert database.kafka.bootstrap in shown.stdout


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", README))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
