"""podium export and podium import: tables with the offsets they belong to, out and in again, proven."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from podium.cli import console
from podium.cli.console import err
from podium.cli.verify import Only, chosen, document, lines, quiet, tell

app = typer.Typer()

Folder = Annotated[Path, typer.Argument(help="Folder of the export.")]


@app.command(rich_help_panel="Rebuild")
def export(
    ctx: typer.Context,
    folder: Folder,
    domain: Only = None,
    form: Annotated[str, typer.Option("--form", help="csv, or json: a line a row.")] = "csv",
    as_json: console.Json = False,
) -> None:
    """Write tables to files, one a table, as of one look at the database, with the offsets at which they stand.

    Secret columns stay behind. A board with its cut is `podium board show ID --json`.
    """
    from podium.rebuild import export as exports

    settings = console.connected(ctx)
    if form not in ("csv", "json"):
        raise typer.BadParameter(f"{form}: csv or json", param_hint="--form")
    with err.status("exporting") as status:
        cut = exports.export(settings, chosen(settings, domain), folder, form, status.update)  # type: ignore[arg-type]
    _show(cut["digests"], as_json)


@app.command("import", rich_help_panel="Rebuild")
def import_(
    ctx: typer.Context,
    folder: Folder,
    verify: Annotated[bool, typer.Option("--verify", help="Then compare every row with the log.")] = False,
    as_json: console.Json = False,
) -> None:
    """Load an export into an empty, migrated database, from whose offsets the consumers then go on.

    Digests must be those of the export; with --verify also those of the log, or it exits 1.
    """
    from podium.cli.run import stopping
    from podium.rebuild import export as exports

    settings = console.connected(ctx)
    quiet(settings)
    domains = chosen(settings, None)
    with stopping() as stop, err.status("importing") as status:
        digests = exports.load(settings, domains, folder, status.update)
        proof = exports.proven(settings, domains, folder, status.update, stop) if verify else None
    if proof is None:
        _show(digests, as_json)
        return
    if as_json:
        console.show_json(document(proof))
    else:
        console.show(lines(proof.tables), as_json=False)
        for table in proof.tables:
            tell(table)
    if not proof.equal:
        raise typer.Exit(console.FOUND_A_PROBLEM)


def _show(digests: dict[str, Any], as_json: bool) -> None:
    console.show(({"table": name, "digest": digest} for name, digest in digests.items()), as_json)
