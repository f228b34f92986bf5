"""The discoverer: for each team of a GFWL job, who plays in its matches, as far as their pages were read.

python -m samples.duels.discoverer
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from podium.client import Producer
from podium.settings import Settings
from samples.duels.process import run
from samples.duels.schedule import WISHES
from samples.duels.wanted import Follower, Wanted


def discover(settings: Settings) -> Iterator[int]:
    """Until everything is over; yields how many teams were confirmed."""
    follower = Follower(settings.kafka)
    try:
        with Producer(settings, source="samples/duels/discoverer") as producer:
            while not (seen := follower.look()).over([wish.id for wish in WISHES]):
                _tell(producer, seen)
                yield _confirmed(seen)
            yield _confirmed(seen)
    finally:
        follower.close()


def _tell(producer: Producer, seen: Wanted) -> None:
    """A revision for each team of which more players are known: the greatest one so far and one more."""
    for wish in WISHES:
        job = seen.jobs.get(wish.id)
        if job is None or job.end is not None:
            continue
        for name in wish.teams:
            team = seen.team(wish.id, name)
            newest = max(team.discovered, default=0)
            players = _players(seen, wish.id)
            if players and not team.confirmed and players != team.discovered.get(newest):
                told = {"job_id": wish.id, "team_name": name, "revision": newest + 1, "players": players}
                producer.publish("replays.players.discovered.v1", told)
                team.discovered[newest + 1] = players
    producer.flush()


def _players(seen: Wanted, job: UUID) -> list[str]:
    """Everybody in the pages of a job that were read, in order."""
    read = (seen.page(url).players or () for url in seen.jobs[job].pages)
    return sorted({name for pair in read for name in pair})


def _confirmed(seen: Wanted) -> int:
    return sum(team.confirmed for team in seen.teams.values())


if __name__ == "__main__":
    run(discover)
