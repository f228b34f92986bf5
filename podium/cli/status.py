"""podium status: one verdict over services, partitions and dead letters."""

import dataclasses
import time
from typing import Annotated, Any

import typer
from psycopg import errors
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from podium import status as pipeline
from podium import topics
from podium.cli import console, services
from podium.cli.console import err, out
from podium.embedded import State, resolve
from podium.errors import Problem
from podium.settings import Settings
from schema import LEDGER

app = typer.Typer()

DEPENDENCY_DOWN = 3
REFRESH_SECONDS = 1.0
MEGABYTE = 1e6
KEYS_SHOWN = 2
COLUMNS = 160
"""Off a terminal, wide enough for every figure."""

STYLES = {"OK": "green", "WARN": "yellow", "STOP": "red", "STALL": "red", "ERR": "bold red"}


class NotMigrated(Problem):
    """The database has no ledger yet."""

    code = "PD063"


@app.command(rich_help_panel="Operations")
def status(
    ctx: typer.Context,
    as_json: console.Json = False,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Look again and again, until Ctrl-C.")] = False,
    everything: Annotated[bool, typer.Option("--all", "-a", help="Also partitions without a record.")] = False,
) -> None:
    """Services, every partition's place in the log, dead letters. Exits 1 if something is not right."""
    states = services.rows(ctx)
    if not all(state.running for state in states):
        _show_services(states, as_json)
        raise typer.Exit(DEPENDENCY_DOWN)
    settings = resolve(console.settings(ctx))
    if watch:
        _watch(states, settings, everything)
    found = look(settings)
    if as_json:
        console.show_json(as_document(states, found))
    else:
        page = out if out.is_terminal else Console(width=COLUMNS)
        page.print(drawn(states, found, everything))
    if not found.good:
        raise typer.Exit(console.FOUND_A_PROBLEM)


def look(settings: Settings) -> pipeline.Status:
    """Two samples of the pipeline. Raises NotMigrated."""
    try:
        return pipeline.look(settings, (LEDGER, *topics.domains(settings)))
    except errors.UndefinedTable:
        raise NotMigrated("the database has no tables yet", "podium db upgrade") from None


def as_document(states: list[State], found: pipeline.Status) -> dict[str, Any]:
    """What --json prints."""
    return {
        "good": found.good,
        "services": [state._asdict() for state in states],
        "partitions": [dataclasses.asdict(row) for row in found.partitions],
        "total": dataclasses.asdict(found.total),
        "dead": [dataclasses.asdict(reason) for reason in found.dead],
        "outside": [dataclasses.asdict(write) for write in found.outside],
        "beside": [dataclasses.asdict(aside) for aside in found.beside],
    }


def _show_services(states: list[State], as_json: bool) -> None:
    if as_json:
        console.show_json({"good": False, "services": [state._asdict() for state in states]})
    else:
        console.show(states, as_json)
        err.print("not everything runs: podium up")


def _watch(states: list[State], settings: Settings, everything: bool) -> None:
    with Live(console=out, auto_refresh=False, screen=out.is_terminal) as live:
        while True:
            live.update(drawn(states, console.again(lambda: look(settings)), everything), refresh=True)
            time.sleep(REFRESH_SECONDS - pipeline.SAMPLE_SECONDS)


def drawn(states: list[State], found: pipeline.Status, everything: bool) -> RenderableType:
    """Tables for a person; partitions that never had a record only on demand."""
    shown = [row for row in found.partitions if everything or row.end or row.verdict != "OK"]
    parts: list[RenderableType] = [_services(states), "", _partitions(shown, found), "", summed(found)]
    if found.dead:
        parts += ["", _dead(found)]
    if found.outside:
        parts += ["", _outside(found)]
    if found.beside:
        parts += ["", _beside(found)]
    return Group(*parts)


def _services(states: list[State]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("service", "kind", "address", "pid"):
        table.add_column(name)
    for state in states:
        table.add_row(state.service, state.kind, state.address, str(state.pid or ""))
    return table


def _partitions(shown: list[pipeline.Row], found: pipeline.Status) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", show_footer=True, footer_style="bold")
    total = found.total
    table.add_column("topic", footer="total")
    table.add_column("p", justify="right")
    for name in ("position", "end", *pipeline.COUNTS, "lag"):
        table.add_column(name, justify="right", footer=f"{getattr(total, name):,}" if hasattr(total, name) else "")
    table.add_column("lag s", justify="right", footer=f"{total.lag_seconds:.1f}")
    table.add_column("events/s", justify="right", footer=f"{total.rate:,.0f}")
    table.add_column("verdict")
    for row in shown:
        numbers = [f"{getattr(row, name):,}" for name in ("position", "end", *pipeline.COUNTS, "lag")]
        verdict = f"[{STYLES[row.verdict]}]{row.verdict}[/]{f' {row.why}' if row.why else ''}"
        table.add_row(row.topic, str(row.partition), *numbers, f"{row.lag_seconds:.1f}", f"{row.rate:,.0f}", verdict)
    return table


def summed(found: pipeline.Status) -> str:
    """The line that says whether nothing was lost."""
    total = found.total
    sign = "=" if total.adds_up else "≠"
    return (
        f"read {total.read:,} {sign} applied {total.applied:,} + parked {total.parked:,} + "
        f"released {total.released:,} + dead {total.dead:,}"
    )


def _outside(found: pipeline.Status) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("written past the log", "statement", "by", "writes", "rows", "last", "its keys"):
        table.add_column(name, justify="right" if name in ("writes", "rows") else "left")
    for one in found.outside:
        by = f"{one.role} ({one.application})" if one.application else one.role
        last, keys = f"{one.last:%Y-%m-%d %H:%M:%S}", list(one.keys or ())
        shown = "; ".join(", ".join(f"{name}={value}" for name, value in key.items()) for key in keys[:KEYS_SHOWN])
        more = f"; {len(keys) - KEYS_SHOWN} more" if len(keys) > KEYS_SHOWN else ""
        table.add_row(
            one.relation, one.statement, escape(by), f"{one.writes:,}", f"{one.rows:,}", last, escape(shown + more)
        )
    return table


def _beside(found: pipeline.Status) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("beside the live database", "MB", "state", "started", "kept until"):
        table.add_column(name, justify="right" if name == "MB" else "left")
    for one in found.beside:
        size = "" if one.bytes is None else f"{one.bytes / MEGABYTE:,.0f}"
        table.add_row(one.database, size, one.state, one.started, one.keep_until)
    return table


def _dead(found: pipeline.Status) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("dead letters of")
    table.add_column("reason")
    table.add_column("letters", justify="right")
    table.add_column("last")
    for reason in found.dead:
        table.add_row(reason.topic, reason.reason, f"{reason.letters:,}", f"{reason.last:%Y-%m-%d %H:%M:%S}")
    return table
