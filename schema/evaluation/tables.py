"""What the evaluation domain keeps: labelled rows, models, prompts, jobs, tasks, predictions and scores."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Sequence,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from schema.declare import domain_metadata, hot, implied, places
from schema.types import SECONDS_MAX, STEPS_MAX

METADATA = domain_metadata("evaluation")
PLAIN_SQL_IDS_FROM = 1_000_000_000
"""Ids that a plain INSERT draws from a sequence start here, above every range that the log grants."""

LABELS_CHARACTERS_MAX = 10_000
"""Longest declared label set: a board computes a figure for each label of it."""

JOB_KEY = ("model_id", "prompt_id", "dataset_id")
TASK_KEY = ("row_id", "model_id", "prompt_id")
ANSWER_KEY = ("model_id", "prompt_id", "row_id", "attempt")


def _serial(table: str, column: str, start: int = PLAIN_SQL_IDS_FROM) -> Column[int]:
    sequence = Sequence(f"{table}_{column}_seq", start=start, metadata=METADATA, data_type=Integer)
    return Column(column, Integer, sequence, server_default=sequence.next_value(), primary_key=True)


def _latest() -> list[Column[object]]:
    return [
        Column("latest_time", DateTime(timezone=True)),
        Column("latest_id", Uuid),
        Column("latest_digest", LargeBinary),
    ]


datasets = Table(
    "datasets",
    METADATA,
    _serial("datasets", "dataset_id"),
    Column("name", String, nullable=False),
    Column("description", Text),
    Column("labels", Text, comment="the label set, comma separated; NULL: three classes"),
    *_latest(),
    CheckConstraint(f"char_length(labels) <= {LABELS_CHARACTERS_MAX}", name="labels"),
)

dataset_versions = Table(
    "dataset_versions",
    METADATA,
    Column("dataset_id", Integer, ForeignKey(datasets.c.dataset_id), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("total_rows", Integer, nullable=False, comment="rows of the data set up to and with this version"),
    *places(),
    CheckConstraint("total_rows >= 0", name="total_rows"),
)

models = Table(
    "models",
    METADATA,
    _serial("models", "model_id"),
    Column("name", String, nullable=False),
    Column("source", String, nullable=False),
    Column("description", Text),
    Column("library", String, nullable=False, server_default=text("'unknown'")),
    *_latest(),
)

prompts = Table(
    "prompts",
    METADATA,
    _serial("prompts", "prompt_id"),
    Column("model_id", Integer, ForeignKey(models.c.model_id)),
    Column("text", Text, nullable=False),
    *places(),
)

rows = Table(
    "rows",
    METADATA,
    _serial("rows", "row_id"),
    Column("dataset_id", Integer, ForeignKey(datasets.c.dataset_id)),
    Column("content", Text, nullable=False),
    Column("expected_prediction", String, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1"), comment="data set version that brought it"),
    Column("truth_version", Integer, nullable=False, server_default=text("1"), comment="edition of the gold label"),
    *places(),
    CheckConstraint("dataset_id IS NOT NULL", name="dataset_id"),
    UniqueConstraint("row_id", "dataset_id", info={"derived": True}),
    Index("idx_rows_dataset_id_version", "dataset_id", "version"),
)

modelpromptstatus = Table(
    "modelpromptstatus",
    METADATA,
    Column("model_id", Integer, ForeignKey(models.c.model_id), nullable=False),
    Column("prompt_id", Integer, ForeignKey(prompts.c.prompt_id), nullable=False),
    Column("dataset_id", Integer, ForeignKey(datasets.c.dataset_id), nullable=False),
    Column("status", String, nullable=False, comment="shown: a function of event_status and the tallies"),
    Column("count", Integer, server_default=text("0"), comment="tasks with a final prediction"),
    Column("event_status", String, nullable=False, comment="what events said"),
    Column("epoch", Integer, nullable=False, server_default=text("1")),
    Column("submitted_epoch", Integer, nullable=False, server_default=text("1"), comment="of the frozen version"),
    Column("dataset_version", Integer, nullable=False),
    Column("total_rows", Integer, nullable=False, comment="rows of the frozen data set version"),
    Column("failed", Integer, nullable=False, server_default=text("0")),
    Column("attempts_max", Integer, nullable=False, server_default=text("3")),
    PrimaryKeyConstraint(*JOB_KEY),
    ForeignKeyConstraint(
        ["dataset_id", "dataset_version"], [dataset_versions.c.dataset_id, dataset_versions.c.version]
    ),
    CheckConstraint("status IN ('pending', 'running', 'done', 'stop', 'cancelled', 'failed')", name="status"),
    CheckConstraint("failed BETWEEN 0 AND count", name="tallies"),
    postgresql_with={"fillfactor": 50},
)

predictionstatus = Table(
    "predictionstatus",
    METADATA,
    Column("row_id", Integer, nullable=False),
    Column("model_id", Integer, nullable=False),
    Column("prompt_id", Integer, nullable=False),
    Column("dataset_id", Integer),
    Column("status", String, nullable=False, comment="shown: a function of event_status and the final prediction"),
    Column("in_progress_time", DateTime, comment="last heartbeat, UTC; NULL while pending"),
    Column("event_status", String, nullable=False, server_default=text("'pending'")),
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("worker", String),
    Column("claimed_at", DateTime(timezone=True)),
    Column("lease_until", DateTime(timezone=True)),
    Column("final_attempt", Integer, comment="attempt of the final prediction"),
    Column("final_status", String),
    Column("final_digest", LargeBinary, comment="digest of the final prediction"),
    Column("latency_bucket", SmallInteger),
    Column("truth_version", Integer, comment="edition of the gold label that the counted score names"),
    Column("gold", String, comment="gold label of the counted score"),
    Column("predicted", String, comment="label of the counted score"),
    PrimaryKeyConstraint(*TASK_KEY),
    implied(["row_id"], rows, ["row_id"]),
    implied(["model_id"], models, ["model_id"]),
    implied(["prompt_id"], prompts, ["prompt_id"]),
    implied(["dataset_id"], datasets, ["dataset_id"]),
    hot(JOB_KEY, modelpromptstatus, JOB_KEY),
    hot(["row_id", "dataset_id"], rows, ["row_id", "dataset_id"]),
    CheckConstraint("dataset_id IS NOT NULL", name="dataset_id"),
    CheckConstraint("status IN ('pending', 'in_progress', 'done', 'failed')", name="status"),
    CheckConstraint(
        "CASE event_status WHEN 'pending' THEN in_progress_time IS NULL"
        " WHEN 'in_progress' THEN in_progress_time IS NOT NULL ELSE true END",
        name="in_progress_time",
    ),
    UniqueConstraint(*JOB_KEY, "row_id", info={"derived": True}),
    info={"seeded": True},
    # A task grows by half when its final prediction comes: with less room its new version leaves the page.
    postgresql_with={"fillfactor": 40},
)

predictions = Table(
    "predictions",
    METADATA,
    _serial("predictions", "prediction_id", start=1),
    Column("row_id", Integer),
    Column("model_id", Integer),
    Column("prompt_id", Integer),
    Column("dataset_id", Integer),
    Column("prediction", String, nullable=False),
    Column("prediction_time", Double, nullable=False, comment="seconds"),
    Column("status", String, nullable=False),
    Column("formatted_prompt", Text),
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("retry", SmallInteger, nullable=False, server_default=text("0"), comment="1: failed, to be tried again"),
    Column("error_kind", String),
    Column("tokens", Integer),
    Column("cost", BigInteger, comment="millionths of the budget's currency"),
    Column("predicted_at", DateTime(timezone=True)),
    Column("digest", LargeBinary, comment="digest of the event's data; a score names it"),
    *places(),
    implied(["row_id"], rows, ["row_id"]),
    implied(["model_id"], models, ["model_id"]),
    implied(["prompt_id"], prompts, ["prompt_id"]),
    implied(["dataset_id"], datasets, ["dataset_id"]),
    hot((*TASK_KEY, "dataset_id"), predictionstatus, (*TASK_KEY, "dataset_id"), through=modelpromptstatus),
    UniqueConstraint(*ANSWER_KEY, info={"derived": True}),
    CheckConstraint("num_nulls(row_id, model_id, prompt_id, dataset_id) = 0", name="key"),
    CheckConstraint(f"prediction_time BETWEEN 0 AND {SECONDS_MAX:.0f}", name="prediction_time"),
    CheckConstraint("tokens >= 0 AND cost >= 0", name="spent"),
    CheckConstraint(f"attempt BETWEEN 1 AND {STEPS_MAX}", name="attempt"),
    CheckConstraint("status IN ('success', 'failed')", name="status"),
    info={"identity": ANSWER_KEY},
)

scores = Table(
    "scores",
    METADATA,
    Column("row_id", Integer, nullable=False),
    Column("model_id", Integer, nullable=False),
    Column("prompt_id", Integer, nullable=False),
    Column("dataset_id", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("prediction_digest", LargeBinary, nullable=False, comment="digest of the prediction that was judged"),
    Column("truth_version", Integer, nullable=False, comment="edition of the gold label it was judged by"),
    Column("gold", String, nullable=False),
    Column("predicted", String, nullable=False),
    Column("correct", SmallInteger, nullable=False),
    Column("scored_at", DateTime(timezone=True)),
    *places(),
    PrimaryKeyConstraint("model_id", "prompt_id", "row_id", "attempt", "truth_version", "prediction_digest"),
    hot(ANSWER_KEY, predictions, ANSWER_KEY, through=modelpromptstatus),
)

status_update_log = Table(
    "status_update_log",
    METADATA,
    _serial("status_update_log", "id", start=1),
    Column("model_id", Integer),
    Column("prompt_id", Integer),
    Column("dataset_id", Integer),
    Column("status", String),
    Column("updated_at", DateTime, server_default=text("timezone('UTC', now())")),
    Column("epoch", Integer, nullable=False, server_default=text("1")),
    UniqueConstraint(*JOB_KEY, "epoch", "status", info={"derived": True}),
    info={"identity": (*JOB_KEY, "epoch", "status")},
)

confusion = Table(
    "confusion",
    METADATA,
    *(Column(name, Integer, nullable=False) for name in JOB_KEY),
    Column("gold", String, nullable=False),
    Column("predicted", String, nullable=False),
    Column("n", BigInteger, nullable=False),
    PrimaryKeyConstraint(*JOB_KEY, "gold", "predicted"),
    ForeignKeyConstraint(JOB_KEY, [modelpromptstatus.c[name] for name in JOB_KEY], ondelete="CASCADE"),
    info={"derived": True},
    postgresql_with={"fillfactor": 50},
)

latency = Table(
    "latency",
    METADATA,
    *(Column(name, Integer, nullable=False) for name in JOB_KEY),
    Column("bucket", SmallInteger, nullable=False, comment="floor(8 * log2(microseconds)), 0 below one"),
    Column("n", BigInteger, nullable=False),
    PrimaryKeyConstraint(*JOB_KEY, "bucket"),
    ForeignKeyConstraint(JOB_KEY, [modelpromptstatus.c[name] for name in JOB_KEY], ondelete="CASCADE"),
    info={"derived": True},
    postgresql_with={"fillfactor": 50},
)
