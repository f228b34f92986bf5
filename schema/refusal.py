"""Why a record is not an event: a label to count by, and a message that says what, where and what to do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from schema.bounds import bounds_of
from schema.types import EMAIL, FORM, as_email

SHOWN_CHARACTERS_MAX = 80
FAILURE_CHARACTERS_MAX = 1_000
FAULTS_SHOWN_MAX = 8
"""Faults that a message tells in full."""

FAULTS_KEPT_MAX = 100


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a record: its label, where it is, what is said of it, what to send instead."""

    path: tuple[str | int, ...]
    label: str
    said: str
    instead: str | None = None
    """The same value in the form that is taken, if there is one."""

    def __str__(self) -> str:
        return f"{_place(self.path)}: {self.said}"


class Refused(Exception):
    """A record that is not an event: `reason` is a short label, `type` the event type as far as it was read.

    `message` says what is wrong, where in the record, and what to do; `faults` lists everything that is wrong with
    the fields, up to FAULTS_KEPT_MAX.
    """

    def __init__(self, reason: str, message: str, type: str | None = None, faults: Sequence[Fault] = ()) -> None:
        super().__init__(reason, message, type, faults)
        self.reason = reason
        self.message = message
        self.type = type
        self.faults = tuple(faults)

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}"


def failed(error: BaseException) -> Refused:
    """The refusal of a record for which code of ours raised: the error's class and text, and where it was raised."""
    return Refused("failed", failure(error))


def failure(error: BaseException) -> str:
    """What to say of a record for which code of ours raised `error`; never raises itself."""
    try:
        text = " ".join(str(error).split())[:FAILURE_CHARACTERS_MAX]
    except Exception:
        text = ""
    place, trace = "", error.__traceback__ if isinstance(error, BaseException) else None
    while trace is not None:
        code = trace.tb_frame.f_code
        place, trace = f" at {Path(code.co_filename).name}:{trace.tb_lineno} in {code.co_name}", trace.tb_next
    told = f"{type(error).__name__}{': ' if text else ''}{text}{place}"
    told = told.encode(errors="backslashreplace").decode()
    return f"{told}; this is a fault of Podium's own code: redrive the record after an update"


LABELS = {
    "missing": "missing-field",
    "extra_forbidden": "extra-field",
    "nul": "nul",
    "naive_time": "naive-time",
    "timezone_aware": "naive-time",
    "not_normalised": "not-normalised",
}
"""Error types of pydantic that have a label of their own."""

OUT_OF_RANGE = (
    *("greater_than", "greater_than_equal", "less_than", "less_than_equal", "multiple_of", "finite_number"),
    *("string_too_short", "string_too_long", "string_pattern_mismatch", "too_short", "too_long"),
    *("literal_error", "int_parsing_size"),
)

REMEDIES = {
    "not-json": "send one JSON object a record",
    "surrogate": "write characters beyond U+FFFF as a pair of escapes or as UTF-8",
    "envelope": "send a CloudEvents 1.0 envelope",
    "missing-field": "add it",
    "extra-field": "remove it, or publish a version of the event that declares it",
    "wrong-type": "send the declared type",
    "out-of-range": "send a value in the declared range",
    "not-normalised": "send it in its one form",
    "naive-time": "append Z or an offset to the time",
    "nul": "remove the character",
}

BINARY_MODE = (
    "the record has no envelope; send CloudEvents in structured mode: one JSON object with specversion, id, source, "
    "type, time and data (binary mode, with the attributes in ce_ headers, is not read)"
)


