"""podium export and podium import: tables with the offsets they belong to, out and in again, proven."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Annotated, Any, Literal

import typer

from podium import boards, session
from podium.cli import console
from podium.cli.board import Which, verdicts
from podium.cli.console import err
from podium.cli.rebuild import Contradiction
from podium.cli.verify import Only, chosen, document, quiet, tell_proof
from podium.settings import Settings
from schema.session import READING

app = typer.Typer()

Step = Callable[[str], None]
Folder = Annotated[Path, typer.Argument(help="Folder of the export.")]


@app.command(rich_help_panel="Rebuild")
def export(
    ctx: typer.Context,
    folder: Folder,
    domain: Only = None,
    board: Annotated[str, typer.Option(help="Only this board, by its id, at one snapshot.")] = "",
    which: Which = "",
    form: Annotated[
        Literal["csv", "json", "parquet"], typer.Option("--form", help="json: a line a row; parquet: needs pyarrow.")
    ] = "csv",
    as_json: console.Json = False,
) -> None:
    """Write tables to files, one a table, as of one look at the database, with the offsets at which they stand.

    Secret columns stay behind. With --board: the entries of a published board, with its cut.
    """
    from podium.rebuild import board_export
    from podium.rebuild import export as exports

    if (domain and board) or (which and not board):
        raise Contradiction("--board goes without --domain, and --snapshot with --board", "Leave one of them out.")
    settings = console.migrated(ctx)
    if board:
        with session.connect(settings.postgres.dsn("reader"), READING, autocommit=True) as connection:
            found = boards.find(connection, board, which, whole=False)
            digests = board_export.write(connection, found, folder, form)
    else:
        with err.status("exporting") as status:
            digests = exports.export(settings, chosen(settings, domain), folder, form, status.update)["digests"]
    _show(digests, as_json)


@app.command("import", rich_help_panel="Rebuild")
def import_(
    ctx: typer.Context,
    folder: Folder,
    verify: Annotated[bool, typer.Option("--verify", help="Then compare everything with the log.")] = False,
    as_json: console.Json = False,
) -> None:
    """Load an export into an empty, migrated database, from whose offsets the consumers then go on.

    Digests must be those of the export; with --verify also those of the log, or it exits 1.
    """
    from podium.cli.run import stopping
    from podium.rebuild import cut

    settings = console.migrated(ctx)
    quiet(settings)
    with stopping() as stop, err.status("importing") as status:
        which = _board if "board" in cut.read(folder) else _tables
        equal = which(settings, folder, verify, status.update, stop, as_json)
    if not equal:
        raise typer.Exit(console.FOUND_A_PROBLEM)


def _tables(settings: Settings, folder: Path, verify: bool, step: Step, stop: Event, as_json: bool) -> bool:
    from podium.rebuild import cut, imports, prove

    domains = chosen(settings, None)
    digests = imports.load(settings, domains, folder, step)
    if not verify:
        _show(digests, as_json)
        return True
    held = cut.read(folder)["domains"]
    proof = prove.verify(settings, [domain for domain in domains if domain.name in held], step=step, stop=stop)
    if as_json:
        console.show_json(document(proof))
    else:
        tell_proof(proof)
    return proof.equal


def _board(settings: Settings, folder: Path, verify: bool, step: Step, stop: Event, as_json: bool) -> bool:
    from podium.rebuild import board_export

    found = board_export.load(settings, folder)
    if not verify:
        _show({found.board: found.digest}, as_json)
        return True
    verdict = board_export.proven(settings, chosen(settings, None), found, step)
    if as_json:
        console.show_json({**dataclasses.asdict(verdict), "equal": verdict.ok})
    else:
        console.show(verdicts([verdict]), as_json)
    return verdict.ok


def _show(digests: dict[str, Any], as_json: bool) -> None:
    console.show(({"table": name, "digest": digest} for name, digest in digests.items()), as_json)
