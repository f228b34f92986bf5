"""Ids that say what they are of: assembled from the parts of a natural key, so that no two keys share one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any


def prediction_id(model_id: str, prediction_config_id: str, performed_at: datetime, absent: bool) -> str:
    """`PRE_<model>_<config>_<slot>` of an answer, `ABS_...` of its absence."""
    kind = "ABS" if absent else "PRE"
    return f"{kind}_{_quoted(model_id)}_{_quoted(prediction_config_id)}_{_stamp(performed_at)}"


def emission_id(checkpoint_id: str, period_start: datetime) -> str:
    """`EMI_<checkpoint>_<start of the period>`."""
    return f"EMI_{_quoted(checkpoint_id)}_{_stamp(period_start)}"


def prediction_of(absent: bool) -> Callable[[Any], str]:
    """For `Landing.derived`: decoded data -> id of the prediction."""
    return lambda data: prediction_id(data.model_id, data.prediction_config_id, data.performed_at, absent)


def emission_of(data: Any) -> str:
    """For `Landing.derived`: decoded data -> id of the emission."""
    return emission_id(data.checkpoint_id, data.period_start)


def _quoted(part: str) -> str:
    """Without the underscore that stands between parts."""
    return part.replace("%", "%25").replace("_", "%5F") if "_" in part or "%" in part else part


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%d_%H%M%S.%f")
