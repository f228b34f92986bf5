"""Sparse symmetric systems: LDL' by elimination of minimum degree, solutions, and the diagonal of the inverse."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from typing import NamedTuple

Scalar = float | complex
Rows = list[dict[int, Scalar]]
"""Of each node: neighbour -> entry, both ways."""


class Pivot(NamedTuple):
    """One step of the elimination: the node, its pivot, and its multipliers on nodes eliminated later."""

    node: int
    value: Scalar
    links: list[tuple[int, Scalar]]


def eliminate(diagonal: Sequence[Scalar], rows: Sequence[Mapping[int, Scalar]]) -> list[Pivot]:
    """Factor a symmetric matrix whose graph is sparse; the one with the fewest neighbours goes first.

    The matrix may be complex symmetric. Raises ZeroDivisionError if it is singular.
    """
    left: Rows = [dict(row) for row in rows]
    main = list(diagonal)
    queue = [(len(row), node) for node, row in enumerate(left)]
    heapq.heapify(queue)
    gone = [False] * len(main)
    pivots: list[Pivot] = []
    while queue:
        degree, node = heapq.heappop(queue)
        if gone[node] or degree != len(left[node]):
            continue  # an older remark on a node that has changed since
        gone[node] = True
        links = _reduce(node, main, left)
        for other, _ in links:
            heapq.heappush(queue, (len(left[other]), other))
        pivots.append(Pivot(node, main[node], links))
    return pivots


def _reduce(node: int, main: list[Scalar], left: Rows) -> list[tuple[int, Scalar]]:
    """Take a node out of what is left; its multipliers."""
    value, own = main[node], left[node]
    links = [(other, entry / value) for other, entry in own.items()]
    for other, ratio in links:
        row = left[other]
        del row[node]
        for third, entry in own.items():
            if third == other:
                main[other] -= ratio * entry
            elif third in row:
                row[third] -= ratio * entry
            else:
                row[third] = -ratio * entry
    return links


def solve(pivots: Sequence[Pivot], right: Sequence[Scalar]) -> list[Scalar]:
    """The solution for one right side."""
    x = list(right)
    for node, _, links in pivots:
        at = x[node]
        for other, ratio in links:
            x[other] -= ratio * at
    for node, value, links in reversed(pivots):
        total = x[node] / value
        for other, ratio in links:
            total -= ratio * x[other]
        x[node] = total
    return x


def inverse_diagonal(pivots: Sequence[Pivot]) -> list[Scalar]:
    """The diagonal of the inverse, after Takahashi: only entries where the factor has some are computed."""
    found: Rows = [{} for _ in pivots]
    for node, value, links in reversed(pivots):
        own = found[node]
        for other, _ in links:
            row = found[other]
            total: Scalar = 0.0
            for third, ratio in links:
                total -= ratio * row[third]
            own[other] = row[node] = total
        own[node] = 1 / value - sum((ratio * own[other] for other, ratio in links), 0.0)
    return [row[node] for node, row in enumerate(found)]
