"""What the chess domain keeps of tasks: matches, SPRT, tuning, training, their games and verdicts."""

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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from schema.chess.catalog import METADATA, books, happened, latest, networks, serial, stamped, training_runs
from schema.chess.ranges import (
    BOUND_MAX,
    BOUND_NORMALIZED_MAX,
    ELO_MAX,
    ERROR_MIN,
    GAMES_MAX,
    RATIO_MAX,
    SCALE_MAX,
    SCALE_MIN,
    THINKING_SECONDS_MAX,
)
from schema.declare import hot, places

PAIR_CELLS = ("ll", "ld", "dd", "dw", "ww")
"""Pairs by the candidate's score of both games: 0, 1/2, 1, 3/2, 2."""

TALLIES = ("wins", "losses", "draws", *PAIR_CELLS, "unpaired", "crashes", "timeouts", "late")
"""What the games of a task come to; late ones are counted in `late` and nowhere else."""

GAME_KEY = ("task_id", "pair_key", "seq")
TASK_TYPES = ("TRAINING", "MATCH", "SPRT", "TUNE")


def _tallies(*seeded: str) -> list[Column[int]]:
    return [Column(name, Integer, nullable=False, server_default=text("0")) for name in TALLIES if name not in seeded]


def _extends(table: str) -> list[Column[Any] | UniqueConstraint]:
    return [
        serial(table),
        *stamped(),
        Column("task_id", BigInteger, ForeignKey("chess.tasks.id", ondelete="CASCADE")),
        UniqueConstraint("task_id", info={"derived": True}),
    ]


def _controlled() -> list[Column[Any]]:
    return [
        Column("time_control_type", String(32)),
        Column("base_time_seconds", Double),
        Column("increment_seconds", Double),
        Column("nodes_per_move", BigInteger),
    ]


def _control_checks() -> list[CheckConstraint | ForeignKeyConstraint]:
    return [
        CheckConstraint(
            "CASE time_control_type"
            f" WHEN 'time_based' THEN base_time_seconds BETWEEN 0 AND {THINKING_SECONDS_MAX}"
            f" AND increment_seconds BETWEEN 0 AND {THINKING_SECONDS_MAX}"
            " AND base_time_seconds + increment_seconds > 0 AND nodes_per_move IS NULL"
            " WHEN 'nodes_per_move' THEN nodes_per_move > 0 AND num_nonnulls(base_time_seconds, increment_seconds) = 0"
            " ELSE false END",
            name="time_control",
        ),
        ForeignKeyConstraint(["time_control_id"], ["chess.time_controls.id"]),
    ]


def _arguments(*columns: str) -> list[CheckConstraint]:
    kinds = {"args": "ARRAY", "options": "OBJECT"}
    return [CheckConstraint(f"{name} IS JSON {kinds[name.rpartition('_')[2]]}", name=name) for name in columns]


builds = Table(
    "builds",
    METADATA,
    serial("builds"),
    Column("repo_url", Text, nullable=False),
    Column("commit_hash", Text, nullable=False),
    Column("params", Text, nullable=False, comment="JSON object of build options"),
    UniqueConstraint("repo_url", "commit_hash", "params"),
    CheckConstraint("commit_hash ~ '^[0-9a-f]{40}$'", name="commit_hash"),
    info={"identity": ("repo_url", "commit_hash", "params")},
)

time_controls = Table(
    "time_controls",
    METADATA,
    serial("time_controls"),
    Column("kind", String(32), nullable=False),
    Column("base_ms", BigInteger),
    Column("increment_ms", BigInteger),
    Column("nodes", BigInteger),
    CheckConstraint(
        f"CASE kind WHEN 'time_based' THEN base_ms BETWEEN 0 AND {1000 * THINKING_SECONDS_MAX}"
        f" AND increment_ms BETWEEN 0 AND {1000 * THINKING_SECONDS_MAX} AND base_ms + increment_ms > 0"
        " AND nodes IS NULL WHEN 'nodes_per_move' THEN nodes > 0 AND num_nonnulls(base_ms, increment_ms) = 0"
        " ELSE false END",
        name="kind",
    ),
    UniqueConstraint(
        "kind", "base_ms", "increment_ms", "nodes", postgresql_nulls_not_distinct=True, info={"derived": True}
    ),
)

