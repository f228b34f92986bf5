"""Two entries of a board side by side: how they fared on what both answered, and whether they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from podium.web.address import address
from podium.web.catalog import Known
from podium.web.reading import Snapshot
from podium.web.view import Entry, figure, significant
from schema.declare import Metric

P_SHOWN_MIN = 0.001
RARE = 0.05
SHARES = ("share",)
BOUNDS = ("low", "high")
TEST, P_VALUE = "test", "p_value"
CHOICE_MAX = 500
"""Entries that are offered to choose from."""


@dataclass(frozen=True)
class Comparison:
    """Two entries of the newest snapshot, and what the tables say of what they have in common, as they are now."""

    known: Known
    snapshot: Snapshot
    a: Entry | None
    b: Entry | None
    result: Mapping[str, Any]

    @property
    def path(self) -> str:
        """Address of this page without its query."""
        return f"{address(self.known.id)}/@compare"

    @property
    def score(self) -> Metric:
        """The metric that ranks."""
        return self.known.score

    @property
    def choice(self) -> Sequence[Entry]:
        """Entries to choose from, best first."""
        return self.snapshot.entries[:CHOICE_MAX]

    @cached_property
    def lines(self) -> list[tuple[str, str]]:
        """What was counted, in words, and how much of it."""
        names = {"a": self.a["name"] if self.a else "", "b": self.b["name"] if self.b else ""}
        words = self.known.ranking.board.compared_as
        return [(words[name].format(**names), self._figure(name)) for name in words if name in self.result]

    def _figure(self, name: str) -> str:
        value = self.result[name]
        if name not in SHARES or value is None:
            return figure(value)
        shown = f"{significant(100 * value)} %"
        low, high = (self.result.get(bound) for bound in BOUNDS)
        if low is None or high is None:
            return shown
        return f"{shown} (95 % interval {significant(100 * low)} – {significant(100 * high)} %)"

    @property
    def p_value(self) -> str | None:
        """The p value as it is read, None where there is no test."""
        return p_value(self.result.get(P_VALUE))

    @property
    def verdict(self) -> str | None:
        """What the p value means, in a sentence."""
        p = self.result.get(P_VALUE)
        if p is None:
            return None
        return "Such a difference would be rare by chance." if p < RARE else "The difference may well be chance."

    @property
    def test(self) -> str:
        """Name of the test."""
        return str(self.result.get(TEST, ""))


def p_value(p: float | None) -> str | None:
    """A p value in three digits; below what can be told, as less than that."""
    if p is None:
        return None
    return f"< {P_SHOWN_MIN}" if p < P_SHOWN_MIN else significant(float(f"{p:.3g}"))
