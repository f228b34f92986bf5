"""A replay page: the match is played when somebody asks for it, always the same way, and told line by line."""

from __future__ import annotations

import json
import re
from itertools import count
from random import Random
from typing import Any, Final

from samples.duels.duel import Duel, shuffled
from samples.duels.players import Player, deck, draft
from samples.duels.schedule import BROKEN_OFF, MEETINGS, Meeting

WINS = 2
SECONDS_A_PLAY_MAX = 20
_OPENING, _CLOSING = '<script type="application/json" id="replay">', "</script>"
_EMBEDDED: Final = re.compile(re.escape(_OPENING) + r"(.*?)" + re.escape(_CLOSING), re.DOTALL)


class Unreadable(Exception):
    """A page has no replay in it."""


class Story:
    """The plays of a match, with the seconds since it began."""

    def __init__(self, players: tuple[Player, Player], chance: Random) -> None:
        self.players = players
        self.plays: list[dict[str, Any]] = []
        self._chance = chance
        self._seconds = 0

    def tell(self, seat: int, play: str, line: str) -> None:
        """Add a line."""
        self._seconds += self._chance.randint(1, SECONDS_A_PLAY_MAX)
        name = self.players[seat].name
        log = {"username": name, "public_log": line}
        self.plays.append({"seconds": self._seconds, "play": play, "username": name, "log": log})


def replay(meeting: Meeting) -> dict[str, Any]:
    """Play the match: the raw JSON of its page."""
    chance = Random(f"match {meeting.page}")
    story = Story(meeting.players, chance)
    choices = draft(chance)
    decks = [deck(player.style, choices) for player in meeting.players]
    won, first = [0, 0], chance.randrange(2)
    for number in count(1):
        story.tell(first, "RPS", "Chose to go first")
        story.tell(1 - first, "Duel message", f'"Good luck in game {number}!"')
        broken_off = BROKEN_OFF.get(meeting.page) if number == WINS else None
        sides = (shuffled(decks[0], chance), shuffled(decks[1], chance))
        winner = Duel(sides, meeting.players, first, story.tell, broken_off).play()
        if winner is None:
            break
        won[winner] += 1
        first = 1 - winner
        if max(won) == WINS:
            break
    one, other = meeting.players
    return {
        "date": meeting.played_at.isoformat(),
        "player1": {"username": one.name},
        "player2": {"username": other.name},
        "plays": story.plays,
    }


def html(page: int) -> str | None:
    """The page of a number; None if there is none."""
    if (meeting := MEETINGS.get(page)) is None:
        return None
    raw = json.dumps(replay(meeting), sort_keys=True, ensure_ascii=True).replace("<", "\\u003c")
    title = f"{meeting.players[0].name} - {meeting.players[1].name}"
    return f"<!doctype html><html><head><title>{title}</title></head><body>{_OPENING}{raw}{_CLOSING}</body></html>\n"


def raw_json(text: str) -> str:
    """What a scrape keeps: the raw JSON in a page. Raises Unreadable."""
    found = _EMBEDDED.search(text)
    if found is None:
        raise Unreadable("the page has no replay")
    return found[1]
