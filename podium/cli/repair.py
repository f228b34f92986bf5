"""podium repair: rows put back to what the log says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from podium.cli import console
from podium.cli.console import err, out
from podium.cli.verify import NoSuchTable, chosen, quiet, tell_row
from podium.settings import Settings

app = typer.Typer()


@app.command(rich_help_panel="Rebuild")
def repair(
    ctx: typer.Context,
    table: Annotated[str, typer.Argument(help="`schema.table`; left out with --list.")] = "",
    key: Annotated[
        list[str] | None, typer.Argument(help="Keys as `column=value,…`, as podium verify prints them; or all.")
    ] = None,
    why: Annotated[str, typer.Option(help="Recorded in ledger.repair.")] = "",
    listed: Annotated[bool, typer.Option("--list", help="Only what was put back so far, by whom and why.")] = False,
    as_json: console.Json = False,
    yes: console.Yes = False,
) -> None:
    """Put rows back to what the log says, and leave an audit row for each; positions stand still meanwhile.

    For a few rows. Tallies of other tables that followed a wrong row are rows of their own: podium verify names them.
    """
    from podium.cli.run import stopping
    from podium.rebuild import prove
    from podium.rebuild import repair as repairs
    from podium.rebuild.behind import Behind
    from podium.rebuild.digest import parts

    settings = console.migrated(ctx)
    if listed:
        return console.show(_past(settings, table, as_json), as_json, empty="nothing was put back")
    quiet(settings)
    every = chosen(settings, None)
    domains = tuple(domain for domain in every if table.startswith(f"{domain.name}.")) or every
    # Of the others the log tells a part of each row: what waits, and what is dead.
    rows = next((rows for rows in parts(domains) if rows.name == table and not rows.columns), None)
    if rows is None:
        raise NoSuchTable(f"{table}: no table whose rows the log tells whole", "podium verify names them all.")
    keys = [repairs.keyed(rows, text) for text in key or ()]
    which = "the given rows" if keys else "every row that differs"
    again = " ".join(["podium repair", table, *(key or ())])
    console.confirm(yes, f"This puts {which} of {table} back to what the log says.", again)
    with stopping() as stop, err.status("repairing") as status:
        found = repairs.repair(settings, domains, rows, keys, why, status.update, stop)
    if as_json:
        return console.show_json([{"table": table, "was": one.live or None, "is": one.log or None} for one in found])
    for one in found:
        tell_row(prove.apart(rows, one, Behind()))
    same = f"; {len(keys) - len(found)} of the given rows did not differ" if len(found) < len(keys) else ""
    out.print(f"\nput back to what the log says: {len(found)} of {table}{same}", **console.PLAIN)
    return None


def _past(settings: Settings, table: str, whole: bool) -> Iterator[dict[str, Any]]:
    """Rows put back, of one table if it is named; `whole` with what they were and are."""
    from podium.rebuild import history

    for row in history.repairs(settings.postgres):
        if table in ("", row["relation"]):
            key = ", ".join(f"{name}={value}" for name, value in row["key"].items())
            shown = {"at": f"{row['repaired_at']:%Y-%m-%d %H:%M:%S}", "by": row["by"], "why": row["why"]}
            yield row if whole else {**shown, "table": row["relation"], "key": key}
