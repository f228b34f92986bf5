"""podium topics: create what the declarations ask for, and name every difference."""

import dataclasses

import typer

from podium import topics
from podium.cli import console
from podium.cli.console import err

app = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="Topics: partitions, retention, cleanup policy.")
app.add_typer(group, name="topics", rich_help_panel="Services")


@group.command()
def apply(ctx: typer.Context, as_json: console.Json = False) -> None:
    """Create missing topics and set what differs. Deletes nothing; partition counts are fixed."""
    settings = console.connected(ctx)
    try:
        changes = topics.apply(settings.kafka, topics.wanted(topics.domains(settings), settings.kafka))
    except topics.PartitionsDiffer as refused:
        console.show(list(refused.changes), as_json, empty="all other topics are as declared")
        raise
    console.show(changes, as_json, empty="all topics are as declared")


@group.command()
def verify(ctx: typer.Context, as_json: console.Json = False) -> None:
    """Compare the broker with the declarations. Exits 1 if anything differs."""
    settings = console.connected(ctx)
    declared = topics.wanted(topics.domains(settings), settings.kafka)
    found = topics.verify(settings.kafka, declared)
    if as_json:
        console.show_json({"topics": len(declared), "differences": [dataclasses.asdict(each) for each in found]})
    else:
        console.show(found, as_json, empty=f"{len(declared)} topics are as declared")
    if found:
        err.print("`podium topics apply` mends all but partition counts, replicas and lost beginnings")
        raise typer.Exit(console.FOUND_A_PROBLEM)
