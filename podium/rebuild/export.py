"""Export: tables written to files as of one look at the database, with the offsets at which they were read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Composable, Composed, Identifier
from psycopg.sql import Literal as Quoted

from podium import database as migrations
from podium.rebuild import cut, parquet, prove
from podium.rebuild.cut import Form
from podium.rebuild.digest import Rows
from podium.rebuild.digest import parts as parts_of
from podium.rebuild.imports import NotEmpty, Step, columns
from podium.settings import Settings
from podium.sql import load as sql
from schema import LEDGER
from schema.declare import Domain


def export(
    settings: Settings, domains: Sequence[Domain], folder: Path, form: Form = "csv", step: Step = lambda _: None
) -> dict[str, Any]:
    """Write the tables of some domains, and what the ledger keeps of their events, as of one look. Returns the cut.

    Secret columns stay behind. Raises NotEmpty, Unsettled.
    """
    begin(folder, form)
    parts = parts_of(domains)
    topics = [topic for domain in (LEDGER, *domains) for topic in domain.topics]
    with prove.settled(settings.postgres, domains) as live:
        offsets = live.execute(sql("export_offsets"), [topics]).fetchall()
        stated: dict[str, Any] = {
            "version": cut.VERSION,
            "form": form,
            "domains": [domain.name for domain in domains],
            "migration": migrations.migrations(settings.postgres.dsn("owner")).current,
            "offsets": offsets,
            "digests": {rows.name: str(rows.digest(live)) for rows in parts},
        }
        for rows in parts:
            step(f"writing {rows.name}")
            notes = {"offsets": json.dumps([row[:3] for row in offsets]), "digest": stated["digests"][rows.name]}
            write_table(live, rows, folder / f"{rows.name}.{form}", form, notes)
    cut.seal(folder, stated)
    return stated


def begin(folder: Path, form: Form) -> None:
    """A new folder for an export. Raises NotEmpty, NoParquet."""
    if form == "parquet":
        parquet.arrow()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise NotEmpty(f"{folder} is not empty", "Name a new folder.")


def write_table(live: Connection[Any], rows: Rows, path: Path, form: Form, notes: Mapping[str, str]) -> None:
    """Write the rows of a table in the order of their keys; a Parquet file takes the notes along."""
    if form == "parquet":
        _write_parquet(live, rows, path, notes)
        return
    query = _query(rows, map(Identifier, columns(rows)))
    if form == "json":
        pairs = (SQL("({}, to_json({}))").format(Quoted(name), Identifier(name)) for name in columns(rows))
        query = sql("export_lines").format(pairs=SQL(", ").join(pairs), query=query)
    with path.open("wb") as file, live.cursor() as cursor:
        if form == "csv":
            with cursor.copy(SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(query), rows.parameters) as out:
                file.writelines(out)
        else:
            for (line,) in cursor.stream(query, rows.parameters):
                file.write(line.encode() + b"\n")


def _query(rows: Rows, columns: Iterable[Composable]) -> Composed:
    order = SQL(", ").join(map(Identifier, rows.keys))
    listed = SQL(", ").join(columns)
    return SQL("SELECT {} FROM {} WHERE {} ORDER BY {}").format(listed, rows.place, rows.among, order)


def _write_parquet(live: Connection[Any], rows: Rows, path: Path, notes: Mapping[str, str]) -> None:
    written = [rows.table.c[name] for name in columns(rows)]
    fields = [parquet.field(column, rows.type_of(column.name).as_string()) for column in written]
    shown = (SQL("{}::text" if parquet.as_text(one) else "{}").format(Identifier(one.name)) for one in written)
    with live.cursor() as cursor:
        read = cursor.stream(_query(rows, shown), rows.parameters, size=parquet.STREAM_ROWS)
        parquet.write(path, fields, read, {"table": rows.name, **notes})
