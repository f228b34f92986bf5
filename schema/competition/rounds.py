"""Events about rounds: one slot of a configuration, from the question to the end of every prediction of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schema.competition import tables
from schema.competition.catalog import RULES, Rules
from schema.competition.tables import LAG_SECONDS_MAX, ROUND_KEY
from schema.declare import Event, Furthest, Lifecycle, Once, Register, happens
from schema.types import Count, Json, Name, Seconds, Time

ROUND = Lifecycle(
    "round",
    moves={
        "open": ("closed",),
        "closed": ("overdue", "scored"),
        "overdue": ("expired",),
        "scored": (),
        "expired": (),
    },
    initial="open",
)
"""Answers are taken; the counted ones are fixed; no truth came in time; every counted prediction has its end."""

SLOT = {"prediction_config_id": "CFG_001", "performed_at": "2026-03-01T10:00:00Z"}
SCOPE = {"scope_key": "BTC-3600-3600", "scope_jsonb": {"asset": "BTC", "horizon": 3600, "step": 3600}}


@happens(
    "round.opened.v1",
    family="jobs",
    key=ROUND_KEY,
    partition_by=("prediction_config_id",),
    lands=Register(tables.rounds, merges=(Furthest(ROUND, "open", "status"),)),
    example={
        **SLOT,
        **SCOPE,
        "scoring_jsonb": RULES,
        "closes_at": "2026-03-01T10:01:00Z",
        "resolvable_at": "2026-03-01T11:00:00Z",
        "expires_at": "2026-03-08T11:00:00Z",
        "replayed": False,
    },
)
class RoundOpened(Event):
    """One slot of a configuration: all models are asked the same. A replayed one is closed by its publisher."""

    prediction_config_id: Name
    performed_at: Time
    scope_key: Name
    scope_jsonb: Json
    scoring_jsonb: Rules
    closes_at: Time
    resolvable_at: Time
    expires_at: Time
    replayed: bool = False


class _RoundMoved(Event):
    prediction_config_id: Name
    performed_at: Time


def _round_moves(state: str, *omit: str) -> Register:
    return Register(tables.rounds, creates=False, omit=omit, merges=(Furthest(ROUND, state, "status"),))


@happens(
    "round.closed.v1",
    family="jobs",
    key=ROUND_KEY,
    partition_by=("prediction_config_id",),
    lands=(_round_moves("closed", "answered", "absent"), Once(tables.closings, time="closed_at")),
    example={**SLOT, "answered": ["12345", "777"], "absent": 1},
)
class RoundClosed(_RoundMoved):
    """Which models' answers count; `absent` others were expected. What comes later is kept and does not count."""

    answered: list[Name]
    absent: Count


@happens(
    "truth.published.v1",
    family="jobs",
    key=ROUND_KEY,
    partition_by=("prediction_config_id",),
    lands=Once(tables.truths, time="published_at"),
    example={**SLOT, "truth_jsonb": {"values": [65012.5]}, "lag_seconds": 0.4},
)
class TruthPublished(_RoundMoved):
    """What came true: `values`, one a step. An observation from before the round could be resolved is refused."""

    truth_jsonb: Json
    lag_seconds: Annotated[Seconds, Field(le=LAG_SECONDS_MAX)]


def _round_moved(name: str, state: str):  # type: ignore[no-untyped-def]
    return happens(
        name,
        family="jobs",
        key=ROUND_KEY,
        partition_by=("prediction_config_id",),
        lands=_round_moves(state),
        example=SLOT,
    )


@_round_moved("round.overdue.v1", "overdue")
class RoundOverdue(_RoundMoved):
    """No truth came in time: the round will not be scored, even if one comes later."""


@_round_moved("round.scored.v1", "scored")
class RoundScored(_RoundMoved):
    """Every prediction that counts has its final score."""


@_round_moved("round.expired.v1", "expired")
class RoundExpired(_RoundMoved):
    """Every prediction that counts is known to stay without a score."""
