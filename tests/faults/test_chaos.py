"""kill -9 of anything at any time: the same tables, the same boards, the same dead letters."""

from __future__ import annotations

from random import Random

import pytest

from podium.settings import Settings
from tests.faults.chaos import run, same, victims
from tests.faults.story import Story
from tests.faults.system import PARTS, SERVICES

EVENTS = 20_000
SEED = 7
KILLS = len(PARTS) + len(SERVICES)
"""Everybody once; `python -m tests.faults` goes on for longer."""


@pytest.mark.faults
def test_whatever_is_killed_the_same_comes_out(mortal: Settings) -> None:
    story = Story(EVENTS, seed=SEED)
    calm = run(mortal, "calm", story)
    storm = run(mortal, "storm", story, victims(KILLS, Random(SEED)))
    assert min(calm.events, storm.events) > 0.9 * EVENTS
    assert storm.kills == dict.fromkeys((*PARTS, *SERVICES), 1)
    assert all(storm.restarts[name] >= 1 for name in PARTS)
    assert not any(calm.restarts.values())
    assert len(calm.boards) == 2
    assert calm.dead
    same(calm, storm)
