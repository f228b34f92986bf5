"""podium parked: the events that wait for something they refer to."""

from typing import Annotated

import typer
from psycopg.rows import dict_row

from podium import operations, session
from podium.cli import console
from podium.sql import load

app = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="Parked events: what waits for something it refers to.")
app.add_typer(group, name="parked", rich_help_panel="Operations")

EVENTS_MAX = 100


@group.callback()
def parked() -> None:
    """Parked events: what waits for something it refers to."""


@group.command("list")
def list_(
    ctx: typer.Context,
    topic: Annotated[str | None, typer.Option(help="Only of this topic.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = EVENTS_MAX,
    as_json: console.Json = False,
) -> None:
    """Parked events with what each waits for, the longest waiting first."""
    with session.connect(console.migrated(ctx).postgres.dsn("stream"), row_factory=dict_row) as connection:
        rows = connection.execute(load("parked_list"), {"topic": topic, "limit": limit}).fetchall()
    console.show(rows, as_json, empty="nothing waits")


@group.command()
def expire(
    ctx: typer.Context,
    topic: Annotated[str, typer.Argument(help="The topic that the record was read from.")],
    partition: Annotated[int, typer.Argument(min=0)],
    offset: Annotated[int, typer.Argument(min=0)],
    why: Annotated[str, typer.Option(help="Why nobody waits any longer; kept in the log.")] = "given up by hand",
    yes: console.Yes = False,
) -> None:
    """Give a parked event up: it becomes a dead letter, and never lands even if what it waits for comes."""
    which = {"topic": topic, "partition": partition, "offset": offset}
    effect = f"This would give up {topic}[{partition}]@{offset}: it becomes a dead letter and never lands."
    console.confirm(yes, effect, f"podium parked expire {topic} {partition} {offset}")
    operations.expire(console.migrated(ctx), which, why)
    console.err.print("asked for: the consumers carry it out")
