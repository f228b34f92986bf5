"""What is to be played: a run with its networks, matches up the ladder, sequential tests, a tuning, self-play."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid5

from podium.client import Producer
from samples.engines.networks import INPUTS, NETWORKS, numbered
from schema.chess.keys import match_id, regression_id
from schema.envelope import NAMESPACE

Publish = Callable[[str, dict[str, Any]], object]
"""Takes the type of an event and its `data`, ready for JSON."""

NAME = "samples.engines"
NODES = 80
"""Of each move."""

UP, TEST, BACK, SELF_PLAY = 2, 1, 0, -1
"""Priorities: what moves the board first."""

LADDER = ((2, 1, 24), (3, 2, 32), (4, 3, 32), (5, 4, 32))
"""Matches for the place of the best: candidate, the best so far, games."""

REGRESSIONS = ((3, 1, 24), (4, 2, 24), (5, 3, 32))
SELF_PLAY_GAMES = 32
GAMES_PER_SET = 16
SETS = {"level": "0", "network": "100", "fourfold": "400"}
"""Per cent of what the network says of squares."""


@dataclass(frozen=True)
class Test:
    """A sequential test: two sides and what is asked."""

    title: str
    candidate: int
    baseline: int
    elo0: float
    elo1: float
    options: dict[str, str]


TESTS = (
    Test("worth of pieces known", 3, 1, 0.0, 80.0, {}),
    Test("captures not followed", 3, 3, -80.0, 0.0, {"Quiescence": "false"}),
    Test("squares known as well", 5, 1, 0.0, 120.0, {}),
)


@dataclass(frozen=True)
class Registry:
    """Ids as the log granted them."""

    run: int
    training: int
    tests: tuple[int, ...]
    tune: int

    @property
    def matches(self) -> tuple[int, ...]:
        """Tasks of all matches."""
        up = (match_id(self.training, numbered(one).id) for one, *_ in LADDER)
        back = (regression_id(self.training, numbered(one).id, numbered(other).id) for one, other, _ in REGRESSIONS)
        return (*up, *back)

    @property
    def tasks(self) -> tuple[int, ...]:
        """All tasks."""
        return (self.training, *self.matches, *self.tests, self.tune)


def ask(producer: Producer) -> Registry:
    """Ids from requests that derive from names: whoever asks, the log answers alike. Raises as `Ids.take` does."""

    def take(kind: str, n: int) -> range:
        return producer.ids(f"chess.{kind}").take(n, uuid5(NAMESPACE, f"{NAME}.{kind}.{n}"))

    training, tune, *tests = take("task", 2 + len(TESTS))
    return Registry(take("training_run", 1).start, training, tuple(tests), tune)


def networks(registry: Registry) -> Iterator[tuple[str, dict[str, Any]]]:
    """All networks, the first of them the anchor of the ratings, and the run that they belong to."""
    for network in NETWORKS:
        first = network is NETWORKS[0]
        yield (
            "chess.network.uploaded.v1",
            {
                "sha": network.sha,
                "training_run_id": registry.run,
                "network_number": network.number,
                "path": f"networks/{network.sha}",
                "layers": 1,
                "filters": INPUTS,
                "anchor": first,
                **({"elo": 0.0} if first else {}),
            },
        )
    yield (
        "chess.training_run.registered.v1",
        {
            "training_run_id": registry.run,
            "description": "a linear evaluation",
            "train_parameters": json.dumps([f"--nodes={NODES}"]),
            "match_parameters": json.dumps([f"--nodes={NODES}"]),
            "first_network_id": NETWORKS[0].id,
        },
    )


def tasks(registry: Registry) -> Iterator[tuple[str, dict[str, Any]]]:
    """All tasks, as yet waiting."""
    parameters = json.dumps([f"--nodes={NODES}"])
    yield "chess.training.created.v1", {
        "task_id": registry.training, "training_run_id": registry.run, "train_parameters": parameters,
        "match_parameters": parameters, "description": "self-play", "priority": SELF_PLAY,
    }  # fmt: skip
    for candidate, best, games in LADDER:
        match = _match(candidate, best, games, UP)
        yield "chess.match.created.v1", {"training_task_id": registry.training, **match}
    for candidate, other, games in REGRESSIONS:
        yield (
            "chess.regression.created.v1",
            {"regression_of": registry.training, **_match(candidate, other, games, BACK)},
        )
    for task_id, test in zip(registry.tests, TESTS, strict=True):
        yield "chess.sprt.created.v1", _test(task_id, test)
    yield from _tune(registry.tune)


def _match(candidate: int, other: int, games: int, priority: int) -> dict[str, Any]:
    return {
        "candidate_network_id": numbered(candidate).id,
        "current_best_network_id": numbered(other).id,
        "game_cap": games,
        "description": f"{candidate} against {other}",
        "priority": priority,
    }


def _test(task_id: int, test: Test) -> dict[str, Any]:
    return {
        "task_id": task_id, "description": test.title, "priority": TEST,
        "candidate_network_id": numbered(test.candidate).id, "baseline_network_id": numbered(test.baseline).id,
        "candidate_params_uci_options": json.dumps(test.options), "baseline_params_uci_options": "{}",
        "time_control_type": "nodes_per_move", "nodes_per_move": NODES, "elo0": test.elo0, "elo1": test.elo1,
    }  # fmt: skip


def _tune(task_id: int) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "chess.tune.created.v1", {
        "task_id": task_id, "description": "how much squares count", "priority": TEST,
        "build_repo_url": "https://example.org/engines", "build_commit_hash": "0" * 40,
        "tune_network_id": NETWORKS[-1].id, "games_per_param_set": GAMES_PER_SET, "param_sets": len(SETS),
        "time_control_type": "nodes_per_move", "nodes_per_move": NODES,
    }  # fmt: skip
    for name, percent in SETS.items():
        options = json.dumps({"Positional": percent})
        added = {"tune_task_id": task_id, "param_set_id": name, "params_uci_options": options}
        yield "chess.param_set.added.v1", added
