"""podium status: one verdict over everything."""

import typer

from podium.cli import console, services

app = typer.Typer()


@app.command(rich_help_panel="Services")
def status(ctx: typer.Context, as_json: console.Json = False) -> None:
    """Whether the services run. Exits 3 if one does not."""
    rows = services.rows(ctx)
    console.show(rows, as_json)
    if not all(row.running for row in rows):
        raise typer.Exit(3)
