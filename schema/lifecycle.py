"""Life cycles: states, their ranks, and the moves that are legal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


class Misdeclared(Exception):
    """A declaration breaks a rule that the promises rest on."""


@dataclass(frozen=True)
class Lifecycle:
    """States and their legal direct moves within one epoch and attempt.

    `rank` grows along every move; all terminal states share the highest rank, so that the first of them in the
    partition stays. Raises Misdeclared for a cycle: a move backwards opens an epoch or an attempt instead.
    """

    name: str
    moves: Mapping[str, tuple[str, ...]]
    initial: str
    backward: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Moves that are legal only by opening a new epoch or attempt: state -> states."""
    final: tuple[str, ...] = ()
    """Terminal states that no epoch or attempt leaves: through the log, the row stays as the first of them left it."""

    def __post_init__(self) -> None:
        self.ranks  # noqa: B018 - computing the ranks finds cycles when the domain is imported
        if not set(self.final) <= self.terminal or set(self.final) & set(self.backward):
            raise Misdeclared(f"lifecycle {self.name}: what is final has no move out of it, backward ones included")

    @cached_property
    def states(self) -> tuple[str, ...]:
        """All states, by rank, then as declared."""
        return tuple(sorted(self.moves, key=lambda state: (self.ranks[state], list(self.moves).index(state))))

    @cached_property
    def terminal(self) -> frozenset[str]:
        """States without a move out of them."""
        return frozenset(state for state, targets in self.moves.items() if not targets)

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """State -> length of the longest path that leads to it; terminal states share the greatest."""
        depth = {state: self._depth(state, ()) for state in self.moves}
        top = max(depth.values(), default=0)
        return {state: (depth[state] if targets else top) for state, targets in self.moves.items()}

    def _depth(self, state: str, trail: tuple[str, ...]) -> int:
        if state in trail:
            raise Misdeclared(f"lifecycle {self.name}: {' -> '.join((*trail, state))} is a cycle; open an epoch")
        before = [origin for origin, targets in self.moves.items() if state in targets]
        return max((self._depth(origin, (*trail, state)) + 1 for origin in before), default=0)

    def reaches(self, origin: str, target: str) -> bool:
        """Whether moves within one epoch lead from `origin` to `target`."""
        return any(step == target or self.reaches(step, target) for step in self.moves[origin])

    def reopens(self, origin: str, target: str) -> bool:
        """Whether a move that opens a new epoch or attempt may lead from `origin` to `target`."""
        return origin not in self.final and (target == self.initial or target in self.backward.get(origin, ()))
