"""Long runs under fire: `python -m tests.faults --seed 7 --minutes 10`, or `--kills 20` for two runs compared.

With `--minutes`, each seed's story goes on for that long under faults of every kind, and an independent checker holds
the tables against the log. With `--kills`, one story is told in peace and under kill -9, and the same must come out.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from random import Random

from podium import embedded
from podium.settings import Settings, load
from tests.faults.chaos import run, same, victims
from tests.faults.story import Story
from tests.faults.trial import trials


def main() -> int:
    """Run as told; 0 if everything held."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, nargs="+", default=[7], help="one or more; the time is shared out")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--kills", type=int, help="compare a run in peace with one of so many kills")
    parser.add_argument("--events", type=int, default=200_000, help="of the runs that are compared")
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="podium-faults-"))
    own = load({"home": home, "kafka.bootstrap": "", "postgres.url": ""})
    try:
        services = embedded.up(own)
        if given.kills is not None:
            compare(services, given.events, given.kills, given.seed[0])
            return 0
        return survive(services, given.seed, given.minutes / len(given.seed))
    finally:
        embedded.down(own)
        shutil.rmtree(home, ignore_errors=True)


def survive(services: Settings, seeds: list[int], minutes: float) -> int:
    """One trial a seed; prints what differs and how to see it again."""
    failed = 0
    for seed, differences, faults in trials(services, seeds, minutes):
        told = ", ".join(f"{name} {count}" for name, count in sorted(faults.items()))
        print(f"seed {seed}: {'HELD' if not differences else 'DIFFERS'} after {told}", flush=True)
        for line in differences:
            print(f"  {line}")
        if differences:
            failed += 1
            print(f"  again: python -m tests.faults --seed {seed} --minutes {minutes:g}", flush=True)
    return int(failed > 0)


def compare(services: Settings, events: int, kills: int, seed: int) -> None:
    """Run in peace, run under fire, compare. Raises AssertionError, naming what differs."""
    story = Story(events, seed=seed)
    calm = run(services, "calm", story)
    print(f"calm:  {calm.events} events in {calm.seconds:.0f} s", flush=True)
    storm = run(services, "storm", story, victims(kills, Random(seed)))
    print(f"storm: {storm.events} events in {storm.seconds:.0f} s, {sum(storm.kills.values())} kills")
    print(f"       kills: {storm.kills}\n       restarts: {storm.restarts}")
    same(calm, storm)
    print(f"same: {len(calm.tables)} tables, {len(calm.boards)} boards, {len(calm.dead)} dead letters")


if __name__ == "__main__":
    sys.exit(main())
