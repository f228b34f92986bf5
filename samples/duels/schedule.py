"""Which duels there are, under which numbers their pages lie, and who of the users wants what of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any, Final
from uuid import UUID, uuid5

from samples.duels.players import Player
from schema.envelope import derived_id
from schema.replays.links import CANONICAL

LEAGUE: Final = (
    Player("Ashgrove", "Rush", 0.9), Player("Brindle", "Rush", 0.4, proud=True), Player("Cinder", "Wall", 0.2),
    Player("Dovetail", "Wall", 0.6), Player("Ember Lane", "Venom", 0.3), Player("Foxglove", "Giants", 0.5),
    Player("Greywater", "Giants", 0.1, proud=True), Player("Hollow", "Leech", 0.5),
)  # fmt: skip
"""Who plays in public: everybody twice against everybody."""

HIDDEN: Final = (Player("Nightjar", "Venom", 0.7), Player("Owlet", "Rush", 0.6), Player("Pale Moth", "Leech", 0.2))
"""Who practises, on pages that only private jobs ask for."""

FIRST_PAGE, FIRST_HIDDEN_PAGE, FIRST_GONE_PAGE = 700_001, 800_001, 900_001
SEASON: Final = datetime(2024, 3, 1, 18, tzinfo=UTC)
BROKEN_OFF: Final = {700_010: 3, 700_041: 5}
"""Page -> turns after which the connection was lost in its last game."""


@dataclass(frozen=True)
class Meeting:
    """A match, best of three, and the number of its page."""

    page: int
    players: tuple[Player, Player]

    @property
    def played_at(self) -> datetime:
        """When it was played: the season is older than the page."""
        return SEASON + timedelta(hours=7 * (self.page % 100_000))


MEETINGS: Final = {
    FIRST_PAGE + n: Meeting(FIRST_PAGE + n, pair) for n, pair in enumerate(permutations(LEAGUE, 2))
} | {
    FIRST_HIDDEN_PAGE + n: Meeting(FIRST_HIDDEN_PAGE + n, pair) for n, pair in enumerate(permutations(HIDDEN, 2))
}  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """A job that a user wants: links as somebody would type them, and what is to become of it."""

    user: str
    name: str
    links: Sequence[str]
    shared: tuple[bool, ...] = ()
    """What the owner says one after the other once it is completed."""
    cancelled: bool = False
    teams: dict[str, Sequence[str]] = field(default_factory=dict)
    """Team -> whom its captain confirms."""

    @property
    def id(self) -> UUID:
        """Of the job; everybody can compute it, which only a demonstration may allow."""
        return uuid5(_DEMONSTRATION, f"{self.user}/{self.name}")

    @property
    def event(self) -> dict[str, Any]:
        """What `replays.job.submitted.v1` says."""
        teams = [{"team": team, "matches": [{"urls": list(self.links)}]} for team in self.teams]
        return {
            "job_id": self.id,
            "user_id": derived_id("replays.user", clerk_id(self.user)),
            "job_type": "GFWL" if teams else "INDIVIDUAL",
            "urls": list(self.links),
            "team_data": {"teams": teams} if teams else None,
        }


def clerk_id(user: str) -> str:
    """What the identity provider calls a user."""
    return f"user_demo_{user.replace(' ', '_')}"


_DEMONSTRATION: Final = UUID("6f1d2f62-0d0c-5c0e-8e43-6a0c4a0b3d11")
_SPELLINGS: Final = (
    CANONICAL + "{}", "http://duelingbook.com/replay?id={}", "  https://www.duelingbook.com/replay?id={}#game2",
    "https://WWW.DuelingBook.com/replay?lang=en&id={}&t=90",
)  # fmt: skip
"""One page is asked for in many spellings."""

INDIVIDUAL_LINKS = 12


def _links(pages: Sequence[int], turn: int = 0) -> list[str]:
    return [_SPELLINGS[(page + turn) % len(_SPELLINGS)].format(page) for page in pages]


def _of(name: str) -> list[int]:
    return [page for page, meeting in MEETINGS.items() if name in {player.name for player in meeting.players}]


def _wishes() -> list[Wish]:
    league = [player.name for player in LEAGUE]
    between = [
        page for page, meeting in MEETINGS.items()
        if page < FIRST_HIDDEN_PAGE and len({player.name for player in meeting.players} & set(league[:4])) == 1
    ]  # fmt: skip
    hidden = [page for page in MEETINGS if page >= FIRST_HIDDEN_PAGE]
    # Of fourteen matches an individual job takes twelve: the first here, the last there, so that each is asked for.
    own = [
        Wish(name, "own games", _links(_of(name)[:INDIVIDUAL_LINKS] if n < 4 else _of(name)[-INDIVIDUAL_LINKS:], n),
             shared=(True,))
        for n, name in enumerate(league)
    ]  # fmt: skip
    league_match = Wish(
        "captain", "league match", _links(between), shared=(True,), teams={"North": league[:3], "South": league[4:]}
    )
    return [
        *own[:3],
        Wish("guest", "mistaken", _links(_of("Hollow")[:4], 1), cancelled=True),
        league_match,
        *own[3:6],
        Wish("captain", "practice", _links(hidden, 2), teams={"Night": [player.name for player in HIDDEN[:2]]}),
        Wish("guest", "gone", _links([FIRST_GONE_PAGE, FIRST_GONE_PAGE + 1])),
        *own[6:],
        Wish("guest", "one of three", _links([FIRST_PAGE, FIRST_GONE_PAGE + 2, FIRST_PAGE + 1], 3), shared=(True,)),
        Wish("visitor", "on second thought", _links(_of("Cinder")[:4]), shared=(True, False)),
    ]


WISHES: Final = _wishes()
USERS: Final = list(dict.fromkeys(wish.user for wish in WISHES))
