"""What the competition domain keeps: models, what is asked of them, rounds, predictions, scores, boards, emissions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from schema.declare import domain_metadata, hot, implied, places

METADATA = domain_metadata("competition")

ROUND_KEY = ("prediction_config_id", "performed_at")
PREDICTION_KEY = (*ROUND_KEY, "model_id", "absent")
EMISSION_KEY = ("checkpoint_id", "period_start")
SCORE_COLUMNS = ("score_value", "score_success", "score_failed_reason", "score_scored_at")
SCORE_MAX = 1e6
"""Greatest size of a final score: to billionths it has the 15 digits that a double keeps."""

RAW_MAX = 1e101
"""Greatest size of a raw score: what lies between two figures of `scoring.FIGURE_MAX`, with room."""

MILLISECONDS_MAX = 1e12
"""Longest call: 31 years."""

LAG_SECONDS_MAX = 1e9
"""Longest time from the question to its truth: 31 years."""


def _moment(name: str, **more: Any) -> Column[Any]:
    return Column(name, DateTime(timezone=True), **more)


def _document(name: str, empty: str = "{}") -> Column[Any]:
    return Column(name, JSONB, nullable=False, server_default=text(f"'{empty}'"))


def _version(group: str) -> list[Column[Any]]:
    """The version of a group of columns that register events merge."""
    return [_moment(f"{group}_time"), Column(f"{group}_id", Uuid), Column(f"{group}_digest", LargeBinary)]


models = Table(
    "models",
    METADATA,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("deployment_identifier", String, nullable=False, comment="of the running version"),
    Column("player_id", String, nullable=False, server_default=text("'unknown-player'")),
    Column("player_name", String, nullable=False, server_default=text("'Unknown'")),
    _document("overall_score_jsonb"),
    _document("scores_by_scope_jsonb", "[]"),
    _document("meta_jsonb"),
    _moment("created_at", nullable=False, comment="first seen; rounds from then on expect its answer"),
    _moment("updated_at", nullable=False, comment="last event of its metadata"),
    Column("latest_id", Uuid),
    Column("latest_digest", LargeBinary),
    Column("active", Boolean, nullable=False, server_default=text("true"), comment="whether rounds expect its answer"),
    *_version("active"),
    Index("idx_models_player_id", "player_id"),
    info={"tallied": ("overall_score_jsonb", "scores_by_scope_jsonb")},
)

scheduled_prediction_configs = Table(
    "scheduled_prediction_configs",
    METADATA,
    Column("id", String, primary_key=True),
    Column("scope_key", String, nullable=False),
    _document("scope_template_jsonb"),
    _document("schedule_jsonb"),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("order", Integer, nullable=False, server_default=text("0")),
    _document("meta_jsonb"),
    _document("scoring_jsonb"),
    *_version("latest"),
    *_version("active"),
)

rounds = Table(
    "rounds",
    METADATA,
    Column("prediction_config_id", String, ForeignKey(scheduled_prediction_configs.c.id), nullable=False),
    _moment("performed_at", nullable=False, comment="the slot"),
    Column("scope_key", String, nullable=False),
    _document("scope_jsonb"),
    _document("scoring_jsonb"),
    _moment("closes_at", nullable=False, comment="answers count until then"),
    _moment("resolvable_at", nullable=False),
    _moment("expires_at", nullable=False, comment="without a truth until then it expires"),
    Column("replayed", Boolean, nullable=False, comment="closed by its publisher, not by the clock"),
    Column("status", String, nullable=False),
    PrimaryKeyConstraint(*ROUND_KEY),
    UniqueConstraint(*ROUND_KEY, "resolvable_at", "scope_key", info={"derived": True}),
    CheckConstraint(
        "performed_at <= closes_at AND performed_at <= resolvable_at AND resolvable_at <= expires_at", name="times"
    ),
    Index(
        "idx_rounds_unfinished",
        "resolvable_at",
        *ROUND_KEY,
        postgresql_where=text("status IN ('open', 'closed', 'overdue')"),
    ),
    info={"fact": True},
)

closings = Table(
    "closings",
    METADATA,
    Column("prediction_config_id", String, nullable=False),
    _moment("performed_at", nullable=False),
    _document("answered", "[]"),
    Column("absent", Integer, nullable=False, comment="models that were expected and did not answer"),
    _moment("closed_at", nullable=False),
    *places(),
    PrimaryKeyConstraint(*ROUND_KEY),
    ForeignKeyConstraint(ROUND_KEY, [rounds.c[name] for name in ROUND_KEY]),
)

truths = Table(
    "truths",
    METADATA,
    Column("prediction_config_id", String, nullable=False),
    _moment("performed_at", nullable=False),
    _document("truth_jsonb"),
    Column("lag_seconds", Double, nullable=False, comment="from resolvable_at to the observation"),
    _moment("published_at", nullable=False),
    *places(),
    CheckConstraint(f"lag_seconds BETWEEN 0 AND {LAG_SECONDS_MAX:.0f}", name="lag_seconds"),
    PrimaryKeyConstraint(*ROUND_KEY),
    ForeignKeyConstraint(ROUND_KEY, [rounds.c[name] for name in ROUND_KEY]),
)

predictions = Table(
    "predictions",
    METADATA,
    Column("id", String, primary_key=True),
    Column("model_id", String, nullable=False),
    Column("prediction_config_id", String, nullable=False),
    Column("scope_key", String, nullable=False),
    _document("scope_jsonb"),
    Column("status", String, nullable=False, comment="outcome of the call"),
    Column("exec_time_ms", Double, nullable=False, comment="milliseconds"),
    _document("inference_input_jsonb"),
    _document("inference_output_jsonb"),
    _document("meta_jsonb"),
    _moment("performed_at", nullable=False),
    _moment("resolvable_at", nullable=False),
    Column("score_value", Double, comment="final: more is better"),
    Column("score_success", Boolean),
    Column("score_failed_reason", String),
    _moment("score_scored_at"),
    Column("score_status", String, nullable=False, server_default=text("'PENDING'"), comment="life of the score"),
    Column("absent", Boolean, nullable=False, comment="the lack of an answer, beside which a late one may stand"),
    _moment("answered_at"),
    Column("digest", LargeBinary, comment="digest of the event's data; a judgement names it"),
    *places(),
    hot(["model_id"], models, ["id"]),
    implied(["prediction_config_id"], scheduled_prediction_configs, ["id"]),
    hot((*ROUND_KEY, "resolvable_at", "scope_key"), rounds, (*ROUND_KEY, "resolvable_at", "scope_key")),
    CheckConstraint("status IN ('SUCCESS', 'FAILED', 'TIMEOUT', 'ABSENT')", name="status"),
    CheckConstraint(f"exec_time_ms BETWEEN 0 AND {MILLISECONDS_MAX:.0f}", name="exec_time_ms"),
    CheckConstraint(f"score_value BETWEEN -{SCORE_MAX:.0f} AND {SCORE_MAX:.0f}", name="score_value"),
    CheckConstraint(
        "CASE WHEN score_status = 'PENDING' THEN num_nonnulls(score_value, score_success, score_failed_reason,"
        " score_scored_at) = 0 WHEN score_scored_at IS NULL THEN false"
        " WHEN score_success THEN score_value IS NOT NULL AND score_failed_reason IS NULL"
        " ELSE score_success IS NOT NULL AND coalesce(score_failed_reason, '') <> '' END",
        name="score",
    ),
    CheckConstraint("score_scored_at >= resolvable_at", name="score_scored_at"),
    CheckConstraint("absent = (status = 'ABSENT')", name="absent"),
    UniqueConstraint(*PREDICTION_KEY),
    Index("idx_predictions_model_id_scope_key", "model_id", "scope_key", "performed_at"),
    info={"identity": PREDICTION_KEY},
    postgresql_with={"fillfactor": 50},
)

judgements = Table(
    "judgements",
    METADATA,
    Column("prediction_id", String, nullable=False),
    Column("prediction_digest", LargeBinary, nullable=False, comment="digest of the prediction that was judged"),
    Column("value", Double, comment="raw, as its metric gives it; NULL: could not be judged"),
    Column("failed_reason", String),
    _moment("judged_at"),
    *places(),
    PrimaryKeyConstraint("prediction_id", "prediction_digest"),
    hot(["prediction_id"], predictions, ["id"]),
    CheckConstraint("(value IS NULL) = (failed_reason IS NOT NULL)", name="value"),
    CheckConstraint(f"value BETWEEN -{RAW_MAX!r} AND {RAW_MAX!r}", name="range"),
)

tallies = Table(
    "tallies",
    METADATA,
    Column("scope_key", String, nullable=False),
    _moment("hour", nullable=False, comment="its end: resolvable_at in (hour - 1 h, hour]"),
    Column("model_id", String, nullable=False),
    Column("n", Integer, nullable=False),
    Column("succeeded", Integer, nullable=False),
    Column("billionths", Numeric, nullable=False, comment="sum of the scores, each in billionths"),
    PrimaryKeyConstraint("scope_key", "hour", "model_id"),
    info={"derived": True},
    postgresql_with={"fillfactor": 50},
)

debuts = Table(
    "debuts",
    METADATA,
    Column("scope_key", String, nullable=False),
    Column("model_id", String, nullable=False),
    _moment("hour", nullable=False, comment="the first that tallies something"),
    PrimaryKeyConstraint("scope_key", "model_id"),
    info={"derived": True},
)

model_scores = Table(
    "model_scores",
    METADATA,
    Column("id", String, primary_key=True),
    Column("model_id", String, nullable=False),
    _document("score_payload_jsonb"),
    _moment("computed_at", nullable=False, comment="when the board that shows it was cut"),
    implied(["model_id"], models, ["id"]),
    Index("idx_model_scores_model_id_computed_at", "model_id", "computed_at"),
    Index("idx_model_scores_computed_at", "computed_at"),
    info={"derived": True},
)

leaderboards = Table(
    "leaderboards",
    METADATA,
    Column("id", String, primary_key=True),
    _moment("created_at", nullable=False),
    _document("entries_jsonb", "[]"),
    _document("meta_jsonb"),
    Column("board", String, nullable=False),
    *places(),
    Index("idx_leaderboards_board_created_at", "board", "created_at"),
)

checkpoints = Table(
    "checkpoints",
    METADATA,
    Column("id", String, primary_key=True),
    Column("checkpoint_kind", String, nullable=False),
    Column("interval_seconds", Integer, nullable=False),
    _moment("last_run_at", comment="as planned; where the next period starts"),
    _moment("next_run_at"),
    _document("meta_jsonb"),
    _moment("starts_at", nullable=False, comment="where the first period starts"),
    *_version("latest"),
    CheckConstraint("interval_seconds > 0", name="interval_seconds"),
    CheckConstraint(
        "right(checkpoint_kind, 8) <> 'emission'"
        " OR mod(interval_seconds, 3600) = 0 AND mod(extract(epoch FROM starts_at), 3600) = 0",
        name="whole_hours",
    ),
)

emission_checkpoints = Table(
    "emission_checkpoints",
    METADATA,
    Column("id", String, primary_key=True),
    Column("checkpoint_id", String, ForeignKey(checkpoints.c.id), nullable=False),
    _moment("emitted_at", nullable=False),
    _document("payload_jsonb"),
    _moment("period_start", nullable=False),
    _moment("period_end", nullable=False),
    _document("ranking_jsonb", "[]"),
    _document("prizes_jsonb", "[]"),
    Column("status", String, nullable=False, server_default=text("'PENDING'")),
    Column("tx_hash", String),
    *places(),
    CheckConstraint("period_start < period_end", name="period"),
    CheckConstraint("(status = 'PENDING') = (tx_hash IS NULL)", name="tx_hash"),
    UniqueConstraint(*EMISSION_KEY),
    info={"identity": EMISSION_KEY},
)

submissions = Table(
    "submissions",
    METADATA,
    Column("emission_id", String, ForeignKey(emission_checkpoints.c.id), primary_key=True),
    Column("tx_hash", String, nullable=False),
    _moment("submitted_at"),
    *places(),
)

confirmations = Table(
    "confirmations",
    METADATA,
    Column("emission_id", String, ForeignKey(submissions.c.emission_id), nullable=False),
    Column("status", String, nullable=False),
    Column("tx_hash", String, nullable=False, comment="that of the submission"),
    _moment("confirmed_at"),
    *places(),
    PrimaryKeyConstraint("emission_id", "status"),
    CheckConstraint("status IN ('CLAIMABLE', 'PAID')", name="status"),
)
