"""The fast decoder of a topic, derived from its declared events; on any doubt pydantic decides."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Annotated, Any, get_type_hints

import msgspec
from pydantic import BaseModel, ValidationError

from schema.declare import Domain, EventType, Misdeclared
from schema.envelope import (
    BOARD_BYTES_MAX,
    TYPE_CHARACTERS_MAX,
    VALUE_BYTES_MAX,
    Envelope,
    envelope_model,
    envelope_struct,
    stem,
)
from schema.refusal import BINARY_MODE, Refused, refusal
from schema.structs import Structs, Underivable
from schema.types import FORM

DEPTH_MAX = 100
"""Opening brackets up to which a free document is surely not too deep for pydantic."""

_DOUBT = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)


class _Head(BaseModel):
    """As much of a record as tells which event it claims to be, and that it has an envelope."""

    type: Any = None
    specversion: Any = None
    id: Any = None
    source: Any = None


class Decoder:
    """Decodes the events of one topic. Raises Misdeclared if an old version has no way to the newest.

    `fast(value)` is the bare msgspec decoder; sound but for NUL escapes, names that are not in NFC, times that are not
    UTC and depth.
    `decode(value)` has the guards: it returns what pydantic would, or raises Refused as pydantic would.
    `declared` and `structs` map the class of an envelope to its event and the newest type name to its class.
    """

    def __init__(self, events: Sequence[EventType], elsewhere: Mapping[str, EventType] | None = None) -> None:
        self._by_type = {event.type: event for event in events}
        self._elsewhere = elsewhere or {}
        self._newest = _newest(events)
        self._data = Structs()
        self.declared: dict[type[Envelope], EventType] = {}
        self.structs: dict[str, type[Envelope]] = {}
        self.slow_types: dict[str, str] = {}
        """Types that only pydantic decodes, with the reason."""
        boards_only = all(event.family == "leaderboards" for event in events)
        self.bytes_max = BOARD_BYTES_MAX if events and boards_only else VALUE_BYTES_MAX
        swift = [made for event in self._newest.values() if (made := self._prepare(event))]
        self.fast: Callable[[bytes], Envelope] = _union(swift).decode
        self.decode: Callable[[bytes | None], Envelope] = self._guarded()

    def _prepare(self, event: EventType) -> type[Envelope] | None:
        try:
            data, swift = self._data.of(event.model), True
        except Underivable as why:
            data, swift = self._data.loose(event.model), False
            self.slow_types[event.type] = str(why)
        made = envelope_struct(event, data)
        self.declared[made], self.structs[event.type] = event, made
        return made if swift else None

    def _guarded(self) -> Callable[[bytes | None], Envelope]:
        # Everything the hot path touches is a local name, and 92 (a backslash) is found by memchr.
        fast, slow, utc, most = self.fast, self.slow, UTC, self.bytes_max
        doubtful = {made: doubt for made in self.declared if (doubt := self._doubts(made))}

        def decode(value: bytes | None) -> Envelope:
            if value and len(value) <= most:
                plain = value.isascii() and (92 not in value or b"\\u" not in value)
                if not plain and b"\\u0000" in value:
                    return slow(value)
                try:
                    event = fast(value)
                except _DOUBT:
                    return slow(value)
                if (
                    event.time.tzinfo is utc
                    and (plain or in_form(event))
                    and not (doubtful and (doubt := doubtful.get(type(event))) and doubt(event, value))
                ):
                    return event
            return slow(value)

        return decode

    def _doubts(self, made: type[Envelope]) -> Callable[[Envelope, Any], bool] | None:
        """What else must be looked at before a fast result of this class is believed; None if nothing."""
        model = self.declared[made].model
        names = self._data.timed(model)
        free = self._data.loose(model) in self._data.open
        if not names and not free:
            return None

        own = get_type_hints(self._data.loose(model))
        terms = ["text.count(b'[') + text.count(b'{') > DEPTH_MAX"] if free else []
        terms += [_doubt_of(name, own[name]) for name in names]
        scope = {"UTC": UTC, "DEPTH_MAX": DEPTH_MAX, "outside_utc": outside_utc}
        made_here: Callable[[Envelope, Any], bool] = eval(f"lambda e, text: {' or '.join(terms)}", scope)
        return made_here

    def timed(self, made: type[Envelope]) -> list[str] | None:
        """Fields of its data that hold times, if those and NUL in text are all that its struct leaves unchecked.

        None: values of Python must become JSON and be decoded to be checked.
        """
        event = self.declared[made]
        if event.type in self.slow_types or self._data.of(event.model) in self._data.open:
            return None
        return self._data.timed(event.model)

    def slow(self, value: bytes | None) -> Envelope:
        """Decode by pydantic alone. Raises Refused."""
        text = _text(value, self.bytes_max)
        try:
            head = _Head.model_validate_json(text)
        except ValidationError as error:
            raise refusal(error, None) from None
        if not head.model_fields_set:
            raise Refused("envelope", BINARY_MODE)
        event = self._event(head.type)
        model = envelope_model(event)
        try:
            read = model.model_validate_json(text)
        except ValidationError as error:
            raise refusal(error, event.type, model) from None
        return self.build(event, read)

    def build(self, event: EventType, read: BaseModel) -> Envelope:
        """The struct of what pydantic read, brought to the newest version. Raises Refused if that fails."""
        fields = {name: getattr(read, name) for name in Envelope.__struct_fields__ if name != "data"}
        data = read.data  # type: ignore[attr-defined]
        newest = self._newest[stem(event.type)[0]]
        while event is not newest:
            event, data = self._lift(event, data)
        return self.structs[event.type](**fields, data=self._data.build(data))

    def _lift(self, event: EventType, data: BaseModel) -> tuple[EventType, BaseModel]:
        name, version = stem(event.type)
        following = self._by_type[f"{name}.v{version + 1}"]
        assert event.upcast is not None  # checked by _newest
        try:
            return following, following.model.model_validate(event.upcast(data.model_dump()))
        except ValidationError as error:
            raise refusal(error, event.type, following.model, following.type) from None

    def _event(self, type_: Any) -> EventType:
        if not isinstance(type_, str) or not type_:
            raise Refused("envelope", "type: missing or not a text; name the type of the event")
        if type_ in self._by_type:
            return self._by_type[type_]
        if type_ in self._elsewhere:
            topic = self._elsewhere[type_].topic
            raise Refused("wrong-topic", f"{type_} belongs into the topic {topic}; publish it there", type_)
        short = type_[:TYPE_CHARACTERS_MAX]
        known = [each for each in self._by_type if stem(each)[0] == stem(type_)[0]]
        if known:
            raise Refused("unknown-version", f"{short}: known is {', '.join(known)}; use that", short)
        offered = ", ".join(sorted(self._by_type))
        raise Refused("unknown-type", f"{short} is not declared; this topic takes {offered}", short)


def decoders(domains: Iterable[Domain]) -> dict[str, Decoder]:
    """Topic -> its decoder, each knowing the events of all other topics."""
    events = [event for domain in domains for event in domain.events]
    by_type = {event.type: event for event in events}
    topics = dict.fromkeys(event.topic for event in events)
    return {topic: Decoder([event for event in events if event.topic == topic], by_type) for topic in topics}


def _doubt_of(name: str, of: Any) -> str:
    """The term that is true of a field whose time is in another zone than UTC; a plain time needs no call."""
    if of in (datetime, Annotated[datetime, msgspec.Meta(tz=True)]):
        return f"e.data.{name}.tzinfo is not UTC"
    return f"outside_utc(e.data.{name})"


_encode = msgspec.json.Encoder().encode


def in_form(value: Any) -> bool:
    """Whether all text of a struct is in the normalisation form of names: then so is each part of it."""
    text = _encode(value)
    return text.isascii() or unicodedata.is_normalized(FORM, text.decode())


def outside_utc(value: Any) -> bool:
    """Whether a time in the value is in another zone than UTC."""
    match value:
        case datetime():
            return value.tzinfo is not UTC
        case list() | tuple():
            return any(outside_utc(each) for each in value)
        case dict():
            return any(outside_utc(each) for each in value.values())
        case msgspec.Struct():
            return any(outside_utc(each) for each in msgspec.structs.astuple(value))
    return False


def _newest(events: Sequence[EventType]) -> dict[str, EventType]:
    newest: dict[str, EventType] = {}
    for event in sorted(events, key=lambda event: stem(event.type)[1]):
        name, version = stem(event.type)
        before = newest.get(name)
        if before and (before.upcast is None or stem(before.type)[1] != version - 1):
            raise Misdeclared(f"{before.type} has no way to {event.type}: declare its upcast")
        newest[name] = event
    return newest


def _union(structs: list[type[Envelope]]) -> msgspec.json.Decoder[Any]:
    known: Any = reduce(or_, structs) if structs else _Nothing
    return msgspec.json.Decoder(known)


class _Nothing(msgspec.Struct, tag="", forbid_unknown_fields=True):
    """Accepts nothing that has a type: every event of the topic goes the slow way."""

    never: None


_MARKS = {codecs.BOM_UTF8: "UTF-8", codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}


def _text(value: bytes | None, bytes_max: int) -> bytes:
    if not value:
        raise Refused("empty", "the record has no value; send an event (events are never deleted)")
    if len(value) > bytes_max:
        size = f"{len(value)} bytes of at most {bytes_max}"
        raise Refused("too-large", f"{size}; keep the bulk elsewhere and name its place")
    for mark, name in _MARKS.items():
        if value.startswith(mark):
            label, where = ("not-json", "Invalid JSON") if mark == codecs.BOM_UTF8 else ("not-utf8", "byte 0")
            what = f"{where}: the record starts with the byte order mark of {name}"
            raise Refused(label, f"{what}; encode the record as UTF-8 without one")
    try:
        value.decode()
    except UnicodeDecodeError as error:
        raise Refused("not-utf8", f"byte {error.start}: {error.reason}; encode the record as UTF-8") from None
    return value
