"""What can happen in the competition domain; each event lies beside where it lands and how it merges."""

from __future__ import annotations

from typing import Any

import msgspec

from schema.competition import tables
from schema.competition.catalog import (
    CheckpointDeclared,
    ConfigActivated,
    ConfigDeactivated,
    ConfigDeclared,
    ModelDescribed,
    ModelRegistered,
    ModelReturned,
    ModelWithdrawn,
)
from schema.competition.emissions import (
    EMISSION,
    CheckpointReached,
    EmissionClaimable,
    EmissionMade,
    EmissionPaid,
    EmissionSubmitted,
)
from schema.competition.predictions import (
    SCORE,
    PredictionAbsent,
    PredictionExpired,
    PredictionJudged,
    PredictionRecorded,
    PredictionScored,
)
from schema.competition.rounds import (
    ROUND,
    RoundClosed,
    RoundExpired,
    RoundOpened,
    RoundOverdue,
    RoundScored,
    TruthPublished,
)
from schema.declare import Once
from schema.ledger import snapshot_published
from schema.parts import part_published

LIFECYCLES = (ROUND, SCORE, EMISSION)


def _board_id(data: Any) -> str:
    return f"LBR_{data.snapshot}"


def _proof(data: Any) -> dict[str, Any]:
    return {
        "generated_by": "podium/rank",
        "as_of": data.as_of,
        "cut": data.cut,
        "rule": data.rule,
        "digest": data.digest,
    }


SnapshotPublished = snapshot_published(
    "competition.windows.all",
    lands=(
        Once(
            tables.leaderboards,
            omit=("snapshot", "as_of", "cut_at", "cut", "rule", "digest", "entries", "parts"),
            renamed={"created_at": "cut_at"},
            derived={
                "id": _board_id,
                "entries_jsonb": lambda data: msgspec.json.decode(data.entries or "[]"),
                "meta_jsonb": _proof,
            },
        ),
    ),
)

PartPublished = part_published(
    "competition.windows.all",
    lands=(
        # A row each: every model is in one of them, and the board's own row lists none.
        Once(
            tables.leaderboards,
            omit=("snapshot", "part", "cut_at", "entries_count", "entries"),
            renamed={"created_at": "cut_at"},
            derived={
                "id": lambda data: f"{_board_id(data)}_{data.part:05}",
                "entries_jsonb": lambda data: msgspec.json.decode(data.entries),
                "meta_jsonb": lambda data: {"generated_by": "podium/rank", "part": data.part},
            },
        ),
    ),
)

EVENTS = (
    ModelRegistered, ModelDescribed, ModelWithdrawn, ModelReturned, ConfigDeclared, ConfigDeactivated, ConfigActivated,
    CheckpointDeclared, RoundOpened, RoundClosed, TruthPublished, RoundOverdue, RoundScored, RoundExpired,
    CheckpointReached, EmissionMade, EmissionSubmitted, EmissionClaimable, EmissionPaid, PredictionRecorded,
    PredictionAbsent, PredictionJudged, PredictionScored, PredictionExpired, SnapshotPublished, PartPublished,
)  # fmt: skip
