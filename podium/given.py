"""Values as callers of the producer client give them, brought to what an event takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from pydantic import BaseModel

from schema.refusal import Refused
from schema.types import moment


def as_json(value: Any) -> Any:
    """What JSON has no word for, as the contract writes it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, msgspec.Struct | BaseModel):
        return msgspec.to_builtins(value) if isinstance(value, msgspec.Struct) else value.model_dump()
    return repr(value)


def as_uuid(value: UUID | str) -> UUID:
    """The id of an event. Raises Refused."""
    try:
        return value if isinstance(value, UUID) else UUID(value)
    except (ValueError, AttributeError, TypeError):
        raise Refused("envelope", f"id: must be a UUID, got {value!r}; leave it out to have one made") from None


def as_moment(value: datetime | str) -> datetime:
    """The time of an event, with its zone. Raises Refused."""
    from pydantic_core import PydanticCustomError

    try:
        read = moment(value)
    except PydanticCustomError as error:
        reason = "naive-time" if error.type == "naive_time" else "envelope"
        raise Refused(reason, f"time: {error.message()}, got {value!r}; append Z or an offset") from None
    if not isinstance(read, datetime):
        raise Refused("envelope", f"time: must be a time, got {value!r}; give a datetime or RFC 3339 text")
    return read


def put(document: Any, path: Sequence[str | int], value: Any) -> None:
    """Replace what lies at a path of a document."""
    *way, last = path
    for step in way:
        document = document[step]
    document[last] = value
