"""Each command asks only for the services that it uses: it works while the other one is down."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from podium.cli import main
from podium.cli.needs import KAFKA, NEEDS, POSTGRES
from podium.embedded import NotRunning
from podium.errors import Problem
from podium.settings import ROLES, Settings
from tests.cli.test_exit_codes import DOWN, run

TOPIC = "evaluation.jobs"
ARGUMENTS: dict[str, tuple[str, ...]] = {
    "board compare": ("evaluation.accuracy.all", "1", "2"),
    "board diff": ("evaluation.accuracy.all",),
    "board show": ("evaluation.accuracy.all",),
    "board watch": ("evaluation.accuracy.all", "--count", "1"),
    "dead show": (TOPIC, "0", "0"),
    "db downgrade": ("base",),
    "db shell": ("--", "-X", "-c", "SELECT 1"),
    "export": ("out",),
    "publish": ("nothing.jsonl",),
    "serve": ("--host", "no-such-host.invalid"),
}
"""With which a command gets past the services and ends at once."""


def commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command that does something, by its words."""
    below = getattr(command, "commands", {})
    if words and (not below or command.invoke_without_command):
        yield " ".join(words)
    for name, one in below.items():
        yield from commands(one, (*words, name))


def application() -> typer.Typer:
    """The whole command line, as the installed command puts it together."""
    whole = typer.Typer()
    whole.callback()(main.podium)
    for module in main.COMMANDS:
        whole.add_typer(import_module(f"podium.cli.{module}").app)
    return whole


APPLICATION = application()


def test_every_command_says_what_it_needs() -> None:
    assert set(commands(typer.main.get_command(APPLICATION))) == set(NEEDS)


def one_down(database: Settings, needed: tuple[str, ...], home: Path) -> dict[str, str]:
    """The service that is needed is where the tests have it; the other is an embedded one that does not run."""
    places = {
        KAFKA: {
            "PODIUM_KAFKA__BOOTSTRAP": database.kafka.bootstrap,
            "PODIUM_KAFKA__NAMESPACE": database.kafka.namespace,
        },
        POSTGRES: {
            "PODIUM_POSTGRES__URL": database.postgres.dsn("owner"),
            **{f"PODIUM_POSTGRES__{role.upper()}_URL": database.postgres.dsn(role) for role in ROLES[1:]},
        },
    }
    return {"PODIUM_HOME": str(home)} | {name: value for one in needed for name, value in places[one].items()}


def test_each_works_while_the_other_service_is_down(
    database: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nothing.jsonl").write_text("")
    monkeypatch.chdir(tmp_path)
    for command, needed in NEEDS.items():
        if len(needed) != 1:
            continue
        with monkeypatch.context() as patch:
            for name, value in one_down(database, needed, tmp_path / "home").items():
                patch.setenv(name, value)
            done = CliRunner().invoke(APPLICATION, [*command.split(), *ARGUMENTS.get(command, ())])
        assert not isinstance(done.exception, NotRunning | AssertionError), (command, done.exception)
        assert done.exception is None or isinstance(done.exception, Problem | SystemExit), (command, done.exception)


@pytest.mark.parametrize("command", ["topics verify", "db status", "board verify", "status"])
def test_what_is_needed_and_down_is_named(command: str, tmp_path: Path) -> None:
    done = run(*command.split(), "--json", folder=tmp_path, PODIUM_HOME=str(tmp_path / "home"))
    assert done.returncode == DOWN
    assert '"error": "' in done.stdout
    assert "does not run" in done.stdout
