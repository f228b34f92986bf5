"""How the facts behind an entry become a table: what a domain's drill query yields, its places set apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from podium.web.view import DASH, significant

PLACE = ("topic", "partition", "offset")
SCORE_PLACE = ("score_partition", "score_offset")
SUBJECT = "subject"
ENTRY = "_entry"
"""A column of this ending holds ids of entries of the board: the column before the ending leads to them."""
SECONDS, SHARE = "seconds", "_share"
VERDICT = "correct"
LONG = "text"
LINK = ("https://", "http://")
UNITS = ((1.0, 1, "s"), (1e-3, 1e3, "ms"), (0.0, 1e6, "µs"))
"""From how many seconds on a duration is told in which unit."""

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
        plain = [name for name in self._names if name not in (VERDICT, LONG)]
        return {name: first[name] for name in plain if all(row[name] == first[name] for row in self.rows)}

    @cached_property
    def _names(self) -> list[str]:
        names = self.rows[0].keys() if self.rows else ()
        hidden = (SUBJECT, *PLACE, *SCORE_PLACE, *(name for name in names if name.endswith(ENTRY)))
        return [name for name in names if name not in hidden and any(row[name] is not None for row in self.rows)]

    @property
    def scored(self) -> bool:
        """Whether the places of scores are known as well."""
        return any(row.get(SCORE_PLACE[1]) is not None for row in self.rows)

    @staticmethod
    def title(name: str) -> str:
        """Heading of a column."""
        plain = name.removesuffix(f"_{SECONDS}").removesuffix(SHARE)
        return plain.replace("_", " ").capitalize()

    def kind(self, name: str) -> str:
        """How a column is drawn: verdict, time, long, link, number or word."""
        value = next((row[name] for row in self.rows if row[name] is not None), None)
        if name == VERDICT:
            return "verdict"
        if isinstance(value, datetime):
            return "time"
        if name == LONG:
            return "long"
        if isinstance(value, str) and value.startswith(LINK):
            return "link"
        return "number" if isinstance(value, int | float) and not isinstance(value, bool) else "word"

    @staticmethod
    def plain(name: str, value: Any) -> str:
        """A value as text, with its unit; a dash for nothing."""
        if value is None or value == "":
            return DASH
        if isinstance(value, bool):
            return "yes" if value else "no"
        if not isinstance(value, int | float):
            return str(value)
        if name.endswith(SECONDS):
            return duration(float(value))
        if name.endswith(SHARE):
            return f"{significant(100 * float(value))} %"
        return significant(value) if isinstance(value, float) else str(value)

    @staticmethod
    def entry(fact: Fact, name: str) -> str | None:
        """The id of the entry of the board that a value names; None for none."""
        return fact.get(f"{name}{ENTRY}")


def duration(seconds: float) -> str:
    """Seconds in the unit in which they are easy to read."""
    if seconds == 0:
        return "0 s"
    _, factor, unit = next(each for each in UNITS if abs(seconds) >= each[0])
    return f"{significant(float(f'{seconds * factor:.4g}'))} {unit}"
