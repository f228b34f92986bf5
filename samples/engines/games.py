"""Games in pairs: one opening, colours changed; the referee ends what is won, drawn or goes on for too long."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Literal, NamedTuple

from cozy_chess import Board, Color

from samples.engines.networks import material
from samples.engines.position import standing
from samples.engines.search import Engine

STARTS = 960
RANDOM_PLIES = 4
PLIES_MAX = 160
IDLE_PLIES_MAX = 40
"""Without a capture or a move of a pawn."""

DECISIVE_PAWNS, DECISIVE_PLIES = 6.0, 6
"""A side that is so far ahead for so long has won."""

Outcome = Literal["CHECKMATE", "STALEMATE", "ADJUDICATION"]


class Game(NamedTuple):
    """How a game came out: 1, 0 or -1 for White."""

    result: int
    outcome: Outcome
    plies: int


def opening(chance: random.Random) -> Board:
    """A start of Chess960 with a few random moves; both games of a pair begin with it."""
    while True:
        board = Board.chess960_startpos(chance.randrange(STARTS))
        for _ in range(RANDOM_PLIES):
            moves = board.generate_moves()
            if not moves:
                break
            board.play(chance.choice(moves))
        if board.generate_moves():
            return board


def pair(candidate: Engine, other: Engine, seed: str) -> Iterator[Game]:
    """Two games, the candidate White in the first."""
    chance = random.Random(seed)
    start = opening(chance)
    yield play(start, candidate, other, chance)
    yield play(start, other, candidate, chance)


def play(start: Board, white: Engine, black: Engine, chance: random.Random) -> Game:
    """One game to its end."""
    board = start.__copy__()
    seen: dict[int, int] = {}
    ahead = 0
    for ply in range(PLIES_MAX):
        if not board.generate_moves():
            mate = bool(board.checkers())
            loser = 1 if board.side_to_move() == Color.White else -1
            return Game(-loser if mate else 0, "CHECKMATE" if mate else "STALEMATE", ply)
        seen[board.hash()] = seen.get(board.hash(), 0) + 1
        if seen[board.hash()] == 3 or board.halfmove_clock >= IDLE_PLIES_MAX:
            return Game(0, "ADJUDICATION", ply)
        lead = material(standing(board))
        ahead = ahead + 1 if abs(lead) >= DECISIVE_PAWNS else 0
        if ahead == DECISIVE_PLIES:
            return Game(1 if lead > 0 else -1, "ADJUDICATION", ply)
        engine = white if board.side_to_move() == Color.White else black
        board.play(engine.choose(board, chance).move)
    return Game(0, "ADJUDICATION", PLIES_MAX)
