"""Field types of events: each names the column type it fits and refuses what the column would."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, FiniteFloat, WithJsonSchema
from pydantic_core import PydanticCustomError

INT4_MAX = 2**31 - 1
INT8_MAX = 2**63 - 1
TEXT_CHARACTERS_MAX = 1_000_000
NAME_CHARACTERS_MAX = 255
NUMBER_MAX = 1e100
"""Greatest size of a number: its square, and sums of squares, are finite."""

SECONDS_MAX = 1e9
"""Longest duration: 31 years."""

STEPS_MAX = 1_000_000
"""The last attempt or epoch: whoever counts on from one that an event named stays within an integer."""

FORM: Final = "NFC"
"""The Unicode normalisation form in which names are written and labels compared."""

BLANKS = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What is trimmed from a text that is compared: the white space of Unicode, spelt out so that SQL trims the same."""

EMAIL = r"^[0-9a-z.!#$%&'*+/=?^_`{|}~-]{1,64}@[0-9a-z.-]{1,190}$"
"""An e-mail address in its one form: ASCII and lower case, before and after the `@`."""

_EMAIL = re.compile(EMAIL[:-1] + r"\Z")
_DECIMAL = re.compile(r"[1-9][0-9]{0,18}\Z")


def storable(text: str) -> str:
    """The text, unless it holds NUL."""
    if "\x00" in text:
        raise PydanticCustomError("nul", "must not contain NUL (U+0000): PostgreSQL cannot store it")
    return text


def normal(text: str) -> str:
    """The text, unless it is not in the normalisation form of names (see FORM)."""
    if not unicodedata.is_normalized(FORM, text):
        raise PydanticCustomError("not_normalised", "must be in the Unicode form NFC")
    return text


def folded(text: str) -> str:
    """A text as it is compared: in NFC, without blanks around it, in lower case. `ledger.folded` in SQL is the same."""
    text = unicodedata.normalize(FORM, text).strip(BLANKS).lower()
    return text if text.isascii() else unicodedata.normalize(FORM, text)


def as_email(text: str) -> str | None:
    """The one form of an e-mail address: trimmed, in lower case; None if that is no address."""
    text = text.strip(BLANKS).lower()
    return text if _EMAIL.match(text) else None


def whole_number(value: object) -> object:
    """A decimal string of a key as the integer that it writes; anything else as it is."""
    return int(value) if isinstance(value, str) and _DECIMAL.match(value) else value


def whole(value: object) -> object:
    """The value, unless it is true, false or a fraction: Python takes those for equal to integers."""
    if isinstance(value, bool | float):
        raise PydanticCustomError("whole", "must be an integer")
    return value


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

Bulk = Annotated[str, AfterValidator(storable)]
"""A text without NUL that only the size of its record bounds."""

Name = Annotated[
    str, Field(min_length=1, max_length=NAME_CHARACTERS_MAX), AfterValidator(storable), AfterValidator(normal)
]
"""A short text that names something: 1 to 255 characters in NFC, so that what looks the same is the same."""

Label = Annotated[str, Field(min_length=1, max_length=NAME_CHARACTERS_MAX), AfterValidator(storable)]
"""A short text as somebody wrote it, of any form: 1 to 255 characters. Labels are compared by `folded`."""

Email = Annotated[str, Field(pattern=EMAIL)]
"""An e-mail address in its one form: ASCII, lower case."""

Id = Annotated[int, Field(ge=1, le=INT4_MAX)]
"""An integer key, minted from a granted range: 1 to 2147483647."""

BigId = Annotated[
    int,
    Field(ge=1, le=INT8_MAX),
    BeforeValidator(whole_number),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": INT8_MAX},
                {"type": "string", "pattern": "^[1-9][0-9]{0,18}$"},
            ]
        }
    ),
]
"""An integer key of eight bytes: 1 to 2**63-1, as a number or as a decimal string, which JavaScript keeps exact."""

Whole = BeforeValidator(whole)
"""For a choice of integers, `Annotated[Literal[0, 1], Whole]`: refuses `true` and `1.0`."""

Count = Annotated[int, Field(ge=0, le=INT4_MAX)]
"""A number of things: 0 to 2147483647."""

Attempt = Annotated[int, Field(ge=1, le=STEPS_MAX)]
"""A try at a task, from 1 to STEPS_MAX."""

Epoch = Annotated[int, Field(ge=1, le=STEPS_MAX)]
"""A life of a subject, from 1 to STEPS_MAX; a backward move opens the next."""

BigCount = Annotated[int, Field(ge=0, le=INT8_MAX)]
"""A number of things: 0 to 2**63-1."""

Number = Annotated[FiniteFloat, Field(ge=-NUMBER_MAX, le=NUMBER_MAX)]
"""A number within NUMBER_MAX."""

Seconds = Annotated[FiniteFloat, Field(ge=0, le=SECONDS_MAX)]
"""A duration in seconds, from 0 to SECONDS_MAX."""

Time = Annotated[AwareDatetime, BeforeValidator(moment)]
"""A moment, with its time zone."""

Uuid = UUID
Json = Annotated[dict[str, Any], AfterValidator(storable_document)]
"""A JSON object that no query looks into: checked, but typed by the domain's own code."""
