"""Names, literals and templates as SQL text: for DDL alone, where parameters cannot stand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from string import Template

from sqlalchemy import ForeignKeyConstraint, Table
from sqlalchemy.dialects import postgresql

from schema.declare import Misdeclared

TEMPLATES = Path(__file__).parent / "triggers"
NAME_CHARACTERS_MAX = 63
"""PostgreSQL cuts longer names silently."""

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
quote = DIALECT.identifier_preparer.quote


class _Sql(Template):
    delimiter = "@"
    idpattern = "(?!)"
    braceidpattern = "[a-z_]+"


def checked(name: str) -> str:
    """The name itself. Raises Misdeclared if PostgreSQL would cut it."""
    if len(name) > NAME_CHARACTERS_MAX:
        raise Misdeclared(f"{name}: {len(name)} characters; PostgreSQL keeps {NAME_CHARACTERS_MAX} of a name")
    return name


def constraint(key: ForeignKeyConstraint) -> str:
    """The name of a foreign key, quoted."""
    return DIALECT.identifier_preparer.format_constraint(key) or ""


def equal(left: str, left_columns: Iterable[str], right: str, right_columns: Iterable[str]) -> str:
    """Equality of two column groups, pair by pair."""
    both = zip(left_columns, right_columns, strict=True)
    return " AND ".join(f"{left}.{quote(one)} = {right}.{quote(other)}" for one, other in both)


def pairs(alias: str, columns: Iterable[str], names: Iterable[str]) -> str:
    """Arguments of jsonb_build_object: names beside columns."""
    both = zip(names, columns, strict=True)
    return ", ".join(f"{literal(name)}, {alias}.{quote(column)}" for name, column in both)


def listed(names: Iterable[str]) -> str:
    """Quoted names between commas."""
    return ", ".join(quote(name) for name in names)


def full(table: Table) -> str:
    """Schema and table, quoted."""
    return str(DIALECT.identifier_preparer.format_table(table))


def literal(text: str) -> str:
    """A text literal."""
    return "'" + text.replace("'", "''") + "'"


def filled(template: str, /, **names: str) -> str:
    """A template of this folder's `triggers/`, its `@{names}` replaced."""
    return _Sql((TEMPLATES / f"{template}.sql").read_text(encoding="utf-8")).substitute(names)
