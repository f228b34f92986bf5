"""How long do readers of the page wait for an answer while a rebuilt database takes over, and while it is undone?"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

from bench.environment import Environment
from bench.evaluation import published
from bench.options import Options
from bench.processes import settings_of, wound_up
from bench.verdict import Verdict, measure
from consumers import loop
from podium.rebuild import database, plan
from podium.rebuild.run import Order, rebuild
from podium.rebuild.swap import Swapped, swap
from podium.settings import Postgres, Settings
from schema import LEDGER
from schema.evaluation import DOMAIN

EVENTS = 20_000
READERS = 4
WAIT_SECONDS_MAX = 2.0
STEADY_SECONDS = 1.0
START_SECONDS_MAX = 40.0


class Answer(NamedTuple):
    """One request: when it was asked and answered, by the monotonic clock, and whether well."""

    asked: float
    answered: float
    good: bool


def run(environment: Environment, options: Options) -> Verdict:
    """A swap and a way back for each pair, under readers that ask without a pause."""
    waits, faults, stops, holds, answers = [], [], [], [], 0
    with published(environment, options.events or EVENTS) as namespace, environment.database() as live:
        kafka = environment.settings.kafka.model_copy(update={"namespace": namespace})
        settings = environment.settings.model_copy(update={"kafka": kafka, "postgres": live, "domains": (DOMAIN.name,)})
        wanted = {place: end for place, end in plan.ends(settings, [DOMAIN]).items() if end}
        loop.fill((LEDGER, DOMAIN), kafka.client(), live.dsn("consumer"), wanted, namespace=namespace)
        rebuild(settings, Order([DOMAIN]))
        try:
            with _page(environment, live, namespace) as address:
                for turn in range(2 * options.pairs):
                    seen, done = _watched(address, settings, back=turn > 0)
                    waits.append(_longest(seen))
                    faults.append(float(sum(not one.good for one in seen)))
                    stops.append(done.stopped_seconds)
                    holds.append(done.renaming_seconds)
                    answers += len(seen)
        finally:
            with database.administering(live) as admin:
                database.drop(admin, database.named(live, "before"))
    return Verdict(
        "swap",
        "How long do readers of the page wait while a rebuilt database takes the place of the live one?",
        f"{READERS} readers ask `podium serve` for the list of boards without a pause, over {2 * options.pairs} swaps, "
        f"every second one the way back: {answers:,} answers. Waited is the longest time without a good answer to any.",
        [
            measure("longest wait", waits, WAIT_SECONDS_MAX, "s", at_most=True),
            measure("error answers a swap", faults, 0, "answers", at_most=True),
            measure("writing stood still", stops, None, "s"),
            measure("logins waited", holds, None, "s"),
        ],
    )


@contextmanager
def _page(environment: Environment, live: Postgres, namespace: str) -> Iterator[str]:
    """`podium serve` on a free port, once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "podium", "serve", "--port", str(port)],
        env={**os.environ, **settings_of(environment, live, namespace)}, cwd=Path(__file__).parent.parent,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}/boards.json"
    late = time.monotonic() + START_SECONDS_MAX
    try:
        while not _ask(address).good:
            if time.monotonic() > late:
                raise TimeoutError("the page does not answer")
            time.sleep(0.05)
        yield address
    finally:
        wound_up(process)


def _ask(address: str) -> Answer:
    asked = time.monotonic()
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            answer.read()
        good = True
    except (urllib.error.URLError, OSError):
        good = False
    return Answer(asked, time.monotonic(), good)


def _watched(address: str, settings: Settings, back: bool) -> tuple[list[Answer], Swapped]:
    ending, seen = Event(), list[Answer]()

    def read() -> None:
        while not ending.is_set():
            seen.append(_ask(address))

    readers = [Thread(target=read) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    ending.wait(STEADY_SECONDS)
    try:
        done = swap(settings, [DOMAIN], "before" if back else "rebuild")
        ending.wait(STEADY_SECONDS)
    finally:
        ending.set()
        for reader in readers:
            reader.join()
    return seen, done


def _longest(seen: Sequence[Answer]) -> float:
    """Seconds without a good answer to anybody, or that one request took, whichever is longer."""
    good = sorted(one.answered for one in seen if one.good)
    gap = max((later - earlier for earlier, later in pairwise(good)), default=0.0)
    return max(gap, max(one.answered - one.asked for one in seen))
