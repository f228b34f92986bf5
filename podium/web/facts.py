"""How the facts behind an entry become a table: what a domain's drill query yields, its places set apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

PLACE = ("topic", "partition", "offset")
SCORE_PLACE = ("score_partition", "score_offset")
SUBJECT = "subject"
VERDICT = "correct"
LONG = "text"
FIGURE_DECIMALS = 6

Fact = Mapping[str, Any]


@dataclass(frozen=True)
class FactColumns:
    """The columns of a page of facts. A drill query yields `subject`, columns of its own, and PLACE."""

    rows: Sequence[Fact]

    @cached_property
    def own(self) -> list[str]:
        """Names of the domain's own columns that tell the facts of this page apart."""
        return [name for name in self._names if name not in self.shared]

    @cached_property
    def shared(self) -> dict[str, Any]:
        """What all facts of the page have in common, said once instead of in every line."""
        if len(self.rows) < 2:
            return {}
        first = self.rows[0]
        plain = [name for name in self._names if name not in (SUBJECT, VERDICT, LONG)]
        return {name: first[name] for name in plain if all(row[name] == first[name] for row in self.rows)}

    @cached_property
    def _names(self) -> list[str]:
        names = self.rows[0].keys() if self.rows else ()
        hidden = (*PLACE, *SCORE_PLACE)
        return [name for name in names if name not in hidden and any(row[name] is not None for row in self.rows)]

    @property
    def scored(self) -> bool:
        """Whether the places of scores are known as well."""
        return any(row.get(SCORE_PLACE[1]) is not None for row in self.rows)

    @staticmethod
    def title(name: str) -> str:
        """Heading of a column."""
        return name.replace("_", " ").capitalize()

    @staticmethod
    def kind(name: str, value: Any) -> str:
        """How a value is drawn: verdict, time, long, number or word."""
        if name == VERDICT:
            return "verdict"
        if isinstance(value, datetime):
            return "time"
        if name == LONG:
            return "long"
        return "number" if isinstance(value, int | float) and not isinstance(value, bool) else "word"

    @staticmethod
    def plain(value: Any) -> str:
        """A value as text; nothing for nothing."""
        if value is None:
            return ""
        if isinstance(value, float):
            return f"{value:.{FIGURE_DECIMALS}f}".rstrip("0").rstrip(".")
        return str(value)
