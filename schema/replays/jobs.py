"""Jobs and their teams: submitted, moved, shared, their players discovered and confirmed."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from schema.declare import Event, Furthest, Greatest, Latest, Lifecycle, Once, Register, happens
from schema.envelope import v5
from schema.replays import tables
from schema.replays.links import Link, distinct
from schema.types import Name, Text, Uuid

LINKS_MAX = 12
"""Distinct links of an INDIVIDUAL job."""

TEAM_LINKS_MAX = 500
PLAYERS_MAX = 500
SPELLINGS_MAX = 5_000
"""Links of a job, each page in however many spellings."""

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

SUBMISSION = Lifecycle("submission", moves={"pending": ("confirmed",), "confirmed": ()}, initial="pending")
"""The players of a team are confirmed once."""

Revision = Annotated[int, Field(ge=1, le=2**31 - 1)]


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

    urls: Annotated[list[Link], Field(max_length=TEAM_LINKS_MAX)]


class Team(_Part):
    """A team to be analysed."""

    team: Name
    matches: Annotated[list[Match], Field(max_length=TEAM_LINKS_MAX)] = Field(default_factory=list)


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
    urls: Annotated[list[Link], Field(min_length=1, max_length=SPELLINGS_MAX)]
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
