"""What the chess domain keeps of people, tokens, networks, runs and books, and the legacy training tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from schema.chess.ranges import ELO_MAX
from schema.declare import domain_metadata, places

METADATA = domain_metadata("chess")

PLAIN_SQL_IDS_FROM = 10**15
"""Ids that a plain INSERT draws start here: above every range that the log grants, below every derived id."""

SHA256 = "~ '^[0-9a-f]{64}$'"


def serial(table: str) -> Column[int]:
    """A BIGSERIAL key in the seed's sense, named `id`."""
    sequence = Sequence(f"{table}_id_seq", start=PLAIN_SQL_IDS_FROM, metadata=METADATA, data_type=BigInteger)
    return Column("id", BigInteger, sequence, server_default=sequence.next_value(), primary_key=True)


def stamped() -> list[Column[Any]]:
    """When a row came to be and when it last changed: times of events or, by hand, the clock's."""
    return [
        Column(name, DateTime(timezone=True), nullable=False, server_default=text("now()"))
        for name in ("created_at", "updated_at")
    ]


def latest() -> list[Column[Any]]:
    """The version of a register."""
    return [
        Column("latest_time", DateTime(timezone=True)),
        Column("latest_id", Uuid),
        Column("latest_digest", LargeBinary),
    ]


def happened(name: str) -> Column[Any]:
    """A time of an event, or the clock's by hand."""
    return Column(name, DateTime(timezone=True), server_default=text("now()"))


users = Table(
    "users",
    METADATA,
    serial("users"),
    Column("username", Text),
    Column("password", Text, comment="secret: never in an event"),
    Column("assigned_training_run_id", BigInteger),
    *places(),
)

clients = Table(
    "clients",
    METADATA,
    serial("clients"),
    Column("user_id", BigInteger, ForeignKey(users.c.id)),
    Column("client_name", Text),
    Column("last_version", BigInteger),
    Column("last_engine_version", Text),
    Column("last_game_at", DateTime(timezone=True)),
    Column("gpu_name", Text),
    *places(),
)

