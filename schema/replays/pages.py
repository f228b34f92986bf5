"""Pages: claimed, scraped, read by a parser, the decks in them seen by a classifier."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from schema.declare import Event, Furthest, Greatest, Lifecycle, Once, Register, happens
from schema.envelope import v5
from schema.replays import tables
from schema.replays.links import Url
from schema.types import Attempt, Epoch, Id, Json, Name, Seconds, Text, Time, Whole

GAMES_MAX = 100
ATTEMPTS_MAX = 3
"""Tries at a page before it has failed; a retry by choice opens the next epoch, with as many."""


SCRAPE = Lifecycle(
    "scrape",
    moves={"queued": ("scraping",), "scraping": ("failed",), "failed": ()},
    initial="queued",
    backward={"scraping": ("queued",), "failed": ("queued",)},
)
"""What events say of a page while it has not been scraped; once it has, it stays so."""

Number = Annotated[int, Field(ge=1, le=GAMES_MAX)]
Side = Annotated[Literal[1, 2], Whole]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
ErrorKind = Literal["captcha", "timeout", "not found", "blocked", "lease expired", "other"]

_URL = "https://www.duelingbook.com/replay?id=1234567"


_SCRAPE_MOVES = ("worker", "claimed_at", "lease_until", "error_kind", "error")


def _scrape(state: str, **more: Any) -> Register:
    free = {"worker": None, "claimed_at": None, "lease_until": None}
    return Register(
        tables.scrapes,
        creates=False,
        merges=(Furthest(SCRAPE, state, "event_status", epoch="epoch", attempt="attempt", moves=_SCRAPE_MOVES),),
        **{"values": free, **more},
    )


@happens(
    "url.claimed.v1",
    family="jobs",
    key=("url", "epoch", "attempt"),
    partition_by=("url",),
    lands=_scrape("scraping", values={"error_kind": None, "error": None}, time="claimed_at"),
    example={"url": _URL, "epoch": 1, "attempt": 1, "worker": "browser-1", "lease_until": "2026-03-01T10:05:00Z"},
)
class UrlClaimed(Event):
    """A worker asks for a page: the first claim of an attempt in the partition has it."""

    url: Url
    epoch: Epoch = 1
    attempt: Attempt = 1
    worker: Name
    lease_until: Time


@happens(
    "url.released.v1",
    family="jobs",
    key=("url", "epoch", "attempt"),
    partition_by=("url",),
    lands=_scrape("queued"),
    example={"url": _URL, "epoch": 1, "attempt": 2, "error_kind": "captcha", "error": "not solved in 60 s"},
)
class UrlReleased(Event):
    """A try failed or its lease expired: the page waits for the next attempt, which is named."""

    url: Url
    epoch: Epoch = 1
    attempt: Attempt
    error_kind: ErrorKind
    error: Text = ""


@happens(
    "url.failed.v1",
    family="jobs",
    key=("url", "epoch"),
    partition_by=("url",),
    lands=(_scrape("failed"), Once(tables.scrape_failures, time="failed_at")),
    example={"url": _URL, "epoch": 1, "attempt": 3, "error_kind": "captcha", "error": "not solved in 60 s"},
)
class UrlFailed(Event):
    """The attempts at a page are used up, or another one is of no use."""

    url: Url
    epoch: Epoch = 1
    attempt: Attempt
    error_kind: ErrorKind
    error: Text = ""


@happens(
    "url.retried.v1",
    family="jobs",
    key=("url", "epoch"),
    partition_by=("url",),
    lands=_scrape(
        "queued",
        values={"worker": None, "claimed_at": None, "lease_until": None, "error_kind": None, "error": None},
        omit=("actor",),
    ),
    example={"url": _URL, "epoch": 2, "attempt": 1, "actor": "user_2abCDefGhIJ"},
)
class UrlRetried(Event):
    """Somebody wants a page that had failed: it waits again, in the next epoch."""

    url: Url
    epoch: Epoch
    attempt: Attempt = 1
    actor: Text = ""


@happens(
    "url.scraped.v1",
    family="jobs",
    key=("url",),
    lands=Register(
        tables.scraped_data, time=("created_at", "updated_at"), derived={"id": v5("replays.scraped", "url")}
    ),
    example={"url": _URL, "s3_key": "replays/1234567.json", "epoch": 1, "attempt": 1, "seconds": 64.2},
)
class UrlScraped(Event):
    """The raw JSON of a page was stored. A page is scraped once: of two workers the first has stored it."""

    url: Url
    s3_key: Name
    epoch: Epoch = 1
    attempt: Attempt = 1
    seconds: Seconds | None = None


@happens(
    "replay.parsed.v1",
    family="jobs",
    key=("url", "parser_version"),
    partition_by=("url",),
    lands=Register(
        tables.replays,
        merges=(Greatest("parser_version", moves=("played_at", "player1", "player2", "games", "content_hash")),),
    ),
    example={
        "url": _URL,
        "parser_version": 1,
        "played_at": "2026-02-27T20:15:00Z",
        "player1": "Alice",
        "player2": "Dave",
        "games": 3,
        "content_hash": "0" * 64,
    },
)
class ReplayParsed(Event):
    """A page was read by a version of the parser; what a greater one reads replaces it."""

    url: Url
    parser_version: Id = 1
    played_at: Time
    player1: Name
    player2: Name
    games: Annotated[int, Field(ge=0, le=GAMES_MAX)]
    content_hash: Hash


@happens(
    "game.recorded.v1",
    family="scores",
    key=("url", "parser_version", "game"),
    partition_by=("url",),
    lands=Once(tables.games),
    example={"url": _URL, "parser_version": 1, "game": 1, "first": 2, "winner": 1, "unfinished": False},
)
class GameRecorded(Event):
    """A game of a match as a version of the parser reads it: who went first and who won; null is nobody."""

    url: Url
    parser_version: Id = 1
    game: Number
    first: Side | None = None
    winner: Side | None = None
    unfinished: bool = False


@happens(
    "deck.predicted.v1",
    family="predictions",
    key=("url", "parser_version", "game", "player", "model_version"),
    partition_by=("url",),
    lands=Once(tables.decks),
    example={
        "url": _URL,
        "parser_version": 1,
        "game": 1,
        "player": 1,
        "model_version": 1,
        "deck": "Chaos Control",
        "confidence": 0.9312,
        "cards": {"Sangan": 1, "Book of Moon": 2},
    },
)
class DeckPredicted(Event):
    """The deck type that a classifier sees in the cards of a player in a game."""

    url: Url
    parser_version: Id = 1
    game: Number
    player: Side
    model_version: Id = 1
    deck: Name | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    cards: Json = Field(default_factory=dict)
