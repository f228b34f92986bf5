"""A position with its value, which follows every move at the cost of that move."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cozy_chess import Board, Color, Move

from samples.engines.pieces import BISHOP, KNIGHT, PAWN, PIECES, QUEEN, ROOK, Squares, Values

FILES = "abcdefgh"
PROMOTED = {"n": KNIGHT, "b": BISHOP, "r": ROOK, "q": QUEEN}


class Step(NamedTuple):
    """A legal move as the value sees it."""

    gain: float
    """To who moves."""
    move: Move
    start: int
    end: int
    becomes: int
    """The piece on its end square."""
    takes: bool


def _places() -> dict[str, tuple[int, int, int]]:
    """Every text of a move -> start, end, what a pawn becomes."""
    names = [f"{file}{rank}" for rank in range(1, 9) for file in FILES]
    found = {}
    for start, one in enumerate(names):
        for end, other in enumerate(names):
            found[one + other] = (start, end, 0)
            if {start // 8, end // 8} in ({6, 7}, {0, 1}):
                found |= {one + other + letter: (start, end, piece) for letter, piece in PROMOTED.items()}
    return found


PLACES = _places()


class Position:
    """A board, what stands where, and what that is worth to White."""

    __slots__ = ("board", "score", "squares", "values")

    def __init__(self, board: Board, squares: Squares, values: Values, score: float) -> None:
        self.board = board
        self.squares = squares
        self.values = values
        self.score = score

    @property
    def sign(self) -> int:
        """1 if White is to move, -1 if Black is."""
        return 1 if self.board.side_to_move() == Color.White else -1

    def steps(self) -> list[Step]:
        """All legal moves."""
        squares, values, places = self.squares, self.values, PLACES
        sign = self.sign
        found = []
        for move in self.board.generate_moves():
            start, end, promoted = places[str(move)]
            piece, taken = squares[start], squares[end]
            becomes = promoted * sign or piece
            if taken * sign > 0:  # castling is written as the king taking its own rook
                found.append(Step(0.0, move, start, end, piece, False))
                continue
            gain = (values[becomes + 6][end] - values[piece + 6][start] - values[taken + 6][end]) * sign
            found.append(Step(gain, move, start, end, becomes, taken != 0))
        return found

    def after(self, step: Step) -> Position:
        """The position that a move leads to."""
        board = self.board.__copy__()
        board.play_unchecked(step.move)
        squares = self.squares.copy()
        before = 0.0
        for square, piece in self._changed(step):
            before += self.values[piece + 6][square] - self.values[squares[square] + 6][square]
            squares[square] = piece
        return Position(board, squares, self.values, self.score + before)

    def _changed(self, step: Step) -> Iterator[tuple[int, int]]:
        """Squares that a move changes, and what stands there afterwards."""
        start, end, becomes, squares = step.start, step.end, step.becomes, self.squares
        piece, taken = squares[start], squares[end]
        if taken * piece > 0:
            row, short = start - start % 8, end > start
            yield start, 0
            yield end, 0
            yield row + (6 if short else 2), piece
            yield row + (5 if short else 3), taken
            return
        if abs(piece) == PAWN and not taken and start % 8 != end % 8:
            yield start - start % 8 + end % 8, 0
        yield start, 0
        yield end, becomes


def standing(board: Board) -> Squares:
    """What stands on each square of a board."""
    squares: Squares = []
    for row in reversed(board.fen().split()[0].split("/")):
        for letter in row:
            if letter.isdigit():
                squares += [0] * int(letter)
            else:
                piece = PIECES.index(letter.upper()) + 1
                squares.append(piece if letter.isupper() else -piece)
    return squares


def position(board: Board, values: Values) -> Position:
    """A board as these values see it."""
    squares = standing(board)
    return Position(board, squares, values, sum(values[piece + 6][at] for at, piece in enumerate(squares)))
