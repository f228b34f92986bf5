"""Intervals of shares: exact to 40 digits, so that no machine shows."""

from __future__ import annotations

from decimal import Decimal, localcontext

from schema.board import EXACT, rounded

Z = Decimal("1.96")
"""Half width of a 95 % interval in standard errors."""


def wilson(part: int, whole: int) -> tuple[Decimal, Decimal] | None:
    """95 % Wilson interval of part / whole, unrounded, within [0, 1]; None for nothing out of nothing."""
    if not whole:
        return None
    with localcontext(EXACT):
        p, n = Decimal(part) / whole, Decimal(whole)
        spread = Z * Z / n
        centre = (p + spread / 2) / (1 + spread)
        half = Z * (p * (1 - p) / n + spread / (4 * n)).sqrt() / (1 + spread)
        # At the ends the bound is exact; 40 digits would miss it by one in the last.
        low = centre - half if part else Decimal(0)
        high = centre + half if part < whole else Decimal(1)
        return low, high


def bounds(part: int, whole: int, decimals: int) -> tuple[Decimal | None, Decimal | None]:
    """`wilson`, rounded; nothing for nothing out of nothing."""
    found = wilson(part, whole)
    return (rounded(found[0], decimals), rounded(found[1], decimals)) if found else (None, None)
