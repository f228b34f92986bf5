"""The words in which a domain speaks: Domain, event, merge policies, Lifecycle, Board."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, UniqueConstraint

from schema.decisions import Folding, misfolded
from schema.decisions import Judge as Judge
from schema.decisions import Scoring as Scoring
from schema.decisions import Watch as Watch
from schema.lifecycle import Lifecycle as Lifecycle
from schema.lifecycle import Misdeclared as Misdeclared
from schema.merges import Furthest as Furthest
from schema.merges import Greatest as Greatest
from schema.merges import Latest as Latest
from schema.merges import Merge as Merge
from schema.references import Reference as Reference
from schema.references import hot as hot
from schema.references import implied as implied
from schema.references import references_of as references_of

FAMILIES = ("ids", "operations", "catalog", "jobs", "predictions", "scores", "leaderboards")
"""Topic families in the order in which a consumer that is far behind reads them: references come first."""

NAMING = {
    "ix": "idx_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

PLACE = ("place_partition", "place_offset")
"""Bookkeeping columns of a fact: the partition and offset of the record that it came from."""


class Event(BaseModel):
    """Base of what can happen: immutable, strict, nothing but the declared fields."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    declared: ClassVar[EventType]


@dataclass(frozen=True)
class Landing:
    """Where an event comes to rest: a table, and how fields, constants, the time and the digest become columns."""

    table: Table
    values: Mapping[str, Any] = field(default_factory=dict)
    time: str | tuple[str, ...] | None = None
    """Column, or columns, that take the event's time."""
    digest: str | None = None
    omit: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Column -> field, where a field fills a column of another name (beside the one of its own, unless omitted)."""
    derived: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    """Column -> pure function of the event's decoded data, such as `envelope.v5`."""

    @property
    def times(self) -> tuple[str, ...]:
        """Columns that take the event's time."""
        return self.time if isinstance(self.time, tuple) else (self.time,) if self.time else ()


@dataclass(frozen=True)
class Once(Landing):
    """An immutable fact: the first in its partition stays, an equal repeat is a no-op, a rival is dead."""


@dataclass(frozen=True)
class Register(Landing):
    """A row that events merge into, group of columns by group; without groups the first event makes it for good.

    Without `creates` the event needs its row to be there and waits (parked) until it is.
    """

    merges: tuple[Merge, ...] = ()
    creates: bool = True


@dataclass(frozen=True)
class EventType:
    """One declared event: its model, its name, its topic, its identity and where it lands."""

    model: type[Event]
    name: str
    family: str
    key: tuple[str, ...]
    partition_by: tuple[str, ...]
    lands: tuple[Landing, ...]
    example: Mapping[str, Any]
    upcast: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    """For an old version: turns its data into the data of the next version."""
    order_by: tuple[str, ...] = ()
    """A part of the natural key, by default all of it: what is equal in it never overtakes while it is parked."""
    domain: str = ""

    @cached_property
    def type(self) -> str:
        """CloudEvents type: `<domain>.<noun>.<verb in the past>.v<n>`."""
        return f"{self.domain}.{self.name}"

    @cached_property
    def topic(self) -> str:
        """Topic name without a namespace: `<domain>.<family>`."""
        return f"{self.domain}.{self.family}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the fields of `data`, as declared."""
        return tuple(self.model.model_fields)


def happens(
    name: str,
    *,
    family: str,
    key: tuple[str, ...],
    example: Mapping[str, Any],
    lands: Landing | tuple[Landing, ...] = (),
    partition_by: tuple[str, ...] | None = None,
    upcast: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
    order_by: tuple[str, ...] | None = None,
) -> Callable[[type[Event]], type[Event]]:
    """Declare the event that the decorated model describes.

    `key` is its natural key (fields of data); `partition_by`, a part of it, makes the Kafka key (default: all of it);
    events with equal `order_by` (between the two; default: the natural key) land in the log's order, parked or not.
    An old version, with an `upcast` to the next one, names no landing: it lands where the newest does.
    """

    def declare(model: type[Event]) -> type[Event]:
        landings = lands if isinstance(lands, tuple) else (lands,)
        model.declared = EventType(
            model, name, family, key, partition_by or key, landings, dict(example), upcast, order_by or key
        )
        return model

    return declare


@dataclass(frozen=True)
class Metric:
    """A column of a board: how it reads, which way is up, its formula and where that comes from."""

    name: str
    title: str
    unit: str
    direction: str
    formula: str
    decimals: int = 0
    source: str = ""
    digits: int = 0
    """Significant digits to round to instead of decimals, for a figure whose scale is free; 0: decimals."""


UNIT_OF_SCOPE = "of the metric"
"""Unit of metrics that differ by scope: the list of boards gives it as `unit`."""


