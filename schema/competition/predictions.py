"""Events about predictions: the answer or its absence, what it was worth, and its one final score."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, FiniteFloat

from schema.competition import tables
from schema.competition.names import prediction_of
from schema.competition.rounds import SCOPE, SLOT
from schema.competition.tables import MILLISECONDS_MAX, RAW_MAX, ROUND_KEY, SCORE_COLUMNS, SCORE_MAX
from schema.declare import Event, Furthest, Lifecycle, Once, Register, happens
from schema.types import Json, Name, Text, Time

Score = Annotated[FiniteFloat, Field(ge=-SCORE_MAX, le=SCORE_MAX)]
Raw = Annotated[FiniteFloat, Field(ge=-RAW_MAX, le=RAW_MAX)]
Milliseconds = Annotated[FiniteFloat, Field(ge=0, le=MILLISECONDS_MAX)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]

SCORE = Lifecycle("score", moves={"PENDING": ("SCORED", "EXPIRED"), "SCORED": (), "EXPIRED": ()}, initial="PENDING")
"""Of a prediction, beside the outcome of its call: its score, or that no truth ever came."""


class _Predicted(Event):
    model_id: Name
    prediction_config_id: Name
    performed_at: Time
    resolvable_at: Time
    scope_key: Name
    scope_jsonb: Json


_PREDICTED = {**SLOT, **SCOPE, "model_id": "12345", "resolvable_at": "2026-03-01T11:00:00Z"}
_PREDICTION_KEY = ("model_id", *ROUND_KEY)


@happens(
    "prediction.recorded.v1",
    family="predictions",
    key=_PREDICTION_KEY,
    partition_by=("model_id",),
    lands=Once(
        tables.predictions,
        values={"score_status": "PENDING", "absent": False},
        time="answered_at",
        digest="digest",
        derived={"id": prediction_of(absent=False)},
    ),
    example={
        **_PREDICTED,
        "status": "SUCCESS",
        "exec_time_ms": 12.5,
        "inference_input_jsonb": {},
        "inference_output_jsonb": {"steps": [{"loc": 65010.0, "scale": 120.0}]},
        "meta_jsonb": {},
    },
)
class PredictionRecorded(_Predicted):
    """A model was called for a round: it answered, failed or took too long."""

    status: Literal["SUCCESS", "FAILED", "TIMEOUT"]
    exec_time_ms: Milliseconds
    inference_input_jsonb: Json = Field(default_factory=dict)
    inference_output_jsonb: Json = Field(default_factory=dict)
    meta_jsonb: Json = Field(default_factory=dict)


@happens(
    "prediction.absent.v1",
    family="predictions",
    key=_PREDICTION_KEY,
    partition_by=("model_id",),
    lands=Once(
        tables.predictions,
        values={
            "status": "ABSENT", "absent": True, "exec_time_ms": 0.0, "inference_input_jsonb": {},
            "inference_output_jsonb": {}, "meta_jsonb": {}, "score_status": "PENDING",
        },
        time="answered_at",
        digest="digest",
        derived={"id": prediction_of(absent=True)},
    ),
    example=_PREDICTED,
)  # fmt: skip
class PredictionAbsent(_Predicted):
    """A model that the round expected had not answered when the round closed."""


@happens(
    "prediction.judged.v1",
    family="scores",
    key=(*_PREDICTION_KEY, "prediction_digest"),
    partition_by=("model_id",),
    lands=Once(
        tables.judgements,
        time="judged_at",
        omit=_PREDICTION_KEY,
        derived={"prediction_id": prediction_of(absent=False)},
    ),
    example={
        **SLOT, "model_id": "12345", "prediction_digest": "0123456789abcdef0123456789abcdef", "value": 31.25,
        "failed_reason": None,
    },
)  # fmt: skip
class PredictionJudged(Event):
    """An answer was held against the truth: the raw value of its metric, or why there is none."""

    model_id: Name
    prediction_config_id: Name
    performed_at: Time
    prediction_digest: Digest
    value: Raw | None = None
    failed_reason: Text | None = None


def _ended(name: str, state: str, example: dict[str, Any], **landing: Any):  # type: ignore[no-untyped-def]
    return happens(
        name,
        family="scores",
        key=(*_PREDICTION_KEY, "absent"),
        partition_by=("model_id",),
        lands=Register(
            tables.predictions,
            creates=False,
            time="score_scored_at",
            merges=(Furthest(SCORE, state, "score_status", moves=SCORE_COLUMNS),),
            **landing,
        ),
        example={**SLOT, "model_id": "12345", "absent": False, **example},
    )


class _Ended(Event):
    model_id: Name
    prediction_config_id: Name
    performed_at: Time
    absent: bool


@_ended(
    "prediction.scored.v1",
    "SCORED",
    {"score_value": 0.75, "score_success": True, "score_failed_reason": None},
)
class PredictionScored(_Ended):
    """The one final score of a prediction that counts, more is better; a failure has a reason and perhaps a value."""

    score_value: Score | None = None
    score_success: bool
    score_failed_reason: Text | None = None


@_ended(
    "prediction.expired.v1",
    "EXPIRED",
    {},
    values={"score_value": None, "score_success": False, "score_failed_reason": "no truth came in time"},
)
class PredictionExpired(_Ended):
    """A prediction that counts stays without a score: no truth came in time."""
