"""A domain's events in bulk: its story told again and again under fresh ids, with its frequent events multiplied."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from bench.feed import Record
from schema.declare import Domain, EventType, Landing, Once, identity
from schema.decode import decoders
from schema.envelope import digest, event_id, natural_key, record_key

STRIDE = 100_000
"""Between the integer ids of one telling and those of the next; a story's own ids are below."""

AGAIN_MAX = 5
"""Passes over a telling until what is made of other things has settled."""

HEX = re.compile(r"[0-9a-f]{32,128}")
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

Line = Mapping[str, Any]
"""type, time, data: a line of a story."""

Kind = tuple[str, str]
"""What an id is of: a table, and the column that is alone its key."""

PLAIN: Kind = ("", "")
"""Of a spread field that is no id, but a part of a key, as the number of a trace in a file is."""


@dataclass(frozen=True)
class Mix:
    """How often a domain's events occur in real use, where its story, which tells each once, does not show it."""

    spread: str = ""
    """Field whose every value in the story stands for `times` of them; an event without it in its key comes once."""
    times: int = 1
    rare: Mapping[str, int] = field(default_factory=dict)
    """Event type, without the domain -> told in one telling of so many."""


@dataclass(frozen=True)
class Told:
    """One event of a telling: its record, and what a consumer decodes."""

    event: EventType
    record: Record


@dataclass(frozen=True)
class Origin:
    """A line of the story that others name by something made of it."""

    event: EventType
    line: Line
    data: Any
    """As decoded."""
    named: bool
    """Whether its digest stands in another line."""


class Teller:
    """Tells a story under other ids.

    Integers are ids where they land in a key of one column or in a reference to one; texts that are such keys are
    replaced wherever they stand, and so are UUIDs, digests of events, and ids that landings derive from others.
    """

    def __init__(self, domain: Domain, lines: Sequence[Line], mix: Mix) -> None:
        self.domain, self.lines, self.mix = domain, lines, mix
        self.decoders = decoders([domain])
        self.kinds = _kinds(domain)
        if mix.spread and not any(mix.spread in kinds for kinds in self.kinds.values()):
            for kinds in self.kinds.values():
                kinds[mix.spread] = PLAIN
        self.spread = {kinds[mix.spread] for kinds in self.kinds.values() if mix.spread in kinds}
        self.step = max((one["data"][mix.spread] for one in lines if self._counts(one)), default=0) + 1
        self.texts = {
            str(value): self.kinds[line["type"]][name]
            for line in lines
            for name, value in line["data"].items()
            if name in self.kinds[line["type"]] and isinstance(value, str)
        }
        self.origins = list(self._origins())

    def _counts(self, line: Line) -> bool:
        return isinstance(line["data"].get(self.mix.spread), int)

    def spreads(self, line: Line) -> bool:
        """Whether the line is told once for each of the spread field's values."""
        event, kinds = self.domain.by_type[line["type"]], self.kinds[line["type"]]
        return any(kinds.get(name) in self.spread for name in event.key)

    def _origins(self) -> Iterator[Origin]:
        """Lines from which other lines take something: an id that a landing derives, or a digest."""
        text = json.dumps([line["data"] for line in self.lines])
        for line in self.lines:
            event = self.domain.by_type[line["type"]]
            data = self.decoded(event, _envelope(event, line["time"], line["data"], _whole(event, line["data"])))
            named = digest(data).hex() in text
            if named or any(landing.derived for landing in event.lands):
                yield Origin(event, line, data, named)

    def tellings(self) -> Iterator[list[Told]]:
        """One telling after the other, without end; each is the story once and its spread events `times`."""
        telling = 0
        while True:
            rare = {name for name, every in self.mix.rare.items() if telling % every}
            told = [line for line in self.lines if line["type"].partition(".")[2] not in rare]
            first = _Fresh(self, telling)
            first.settle(self.origins)
            yield [one for turn in range(self.mix.times) for one in self._turn(told, first, turn)]
            telling += 1

    def _turn(self, lines: Sequence[Line], first: _Fresh, turn: int) -> Iterator[Told]:
        """The lines of one telling; after the first turn only those that spread."""
        fresh = first.again(turn) if turn else first
        for line in lines if not turn else [line for line in lines if self.spreads(line)]:
            event, data = self.domain.by_type[line["type"]], fresh.data(line)
            whole = _whole(event, data)
            yield Told(event, Record(record_key(event, whole), _envelope(event, line["time"], data, whole)))

    def decoded(self, event: EventType, value: bytes) -> Any:
        """What a consumer makes of a record."""
        return self.decoders[event.topic].decode(value).data


