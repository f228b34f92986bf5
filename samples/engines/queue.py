"""What the log says of tasks: who plays which part of which, and what is left to play."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from samples.engines.networks import NETWORKS
from samples.engines.plan import SELF_PLAY_GAMES
from schema.chess.keys import match_id, regression_id

PAIRS_A_PART = 4
GAMES_A_PART = 2 * PAIRS_A_PART
"""Of every assignment."""

ENDED = frozenset(
    f"chess.{name}.v1" for name in ("sprt.decided", "match.decided", "task.cancelled", "task.finished", "tune.finished")
)


class Side(NamedTuple):
    """Who plays: a network, under UCI options."""

    network_id: int
    options: Mapping[str, str]


@dataclass
class Task:
    """One task as the log has it."""

    task_id: int
    kind: str
    candidate: Side
    other: Side
    priority: int
    games: int | None
    """How many are to be played, of each parameter set if it has any; None: until it is decided."""
    sets: dict[str, Mapping[str, str]] = field(default_factory=dict)
    active: bool = False
    over: bool = False
    parts: dict[int, str] = field(default_factory=dict)
    """Assignments that stand: which parameter set each plays ('' if there are none)."""
    playing: dict[int, int | None] = field(default_factory=dict)
    """Assignments that are not completed: the token that each belongs to."""

    def next_set(self) -> str:
        """The parameter set that the next assignment plays: one with the fewest so far."""
        planned = list(self.parts.values())
        return min(sorted(self.sets), key=planned.count, default="")

    @property
    def left(self) -> bool:
        """Whether another assignment has something to play."""
        if not self.active or self.over:
            return False
        return self.games is None or len(self.parts) * GAMES_A_PART < self.games * max(len(self.sets), 1)

    @property
    def played(self) -> bool:
        """Whether nothing is to be waited for."""
        return self.over or (self.kind in ("TRAINING", "TUNE") and self.active and not self.left and not self.playing)


class Queue:
    """Folds the events of `chess.jobs`, those of a task in the order of its partition."""

    def __init__(self, task_ids: Iterable[int]) -> None:
        self.tasks: dict[int, Task] = {}
        self.best = NETWORKS[0].id
        """The best network of the run so far."""
        self._wanted = set(task_ids)
        self._early: dict[int, list[tuple[str, Mapping[str, Any]]]] = {}
        """Of tasks whose creation lies in another partition and was not read yet."""

    @property
    def done(self) -> int:
        """How many tasks are played to their end."""
        return sum(task.played for task in self.tasks.values())

    @property
    def finished(self) -> bool:
        """Whether all of them are."""
        return self.done == len(self._wanted)

    def open(self) -> list[Task]:
        """Tasks with something left to play, the one to take first: by priority, then who has the fewest players."""
        found = [task for task in self.tasks.values() if task.left]
        return sorted(found, key=lambda task: (-task.priority, len(task.playing), task.task_id))

    def see(self, type_: str, data: Mapping[str, Any]) -> None:
        """The next event; of other tasks nothing is kept."""
        if type_ in CREATED:
            self._begin(CREATED[type_](data))
        elif type_ == "chess.network.promoted.v1":
            self.best = data["network_id"] if data["expected_network_id"] == self.best else self.best
        elif (task_id := data.get("task_id") or data.get("tune_task_id")) in self.tasks:
            _moved(self.tasks[task_id], type_, data)
        elif task_id in self._wanted:
            self._early.setdefault(task_id, []).append((type_, data))

    def _begin(self, task: Task) -> None:
        if task.task_id in self._wanted and task.task_id not in self.tasks:
            self.tasks[task.task_id] = task
            for type_, data in self._early.pop(task.task_id, ()):
                _moved(task, type_, data)


def _moved(task: Task, type_: str, data: Mapping[str, Any]) -> None:
    assignment = data.get("assignment_id", 0)
    if type_ == "chess.task.activated.v1":
        task.active = True
    elif type_ == "chess.param_set.added.v1":
        task.sets[data["param_set_id"]] = json.loads(data.get("params_uci_options") or "{}")
    elif type_ in ENDED:
        task.over = True
    elif type_ == "chess.task.assigned.v1":
        if task.left:  # of two that want the last part, the first in the log has it
            task.parts[assignment] = task.next_set()
        task.playing[assignment] = data.get("assigned_token_id")
    elif type_ == "chess.assignment.completed.v1":
        task.playing.pop(assignment, None)
    elif type_ in ("chess.assignment.cancelled.v1", "chess.assignment.expired.v1"):
        task.playing.pop(assignment, None)
        task.parts.pop(assignment, None)


def _training(data: Mapping[str, Any]) -> Task:
    nobody = Side(0, {})
    return Task(data["task_id"], "TRAINING", nobody, nobody, data.get("priority", 0), SELF_PLAY_GAMES)


def _match(task_id: int, data: Mapping[str, Any]) -> Task:
    candidate, other = Side(data["candidate_network_id"], {}), Side(data["current_best_network_id"], {})
    return Task(task_id, "MATCH", candidate, other, data.get("priority", 0), data["game_cap"])


def _sprt(data: Mapping[str, Any]) -> Task:
    candidate, other = (
        Side(data[f"{side}_network_id"], json.loads(data.get(f"{side}_params_uci_options") or "{}"))
        for side in ("candidate", "baseline")
    )
    return Task(data["task_id"], "SPRT", candidate, other, data.get("priority", 0), None)


def _tune(data: Mapping[str, Any]) -> Task:
    side = Side(data["tune_network_id"], {})
    return Task(data["task_id"], "TUNE", side, side, data.get("priority", 0), data["games_per_param_set"])


def _promotion(data: Mapping[str, Any]) -> Task:
    return _match(match_id(data["training_task_id"], data["candidate_network_id"]), data)


def _regression(data: Mapping[str, Any]) -> Task:
    key: Sequence[int] = (data["regression_of"], data["candidate_network_id"], data["current_best_network_id"])
    return _match(regression_id(*key), data)


CREATED = {
    "chess.training.created.v1": _training,
    "chess.match.created.v1": _promotion,
    "chess.regression.created.v1": _regression,
    "chess.sprt.created.v1": _sprt,
    "chess.tune.created.v1": _tune,
}
