"""Two runs of one story: one in peace, one while everything is killed again and again; the same must come out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from podium.settings import Settings
from tests.faults.story import Story
from tests.faults.system import PARTS, SERVICES, System, system


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    tables: dict[str, str]
    boards: dict[str, Any]
    dead: list[tuple[Any, ...]]
    events: int
    kills: dict[str, int]
    restarts: dict[str, int]
    seconds: float


def victims(kills: int, random: Random) -> list[str]:
    """Who is killed, in which order: everybody once, then whoever the seed names."""
    everybody = [*PARTS, *SERVICES]
    chosen = everybody + [random.choice(everybody) for _ in range(kills - len(everybody))]
    random.shuffle(chosen)
    return chosen[:kills]


def run(services: Settings, name: str, story: Story, condemned: Sequence[str] = ()) -> Outcome:
    """Tell the story to a system of its own, and kill while it is busy; what the tables and the boards show then."""
    started = time.monotonic()
    with system(services, name) as one, one.running():
        _tell(one, story, condemned)
        one.settle(story.tasks)
        assert one.adds_up()
        events = one.published + story.tasks
        seconds = time.monotonic() - started
        return Outcome(one.digests(), one.boards(), one.dead(), events, one.kills, one.restarts(), seconds)


def _tell(one: System, story: Story, condemned: Sequence[str]) -> None:
    random = Random(story.seed)
    for n, records in enumerate(story.slices(len(condemned) + 1)):
        before = one.published
        one.publish(records)
        if n < len(condemned):
            # In the middle of a slice: something is always half done.
            point = before + int(len(records) * random.uniform(0.1, 0.9))
            one.await_read(point)
            one.kill(condemned[n])


def same(calm: Outcome, storm: Outcome) -> None:
    """Hold two runs against each other. Raises AssertionError, naming what differs."""
    different = [table for table in calm.tables if calm.tables[table] != storm.tables[table]]
    assert not different, f"tables differ: {different}"
    assert calm.boards == storm.boards
    inputs = [[letter for letter in each.dead if not letter[0].endswith(".scores")] for each in (calm, storm)]
    assert inputs[0] == inputs[1]
