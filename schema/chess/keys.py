"""Integer ids that follow from a natural key, and the forms in which keys and settings are written."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from schema.chess.catalog import PLAIN_SQL_IDS_FROM
from schema.chess.ranges import ELO_MAX, GAMES_MAX, RATIO_MAX, THINKING_SECONDS_MAX
from schema.envelope import derived_id
from schema.types import BigId, Number, Text

DERIVED_FROM = 2**62
"""Derived ids lie from here to 2**63 - 1."""

Minted = Annotated[int, Field(ge=1, lt=PLAIN_SQL_IDS_FROM)]
"""An id that its producer was granted, or that a legacy row had; never one of a plain INSERT, never a derived one."""

AnyId = BigId
"""A reference to an id of any of the three kinds."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]


Ratio = Annotated[Number, Field(ge=-RATIO_MAX, le=RATIO_MAX)]
"""A log likelihood ratio or a bound of one."""

Games = Annotated[int, Field(ge=0, le=GAMES_MAX)]
"""A number of games: 0 to 500000000."""

Thinking = Annotated[Number, Field(ge=0, le=THINKING_SECONDS_MAX)]
"""Time to think, in seconds: 0 to a million, in whole milliseconds."""

Rating = Annotated[Number, Field(ge=-ELO_MAX, le=ELO_MAX)]
"""An Elo rating or a difference of two: -10000 to 10000."""


def key_id(kind: str, *values: Any) -> int:
    """The id of a row known by another column: 62 bits of the UUIDv5 of its kind and that key, from 2**62 on."""
    return int(DERIVED_FROM | derived_id(f"chess.{kind}", *values).int >> 66)


def by(kind: str, *fields: str) -> Callable[[Any], int]:
    """For `Landing.derived`: decoded data -> `key_id` of the given fields."""
    return lambda data: key_id(kind, *(getattr(data, field) for field in fields))


def match_id(training_task_id: int, candidate_network_id: int) -> int:
    """Task of the promotion match of a candidate in a training task."""
    return key_id("match", training_task_id, candidate_network_id)


def regression_id(regression_of: int, candidate_network_id: int, current_best_network_id: int) -> int:
    """Task of the regression match of a candidate of a training task against an earlier network."""
    return key_id("regression", regression_of, candidate_network_id, current_best_network_id)


def milliseconds(seconds: float | None) -> int | None:
    """Whole milliseconds. Raises ValueError for a duration that is none."""
    if seconds is None:
        return None
    whole = round(seconds * 1000)
    if not math.isclose(whole, seconds * 1000, abs_tol=1e-6) or (seconds and not whole):
        raise ValueError(f"{seconds} s is not a whole number of milliseconds")
    return whole


def normal_repo(url: str) -> str:
    """A repository's address in the one form that is compared: https, host in lower case, no .git, no final slash."""
    parts = urlsplit(url.strip())
    path = parts.path.rstrip("/").removesuffix(".git")
    return f"https://{(parts.hostname or '').lower()}{path}"


def canonical(text: str) -> str:
    """JSON in the one form that is compared: sorted names, no spaces."""
    return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _arguments(text: str) -> str:
    return _strings(text, list)


def _options(text: str) -> str:
    return _strings(text, dict)


def _strings(text: str, kind: type) -> str:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    inner = value.values() if isinstance(value, dict) else value or ()
    if type(value) is not kind or not all(isinstance(each, str) for each in inner):
        shape = "a list of texts" if kind is list else "an object of texts"
        raise PydanticCustomError("strings", f"must be JSON: {shape}")
    return text


def _repo(url: str) -> str:
    if normal_repo(url) != url:
        raise PydanticCustomError("repo", f"must be in normal form: {normal_repo(url)}")
    return url


def _canonical_options(text: str) -> str:
    if canonical(_options(text)) != text:
        raise PydanticCustomError("canonical", "must be canonical JSON: sorted names, no spaces")
    return text


Arguments = Annotated[Text, AfterValidator(_arguments)]
"""Command line arguments: a JSON list of texts."""

Options = Annotated[Text, AfterValidator(_options)]
"""Options: a JSON object of texts."""

CanonicalOptions = Annotated[Text, AfterValidator(_canonical_options)]
"""The same in canonical form, as a part of a key."""

RepoUrl = Annotated[Text, AfterValidator(_repo)]
"""Address of a repository in normal form."""
