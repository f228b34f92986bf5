"""Which boards there are and how they are declared: from an id to a title, metrics and the way to the facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from schema.declare import Board, Domain, Metric

LIKE_MAX = 3
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

    @property
    def score(self) -> Metric:
        """The metric that ranks: the one named `score`, else the first."""
        metrics = self.board.metrics
        return next((metric for metric in metrics if metric.name == "score"), metrics[0])

    @property
    def further(self) -> tuple[Metric, ...]:
        """The metrics beside the one that ranks."""
        return tuple(metric for metric in self.board.metrics if metric is not self.score)


@dataclass(frozen=True)
class Known:
    """A board: its title, and the parameters of its queries if the domain lists it."""

    id: str
    title: str
    ranking: Ranking
    parameters: Mapping[str, Any] | None
    """None for a board that was cut once and is listed no more: only its snapshots can be shown."""


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

    def get(self, board: str) -> Known | None:
        """What is known of a board that is listed or was cut; None for one that no declaration has."""
        listed = self.known.get(board)
        if listed:
            return listed
        ranking = next((ranking for ranking in self.rankings if board.startswith(ranking.prefix)), None)
        return Known(board, board.removeprefix(ranking.prefix), ranking, None) if ranking else None

    def like(self, board: str) -> list[Known]:
        """Listed boards whose ids or titles are written much like `board`, the closest first."""
        by_words = {words.casefold(): known for known in self.known.values() for words in (known.title, known.id)}
        close = get_close_matches(board.casefold(), by_words, LIKE_MAX, LIKENESS_MIN)
        return list({by_words[words].id: by_words[words] for words in close}.values())


def rankings(domains: Iterable[Domain]) -> tuple[Ranking, ...]:
    """All declared boards, in the order of the domains."""
    return tuple(Ranking(domain, board) for domain in domains for board in domain.boards)
