"""What can happen while tasks are played: assignments, games, verdicts, promotions, outputs of tuning."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schema.chess import tables
from schema.chess.keys import AnyId, Games, Minted, Rating, Ratio
from schema.chess.ranges import SCALE_MAX, SCALE_MIN
from schema.chess.tasks import ASSIGNMENT, moved
from schema.declare import Event, Furthest, Greatest, Once, Register, happens
from schema.types import BigCount, Count, Id, Json, Name, Number, Text, Whole

_ASSIGNMENT = ("task_id", "assignment_id")


@happens(
    "task.assigned.v1",
    family="jobs",
    key=_ASSIGNMENT,
    partition_by=("task_id",),
    lands=Once(
        tables.task_assignments,
        values={"status": "ACTIVE"},
        time=("created_at", "updated_at", "assigned_at", "last_heartbeat_at"),
    ),
    example={"task_id": 2, "assignment_id": 71, "assigned_token_id": 2**62 + 9, "gpu_id": 0, "measured_nps": 1600000},
)
class TaskAssigned(Event):
    """A worker has a part of a task to play."""

    task_id: AnyId
    assignment_id: Minted
    assigned_token_id: AnyId | None = None
    gpu_id: Count | None = None
    measured_nps: Annotated[BigCount, Field(ge=1)] | None = None
    scale_factor: Annotated[Number, Field(ge=SCALE_MIN, le=SCALE_MAX)] | None = None


@happens(
    "assignment.heartbeat.v1",
    family="jobs",
    key=_ASSIGNMENT,
    partition_by=("task_id",),
    lands=Register(
        tables.task_assignments,
        creates=False,
        time=("updated_at", "last_heartbeat_at"),
        merges=(Greatest("last_heartbeat_at"), Greatest("updated_at")),
    ),
    example={"task_id": 2, "assignment_id": 71},
)
class AssignmentHeartbeat(Event):
    """The worker is alive and at it."""

    task_id: AnyId
    assignment_id: Minted


class _AssignmentEnded(Event):
    task_id: AnyId
    assignment_id: Minted
    reason: Text = ""


def _ended(name: str, state: str, reason: str):  # type: ignore[no-untyped-def]
    return happens(
        name,
        family="jobs",
        key=_ASSIGNMENT,
        partition_by=("task_id",),
        lands=Register(
            tables.task_assignments,
            creates=False,
            time=("updated_at", "ended_at"),
            merges=(Furthest(ASSIGNMENT, state, "status", moves=("ended_at", "reason")), Greatest("updated_at")),
        ),
        example={"task_id": 2, "assignment_id": 71, "reason": reason},
    )


@_ended("assignment.completed.v1", "COMPLETED", "32 games played")
class AssignmentCompleted(_AssignmentEnded):
    """The worker has played its part."""


@_ended("assignment.cancelled.v1", "CANCELLED", "task decided")
class AssignmentCancelled(_AssignmentEnded):
    """The worker was told to stop, or gave up."""


@_ended("assignment.expired.v1", "EXPIRED", "silent for 360 s")
class AssignmentExpired(_AssignmentEnded):
    """The worker fell silent; games of it that still come are counted."""


class _Game(Event):
    task_id: AnyId
    pair_key: Name
    seq: Annotated[Literal[1, 2], Whole] = 1
    param_set_id: Name | None = None
    assignment_id: Minted | None = None
    candidate_is_white: bool


_GAME_EXAMPLE = {"task_id": 2, "pair_key": "71-0004", "seq": 1, "assignment_id": 71, "candidate_is_white": True}


@happens(
    "game.finished.v1",
    family="predictions",
    key=tables.GAME_KEY,
    partition_by=("task_id",),
    lands=Once(tables.game_results, values={"crash_type": None}, time="played_at"),
    example={**_GAME_EXAMPLE, "result": 1, "detailed_outcome": "CHECKMATE"},
)
class GameFinished(_Game):
    """A game of a match, a test or a tuning has a result: the candidate's, whatever its colour.

    A game that was lost on time has the outcome TIMEOUT and counts as any other.
    """

    result: Annotated[Literal[-1, 0, 1], Whole]
    detailed_outcome: Literal["CHECKMATE", "STALEMATE", "ADJUDICATION", "RESIGNATION", "TIMEOUT"] | None = None


@happens(
    "game.crashed.v1",
    family="predictions",
    key=tables.GAME_KEY,
    partition_by=("task_id",),
    lands=Once(tables.game_results, values={"result": None}, time="played_at"),
    example={**_GAME_EXAMPLE, "crash_type": "SIGSEGV"},
)
class GameCrashed(_Game):
    """A game ended without a result: it counts as a crash and nothing else; its pair is played anew, by a new key."""

    crash_type: Literal["SIGSEGV", "INVALID_MOVE", "TIMEOUT"]


class _Verdict(Event):
    task_id: AnyId
    pair_key: Name
    seq: Annotated[Literal[1, 2], Whole]
    wins: Games
    losses: Games
    draws: Games
    ll: Games = 0
    ld: Games = 0
    dd: Games = 0
    dw: Games = 0
    ww: Games = 0
    elo: Rating | None = None

    @model_validator(mode="after")
    def _pairs_hold_no_more_than_games(self) -> Self:
        pairs, games = self.ll + self.ld + self.dd + self.dw + self.ww, self.wins + self.losses + self.draws
        if 2 * pairs > games:
            raise PydanticCustomError("pairs", "must not have more games in pairs than games")
        return self


_COUNTS = ("wins", "losses", "draws", *tables.PAIR_CELLS)
_DECISION = ("pair_key", "seq", "verdict", *_COUNTS, "elo")
_SPRT_COUNTS = {"wins": 130, "losses": 70, "draws": 200, "ll": 9, "ld": 31, "dd": 88, "dw": 57, "ww": 15}


@happens(
    "sprt.decided.v1",
    family="jobs",
    key=("task_id",),
    lands=(Once(tables.verdicts, time="decided_at"), moved("DONE", *_DECISION, "llr", "lower", "upper")),
    example={
        "task_id": 2,
        "pair_key": "71-0004",
        "seq": 2,
        "verdict": "accepted",
        **_SPRT_COUNTS,
        "elo": 52.5,
        "llr": 2.951,
        "lower": -2.944438979,
        "upper": 2.944438979,
    },
)
class SprtDecided(_Verdict):
    """A sequential test came to its end at the named game: no later one changes that.

    The counts are those of the log up to and with that game, and give the ratio when they are evaluated again.
    """

    verdict: Literal["accepted", "rejected"]
    llr: Ratio
    lower: Ratio
    upper: Ratio

    @model_validator(mode="after")
    def _beyond_its_bound(self) -> Self:
        if not (self.llr >= self.upper if self.verdict == "accepted" else self.llr <= self.lower):
            raise PydanticCustomError("verdict", "must be beyond the bound that the verdict names")
        return self


@happens(
    "match.decided.v1",
    family="jobs",
    key=("task_id",),
    lands=(
        Once(tables.verdicts, time="decided_at", values={"llr": None, "lower": None, "upper": None}),
        moved("DONE", *_DECISION),
    ),
    example={
        "task_id": 2**62 + 5, "pair_key": "75-0009", "seq": 2, "verdict": "passed",
        "wins": 172, "losses": 171, "draws": 257, "elo": 0.58,
    },
)  # fmt: skip
class MatchDecided(_Verdict):
    """A match has its last game: the candidate passed its gate or failed. A test match never passes."""

    verdict: Literal["passed", "failed"]


@happens(
    "network.promoted.v1",
    family="jobs",
    key=("training_run_id", "match_task_id"),
    partition_by=("training_run_id",),
    lands=Once(tables.promotions, time="promoted_at"),
    example={"training_run_id": 3, "match_task_id": 2**62 + 5, "network_id": 12, "expected_network_id": 11},
)
class NetworkPromoted(Event):
    """A network is to be the best of its run in place of the expected one: stale if another is the best by then.

    The promotions of a run share a partition, so the log decides between two.
    """

    training_run_id: AnyId
    match_task_id: AnyId
    network_id: AnyId
    expected_network_id: AnyId | None = None


_OUTPUT = {"params": {"CPuct": 2.13}, "est_elo": 4.2, "ci_low": -1.0, "ci_high": 9.4}


class _Output(Event):
    task_id: AnyId
    param_set_id: Name | None = None
    params: Json
    est_elo: Rating | None = None
    ci_low: Rating | None = None
    ci_high: Rating | None = None

    @model_validator(mode="after")
    def _inside_its_interval(self) -> Self:
        found = [each for each in (self.ci_low, self.est_elo, self.ci_high) if each is not None]
        if found != sorted(found):
            raise PydanticCustomError("interval", "must have ci_low <= est_elo <= ci_high")
        return self


@happens(
    "tune.output_published.v1",
    family="scores",
    key=("task_id", "iteration", "kind"),
    partition_by=("task_id",),
    lands=Once(tables.tune_outputs, time="published_at"),
    example={"task_id": 4, "iteration": 120, "kind": "HISTORY", **_OUTPUT},
)
class TuneOutputPublished(_Output):
    """A tuning says where it stands after an iteration, or what it takes for the optimum."""

    iteration: Id
    kind: Literal["HISTORY", "OPTIMUM"]


@happens(
    "tune.finished.v1",
    family="jobs",
    key=("task_id",),
    lands=(
        Once(tables.tune_outputs, time="published_at", values={"iteration": 0, "kind": "FINAL"}),
        moved("DONE", "param_set_id", *_OUTPUT),
    ),
    example={"task_id": 4, "param_set_id": "ps-017", **_OUTPUT},
)
class TuneFinished(_Output):
    """Every parameter set has its games: this one came out best."""
