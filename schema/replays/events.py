"""What can happen in the replays domain; beside each event, where it lands and how it merges."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from schema.declare import Event, Furthest, Greatest, Latest, Lifecycle, Once, Register, happens
from schema.envelope import v5
from schema.replays import tables
from schema.replays.links import Link, Url, distinct
from schema.types import Attempt, Epoch, Id, Json, Name, Seconds, Text, Time, Uuid

LINKS_MAX = 12
"""Distinct links of an INDIVIDUAL job."""

TEAM_LINKS_MAX = 500
PLAYERS_MAX = 500
GAMES_MAX = 100
ATTEMPTS_MAX = 3
"""Tries at a page before it has failed; a retry by choice opens the next epoch, with as many."""

JOB = Lifecycle(
    "job",
    moves={
        "PENDING": ("RUNNING", "CANCELLED"),
        "RUNNING": ("COMPLETED", "FAILED", "CANCELLED"),
        "COMPLETED": (), "FAILED": (), "CANCELLED": (),
    },
    initial="PENDING",
)  # fmt: skip
"""What events say of a job; COMPLETED is shown when its links have an outcome and its teams are confirmed."""

SCRAPE = Lifecycle(
    "scrape",
    moves={"queued": ("scraping",), "scraping": ("failed",), "failed": ()},
    initial="queued",
    backward={"scraping": ("queued",), "failed": ("queued",)},
)
"""What events say of a page while it has not been scraped; once it has, it stays so."""

SUBMISSION = Lifecycle("submission", moves={"pending": ("confirmed",), "confirmed": ()}, initial="pending")
"""The players of a team are confirmed once."""

Revision = Annotated[int, Field(ge=1, le=2**31 - 1)]
Number = Annotated[int, Field(ge=1, le=GAMES_MAX)]
Side = Literal[1, 2]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
ErrorKind = Literal["captcha", "timeout", "not found", "blocked", "lease expired", "other"]


def _once_each(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise PydanticCustomError("repeated", "must name everybody once")
    return names


Players = Annotated[list[Name], Field(max_length=PLAYERS_MAX), AfterValidator(_once_each)]
Chosen = Annotated[list[Name], Field(min_length=1, max_length=PLAYERS_MAX), AfterValidator(_once_each)]

_JOB_ID = "0192f0c1-2345-4abc-8def-0123456789ab"
_USER_ID = "2b52a9a5-45be-5c1f-8a61-9f04c7a9f3a1"
_URL = "https://www.duelingbook.com/replay?id=1234567"


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Match(_Part):
    """A match of a team: the pages of its games."""

    urls: list[Link]


class Team(_Part):
    """A team to be analysed."""

    team: Name
    matches: list[Match] = Field(default_factory=list)


class TeamData(_Part):
    """What a GFWL job analyses."""

    teams: Annotated[list[Team], Field(min_length=1, max_length=100)]


@happens(
    "user.registered.v1",
    family="catalog",
    key=("clerk_user_id",),
    lands=Once(tables.users, time=("created_at", "updated_at"), derived={"id": v5("replays.user", "clerk_user_id")}),
    example={"clerk_user_id": "user_2abCDefGhIJ"},
)
class UserRegistered(Event):
    """The identity provider vouched for somebody for the first time; the id of the user is derived from theirs."""

    clerk_user_id: Name


@happens(
    "job.submitted.v1",
    family="jobs",
    key=("job_id",),
    lands=Once(
        tables.jobs,
        renamed={"id": "job_id"},
        omit=("job_id",),
        values={"event_status": "PENDING"},
        time=("created_at", "updated_at", "event_at"),
        derived={"shareable_id": v5("replays.share", "job_id")},
    ),
    example={"job_id": _JOB_ID, "user_id": _USER_ID, "job_type": "INDIVIDUAL", "urls": [_URL], "team_data": None},
)
class JobSubmitted(Event):
    """A user wants pages analysed, 1 to 12 of them, or the pages of teams.

    `job_id` must not be guessable: the id under which the job can be shared is derived from it.
    """

    job_id: Uuid
    user_id: Uuid
    job_type: Literal["INDIVIDUAL", "GFWL"]
    urls: Annotated[list[Link], Field(min_length=1)]
    team_data: TeamData | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        pages = distinct(self.urls)
        most = LINKS_MAX if self.job_type == "INDIVIDUAL" else TEAM_LINKS_MAX
        if len(pages) > most:
            raise PydanticCustomError("urls", "must lead to {most} pages at most", {"most": most})
        if (self.job_type == "GFWL") != (self.team_data is not None):
            raise PydanticCustomError("team_data", "belongs to a GFWL job, and only to one")
        teams = self.team_data.teams if self.team_data else []
        if len({team.team for team in teams}) < len(teams):
            raise PydanticCustomError("teams", "must name every team once")
        played = [url for team in teams for match in team.matches for url in match.urls]
        if not set(distinct(played)) <= set(pages):
            raise PydanticCustomError("matches", "must only have links that are among the job's urls")
        return self


class _JobMoved(Event):
    job_id: Uuid


def _job_moved(name: str, state: str, **example: Any):  # type: ignore[no-untyped-def]
    return happens(
        name,
        family="jobs",
        key=("job_id",),
        lands=Register(
            tables.jobs,
            creates=False,
            renamed={"id": "job_id"},
            omit=("job_id", "actor"),
            values={} if "error_message" in example else {"error_message": None},
            time=("event_at", "updated_at"),
            merges=(
                Furthest(JOB, state, "event_status", moves=("event_at", "error_message")),
                Greatest("updated_at"),
            ),
        ),
        example={"job_id": _JOB_ID, **example},
    )


@_job_moved("job.started.v1", "RUNNING")
class JobStarted(_JobMoved):
    """Work on the job began."""


@_job_moved("job.completed.v1", "COMPLETED")
class JobCompleted(_JobMoved):
    """The job is done: shown as soon as all of its links have an outcome and all of its teams are confirmed."""


@_job_moved("job.failed.v1", "FAILED", error_message="captcha not solved after 3 attempts")
class JobFailed(_JobMoved):
    """The job ended without a result."""

    error_message: Name


@_job_moved("job.cancelled.v1", "CANCELLED", error_message="no longer needed", actor="user_2abCDefGhIJ")
class JobCancelled(_JobMoved):
    """The job ended by choice; what was scraped stays usable for other jobs."""

    error_message: Name | None = None
    actor: Text = ""


@happens(
    "job.shared.v1",
    family="jobs",
    key=("job_id",),
    lands=Register(
        tables.jobs,
        creates=False,
        renamed={"id": "job_id", "wants_public": "is_public"},
        omit=("job_id", "is_public"),
        time="updated_at",
        merges=(Latest(("wants_public",)), Greatest("updated_at")),
    ),
    example={"job_id": _JOB_ID, "is_public": True},
)
class JobShared(Event):
    """The owner wants the results public, or no longer; without effect before the job was completed."""

    job_id: Uuid
    is_public: bool


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
    "players.discovered.v1",
    family="jobs",
    key=("job_id", "team_name", "revision"),
    partition_by=("job_id",),
    lands=(
        Register(
            tables.gfwl_team_submissions,
            omit=("revision", "players"),
            values={"confirmed_players": None, "confirmed_revision": None},
            time=("created_at", "updated_at"),
            derived={"id": v5("replays.submission", "job_id", "team_name")},
            merges=(
                Furthest(
                    SUBMISSION, "pending", "confirmation_status", moves=("confirmed_players", "confirmed_revision")
                ),
                Greatest("updated_at"),
            ),
        ),
        Once(tables.discoveries, time="discovered_at"),
    ),
    example={"job_id": _JOB_ID, "team_name": "Red Eyes", "revision": 1, "players": ["Alice", "Bob", "Carol"]},
)
class PlayersDiscovered(Event):
    """The players found in a team's pages so far; the greatest revision shows until one is confirmed."""

    job_id: Uuid
    team_name: Name
    revision: Revision = 1
    players: Players


