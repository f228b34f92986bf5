"""What to do with the records of each topic: derived from the declarations, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql

from schema.admission import Admission, admissions
from schema.binding import Bound, bind_all, reader, sources
from schema.declare import (
    FAMILIES,
    PLACE,
    Domain,
    EventType,
    Landing,
    Once,
    Reference,
    Register,
    columns_of,
    identity,
    references_of,
)

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def qualified(table: Table) -> Identifier:
    """The table's name, quoted, with its schema."""
    return Identifier(table.schema or "public", table.name)


def column_type(column: Column[Any]) -> SQL:
    """The column's type as PostgreSQL writes it."""
    return SQL(column.type.compile(dialect=DIALECT))


def listed(names: Sequence[str], prefix: str = "") -> Composed:
    """Quoted names, comma separated, each with a table alias before it if one is given."""
    return SQL(", ").join(Identifier(prefix, name) if prefix else Identifier(name) for name in names)


@dataclass(frozen=True)
class Parent:
    """A reference as the consumer checks it: the parent's table and key, and how to read it off an event."""

    table: Table
    columns: tuple[str, ...]
    """The parent's columns."""
    read: Callable[[Any], tuple[Any, ...]]
    """Event data -> the values it names; any None: no reference."""


@dataclass(frozen=True)
class Landed:
    """One event type in one table."""

    event: EventType
    landing: Landing
    bound: Bound
    key: Callable[[Any], tuple[Any, ...]]
    """Event data -> the row's identity."""
    parents: tuple[Parent, ...]


def makes_row(landing: Landing) -> bool:
    """Whether the event makes its row if it is not there; otherwise it waits for it."""
    return not isinstance(landing, Register) or landing.creates


class TablePlan:
    """A table and the events that land there, bound to one row."""

    def __init__(
        self, table: Table, landings: Sequence[tuple[EventType, Landing]], compared: tuple[str, ...] = ()
    ) -> None:
        self.compared = compared
        self.table = table
        self.name = qualified(table)
        self.identity = identity(table)
        self.columns, bounds = bind_all(table, landings)
        self.landed = {bound.event.type: self._landed(bound) for bound in bounds}
        self.placed = PLACE[0] in table.c
        self.is_fact = isinstance(landings[0][1], Once)
        self.makes = makes_row(landings[0][1])

    def _landed(self, bound: Bound) -> Landed:
        return Landed(
            bound.event,
            bound.landing,
            bound,
            reader(bound.event, bound.landing, self.identity),
            tuple(_parents(bound.event, bound.landing)),
        )

    @cached_property
    def copy(self) -> bytes:
        """COPY … FROM STDIN into the table."""
        return SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(self.name, listed(self.columns)).as_bytes()

    @cached_property
    def insert(self) -> bytes:
        """INSERT of rows given as one array a column: cheaper than COPY for a few."""
        return (
            SQL("INSERT INTO {} ({}) SELECT * FROM {}")
            .format(
                self.name,
                listed(self.columns),
                unnested([(name, column_type(self.table.c[name])) for name in self.columns]),
            )
            .as_bytes()
        )


def unnested(columns: Sequence[tuple[str, SQL]]) -> Composed:
    """`unnest` of one parameter a column, each an array of the column's type."""
    arrays = SQL(", ").join(SQL("%s::{}[]").format(type_) for _, type_ in columns)
    return SQL("unnest({}) AS v ({})").format(arrays, listed([name for name, _ in columns]))


def _parents(event: EventType, landing: Landing) -> list[Parent]:
    if not makes_row(landing):
        names = identity(landing.table)
        return [Parent(landing.table, names, reader(event, landing, names))]
    carried = set(columns_of(event, landing))
    return [
        Parent(reference.parent, reference.checked[1], reader(event, landing, reference.checked[0]))
        for reference in references_of(landing.table)
        if set(reference.checked[0]) <= carried and not _makes(event, landing, reference)
    ]


def _makes(event: EventType, landing: Landing, reference: Reference) -> bool:
    """Whether the event itself makes the row that the reference names: it need not wait for it."""
    named = sources(event, landing, reference.columns)
    return any(
        sources(event, other, reference.parent_columns) == named
        for other in event.lands
        if other.table is reference.parent and makes_row(other)
    )


class TopicPlan:
    """The events of one topic: their admission and tables."""

    def __init__(self, admission: Admission, events: Sequence[EventType], tables: Sequence[TablePlan]) -> None:
        self.topic = admission.topic
        self.admission = admission
        self.decoder = admission.decoder
        self.events = {event.type: event for event in events}
        self.stream = self._stream([event for event in events if event.upcast is None], tables)

    def _stream(self, events: Sequence[EventType], tables: Sequence[TablePlan]) -> TablePlan | None:
        """The one fact table that all events of the topic land in, if so: it can be filled while decoding."""
        plans = {id(plan): plan for plan in tables for event in events if event.type in plan.landed}
        if len(plans) != 1 or any(len(event.lands) != 1 for event in events):
            return None
        (plan,) = plans.values()
        return plan if plan.is_fact else None


