"""Verdicts of sequential tests and matches, each latched at the game that decides it; pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from schema.chess.elo import legacy_elo
from schema.chess.keys import match_id, regression_id
from schema.chess.sprt import DECIMALS, GAMES, PAIRS, Sprt
from schema.chess.tables import PAIR_CELLS
from schema.chess.walk import Walk
from schema.decisions import Decision, Fold, Folding, Key

FINISHED, CRASHED = "chess.game.finished.v1", "chess.game.crashed.v1"
SPRT_CREATED, SPRT_DECIDED = "chess.sprt.created.v1", "chess.sprt.decided.v1"
MATCH_CREATED, MATCH_DECIDED = "chess.match.created.v1", "chess.match.decided.v1"
REGRESSION_CREATED = "chess.regression.created.v1"
UNDECIDED = ("chess.training.created.v1", "chess.tune.created.v1")
"""Tasks that no game decides."""

ENDED = ("chess.task.cancelled.v1", "chess.task.finished.v1")
"""Ends of a task without a verdict."""

ELO_DECIMALS = 3


class Score:
    """The games of one task so far, from the candidate's side. A pair counts with the second of its games."""

    __slots__ = ("games", "halves", "pairs")

    def __init__(self) -> None:
        self.games = [0, 0, 0]
        """Losses, draws, wins."""
        self.pairs = [0] * PAIRS
        self.halves: dict[str, int] = {}
        """Results of games whose other half is outstanding, by pair."""

    def count(self, pair_key: str, result: int) -> int | None:
        """Take in a game; the cell of its pair if it completes one."""
        self.games[result + 1] += 1
        half = self.halves.pop(pair_key, None)
        if half is None:
            self.halves[pair_key] = result
            return None
        cell = half + result + 2
        self.pairs[cell] += 1
        return cell

    def decided_by(self, game: Any, verdict: str) -> dict[str, Any]:
        """What any verdict says."""
        losses, draws, wins = self.games
        elo = legacy_elo(wins, losses, draws)
        return {
            "task_id": game.task_id,
            "pair_key": game.pair_key,
            "seq": game.seq,
            "verdict": verdict,
            "wins": wins,
            "losses": losses,
            "draws": draws,
            **dict(zip(PAIR_CELLS, self.pairs, strict=True)),
            "elo": round(elo, ELO_DECIMALS) + 0.0 if math.isfinite(elo) else None,
        }


class SprtFold:
    """A sequential test on its way: by pairs of games or, where its model takes them, by games."""

    __slots__ = ("_by_games", "_score", "_walk", "closed")

    def __init__(self, test: Sprt) -> None:
        self.closed = False
        self._walk = Walk(test)
        self._by_games = test.cells == GAMES
        self._score = Score()

    def take(self, type_: str, data: Any) -> Sequence[Decision]:
        """Count a game; one that crashed shows nothing."""
        if type_ == CRASHED:
            return ()
        result = data.result
        cell = self._score.count(data.pair_key, result)
        if self._by_games:
            cell = result + 1
        verdict = None if cell is None else self._walk.step(cell)
        if verdict is None:
            return ()
        self.closed = True
        lower, upper = self._walk.test.bounds
        ratio = {"llr": self._walk.llr, "lower": lower, "upper": upper}
        return ((SPRT_DECIDED, {**self._score.decided_by(data, verdict), **ratio}),)


class MatchFold:
    """A match on its way to its last game. The gate is the legacy server's: nothing fails, a clean sweep passes."""

    __slots__ = ("_left", "_score", "_threshold", "closed")

    def __init__(self, cap: int, threshold: float) -> None:
        self.closed = False
        self._left = cap
        self._threshold = threshold
        self._score = Score()

    def take(self, type_: str, data: Any) -> Sequence[Decision]:
        """Count a game; one that crashed is none."""
        if type_ == CRASHED:
            return ()
        self._score.count(data.pair_key, data.result)
        self._left -= 1
        self.closed = not self._left
        if not self.closed:
            return ()
        losses, draws, wins = self._score.games
        passed = round(legacy_elo(wins, losses, draws), DECIMALS) > self._threshold
        return ((MATCH_DECIDED, self._score.decided_by(data, "passed" if passed else "failed")),)


def begin(type_: str, data: Any) -> Fold | None:
    """The fold of a task; None if no game decides it. A test match never passes."""
    if type_ == SPRT_CREATED:
        cells = GAMES if data.model == "bayesian" else PAIRS
        return SprtFold(Sprt(data.elo0, data.elo1, data.alpha, data.beta, data.model, cells))
    if type_ == MATCH_CREATED:
        return MatchFold(data.game_cap, math.inf if data.test_only else data.threshold_elo)
    return MatchFold(data.game_cap, math.inf) if type_ == REGRESSION_CREATED else None


def _task(data: Any) -> Key:
    return (data.task_id,)


def _match(data: Any) -> Key:
    return (match_id(data.training_task_id, data.candidate_network_id),)


def _regression(data: Any) -> Key:
    return (regression_id(data.regression_of, data.candidate_network_id, data.current_best_network_id),)


VERDICTS = Folding(
    name="verdicts",
    inputs=(FINISHED, CRASHED),
    key=("task_id",),
    begins={
        SPRT_CREATED: _task,
        MATCH_CREATED: _match,
        REGRESSION_CREATED: _regression,
        **dict.fromkeys(UNDECIDED, _task),
    },
    begin=begin,
    ends=dict.fromkeys((*ENDED, SPRT_DECIDED, MATCH_DECIDED), _task),
    decides=(SPRT_DECIDED, MATCH_DECIDED),
)
"""Games of a task, up to the one that decides it."""
