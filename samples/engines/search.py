"""An engine: alpha-beta with iterative deepening, so many nodes a move."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from cozy_chess import Board

from samples.engines.networks import Network
from samples.engines.pieces import Values
from samples.engines.position import Position, Step, position

MATE = 1_000.0
DEPTH_MAX = 12
CAPTURES_MAX = 4
"""How many captures more are followed behind the last full move."""

NOISE = 0.02
"""Pawns by which moves of equal worth differ, drawn anew for each game."""


class _Spent(Exception):
    """All nodes of a move are used up."""


@dataclass(frozen=True)
class Options:
    """As UCI options name them."""

    quiescence: bool = True
    """Follow captures to their end before a position is valued."""
    positional: int = 100
    """Per cent of what the network says of squares."""

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Options:
        """From names and texts. Raises ValueError for what is none."""
        return cls(options.get("Quiescence", "true") == "true", int(options.get("Positional", "100")))


class Engine:
    """One side of a game."""

    def __init__(self, network: Network, options: Options, nodes: int) -> None:
        self.values: Values = network.values(options.positional / 100)
        self.nodes = nodes
        self.used = 0
        """Nodes of all moves so far."""
        self._captures = CAPTURES_MAX if options.quiescence else 0
        self._left = 0

    def choose(self, board: Board, chance: random.Random) -> Step:
        """The move to play; there must be one."""
        here = position(board, self.values)
        steps = sorted(here.steps(), key=lambda step: step.gain + chance.random() * NOISE, reverse=True)
        best = steps[0]
        self._left = self.nodes
        try:
            for depth in range(1, DEPTH_MAX):
                best = self._best(here, steps, depth)
                steps.remove(best)
                steps.insert(0, best)
        except _Spent:
            pass
        self.used += self.nodes - max(self._left, 0)
        return best

    def _best(self, here: Position, steps: list[Step], depth: int) -> Step:
        """Of all moves, looked at to one depth. Raises _Spent."""
        alpha, best = -2 * MATE, steps[0]
        for step in steps:
            value = self._through(here, step, depth, alpha, 2 * MATE, 0)
            if value > alpha:
                alpha, best = value, step
        return best

    def _through(self, here: Position, step: Step, depth: int, alpha: float, beta: float, ply: int) -> float:
        """What a move is worth to who makes it. Raises _Spent."""
        if depth <= 1 and not (step.takes and depth > 1 - self._captures):
            # Nothing is looked at behind it, so it need not be made.
            self._spend()
            return here.score * here.sign + step.gain
        return -self._value(here.after(step), depth - 1, -beta, -alpha, ply + 1)

    def _value(self, here: Position, depth: int, alpha: float, beta: float, ply: int) -> float:
        """What a position is worth to who is to move. Raises _Spent."""
        self._spend()
        best = here.score * here.sign if depth <= 0 else -2 * MATE
        if best >= beta:
            return best
        alpha = max(alpha, best)
        steps = here.steps()
        if not steps:
            return ply - MATE if here.board.checkers() else 0.0
        for step in sorted(steps, reverse=True, key=_gain):
            if depth <= 0 and not step.takes:
                continue
            value = self._through(here, step, depth, alpha, beta, ply)
            if value > best:
                best = value
                alpha = max(alpha, best)
                if alpha >= beta:
                    break
        return best

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _Spent


def _gain(step: Step) -> float:
    return step.gain
