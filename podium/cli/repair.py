"""podium repair: rows put back to what the log says."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli import console
from podium.cli.console import err, out
from podium.cli.verify import NoSuchTable, chosen, quiet, tell_row

app = typer.Typer()


@app.command(rich_help_panel="Rebuild")
def repair(
    ctx: typer.Context,
    table: Annotated[str, typer.Argument(help="`schema.table`.")],
    key: Annotated[
        list[str] | None, typer.Argument(help="Keys as `column=value,…`, as podium verify prints them; or all.")
    ] = None,
    why: Annotated[str, typer.Option(help="Recorded in ledger.repair.")] = "",
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

    settings = console.connected(ctx)
    quiet(settings)
    every = chosen(settings, None)
    domains = tuple(domain for domain in every if table.startswith(f"{domain.name}.")) or every
    # Of the others the log tells a part of each row: what waits, and what is dead.
    rows = next((rows for rows in prove.parts(domains) if rows.name == table and not rows.columns), None)
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