def refusal(
    error: ValidationError, type_: Any, model: type[BaseModel] | None = None, upcast_to: str | None = None
) -> Refused:
    """What pydantic's verdict on a record of `type_` means.

    `model` is what it was held against, so that bounds can be named; `upcast_to` names the version to which its
    data did not go.
    """
    told = error.errors(include_url=False)
    # A missing or misspelt field explains the others, so it is told first.
    told.sort(key=lambda each: each["type"] != "missing")
    lifted = f" when brought to {upcast_to}" if upcast_to else ""
    faults = [_fault(each, model, lifted) for each in told[:FAULTS_KEPT_MAX]]
    listed = faults[:FAULTS_SHOWN_MAX]
    remedies = ", ".join(dict.fromkeys(REMEDIES[fault.label] for fault in listed))
    more = f" (and {len(told) - len(listed)} more)" if len(told) > len(listed) else ""
    message = f"{'; '.join(map(str, listed))}{more}; {remedies}"
    return Refused(faults[0].label, message, type_ if isinstance(type_, str) else None, faults)


def _fault(told: Mapping[str, Any], model: type[BaseModel] | None, lifted: str) -> Fault:
    label, said, instead = _label(told), _said(told, model), None
    if label in ("out-of-range", "not-normalised", "envelope") and isinstance(told["input"], str):
        instead = _instead(told)
        if label == "out-of-range" and instead:
            label = "not-normalised"
    got = "" if told["type"] in ("missing", "json_invalid") else f", got {shown(told['input'])}"
    better = f", send {shown(instead)}" if instead else ""
    return Fault(tuple(told["loc"]), label, f"{said}{got}{better}{lifted}", instead)


def _label(told: Mapping[str, Any]) -> str:
    kind, place = told["type"], told["loc"]
    if kind == "json_invalid":
        return "surrogate" if "surrogate" in told["msg"] or "hex escape" in told["msg"] else "not-json"
    if kind in ("naive_time", "timezone_aware"):
        return "naive-time"
    if kind == "out_of_range":
        return "out-of-range"
    if not place or place[0] != "data" or len(place) == 1:
        return "envelope"
    return LABELS.get(kind) or ("out-of-range" if kind in OUT_OF_RANGE else "wrong-type")


def _said(told: Mapping[str, Any], model: type[BaseModel] | None) -> str:
    kind = told["type"]
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return "is not a declared field"
    if kind.startswith("uuid_"):
        return "must be a UUID, such as 0192f0c1-2345-7abc-8def-0123456789ab"
    if told.get("ctx", {}).get("pattern") == EMAIL:
        return "must be an e-mail address in ASCII and lower case, such as ana@example.org"
    bounds = bounds_of(model, told["loc"]) if model and kind in OUT_OF_RANGE else None
    text = f"{told['msg']}: {bounds}" if bounds else str(told["msg"])
    return _POWER.sub(lambda found: f"1e{len(found[0]) - 1}", text)


_POWER = re.compile(r"\b10{15,}\b")
"""A bound such as 1e300, which pydantic writes out."""


def _instead(told: Mapping[str, Any]) -> str | None:
    if told["type"] == "not_normalised":
        return unicodedata.normalize(FORM, told["input"])
    return as_email(told["input"]) if told.get("ctx", {}).get("pattern") == EMAIL else None


def _place(path: Iterable[str | int]) -> str:
    """A path with dots; names that a terminal or a log line could not bear are quoted and cut."""
    steps = (str(step) if isinstance(step, int) or _plain(step) else shown(step) for step in path)
    return ".".join(steps) or "record"


def _plain(step: str) -> bool:
    return 0 < len(step) <= SHOWN_CHARACTERS_MAX and step.isprintable()


def shown(value: Any) -> str:
    """A value as a message shows it: escaped, and cut to SHOWN_CHARACTERS_MAX."""
    if isinstance(value, str | bytes):
        value = value[: SHOWN_CHARACTERS_MAX + 1]
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        # Integers of more than 4300 digits have no decimal form in Python, deep documents no repr.
        text = f"a {type(value).__name__} too long to show"
    return text if len(text) <= SHOWN_CHARACTERS_MAX else text[:SHOWN_CHARACTERS_MAX] + "…"