@dataclass(frozen=True)
class Detail:
    """What a board shows of an entry beside its metrics, drawn after the score.

    One part is a word, told as `words` has it, else as it is; three parts with `between` are a low bound, a figure and
    a high bound; more parts are counts, told in their order.
    """

    title: str
    hint: str
    parts: tuple[str, ...]
    words: Mapping[str, str] = field(default_factory=dict)
    between: bool = False


@dataclass(frozen=True)
class Board:
    """A ranking declared as data: SQL that reads the tallies, a pure function that makes entries of its rows.

    `sql` names a file beside the domain; it takes the parameters of `select` and yields the tally rows of one
    board. `entries` orders them. `scopes` names a file that lists the boards there are (id, title, parameters).
    """

    name: str
    title: str
    scopes: str
    sql: str
    entries: Callable[[Sequence[Mapping[str, Any]]], list[dict[str, Any]]]
    metrics: tuple[Metric, ...]
    rank_rule: str
    direction: str
    missing: str
    inputs: tuple[str, ...]
    """Families whose offsets are the cut."""
    about: str = ""
    """For readers: what it measures, from what data, and how one enters; whole sentences."""
    headline: bool = False
    """Whether its boards stand first among those of the domain."""
    details: tuple[Detail, ...] = ()
    """What its entries show beside the metrics."""
    drill: str | None = None
    """A file beside the domain: SQL that lists the facts behind one entry, with their places.

    Takes the parameters of the board, `entry` (its id), `after` (the last `subject` seen as text, or NULL) and `limit`.
    `subject` orders the facts and is shown to nobody; a column `x_entry` is the id of the entry that column `x` names.
    """
    ties: tuple[str, ...] = ()
    """Figures that order entries of one rank for display, most important first."""
    terms: Mapping[str, Any] = field(default_factory=dict)
    """What else decides a rank or an interval, stated in every snapshot."""
    every_seconds: float = 60.0
    """Schedule: a snapshot is due this long after the last even if only the cut moved."""
    compare: str | None = None
    """A file beside the domain: SQL that counts how entries `a` and `b` fared on what both answered."""
    compared: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None
    """Turns the row of `compare` into a test of difference."""
    compared_as: Mapping[str, str] = field(default_factory=dict)
    """What each figure of `compared` is called, with {a} and {b} for the names of the entries."""
    editions: tuple[Board, ...] = ()
    """How the board was declared before: snapshots that state such a rule are recomputed by it."""


@dataclass(frozen=True)
class Domain:
    """Everything that is true of one domain and nothing of the machinery. Raises Misdeclared when it is built."""

    name: str
    folder: Path
    metadata: MetaData
    models: tuple[type[Event], ...]
    lifecycles: tuple[Lifecycle, ...] = ()
    boards: tuple[Board, ...] = ()
    scoring: Scoring | None = None
    watches: tuple[Watch, ...] = ()
    folds: tuple[Folding, ...] = ()
    partitions: Mapping[str, int] = field(default_factory=dict)
    bookkeeping: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Table -> columns left out of digests, beside places and sequences."""
    secret: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Table -> columns that never travel by event."""
    personal: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Table -> columns by which a person can be reached: readers do not see them."""
    private: tuple[str, ...] = ()
    """Tables that readers do not see; what they may see of them, views in triggers.sql show."""
    sleeps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Table -> triggers, constraints, indexes and locks that a rebuild does without while it reads the family of events
    that makes the table's rows. A trigger among them fires after inserts, and is as right if it hears of all rows of a
    partition at once when those of the others are there already; no event of that family needs what it does. A lock
    is a function of the table's schema that returns nothing, and keeps apart events of different families.
    """
    title: str = ""

    def __post_init__(self) -> None:
        check(self)

    @cached_property
    def events(self) -> tuple[EventType, ...]:
        """The declared events, with this domain's name."""
        return tuple(_named(model, self.name) for model in self.models)

    @cached_property
    def by_type(self) -> Mapping[str, EventType]:
        """CloudEvents type -> event."""
        return {event.type: event for event in self.events}

    @cached_property
    def topics(self) -> Mapping[str, int]:
        """Input topic -> number of partitions, in the order of FAMILIES."""
        used = {event.family for event in self.events}
        return {f"{self.name}.{family}": self.partitions.get(family, 4) for family in FAMILIES if family in used}

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """Tables in an order in which parents come before their children."""
        return tuple(self.metadata.sorted_tables)

    def family_of(self, table: Table) -> str:
        """The first family whose events make rows of the table or, where triggers make them, change them."""
        lands = [(event.family, landing) for event in self.events for landing in event.lands if landing.table is table]
        makes = [family for family, landing in lands if getattr(landing, "creates", True)]
        return min(makes or [family for family, _ in lands], key=FAMILIES.index)

    def references(self, table: Table) -> tuple[Reference, ...]:
        """What rows of `table` name, each once; empty for a table without references."""
        return tuple(references_of(table))

    def sql(self, name: str) -> str:
        """Text of a `.sql` file of this domain's folder."""
        return (self.folder / name).read_text(encoding="utf-8")


