"""The networks: weights of a linear evaluation with eighteen inputs, each worse or better informed than the next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from samples.engines.pieces import KING, PAWN, Values
from schema.chess.keys import key_id

PIECE_KINDS = 6
INPUTS = 3 * PIECE_KINDS
"""For each kind of piece: that it is there, how near it is to the centre, how far it has gone."""


@dataclass(frozen=True)
class Network:
    """Weights under the number that they got in their run, in pawns."""

    number: int
    worth: tuple[float, ...]
    """Pawn, knight, bishop, rook, queen, king."""
    centre: tuple[float, ...] = (0.0,) * PIECE_KINDS
    advance: tuple[float, ...] = (0.0,) * PIECE_KINDS

    @property
    def weights(self) -> bytes:
        """What a client would download: JSON."""
        return json.dumps([self.worth, self.centre, self.advance]).encode()

    @property
    def sha(self) -> str:
        """By which it is known."""
        return sha256(self.weights).hexdigest()

    @property
    def id(self) -> int:
        """Its id in the tables."""
        return key_id("network", self.sha)

    def values(self, positional: float = 1.0) -> Values:
        """What each piece is worth on each square; `positional` scales what depends on the square."""
        white = [[self._value(piece, square, positional) for square in range(64)] for piece in range(1, 7)]
        black = [[-row[square ^ 56] for square in range(64)] for row in white]
        return [*reversed(black), [0.0] * 64, *white]

    def _value(self, piece: int, square: int, positional: float) -> float:
        rank, file = divmod(square, 8)
        centrality = 3.5 - max(abs(rank - 3.5), abs(file - 3.5))
        placed = self.centre[piece - 1] * centrality + self.advance[piece - 1] * rank
        return self.worth[piece - 1] + positional * placed


EQUAL, KNOWN = (1.0, 1.0, 1.0, 1.0, 1.0, 0.0), (1.0, 3.0, 3.2, 5.0, 9.0, 0.0)
CENTRE = (0.1, 0.25, 0.15, 0.05, 0.05, -0.2)
NETWORKS = (
    Network(1, EQUAL),
    Network(2, (1.0, 2.0, 2.0, 2.0, 5.0, 0.0)),
    Network(3, KNOWN),
    Network(4, KNOWN, centre=CENTRE),
    Network(5, KNOWN, centre=CENTRE, advance=(0.15, 0.08, 0.05, 0.08, 0.0, -0.2)),
)
"""From one that counts pieces to one that knows what they are worth and where they stand well."""


def numbered(number: int) -> Network:
    """The network of that number."""
    return NETWORKS[number - 1]


def material(squares: Sequence[int]) -> float:
    """What White has more than Black, in pawns, whatever anybody's weights say."""
    return sum((1 if piece > 0 else -1) * KNOWN[abs(piece) - 1] for piece in squares if PAWN <= abs(piece) < KING)
