"""A domain that uses every field type, old versions and a validator of its own; no real one does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import Column, Integer, Table

from schema.declare import Domain, Event, Once, domain_metadata, happens
from schema.types import (
    Attempt,
    BigCount,
    BigId,
    Count,
    Email,
    Id,
    Json,
    Label,
    Name,
    Number,
    Seconds,
    Text,
    Time,
    Uuid,
    Whole,
)

METADATA = domain_metadata("sampler")
samples = Table("samples", METADATA, Column("sample_id", Integer, primary_key=True))


def _landing(*omit: str) -> Once:
    return Once(samples, omit=omit)


class Spot(BaseModel):
    """A model inside a model."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    x: Annotated[float, Field(gt=-1, lt=1, allow_inf_nan=False)]
    seen: Time | None = None
    name: Name = "here"


_EVERYTHING: dict[str, Any] = {
    "sample_id": 1,
    "flag": True,
    "share": 0.5,
    "size": 12,
    "name": "a",
    "label": "yes",
    "level": 2,
    "code": "00ff",
    "token": "0192f0c1-2345-7abc-8def-0123456789ab",
    "seen": "2026-03-01T10:00:00Z",
    "document": {"a": [1, 2.5, None, {"b": "c"}]},
    "marks": [1, 2],
    "pair": ["a", 3],
    "spot": {"x": 0.25, "seen": None, "name": "there"},
    "weights": {"w": 0.5},
    "times": ["2026-03-01T10:00:00Z"],
}


@happens(
    "everything.measured.v1",
    family="catalog",
    key=("sample_id",),
    lands=_landing(
        *(name for name in _EVERYTHING if name != "sample_id"),
        *("wait", "note", "tries", "big", "email", "mark", "figure"),
    ),
    example={
        **_EVERYTHING, "wait": 1.5, "note": "n", "tries": 2, "big": 2**53 + 1, "email": "ana@example.org",
        "mark": "é", "figure": -2.5,
    },
)  # fmt: skip
class EverythingMeasured(Event):
    """One field of every type."""

    sample_id: Id
    flag: bool
    share: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    size: BigCount
    name: Annotated[Text, Field(min_length=1, max_length=5)]
    label: Literal["yes", "no"]
    level: Annotated[Literal[1, 2, 3], Whole] = 1
    code: Annotated[str, Field(pattern=r"^[0-9a-f]{4}$")]
    token: Uuid | None = None
    seen: Time
    document: Json
    marks: Annotated[list[Count], Field(max_length=4, default_factory=list)]
    pair: tuple[Name, Attempt]
    spot: Spot
    weights: dict[str, Seconds] = Field(default={})
    times: list[Time]
    wait: Seconds | None = None
    note: Text | None = None
    tries: Annotated[Attempt, Field(ge=2)] = 2
    big: BigId | None = None
    email: Email | None = None
    mark: Label | None = None
    figure: Number | None = None


@happens(
    "oddity.found.v1",
    family="catalog",
    key=("sample_id",),
    lands=_landing("even", "when"),
    example={"sample_id": 1, "even": 4, "when": "2026-03-01T10:00:00Z"},
)
class OddityFound(Event):
    """A rule of its own: only pydantic can decode it."""

    sample_id: Id
    even: int
    when: Time | None = None

    @field_validator("even")
    @classmethod
    def _is_even(cls, value: int) -> int:
        if value % 2:
            raise ValueError("must be even")
        return value


def _to_second(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "unit": "s"}


def _to_third(data: dict[str, Any]) -> dict[str, Any]:
    return {"sample_id": data["sample_id"], "seconds": float(data["length"]), "unit": data["unit"]}


@happens(
    "span.timed.v1",
    family="catalog",
    key=("sample_id",),
    example={"sample_id": 1, "length": 3},
    upcast=_to_second,
)
class SpanTimedFirst(Event):
    """The first version: whole seconds, unit unsaid."""

    sample_id: Id
    length: int


@happens(
    "span.timed.v2",
    family="catalog",
    key=("sample_id",),
    example={"sample_id": 1, "length": 3, "unit": "s"},
    upcast=_to_third,
)
class SpanTimedSecond(Event):
    """The second version: the unit is said."""

    sample_id: Id
    length: int
    unit: Name


@happens(
    "span.timed.v3",
    family="catalog",
    key=("sample_id",),
    lands=_landing("seconds", "unit"),
    example={"sample_id": 1, "seconds": 3.0, "unit": "s"},
)
class SpanTimed(Event):
    """The newest version: fractions, and never negative."""

    sample_id: Id
    seconds: Seconds
    unit: Name = "s"


DOMAIN = Domain(
    name="sampler",
    folder=Path(__file__).parent,
    metadata=METADATA,
    models=(EverythingMeasured, OddityFound, SpanTimedFirst, SpanTimedSecond, SpanTimed),
)
