"""Each command asks only for the services that it uses: it works while the other one is down."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer

from podium.cli.main import COMMANDS
from podium.cli.needs import KAFKA, NEEDS, POSTGRES
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


def test_every_command_says_what_it_needs() -> None:
    application = typer.Typer()
    for module in COMMANDS:
        application.add_typer(import_module(f"podium.cli.{module}").app)
    assert set(commands(typer.main.get_command(application))) == set(NEEDS)


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


@pytest.mark.parametrize("command", [name for name, needed in NEEDS.items() if len(needed) == 1])
def test_it_works_while_the_other_service_is_down(command: str, database: Settings, tmp_path: Path) -> None:
    (tmp_path / "nothing.jsonl").write_text("")
    arguments = (*command.split(), *ARGUMENTS.get(command, ()))
    done = run(*arguments, folder=tmp_path, **one_down(database, NEEDS[command], tmp_path / "home"))
    assert "does not run" not in done.stderr
    assert "PD015" not in done.stderr
    assert done.returncode != DOWN or command == "serve", done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["topics verify", "db status", "board verify", "status"])
def test_what_is_needed_and_down_is_named(command: str, tmp_path: Path) -> None:
    done = run(*command.split(), "--json", folder=tmp_path, PODIUM_HOME=str(tmp_path / "home"))
    assert done.returncode == DOWN
    assert '"error": "' in done.stdout
    assert "does not run" in done.stdout
