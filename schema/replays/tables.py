"""What the replays domain keeps: users, jobs and their links, scraped pages, teams, games and deck types."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
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
from schema.types import SECONDS_MAX, STEPS_MAX

METADATA = domain_metadata("replays")

JOB_TYPE = Enum("INDIVIDUAL", "GFWL", name="job_type", metadata=METADATA)
STATUS = Enum("PENDING", "RUNNING", "COMPLETED", "FAILED", "CANCELLED", name="status", metadata=METADATA)

UNIT_STATES = "'queued', 'scraped', 'cached', 'failed', 'dropped'"


def _moment(name: str, comment: str | None = None, nullable: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable, comment=comment)


def _row() -> list[Column[object]]:
    """What every model of the seed has."""
    now = text("clock_timestamp()")
    return [
        Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
        *(Column(name, DateTime(timezone=True), nullable=False, server_default=now) for name in _STAMPS),
    ]


_STAMPS = ("created_at", "updated_at")


def _tally(name: str, comment: str) -> Column[object]:
    return Column(name, Integer, nullable=False, server_default=text("0"), comment=comment)


users = Table(
    "users",
    METADATA,
    *_row(),
    Column("clerk_user_id", String, nullable=False, unique=True, comment="given by the identity provider"),
    *places(),
    info={"identity": ("clerk_user_id",)},
)

jobs = Table(
    "jobs",
    METADATA,
    *_row(),
    Column("user_id", Uuid, ForeignKey(users.c.id), nullable=False, index=True),
    Column("job_type", JOB_TYPE, nullable=False),
    Column("status", STATUS, nullable=False, server_default=text("'PENDING'"), comment="shown: see triggers.sql"),
    Column("urls", JSONB, nullable=False, comment="links as submitted"),
    Column("team_data", JSONB, comment='{"teams": [{"team": ..., "matches": [{"urls": [...]}]}]}'),
    Column("total_urls", Integer, nullable=False, comment="distinct canonical links"),
    _tally("processed_urls", "links with an outcome"),
    Column("error_message", String),
    Column("shareable_id", Uuid, nullable=False, server_default=text("gen_random_uuid()")),
    Column("is_public", Boolean, nullable=False, server_default=text("false"), comment="shown: wanted and COMPLETED"),
    _moment("started_at"),
    _moment("completed_at"),
    Column("event_status", String, nullable=False, server_default=text("'PENDING'"), comment="what events said"),
    _moment("event_at", "since when they say so"),
    Column("wants_public", Boolean, nullable=False, server_default=text("false"), comment="the latest wish"),
    _moment("latest_time"),
    Column("latest_id", Uuid),
    Column("latest_digest", LargeBinary),
    _tally("failed_urls", "links that could not be scraped"),
    _tally("cached_urls", "links that had been scraped before the job was submitted"),
    Column("total_teams", Integer, nullable=False, comment="teams in team_data"),
    _tally("discovered_teams", "teams whose players were discovered"),
    _tally("confirmed_teams", "teams whose players were confirmed"),
    Column("phase", String, comment="step of a job that is RUNNING"),
    *places(),
    UniqueConstraint("shareable_id", info={"derived": True}),
    CheckConstraint("total_urls >= 1 AND processed_urls BETWEEN 0 AND total_urls", name="progress"),
    CheckConstraint(
        "failed_urls >= 0 AND cached_urls >= 0 AND failed_urls + cached_urls <= processed_urls", name="outcomes"
    ),
    CheckConstraint("confirmed_teams BETWEEN 0 AND discovered_teams AND discovered_teams <= total_teams", name="teams"),
    CheckConstraint("(job_type = 'GFWL') = (team_data IS NOT NULL)", name="team_data"),
    CheckConstraint("job_type = 'GFWL' OR total_urls <= 12", name="urls"),
    CheckConstraint("status <> 'RUNNING' OR started_at IS NOT NULL", name="started_at"),
    CheckConstraint("status <> 'FAILED' OR error_message IS NOT NULL", name="error_message"),
    CheckConstraint(
        "(status IN ('COMPLETED', 'FAILED', 'CANCELLED')) = (completed_at IS NOT NULL)", name="completed_at"
    ),
    CheckConstraint(
        "completed_at >= started_at AND started_at >= created_at AND completed_at >= created_at", name="times"
    ),
    CheckConstraint("updated_at >= created_at", name="updated_at"),
    CheckConstraint("NOT is_public OR status = 'COMPLETED'", name="is_public"),
    CheckConstraint(
        "(phase IS NOT NULL) = (status = 'RUNNING')"
        " AND phase IN ('scraping', 'discovering', 'awaiting_confirmation', 'analysing')",
        name="phase",
    ),
    Index("idx_jobs_user_id_status", "user_id", "status"),
    Index("idx_jobs_status_created_at", "status", "created_at"),
    Index("idx_jobs_user_id_job_type", "user_id", "job_type"),
    Index("idx_jobs_public", "id", postgresql_where=text("is_public")),
    info={
        "tallied": (
            "total_urls", "processed_urls", "failed_urls", "cached_urls", "total_teams", "discovered_teams",
            "confirmed_teams", "started_at", "completed_at", "phase",
        ),
        "shown": ("status", "is_public"),
    },
    postgresql_with={"fillfactor": 50},
)  # fmt: skip

scraped_data = Table(
    "scraped_data",
    METADATA,
    *_row(),
    Column("url", String, nullable=False, unique=True, comment="canonical link"),
    Column("s3_key", String, nullable=False),
    Column("epoch", Integer, nullable=False, server_default=text("1")),
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("seconds", Double, comment="how long the scrape took"),
    *places(),
    CheckConstraint(f"seconds BETWEEN 0 AND {SECONDS_MAX:.0f}", name="seconds"),
    info={"identity": ("url",)},
)

scrapes = Table(
    "scrapes",
    METADATA,
    Column("url", String, primary_key=True, comment="canonical link that some job wants"),
    Column("status", String, nullable=False, comment="shown: scraped, or what events said"),
    Column("event_status", String, nullable=False, server_default=text("'queued'")),
    Column("epoch", Integer, nullable=False, server_default=text("1"), comment="a retry by choice opens the next"),
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("worker", String),
    _moment("claimed_at"),
    _moment("lease_until"),
    Column("error_kind", String, comment="of the last attempt that failed"),
    Column("error", String),
    CheckConstraint("status IN ('queued', 'scraping', 'scraped', 'failed')", name="status"),
    CheckConstraint(f"epoch BETWEEN 1 AND {STEPS_MAX} AND attempt BETWEEN 1 AND {STEPS_MAX}", name="steps"),
    Index("idx_scrapes_status", "status", "lease_until"),
    info={"seeded": True, "tallied": ("status",)},
    postgresql_with={"fillfactor": 50},
)

# Their rows are made by those of jobs.
scrapes.add_is_dependent_on(jobs)

scrape_failures = Table(
    "scrape_failures",
    METADATA,
    Column("url", String, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("attempt", Integer, nullable=False, comment="the last of the epoch"),
    Column("error_kind", String, nullable=False),
    Column("error", String, nullable=False),
    _moment("failed_at", nullable=False),
    *places(),
    PrimaryKeyConstraint("url", "epoch"),
)

job_urls = Table(
    "job_urls",
    METADATA,
    Column("job_id", Uuid, ForeignKey(jobs.c.id, ondelete="CASCADE"), nullable=False),
    Column("url", String, nullable=False),
    Column("status", String, nullable=False),
    _moment("finished_at", "when its outcome was there"),
    PrimaryKeyConstraint("job_id", "url"),
    CheckConstraint(f"status IN ({UNIT_STATES})", name="status"),
    CheckConstraint("(finished_at IS NOT NULL) = (status IN ('scraped', 'cached', 'failed'))", name="finished_at"),
    Index("idx_job_urls_url", "url"),
    info={"derived": True},
    postgresql_with={"fillfactor": 70},
)

gfwl_team_submissions = Table(
    "gfwl_team_submissions",
    METADATA,
    *_row(),
    Column("job_id", Uuid, ForeignKey(jobs.c.id), nullable=False, index=True),
    Column("team_name", String, nullable=False),
    Column("discovered_players", JSONB, nullable=False, server_default=text("'[]'")),
    Column("confirmed_players", JSONB),
    Column("confirmation_status", String, nullable=False, server_default=text("'pending'")),
    Column("revision", Integer, nullable=False, server_default=text("0"), comment="of discovered_players"),
    Column("confirmed_revision", Integer, comment="what was confirmed is a part of this one"),
    UniqueConstraint("job_id", "team_name", info={"derived": True}),
    CheckConstraint("char_length(team_name) BETWEEN 1 AND 255", name="team_name"),
    CheckConstraint("(confirmation_status = 'confirmed') = (confirmed_players IS NOT NULL)", name="confirmed_players"),
    CheckConstraint("updated_at >= created_at", name="updated_at"),
    Index("idx_gfwl_team_submissions_job_id_confirmation_status", "job_id", "confirmation_status"),
    info={"identity": ("job_id", "team_name"), "tallied": ("revision",)},
)

discoveries = Table(
    "discoveries",
    METADATA,
    Column("job_id", Uuid, nullable=False),
    Column("team_name", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("players", JSONB, nullable=False, comment="everybody discovered so far"),
    _moment("discovered_at"),
    *places(),
    PrimaryKeyConstraint("job_id", "team_name", "revision"),
    ForeignKeyConstraint(
        ["job_id", "team_name"], [gfwl_team_submissions.c.job_id, gfwl_team_submissions.c.team_name], ondelete="CASCADE"
    ),
)

confirmations = Table(
    "confirmations",
    METADATA,
    Column("job_id", Uuid, nullable=False),
    Column("team_name", String, nullable=False),
    Column("revision", Integer, nullable=False, comment="the discovery that was chosen from"),
    Column("players", JSONB, nullable=False, comment="in order, so that equal sets are equal"),
    _moment("confirmed_at"),
    *places(),
    PrimaryKeyConstraint("job_id", "team_name"),
    ForeignKeyConstraint(
        ["job_id", "team_name", "revision"],
        [discoveries.c.job_id, discoveries.c.team_name, discoveries.c.revision],
        ondelete="CASCADE",
    ),
)

replays = Table(
    "replays",
    METADATA,
    Column("url", String, ForeignKey(scraped_data.c.url), primary_key=True),
    Column("parser_version", Integer, nullable=False, comment="games of another one do not count"),
    _moment("played_at", nullable=False),
    Column("player1", String, nullable=False),
    Column("player2", String, nullable=False),
    Column("games", SmallInteger, nullable=False),
    Column("content_hash", String, nullable=False, comment="sha256 of the raw JSON, hex"),
    CheckConstraint("games >= 0", name="games"),
)

games = Table(
    "games",
    METADATA,
    Column("url", String, nullable=False),
    Column("parser_version", Integer, nullable=False),
    Column("game", SmallInteger, nullable=False, comment="number within the match, from 1"),
    Column("first", SmallInteger, comment="1 or 2: who went first; NULL: not known"),
    Column("winner", SmallInteger, comment="1 or 2; NULL: a draw, or unfinished"),
    Column("unfinished", Boolean, nullable=False, server_default=text("false")),
    *places(),
    PrimaryKeyConstraint("url", "parser_version", "game"),
    hot(["url"], replays, ["url"]),
    CheckConstraint("game >= 1 AND first IN (1, 2) AND winner IN (1, 2)", name="game"),
    CheckConstraint("NOT unfinished OR winner IS NULL", name="unfinished"),
)

decks = Table(
    "decks",
    METADATA,
    Column("url", String, nullable=False),
    Column("parser_version", Integer, nullable=False),
    Column("game", SmallInteger, nullable=False),
    Column("player", SmallInteger, nullable=False, comment="1 or 2"),
    Column("model_version", Integer, nullable=False, comment="of the deck classifier; the greatest counts"),
    Column("deck", Text, comment="deck type; NULL: no card was seen"),
    Column("confidence", Double),
    Column("cards", JSONB, nullable=False, comment="card -> copies seen"),
    *places(),
    PrimaryKeyConstraint("url", "parser_version", "game", "player", "model_version"),
    hot(["url"], replays, ["url"]),
    CheckConstraint("player IN (1, 2)", name="player"),
    CheckConstraint("confidence BETWEEN 0 AND 1 AND (deck IS NULL) = (confidence IS NULL)", name="confidence"),
)
