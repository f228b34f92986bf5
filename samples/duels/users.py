"""The users: submit their jobs one after the other, confirm players as captains, share what they want to be seen.

python -m samples.duels.users
"""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from uuid import UUID

from podium.client import Producer
from podium.settings import Settings
from samples.duels.process import run
from samples.duels.schedule import WISHES, Wish
from samples.duels.wanted import Follower, Job, Wanted

SECONDS_BETWEEN = 0.7
"""Of two submissions: long enough to see progress, short enough for a demonstration."""

CHANGE_OF_MIND_SECONDS = 2.0
"""Between showing a job and hiding it again."""


class Users:
    """All of them; what they said already the log tells, so that they may begin again at any time."""

    def __init__(self, producer: Producer, follower: Follower) -> None:
        self.producer = producer
        self.follower = follower
        self._shown_at: dict[UUID, float] = {}

    def work(self) -> Iterator[int]:
        """Until everything is over and said; yields how many jobs have ended."""
        waiting = list(WISHES)
        due = monotonic()
        while True:
            seen = self.follower.look()
            if waiting and (waiting[0].id in seen.jobs or monotonic() >= due):
                due = self._submit(waiting.pop(0), seen, due)
            for wish in WISHES:
                if (job := seen.jobs.get(wish.id)) is not None:
                    self._confirm(wish, seen)
                    self._share(wish, job)
            self.producer.flush()
            yield sum(job.end is not None for job in seen.jobs.values())
            if seen.over([wish.id for wish in WISHES]) and all(_said(wish, seen.jobs[wish.id]) for wish in WISHES):
                return

    def _submit(self, wish: Wish, seen: Wanted, due: float) -> float:
        """Submit a job, and think better of it if that is the wish; when the next is due."""
        job = seen.jobs.get(wish.id)
        if job is None:
            self.producer.publish("replays.job.submitted.v1", wish.event)
            due = monotonic() + SECONDS_BETWEEN
        if wish.cancelled and (job is None or job.end is None):
            reason = {"error_message": "the wrong games", "actor": wish.user}
            self.producer.publish("replays.job.cancelled.v1", {"job_id": wish.id, **reason})
        return due

    def _confirm(self, wish: Wish, seen: Wanted) -> None:
        """Confirm a team as soon as everybody whom the captain wants was discovered."""
        for name, chosen in wish.teams.items():
            team = seen.team(wish.id, name)
            if team.confirmed:
                continue
            fitting = [revision for revision, players in team.discovered.items() if set(chosen) <= set(players)]
            if fitting:
                choice = {"revision": min(fitting), "players": list(chosen)}
                self.producer.publish("replays.players.confirmed.v1", {"job_id": wish.id, "team_name": name, **choice})
                team.confirmed = True

    def _share(self, wish: Wish, job: Job) -> None:
        """Say the next thing about who may see the job, once it is completed."""
        if _said(wish, job):
            return
        shown_at = self._shown_at.setdefault(wish.id, monotonic())
        if job.shown and monotonic() < shown_at + CHANGE_OF_MIND_SECONDS:
            return
        known = len(job.shown)
        self.producer.publish("replays.job.shared.v1", {"job_id": wish.id, "is_public": wish.shared[known]})
        self.producer.flush()
        while len(job.shown) == known:
            self.follower.look()


def _said(wish: Wish, job: Job) -> bool:
    return job.end != "completed" or len(job.shown) >= len(wish.shared)


def use(settings: Settings) -> Iterator[int]:
    """Be all users until everything is said."""
    follower = Follower(settings.kafka)
    try:
        with Producer(settings, source="samples/duels/users") as producer:
            yield from Users(producer, follower).work()
    finally:
        follower.close()


if __name__ == "__main__":
    run(use)
