"""The long run: `python -m tests.faults --events 200000 --kills 20`."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from random import Random

from podium import embedded
from podium.settings import load
from tests.faults.chaos import run, same, victims
from tests.faults.story import Story


def main() -> None:
    """Run in peace, run under fire, compare."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="podium-faults-"))
    own = load({"home": home, "kafka.bootstrap": "", "postgres.url": ""})
    story = Story(given.events, seed=given.seed)
    condemned = victims(given.kills, Random(given.seed))
    try:
        services = embedded.up(own)
        calm = run(services, "calm", story)
        print(f"calm:  {calm.events} events in {calm.seconds:.0f} s", flush=True)
        storm = run(services, "storm", story, condemned)
        print(f"storm: {storm.events} events in {storm.seconds:.0f} s, {sum(storm.kills.values())} kills")
        print(f"       kills: {storm.kills}\n       restarts: {storm.restarts}")
        same(calm, storm)
        print(f"same: {len(calm.tables)} tables, {len(calm.boards)} boards, {len(calm.dead)} dead letters")
    finally:
        embedded.down(own)
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
