"""CloudEvents in and out: the envelope, canonical bytes, digests, keys and ids."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b, sha1
from operator import attrgetter, itemgetter
from typing import Annotated, Any, Literal, cast
from uuid import UUID

import msgspec
from pydantic import BaseModel, ConfigDict, Field, create_model

from schema.declare import EventType, Greatest, Latest, Register
from schema.types import Name, Text, Time

VALUE_BYTES_MAX = 1_000_000
"""Size of the longest record that can be an event."""

BOARD_BYTES_MAX = 4_000_000
"""The same for the snapshot of a board, which lists every entry: topics take a little more."""

TYPE_CHARACTERS_MAX = 255
SUBJECT_CHARACTERS_MAX = 4096
DIGEST_BYTES = 16
AHEAD_MAX = timedelta(minutes=5)
"""How far an event's time may lie after its append time."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

NAMESPACE = UUID("6f1c9a52-0e0b-5c1e-9d0c-5b7a3d5e4c11")
"""Namespace of the ids derived from natural keys."""


class CloudEvent(BaseModel):
    """The attributes of every event, as CloudEvents 1.0 names them; further attributes are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    specversion: Literal["1.0"]
    id: UUID
    source: Name
    type: Name
    time: Time
    subject: Annotated[Text, Field(min_length=1, max_length=SUBJECT_CHARACTERS_MAX)] | None = None
    datacontenttype: Name | None = None
    dataschema: Name | None = None
    traceparent: Name | None = None


_Label = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class Envelope(msgspec.Struct, kw_only=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """A decoded event: `time` in UTC, `data` a Struct with the fields of the declared model.

    Which event it is, its class tells: `Decoder.declared[type(event)]`.
    """

    specversion: Literal["1.0"] = msgspec.field(default_factory=lambda: "1.0")
    id: UUID
    source: _Label
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=SUBJECT_CHARACTERS_MAX)] | None = None
    datacontenttype: _Label | None = None
    dataschema: _Label | None = None
    traceparent: _Label | None = None
    data: Any


_models: dict[type[BaseModel], type[CloudEvent]] = {}


def envelope_model(event: EventType) -> type[CloudEvent]:
    """The pydantic model of the event with its envelope: what it accepts, and only that, is the event."""
    if event.model not in _models:
        own: dict[str, Any] = {"type": (Literal[event.type], ...), "data": (event.model, ...)}
        name = event.model.__name__ + "Envelope"
        _models[event.model] = create_model(name, __base__=CloudEvent, __doc__=event.model.__doc__, **own)
    return _models[event.model]


def envelope_struct(event: EventType, data: type[msgspec.Struct]) -> type[Envelope]:
    """The class of the decoded events of one type; the type is its tag, not a field."""
    name = event.model.__name__ + "Envelope"
    # Without the default of the base: a record that lacks it is none.
    own = [("specversion", Literal["1.0"]), ("data", data)]
    made = msgspec.defstruct(name, own, bases=(Envelope,), tag_field="type", tag=event.type, kw_only=True)
    return cast(type[Envelope], made)


_encode = msgspec.json.Encoder(order="deterministic").encode


def canonical(data: Any) -> bytes:
    """Canonical JSON of decoded data: sorted names, no spaces, shortest floats, UTC with Z, lower-case uuids.

    Fields that are null are left out, so that the bytes stay when a later version adds a field. `data` is a
    Struct of the decoder, whose fields are in order already, or a Mapping with all of its fields.
    """
    if isinstance(data, msgspec.Struct):
        return _encode(data)
    return _encode({name: _in_utc(value) for name, value in data.items() if value is not None})


def _in_utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


_empty = blake2b(digest_size=DIGEST_BYTES)


def digest(data: Any) -> bytes:
    """16 bytes that stand for decoded data: a Struct, or a Mapping with all of its fields."""
    # A copy is made faster than a new one with its parameters.
    made = _empty.copy()
    made.update(canonical(data))
    return made.digest()


def time_of(milliseconds: int) -> datetime:
    """The moment so many milliseconds after 1970 began, in UTC; beyond the calendar, the calendar's end."""
    try:
        return EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return LAST if milliseconds > 0 else FIRST


