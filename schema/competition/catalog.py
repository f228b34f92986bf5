"""Events about models, what is asked of them, and what recurs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from schema.competition import tables
from schema.declare import Event, Latest, Register, happens
from schema.types import Count, Json, Name, Text, Time

Interval = Annotated[int, Field(ge=1, le=2**31 - 1)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Schedule(_Part):
    """When a configuration asks: slots lie at `offset_seconds` + k intervals after 1970-01-01 UTC, for whole k.

    A key that is not known is refused: a misspelled one would fall back to a default in silence.
    """

    prediction_interval_seconds: Interval
    resolve_after_seconds: Count
    offset_seconds: Count = 0
    grace_seconds: Interval = 60
    expire_after_seconds: Count = 604_800


class Rules(_Part):
    """How answers are judged and what a missing one costs; a round keeps those under which it was opened."""

    metric: Literal["crps", "brier", "density"]
    normalise: bool = True
    absence: Literal["worst", "nothing"] = "worst"


RULES = {"metric": "crps", "normalise": True, "absence": "worst"}


class _Described(Event):
    id: Name
    name: Name
    deployment_identifier: Name
    player_id: Name = "unknown-player"
    player_name: Name = "Unknown"
    meta_jsonb: Json = Field(default_factory=dict)


_MODEL = {
    "id": "12345", "name": "momentum-v3", "deployment_identifier": "d-77", "player_id": "p-9", "player_name": "ana",
    "meta_jsonb": {},
}  # fmt: skip


@happens(
    "model.registered.v1",
    family="catalog",
    key=("id",),
    lands=Register(tables.models, time=("created_at", "updated_at")),
    example=_MODEL,
)
class ModelRegistered(_Described):
    """A model takes part from now on; the first such event of a model makes it, later ones change nothing."""


@happens(
    "model.described.v1",
    family="catalog",
    key=("id",),
    lands=Register(
        tables.models,
        creates=False,
        merges=(
            Latest(
                ("name", "deployment_identifier", "player_id", "player_name", "meta_jsonb"),
                version=("updated_at", "latest_id", "latest_digest"),
            ),
        ),
    ),
    example=_MODEL,
)
class ModelDescribed(_Described):
    """A model was renamed, redeployed or given other words; its scores are not touched."""


class _Switched(Event):
    id: Name
    reason: Text = ""


def _switched(name: str, table: Any, active: bool, example: dict[str, Any]):  # type: ignore[no-untyped-def]
    version = ("active_time", "active_id", "active_digest")
    return happens(
        name,
        family="catalog",
        key=("id",),
        lands=Register(
            table,
            creates=False,
            omit=("reason",),
            values={"active": active},
            merges=(Latest(("active",), version=version),),
        ),
        example=example,
    )


@_switched("model.withdrawn.v1", tables.models, False, {"id": "12345", "reason": "by its author"})
class ModelWithdrawn(_Switched):
    """Rounds no longer expect an answer of the model: it is not absent."""


@_switched("model.returned.v1", tables.models, True, {"id": "12345", "reason": ""})
class ModelReturned(_Switched):
    """Rounds expect the model's answer again."""


@happens(
    "config.declared.v1",
    family="catalog",
    key=("id",),
    lands=Register(
        tables.scheduled_prediction_configs,
        values={"active": True},
        merges=(
            Latest(
                ("scope_key", "scope_template_jsonb", "schedule_jsonb", "order", "meta_jsonb", "scoring_jsonb"),
            ),
        ),
    ),
    example={
        "id": "CFG_001",
        "scope_key": "BTC-3600-3600",
        "scope_template_jsonb": {"asset": "BTC", "horizon": 3600, "step": 3600},
        "schedule_jsonb": {
            "prediction_interval_seconds": 720, "resolve_after_seconds": 3600, "offset_seconds": 0,
            "grace_seconds": 60, "expire_after_seconds": 604800,
        },
        "order": 1,
        "meta_jsonb": {"profile": "starter"},
        "scoring_jsonb": RULES,
    },
)  # fmt: skip
class ConfigDeclared(Event):
    """What is asked of models and how often, for the first time or anew; rounds that are open stay as they are."""

    id: Name
    scope_key: Name
    scope_template_jsonb: Json = Field(default_factory=dict)
    schedule_jsonb: Schedule
    order: Count = 0
    meta_jsonb: Json = Field(default_factory=dict)
    scoring_jsonb: Rules


@_switched("config.deactivated.v1", tables.scheduled_prediction_configs, False, {"id": "CFG_001", "reason": "feed"})
class ConfigDeactivated(_Switched):
    """No further round is opened; those that are open still resolve."""


@_switched("config.activated.v1", tables.scheduled_prediction_configs, True, {"id": "CFG_001", "reason": ""})
class ConfigActivated(_Switched):
    """Rounds are opened again, from the next slot on."""


@happens(
    "checkpoint.declared.v1",
    family="catalog",
    key=("id",),
    lands=Register(
        tables.checkpoints,
        merges=(Latest(("checkpoint_kind", "interval_seconds", "starts_at", "meta_jsonb")),),
    ),
    example={
        "id": "weekly",
        "checkpoint_kind": "weekly_emission",
        "interval_seconds": 604800,
        "starts_at": "2026-03-01T00:00:00Z",
        "meta_jsonb": {"crunch": "btc", "pool": 2500},
    },
)  # fmt: skip
class CheckpointDeclared(Event):
    """Something recurs; kinds that end in `emission` turn a ranking into rewards and keep whole hours."""

    id: Name
    checkpoint_kind: Name
    interval_seconds: Interval
    starts_at: Time
    meta_jsonb: Json = Field(default_factory=dict)
