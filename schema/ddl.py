"""The complete DDL of a domain, rendered from its declaration; the same text is frozen into migrations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import Enum, ForeignKeyConstraint, Sequence, Table
from sqlalchemy.dialects.postgresql import CreateEnumType
from sqlalchemy.schema import (
    CreateIndex,
    CreateSequence,
    CreateTable,
    ExecutableDDLElement,
    SetColumnComment,
    SetTableComment,
)

from schema.declare import Domain, Misdeclared
from schema.quoting import DIALECT, constraint, filled, full, listed, quote
from schema.triggers import triggers


def render(domain: Domain) -> str:
    """DDL text that makes everything of the domain in an empty place; the ledger's functions must be there.

    Raises Misdeclared for names that PostgreSQL would cut and for a status with two life cycles.
    """
    parts = [f"CREATE SCHEMA {quote(schema_of(domain))};", *_enumerations(domain), *_sequences(domain)]
    for table in domain.tables:
        parts += _table(table)
    parts += [_references(table) for table in domain.tables]
    if schema_of(domain) == "ledger":
        parts.append(filled("ledger"))
    parts += triggers(domain)
    own = domain.folder / "triggers.sql"
    parts += [own.read_text(encoding="utf-8")] if own.exists() else []
    parts.append(filled("grants", schema=quote(schema_of(domain))))
    parts += _secrets(domain)
    parts += _private(domain)
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def render_all(domains: Iterable[Domain]) -> str:
    """DDL text of several domains, in the given order."""
    return "\n".join(render(domain) for domain in domains)


def drop(domain: Domain) -> str:
    """DDL text that removes the domain with all its rows."""
    return f"DROP SCHEMA {quote(schema_of(domain))} CASCADE;\n"


def schema_of(domain: Domain) -> str:
    """The Postgres schema of a domain."""
    schema = domain.metadata.schema
    if schema is None:
        raise Misdeclared(f"domain {domain.name}: its MetaData names no schema; build it by domain_metadata")
    return schema


def _enumerations(domain: Domain) -> list[str]:
    """Native types of the columns that are enumerations, by name."""
    kinds = [column.type for table in domain.tables for column in table.columns]
    named = {kind.name: kind for kind in kinds if isinstance(kind, Enum) and kind.native_enum}
    return [_sql(CreateEnumType(named[name].dialect_impl(DIALECT))) for name in sorted(named, key=str)]


def _sequences(domain: Domain) -> list[str]:
    sequences = sorted(domain.metadata._sequences.values(), key=lambda sequence: sequence.name)
    return [_sql(CreateSequence(sequence)) for sequence in sequences]


def _table(table: Table) -> list[str]:
    enforced = [key for key in table.foreign_key_constraints if not key.info.get("hot")]
    parts = [_sql(CreateTable(table, include_foreign_key_constraints=enforced))]
    parts += [_sql(CreateIndex(index)) for index in sorted(table.indexes, key=lambda index: str(index.name))]
    parts += [_sql(SetTableComment(table))] if table.comment else []
    for column in table.columns:
        parts += [_sql(SetColumnComment(column))] if column.comment else []
        if isinstance(column.default, Sequence):
            sequence = f"{quote(str(table.schema))}.{quote(column.default.name)}"
            parts.append(f"ALTER SEQUENCE {sequence} OWNED BY {full(table)}.{quote(column.name)};")
    return parts


def _references(table: Table) -> str:
    shown = [key for key in table.foreign_key_constraints if key.info.get("hot")]
    return "\n".join(_not_enforced(table, key) for key in sorted(shown, key=lambda key: str(key.name)))


def _not_enforced(table: Table, key: ForeignKeyConstraint) -> str:
    columns = listed(key.column_keys)
    parent = listed(element.column.name for element in key.elements)
    return (
        f"ALTER TABLE {full(table)} ADD CONSTRAINT {constraint(key)}\n"
        f"    FOREIGN KEY ({columns}) REFERENCES {full(key.referred_table)} ({parent}) NOT ENFORCED;"
    )


def _secrets(domain: Domain) -> Iterator[str]:
    """Columns that a role is not to see: it gets the others of that table by name. Triggers run as their owner."""
    for table in domain.tables:
        secret = domain.secret.get(table.name, ())
        personal = domain.personal.get(table.name, ())
        for role, rights, hidden in (
            ("podium_consumer", ("SELECT", "INSERT", "UPDATE"), secret),
            ("podium_stream", ("SELECT",), secret),
            ("podium_reader", ("SELECT",), (*secret, *personal)),
        ):
            if hidden:
                shown = listed(name for name in table.c.keys() if name not in hidden)  # noqa: SIM118
                yield filled(
                    "secret",
                    schema=quote(schema_of(domain)),
                    table=quote(table.name),
                    role=role,
                    rights=", ".join(rights),
                    granted=", ".join(f"{right} ({shown})" for right in rights),
                )


def _private(domain: Domain) -> Iterator[str]:
    """Whoever only reads sees nothing of a private table."""
    for table in domain.tables:
        if table.name in domain.private:
            yield f"REVOKE SELECT ON {full(table)} FROM podium_reader;"


def _sql(element: ExecutableDDLElement) -> str:
    return str(element.compile(dialect=DIALECT)).strip().replace("\t", "    ") + ";"
