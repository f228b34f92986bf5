"""Work as fast as is good to watch, and said aloud."""

import json
from collections.abc import Iterable, Iterator
from time import monotonic, sleep
from typing import Final

from podium.supervisor import AT_WORK

REPORT_SECONDS: Final = 0.2
PAUSE_SECONDS_MAX: Final = 1.0
"""Shorter than any lease; what was done before this worker began does not hold it back for long."""


def paced(done: Iterable[int], per_second: float) -> Iterator[int]:
    """The same, held back to a number of things a second (0: as fast as it goes) and while told to rest."""
    begun, total = monotonic(), 0
    for count in done:
        yield count
        AT_WORK.wait()
        total += count
        if per_second and (ahead := total / per_second - (monotonic() - begun)) > 0:
            sleep(min(ahead, PAUSE_SECONDS_MAX))


def report(done: Iterable[int]) -> int:
    """Print how many things are done so far as JSON lines, for whoever draws it; the sum."""
    total, said = 0, monotonic()
    for count in done:
        total += count
        if count and monotonic() - said > REPORT_SECONDS:
            print(json.dumps({"done": total}), flush=True)
            said = monotonic()
    print(json.dumps({"done": total}), flush=True)
    return total
