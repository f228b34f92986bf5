"""A published board as files: its entries in any form, and beside them the cut, the rule and the digest."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from psycopg import Connection

from podium import boards, proof
from podium.boards import Snapshot
from podium.proof import Verdict
from podium.rebuild import cut, export, imports, parquet
from podium.rebuild.carry import quiet
from podium.rebuild.cut import Damaged, Form
from podium.settings import Settings
from podium.sql import load as sql
from schema import ledger
from schema.board import Entry, ListDigest, canonical, raw_entries, split
from schema.declare import Domain

Kind = Literal["text", "integer", "number", "boolean", "json"]
Columns = Mapping[str, Kind]
KINDS: Mapping[type, Kind] = {str: "text", int: "integer", Decimal: "number", bool: "boolean"}

FIGURE_DIGITS = 38
FIELD = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\n]*))([,\n])')
"""A quoted or a plain field and what ends it: text is always quoted, so that an empty plain field is null."""


def write(connection: Connection[Any], snapshot: Snapshot, folder: Path, form: Form) -> dict[str, str]:
    """Write the entries of a snapshot to a file, and what proves them to another. Returns the digest by board.

    Entries are read a part at a time, and again for each look at all of them. Raises NotEmpty, NoParquet,
    NoSuchSnapshot.
    """

    def each() -> Iterator[Entry]:
        texts = boards.texts(connection, snapshot)
        return (json.loads(entry, parse_float=Decimal) for text in texts for entry in raw_entries(text))

    export.begin(folder, form)
    path = folder / f"{snapshot.board}.{form}"
    columns = _columns(each())
    if form == "parquet":
        _write_parquet(path, each, columns, snapshot)
    elif form == "csv":
        _write_csv(path, each(), columns)
    else:
        with path.open("wb") as file:
            file.writelines(canonical(entry) + b"\n" for entry in each())
    _check(path, form, columns, snapshot.digest)
    stated = asdict(replace(snapshot, entries=""))
    cut.seal(folder, {"version": cut.VERSION, "form": form, "columns": columns, "board": stated})
    return {snapshot.board: snapshot.digest}


def _columns(entries: Iterable[Entry]) -> Columns:
    """The one kind of all values of each column; a figure may be whole in one entry and broken in the next."""
    kinds: dict[str, set[Kind]] = {}
    for entry in entries:
        for name, value in entry.items():
            found = kinds.setdefault(name, set())
            if value is not None:
                found.add(KINDS.get(type(value), "json"))
    return {name: _kind(found) for name, found in kinds.items()}


def _kind(kinds: set[Kind]) -> Kind:
    if kinds == {"integer", "number"}:
        return "number"
    return "json" if len(kinds) > 1 else next(iter(kinds), "text")


def _plain(entry: Entry, columns: Columns) -> list[Any]:
    """The values of an entry; what has parts as JSON."""
    values = ((entry.get(name), kind) for name, kind in columns.items())
    return [canonical(value).decode() if kind == "json" and value is not None else value for value, kind in values]


def _write_csv(path: Path, entries: Iterable[Entry], columns: Columns) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        for line in chain([list(columns)], (_plain(entry, columns) for entry in entries)):
            file.write(",".join(map(_field, line)) + "\n")


def _field(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return "" if value is None else canonical(value).decode()


def _write_parquet(path: Path, each: Callable[[], Iterator[Entry]], columns: Columns, snapshot: Snapshot) -> None:
    pa = parquet.arrow()
    scales = dict.fromkeys(columns, 0)
    for entry in each():
        scales |= {name: max(scales[name], _decimals(value)) for name, value in entry.items()}
    types = {"text": pa.string(), "integer": pa.int64(), "boolean": pa.bool_(), "json": pa.json_()}
    fields = [
        pa.field(name, types.get(kind) or pa.decimal128(FIGURE_DIGITS, scales[name])) for name, kind in columns.items()
    ]
    notes = {name: str(getattr(snapshot, name)) for name in ("board", "snapshot", "as_of", "cut_at", "digest")}
    notes |= {"offsets": json.dumps(snapshot.cut), "rule": json.dumps(snapshot.rule)}
    parquet.write(path, fields, (_plain(entry, columns) for entry in each()), notes)


def _decimals(value: Any) -> int:
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    return max(0, -int(exponent))


def _check(path: Path, form: Form, columns: Columns, wanted: str) -> None:
    """Raises Damaged if the digest of the entries in a file is another."""
    found = ListDigest()
    for entry in _canonical(path, form, columns):
        found.add_entry(entry)
    if found.digest() != wanted:
        raise Damaged(f"{path.name} has another digest than {wanted}", "Export it again.")


def _canonical(path: Path, form: Form, columns: Columns) -> Iterator[bytes]:
    """The canonical entries of a file, one by one."""
    return (canonical(dict(zip(columns, values, strict=True))) for values in _rows(path, form, columns))


def _rows(path: Path, form: Form, columns: Columns) -> Iterator[list[Any]]:
    if form == "json":
        with path.open(encoding="utf-8", newline="\n") as file:
            for line in file:
                entry = json.loads(line, parse_float=Decimal)
                yield [entry[name] for name in columns]
    elif form == "csv":
        with path.open(encoding="utf-8", newline="\n") as file:
            lines = _fields(file)
            next(lines)
            for texts in lines:
                yield [_read(text, kind) for text, kind in zip(texts, columns.values(), strict=True)]
    else:
        for row in parquet.read(path, list(columns)):
            pairs = zip(row, columns.values(), strict=True)
            yield [_read(value, kind) if kind == "json" else value for value, kind in pairs]


def _fields(lines: Iterable[str]) -> Iterator[list[str | None]]:
    """Records of fields, which may hold line ends within quotes; null is None."""
    text = ""
    for line in lines:
        text += line
        if text.count('"') % 2:
            continue
        fields = (found.groups() for found in FIELD.finditer(text))
        yield [plain or None if quoted is None else quoted.replace('""', '"') for quoted, plain, _ in fields]
        text = ""


def _read(text: str | None, kind: Kind) -> Any:
    return text if text is None or kind == "text" else json.loads(text, parse_float=Decimal)


def load(settings: Settings, folder: Path) -> Snapshot:
    """Put an exported snapshot into an empty, migrated database; for the consumers its record is a repeat then.

    Raises NoExport, NotEmpty, Damaged, NoParquet.
    """
    whole = cut.read(folder)
    stated = whole["board"]
    with imports.loading(settings) as connection:
        given = folder / f"{stated['board']}.{whole['form']}", whole["form"], whole["columns"]
        _check(*given, stated["digest"])
        moments = {name: datetime.fromisoformat(stated[name]) for name in ("as_of", "cut_at")}
        found = Snapshot(**{**stated, **moments, "snapshot": UUID(stated["snapshot"])})
        with quiet(connection, ledger.snapshot), quiet(connection, ledger.snapshot_part):
            entries = _canonical(*given)
            one = b"[%b]" % b",".join(entries) if found.parts is None else b""
            kept = asdict(replace(found, entries=one.decode()))
            connection.execute(sql("import_snapshot"), [json.dumps(kept, default=str)])
            # Cut as they were published, or their records would be no repeats. Of a board in one, nothing is left.
            for part, (count, text) in enumerate(split(entries), 1):
                row = (found.board, found.snapshot, part, count, text.decode())
                connection.execute(sql("import_snapshot_part"), row)
    return found


def proven(settings: Settings, domains: Sequence[Domain], snapshot: Snapshot, step: proof.Report) -> Verdict:
    """Whether a snapshot is what the log says: its record, and its entries recomputed up to its cut."""
    (verdict,) = proof.verify(settings, domains, [snapshot], step)
    return verdict
