"""Field types of events: each names the column type it fits and refuses what the column would."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, FiniteFloat
from pydantic_core import PydanticCustomError

INT4_MAX = 2**31 - 1
INT8_MAX = 2**63 - 1
TEXT_CHARACTERS_MAX = 1_000_000


def storable(text: str) -> str:
    """The text, unless it holds NUL."""
    if "\x00" in text:
        raise PydanticCustomError("nul", "must not contain NUL (U+0000): PostgreSQL cannot store it")
    return text


def storable_document(document: dict[str, Any]) -> dict[str, Any]:
    """The document, unless a text in it holds NUL or a number is not finite: jsonb stores neither."""
    _check_document(document)
    return document


def _check_document(value: Any) -> None:
    match value:
        case str():
            storable(value)
        case float() if not math.isfinite(value):
            raise PydanticCustomError("finite_number", "must hold finite numbers only")
        case dict():
            for key, each in value.items():
                storable(key)
                _check_document(each)
        case list() | tuple():
            for each in value:
                _check_document(each)


def moment(value: object) -> object:
    """A time as RFC 3339 writes it, brought to UTC; digits beyond microseconds are rounded."""
    if isinstance(value, str):
        try:
            value = msgspec.convert(value, datetime)
        except msgspec.ValidationError:
            raise PydanticCustomError("time", "must be like 2026-03-01T10:00:00Z (RFC 3339)") from None
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise PydanticCustomError("naive_time", "must name its time zone, for example 2026-03-01T10:00:00Z")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("time", "must lie in the years 1 to 9999 of UTC") from None


Text = Annotated[str, Field(max_length=TEXT_CHARACTERS_MAX), AfterValidator(storable)]
"""Any text without NUL."""

Name = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(storable)]
"""A short text for people or a label: 1 to 255 characters."""

Id = Annotated[int, Field(ge=1, le=INT4_MAX)]
"""An integer key, minted from a granted range: 1 to 2147483647."""

BigId = Annotated[int, Field(ge=1, le=INT8_MAX)]
"""An integer key of eight bytes, minted from a granted range: 1 to 2**63-1."""

Count = Annotated[int, Field(ge=0, le=INT4_MAX)]
"""A number of things: 0 to 2147483647."""

Attempt = Annotated[int, Field(ge=1, le=INT4_MAX)]
"""A try at a task, from 1."""

Epoch = Annotated[int, Field(ge=1, le=INT4_MAX)]
"""A life of a subject, from 1; a backward move opens the next."""

BigCount = Annotated[int, Field(ge=0, le=INT8_MAX)]
"""A number of things: 0 to 2**63-1."""

Number = FiniteFloat
"""A finite number."""

Seconds = Annotated[FiniteFloat, Field(ge=0)]
"""A duration in seconds, finite and not negative."""

Time = Annotated[AwareDatetime, BeforeValidator(moment)]
"""A moment, with its time zone."""

Uuid = UUID
Json = Annotated[dict[str, Any], AfterValidator(storable_document)]
"""A JSON object that no query looks into: checked, but typed by the domain's own code."""
