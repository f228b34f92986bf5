"""podium up, down, logs: the embedded services as processes."""

import time
from collections import deque
from pathlib import Path
from typing import Annotated

import typer

from podium import embedded
from podium.cli import console
from podium.cli.console import err, out
from podium.embedded import State

app = typer.Typer()

FOLLOW_SECONDS = 0.2


def rows(ctx: typer.Context) -> list[State]:
    """How the services are, for `podium status`."""
    return embedded.states(console.settings(ctx))


@app.command(rich_help_panel="Services")
def up(ctx: typer.Context, as_json: console.Json = False) -> None:
    """Start Kafka and PostgreSQL unless they run. Loopback only, data in ./.podium."""
    started = time.monotonic()
    embedded.up(console.settings(ctx), lambda text: err.print(f"{text} …"))
    console.show(rows(ctx), as_json)
    err.print(f"up after {time.monotonic() - started:.1f} s")
    err.print("next, once: podium db upgrade, podium topics apply; then podium run")


@app.command(rich_help_panel="Services")
def down(ctx: typer.Context, as_json: console.Json = False) -> None:
    """Stop the embedded services, the broker first. Data stays."""
    stopped = embedded.down(console.settings(ctx), lambda text: err.print(f"{text} …"))
    if as_json:
        console.show_json({"stopped": stopped})
    else:
        err.print(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")


@app.command(rich_help_panel="Services")
def logs(
    ctx: typer.Context,
    service: Annotated[str, typer.Argument(help="kafka or postgres; both if left out.")] = "",
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many lines of the past.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is being written.")] = False,
) -> None:
    """Print what the embedded services wrote."""
    known = {state.service: Path(state.log) for state in rows(ctx) if state.log}
    if service and service not in known:
        raise typer.BadParameter(f"{service}: not one of {', '.join(known) or 'no embedded service'}")
    chosen = {name: path for name, path in known.items() if service in ("", name)}
    places = {name: _print_last(name, path, lines) for name, path in chosen.items()}
    while follow:
        time.sleep(FOLLOW_SECONDS)
        places = {name: _print_from(name, chosen[name], place) for name, place in places.items()}


def _print_last(name: str, path: Path, lines: int) -> int:
    if not path.exists():
        return 0
    with path.open(errors="replace") as log:
        for line in deque(log, lines):
            _print(name, line)
        return log.tell()


def _print_from(name: str, path: Path, place: int) -> int:
    """A log that shrank was rotated: from its start then."""
    if not path.exists():
        return 0
    with path.open(errors="replace") as log:
        log.seek(place if place <= path.stat().st_size else 0)
        while line := log.readline():
            _print(name, line)
        return log.tell()


def _print(name: str, line: str) -> None:
    out.print(f"{name:<8} │ {line.rstrip()}", markup=False, highlight=False)