class _Fresh:
    """The ids of one turn."""

    def __init__(self, teller: Teller, telling: int, turn: int = 0) -> None:
        self.teller, self.telling, self.turn = teller, telling, turn
        self.made: dict[Any, Any] = {}
        """Derived id or digest in the story -> in this turn."""

    def again(self, turn: int) -> _Fresh:
        """The ids of another turn of the same telling."""
        made = _Fresh(self.teller, self.telling, turn)
        made.made = dict(self.made)
        made.settle([origin for origin in self.teller.origins if self.teller.spreads(origin.line)])
        return made

    def settle(self, origins: Sequence[Origin]) -> None:
        """Learn until ids that are made of others, and digests of what holds them, are the last."""
        for _ in range(AGAIN_MAX):
            before = dict(self.made)
            for origin in origins:
                self.learn(origin)
            if self.made == before:
                return

    def data(self, line: Line) -> dict[str, Any]:
        kinds = self.teller.kinds[line["type"]]
        return {name: self._value(value, kinds.get(name)) for name, value in line["data"].items()}

    def learn(self, origin: Origin) -> None:
        """Take in what others take from the line."""
        event, data = origin.event, self.data(origin.line)
        new = self.teller.decoded(event, _envelope(event, origin.line["time"], data, _whole(event, data)))
        if origin.named:
            self.made[digest(origin.data).hex()] = digest(new).hex()
        for landing in event.lands:
            for make in landing.derived.values():
                before, after = make(origin.data), make(new)
                if isinstance(before, int | str | UUID):
                    self.made[_plain(before)] = _plain(after)

    def _value(self, value: Any, kind: Kind | None) -> Any:
        match value:
            case bool() | None | float():
                return value
            case int():
                return self.made.get(value, self._shifted(value, kind))
            case str():
                return self.made.get(value) or self._text(value)
            case list():
                return [self._value(each, kind) for each in value]
            case dict():
                return {name: self._value(each, None) for name, each in value.items()}
        return value

    def _shifted(self, value: int, kind: Kind | None) -> int:
        if kind == PLAIN:
            return value + self.turn * self.teller.step
        return value + self._number(kind) * STRIDE if kind and value < STRIDE else value

    def _number(self, kind: Kind | None) -> int:
        if kind == PLAIN:
            return self.turn
        return self.telling * self.teller.mix.times + self.turn if kind in self.teller.spread else self.telling

    def _text(self, text: str) -> str:
        kind = self.teller.texts.get(text)
        number = self._number(kind)
        if not number or (kind is None and not UUID_TEXT.fullmatch(text)):
            return text
        if UUID_TEXT.fullmatch(text):
            return str(UUID(int=UUID(text).int + (number << 40)))
        if HEX.fullmatch(text):
            return f"{int(text, 16) + number:0{len(text)}x}"[-len(text) :]
        return f"{number:06d}{text}" if "@" in text else f"{text}{number:06d}"


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _kinds(domain: Domain) -> dict[str, dict[str, Kind]]:
    """Event type -> its fields that hold the id of something.

    A field that no declaration tells of is what fields of that name are in all other events that tell.
    """
    own = {event.type: dict(_declared(event)) for event in domain.events}
    named: dict[str, set[Kind]] = {}
    for kinds in own.values():
        for name, kind in kinds.items():
            named.setdefault(name, set()).add(kind)
    sure = {name: next(iter(kinds)) for name, kinds in named.items() if len(kinds) == 1}
    return {
        event.type: {name: sure[name] for name in event.columns if name in sure} | own[event.type]
        for event in domain.events
    }


def _declared(event: EventType) -> Iterator[tuple[str, Kind]]:
    for landing in event.lands:
        for column in landing.table.c:
            name = landing.renamed.get(column.name, column.name)
            if name in event.columns and (kind := _entity(landing.table, column.name)):
                yield name, kind
        yield from _sources(event, landing)


def _sources(event: EventType, landing: Landing) -> Iterator[tuple[str, Kind]]:
    """A key of one field from which the row's id is derived is an id itself."""
    if len(event.key) == 1 and identity(landing.table)[0] in landing.derived:
        yield event.key[0], (landing.table.fullname, event.key[0])


def _entity(table: Table, name: str) -> Kind | None:
    """The column that is alone the key of its table, which this one is or refers to."""
    for key in table.foreign_key_constraints:
        for column, element in zip(key.column_keys, key.elements, strict=True):
            if column == name:
                found = _entity(element.column.table, element.column.name)
                if found:
                    return found
    return (table.fullname, name) if tuple(identity(table)) == (name,) else None


def _whole(event: EventType, data: Mapping[str, Any]) -> dict[str, Any]:
    model = event.model.model_validate_json(json.dumps(data))
    return {name: getattr(model, name) for name in event.columns}


def _envelope(event: EventType, time: str, data: Mapping[str, Any], whole: Mapping[str, Any]) -> bytes:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": str(event_id(event, whole)),
            "source": "bench",
            "type": event.type,
            "time": time,
            "data": data,
        }
    ).encode()


def story(domain: Domain) -> list[Line]:
    """The domain's story, without what rankers publish."""
    text = (domain.folder / "story.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    return [line for line in lines if domain.by_type[line["type"]].family != "leaderboards"]


def sound(lines: Iterable[Line], domain: Domain, unsound: Iterable[bytes]) -> list[Line]:
    """Lines whose records came to something, a fact once: in real use repeats are few."""
    left_out = {(one["type"], json.dumps(one["data"])) for one in map(json.loads, unsound)}
    found: dict[object, Line] = {}
    for at, line in enumerate(lines):
        event = domain.by_type[line["type"]]
        is_fact = all(isinstance(landing, Once) for landing in event.lands)
        key = natural_key(event, _whole(event, line["data"])) if is_fact else at
        if (line["type"], json.dumps(line["data"])) not in left_out:
            found.setdefault(key, line)
    return list(found.values())