networks = Table(
    "networks",
    METADATA,
    serial("networks"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("training_run_id", BigInteger),
    Column("network_number", BigInteger, comment="within the run"),
    Column("sha", Text, comment="SHA-256 of the uncompressed weights, hex"),
    Column("path", Text),
    Column("layers", Integer),
    Column("filters", Integer),
    Column("games_played", Integer, server_default=text("0"), comment="training games recorded: derived"),
    Column("elo", Double),
    Column("anchor", Boolean, server_default=text("false"), comment="its rating never changes"),
    Column("elo_set", Boolean, server_default=text("false"), comment="the rating comes from the offline rating job"),
    Column("uploaded_by", Text, comment="developer, where it did not come from training"),
    *latest(),
    *places(),
    CheckConstraint(f"sha {SHA256}", name="sha"),
    CheckConstraint("num_nulls(elo) = 0 OR NOT (elo_set OR anchor)", name="elo"),
    CheckConstraint(f"abs(elo) <= {ELO_MAX}", name="elo_range"),
    Index("idx_networks_sha", "sha"),
    Index("idx_networks_training_run_id", "training_run_id", "network_number"),
    info={"tallied": ("games_played",)},
)

network_marks = Table(
    "network_marks",
    METADATA,
    Column("network_id", BigInteger, ForeignKey(networks.c.id), nullable=False),
    Column("kind", Text, nullable=False),
    Column("marked", Boolean, nullable=False, comment="false: taken back"),
    Column("set_by", Text, nullable=False),
    happened("set_at"),
    *latest(),
    PrimaryKeyConstraint("network_id", "kind"),
    CheckConstraint("kind IN ('RELEASE', 'DEV_UPLOAD', 'APPROVED')", name="kind"),
)

training_runs = Table(
    "training_runs",
    METADATA,
    serial("training_runs"),
    Column("best_network_id", BigInteger, ForeignKey(networks.c.id), comment="the first, then as promoted: derived"),
    Column("description", Text),
    Column("train_parameters", Text),
    Column("match_parameters", Text),
    Column("train_book", Text),
    Column("match_book", Text),
    Column("active", Boolean),
    Column("last_network", BigInteger, comment="greatest network number: derived"),
    Column("last_game", BigInteger, comment="greatest game number: derived"),
    Column("permission_expr", Text),
    Column("multi_net_mode", Boolean),
    Column("first_network_id", BigInteger, ForeignKey(networks.c.id), comment="best before any promotion"),
    *latest(),
    info={"tallied": ("best_network_id", "last_network", "last_game")},
)

matches = Table(
    "matches",
    METADATA,
    serial("matches"),
    Column("training_run_id", BigInteger),
    Column("parameters", Text),
    Column("candidate_id", BigInteger, ForeignKey(networks.c.id)),
    Column("current_best_id", BigInteger, ForeignKey(networks.c.id)),
    Column("games_created", Integer),
    Column("wins", Integer),
    Column("losses", Integer),
    Column("draws", Integer),
    Column("game_cap", Integer),
    Column("done", Boolean),
    Column("passed", Boolean),
    Column("test_only", Boolean),
    Column("special_params", Boolean),
    Column("target_slice", Integer),
    *places(),
)

match_games = Table(
    "match_games",
    METADATA,
    serial("match_games"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("user_id", BigInteger),
    Column("match_id", BigInteger, ForeignKey(matches.c.id)),
    Column("version", BigInteger),
    Column("pgn", Text),
    Column("result", Integer, comment="the candidate's: 1, 0, -1; without `done` it says nothing"),
    Column("done", Boolean),
    Column("flip", Boolean, comment="the candidate was Black; the result is turned already"),
    Column("engine_version", Text),
    *places(),
    CheckConstraint("result IN (-1, 0, 1)", name="result"),
    Index("idx_match_games_match_id", "match_id"),
)

training_games = Table(
    "training_games",
    METADATA,
    serial("training_games"),
    Column("created_at", DateTime(timezone=True), server_default=text("now()")),
    Column("user_id", BigInteger, ForeignKey(users.c.id)),
    Column("client_id", BigInteger, ForeignKey(clients.c.id)),
    Column("training_run_id", BigInteger, ForeignKey(training_runs.c.id)),
    Column("network_id", BigInteger, ForeignKey(networks.c.id)),
    Column("game_number", BigInteger),
    Column("version", BigInteger),
    Column("compacted", Boolean),
    Column("engine_version", Text),
    Column("resign_fp_threshold", Double),
    *places(),
    Index("idx_training_games_created_at", "created_at"),
    Index("idx_training_games_user_id", "user_id"),
    Index("idx_training_games_client_id", "client_id"),
    Index("idx_training_games_network_id", "network_id"),
    Index("idx_training_games_training_run_id", "training_run_id", "game_number"),
)

server_data = Table(
    "server_data",
    METADATA,
    serial("server_data"),
    Column("training_pgn_uploaded", Integer),
    *places(),
)

auth_tokens = Table(
    "auth_tokens",
    METADATA,
    serial("auth_tokens"),
    Column("token", Text, nullable=True, comment="SHA-256 of the token, hex; the token itself is nowhere"),
    *stamped(),
    Column("user_id", BigInteger, ForeignKey(users.c.id), comment="NULL: anonymous"),
    Column("last_used_at", DateTime(timezone=True)),
    Column("issued_reason", Text),
    Column("client_version", Text),
    Column("client_host", Text),
    Column("gpu_type", Text),
    Column("gpu_id", Integer),
    Column("prefix", Text, comment="first characters of the token, for people"),
    Column("issuer", Text, comment="of the account behind it, with its subject: the way to another source of users"),
    Column("subject", Text),
    Column("expires_at", DateTime(timezone=True)),
    Column("rotated_from", BigInteger, ForeignKey("chess.auth_tokens.id"), comment="what this one replaces"),
    Column("status", Text, nullable=False, server_default=text("'ISSUED'")),
    Column("revoked_at", DateTime(timezone=True)),
    Column("grace_seconds", Integer, comment="how long it stays valid after revoked_at: a rotation leaves a day"),
    Column("revoked_reason", Text),
    *places(),
    UniqueConstraint("token"),
    CheckConstraint(f"token IS NOT NULL AND token {SHA256}", name="token"),
    CheckConstraint("grace_seconds BETWEEN 0 AND 86400", name="grace_seconds"),
    CheckConstraint("num_nonnulls(issuer, subject) <> 1", name="issuer"),
    CheckConstraint("(status = 'ISSUED') = (revoked_at IS NULL)", name="revoked_at"),
    Index("idx_auth_tokens_user_id", "user_id"),
    Index("idx_auth_tokens_last_used_at", "last_used_at"),
    info={"identity": ("token",)},
)

books = Table(
    "books",
    METADATA,
    serial("books"),
    *stamped(),
    Column("sha256", Text, nullable=False, comment="of the book's bytes: its address in the store"),
    Column("url", Text, nullable=False),
    Column("size_bytes", BigInteger),
    Column("format", Text),
    *latest(),
    UniqueConstraint("sha256"),
    CheckConstraint(f"sha256 {SHA256}", name="sha256"),
    CheckConstraint("size_bytes > 0", name="size_bytes"),
    CheckConstraint("format IN ('pgn', 'epd')", name="format"),
    info={"identity": ("sha256",)},
)
