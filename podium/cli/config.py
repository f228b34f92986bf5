"""podium config: which settings are in force, and why."""

from typing import Annotated

import typer

from podium.cli import console
from podium.settings import origins

app = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="Settings: flags over environment over .env over files.")
app.add_typer(group, name="config", rich_help_panel="Settings")


@group.callback()
def config() -> None:
    """Settings: flags over environment over .env over ./podium.toml over the user's file over the default."""


@group.command("show")
def show(
    ctx: typer.Context,
    origin: Annotated[bool, typer.Option("--origin", help="Also tell where each value came from.")] = False,
    as_json: console.Json = False,
) -> None:
    """Every setting with its value; secrets are masked."""
    found = origins(console.invocation(ctx).flags)
    fields = ("key", "value", "origin") if origin else ("key", "value")
    console.show(({name: getattr(row, name) for name in fields} for row in found), as_json)