class Plan:
    """All topics and tables of some domains; tables in an order in which parents come first."""

    def __init__(self, domains: Sequence[Domain]) -> None:
        self.domains = tuple(domains)
        known = [event for domain in self.domains for event in domain.events]
        self.events = {event.type: event for event in known}
        # Old versions are decoded as the newest: what is decoded always has a landing.
        events = [event for event in known if event.upcast is None]
        self.tables = tuple(_tables(self.domains, events))
        self.steps = self._steps(events)
        self.landings = {event.type: self._landings(event) for event in known}
        self.makes = {event.type: self._makes(event) for event in known}
        self.topics: dict[str, TopicPlan] = {}
        for topic, admission in sorted(admissions(self.domains).items(), key=lambda each: self._rank(each[0])):
            own = [event for event in known if event.topic == topic]
            self.topics[topic] = TopicPlan(admission, own, self.tables)

    def _steps(self, events: Sequence[EventType]) -> dict[str, tuple[int, bool]]:
        """Event type -> its turn: those that change rows of one table have one together, in the order of the log."""
        steps = {event.type: self._step(event) for event in events}
        groups: dict[str, set[str]] = {}
        for event in events:
            for landing in event.lands:
                if not makes_row(landing):
                    groups.setdefault(landing.table.fullname, set()).add(event.type)
        for group in connected(groups.values()):
            steps.update(dict.fromkeys(group, max(steps[type_] for type_ in group)))
        return steps

    def _step(self, event: EventType) -> tuple[int, bool]:
        """When it is the event's turn: its last table, rows being made before those that need them are changed."""
        order = list(dict.fromkeys(plan.table.fullname for plan in self.tables))
        return max(
            (order.index(landing.table.fullname), False)
            if makes_row(landing)
            else (self._made(landing.table, order), True)
            for landing in event.lands
        )

    def _made(self, table: Table, order: Sequence[str]) -> int:
        """When the last event that makes rows of the table has its turn."""
        makers = [one for one in self.events.values() if any(to.table is table and makes_row(to) for to in one.lands)]
        lands = [table, *(landing.table for one in makers for landing in one.lands if makes_row(landing))]
        return max(order.index(one.fullname) for one in lands)

    def _landings(self, event: EventType) -> tuple[Landed, ...]:
        return tuple(plan.landed[event.type] for plan in self.tables if event.type in plan.landed)

    def _makes(self, event: EventType) -> tuple[tuple[TablePlan, Landed], ...]:
        """Tables in which the event makes its row."""
        found = [(plan, plan.landed[event.type]) for plan in self.tables if event.type in plan.landed]
        return tuple((plan, landed) for plan, landed in found if makes_row(landed.landing))

    def _rank(self, topic: str) -> tuple[int, str]:
        return FAMILIES.index(topic.rpartition(".")[2]), topic

    def parents(self) -> list[tuple[Table, tuple[str, ...]]]:
        """Every (table, columns) that an event may have to wait for, each once."""
        found: dict[tuple[str, tuple[str, ...]], tuple[Table, tuple[str, ...]]] = {}
        for plan in self.tables:
            for landed in plan.landed.values():
                for parent in landed.parents:
                    found[parent.table.fullname, parent.columns] = (parent.table, parent.columns)
        return list(found.values())


def connected(groups: Iterable[set[str]]) -> list[set[str]]:
    """Groups that share a member, directly or through others, as one."""
    apart: list[set[str]] = []
    for group in groups:
        touching = [one for one in apart if one & group]
        apart = [one for one in apart if not one & group] + [group.union(*touching)]
    return apart


def _tables(domains: Sequence[Domain], events: Sequence[EventType]) -> Iterator[TablePlan]:
    metadatas = {id(domain.metadata): domain.metadata for domain in domains}
    tables = [table for metadata in metadatas.values() for table in metadata.sorted_tables]
    tables += [table for table in _landed_tables(events) if table not in tables]
    for table in tables:
        pairs = [(event, landing) for event in events for landing in event.lands if landing.table is table]
        facts = [pair for pair in pairs if isinstance(pair[1], Once)]
        if facts:
            yield TablePlan(table, facts, compared(table, facts, pairs))
        registers = [pair for pair in pairs if isinstance(pair[1], Register)]
        for pair in sorted(registers, key=lambda pair: not makes_row(pair[1])):
            yield TablePlan(table, [pair])


def _landed_tables(events: Sequence[EventType]) -> list[Table]:
    return [landing.table for event in events for landing in event.lands]


def compared(
    table: Table, facts: Sequence[tuple[EventType, Landing]], pairs: Sequence[tuple[EventType, Landing]]
) -> tuple[str, ...]:
    """Columns in which two facts of one key must agree to be the same event: its data, less what others merge."""
    digests = {landing.digest for _, landing in facts}
    if len(digests) == 1 and None not in digests:
        return tuple(str(name) for name in digests)
    owned = {name for event, landing in pairs if isinstance(landing, Register) for name in columns_of(event, landing)}
    times = {name for _, landing in facts for name in landing.times}
    names = {name for event, landing in facts for name in columns_of(event, landing)}
    return tuple(sorted(names - {*identity(table), *times, *owned}))
