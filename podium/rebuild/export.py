"""Export: tables with the offsets at which they were read; import: into an empty database, proven by their digests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any, Literal

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Composable, Composed, Identifier
from psycopg.sql import Literal as Quoted
from sqlalchemy import JSON
from sqlalchemy import Sequence as Numbers

from podium import database as migrations
from podium.errors import Problem
from podium.rebuild import parquet, prove
from podium.rebuild.carry import quiet
from podium.rebuild.digest import Rows
from podium.rebuild.prove import Proof
from podium.settings import Settings
from podium.sql import load as sql
from schema import LEDGER
from schema.declare import Domain

Form = Literal["csv", "json", "parquet"]
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
    begin(folder, form)
    parts = prove.parts(domains)
    topics = [topic for domain in (LEDGER, *domains) for topic in domain.topics]
    with prove.settled(settings.postgres, domains) as live:
        offsets = live.execute(sql("export_offsets"), [topics]).fetchall()
        cut: dict[str, Any] = {
            "version": VERSION,
            "form": form,
            "domains": [domain.name for domain in domains],
            "migration": migrations.migrations(settings.postgres.dsn("owner")).current,
            "offsets": offsets,
            "digests": {rows.name: str(rows.digest(live)) for rows in parts},
        }
        for rows in parts:
            step(f"writing {rows.name}")
            notes = {"offsets": json.dumps([row[:3] for row in offsets]), "digest": cut["digests"][rows.name]}
            write_table(live, rows, folder / f"{rows.name}.{form}", form, notes)
    seal(folder, cut)
    return cut


def begin(folder: Path, form: Form) -> None:
    """A new folder for an export. Raises NotEmpty, NoParquet."""
    if form == "parquet":
        parquet.arrow()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise NotEmpty(f"{folder} is not empty", "Name a new folder.")


def seal(folder: Path, cut: Mapping[str, Any]) -> None:
    """State the cut, last of all: a folder that has one is a whole export."""
    (folder / CUT).write_text(json.dumps(cut, indent=1, default=str) + "\n", encoding="utf-8")


def _columns(rows: Rows) -> list[str]:
    """Everything but secrets: bookkeeping and places go along."""
    hidden = rows.domain.secret.get(rows.table.name, ())
    return [column.name for column in rows.table.columns if column.name not in hidden]


def write_table(live: Connection[Any], rows: Rows, path: Path, form: Form, notes: Mapping[str, str]) -> None:
    """Write the rows of a table in the order of their keys; a Parquet file takes the notes along."""
    if form == "parquet":
        _write_parquet(live, rows, path, notes)
        return
    query = _query(rows, map(Identifier, _columns(rows)))
    if form == "json":
        pairs = (SQL("({}, to_json({}))").format(Quoted(name), Identifier(name)) for name in _columns(rows))
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
    columns = [rows.table.c[name] for name in _columns(rows)]
    fields = [parquet.field(column, rows.type_of(column.name).as_string()) for column in columns]
    shown = (SQL("{}::text" if parquet.as_text(one) else "{}").format(Identifier(one.name)) for one in columns)
    with live.cursor() as cursor:
        read = cursor.stream(_query(rows, shown), rows.parameters, size=parquet.STREAM_ROWS)
        parquet.write(path, fields, read, {"table": rows.name, **notes})


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

    All in one transaction. Raises NoExport, NotEmpty, Damaged, NoParquet.
    """
    cut = read(folder)
    parts = prove.parts([domain for domain in domains if domain.name in cut["domains"]])
    with loading(settings) as connection:
        with quiet(connection, *(rows.table for rows in parts)):
            for rows in parts:
                step(f"reading {rows.name}")
                read_table(connection, rows, folder / f"{rows.name}.{cut['form']}", cut["form"])
                _wind_on(connection, rows)
        for row in cut["offsets"]:
            connection.execute(sql("import_offset"), row)
        for rows in parts:
            if str(rows.digest(connection)) != cut["digests"][rows.name]:
                raise Damaged(f"{rows.name} has another digest than the export states", "Export it again.")
    return dict(cut["digests"])


@contextmanager
def loading(settings: Settings) -> Iterator[Connection[Any]]:
    """A transaction on a database that holds nothing yet. Raises NotEmpty, Damaged for what its tables refuse."""
    with psycopg.connect(settings.postgres.dsn("owner")) as connection:
        connection.execute("SET LOCAL timezone TO 'UTC'")
        for table in ("offset", "snapshot"):
            if connection.execute(SQL("SELECT FROM {} LIMIT 1").format(Identifier("ledger", table))).rowcount:
                raise NotEmpty(f"ledger.{table} of the database holds rows already", "Import into an empty one.")
        try:
            yield connection
        except (ValueError, FileNotFoundError, psycopg.DataError, psycopg.IntegrityError) as error:
            raise Damaged(str(error).partition("\n")[0], "Export it again.") from error


def _wind_on(connection: Connection[Any], rows: Rows) -> None:
    """Sequences go on above what was imported."""
    for column in rows.table.columns:
        if isinstance(column.default, Numbers) or column.identity is not None:
            newest = SQL("SELECT max({}) FROM {}").format(Identifier(column.name), rows.place)
            row = connection.execute(newest).fetchone()
            if row and row[0] is not None:
                connection.execute(sql("import_sequence"), {"table": rows.name, "column": column.name, "most": row[0]})


def read_table(connection: Connection[Any], rows: Rows, path: Path, form: Form) -> None:
    """Put the rows of a file into their table."""
    names = SQL(", ").join(map(Identifier, _columns(rows)))
    with connection.cursor() as cursor:
        if form == "csv":
            into = SQL("COPY {} ({}) FROM STDIN (FORMAT csv, HEADER MATCH)").format(rows.place, names)
            with path.open("rb") as file, cursor.copy(into) as copy:
                for block in iter(lambda: file.read(1 << 16), b""):
                    copy.write(block)
        elif form == "parquet":
            with cursor.copy(SQL("COPY {} ({}) FROM STDIN").format(rows.place, names)) as copy:
                for row in parquet.read(path, _columns(rows)):
                    copy.write_row(row)
        else:
            cursor.execute("CREATE TEMP TABLE imported (line json) ON COMMIT DROP")
            with path.open("rb") as file, cursor.copy("COPY imported FROM STDIN") as copy:
                for line in file:
                    copy.write_row([line.decode()])
            values = SQL(", ").join(_value(rows, name) for name in _columns(rows))
            cursor.execute(sql("import_lines").format(table=rows.place, names=names, values=values))
            cursor.execute("DROP TABLE imported")


def _value(rows: Rows, name: str) -> Composable:
    if isinstance(rows.table.c[name].type, JSON):
        return SQL("(line -> {})::{}").format(Quoted(name), rows.type_of(name))
    return Identifier(name)


def proven(
    settings: Settings, domains: Sequence[Domain], folder: Path, step: Step = lambda _: None, stop: Event | None = None
) -> Proof:
    """Whether imported tables are what the log says up to their offsets. Raises as `prove.verify` does."""
    names = read(folder)["domains"]
    return prove.verify(settings, [domain for domain in domains if domain.name in names], step=step, stop=stop)
