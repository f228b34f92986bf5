"""A published board as files: its entries in any form, and beside them the cut, the rule and the digest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from podium import proof
from podium.boards import Snapshot
from podium.proof import Verdict
from podium.rebuild import cut, export, imports, parquet
from podium.rebuild.carry import quiet
from podium.rebuild.cut import Damaged, Form
from podium.settings import Settings
from podium.sql import load as sql
from schema import ledger
from schema.board import Entry, canonical, digest, split
from schema.declare import Domain

Kind = Literal["text", "integer", "number", "boolean", "json"]
Columns = Mapping[str, Kind]
KINDS: Mapping[type, Kind] = {str: "text", int: "integer", Decimal: "number", bool: "boolean"}

FIGURE_DIGITS = 38
FIELD = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\n]*))([,\n])')
"""A quoted or a plain field and what ends it: text is always quoted, so that an empty plain field is null."""


def write(snapshot: Snapshot, folder: Path, form: Form) -> dict[str, str]:
    """Write the entries of a snapshot to a file, and what proves them to another. Returns the digest by board.

    Raises NotEmpty, NoParquet.
    """
    export.begin(folder, form)
    path = folder / f"{snapshot.board}.{form}"
    entries: list[Entry] = json.loads(snapshot.entries, parse_float=Decimal)
    columns = {name: _kind(entries, name) for entry in entries for name in entry}
    if form == "parquet":
        _write_parquet(path, entries, columns, snapshot)
    elif form == "csv":
        _write_csv(path, entries, columns)
    else:
        path.write_bytes(b"".join(canonical(entry) + b"\n" for entry in entries))
    _check(path, form, columns, snapshot.digest)
    stated = asdict(replace(snapshot, entries=""))
    cut.seal(folder, {"version": cut.VERSION, "form": form, "columns": columns, "board": stated})
    return {snapshot.board: snapshot.digest}


def _kind(entries: Sequence[Entry], name: str) -> Kind:
    """The one kind of all values of a column; a figure may be whole in one entry and broken in the next."""
    kinds = {KINDS.get(type(entry[name]), "json") for entry in entries if entry.get(name) is not None}
    if kinds == {"integer", "number"}:
        return "number"
    return "json" if len(kinds) > 1 else next(iter(kinds), "text")


def _plain(entry: Entry, columns: Columns) -> list[Any]:
    """The values of an entry; what has parts as JSON."""
    values = ((entry.get(name), kind) for name, kind in columns.items())
    return [canonical(value).decode() if kind == "json" and value is not None else value for value, kind in values]


def _write_csv(path: Path, entries: Sequence[Entry], columns: Columns) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        for line in (list(columns), *(_plain(entry, columns) for entry in entries)):
            file.write(",".join(map(_field, line)) + "\n")


def _field(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return "" if value is None else canonical(value).decode()


def _write_parquet(path: Path, entries: Sequence[Entry], columns: Columns, snapshot: Snapshot) -> None:
    pa = parquet.arrow()
    scales = {name: max((_decimals(entry.get(name)) for entry in entries), default=0) for name in columns}
    types = {"text": pa.string(), "integer": pa.int64(), "boolean": pa.bool_(), "json": pa.json_()}
    fields = [
        pa.field(name, types.get(kind) or pa.decimal128(FIGURE_DIGITS, scales[name])) for name, kind in columns.items()
    ]
    notes = {name: str(getattr(snapshot, name)) for name in ("board", "snapshot", "as_of", "cut_at", "digest")}
    notes |= {"offsets": json.dumps(snapshot.cut), "rule": json.dumps(snapshot.rule)}
    parquet.write(path, fields, (_plain(entry, columns) for entry in entries), notes)


def _decimals(value: Any) -> int:
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    return max(0, -int(exponent))


def _check(path: Path, form: Form, columns: Columns, wanted: str) -> str:
    """The canonical entries of a file. Raises Damaged if their digest is another."""
    listed = [dict(zip(columns, values, strict=True)) for values in _rows(path, form, columns)]
    written = canonical(listed)
    if digest(written) != wanted:
        raise Damaged(f"{path.name} has another digest than {wanted}", "Export it again.")
    return written.decode()


def _rows(path: Path, form: Form, columns: Columns) -> Iterator[list[Any]]:
    if form == "json":
        for line in path.read_text(encoding="utf-8").removesuffix("\n").split("\n"):  # a name may hold U+2028
            entry = json.loads(line, parse_float=Decimal)
            yield [entry[name] for name in columns]
    elif form == "csv":
        lines = _fields(path.read_text(encoding="utf-8"))
        next(lines)
        for texts in lines:
            yield [_read(text, kind) for text, kind in zip(texts, columns.values(), strict=True)]
    else:
        for row in parquet.read(path, list(columns)):
            pairs = zip(row, columns.values(), strict=True)
            yield [_read(value, kind) if kind == "json" else value for value, kind in pairs]


def _fields(text: str) -> Iterator[list[str | None]]:
    """Lines of fields; null is None."""
    line: list[str | None] = []
    for found in FIELD.finditer(text):
        quoted, plain, end = found.groups()
        line.append(plain or None if quoted is None else quoted.replace('""', '"'))
        if end == "\n":
            yield line
            line = []


def _read(text: str | None, kind: Kind) -> Any:
    return text if text is None or kind == "text" else json.loads(text, parse_float=Decimal)


def load(settings: Settings, folder: Path) -> Snapshot:
    """Put an exported snapshot into an empty, migrated database; for the consumers its record is a repeat then.

    Raises NoExport, NotEmpty, Damaged, NoParquet.
    """
    whole = cut.read(folder)
    stated = whole["board"]
    with imports.loading(settings) as connection:
        entries = _check(
            folder / f"{stated['board']}.{whole['form']}", whole["form"], whole["columns"], stated["digest"]
        )
        moments = {name: datetime.fromisoformat(stated[name]) for name in ("as_of", "cut_at")}
        found = Snapshot(**{**stated, **moments, "snapshot": UUID(stated["snapshot"]), "entries": entries})
        with quiet(connection, ledger.snapshot), quiet(connection, ledger.snapshot_part):
            kept = found if found.parts is None else replace(found, entries="")
            connection.execute(sql("import_snapshot"), [json.dumps(asdict(kept), default=str)])
            # Cut as they were published, or their records would be no repeats.
            for part, (count, text) in enumerate(split(entries.encode()) if found.parts else (), 1):
                row = (found.board, found.snapshot, part, count, text.decode())
                connection.execute(sql("import_snapshot_part"), row)
    return found


def proven(settings: Settings, domains: Sequence[Domain], snapshot: Snapshot, step: proof.Report) -> Verdict:
    """Whether a snapshot is what the log says: its record, and its entries recomputed up to its cut."""
    (verdict,) = proof.verify(settings, domains, [snapshot], step)
    return verdict
