"""Why a record is not an event: a label to count by, and a message that says what, where and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

SHOWN_CHARACTERS_MAX = 80
FAILURE_CHARACTERS_MAX = 1_000


class Refused(Exception):
    """A record that is not an event: `reason` is a short label, `type` the event type as far as it was read.

    `message` says what is wrong, where in the record, and what to do.
    """

    def __init__(self, reason: str, message: str, type: str | None = None) -> None:
        super().__init__(reason, message, type)
        self.reason = reason
        self.message = message
        self.type = type

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
}
"""Error types of pydantic that have a label of their own."""

OUT_OF_RANGE = (
    *("greater_than", "greater_than_equal", "less_than", "less_than_equal", "multiple_of", "finite_number"),
    *("string_too_short", "string_too_long", "string_pattern_mismatch", "too_short", "too_long"),
    "literal_error",
)

REMEDIES = {
    "not-json": "send one JSON object a record",
    "surrogate": "write characters beyond U+FFFF as a pair of escapes or as UTF-8",
    "envelope": "send a CloudEvents 1.0 envelope",
    "missing-field": "add it",
    "extra-field": "remove it, or publish a version of the event that declares it",
    "wrong-type": "send the declared type",
    "out-of-range": "send a value in the declared range",
    "naive-time": "append Z or an offset to the time",
    "nul": "remove the character",
}


def refusal(error: ValidationError, type_: Any, upcast_to: str | None = None) -> Refused:
    """What pydantic's verdict means; `upcast_to` names the version to which data of `type_` did not go."""
    faults = error.errors(include_url=False)
    # A missing or misspelt field explains the others, so it is told first.
    fault = min(faults, key=lambda each: each["type"] != "missing")
    reason = _label(fault)
    path = ".".join(str(step) for step in fault["loc"]) or "record"
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    shown = "" if fault["type"] in ("missing", "json_invalid") else f", got {_shown(fault['input'])}"
    lifted = f" when brought to {upcast_to}" if upcast_to else ""
    message = f"{path}: {_said(fault)}{shown}{lifted}{more}; {REMEDIES[reason]}"
    return Refused(reason, message, type_ if isinstance(type_, str) else None)


def _label(fault: Mapping[str, Any]) -> str:
    kind, place = fault["type"], fault["loc"]
    if kind == "json_invalid":
        return "surrogate" if "surrogate" in fault["msg"] or "hex escape" in fault["msg"] else "not-json"
    if kind in ("naive_time", "timezone_aware"):
        return "naive-time"
    if not place or place[0] != "data" or len(place) == 1:
        return "envelope"
    return LABELS.get(kind) or ("out-of-range" if kind in OUT_OF_RANGE else "wrong-type")


def _said(fault: Mapping[str, Any]) -> str:
    said = {"missing": "is missing", "extra_forbidden": "is not a declared field"}
    return said.get(fault["type"], str(fault["msg"]))


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_CHARACTERS_MAX else text[:SHOWN_CHARACTERS_MAX] + "…"
