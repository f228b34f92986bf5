"""podium status: one verdict first, then what must move: topics, loops, what is confined, what stands on record."""

import dataclasses
import time
from typing import Annotated, Any

import typer
from psycopg import errors
from rich.live import Live

from podium import reach, topics, versions
from podium import status as pipeline
from podium.cli import console, services, statuspage
from podium.cli.console import out
from podium.cli.terminal import Terminal
from podium.embedded import State, resolve
from podium.settings import Settings
from podium.versions import NotMigrated
from schema import LEDGER

app = typer.Typer()

DEPENDENCY_DOWN = 3
REFRESH_SECONDS = 1.0
COLUMNS = 100
"""Off a terminal."""


@app.command(rich_help_panel="Operations")
def status(
    ctx: typer.Context,
    as_json: console.Json = False,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Look again and again, until Ctrl-C.")] = False,
    partitions: Annotated[bool, typer.Option("--partitions", "-p", help="A line for every partition.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", "-a", help="Also topics and partitions without a record.")
    ] = False,
) -> None:
    """One verdict, then what must move: topics, loops, what stands still.

    Exits 1 if something stands still or is wrong, 3 if Kafka or PostgreSQL does not answer.
    """
    states, error = answering(ctx)
    if error:
        _show_down(states, error, as_json)
        raise typer.Exit(DEPENDENCY_DOWN)
    settings = resolve(console.settings(ctx))
    versions.check(settings.postgres.dsn("stream"))
    looking = watcher(settings)
    shown = statuspage.Shown(partitions, everything)
    if watch:
        _watch(states, looking, shown)
    found = look(looking)
    if as_json:
        console.show_json(as_document(states, found))
    else:
        page = out if out.is_terminal else Terminal(width=COLUMNS)
        page.print(statuspage.drawn(states, found, shown))
    if not found.good:
        raise typer.Exit(console.FOUND_A_PROBLEM)


def answering(ctx: typer.Context) -> tuple[list[State], str]:
    """How the services are, and why one does not answer; empty if both do."""
    settings = console.settings(ctx)
    states = services.rows(ctx)
    down = [state for state in states if not state.running]
    if down:
        return states, "; ".join(f"{state.service} does not run: podium up" for state in down)
    found = reach.both(resolve(settings))
    told = [state._replace(running=not found[state.service]) for state in states]
    return told, "; ".join(f"{name}: {why}" for name, why in found.items() if why)


def watcher(settings: Settings) -> pipeline.Watcher:
    """Looks at all domains of these settings, which hold concrete addresses."""
    return pipeline.Watcher(settings, (LEDGER, *topics.domains(settings)))


def look(watcher: pipeline.Watcher) -> pipeline.Status:
    """Two samples of the pipeline. Raises NotMigrated."""
    try:
        return watcher.look()
    except errors.UndefinedTable:
        raise NotMigrated("the database has no tables yet", "podium db upgrade") from None


def as_document(states: list[State], found: pipeline.Status) -> dict[str, Any]:
    """What --json prints. Field names are part of the contract with whoever watches."""
    return {
        "verdict": "good" if found.good else "bad",
        "good": found.good,
        "faults": [dataclasses.asdict(fault) for fault in found.faults],
        "services": [state._asdict() for state in states],
        "topics": [dataclasses.asdict(topic) for topic in found.topics],
        "partitions": [dataclasses.asdict(row) for row in found.partitions],
        "loops": [dataclasses.asdict(loop) for loop in found.loops],
        "failures": [failed._asdict() for failed in found.failures],
        "transactions": [
            {"topic": topic, "partition": partition, **dataclasses.asdict(one)}
            for (topic, partition), one in (found.transactions or {}).items()
        ],
        "total": dataclasses.asdict(found.total),
        "dead": [dataclasses.asdict(reason) for reason in found.dead],
        "anomalies": [dataclasses.asdict(anomaly) for anomaly in found.anomalies],
        "outside": [dataclasses.asdict(write) for write in found.outside],
        "beside": [dataclasses.asdict(aside) for aside in found.beside],
    }


def _show_down(states: list[State], error: str, as_json: bool) -> None:
    if as_json:
        console.show_json(
            {"verdict": "down", "good": False, "error": error, "services": [state._asdict() for state in states]}
        )
    else:
        page = out if out.is_terminal else Terminal(width=COLUMNS)
        page.print(statuspage.down(states, error))


def _watch(states: list[State], watcher: pipeline.Watcher, shown: statuspage.Shown) -> None:
    with Live(console=out, auto_refresh=False, screen=out.is_terminal) as live:
        while True:
            live.update(statuspage.drawn(states, console.again(lambda: look(watcher)), shown), refresh=True)
            time.sleep(REFRESH_SECONDS - pipeline.SAMPLE_SECONDS)
