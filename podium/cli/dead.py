"""podium dead: the records that could not be applied, why, and what to do."""

import base64
from collections.abc import Callable
from typing import Annotated, Any

import typer
from psycopg.rows import dict_row
from psycopg.sql import SQL

from podium import operations, session
from podium.cli import console
from podium.errors import Problem
from podium.sql import load

app = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="Dead letters: records that could not be applied, and why.")
app.add_typer(group, name="dead", rich_help_panel="Operations")

LETTERS_MAX = 100


class NoSuchLetter(Problem):
    """There is no dead letter at that place."""

    code = "PD062"


@group.callback()
def dead() -> None:
    """Dead letters: records that could not be applied, and why."""


@group.command("list")
def list_(
    ctx: typer.Context,
    topic: Annotated[str | None, typer.Option(help="Only of this topic.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only for this reason.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = LETTERS_MAX,
    as_json: console.Json = False,
) -> None:
    """Dead letters, the newest first."""
    rows = _query(ctx, load("dead_list"), {"topic": topic, "reason": reason, "limit": limit})
    console.show(rows, as_json, empty="no dead letters")


@group.command()
def show(
    ctx: typer.Context,
    topic: Annotated[str, typer.Argument(help="The topic that the record was read from.")],
    partition: Annotated[int, typer.Argument(min=0)],
    offset: Annotated[int, typer.Argument(min=0)],
    as_json: console.Json = False,
) -> None:
    """One dead letter with its bytes: as text where they are UTF-8, else in base64."""
    place = {"topic": topic, "partition": partition, "offset": offset}
    found = _query(ctx, load("dead_show"), place)
    if not found:
        raise NoSuchLetter(f"{topic}[{partition}]@{offset} is no dead letter", "See podium dead list.")
    letter = {**found[0], "headers": [[name, _base64_text(value)] for name, value in found[0]["headers"]]}
    letter |= {name: text(letter[name]) for name in ("key", "value")}
    if as_json:
        console.show_json(letter)
    else:
        console.show(({"field": name, "value": value} for name, value in letter.items()), as_json)


@group.command()
def redrive(
    ctx: typer.Context,
    topic: Annotated[str | None, typer.Argument(help="Only of this topic.")] = None,
    partition: Annotated[int | None, typer.Argument(min=0)] = None,
    offset: Annotated[int | None, typer.Argument(min=0)] = None,
    reason: Annotated[str | None, typer.Option(help="Only for this reason.")] = None,
    why: Annotated[str, typer.Option(help="Why it should go through now; kept in the log.")] = "redriven by hand",
    again: Annotated[bool, typer.Option("--again", help="Also those that were redriven before.")] = False,
    yes: console.Yes = False,
) -> None:
    """Try dead letters again, unedited, after what refused them was mended. It is said in the log."""
    _decide(ctx, operations.redrive, {"again": again}, topic, partition, offset, reason, why, yes)


@group.command()
def drop(
    ctx: typer.Context,
    topic: Annotated[str | None, typer.Argument(help="Only of this topic.")] = None,
    partition: Annotated[int | None, typer.Argument(min=0)] = None,
    offset: Annotated[int | None, typer.Argument(min=0)] = None,
    reason: Annotated[str | None, typer.Option(help="Only for this reason.")] = None,
    why: Annotated[str, typer.Option(help="Why nobody needs them; kept in the log.")] = "dropped by hand",
    yes: console.Yes = False,
) -> None:
    """Close dead letters: they stay in the ledger, but are listed no more. It is said in the log."""
    _decide(ctx, operations.drop, {}, topic, partition, offset, reason, why, yes)


def _decide(
    ctx: typer.Context,
    verb: Callable[..., int],
    options: dict[str, Any],
    topic: str | None,
    partition: int | None,
    offset: int | None,
    reason: str | None,
    why: str,
    yes: bool,
) -> None:
    which = {"topic": topic, "partition": partition, "offset": offset, "reason": reason}
    settings = console.migrated(ctx)
    if not yes:
        chosen = operations.letters(settings, which, options.get("again", True))
        console.show(chosen[:LETTERS_MAX], as_json=False, empty="no dead letters")
        console.err.print(f"{verb.__name__} would touch {len(chosen)} letters; --yes does it")
        return
    console.err.print(f"asked for {verb(settings, which, why, **options)} letters: the consumers carry it out")


def text(content: bytes | None) -> str | None:
    """Bytes for a person: themselves if they are UTF-8, else base64 that says so."""
    if content is None:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return f"base64:{base64.b64encode(content).decode()}"


def _base64_text(value: str | None) -> str | None:
    return None if value is None else text(base64.b64decode(value))


def _query(ctx: typer.Context, statement: SQL, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    with session.connect(console.migrated(ctx).postgres.dsn("stream"), row_factory=dict_row) as connection:
        return connection.execute(statement, parameters).fetchall()
