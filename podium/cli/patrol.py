"""podium patrol: live against the log, a little of every table at a time, without end."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer

from podium.cli import console
from podium.cli.bar import shown
from podium.cli.console import err
from podium.cli.verify import chosen, quiet, tell_row
from podium.plain import json_text
from podium.reporter import Reporter
from podium.settings import Settings
from schema.heartbeat import Heartbeat

app = typer.Typer()


@app.command(rich_help_panel="Rebuild")
def patrol(
    ctx: typer.Context,
    share: Annotated[float, typer.Option(min=0.0, max=100.0, help="Percent of each table a round.")] = 5.0,
    every: Annotated[float, typer.Option(min=0.0, help="Seconds from round to round.")] = 60.0,
    rate: Annotated[float | None, typer.Option(min=1, help="Follow the log at most so many records a second.")] = 2000,
    rounds: Annotated[int, typer.Option(min=0, help="End after so many rounds; 0: never.")] = 0,
    coverage: Annotated[bool, typer.Option("--coverage", help="Only say how far it has come.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Only drop the database with which it compares.")] = False,
    as_json: console.Json = False,
    yes: console.Yes = False,
) -> None:
    """Verify without end: a database beside the live one follows the log, and the next keys of each table are compared.

    Until Ctrl-C, or for --rounds; then it exits 1 if a row differed. With --json one line a row.
    """
    from podium.cli.run import stopping
    from podium.rebuild import patrol as patrols

    settings = console.migrated(ctx)
    quiet(settings)
    if coverage:
        console.show(map(dataclasses.asdict, patrols.coverage(settings.postgres)), as_json, empty="it never ran")
        return
    if drop:
        return _drop(settings, yes)
    domains = chosen(settings, None)
    heartbeat = Heartbeat("podium.patrol")
    reporting = Reporter(settings.postgres.dsn(), [heartbeat]).running()
    with stopping() as stop, reporting, shown(as_json or not err.is_terminal) as (step, watch):

        def turned(name: str) -> None:
            waits = name == "waiting"
            heartbeat.record_turn(ready=not waits, waits_for="a service that is away" if waits else "")
            step(name)

        def reported(wrong: Sequence[Any]) -> None:
            (_lines if as_json else _tell)(wrong)
            heartbeat.record_done(1)

        found = patrols.patrol(
            settings, domains, share=share / 100, every=every, rate=rate, rounds=rounds, stop=stop,
            report=reported, step=turned, watch=watch,
        )  # fmt: skip
    if found:
        raise typer.Exit(console.FOUND_A_PROBLEM)
    return None


def _drop(settings: Settings, yes: bool) -> None:
    from podium.rebuild import database, run

    with database.alone(settings.postgres, "verify") as admin:
        name = run.begun(admin, settings.postgres, "verify").name
        console.confirm(
            yes, f"This drops {name}; the next patrol reads the log from its beginning.", "podium patrol --drop"
        )
        database.drop(admin, name)
    err.print(f"dropped {name}", **console.PLAIN)


def _tell(wrong: Iterable[Any]) -> None:
    for one in wrong:
        tell_row(one)


def _lines(wrong: Iterable[Any]) -> None:
    for one in wrong:
        sys.stdout.write(json_text(dataclasses.asdict(one)) + "\n")
    sys.stdout.flush()
