"""Import: an export into an empty database, all of it or nothing, proven by its sums and digests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Composable, Identifier
from psycopg.sql import Literal as Quoted
from sqlalchemy import JSON
from sqlalchemy import Sequence as Numbers

from podium import database as migrations
from podium import session
from podium.errors import Problem
from podium.rebuild import cut, parquet
from podium.rebuild.carry import quiet
from podium.rebuild.cut import Damaged, Form, OtherVersion
from podium.rebuild.digest import Rows, parts
from podium.settings import Settings
from podium.sql import load as sql
from schema import DOMAINS, LEDGER
from schema.declare import Domain
from schema.session import LONG

Step = Callable[[str], None]


class NotEmpty(Problem):
    """The database to import into holds rows already, or the folder to export into holds files."""

    code = "PD097"


def load(
    settings: Settings, domains: Sequence[Domain], folder: Path, step: Step = lambda _: None,
    then: Callable[[Connection[Any]], None] = lambda _: None,
) -> dict[str, str]:  # fmt: skip
    """Load what an export holds of some domains into an empty, migrated database; consumers go on from its offsets.

    All in one transaction, with whatever `then` does in the end. Returns the digests. Raises NoExport, OtherVersion,
    NotEmpty, Damaged, NoParquet.
    """
    stated = cut.read(folder)
    _check_version(settings, folder, stated)
    theirs = [domain for domain in DOMAINS if domain.name in stated["domains"]]
    chosen = [domain for domain in theirs if domain.name in {one.name for one in domains}]
    tables = [rows for rows in parts(theirs) if rows.domain.name in {LEDGER.name, *(one.name for one in chosen)}]
    with loading(settings) as connection:
        with quiet(connection, *(rows.table for rows in tables)):
            for rows in tables:
                step(f"loading {rows.name}")
                _load_table(connection, rows, folder, stated)
            _leave_out_others(connection, chosen)
        topics = {topic for domain in (LEDGER, *chosen) for topic in domain.topics}
        for row in stated["offsets"]:
            if row[0] in topics:
                connection.execute(sql("import_offset"), row)
        then(connection)
    return {rows.name: stated["digests"][rows.name] for rows in tables}


def _check_version(settings: Settings, folder: Path, stated: Mapping[str, Any]) -> None:
    """What older code derived is not what this version would: rows of another version are no rows of this one."""
    here = migrations.migrations(settings.postgres.dsn("owner")).current
    unknown = set(stated["domains"]) - {domain.name for domain in DOMAINS}
    if stated["migration"] != here or unknown:
        raise OtherVersion(
            f"{folder} was written at migration {stated['migration']}, the database to load it into is at {here}",
            "Import it with the version that wrote it, upgrade that database, and export it again.",
        )


def _load_table(connection: Connection[Any], rows: Rows, folder: Path, stated: Mapping[str, Any]) -> None:
    """Raises Damaged for a file that was changed, or rows that are not those that were written."""
    path = folder / f"{rows.name}.{stated['form']}"
    cut.check_file(path, stated)
    read_table(connection, rows, path, stated["form"])
    if str(rows.digest(connection)) != stated["digests"][rows.name]:
        raise Damaged(f"{rows.name} has another digest than the export states", "Export it again.")
    _wind_on(connection, rows)
    connection.execute(SQL("ANALYZE {}").format(rows.place))


def _leave_out_others(connection: Connection[Any], chosen: Sequence[Domain]) -> None:
    """What the ledger keeps of the events of domains that are not loaded: their logs are read from offset 0."""
    for rows in parts(chosen):
        if rows.domain is LEDGER:
            connection.execute(SQL("DELETE FROM {} WHERE NOT {}").format(rows.place, rows.among), rows.parameters)


def is_empty(connection: Connection[Any]) -> bool:
    """Whether a database holds nothing of any log yet."""
    return not any(_has_rows(connection, table) for table in ("offset", "snapshot"))


def _has_rows(connection: Connection[Any], table: str) -> bool:
    return bool(connection.execute(SQL("SELECT FROM {} LIMIT 1").format(Identifier("ledger", table))).rowcount)


@contextmanager
def loading(settings: Settings) -> Iterator[Connection[Any]]:
    """A transaction on a database that holds nothing yet. Raises NotEmpty, Damaged for what its tables refuse."""
    with session.connect(settings.postgres.dsn("owner"), LONG) as connection:
        connection.execute("SET LOCAL timezone TO 'UTC'")
        if not is_empty(connection):
            raise NotEmpty("the ledger of the database holds rows already", "Import into an empty one.")
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


def columns(rows: Rows) -> list[str]:
    """Everything but secrets: bookkeeping and places go along."""
    hidden = rows.domain.secret.get(rows.table.name, ())
    return [column.name for column in rows.table.columns if column.name not in hidden]


def read_table(connection: Connection[Any], rows: Rows, path: Path, form: Form) -> None:
    """Put the rows of a file into their table."""
    names = SQL(", ").join(map(Identifier, columns(rows)))
    with connection.cursor() as cursor:
        if form == "csv":
            into = SQL("COPY {} ({}) FROM STDIN (FORMAT csv, HEADER MATCH)").format(rows.place, names)
            with path.open("rb") as file, cursor.copy(into) as copy:
                for block in iter(lambda: file.read(1 << 16), b""):
                    copy.write(block)
        elif form == "parquet":
            with cursor.copy(SQL("COPY {} ({}) FROM STDIN").format(rows.place, names)) as copy:
                for row in parquet.read(path, columns(rows)):
                    copy.write_row(row)
        else:
            cursor.execute("CREATE TEMP TABLE imported (line json) ON COMMIT DROP")
            with path.open("rb") as file, cursor.copy("COPY imported FROM STDIN") as copy:
                for line in file:
                    copy.write_row([line.decode()])
            values = SQL(", ").join(_value(rows, name) for name in columns(rows))
            cursor.execute(sql("import_lines").format(table=rows.place, names=names, values=values))
            cursor.execute("DROP TABLE imported")


def _value(rows: Rows, name: str) -> Composable:
    if isinstance(rows.table.c[name].type, JSON):
        return SQL("(line -> {})::{}").format(Quoted(name), rows.type_of(name))
    return Identifier(name)
