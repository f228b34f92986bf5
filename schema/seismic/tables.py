"""What the seismic domain keeps: accounts, data sets with their uploads, models, jobs, results and measurements."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
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
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from schema.declare import domain_metadata, hot, places
from schema.quoting import literal
from schema.seismic.ranges import BYTES_MAX, FIGURE_MAX, HERTZ_MAX, HERTZ_MIN, SECONDS_MAX
from schema.types import EMAIL

METADATA = domain_metadata("seismic")
RUN = ("job_id", "attempt")
"""One try at a job."""

MEASURED = (*RUN, "metric", "definition")
LEASE_SECONDS = 900

_NEW_ID = text("gen_random_uuid()")
_NOW = text("clock_timestamp()")


def _id() -> Column[object]:
    return Column("id", Uuid, primary_key=True, server_default=_NEW_ID)


def _time(name: str = "created_at", **more: object) -> Column[object]:
    return Column(name, DateTime(timezone=True), **more)  # type: ignore[arg-type]


users = Table(
    "users",
    METADATA,
    _id(),
    Column("email", String(255), nullable=False),
    Column("password_hash", String(255), comment="secret: never in an event, a log line, an export or the API"),
    Column("role", String(50), nullable=False, server_default=text("'user'")),
    _time(server_default=_NOW),
    _time("updated_at", server_default=_NOW, comment="of the newest event; by hand, of a change that events could say"),
    _time("latest_time"),
    Column("latest_id", Uuid),
    Column("latest_digest", LargeBinary),
    UniqueConstraint("email"),
    CheckConstraint("role IN ('user', 'admin')", name="role"),
    CheckConstraint(f"email ~ {literal(EMAIL)}", name="email"),
    info={"identity": ("email",)},
)

models = Table(
    "models",
    METADATA,
    _id(),
    Column("name", String(255), nullable=False),
    Column("version", String(50), nullable=False),
    Column("architecture", String(100), nullable=False),
    Column("type", String(50), nullable=False),
    Column("storage_path", String(500)),
    Column("config", JSONB, nullable=False, server_default=text("'{}'")),
    Column("metrics", JSONB, nullable=False, server_default=text("'{}'"), comment="aggregate of its final results"),
    _time(server_default=_NOW),
    Column("stage", String(50), nullable=False, server_default=text("'registered'")),
    *places(),
    UniqueConstraint("name", "version"),
    CheckConstraint("type IN ('reconstruction', 'denoising')", name="type"),
    info={"identity": ("name", "version"), "tallied": ("metrics",)},
)

definitions = Table(
    "definitions",
    METADATA,
    Column("metric", String(50), nullable=False),
    Column("definition", Integer, nullable=False, comment="version of the formula: figures of two never mix"),
    Column("unit", String(50), nullable=False),
    Column("direction", String(4), nullable=False),
    Column("formula", Text, nullable=False),
    Column("source", Text),
    *places(),
    PrimaryKeyConstraint("metric", "definition"),
    CheckConstraint("direction IN ('up', 'down')", name="direction"),
)

datasets = Table(
    "datasets",
    METADATA,
    _id(),
    Column("user_id", Uuid, ForeignKey(users.c.id), nullable=False),
    Column("name", String(255), nullable=False),
    Column("format", String(50), nullable=False),
    Column("traces", Integer),
    Column("samples", Integer, comment="of each trace"),
    Column("sample_rate", Double, comment="Hz"),
    Column("size_bytes", BigInteger),
    Column(
        "status", String(50), nullable=False, server_default=text("'uploading'"), comment="shown: see show_datasets"
    ),
    Column("storage_path", String(500)),
    Column("metadata", JSONB),
    _time(server_default=_NOW),
    Column("event_status", String(50), nullable=False, comment="what events said of the upload"),
    Column("attempt", Integer, nullable=False, server_default=text("1"), comment="at the upload"),
    Column("sample_bytes", SmallInteger, comment="of one sample in the file"),
    Column("extended_headers", Integer, comment="of 3200 bytes, SEG-Y"),
    Column("error_message", Text),
    Column("job_id", Uuid, comment="of the job whose output this is; such a row follows the job"),
    Index("idx_datasets_user", "user_id"),
    Index("idx_datasets_job", "job_id", unique=True, postgresql_where=text("job_id IS NOT NULL")),
    CheckConstraint("format IN ('segy', 'miniseed', 'sac', 'seg2', 'gcf', 'npy')", name="format"),
    CheckConstraint("status IN ('uploading', 'processing', 'ready', 'error')", name="shown"),
    CheckConstraint(f"sample_rate BETWEEN {HERTZ_MIN} AND {HERTZ_MAX} AND size_bytes <= {BYTES_MAX}", name="measures"),
    CheckConstraint(
        "status <> 'ready' OR (traces > 0 AND samples > 0 AND sample_rate > 0 AND size_bytes > 0) IS TRUE", name="ready"
    ),
    postgresql_with={"fillfactor": 70},
)

uploads = Table(
    "uploads",
    METADATA,
    Column("dataset_id", Uuid, ForeignKey(datasets.c.id, ondelete="CASCADE"), nullable=False),
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("size_bytes", BigInteger, nullable=False, comment="announced"),
    Column("part_bytes", Integer, nullable=False, comment="of every part but the last"),
    Column("sha256", String(64), comment="of the whole, announced"),
    Column("started_at", DateTime(timezone=True)),
    Column("stored_parts", Integer, nullable=False, server_default=text("0")),
    Column("stored_bytes", BigInteger, nullable=False, server_default=text("0")),
    Column("odd_parts", Integer, nullable=False, server_default=text("0"), comment="surplus or of the wrong size"),
    *places(),
    PrimaryKeyConstraint("dataset_id", "attempt"),
    CheckConstraint(f"size_bytes BETWEEN 1 AND {BYTES_MAX} AND part_bytes > 0", name="sizes"),
    info={"tallied": ("stored_parts", "stored_bytes", "odd_parts")},
    postgresql_with={"fillfactor": 70},
)

parts = Table(
    "parts",
    METADATA,
    Column("dataset_id", Uuid, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("part", Integer, nullable=False, comment="index, from 0"),
    Column("bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    _time("stored_at"),
    *places(),
    PrimaryKeyConstraint("dataset_id", "attempt", "part"),
    ForeignKeyConstraint(["dataset_id", "attempt"], [uploads.c.dataset_id, uploads.c.attempt], ondelete="CASCADE"),
    CheckConstraint("part >= 0 AND bytes > 0", name="part"),
)

jobs = Table(
    "jobs",
    METADATA,
    _id(),
    Column("user_id", Uuid, ForeignKey(users.c.id), nullable=False),
    Column("dataset_id", Uuid, ForeignKey(datasets.c.id, ondelete="RESTRICT"), nullable=False),
    Column("model_id", Uuid, ForeignKey(models.c.id, ondelete="RESTRICT"), comment="every filter is a model, too"),
    Column("type", String(50), nullable=False),
    Column("status", String(50), nullable=False, server_default=text("'pending'"), comment="shown: see show_job"),
    Column("progress", Integer, nullable=False, server_default=text("0"), comment="shown: 100 once completed"),
    Column("parameters", JSONB, nullable=False, server_default=text("'{}'")),
    Column("error_message", Text),
    _time("started_at", comment="of the present attempt; shown once the input is ready"),
    _time("completed_at", comment="when it ended, whichever way"),
    _time(server_default=_NOW),
    Column("event_status", String(50), nullable=False, comment="what events said"),
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("worker", String(255)),
    _time("began_at", comment="what the first start of the newest attempt said, as the worker"),
    Column("began_attempt", Integer, comment="the newest that anybody began"),
    _time("seen_at", comment="of the last sign of life"),
    Column("reported_attempt", Integer, comment="whose progress the percent is"),
    Column("percent", Integer, comment="what workers reported"),
    Column("lease_seconds", Integer, nullable=False, server_default=text(str(LEASE_SECONDS))),
    Column("output_dataset_id", Uuid, nullable=False, server_default=_NEW_ID),
    Column("input_ready", Boolean, nullable=False, server_default=text("false"), comment="and the owner's own"),
    Column("has_result", Boolean, nullable=False, server_default=text("false"), comment="of the present attempt"),
    Index("idx_jobs_user", "user_id"),
    Index("idx_jobs_status", "status"),
    Index("idx_jobs_created", "created_at"),
    Index("idx_jobs_dataset", "dataset_id"),
    Index("idx_jobs_model", "model_id"),
    CheckConstraint("type IN ('reconstruction', 'denoising')", name="type"),
    CheckConstraint("status IN ('pending', 'running', 'completed', 'failed', 'cancelled')", name="shown"),
    CheckConstraint("progress BETWEEN 0 AND 100 AND (progress = 100) = (status = 'completed')", name="progress"),
    CheckConstraint("percent BETWEEN 0 AND 99", name="percent"),
    CheckConstraint("status <> 'pending' OR started_at IS NULL", name="started_at"),
    CheckConstraint(
        "(completed_at IS NOT NULL) = (event_status IN ('completed', 'failed', 'cancelled'))", name="completed_at"
    ),
    CheckConstraint("event_status <> 'failed' OR error_message IS NOT NULL", name="error_message"),
    CheckConstraint("output_dataset_id <> dataset_id", name="output_dataset_id"),
    info={"tallied": ("input_ready", "has_result")},
    postgresql_with={"fillfactor": 50},
)

results = Table(
    "results",
    METADATA,
    _id(),
    Column("job_id", Uuid, ForeignKey(jobs.c.id), nullable=False),
    Column("output_dataset_id", Uuid, ForeignKey(datasets.c.id), nullable=False),
    Column("metrics", JSONB, nullable=False, server_default=text("'{}'")),
    Column("storage_path", String(500)),
    _time(server_default=_NOW),
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("traces", Integer, comment="of the output, as the next columns; NULL: as the input"),
    Column("samples", Integer),
    Column("sample_rate", Double),
    Column("size_bytes", BigInteger),
    *places(),
    UniqueConstraint("job_id", "attempt"),
    CheckConstraint(
        f"traces > 0 AND samples > 0 AND sample_rate BETWEEN {HERTZ_MIN} AND {HERTZ_MAX}"
        f" AND size_bytes BETWEEN 1 AND {BYTES_MAX}",
        name="output",
    ),
    Index("idx_results_output", "output_dataset_id"),
    info={"identity": RUN},
)

denoised = Table(
    "denoised",
    METADATA,
    Column("job_id", Uuid, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("trace", Integer, nullable=False, comment="index, from 0"),
    Column("reference", String(500), nullable=False, comment="where the output trace lies"),
    Column("seconds", Double, nullable=False, comment="that the model took for it"),
    _time("denoised_at"),
    *places(),
    PrimaryKeyConstraint(*RUN, "trace"),
    hot(["job_id"], jobs, ["id"]),
    CheckConstraint(f"trace >= 0 AND seconds BETWEEN 0 AND {SECONDS_MAX}", name="seconds"),
)

measurements = Table(
    "measurements",
    METADATA,
    Column("job_id", Uuid, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("trace", Integer, nullable=False, comment="index of the trace or gather, from 0"),
    Column("metric", String(50), nullable=False),
    Column("definition", Integer, nullable=False),
    Column("value", Double, comment="NULL: the flag says why"),
    Column("flag", String(10), comment="perfect: no noise is left; undefined: the formula has no value"),
    Column("n", Integer, nullable=False, comment="samples"),
    _time("measured_at"),
    *places(),
    PrimaryKeyConstraint(*MEASURED, "trace"),
    hot(["job_id"], jobs, ["id"]),
    hot(["metric", "definition"], definitions, ["metric", "definition"]),
    CheckConstraint("num_nonnulls(value, flag) = 1 AND flag IN ('perfect', 'undefined')", name="flag"),
    CheckConstraint(f"value BETWEEN {-FIGURE_MAX} AND {FIGURE_MAX}", name="finite"),
    CheckConstraint("trace >= 0 AND n > 0", name="n"),
    CheckConstraint(
        "CASE WHEN metric IN ('mse', 'rmse', 'mae') THEN value >= 0"
        " WHEN metric IN ('ssim', 'freq_correlation') THEN value BETWEEN -1 AND 1"
        " WHEN metric = 'phase_coherence' THEN value BETWEEN 0 AND 1 ELSE true END",
        name="range",
    ),
)

summaries = Table(
    "summaries",
    METADATA,
    Column("job_id", Uuid, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("metric", String(50), nullable=False),
    Column("definition", Integer, nullable=False),
    Column("n", BigInteger, nullable=False, comment="finite values"),
    Column("perfect", BigInteger, nullable=False),
    Column("undefined", BigInteger, nullable=False),
    Column("total", Numeric, nullable=False, comment="sum of the values"),
    Column("squares", Numeric, nullable=False, comment="sum of their squares"),
    PrimaryKeyConstraint(*MEASURED),
    ForeignKeyConstraint(["job_id"], [jobs.c.id], ondelete="CASCADE"),
    info={"derived": True},
    postgresql_with={"fillfactor": 50},
)

spread = Table(
    "spread",
    METADATA,
    Column("job_id", Uuid, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("metric", String(50), nullable=False),
    Column("definition", Integer, nullable=False),
    Column("near", Numeric, nullable=False, comment="the values, rounded"),
    Column("n", BigInteger, nullable=False),
    PrimaryKeyConstraint(*MEASURED, "near"),
    ForeignKeyConstraint(["job_id"], [jobs.c.id], ondelete="CASCADE"),
    info={"derived": True},
    postgresql_with={"fillfactor": 50},
)

timings = Table(
    "timings",
    METADATA,
    Column("job_id", Uuid, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("n", BigInteger, nullable=False, comment="traces"),
    Column("seconds", Numeric, nullable=False),
    PrimaryKeyConstraint(*RUN),
    ForeignKeyConstraint(["job_id"], [jobs.c.id], ondelete="CASCADE"),
    info={"derived": True},
    postgresql_with={"fillfactor": 50},
)