@happens(
    "players.confirmed.v1",
    family="jobs",
    key=("job_id", "team_name"),
    partition_by=("job_id",),
    lands=(
        Register(
            tables.gfwl_team_submissions,
            creates=False,
            renamed={"confirmed_revision": "revision"},
            omit=("revision", "players"),
            derived={"confirmed_players": lambda data: sorted(data.players)},
            time="updated_at",
            merges=(
                Furthest(
                    SUBMISSION, "confirmed", "confirmation_status", moves=("confirmed_players", "confirmed_revision")
                ),
                Greatest("updated_at"),
            ),
        ),
        Once(
            tables.confirmations,
            time="confirmed_at",
            omit=("players",),
            derived={"players": lambda data: sorted(data.players)},
        ),
    ),
    example={"job_id": _JOB_ID, "team_name": "Red Eyes", "revision": 1, "players": ["Alice", "Carol"]},
)
class PlayersConfirmed(Event):
    """The user chose whom to analyse, among those of a revision; the same choice again is the same event."""

    job_id: Uuid
    team_name: Name
    revision: Revision = 1
    players: Chosen


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


EVENTS = (
    UserRegistered, JobSubmitted, JobStarted, JobCompleted, JobFailed, JobCancelled, JobShared,
    UrlClaimed, UrlReleased, UrlFailed, UrlRetried, UrlScraped, PlayersDiscovered, PlayersConfirmed,
    ReplayParsed, GameRecorded, DeckPredicted,
)  # fmt: skip
