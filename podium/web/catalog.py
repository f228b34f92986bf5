"""Which boards there are and how they are declared: from an id to a title, metrics and the way to the facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from itertools import takewhile
from typing import Any

from schema.declare import UNIT_OF_SCOPE, Board, Domain, Metric

LIKE_MAX = 3
DIFFERENCE_MAX = 18
LIKENESS_MIN = 0.6


@dataclass(frozen=True)
class Ranking:
    """A board declaration with the domain that it belongs to."""

    domain: Domain
    board: Board

    @property
    def prefix(self) -> str:
        """What the ids of its boards begin with: `<domain>.<board>.`."""
        return f"{self.domain.name}.{self.board.name}."

    @property
    def scopes(self) -> str:
        """SQL that lists its boards."""
        return self.domain.sql(self.board.scopes)

    @property
    def drill(self) -> str | None:
        """SQL that lists the facts behind an entry; None where the domain has none."""
        return self.domain.sql(self.board.drill) if self.board.drill else None


@dataclass(frozen=True)
class Known:
    """A board: its title, and the parameters of its queries if the domain lists it."""

    id: str
    title: str
    ranking: Ranking
    parameters: Mapping[str, Any] | None
    """None for a board that was cut once and is listed no more: only its snapshots can be shown."""

    @cached_property
    def metrics(self) -> tuple[Metric, ...]:
        """Those of the declaration, in units of this scope."""
        unit = (self.parameters or {}).get("unit", "")
        return tuple(
            replace(metric, unit=unit) if metric.unit == UNIT_OF_SCOPE else metric
            for metric in self.ranking.board.metrics
        )

    @property
    def score(self) -> Metric:
        """The metric that ranks: the one named `score`, else the first."""
        return next((metric for metric in self.metrics if metric.name == "score"), self.metrics[0])

    @property
    def further(self) -> tuple[Metric, ...]:
        """The metrics beside the one that ranks."""
        return tuple(metric for metric in self.metrics if metric is not self.score)


@dataclass
class Catalog:
    """The boards that the domains list, by id."""

    rankings: Sequence[Ranking]
    known: dict[str, Known] = field(default_factory=dict)

    def add(self, ranking: Ranking, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take in what a declaration's list of scopes yields: rows of id, title and parameters."""
        for row in rows:
            id_ = row["id"] if str(row["id"]).startswith(ranking.prefix) else f"{ranking.prefix}{row['id']}"
            rest = {name: value for name, value in row.items() if name not in ("id", "title", "parameters")}
            self.known[id_] = Known(id_, row["title"], ranking, {**rest, **(row.get("parameters") or {})})

    def tell_apart(self) -> None:
        """Where several boards have one title, add what their ids differ in."""
        same: dict[str, list[Known]] = {}
        for known in self.known.values():
            same.setdefault(known.title, []).append(known)
        for title, boards in same.items():
            ids = [known.id.removeprefix(known.ranking.prefix) for known in boards]
            begin = _alike(ids)
            for known, id_ in zip(boards, ids, strict=True) if len(boards) > 1 else ():
                self.known[known.id] = replace(known, title=f"{title} ({id_[begin : begin + DIFFERENCE_MAX]})")

    def get(self, board: str) -> Known | None:
        """What is known of a board that is listed or was cut; None for one that no declaration has."""
        listed = self.known.get(board)
        if listed:
            return listed
        ranking = next((ranking for ranking in self.rankings if board.startswith(ranking.prefix)), None)
        if ranking is None:
            return None
        return Known(board, f"{ranking.board.title}, {board.removeprefix(ranking.prefix)}", ranking, None)

    def like(self, board: str) -> list[Known]:
        """Listed boards whose ids or titles are written much like `board`, the closest first."""
        by_words = {words.casefold(): known for known in self.known.values() for words in (known.title, known.id)}
        close = get_close_matches(board.casefold(), by_words, LIKE_MAX, LIKENESS_MIN)
        return list({by_words[words].id: by_words[words] for words in close}.values())


def _alike(ids: Sequence[str]) -> int:
    """Length of the words that all ids begin with."""
    letters = takewhile(lambda column: len(set(column)) == 1, zip(*ids, strict=False))
    return len(re.sub(r"\w*$", "", "".join(column[0] for column in letters)))


def rankings(domains: Iterable[Domain]) -> tuple[Ranking, ...]:
    """All declared boards, in the order of the domains."""
    return tuple(Ranking(domain, board) for domain in domains for board in domain.boards)
