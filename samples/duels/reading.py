"""Reads the raw JSON of a page: who played, who went first and won, which cards were seen."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

PARSER_VERSION: Final = 1
GOES_FIRST, LOSES, LEAVES = "Chose to go first", ("Lost Duel", "Admitted defeat"), "Left the duel"
CHAT = "Duel message"
_QUOTED: Final = re.compile(r'"([^"]+)"')
_DRAWN = "Drew "


@dataclass
class Reading:
    """A game: seats are 1 and 2, None is nobody; `cards` has what was seen leaving each deck, by card."""

    first: int | None = None
    winner: int | None = None
    unfinished: bool = False
    cards: tuple[Counter[str], Counter[str]] = field(default_factory=lambda: (Counter(), Counter()))


@dataclass(frozen=True)
class Match:
    """All that a page says."""

    played_at: str
    players: tuple[str, str]
    games: list[Reading]
    content_hash: str


def read(raw: str) -> Match:
    """A match of the raw JSON. Raises KeyError and ValueError if it is none."""
    page = json.loads(raw)
    players = (page["player1"]["username"], page["player2"]["username"])
    games: list[Reading] = []
    for play in page["plays"]:
        for line in _lines(play):
            if line["public_log"] == GOES_FIRST:
                games.append(Reading(first=_seat(players, line)))
            elif games and play["play"] != CHAT:
                _note(games[-1], _seat(players, line), line["public_log"])
    return Match(page["date"], players, games, hashlib.sha256(raw.encode()).hexdigest())


def _lines(play: dict[str, Any]) -> Iterator[dict[str, Any]]:
    log = play["log"]
    yield from log if isinstance(log, list) else [log]


def _seat(players: tuple[str, str], line: dict[str, Any]) -> int:
    return players.index(line["username"]) + 1


def _note(game: Reading, seat: int, line: str) -> None:
    if line in LOSES:
        game.winner = 3 - seat
    elif line == LEAVES:
        game.unfinished = True
    elif line.startswith(_DRAWN):
        game.cards[seat - 1].update(_QUOTED.findall(line))


def events(url: str, match: Match) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the log is told of a page, but for deck types."""
    version = {"url": url, "parser_version": PARSER_VERSION}
    one, other = match.players
    yield "replays.replay.parsed.v1", {
        **version, "played_at": match.played_at, "player1": one, "player2": other, "games": len(match.games),
        "content_hash": match.content_hash,
    }  # fmt: skip
    for number, game in enumerate(match.games, 1):
        yield "replays.game.recorded.v1", {
            **version, "game": number, "first": game.first, "winner": game.winner, "unfinished": game.unfinished,
        }  # fmt: skip
