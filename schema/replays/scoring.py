"""What games come to for a player, a team and a deck type: pure, and the same in whatever order they arrive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, localcontext
from functools import cache, lru_cache
from itertools import groupby
from typing import Any

from schema.board import EXACT
from schema.types import BLANKS, folded

ELO_START, ELO_K = 1500, 32
ELO_UNIT = 1000
"""Ratings are whole thousandths of a point: sums are exact, and what one player wins the other loses."""

MATCH_GAMES = 2
"""Games that win a match, best of three."""


@dataclass(frozen=True)
class Game:
    """A game of a page. `first` and `winner` are 1, 2 or nobody; who is named alike in other cases is the same."""

    url: str
    played_at: datetime
    number: int
    players: tuple[str, str]
    first: int | None
    winner: int | None
    unfinished: bool = False

    @property
    def order(self) -> tuple[datetime, str, int]:
        """In which games were played; pages of one moment in the order of their links."""
        return self.played_at, self.url, self.number


@dataclass
class Record:
    """What the games of one player, or of several, come to."""

    wins: int = 0
    losses: int = 0
    draws: int = 0
    unfinished: int = 0
    matches_won: int = 0
    matches_lost: int = 0
    went_first: int = 0
    won_first: int = 0
    streak: int = 0
    rating: int = ELO_START * ELO_UNIT
    spelling: str = ""
    pages: set[str] = field(default_factory=set)

    @property
    def games(self) -> int:
        """Games that ended."""
        return self.wins + self.losses + self.draws


def read_game(row: Mapping[str, Any]) -> Game:
    """A row of replays.public_games."""
    return Game(
        row["url"], row["played_at"], row["game"], (row["player1"], row["player2"]),
        row["first"], row["winner"], row["unfinished"],
    )  # fmt: skip


@lru_cache(maxsize=65_536)
def player(name: str) -> str:
    """The identity of a player: the name as it is compared, without blanks around it and in any case."""
    return folded(name)


def records(games: Iterable[Game]) -> dict[str, Record]:
    """Player -> record, over games in the order in which they were played."""
    found: dict[str, Record] = {}
    for url, match in groupby(sorted(games, key=lambda game: game.order), key=lambda game: game.url):
        listed = list(match)
        for game in listed:
            pair = _seated(found, game, url)
            if game.unfinished:
                for record in pair:
                    record.unfinished += 1
            elif player(game.players[0]) != player(game.players[1]):
                _play(pair, game)
        _close(_seated(found, listed[0], url), listed)
    return found


def _seated(found: dict[str, Record], game: Game, url: str) -> tuple[Record, Record]:
    for name in game.players:
        record = found.setdefault(player(name), Record())
        record.spelling = name.strip(BLANKS)
        record.pages.add(url)
    one, other = (found[player(name)] for name in game.players)
    return one, other


def _play(pair: tuple[Record, Record], game: Game) -> None:
    gained = elo_gain(pair[0].rating - pair[1].rating, game.winner)
    for seat, (record, gain) in enumerate(zip(pair, (gained, -gained), strict=True), 1):
        record.rating += gain
        count(record, game, seat)


def count(record: Record, game: Game, seat: int) -> None:
    """Add a game that ended to the record of who had the given seat."""
    won = game.winner == seat
    record.wins += won
    record.losses += game.winner not in (seat, None)
    record.draws += game.winner is None
    record.went_first += game.first == seat
    record.won_first += won and game.first == seat
    step = 0 if game.winner is None else 1 if won else -1
    record.streak = record.streak + step if record.streak * step > 0 else step


def _close(pair: tuple[Record, Record], match: Sequence[Game]) -> None:
    """A match is won by who is first to two games; anything else is undecided."""
    won = match_winner(match)
    if won and pair[0] is not pair[1]:
        pair[won - 1].matches_won += 1
        pair[2 - won].matches_lost += 1


def match_winner(match: Iterable[Game]) -> int | None:
    """The seat that first won two games of a match, or None."""
    wins = {1: 0, 2: 0}
    for game in sorted(match, key=lambda game: game.number):
        if game.winner and not game.unfinished:
            wins[game.winner] += 1
            if wins[game.winner] == MATCH_GAMES:
                return game.winner
    return None


def elo_gain(ahead: int, winner: int | None) -> int:
    """What the first of two players gains by a game, in thousandths; `ahead` is by how much they lead.

    K (S - E) with E = 1 / (1 + 10^(-lead/400)), the lead in whole points.
    Source: A. Elo, The Rating of Chessplayers, 1978.
    """
    expected = _expected(round(ahead / ELO_UNIT))
    result = {1: 1_000_000, 2: 0, None: 500_000}[winner]
    return round(ELO_K * ELO_UNIT * (result - expected) / 1_000_000)


@cache
def _expected(lead: int) -> int:
    """Expected result in millionths."""
    with localcontext(EXACT):
        return int((1_000_000 / (1 + Decimal(10) ** (Decimal(-lead) / 400))).to_integral_value())


@dataclass(frozen=True)
class DeckGame:
    """A game from one side, with the deck type seen there."""

    url: str
    number: int
    seat: int
    deck: str
    confidence: Decimal
    winner: int | None


@dataclass
class DeckRecord:
    """What the games with a deck type come to, one a game and side."""

    wins: int = 0
    losses: int = 0
    draws: int = 0
    confidence: Decimal = Decimal(0)

    @property
    def games(self) -> int:
        """Games and sides."""
        return self.wins + self.losses + self.draws


def read_decks(rows: Iterable[Mapping[str, Any]]) -> list[DeckGame]:
    """Rows of replays.public_decks, without unfinished games and decks of which no card was seen."""
    return [
        DeckGame(row["url"], row["game"], row["player"], row["deck"], Decimal(repr(row["confidence"])), row["winner"])
        for row in rows
        if row["deck"] is not None and not row["unfinished"]
    ]


def deck_records(games: Iterable[DeckGame]) -> dict[str, DeckRecord]:
    """Deck type -> record; a mirror match counts on both sides."""
    found: dict[str, DeckRecord] = {}
    for game in games:
        record = found.setdefault(game.deck, DeckRecord())
        record.wins += game.winner == game.seat
        record.losses += game.winner not in (game.seat, None)
        record.draws += game.winner is None
        record.confidence += game.confidence
    return found


def matchups(games: Iterable[DeckGame]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """(deck type, the other one) -> wins, losses, draws: what one wins of another, that one loses."""
    tables: dict[tuple[str, int], list[DeckGame]] = {}
    for game in games:
        tables.setdefault((game.url, game.number), []).append(game)
    found: dict[tuple[str, str], tuple[int, int, int]] = {}
    for sides in tables.values():
        for own, other in ((a, b) for a in sides for b in sides if a.seat != b.seat):
            wins, losses, draws = found.get((own.deck, other.deck), (0, 0, 0))
            won = own.winner == own.seat
            drawn = own.winner is None
            found[own.deck, other.deck] = (wins + won, losses + (not won and not drawn), draws + drawn)
    return found