def _named(model: type[Event], domain: str) -> EventType:
    declared = model.declared
    return EventType(**{**{name: getattr(declared, name) for name in declared.__dataclass_fields__}, "domain": domain})


def domain_metadata(name: str) -> MetaData:
    """MetaData whose tables live in the Postgres schema `name` and whose constraints are named by convention."""
    return MetaData(schema=name, naming_convention=NAMING)


def places() -> list[Column[Any]]:
    """The bookkeeping columns of a fact table."""
    return [Column(PLACE[0], Integer), Column(PLACE[1], BigInteger)]


def identity(table: Table) -> tuple[str, ...]:
    """Columns by which events know a row: the declared identity, else the primary key."""
    return tuple(table.info.get("identity") or (column.name for column in table.primary_key))


def check(domain: Domain) -> None:
    """Hold a domain to the rules of the declaration. Raises Misdeclared, naming the event or table."""
    types = [event.type for event in domain.events]
    if len(types) != len(set(types)):
        raise Misdeclared(f"domain {domain.name}: an event type is declared twice")
    for event in domain.events:
        _check_event(event)
    for table in domain.tables:
        _check_unique(table)
    _check_moves(domain)
    landed = {landing.table.name for event in domain.events for landing in event.lands}
    if unknown := domain.sleeps.keys() - landed:
        raise Misdeclared(f"domain {domain.name}: no event lands in {sorted(unknown)}, so nothing of them can sleep")
    for folding in domain.folds:
        if why := misfolded(folding, domain.by_type):
            raise Misdeclared(f"folding {domain.name}.{folding.name}: {why}")


def _check_event(event: EventType) -> None:
    where = f"event {event.type}"
    if event.family not in FAMILIES:
        raise Misdeclared(f"{where}: family {event.family!r} is not one of {', '.join(FAMILIES)}")
    if not set(event.key) <= set(event.columns):
        raise Misdeclared(f"{where}: the natural key names fields that are not in its data")
    if not set(event.partition_by) <= set(event.key):
        raise Misdeclared(f"{where}: partition_by must be a part of the natural key, or rivals miss each other")
    if not set(event.partition_by) <= set(event.order_by) <= set(event.key):
        raise Misdeclared(
            f"{where}: order_by lies between partition_by and the natural key: there is one log a partition"
        )
    if bool(event.lands) == bool(event.upcast):
        raise Misdeclared(f"{where}: either it lands, or an upcast makes it the next version of itself")
    for landing in event.lands:
        unknown = set(columns_of(event, landing)) - set(landing.table.c.keys())
        if unknown:
            raise Misdeclared(f"{where}: {landing.table.fullname} has no columns {sorted(unknown)}; name them in omit")
        if not set(identity(landing.table)) <= set(columns_of(event, landing)):
            raise Misdeclared(f"{where}: does not carry the identity of {landing.table.fullname}")


def _check_moves(domain: Domain) -> None:
    """A batch keeps only the winner of a life cycle, so every event of it must set the same columns."""
    seen: dict[tuple[str, str], frozenset[str]] = {}
    for event in domain.events:
        for landing in event.lands:
            for merge in getattr(landing, "merges", ()):
                if isinstance(merge, Furthest):
                    place = (landing.table.fullname, merge.status)
                    if getattr(landing, "creates", False) and merge.state != merge.lifecycle.initial:
                        raise Misdeclared(f"event {event.type}: a row is made in the state {merge.lifecycle.initial}")
                    if seen.setdefault(place, frozenset(merge.moves)) != frozenset(merge.moves):
                        raise Misdeclared(f"event {event.type}: moves other columns of {place[0]} than its rivals do")


def _check_unique(table: Table) -> None:
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            names = tuple(column.name for column in constraint.columns)
            if set(names) != set(identity(table)) and not constraint.info.get("derived"):
                raise Misdeclared(f"{table.fullname}: {names} is a second unique value; derive one from the other")


def columns_of(event: EventType, landing: Landing) -> tuple[str, ...]:
    """Columns that the event sets in the table: fields, constants, time, digest, in that order."""
    names = [name for name in event.columns if name not in landing.omit]
    names += [*landing.renamed, *landing.derived]
    names += [name for name in landing.values if name not in names]
    names += [*landing.times, *([landing.digest] if landing.digest else [])]
    for merge in getattr(landing, "merges", ()):
        names += [merge.status] if isinstance(merge, Furthest) and merge.status not in names else []
    return tuple(names)
