"""What can happen to tasks: created, activated, cancelled, decided; assignments; promotions; outputs of tuning."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schema.chess import tables
from schema.chess.keys import (
    AnyId,
    Arguments,
    CanonicalOptions,
    Commit,
    Minted,
    Options,
    Rating,
    RepoUrl,
    Thinking,
    by,
    milliseconds,
)
from schema.chess.ranges import BOUND_MAX, BOUND_NORMALIZED_MAX, ERROR_MAX, ERROR_MIN
from schema.chess.sprt import bounds
from schema.declare import Event, Furthest, Greatest, Latest, Lifecycle, Once, Register, happens
from schema.types import BigCount, Id, Json, Name, Number, Text

TASK = Lifecycle(
    "task",
    moves={"PENDING": ("ACTIVE", "CANCELLED"), "ACTIVE": ("DONE", "CANCELLED"), "DONE": (), "CANCELLED": ()},
    initial="PENDING",
)
ASSIGNMENT = Lifecycle(
    "assignment",
    moves={"ACTIVE": ("COMPLETED", "CANCELLED", "EXPIRED"), "COMPLETED": (), "CANCELLED": (), "EXPIRED": ()},
    initial="ACTIVE",
)

HOUSEKEEPING = ("description", "priority", "throughput")
"""Fields that land in the base row alone."""

CONTROL = ("time_control_type", "base_time_seconds", "increment_seconds", "nodes_per_move")
BUILD = ("build_repo_url", "build_commit_hash", "build_params")

control_id = by("time_control", *CONTROL)
build_id = by("build", *BUILD)


def _base(task_type: str, *own: str, **derived: Any) -> Once:
    """The base row of a task; `own` fields are those of its extension."""
    omit = tuple(name for name in own if name not in HOUSEKEEPING)
    known = {"derived": derived} if derived else {"renamed": {"id": "task_id"}}
    return Once(
        tables.tasks,
        values={"task_type": task_type, "status": "PENDING"},
        omit=(*omit, "task_id"),
        time=("created_at", "updated_at"),
        digest="digest",
        **known,
    )


def _extension(table: Any, **more: Any) -> Once:
    """The row that extends the base row, under the same id."""
    more = more if "derived" in more and "id" in more["derived"] else {"renamed": {"id": "task_id"}, **more}
    return Once(table, time=("created_at", "updated_at"), omit=HOUSEKEEPING, **more)


def _control(*own: str) -> Register:
    """The time control of a task, shared by all tasks that have it."""
    return Register(
        tables.time_controls,
        renamed={"kind": "time_control_type", "nodes": "nodes_per_move"},
        derived={
            "id": control_id,
            "base_ms": lambda data: milliseconds(data.base_time_seconds),
            "increment_ms": lambda data: milliseconds(data.increment_seconds),
        },
        omit=own,
    )


def moved(state: str, *omit: str) -> Register:
    """A move of the base row."""
    return Register(
        tables.tasks,
        creates=False,
        renamed={"id": "task_id"},
        omit=("task_id", *omit),
        time="updated_at",
        merges=(Furthest(TASK, state, "status"), Greatest("updated_at")),
    )


class _Task(Event):
    description: Text | None = None
    priority: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] = 0
    throughput: Annotated[int, Field(ge=1, le=1_000_000)] = 100


class _Timed(_Task):
    """A task whose games are played by a time control: by the clock, or by nodes a move."""

    time_control_type: Literal["time_based", "nodes_per_move"]
    base_time_seconds: Thinking | None = None
    increment_seconds: Thinking | None = None
    nodes_per_move: Annotated[BigCount, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one_branch(self) -> Self:
        clock = (self.base_time_seconds, self.increment_seconds)
        if self.time_control_type == "nodes_per_move":
            right = self.nodes_per_move is not None and clock == (None, None)
        else:
            right = self.nodes_per_move is None and None not in clock and sum(each or 0 for each in clock) > 0
        if not right:
            raise PydanticCustomError(
                "time_control", "must give base_time_seconds and increment_seconds, or nodes_per_move, as the type says"
            )
        try:
            [milliseconds(each) for each in clock]
        except ValueError as error:
            raise PydanticCustomError("milliseconds", "{why}", {"why": str(error)}) from None
        return self


_TRAINING = ("training_run_id", "train_book_id", "match_book_id", "train_parameters", "match_parameters")


@happens(
    "training.created.v1",
    family="jobs",
    key=("task_id",),
    lands=(_base("TRAINING", *_TRAINING), _extension(tables.training_tasks)),
    example={
        "task_id": 1,
        "training_run_id": 3,
        "train_parameters": '["--visits=800"]',
        "match_parameters": "[]",
        "description": "the third run",
    },
)
class TrainingCreated(_Task):
    """A training run is to be fed with self-play games and its networks matched."""

    task_id: Minted
    training_run_id: AnyId
    train_book_id: AnyId | None = None
    match_book_id: AnyId | None = None
    train_parameters: Arguments | None = None
    match_parameters: Arguments | None = None


class _Match(_Task):
    candidate_network_id: AnyId
    current_best_network_id: AnyId
    game_cap: Annotated[int, Field(ge=1, le=1_000_000)] = 600
    special_params: bool = False
    target_slice: Annotated[int, Field(ge=0, le=3)] = 0

    @model_validator(mode="after")
    def _two_networks(self) -> Self:
        if self.candidate_network_id == self.current_best_network_id:
            raise PydanticCustomError("opponent", "must match two networks, not one with itself")
        return self


_MATCH = ("candidate_network_id", "current_best_network_id", "game_cap", "special_params", "target_slice")
match_task_id = by("match", "training_task_id", "candidate_network_id")
regression_task_id = by("regression", "regression_of", "candidate_network_id", "current_best_network_id")


@happens(
    "match.created.v1",
    family="jobs",
    key=("training_task_id", "candidate_network_id"),
    lands=(
        _base("MATCH", *_MATCH, "training_task_id", "threshold_elo", "test_only", id=match_task_id),
        _extension(tables.match_tasks, derived={"id": match_task_id, "task_id": match_task_id}),
    ),
    example={
        "training_task_id": 1,
        "candidate_network_id": 12,
        "current_best_network_id": 11,
        "game_cap": 600,
        "threshold_elo": -50.0,
        "target_slice": 1,
    },
)
class MatchCreated(_Match):
    """A candidate plays the best network for its place; its task is `keys.match_id` of the key."""

    training_task_id: AnyId
    threshold_elo: Rating = -50.0
    test_only: bool = False


@happens(
    "regression.created.v1",
    family="jobs",
    key=("regression_of", "candidate_network_id", "current_best_network_id"),
    lands=(
        _base("MATCH", *_MATCH, "regression_of", id=regression_task_id),
        _extension(
            tables.match_tasks,
            values={"test_only": True, "threshold_elo": -50.0},
            derived={"id": regression_task_id, "task_id": regression_task_id},
        ),
    ),
    example={"regression_of": 1, "candidate_network_id": 12, "current_best_network_id": 9, "game_cap": 3000},
)
class RegressionCreated(_Match):
    """A candidate plays an earlier network, never to be promoted; its task is `keys.regression_id` of the key."""

    regression_of: AnyId


_SPRT_FIELDS = (
    "baseline_network_id", "baseline_params_args", "baseline_params_uci_options",
    "candidate_network_id", "candidate_params_args", "candidate_params_uci_options",
    "opening_book_id", *CONTROL, "scale_method", "scale_nps", "elo0", "elo1", "alpha", "beta", "model",
)  # fmt: skip
_CLOCK = {"time_control_type": "time_based", "base_time_seconds": 10.0, "increment_seconds": 0.1}


@happens(
    "sprt.created.v1",
    family="jobs",
    key=("task_id",),
    lands=(
        _base("SPRT", *_SPRT_FIELDS),
        _control("task_id", *_SPRT_FIELDS, *HOUSEKEEPING),
        _extension(
            tables.sprt_tasks,
            derived={
                "time_control_id": control_id,
                "lower": lambda data: bounds(data.alpha, data.beta)[0],
                "upper": lambda data: bounds(data.alpha, data.beta)[1],
            },
        ),
    ),
    example={
        "task_id": 2,
        "baseline_network_id": 11,
        "candidate_network_id": 12,
        "candidate_params_uci_options": '{"CPuct":"2.1"}',
        **_CLOCK,
        "elo0": 0.0,
        "elo1": 5.0,
        "alpha": 0.05,
        "beta": 0.05,
        "model": "normalized",
    },
)
class SprtCreated(_Timed):
    """A sequential test of a candidate against a baseline: is it elo0 or elo1 stronger?"""

    task_id: Minted
    baseline_network_id: AnyId
    baseline_params_args: Arguments | None = None
    baseline_params_uci_options: Options | None = None
    candidate_network_id: AnyId
    candidate_params_args: Arguments | None = None
    candidate_params_uci_options: Options | None = None
    opening_book_id: AnyId | None = None
    scale_method: Literal["DEV", "BASE", "BOTH"] = "DEV"
    scale_nps: Annotated[BigCount, Field(ge=1)] | None = None
    elo0: Annotated[Number, Field(ge=-BOUND_MAX, le=BOUND_MAX)]
    elo1: Annotated[Number, Field(ge=-BOUND_MAX, le=BOUND_MAX)]
    alpha: Annotated[Number, Field(ge=ERROR_MIN, le=ERROR_MAX)] = 0.05
    beta: Annotated[Number, Field(ge=ERROR_MIN, le=ERROR_MAX)] = 0.05
    model: Literal["normalized", "logistic", "bayesian"] = "normalized"

    @model_validator(mode="after")
    def _hypotheses(self) -> Self:
        if not (self.elo0 < self.elo1 and self.alpha + self.beta < 1):
            raise PydanticCustomError("out_of_range", "must have elo0 < elo1 and alpha + beta < 1")
        most = BOUND_NORMALIZED_MAX
        if self.model == "normalized" and max(-self.elo0, self.elo1) > most:
            why = "must have elo0 and elo1 from -{most} to {most} where the model is normalized"
            raise PydanticCustomError("out_of_range", why, {"most": most})
        return self


_TUNE_FIELDS = (
    *BUILD, "tune_network_id", "opening_book_id", "games_per_param_set", *CONTROL, "param_sets", "spsa",
)  # fmt: skip


@happens(
    "tune.created.v1",
    family="jobs",
    key=("task_id",),
    lands=(
        _base("TUNE", *_TUNE_FIELDS),
        _control("task_id", *_TUNE_FIELDS, *HOUSEKEEPING),
        Register(
            tables.builds,
            renamed={"repo_url": BUILD[0], "commit_hash": BUILD[1], "params": BUILD[2]},
            derived={"id": build_id},
            omit=("task_id", *_TUNE_FIELDS, *HOUSEKEEPING),
        ),
        _extension(tables.tune_tasks, derived={"time_control_id": control_id, "build_id": build_id}),
    ),
    example={
        "task_id": 4,
        "build_repo_url": "https://github.com/LeelaChessZero/lc0",
        "build_commit_hash": "0123456789abcdef0123456789abcdef01234567",
        "build_params": '{"buildtype":"release"}',
        "tune_network_id": 12,
        "games_per_param_set": 200,
        "param_sets": 16,
        "time_control_type": "nodes_per_move",
        "nodes_per_move": 800,
    },
)
class TuneCreated(_Timed):
    """Parameters of a build are to be tuned: so many parameter sets, each by so many games."""

    task_id: Minted
    build_repo_url: RepoUrl
    build_commit_hash: Commit
    build_params: CanonicalOptions = "{}"
    tune_network_id: AnyId | None = None
    opening_book_id: AnyId | None = None
    games_per_param_set: Id
    param_sets: Id
    spsa: Json | None = None


@happens(
    "param_set.added.v1",
    family="jobs",
    key=("tune_task_id", "param_set_id"),
    partition_by=("tune_task_id",),
    lands=Once(tables.tune_param_sets),
    example={"tune_task_id": 4, "param_set_id": "ps-017", "params_uci_options": '{"CPuct":"2.1"}'},
)
class ParamSetAdded(Event):
    """A tuning has another set of parameters to play."""

    tune_task_id: AnyId
    param_set_id: Name
    params_args: Arguments | None = None
    params_uci_options: Options | None = None


class _TaskMoved(Event):
    task_id: AnyId
    reason: Text = ""
    actor: Text = ""


def _task_moved(name: str, state: str):  # type: ignore[no-untyped-def]
    return happens(
        name,
        family="jobs",
        key=("task_id",),
        lands=moved(state, "reason", "actor"),
        example={"task_id": 2, "reason": "queue is empty", "actor": "ana"},
    )


@_task_moved("task.activated.v1", "ACTIVE")
class TaskActivated(_TaskMoved):
    """Workers may have parts of the task from now on."""


@_task_moved("task.cancelled.v1", "CANCELLED")
class TaskCancelled(_TaskMoved):
    """The task ended without a result, by choice."""


@_task_moved("task.finished.v1", "DONE")
class TaskFinished(_TaskMoved):
    """The task came to its end without a verdict of its own: a training run that is complete."""


@happens(
    "task.prioritised.v1",
    family="jobs",
    key=("task_id",),
    lands=Register(
        tables.tasks,
        creates=False,
        renamed={"id": "task_id"},
        omit=("task_id",),
        time="updated_at",
        merges=(Latest(("priority", "throughput")), Greatest("updated_at")),
    ),
    example={"task_id": 2, "priority": 5, "throughput": 200},
)
class TaskPrioritised(Event):
    """The task goes before or after others from now on."""

    task_id: AnyId
    priority: Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
    throughput: Annotated[int, Field(ge=1, le=1_000_000)] = 100
