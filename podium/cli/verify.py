"""podium verify: whether the live tables are what the log says, row for row."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from podium import logs
from podium.cli import console
from podium.cli.bar import shown
from podium.cli.console import err, out
from podium.errors import Problem
from podium.plain import plain
from podium.settings import Rebuild, Settings
from podium.topics import UnknownDomain, domains
from schema.declare import Domain

app = typer.Typer()

SHOWN_CHARACTERS = 200
"""Of one value."""

Base = Annotated[
    Path | None,
    typer.Option(
        help="Folder of an export to begin from instead of offset 0; else the setting rebuild.base.", show_default=False
    ),
]
Only = Annotated[list[str] | None, typer.Option("--domain", help="Only this domain; may be given again.")]


class NoSuchTable(Problem):
    """No domain that is looked at keeps such a table."""

    code = "PD089"
    exit_code = 2


@app.command(rich_help_panel="Rebuild")
def verify(
    ctx: typer.Context,
    domain: Only = None,
    table: Annotated[list[str] | None, typer.Option("--table", help="Only `schema.table`; may be repeated.")] = None,
    base: Base = None,
    as_json: console.Json = False,
) -> None:
    """Compare the live tables with the log: fill a scratch database up to where they stand, and compare every row.

    Differences are told by table, key, both versions, and the events behind them. Exits 1 if there are any.
    """
    from podium.cli.run import stopping
    from podium.rebuild import digest, prove

    settings = based(console.migrated(ctx), base)
    quiet(settings)
    found = chosen(settings, domain)
    known = [rows.name for rows in digest.parts(found)]
    if unknown := set(table or ()) - set(known):
        raise NoSuchTable(f"{', '.join(sorted(unknown))}: not kept here", f"There are: {', '.join(known)}.")
    with stopping() as stop, shown(as_json or not err.is_terminal) as (step, report):
        proof = prove.verify(settings, found, table or (), step, report, stop)
    if as_json:
        console.show_json(document(proof))
    else:
        tell_proof(proof)
    if not proof.equal:
        raise typer.Exit(console.FOUND_A_PROBLEM)


def based(settings: Settings, base: Path | None) -> Settings:
    """Settings by which recomputing begins from a base, if one is given."""
    return settings.model_copy(update={"rebuild": Rebuild(base=base)}) if base else settings


def quiet(settings: Settings) -> None:
    """What the consumers said when they read the log first, they need not say again."""
    logs.configure(settings.log.model_copy(update={"level": "error"}), "fill")


def chosen(settings: Settings, names: Sequence[str] | None) -> tuple[Domain, ...]:
    """Domains by name, all of this installation if none is named. Raises UnknownDomain."""
    known = domains(settings)
    if unknown := set(names or ()) - {domain.name for domain in known}:
        raise UnknownDomain(
            f"{', '.join(sorted(unknown))}: no domain of this installation",
            f"There are: {', '.join(domain.name for domain in known)}.",
        )
    return tuple(domain for domain in known if not names or domain.name in names)


def document(proof: Any) -> dict[str, Any]:
    """A proof as JSON."""
    return {
        "equal": proof.equal,
        "base": proof.base or None,
        "offsets": [[topic, partition, offset] for (topic, partition), offset in sorted(proof.until.items())],
        "tables": [dataclasses.asdict(table) for table in proof.tables],
    }


def tell_proof(proof: Any) -> None:
    """A proof for a person: a line a table, every row that differs, and the verdict."""
    console.show(lines(proof.tables), as_json=False)
    wrong = [table for table in proof.tables if not table.equal]
    for table in wrong:
        tell(table)
    verdict = f"{len(wrong)} of {len(proof.tables)} tables differ from" if wrong else f"{len(proof.tables)} tables are"
    read = f"{sum(proof.until.values()):,} offsets of {len(proof.until)} partitions"
    after = f", after the base {proof.base}, which is taken for true" if proof.base else ""
    out.print(f"\n{verdict} what the log says in {read}{after}", **console.PLAIN)


def lines(tables: Iterable[Any]) -> Iterable[dict[str, Any]]:
    """One line a table."""
    for one in tables:
        yield {
            "table": one.table,
            "rows": f"{one.rows:,}",
            "in the log": None if one.log_rows == one.rows else f"{one.log_rows:,}",
            "digest": one.digest.rpartition(":")[2],
            "verdict": "equal" if one.equal else f"DIFFERS in {'at least ' * one.more}{len(one.wrong)}",
            "s": f"{one.seconds:.2f}",
            "new": ", ".join(one.added) or None,
            "intended": ", ".join(f"{name} in {rows:,}" for name, rows in one.intended.items()) or None,
        }


def tell(table: Any) -> None:
    """Every row that differs."""
    for wrong in table.wrong:
        tell_row(wrong)


def _brief(value: str | None) -> str:
    """A value for a person; the whole of it is in the JSON."""
    if value is None:
        return "NULL"
    return value if len(value) <= SHOWN_CHARACTERS else f"{value[:SHOWN_CHARACTERS]}…"


def tell_row(wrong: Any) -> None:
    """What live has of a row, what the log says, and the events behind it."""
    key = ", ".join(f"{name}={value}" for name, value in wrong.key.items())
    out.print()
    out.print(Text(wrong.kind, "bold red"), wrong.table, plain(key))
    for side, rows in (("live", wrong.live), ("log ", wrong.log)):
        told = [", ".join(f"{name}={_brief(value)}" for name, value in row.items()) for row in rows]
        for said in told or ["no such row"]:
            out.print(f"  {side}  {plain(said)}", highlight=False)
    for event in wrong.events:
        place = f"{event['topic']}[{event['partition']}]@{event['offset']}"
        out.print(f"  event {plain(place)} {event.get('type', '')}", highlight=False)
    if wrong.events_total > len(wrong.events):
        out.print(f"  and {wrong.events_total - len(wrong.events):,} more events", highlight=False)
