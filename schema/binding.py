"""The column binding: from a decoded event to one row of COPY BINARY, generated from the declaration.

A COPY BINARY row is the number of its fields (int16), then for each field its length in bytes (int32, -1 for NULL)
and its bytes; times count microseconds from 2000-01-01 UTC. Source: PostgreSQL manual, COPY, "Binary Format".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from struct import Struct
from typing import Any

import msgspec
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Float,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from schema.declare import PLACE, EventType, Furthest, Landing, Latest, Misdeclared, columns_of
from schema.envelope import digest

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"

Pack = Callable[[Any, int, int], bytes]
"""(decoded event, partition, offset) -> one row."""

_LENGTH = Struct(">i")


class _Lengths(dict[int, bytes]):
    """Lengths as fields begin with them; the usual ones are packed already."""

    def __missing__(self, size: int) -> bytes:
        return _LENGTH.pack(size)


_LENGTHS = _Lengths({n: _LENGTH.pack(n) for n in range(2048)})
_FIXED: tuple[tuple[type[TypeEngine[Any]], str, int], ...] = (
    (SmallInteger, "h", 2),
    (BigInteger, "q", 8),
    (Integer, "i", 4),
    (Boolean, "?", 1),
    (DateTime, "q", 8),
    (Double, "d", 8),
    (Float, "d", 8),
    (Uuid, "16s", 16),
)


def microseconds(moment: datetime) -> int:
    """Whole microseconds from 2000-01-01 UTC to an aware moment, exact for every representable year."""
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


class Jsonable:
    """A JSON document on its way into a statement's parameter."""

    __slots__ = ("document",)

    def __init__(self, document: Any) -> None:
        self.document = document


def counted(value: bytes) -> bytes:
    """A field: its length, then its bytes."""
    size = len(value)
    return _LENGTHS[size] + value


@dataclass(frozen=True)
class Bound:
    """How one event fills the columns of one table: packed as a COPY row, or as Python values."""

    event: EventType
    landing: Landing
    pack: Pack
    values: Callable[[Any, int, int], tuple[Any, ...]]


def bind_all(table: Table, landings: Sequence[tuple[EventType, Landing]]) -> tuple[tuple[str, ...], list[Bound]]:
    """Bind every event that lands in a table to one row: the columns in COPY order, and a Bound an event.

    Columns of fixed width that no event leaves NULL come first: one struct packs them all. Raises Misdeclared
    when a column that an event leaves open can neither be NULL nor is given a value.
    """
    names: list[str] = []
    for event, landing in landings:
        names += [name for name in _names(event, landing) if name not in names]
    names += [name for name in PLACE if name in table.c]
    fixed = [name for name in names if _fixed(table.c[name]) and not _ever_null(table.c[name], landings)]
    loose = [name for name in names if name not in fixed]
    return (*fixed, *loose), [_bind(event, landing, fixed, loose) for event, landing in landings]


def _names(event: EventType, landing: Landing) -> tuple[str, ...]:
    versions = [merge.version for merge in getattr(landing, "merges", ()) if isinstance(merge, Latest)]
    return (*columns_of(event, landing), *(name for version in versions for name in version))


def _ever_null(column: Column[Any], landings: Sequence[tuple[EventType, Landing]]) -> bool:
    return any(_value(event, landing, column, {})[1] for event, landing in landings)


def _bind(event: EventType, landing: Landing, fixed: Sequence[str], loose: Sequence[str]) -> Bound:
    scope: dict[str, Any] = {
        "counted": counted, "microseconds": microseconds, "encode": msgspec.json.encode, "NULL": NULL,
        "Jsonable": Jsonable, "EPOCH": EPOCH, "lengths": _LENGTHS,
    }  # fmt: skip
    columns = landing.table.c
    terms = {name: _value(event, landing, columns[name], scope) for name in (*fixed, *loose)}
    codes = {name: _fixed(columns[name]) for name in fixed}
    scope["head"] = Struct(">h" + "".join(f"i{code[0]}" for code in codes.values() if code)).pack
    packed = [f"{code[1]}, {_converted(columns[name], terms[name][0])}" for name, code in codes.items() if code]
    head = f"head({', '.join([str(len(terms)), *packed])})"
    tail = [_field(columns[name], *terms[name], _fixed(columns[name]), scope) for name in loose]
    row = f"b''.join(({head}, {', '.join(tail)},))" if tail else head
    plain = ", ".join(_plain(columns[name], *term) for name, term in terms.items())
    source = (
        f"def pack(e, partition, offset):\n    d = e.data\n    return {row}\n"
        f"def values(e, partition, offset):\n    d = e.data\n    return ({plain},)\n"
    )
    exec(compile(source, f"<binding of {event.type}>", "exec"), scope)
    return Bound(event, landing, scope["pack"], scope["values"])


