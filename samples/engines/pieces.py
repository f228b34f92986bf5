"""Pieces by number, and what they are worth where they stand."""

from __future__ import annotations

from collections.abc import Sequence

PIECES = "PNBRQK"
PAWN, KNIGHT, BISHOP, ROOK, QUEEN, KING = range(1, 7)
"""White's; Black's are negative, 0 is an empty square."""

Squares = list[int]
"""a1, b1, ... h8."""

Values = Sequence[Sequence[float]]
"""[piece + 6][square] -> what the piece is worth there to White, in pawns."""
