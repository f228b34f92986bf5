"""The triggers that every domain gets from its declaration; their texts are the `.sql` files beside this one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Table

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
from schema.quoting import checked, constraint, equal, filled, full, listed, literal, pairs, quote


@dataclass(frozen=True)
class Guarded:
    """A status column that a life cycle rules, and the columns that open a new life of it."""

    table: Table
    status: str
    lifecycle: Lifecycle
    order: tuple[str, ...]


def triggers(domain: Domain) -> Iterator[str]:
    """DDL text of life cycles, guards, facts, tallies, hot references and the record of outside writes."""
    schema = str(domain.metadata.schema)
    for lifecycle in domain.lifecycles:
        yield _lifecycle(schema, lifecycle)
    for one in guarded(domain):
        yield _states(one)
        yield _guard(one)
        if one.lifecycle.final:
            yield _final(one)
    for table, columns in facts(domain).items():
        yield filled("immutable", **_names(table, "100_immutable"), columns=listed(columns))
    for table in domain.tables:
        if names := tallied(table):
            yield filled("tallied", **_names(table, "100_tallied"), columns=listed(names))
    for table in domain.tables:
        if table.info.get("derived"):
            yield filled("derived", **_names(table, "100_derived"))
    for table in domain.tables:
        for reference in references_of(table):
            if reference.hot:
                yield _child(domain, reference)
                yield _parent(reference)
    if schema != "ledger":
        yield from (_outside(table) for table in domain.tables)


def guarded(domain: Domain) -> tuple[Guarded, ...]:
    """Status columns with their life cycles, found in the Furthest merges of the events. Raises Misdeclared."""
    found: dict[tuple[str, str], Guarded] = {}
    for event in domain.events:
        for landing in event.lands:
            for merge in landing.merges if isinstance(landing, Register) else ():
                if isinstance(merge, Furthest):
                    one = Guarded(landing.table, merge.status, merge.lifecycle, merge.order)
                    known = found.setdefault((landing.table.fullname, merge.status), one)
                    whatever_attempt = merge.state in merge.lifecycle.final and not merge.order
                    if known != one and not (whatever_attempt and known.lifecycle is merge.lifecycle):
                        raise Misdeclared(f"{landing.table.fullname}.{merge.status}: two life cycles rule it")
    return tuple(found.values())


def facts(domain: Domain) -> Mapping[Table, tuple[str, ...]]:
    """Table -> columns that never change: of tables with a fact, all but what other events, triggers or hands set."""
    fixed = {table: table.info.get("fact", False) for table in domain.tables}
    owned = {table: {*_shown(table), *domain.secret.get(table.name, ())} for table in domain.tables}
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


def tallied(table: Table) -> tuple[str, ...]:
    """Columns that only triggers change, declared as `info={"tallied": (...)}`."""
    return tuple(table.info.get("tallied", ()))


def _shown(table: Table) -> tuple[str, ...]:
    """Tallied columns, and those that triggers derive and hands may write, declared as `info={"shown": (...)}`."""
    return (*tallied(table), *table.info.get("shown", ()))


def _owned(merge: Latest | Furthest | Greatest) -> set[str]:
    match merge:
        case Latest():
            return {*merge.columns, *merge.version}
        case Furthest():
            return {merge.status, *merge.order, *merge.moves}
        case Greatest():
            return {*merge.order, *merge.moves}


def _lifecycle(schema: str, lifecycle: Lifecycle) -> str:
    reaches = {
        state: tuple(target for target in lifecycle.states if lifecycle.reaches(state, target))
        for state in lifecycle.states
    }
    return filled(
        "lifecycle",
        schema=quote(schema),
        name=lifecycle.name,
        lifecycle=lifecycle.name,
        ranks=" ".join(f"WHEN {literal(state)} THEN {lifecycle.ranks[state]}" for state in lifecycle.states),
        moves=_cases(lifecycle.moves),
        reaches=_cases(reaches),
        reopens=_reopens(lifecycle),
    )


def _reopens(lifecycle: Lifecycle) -> str:
    reopens = f"target = {literal(lifecycle.initial)} OR CASE origin {_cases(lifecycle.backward)} ELSE false END"
    final = ", ".join(map(literal, lifecycle.final))
    return f"origin NOT IN ({final}) AND ({reopens})" if final else reopens


def _cases(moves: Mapping[str, tuple[str, ...]]) -> str:
    cases = [
        f"WHEN {literal(origin)} THEN target IN ({', '.join(map(literal, targets))})"
        for origin, targets in moves.items()
        if targets
    ]
    return " ".join(cases) or "WHEN NULL THEN false"


def _states(one: Guarded) -> str:
    name = checked(f"ck_{one.table.name}_{one.status}")
    states = ", ".join(map(literal, one.lifecycle.states))
    return f"ALTER TABLE {full(one.table)} ADD CONSTRAINT {name} CHECK ({quote(one.status)} IN ({states}));"


def _guard(one: Guarded) -> str:
    order = [(f"n.{quote(name)}", f"o.{quote(name)}") for name in one.order]
    new, old = ", ".join(pair[0] for pair in order), ", ".join(pair[1] for pair in order)
    return filled(
        "guard",
        **_names(one.table, "100_guard"),
        name=one.lifecycle.name,
        lifecycle=one.lifecycle.name,
        status=quote(one.status),
        same_key=equal("n", key := _fixed_key(one.table), "o", key),
        same_order=f"({new}) = ({old})" if order else "true",
        later=f"({new}) > ({old})" if order else "false",
    )


def _final(one: Guarded) -> str:
    states = ", ".join(map(literal, one.lifecycle.final))
    return filled("final", **_names(one.table, "040_final"), status=quote(one.status), states=states)


def _fixed_key(table: Table) -> tuple[str, ...]:
    """Columns by which a row is known and by which it refers to others: in a life cycle they never change."""
    hot = [name for reference in references_of(table) if reference.hot for name in reference.columns]
    return tuple(dict.fromkeys((*identity(table), *hot)))


def _child(domain: Domain, reference: Reference) -> str:
    child, through = reference.child, reference.through
    names = _names(child, _suffix("reference", reference, reference.parent))
    lock_columns = tuple(through.primary_key.columns.keys()) if through is not None else reference.columns
    lock_parent = lock_columns if through is not None else reference.parent_columns
    checked_columns, checked_parent = reference.checked
    return filled(
        "reference_child",
        **names,
        parent=full(reference.parent),
        columns=listed(reference.columns),
        parent_columns=listed(reference.parent_columns),
        constraint=_constraint_of(reference),
        constraint_literal=literal(_constraint_of(reference)),
        lock_table=full(through if through is not None else reference.parent),
        lock_columns=listed(lock_columns),
        lock_match=equal("p", lock_parent, "c", lock_columns),
        lock_order=", ".join(f"c.{quote(name)}" for name in lock_columns),
        child_columns=", ".join(f"c.{quote(name)}" for name in reference.columns),
        key_pairs=pairs("c", reference.columns, reference.parent_columns),
        match=equal("p", checked_parent, "c", checked_columns),
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
        filled("reference_child_event", **names, event=event, suffix=suffix, when=when).strip()
        for event, suffix in events
    )


def _parent(reference: Reference) -> str:
    parent, through = reference.parent, reference.through
    return filled(
        "reference_parent",
        **_names(parent, _suffix("referred", reference, reference.child)),
        child=full(reference.child),
        columns=listed(reference.columns),
        parent_columns=listed(reference.parent_columns),
        constraint=_constraint_of(reference),
        constraint_literal=literal(_constraint_of(reference)),
        lock=_lock_through(through) if through is not None else "",
        key_pairs=pairs("p", reference.parent_columns, reference.parent_columns),
        child_pairs=pairs("c", reference.columns, reference.columns),
        child_columns=", ".join(f"c.{quote(name)}" for name in reference.columns),
        match=equal("c", reference.columns, "p", reference.parent_columns),
        again=equal("again", reference.parent_columns, "p", reference.parent_columns),
    )


def _lock_through(through: Table) -> str:
    key = tuple(through.primary_key.columns.keys())
    return filled(
        "reference_parent_lock",
        through=full(through),
        columns=listed(key),
        match=equal("t", key, "p", key),
        order=", ".join(f"t.{quote(name)}" for name in key),
    )


def _suffix(word: str, reference: Reference, other: Table) -> str:
    twins = [
        one
        for one in references_of(reference.child)
        if one.hot and one.parent is reference.parent and one.columns != reference.columns
    ]
    return f"200_{word}_{other.name}" + (f"_{reference.columns[0]}" if twins else "")


def _outside(table: Table) -> str:
    keys = ", ".join(literal(name) for name in identity(table))
    return filled("outside", **_names(table, "900_outside"), key_arguments=keys)


def _names(table: Table, suffix: str) -> dict[str, str]:
    trigger = checked(f"{table.name}_{suffix}")
    return {"schema": quote(str(table.schema)), "table": quote(table.name), "trigger": quote(trigger)}


def _constraint_of(reference: Reference) -> str:
    (key,) = (
        one
        for one in reference.child.foreign_key_constraints
        if tuple(one.column_keys) == reference.columns and one.referred_table is reference.parent
    )
    return constraint(key)