def _plain(column: Column[Any], value: str, nullable: bool) -> str:
    if isinstance(column.type, LargeBinary) and not value.startswith("digest("):
        term = f"bytes.fromhex({value})"
    elif isinstance(column.type, (JSON, JSONB)):
        term = f"Jsonable({value})"
    else:
        return value
    return f"(None if {value} is None else {term})" if nullable else term


def _fixed(column: Column[Any]) -> tuple[str, int] | None:
    return next(((code, size) for kind, code, size in _FIXED if isinstance(column.type, kind)), None)


def _value(event: EventType, landing: Landing, column: Column[Any], scope: dict[str, Any]) -> tuple[str, bool]:
    """The Python term that yields a column's value, and whether it may be None."""
    name = column.name
    if name == PLACE[0]:
        return "partition", False
    if name == PLACE[1]:
        return "offset", False
    if name in landing.times:
        return "e.time", False
    source = landing.renamed.get(name, name)
    if source in event.columns and (name in landing.renamed or name not in landing.omit):
        return f"d.{source}", _optional(event, source)
    if name in landing.derived:
        scope[f"v_{name}"] = landing.derived[name]
        return f"v_{name}(d)", bool(column.nullable)
    special = _special(event, landing, name, scope)
    if special is not None:
        return special, False
    if name in landing.values:
        constant = landing.values[name]
        scope[f"c_{name}"] = constant
        return f"c_{name}", constant is None
    if column.nullable and column.server_default is None:
        return "None", True
    raise Misdeclared(f"event {event.type} leaves {column} open: give it a value in the landing")


def _special(event: EventType, landing: Landing, name: str, scope: dict[str, Any]) -> str | None:
    if name == landing.digest:
        return _digest(scope)
    for merge in getattr(landing, "merges", ()):
        if isinstance(merge, Latest) and name in merge.version:
            return ("e.time", "e.id", _digest(scope))[merge.version.index(name)]
        if isinstance(merge, Furthest) and name == merge.status:
            scope["state"] = merge.state
            return "state"
    return None


def _digest(scope: dict[str, Any]) -> str:
    scope["digest"] = digest
    return "digest(d)"


def _optional(event: EventType, name: str) -> bool:
    annotation = event.model.model_fields[name].annotation
    return type(None) in getattr(annotation, "__args__", ()) or annotation is type(None)


def _converted(column: Column[Any], value: str) -> str:
    if isinstance(column.type, DateTime):
        since = f"s_{column.name}"
        days = f"({since} := {value} - EPOCH).days * 86400"
        return f"({days} + {since}.seconds) * 1000000 + {since}.microseconds"
    return f"{value}.int.to_bytes(16, 'big')" if isinstance(column.type, Uuid) else value


def _field(column: Column[Any], value: str, nullable: bool, code: tuple[str, int] | None, scope: dict[str, Any]) -> str:
    """The term that yields a column's length and bytes, for a column that varies in length or may be NULL."""
    if value == "None":
        return "NULL"
    if code:
        scope[f"f_{column.name}"] = Struct(f">i{code[0]}").pack
        term = f"f_{column.name}({code[1]}, {_converted(column, value)})"
    else:
        taken = f"b_{column.name}"
        term = f"lengths[len({taken} := {_bytes(column, value)})], {taken}"
        if not nullable:
            return term
        return f"*((NULL,) if {value} is None else ({term}))"
    return f"(NULL if {value} is None else {term})" if nullable else term


def _bytes(column: Column[Any], value: str) -> str:
    if isinstance(column.type, LargeBinary):
        return value if value.startswith("digest(") else f"bytes.fromhex({value})"
    if isinstance(column.type, JSONB):
        return f"b'\\x01' + encode({value})"
    return f"encode({value})" if isinstance(column.type, JSON) else f"{value}.encode()"


Read = Callable[[Any], tuple[Any, ...]]
"""Decoded data -> some values of it."""


def key_of(event: EventType, names: Sequence[str]) -> Read:
    """A function from an event's data to the values of some of its fields, as a tuple."""
    source = f"lambda d: ({', '.join(f'd.{name}' for name in names)},)"
    made: Read = eval(source)
    return made


def reader(event: EventType, landing: Landing, names: Sequence[str]) -> Read:
    """A function from an event's data to the values that it gives some columns of the table it lands in."""
    scope: dict[str, Any] = {}
    terms = [_value(event, landing, landing.table.c[name], scope)[0] for name in names]
    made: Read = eval(f"lambda d: ({', '.join(terms)},)", scope)
    return made


def sources(event: EventType, landing: Landing, names: Sequence[str]) -> list[Any]:
    """What gives some columns their values: field, constant or derivation. Equal sources give equal values."""
    scope: dict[str, Any] = {}
    terms = [_value(event, landing, landing.table.c[name], scope)[0] for name in names]
    return [scope.get(term.removesuffix("(d)"), term) for term in terms]
