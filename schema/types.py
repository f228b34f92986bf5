"""Field types of events: each names the column type it fits and refuses what the column would."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, FiniteFloat

INT4_MAX = 2**31 - 1
INT8_MAX = 2**63 - 1
TEXT_CHARACTERS_MAX = 1_000_000


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("text must not contain NUL (U+0000): PostgreSQL cannot store it")
    return text


Text = Annotated[str, AfterValidator(_storable), Field(max_length=TEXT_CHARACTERS_MAX)]
"""Any text without NUL."""

Name = Annotated[str, AfterValidator(_storable), Field(min_length=1, max_length=255)]
"""A short text for people or a label: 1 to 255 characters."""

Id = Annotated[int, Field(ge=1, le=INT4_MAX)]
"""An integer key, minted from a granted range: 1 to 2147483647."""

Count = Annotated[int, Field(ge=0, le=INT4_MAX)]
"""A number of things: 0 to 2147483647."""

Attempt = Annotated[int, Field(ge=1, le=INT4_MAX)]
"""A try at a task, from 1."""

Epoch = Annotated[int, Field(ge=1, le=INT4_MAX)]
"""A life of a subject, from 1; a backward move opens the next."""

BigCount = Annotated[int, Field(ge=0, le=INT8_MAX)]
"""A number of things: 0 to 2**63-1."""

Seconds = Annotated[FiniteFloat, Field(ge=0)]
"""A duration in seconds, finite and not negative."""

Time = AwareDatetime
"""A moment, with its time zone."""

Uuid = UUID
Json = dict[str, Any]
"""A JSON object that no query looks into: checked, but typed by the domain's own code."""