def latest_time(append_ms: int) -> datetime:
    """The latest time that an event appended at this millisecond may carry."""
    appended = time_of(append_ms)
    return appended + AHEAD_MAX if appended <= LAST - AHEAD_MAX else LAST


def stem(type_: str) -> tuple[str, int]:
    """`a.b.c.v2` -> (`a.b.c`, 2); version 0 if the type names none."""
    name, _, version = type_.rpartition(".v")
    return (name, int(version)) if version.isdecimal() and version.isascii() else (type_, 0)


def key_of(event: EventType) -> Callable[[Any], bytes]:
    """A function from a data Struct to its Kafka key: the values of `partition_by`, joined by colons."""
    if len(event.partition_by) == 1 and event.model.model_fields[event.partition_by[0]].annotation is UUID:
        (one,) = event.partition_by
        # The encoder writes a UUID several times faster than str() does.
        made: Callable[[Any], bytes] = eval(f"lambda data: encode(data.{one})[1:-1]", {"encode": _encode})
        return made
    pattern = ":".join(["%s"] * len(event.partition_by))
    values = attrgetter(*event.partition_by)
    return lambda data: (pattern % values(data)).encode()


def record_key(event: EventType, data: Any) -> bytes:
    """The Kafka key of decoded data, a Struct or a Mapping; `key_of` is the same for many records."""
    return ":".join(str(value) for value in _fields(data, event.partition_by)).encode()


def natural_key(event: EventType, data: Any) -> bytes:
    """The identity of an event: its type without the version, and canonical JSON of the values of its key."""
    return stem(event.type)[0].encode() + _encode(_fields(data, event.key))


def event_id(event: EventType, data: Any) -> UUID:
    """The id that a re-send repeats: UUIDv5 of the natural key."""
    return UUID(hex=sha1(NAMESPACE.bytes + natural_key(event, data)).hexdigest()[:32], version=5)


def derived_id(kind: str, *values: Any) -> UUID:
    """The id of a row whose natural key is another column: UUIDv5 of its kind, `<domain>.<noun>`, and that key."""
    return UUID(hex=sha1(NAMESPACE.bytes + kind.encode() + _encode(values)).hexdigest()[:32], version=5)


def v5(kind: str, *fields: str) -> Callable[[Any], UUID]:
    """For `Landing.derived`: decoded data -> `derived_id` of the given fields."""
    return lambda data: derived_id(kind, *_fields(data, fields))


def recurs(event: EventType) -> bool:
    """Whether events of one natural key may follow each other, as a register's do; their ids must differ."""
    registers = [landing for landing in event.lands if isinstance(landing, Register)]
    merges = [(landing, merge) for landing in registers for merge in landing.merges]
    if any(isinstance(merge, Latest) for _, merge in merges):
        return True
    grow = [landing.renamed.get(merge.column, merge.column) for landing, merge in merges if isinstance(merge, Greatest)]
    # What grows with the key itself comes once a key.
    return bool(grow) and not set(grow) & set(event.key)


def new_id(event: EventType, data: Any) -> UUID:
    """The id that a producer gives to an event: of its natural key, or a new one if such events recur."""
    return uuid7() if recurs(event) else event_id(event, data)


def subject(event: EventType, data: Any) -> str | None:
    """The subject of an event: the values of its natural key, joined by colons, as far as there is room."""
    return ":".join(str(value) for value in _fields(data, event.key))[:SUBJECT_CHARACTERS_MAX] or None


def uuid7() -> UUID:
    """A new id that sorts by the time at which it was made, to a quarter of a microsecond."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    random = int.from_bytes(os.urandom(8)) >> 2
    return UUID(int=milliseconds << 80 | 7 << 76 | (rest * 4096 // 1_000_000) << 64 | 2 << 62 | random)


def _fields(data: Any, names: tuple[str, ...]) -> list[Any]:
    pick = itemgetter if isinstance(data, Mapping) else attrgetter
    return [pick(name)(data) for name in names]
