"""What streams decide, as a domain declares it: scores of events, folds of many, and what only a clock can know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from schema.declare import EventType

Key = tuple[Any, ...]
"""Values by which folds are told apart."""

Decision = tuple[str, dict[str, Any]]
"""Type and data of an event."""


class Judge(Protocol):
    """Scores events against references, both taken from topics; holds nothing that the topics do not say.

    `data` is decoded: its fields are attributes.
    """

    def learn(self, type_: str, data: Any) -> None:
        """Take in one reference event."""
        ...

    def judge(self, type_: str, data: Any, digest: bytes) -> list[tuple[str, dict[str, Any]]] | None:
        """Score events (type, fields) for one input event, `digest` being that of its data.

        None when its reference is not known yet.
        """
        ...


@dataclass(frozen=True)
class Scoring:
    """What a domain scores: input and reference event types, the judge, and SQL that finds what was left out."""

    inputs: tuple[str, ...]
    references: tuple[str, ...]
    judge: Callable[[], Judge]
    unscored: str
    """A file beside the domain: SQL that yields inputs without a current score whose references are known.

    Columns: type, data (jsonb), digest (of the data), time, place_partition, place_offset. Takes `limit`.
    """


@dataclass(frozen=True)
class Watch:
    """What only a clock can know: SQL that, given `now` and `limit`, yields the events that are due.

    Columns: type, data (jsonb); any, where `decide` makes events of the rows.
    """

    name: str
    sql: str
    every_seconds: float
    decide: Callable[[Sequence[Mapping[str, Any]], datetime], Iterable[tuple[str, dict[str, Any]]]] | None = None
    """Pure: (rows, now) -> (type, data) of what is due, for decisions that are not SQL's to make."""
    per: tuple[str, ...] = ()
    """Columns whose equal values belong together: `decide` gets the rows of one subject at a time, so that what it
    raises for one leaves the others decided. Empty: all rows at once."""

    by_partition: bool = False
    """Whether what forestalls an event that is due lies in that event's own partition. Then records that cannot be read
    yet, behind an open transaction, hold up only the events of their partition; else all that this timer decides."""


class Fold(Protocol):
    """What the events of one key have come to; a pure function of them, in order, and of what it was begun with."""

    closed: bool
    """Whether nothing that follows can change anything: then it is forgotten."""

    def take(self, type_: str, data: Any) -> Sequence[Decision]:
        """Take in one event, each natural key once; what it decides. `data` is decoded: its fields are attributes."""
        ...


@dataclass(frozen=True)
class Folding:
    """What a domain folds: the events of one topic, key by key, until an event says that the key is done.

    A key is folded from its first event on as soon as what began it is known, in whatever order these come. State
    is kept nowhere: a worker reads it again from the input, so a fold must come to the same whenever it is repeated.
    """

    name: str
    inputs: tuple[str, ...]
    """Types of one topic that land in one table, so that the first of a natural key counts, whichever type it has."""
    key: tuple[str, ...]
    """Fields of the inputs that tell folds apart; it holds all that decides their partition."""
    begins: Mapping[str, Callable[[Any], Key]]
    """Types that bring what a fold starts from, with the key that their data is about."""
    begin: Callable[[str, Any], Fold | None]
    """Starts a fold from such an event, the first that came; None: the events of its key are not folded."""
    ends: Mapping[str, Callable[[Any], Key]]
    """Types after which a key is done, with that key: its decisions, and what ends it without one."""
    decides: tuple[str, ...]
    """Types that the fold itself publishes."""


def misfolded(folding: Folding, events: Mapping[str, EventType]) -> str:
    """What is wrong with a folding among the events of its domain; empty if nothing is."""
    unknown = {*folding.inputs, *folding.begins, *folding.ends, *folding.decides} - events.keys()
    if unknown or not folding.inputs:
        return f"{', '.join(sorted(unknown)) or 'no input'} is not declared"
    inputs = [events[type_] for type_ in folding.inputs]
    if len({(event.topic, event.key, event.partition_by) for event in inputs}) > 1:
        return "its inputs must share topic and key"
    if not set(inputs[0].partition_by) <= set(folding.key) < set(inputs[0].key):
        return "its key must hold what decides the partition and be less than the natural key"
    return ""
