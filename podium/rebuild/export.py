"""Export: tables with the offsets at which they were read; import: into an empty database, proven by their digests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import Any, Literal

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Identifier
from sqlalchemy import Sequence as Numbers

from podium import database as migrations
from podium.errors import Problem
from podium.rebuild import prove
from podium.rebuild.carry import quiet
from podium.rebuild.digest import Rows
from podium.rebuild.prove import Proof
from podium.settings import Settings
from podium.sql import load as sql
from schema import LEDGER
from schema.declare import Domain

Form = Literal["csv", "json"]
CUT = "cut.json"
VERSION = 1

Step = Callable[[str], None]


class NotEmpty(Problem):
    """The database to import into holds rows already, or the folder to export into holds files."""

    code = "PD097"


class NoExport(Problem):
    """The folder holds no export that this version can read."""

    code = "PD098"
    exit_code = 2


class Damaged(Problem):
    """What was imported is not what was exported."""

    code = "PD099"


def export(
    settings: Settings, domains: Sequence[Domain], folder: Path, form: Form = "csv", step: Step = lambda _: None
) -> dict[str, Any]:
    """Write the tables of some domains, and what the ledger keeps of their events, as of one look. Returns the cut.

    Secret columns stay behind. Raises NotEmpty, Unsettled.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise NotEmpty(f"{folder} is not empty", "Name a new folder.")
    digests, parts = {}, prove.parts(domains)
    topics = [topic for domain in (LEDGER, *domains) for topic in domain.topics]
    with prove.settled(settings.postgres, domains) as live:
        for rows in parts:
            step(f"writing {rows.name}")
            _write(live, rows, folder / f"{rows.name}.{form}", form)
            digests[rows.name] = str(rows.digest(live))
        cut = {
            "version": VERSION,
            "form": form,
            "domains": [domain.name for domain in domains],
            "migration": migrations.migrations(settings.postgres.dsn("owner")).current,
            "offsets": live.execute(sql("export_offsets"), [topics]).fetchall(),
            "digests": digests,
        }
    # Last: a folder with a cut is a whole export.
    (folder / CUT).write_text(json.dumps(cut, indent=1, default=str) + "\n", encoding="utf-8")
    return cut


def _columns(rows: Rows) -> list[str]:
    """Everything but secrets: bookkeeping and places go along."""
    hidden = rows.domain.secret.get(rows.table.name, ())
    return [column.name for column in rows.table.columns if column.name not in hidden]


def _write(live: Connection[Any], rows: Rows, path: Path, form: Form) -> None:
    names, order = (SQL(", ").join(map(Identifier, which)) for which in (_columns(rows), rows.keys))
    query = SQL("SELECT {} FROM {} WHERE {} ORDER BY {}").format(names, rows.place, rows.among, order)
    if form == "json":
        query = SQL("SELECT row_to_json(t)::text FROM ({}) AS t").format(query)
    with path.open("wb") as file, live.cursor() as cursor:
        if form == "csv":
            with cursor.copy(SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(query), rows.parameters) as out:
                file.writelines(out)
        else:
            for (line,) in cursor.stream(query, rows.parameters):
                file.write(line.encode() + b"\n")


def read(folder: Path) -> dict[str, Any]:
    """The cut of an export. Raises NoExport."""
    try:
        cut: dict[str, Any] = json.loads((folder / CUT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NoExport(f"{folder}: {error}", "podium export writes one.") from None
    if cut.get("version") != VERSION:
        raise NoExport(f"{folder} is an export of version {cut.get('version')}", "Use the version that wrote it.")
    return cut


def load(settings: Settings, domains: Sequence[Domain], folder: Path, step: Step = lambda _: None) -> dict[str, str]:
    """Load an export into an empty, migrated database; consumers go on from its offsets. Returns the digests.

    All in one transaction. Raises NoExport, NotEmpty, Damaged.
    """
    cut = read(folder)
    chosen = [domain for domain in domains if domain.name in cut["domains"]]
    parts = prove.parts(chosen)
    with psycopg.connect(settings.postgres.dsn("owner")) as connection:
        connection.execute("SET LOCAL timezone TO 'UTC'")
        if connection.execute("SELECT FROM ledger.offset LIMIT 1").rowcount:
            raise NotEmpty("the database has read of the log already", "Import into an empty one.")
        with quiet(connection, *(rows.table for rows in parts)):
            for rows in parts:
                step(f"reading {rows.name}")
                _read(connection, rows, folder / f"{rows.name}.{cut['form']}", cut["form"])
                _wind_on(connection, rows)
        for row in cut["offsets"]:
            connection.execute(sql("import_offset"), row)
        for rows in parts:
            if str(rows.digest(connection)) != cut["digests"][rows.name]:
                raise Damaged(f"{rows.name} has another digest than the export states", "Export it again.")
    return dict(cut["digests"])


def _wind_on(connection: Connection[Any], rows: Rows) -> None:
    """Sequences go on above what was imported."""
    for column in rows.table.columns:
        if isinstance(column.default, Numbers) or column.identity is not None:
            newest = SQL("SELECT max({}) FROM {}").format(Identifier(column.name), rows.place)
            row = connection.execute(newest).fetchone()
            if row and row[0] is not None:
                connection.execute(sql("import_sequence"), {"table": rows.name, "column": column.name, "most": row[0]})


def _read(connection: Connection[Any], rows: Rows, path: Path, form: Form) -> None:
    names = SQL(", ").join(map(Identifier, _columns(rows)))
    with path.open("rb") as file, connection.cursor() as cursor:
        if form == "csv":
            with cursor.copy(SQL("COPY {} ({}) FROM STDIN (FORMAT csv, HEADER)").format(rows.place, names)) as into:
                for block in iter(lambda: file.read(1 << 16), b""):
                    into.write(block)
        else:
            insert = SQL("INSERT INTO {} ({}) SELECT {} FROM json_populate_record(NULL::{}, %s::json)")
            cursor.executemany(insert.format(rows.place, names, names, rows.place), _lines(file))


def _lines(file: Any) -> Iterator[tuple[str]]:
    for line in file:
        yield (line.decode(),)


def proven(
    settings: Settings, domains: Sequence[Domain], folder: Path, step: Step = lambda _: None, stop: Event | None = None
) -> Proof:
    """Whether imported tables are what the log says up to their offsets. Raises as `prove.verify` does."""
    names = read(folder)["domains"]
    return prove.verify(settings, [domain for domain in domains if domain.name in names], step=step, stop=stop)
