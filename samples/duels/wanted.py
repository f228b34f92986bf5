"""What the log says of jobs, pages and teams, event by event: who may scrape what, and what is over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from podium.settings import Kafka
from samples.log import Reader, in_time
from schema.replays.links import distinct

JOBS: Final = "replays.jobs"
LOOK_SECONDS = 0.05
OVER: Final = ("completed", "failed", "cancelled")


@dataclass
class Page:
    """What the log says of a page: the newest try, who has it, and what became of it."""

    epoch: int = 1
    attempt: int = 1
    holder: str | None = None
    failed: bool = False
    scraped: bool = False
    players: tuple[str, str] | None = None

    @property
    def newest(self) -> tuple[int, int]:
        """The epoch and the attempt."""
        return self.epoch, self.attempt

    @property
    def settled(self) -> bool:
        """Whether there is nothing left to do for it."""
        return self.failed or self.players is not None

    def see(self, verb: str, data: dict[str, Any]) -> None:
        """Take in `url.<verb>`; of two claims of an attempt the first in the log has it."""
        if verb == "scraped":
            self.scraped = True
            return
        named = data.get("epoch", 1), data.get("attempt", 1)
        if verb == "failed" and named[0] == self.epoch:
            self.failed = True
        elif verb == "claimed" and named == self.newest and not self.failed:
            self.holder = self.holder or data["worker"]
        elif verb in ("released", "retried") and named > self.newest:
            self.epoch, self.attempt = named
            self.holder, self.failed = None, False


@dataclass
class Job:
    """What the log says of a job."""

    pages: list[str] = field(default_factory=list)
    end: str | None = None
    shown: list[bool] = field(default_factory=list)


@dataclass
class Team:
    """What the log says of a team of a job: revision -> players, and whether they were confirmed."""

    discovered: dict[int, list[str]] = field(default_factory=dict)
    confirmed: bool = False


@dataclass
class Wanted:
    """The state that the events of `replays.jobs` come to."""

    pages: dict[str, Page] = field(default_factory=dict)
    jobs: dict[UUID, Job] = field(default_factory=dict)
    teams: dict[tuple[UUID, str], Team] = field(default_factory=dict)

    def see(self, type_: str, data: dict[str, Any]) -> None:
        """Take in an event."""
        _, noun, verb, _ = type_.split(".")
        if noun == "job":
            self._see_job(verb, self.jobs.setdefault(UUID(data["job_id"]), Job()), data)
        elif noun == "url":
            self.page(data["url"]).see(verb, data)
        elif type_ == "replays.replay.parsed.v1":
            self.page(data["url"]).players = (data["player1"], data["player2"])
        elif noun == "players":
            team = self.team(UUID(data["job_id"]), data["team_name"])
            if verb == "confirmed":
                team.confirmed = True
            else:
                team.discovered[data["revision"]] = data["players"]

    def _see_job(self, verb: str, job: Job, data: dict[str, Any]) -> None:
        if verb == "submitted":
            job.pages = distinct(data["urls"])
        elif verb == "shared":
            job.shown.append(data["is_public"])
        elif verb in OVER:
            job.end = job.end or verb

    def page(self, url: str) -> Page:
        """What is known of a page."""
        return self.pages.setdefault(url, Page())

    def team(self, job: UUID, name: str) -> Team:
        """What is known of a team."""
        return self.teams.setdefault((job, name), Team())

    def unclaimed(self) -> list[str]:
        """Pages that jobs wait for and nobody has, in the order in which the jobs were read."""
        urls = dict.fromkeys(url for job in self.jobs.values() if job.end is None for url in job.pages)
        return [url for url in urls if not (page := self.page(url)).scraped and not page.failed and not page.holder]

    def over(self, jobs: Sequence[UUID]) -> bool:
        """Whether all of these have ended, and no page of theirs that was scraped is still to be read."""
        ended = [self.jobs[job] for job in jobs if job in self.jobs and self.jobs[job].end]
        return len(ended) == len(jobs) and not any(
            self.page(url).scraped and not self.page(url).settled for job in ended for url in job.pages
        )


class Follower:
    """A process's view of the log."""

    def __init__(self, kafka: Kafka) -> None:
        self.seen = Wanted()
        self._reader = Reader(kafka, JOBS, frozenset(), "samples.duels")
        for _ in self._until("the end of the log"):
            if self._reader.at_end:
                return

    def look(self) -> Wanted:
        """What is known by now; waits a moment for something new."""
        for _, type_, data in self._reader.read(LOOK_SECONDS):
            self.seen.see(type_, data)
        return self.seen

    def granted(self, url: str, attempt: tuple[int, int], worker: str) -> bool:
        """Waits until the log has decided who has an attempt that `worker` claimed. Raises NotInTheLog."""
        for _ in self._until(f"a claim of {url}"):
            page = self.seen.page(url)
            if page.holder or page.scraped or page.failed or page.newest != attempt:
                return page.newest == attempt and page.holder == worker
        raise AssertionError("waits or raises")

    def _until(self, what: str) -> Iterator[None]:
        check = in_time(what)
        while True:
            self.look()
            yield
            check()

    def close(self) -> None:
        """Let go of the broker."""
        self._reader.close()