tasks = Table(
    "tasks",
    METADATA,
    serial("tasks"),
    *stamped(),
    Column("task_type", Text, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'PENDING'")),
    Column("description", Text),
    Column("priority", Integer, nullable=False, server_default=text("0"), comment="greater goes first"),
    Column("throughput", Integer, nullable=False, server_default=text("100"), comment="share among equals, in percent"),
    Column("digest", LargeBinary, comment="digest of the data of the event that made the task"),
    *latest(),
    *places(),
    CheckConstraint("task_type IN ('TRAINING', 'MATCH', 'SPRT', 'TUNE')", name="task_type"),
    CheckConstraint("throughput > 0", name="throughput"),
    Index("idx_tasks_task_type_status", "task_type", "status", text("priority DESC"), "id"),
)

training_tasks = Table(
    "training_tasks",
    METADATA,
    *_extends("training_tasks"),
    Column("training_run_id", BigInteger, ForeignKey(training_runs.c.id)),
    Column("train_book_id", BigInteger, ForeignKey(books.c.id)),
    Column("match_book_id", BigInteger, ForeignKey(books.c.id)),
    Column("train_parameters", Text),
    Column("match_parameters", Text),
    Column("best_network_id", BigInteger, ForeignKey(networks.c.id), comment="the run's best: derived"),
    *places(),
    Index("idx_training_tasks_training_run_id", "training_run_id"),
    info={"tallied": ("best_network_id",)},
)

match_tasks = Table(
    "match_tasks",
    METADATA,
    *_extends("match_tasks"),
    Column("training_task_id", BigInteger, ForeignKey(training_tasks.c.id)),
    Column("candidate_network_id", BigInteger, ForeignKey(networks.c.id)),
    Column("current_best_network_id", BigInteger, ForeignKey(networks.c.id)),
    Column("games_created", Integer, server_default=text("0"), comment="games heard of, whatever became of them"),
    Column("wins", Integer, server_default=text("0")),
    Column("losses", Integer, server_default=text("0")),
    Column("draws", Integer, server_default=text("0")),
    Column("done", Boolean, server_default=text("false"), comment="decided"),
    Column("passed", Boolean, server_default=text("false"), comment="decided in the candidate's favour"),
    *_tallies("wins", "losses", "draws"),
    Column("regression_of", BigInteger, ForeignKey(training_tasks.c.id), comment="of a regression, in its place"),
    Column("game_cap", Integer, nullable=False, server_default=text("600")),
    Column("threshold_elo", Double, nullable=False, server_default=text("-50"), comment="passes strictly above"),
    Column("test_only", Boolean, nullable=False, server_default=text("false"), comment="never promotes"),
    Column("special_params", Boolean, nullable=False, server_default=text("false"), comment="never rated"),
    Column("target_slice", SmallInteger, nullable=False, server_default=text("0")),
    *places(),
    CheckConstraint("num_nonnulls(training_task_id, regression_of) = 1", name="training_task_id"),
    CheckConstraint("candidate_network_id <> current_best_network_id", name="networks"),
    CheckConstraint("game_cap > 0", name="game_cap"),
    CheckConstraint(f"abs(threshold_elo) <= {ELO_MAX}", name="threshold_elo"),
    CheckConstraint("done OR NOT passed", name="done"),
    CheckConstraint("NOT (passed AND test_only)", name="test_only"),
    CheckConstraint("regression_of IS NULL OR test_only", name="regression_of"),
    CheckConstraint("target_slice BETWEEN 0 AND 3", name="target_slice"),
    UniqueConstraint("training_task_id", "candidate_network_id", info={"derived": True}),
    UniqueConstraint("regression_of", "candidate_network_id", "current_best_network_id", info={"derived": True}),
    info={"tallied": ("games_created", "done", "passed", *TALLIES)},
    postgresql_with={"fillfactor": 50},
)

sprt_tasks = Table(
    "sprt_tasks",
    METADATA,
    *_extends("sprt_tasks"),
    Column("baseline_network_id", BigInteger, ForeignKey(networks.c.id)),
    Column("baseline_params_args", Text),
    Column("baseline_params_uci_options", Text),
    Column("candidate_network_id", BigInteger, ForeignKey(networks.c.id)),
    Column("candidate_params_args", Text),
    Column("candidate_params_uci_options", Text),
    Column("opening_book_id", BigInteger, ForeignKey(books.c.id)),
    *_controlled(),
    Column("time_control_id", BigInteger, nullable=False),
    Column("scale_method", Text, nullable=False, server_default=text("'DEV'")),
    Column("scale_nps", BigInteger, comment="nodes per second that the time control is meant for"),
    Column("elo0", Double, nullable=False),
    Column("elo1", Double, nullable=False),
    Column("alpha", Double, nullable=False),
    Column("beta", Double, nullable=False),
    Column("model", Text, nullable=False),
    Column("lower", Double, nullable=False, comment="ln(beta / (1 - alpha))"),
    Column("upper", Double, nullable=False, comment="ln((1 - beta) / alpha)"),
    *_tallies(),
    Column("verdict", Text),
    Column("llr", Double, comment="at the decision"),
    Column("decided_at", DateTime(timezone=True)),
    *places(),
    *_control_checks(),
    *_arguments(
        "baseline_params_args",
        "baseline_params_uci_options",
        "candidate_params_args",
        "candidate_params_uci_options",
    ),
    CheckConstraint("scale_method IN ('DEV', 'BASE', 'BOTH')", name="scale_method"),
    CheckConstraint("model IN ('normalized', 'logistic', 'bayesian')", name="model"),
    CheckConstraint(
        f"elo0 < elo1 AND greatest(-elo0, elo1)"
        f" <= CASE model WHEN 'normalized' THEN {BOUND_NORMALIZED_MAX} ELSE {BOUND_MAX} END"
        f" AND least(alpha, beta) >= {ERROR_MIN:.9f} AND alpha + beta < 1",
        name="hypotheses",
    ),
    CheckConstraint("verdict IN ('accepted', 'rejected')", name="verdict"),
    info={"tallied": (*TALLIES, "verdict", "llr", "decided_at")},
    postgresql_with={"fillfactor": 50},
)

tune_tasks = Table(
    "tune_tasks",
    METADATA,
    *_extends("tune_tasks"),
    Column("build_repo_url", Text),
    Column("build_commit_hash", Text),
    Column("build_params", Text),
    Column("tune_network_id", BigInteger, ForeignKey(networks.c.id)),
    Column("opening_book_id", BigInteger, ForeignKey(books.c.id)),
    Column("games_per_param_set", Integer),
    *_controlled(),
    Column("time_control_id", BigInteger, nullable=False),
    Column("build_id", BigInteger, ForeignKey(builds.c.id), nullable=False),
    Column("param_sets", Integer, nullable=False, comment="how many there will be"),
    Column("spsa", JSONB, comment="settings of the tuning, where it is SPSA"),
    *places(),
    *_control_checks(),
    CheckConstraint("games_per_param_set > 0 AND param_sets > 0", name="games"),
)

tune_param_sets = Table(
    "tune_param_sets",
    METADATA,
    serial("tune_param_sets"),
    Column("tune_task_id", BigInteger, ForeignKey(tune_tasks.c.id)),
    Column("param_set_id", Text),
    Column("params_args", Text),
    Column("params_uci_options", Text),
    Column("status", Text, nullable=False, server_default=text("'OPEN'"), comment="DONE from games_per_param_set on"),
    *_tallies(),
    *places(),
    UniqueConstraint("tune_task_id", "param_set_id"),
    *_arguments("params_args", "params_uci_options"),
    CheckConstraint("num_nulls(tune_task_id, param_set_id) = 0", name="param_set_id"),
    CheckConstraint("status IN ('OPEN', 'DONE')", name="status"),
    info={"identity": ("tune_task_id", "param_set_id"), "tallied": ("status", *TALLIES)},
    postgresql_with={"fillfactor": 50},
)

task_assignments = Table(
    "task_assignments",
    METADATA,
    Column("task_id", BigInteger, ForeignKey(tasks.c.id), nullable=False),
    Column("assignment_id", BigInteger, nullable=False),
    *stamped(),
    Column("assigned_token_id", BigInteger, ForeignKey("chess.auth_tokens.id")),
    Column("gpu_id", Integer),
    Column("assigned_at", DateTime(timezone=True), server_default=text("now()"), nullable=False),
    Column("last_heartbeat_at", DateTime(timezone=True)),
    Column("status", Text, nullable=False, server_default=text("'ACTIVE'")),
    Column("ended_at", DateTime(timezone=True)),
    Column("reason", Text),
    Column("measured_nps", BigInteger),
    Column("scale_factor", Double, comment="what the time control was multiplied by"),
    *places(),
    PrimaryKeyConstraint("task_id", "assignment_id"),
    CheckConstraint(f"scale_factor BETWEEN {SCALE_MIN} AND {SCALE_MAX}", name="scale_factor"),
    Index("idx_task_assignments_assigned_token_id", "assigned_token_id"),
    Index("idx_task_assignments_active", "last_heartbeat_at", postgresql_where=text("status = 'ACTIVE'")),
)

game_results = Table(
    "game_results",
    METADATA,
    Column("task_id", BigInteger, nullable=False),
    Column("pair_key", Text, nullable=False, comment="of the two games of one opening; a lone game has its own"),
    Column("seq", SmallInteger, nullable=False, comment="1 or 2 within the pair"),
    Column("param_set_id", Text, comment="where the task is a tuning"),
    Column("assignment_id", BigInteger),
    Column("result", SmallInteger, comment="1 the candidate won, 0 draw, -1 it lost; NULL: crashed"),
    Column("candidate_is_white", Boolean, nullable=False),
    Column("detailed_outcome", Text),
    Column("crash_type", Text),
    happened("played_at"),
    *places(),
    PrimaryKeyConstraint(*GAME_KEY),
    hot(["task_id"], tasks, ["id"]),
    hot(["task_id", "param_set_id"], tune_param_sets, ["tune_task_id", "param_set_id"]),
    hot(["task_id", "assignment_id"], task_assignments, ["task_id", "assignment_id"]),
    CheckConstraint("seq IN (1, 2)", name="seq"),
    CheckConstraint("result IN (-1, 0, 1)", name="result"),
    CheckConstraint("num_nonnulls(result, crash_type) = 1", name="crashed"),
    CheckConstraint(
        "detailed_outcome IN ('CHECKMATE', 'STALEMATE', 'ADJUDICATION', 'RESIGNATION', 'TIMEOUT')",
        name="detailed_outcome",
    ),
    CheckConstraint("crash_type IN ('SIGSEGV', 'INVALID_MOVE', 'TIMEOUT')", name="crash_type"),
)

verdicts = Table(
    "verdicts",
    METADATA,
    Column("task_id", BigInteger, primary_key=True, autoincrement=False),
    Column("pair_key", Text, nullable=False, comment="the deciding game: the last one that counts"),
    Column("seq", SmallInteger, nullable=False),
    Column("verdict", Text, nullable=False),
    *(Column(name, Integer, nullable=False) for name in ("wins", "losses", "draws", *PAIR_CELLS)),
    Column("elo", Double, comment="of the candidate over its opponent; NULL: not finite"),
    Column("llr", Double),
    Column("lower", Double),
    Column("upper", Double),
    happened("decided_at"),
    *places(),
    hot(GAME_KEY, game_results, GAME_KEY),
    ForeignKeyConstraint(["task_id"], [tasks.c.id]),
    CheckConstraint("verdict IN ('accepted', 'rejected', 'passed', 'failed')", name="verdict"),
    CheckConstraint(f"greatest(wins, losses, draws) <= {GAMES_MAX}", name="counts"),
    CheckConstraint(f"abs(elo) <= {ELO_MAX}", name="elo"),
    CheckConstraint(f"greatest(abs(llr), abs(lower), abs(upper)) <= {RATIO_MAX}", name="ratios"),
    CheckConstraint(
        "CASE WHEN verdict IN ('accepted', 'rejected') THEN num_nulls(llr, lower, upper) = 0"
        " AND CASE verdict WHEN 'accepted' THEN llr >= upper ELSE llr <= lower END"
        " ELSE num_nonnulls(llr, lower, upper) = 0 END",
        name="llr",
    ),
)

promotions = Table(
    "promotions",
    METADATA,
    Column("training_run_id", BigInteger, ForeignKey(training_runs.c.id), nullable=False),
    Column("match_task_id", BigInteger, ForeignKey(match_tasks.c.task_id), nullable=False),
    Column("network_id", BigInteger, ForeignKey(networks.c.id), nullable=False),
    Column("expected_network_id", BigInteger, ForeignKey(networks.c.id), comment="the best that it was held against"),
    Column("version", Integer, comment="of the run's best, from 1; NULL: stale, the best had moved on"),
    happened("promoted_at"),
    *places(),
    PrimaryKeyConstraint("training_run_id", "match_task_id"),
    info={"tallied": ("version",)},
)

tune_outputs = Table(
    "tune_outputs",
    METADATA,
    Column("task_id", BigInteger, ForeignKey(tune_tasks.c.task_id), nullable=False),
    Column("iteration", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("param_set_id", Text),
    Column("params", JSONB, nullable=False, comment="parameter -> value"),
    Column("est_elo", Double),
    Column("ci_low", Double),
    Column("ci_high", Double),
    happened("published_at"),
    *places(),
    PrimaryKeyConstraint("task_id", "iteration", "kind"),
    CheckConstraint("kind IN ('HISTORY', 'OPTIMUM', 'FINAL')", name="kind"),
    CheckConstraint("ci_low <= est_elo AND est_elo <= ci_high", name="interval"),
    CheckConstraint(f"greatest(abs(est_elo), abs(ci_low), abs(ci_high)) <= {ELO_MAX}", name="range"),
)
