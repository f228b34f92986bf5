"""The complete DDL of a domain, rendered from its declaration; the same text is frozen into migrations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from sqlalchemy import ForeignKeyConstraint, Sequence, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import (
    CreateIndex,
    CreateSequence,
    CreateTable,
    ExecutableDDLElement,
    SetColumnComment,
    SetTableComment,
)

from schema.declare import (
    Domain,
    Furthest,
    Greatest,
    Latest,
    Lifecycle,
    Misdeclared,
    Once,
    Reference,
    Register,
    identity,
    references_of,
)

TEMPLATES = Path(__file__).parent / "triggers"
NAME_CHARACTERS_MAX = 63
"""PostgreSQL cuts longer names silently."""

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_quote = _DIALECT.identifier_preparer.quote


class _Sql(Template):
    delimiter = "@"
    idpattern = "(?!)"
    braceidpattern = "[a-z_]+"


@dataclass(frozen=True)
class Guarded:
    """A status column that a life cycle rules, and the columns that open a new life of it."""

    table: Table
    status: str
    lifecycle: Lifecycle
    order: tuple[str, ...]


def render(domain: Domain) -> str:
    """DDL text that makes everything of the domain in an empty place; the ledger's functions must be there.

    Raises Misdeclared for names that PostgreSQL would cut and for a status with two life cycles.
    """
    parts = [f"CREATE SCHEMA {_quote(schema_of(domain))};", *_sequences(domain)]
    for table in domain.tables:
        parts += _table(table)
    parts += [_references(table) for table in domain.tables]
    if schema_of(domain) == "ledger":
        parts.append(_text("ledger"))
    parts += _triggers(domain)
    own = domain.folder / "triggers.sql"
    parts += [own.read_text(encoding="utf-8")] if own.exists() else []
    parts.append(_text("grants", schema=_quote(schema_of(domain))))
    parts += _secrets(domain)
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def render_all(domains: Iterable[Domain]) -> str:
    """DDL text of several domains, in the given order."""
    return "\n".join(render(domain) for domain in domains)


def drop(domain: Domain) -> str:
    """DDL text that removes the domain with all its rows."""
    return f"DROP SCHEMA {_quote(schema_of(domain))} CASCADE;\n"


def schema_of(domain: Domain) -> str:
    """The Postgres schema of a domain."""
    schema = domain.metadata.schema
    if schema is None:
        raise Misdeclared(f"domain {domain.name}: its MetaData names no schema; build it by domain_metadata")
    return schema


def guarded(domain: Domain) -> tuple[Guarded, ...]:
    """Status columns with their life cycles, found in the Furthest merges of the events. Raises Misdeclared."""
    found: dict[tuple[str, str], Guarded] = {}
    for event in domain.events:
        for landing in event.lands:
            for merge in landing.merges if isinstance(landing, Register) else ():
                if isinstance(merge, Furthest):
                    one = Guarded(landing.table, merge.status, merge.lifecycle, merge.order)
                    if found.setdefault((landing.table.fullname, merge.status), one) != one:
                        raise Misdeclared(f"{landing.table.fullname}.{merge.status}: two life cycles rule it")
    return tuple(found.values())


def facts(domain: Domain) -> Mapping[Table, tuple[str, ...]]:
    """Table -> columns that never change: of tables with a fact, all but what other events may still set."""
    fixed = {table: table.info.get("fact", False) for table in domain.tables}
    owned: dict[Table, set[str]] = {table: set() for table in domain.tables}
    for event in domain.events:
        for landing in event.lands:
            merges = landing.merges if isinstance(landing, Register) else ()
            for merge in merges:
                owned.setdefault(landing.table, set()).update(_owned(merge))
            if isinstance(landing, Once) or not merges:
                fixed[landing.table] = True
    return {
        table: tuple(name for name in table.c.keys() if name not in owned[table])  # noqa: SIM118
        for table in domain.tables
        if fixed[table]
    }


def _owned(merge: Latest | Furthest | Greatest) -> set[str]:
    match merge:
        case Latest():
            return {*merge.columns, *merge.version}
        case Furthest():
            return {merge.status, *merge.order, *merge.moves}
        case Greatest():
            return {merge.column, *merge.moves}


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
            sequence = f"{_quote(str(table.schema))}.{_quote(column.default.name)}"
            parts.append(f"ALTER SEQUENCE {sequence} OWNED BY {_full(table)}.{_quote(column.name)};")
    return parts


def _references(table: Table) -> str:
    shown = [key for key in table.foreign_key_constraints if key.info.get("hot")]
    return "\n".join(_not_enforced(table, key) for key in sorted(shown, key=lambda key: str(key.name)))


def _not_enforced(table: Table, key: ForeignKeyConstraint) -> str:
    columns = _list(key.column_keys)
    parent = _list(element.column.name for element in key.elements)
    return (
        f"ALTER TABLE {_full(table)} ADD CONSTRAINT {_constraint(key)}\n"
        f"    FOREIGN KEY ({columns}) REFERENCES {_full(key.referred_table)} ({parent}) NOT ENFORCED;"
    )


def _triggers(domain: Domain) -> Iterator[str]:
    schema = schema_of(domain)
    for lifecycle in domain.lifecycles:
        yield _lifecycle(schema, lifecycle)
    for one in guarded(domain):
        yield _states(one)
        yield _guard(one)
    for table, columns in facts(domain).items():
        yield _text("immutable", **_names(table, "100_immutable"), columns=_list(columns))
    for table in domain.tables:
        if table.info.get("derived"):
            yield _text("derived", **_names(table, "100_derived"))
    for table in domain.tables:
        for reference in references_of(table):
            if reference.hot:
                yield _child(domain, reference)
                yield _parent(reference)
    if schema != "ledger":
        yield from (_outside(table) for table in domain.tables)


def _lifecycle(schema: str, lifecycle: Lifecycle) -> str:
    reaches = {
        state: tuple(target for target in lifecycle.states if lifecycle.reaches(state, target))
        for state in lifecycle.states
    }
    return _text(
        "lifecycle",
        schema=_quote(schema),
        name=lifecycle.name,
        lifecycle=lifecycle.name,
        initial=_literal(lifecycle.initial),
        ranks=" ".join(f"WHEN {_literal(state)} THEN {lifecycle.ranks[state]}" for state in lifecycle.states),
        moves=_cases(lifecycle.moves),
        reaches=_cases(reaches),
        reopens=_cases(lifecycle.backward),
    )


def _cases(moves: Mapping[str, tuple[str, ...]]) -> str:
    cases = [
        f"WHEN {_literal(origin)} THEN target IN ({', '.join(map(_literal, targets))})"
        for origin, targets in moves.items()
        if targets
    ]
    return " ".join(cases) or "WHEN NULL THEN false"


def _states(one: Guarded) -> str:
    name = _checked(f"ck_{one.table.name}_{one.status}")
    states = ", ".join(map(_literal, one.lifecycle.states))
    return f"ALTER TABLE {_full(one.table)} ADD CONSTRAINT {name} CHECK ({_quote(one.status)} IN ({states}));"


def _guard(one: Guarded) -> str:
    order = [(f"n.{_quote(name)}", f"o.{_quote(name)}") for name in one.order]
    new, old = ", ".join(pair[0] for pair in order), ", ".join(pair[1] for pair in order)
    return _text(
        "guard",
        **_names(one.table, "100_guard"),
        name=one.lifecycle.name,
        lifecycle=one.lifecycle.name,
        status=_quote(one.status),
        same_key=_match("n", key := _fixed_key(one.table), "o", key),
        same_order=f"({new}) = ({old})" if order else "true",
        later=f"({new}) > ({old})" if order else "false",
    )


def _fixed_key(table: Table) -> tuple[str, ...]:
    """Columns by which a row is known and by which it refers to others: in a life cycle they never change."""
    hot = [name for reference in references_of(table) if reference.hot for name in reference.columns]
    return tuple(dict.fromkeys((*identity(table), *hot)))


def _child(domain: Domain, reference: Reference) -> str:
    child, through = reference.child, reference.through
    names = _names(child, _suffix("reference", reference, reference.parent))
    lock_columns = tuple(through.primary_key.columns.keys()) if through is not None else reference.columns
    lock_parent = lock_columns if through is not None else reference.parent_columns
    also = tuple(name for name in lock_columns if through is not None and name in reference.parent.c)
    return _text(
        "reference_child",
        **names,
        parent=_full(reference.parent),
        columns=_list(reference.columns),
        parent_columns=_list(reference.parent_columns),
        constraint=_constraint_of(reference),
        constraint_literal=_literal(_constraint_of(reference)),
        lock_table=_full(through if through is not None else reference.parent),
        lock_columns=_list(lock_columns),
        lock_match=_match("p", lock_parent, "c", lock_columns),
        lock_order=", ".join(f"c.{_quote(name)}" for name in lock_columns),
        child_columns=", ".join(f"c.{_quote(name)}" for name in reference.columns),
        key_pairs=_pairs("c", reference.columns, reference.parent_columns),
        match=_match(
            "p",
            (*reference.parent_columns, *(name for name in also if name not in reference.parent_columns)),
            "c",
            (*reference.columns, *(name for name in also if name not in reference.parent_columns)),
        ),
        triggers=_child_triggers(domain, reference, names),
    )


def _child_triggers(domain: Domain, reference: Reference, names: Mapping[str, str]) -> str:
    """A table whose rows only triggers make is checked when written directly; keys that never change, once."""
    child = reference.child
    fixed = set(facts(domain).get(child, ()))
    fixed |= set(_fixed_key(child)) if child in {one.table for one in guarded(domain)} else set()
    when = "WHEN (pg_trigger_depth() = 0) " if child.info.get("seeded") else ""
    events = [("INSERT", "")]
    events += [] if set(reference.columns) <= fixed else [("UPDATE", "_update")]
    return "\n\n".join(
        _text("reference_child_event", **names, event=event, suffix=suffix, when=when).strip()
        for event, suffix in events
    )


def _parent(reference: Reference) -> str:
    parent, through = reference.parent, reference.through
    return _text(
        "reference_parent",
        **_names(parent, _suffix("referred", reference, reference.child)),
        child=_full(reference.child),
        columns=_list(reference.columns),
        parent_columns=_list(reference.parent_columns),
        constraint=_constraint_of(reference),
        constraint_literal=_literal(_constraint_of(reference)),
        lock=_lock_through(through) if through is not None else "",
        key_pairs=_pairs("p", reference.parent_columns, reference.parent_columns),
        child_pairs=_pairs("c", reference.columns, reference.columns),
        child_columns=", ".join(f"c.{_quote(name)}" for name in reference.columns),
        match=_match("c", reference.columns, "p", reference.parent_columns),
        again=_match("again", reference.parent_columns, "p", reference.parent_columns),
    )


def _lock_through(through: Table) -> str:
    key = tuple(through.primary_key.columns.keys())
    return _text(
        "reference_parent_lock",
        through=_full(through),
        columns=_list(key),
        match=_match("t", key, "p", key),
        order=", ".join(f"t.{_quote(name)}" for name in key),
    )


def _suffix(word: str, reference: Reference, other: Table) -> str:
    twins = [
        one
        for one in references_of(reference.child)
        if one.hot and one.parent is reference.parent and one.columns != reference.columns
    ]
    return f"200_{word}_{other.name}" + (f"_{reference.columns[0]}" if twins else "")


def _secrets(domain: Domain) -> Iterator[str]:
    """Whoever only reads gets the columns of a table by name, without the secret ones."""
    for table in domain.tables:
        if hidden := domain.secret.get(table.name):
            shown = _list(name for name in table.c.keys() if name not in hidden)  # noqa: SIM118
            yield _text("secret", schema=_quote(schema_of(domain)), table=_quote(table.name), columns=shown)


def _outside(table: Table) -> str:
    keys = ", ".join(_literal(name) for name in identity(table))
    return _text("outside", **_names(table, "900_outside"), key_arguments=keys)


def _names(table: Table, suffix: str) -> dict[str, str]:
    trigger = _checked(f"{table.name}_{suffix}")
    return {"schema": _quote(str(table.schema)), "table": _quote(table.name), "trigger": _quote(trigger)}


def _checked(name: str) -> str:
    if len(name) > NAME_CHARACTERS_MAX:
        raise Misdeclared(f"{name}: {len(name)} characters; PostgreSQL keeps {NAME_CHARACTERS_MAX} of a name")
    return name


def _constraint(key: ForeignKeyConstraint) -> str:
    return _DIALECT.identifier_preparer.format_constraint(key) or ""


def _constraint_of(reference: Reference) -> str:
    (key,) = (
        one
        for one in reference.child.foreign_key_constraints
        if tuple(one.column_keys) == reference.columns and one.referred_table is reference.parent
    )
    return _constraint(key)


def _match(left: str, left_columns: Iterable[str], right: str, right_columns: Iterable[str]) -> str:
    pairs = zip(left_columns, right_columns, strict=True)
    return " AND ".join(f"{left}.{_quote(one)} = {right}.{_quote(other)}" for one, other in pairs)


def _pairs(alias: str, columns: Iterable[str], names: Iterable[str]) -> str:
    pairs = zip(names, columns, strict=True)
    return ", ".join(f"{_literal(name)}, {alias}.{_quote(column)}" for name, column in pairs)


def _list(names: Iterable[str]) -> str:
    return ", ".join(_quote(name) for name in names)


def _full(table: Table) -> str:
    return str(_DIALECT.identifier_preparer.format_table(table))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _sql(element: ExecutableDDLElement) -> str:
    return str(element.compile(dialect=_DIALECT)).strip().replace("\t", "    ") + ";"


def _text(template: str, /, **names: str) -> str:
    return _Sql((TEMPLATES / f"{template}.sql").read_text(encoding="utf-8")).substitute(names)
