"""podium repair: rows put back to what the log says."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli import console
from podium.cli.console import err
from podium.cli.verify import NoSuchTable, chosen, quiet

app = typer.Typer()


@app.command(rich_help_panel="Rebuild")
def repair(
    ctx: typer.Context,
    table: Annotated[str, typer.Argument(help="`schema.table`.")],
    key: Annotated[list[str] | None, typer.Argument(help="Keys as `column=value,…`; all if left out.")] = None,
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

    settings = console.connected(ctx)
    quiet(settings)
    domains = tuple(domain for domain in chosen(settings, None) if table.startswith(f"{domain.name}."))
    rows = next((rows for rows in prove.parts(domains) if domains and rows.name == table), None)
    if rows is None:
        raise NoSuchTable(f"{table}: no table of a domain", "podium verify names them all.")
    keys = [repairs.keyed(rows, text) for text in key or ()]
    which = "the given rows" if keys else "every row that differs"
    again = " ".join(["podium repair", table, *(key or ())])
    console.confirm(yes, f"This puts {which} of {table} back to what the log says.", again)
    with stopping() as stop, err.status("repairing") as status:
        found = repairs.repair(settings, domains, rows, keys, why, status.update, stop)
    lines = [{"table": table, "was": one.live or None, "is": one.log or None} for one in found]
    console.show(lines, as_json, empty="nothing differs from the log")
