"""Sparse networks of weights: LDL' by elimination of minimum degree, solutions, and the diagonal of the inverse.

The matrix of a network has the weights negated beside the diagonal, and their sum with the ground's in it. Kept as
weights, it is eliminated without a subtraction (Grassmann, Taksar and Heyman 1985): weights of 1 and of 1e-20 may meet.
"""

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


def eliminate(ground: Sequence[Scalar], rows: Sequence[Mapping[int, Scalar]]) -> list[Pivot]:
    """Factor the matrix of a sparse network; the node with the fewest neighbours goes first.

    `rows` hold the weights between nodes, both ways, and `ground` those to what is fixed. Weights have a positive real
    part. Raises ZeroDivisionError if a part of the network has no ground.
    """
    left: Rows = [dict(row) for row in rows]
    main = list(ground)
    queue = [(len(row), node) for node, row in enumerate(left)]
    heapq.heapify(queue)
    gone = [False] * len(main)
    pivots: list[Pivot] = []
    while queue:
        degree, node = heapq.heappop(queue)
        if gone[node] or degree != len(left[node]):
            continue  # an older remark on a node that has changed since
        gone[node] = True
        pivots.append(_reduce(node, main, left))
        for other, _ in pivots[-1].links:
            heapq.heappush(queue, (len(left[other]), other))
    return pivots


def _reduce(node: int, main: list[Scalar], left: Rows) -> Pivot:
    """Take a node out of what is left: its neighbours get what went through it, among themselves and to the ground."""
    own = left[node]
    value = sum(own.values(), main[node])
    links = [(other, -weight / value) for other, weight in own.items()]
    for other, ratio in links:
        row = left[other]
        del row[node]
        main[other] -= ratio * main[node]
        for third, weight in own.items():
            if third != other:
                row[third] = row.get(third, 0.0) - ratio * weight
    return Pivot(node, value, links)


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
