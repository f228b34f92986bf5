"""A seeded life under fire: the story goes on while faults of every kind happen, then an independent checker compares.

What is published and which faults follow each other, the seed decides; when exactly they hit, the machine does.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import psycopg
from psycopg import sql

from podium.settings import Settings
from tests.faults import checker
from tests.faults.hostile import hostile
from tests.faults.story import Story
from tests.faults.system import AWAY, PARTS, SERVICES, System, system

RELAY = "relay"
NAMES = (*PARTS, RELAY)
STEP_SECONDS = 12.0
EVENTS_PER_STEP = 600
HOSTILE_PER_STEP = 40
AWAY_SECONDS = (2.0, 15.0)
FROZEN_SECONDS = (1.0, 14.0)
OPEN_MS = 12_000
VERDICT_SECONDS_MAX = 90.0

SETTINGS = (
    ("client_encoding", "LATIN1"),
    ("DateStyle", "German, DMY"),
    ("IntervalStyle", "sql_standard"),
    ("TimeZone", "Pacific/Chatham"),
    ("extra_float_digits", "-15"),
    ("bytea_output", "escape"),
    ("default_transaction_isolation", "serializable"),
)
"""What an administrator may set for a database, and what must not show in any row."""


@dataclass
class Trial:
    """One system on trial; `told` are the lines of what happened, with seconds since the start."""

    system: System
    seed: int
    say: Callable[[str], None] = print
    faults: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self._began = time.monotonic()

    def run(self, minutes: float) -> list[str]:
        """Live for this long, then heal and compare; the differences and verdicts that should not be."""
        steps = max(2, int(minutes * 60 / STEP_SECONDS))
        story = Story(steps * EVENTS_PER_STEP, seed=self.seed)
        late = time.monotonic() + minutes * 60
        with self.system.running():
            for step, records in enumerate(story.slices(steps), 1):
                before = self.system.published
                self.system.publish(records)
                self.system.send(hostile(self.random, HOSTILE_PER_STEP))
                if time.monotonic() < late:
                    self._wait_for(before)
                    self._fault(step)
            self._tell("heal")
            self._reset_settings()
            try:
                self.system.settle(story.tasks)
            except AssertionError as error:
                return [str(error), f"podium status: {status(self.system)}"]
            found = checker.differences(
                self.system.settings.kafka.bootstrap,
                self.system.settings.kafka.namespace,
                self.system.settings.postgres.dsn("owner"),
            )
            return found + self._verdict()

    def _tell(self, what: str) -> None:
        self.say(f"{time.monotonic() - self._began:6.1f} s  seed {self.seed}  {what}")

    def _wait_for(self, before: int) -> None:
        """In the middle of what was just published something is always half done; a service may still be away."""
        with suppress(AssertionError):
            self.system.await_read(before + self.random.randrange(1, EVENTS_PER_STEP // 2), STEP_SECONDS)

    def _fault(self, step: int) -> None:
        name = self.random.choice(list(FAULTS))
        self.faults[name] += 1
        self._tell(f"step {step}: {name}")
        FAULTS[name](self)

    # Faults

    def kill_part(self) -> None:
        """kill -9 of a process of ours, sometimes of several at once."""
        for name in self.random.sample(NAMES, self.random.randrange(1, 4)):
            self.system.kill(name)

    def kill_service(self) -> None:
        """kill -9 of Kafka or PostgreSQL, started again at once."""
        self.system.kill(self.random.choice(SERVICES))

    def kill_broker_and_scorers(self) -> None:
        """Scorers die while their transactions are open on a broker that dies too."""
        for name in ("score-1", "score-2", "broker"):
            self.system.kill(name)

    def take_service_away(self) -> None:
        """A service is gone for a while."""
        self.system.take_away(self.random.choice(SERVICES), self.random.uniform(*AWAY_SECONDS))

    def freeze_part(self) -> None:
        """A process hangs for longer than its session, and wakes up as a zombie."""
        name = self.random.choice(NAMES)
        process = self.system.pid(name)
        os.kill(process, signal.SIGSTOP)
        Event().wait(self.random.uniform(*FROZEN_SECONDS))
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)

    def leave_transaction_open(self) -> None:
        """A foreign producer begins a transaction, sends answers that would count, and is never heard of again."""
        self.system.begin_foreign(OPEN_MS, self.random)

    def set_hostile_settings(self) -> None:
        """The database's defaults change, and every session begins anew."""
        for name, value in self.random.sample(SETTINGS, 3):
            self._alter(sql.SQL("SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
        self.system.terminate_sessions()

    def _reset_settings(self) -> None:
        for name, _ in SETTINGS:
            self._alter(sql.SQL("RESET {}").format(sql.Identifier(name)))

    def _alter(self, change: sql.Composed) -> None:
        dsn = self.system.settings.postgres.dsn("owner")
        with suppress(*AWAY), psycopg.connect(dsn, autocommit=True) as connection:
            database = sql.Identifier(connection.info.dbname)
            connection.execute(sql.SQL("ALTER DATABASE {} {}").format(database, change))

    # The verdict

    def _verdict(self) -> list[str]:
        """What `podium status` says at the end, if it is not that all is well."""
        late = time.monotonic() + VERDICT_SECONDS_MAX
        while True:
            code, told = status(self.system)
            if code == 0:
                return []
            if time.monotonic() > late:
                return [f"podium status ends with {code} though all is done: {told}"]
            Event().wait(1.0)


FAULTS: dict[str, Callable[[Trial], None]] = {
    "kill_part": Trial.kill_part,
    "kill_service": Trial.kill_service,
    "kill_broker_and_scorers": Trial.kill_broker_and_scorers,
    "take_service_away": Trial.take_service_away,
    "freeze_part": Trial.freeze_part,
    "leave_transaction_open": Trial.leave_transaction_open,
    "set_hostile_settings": Trial.set_hostile_settings,
}


def status(one: System) -> tuple[int, str]:
    """Exit code and verdict of `podium status --json`, as an operator gets it."""
    command = [sys.executable, "-P", "-m", "podium", "status", "--json"]
    done = subprocess.run(command, env=one.supervisor.environment, capture_output=True, text=True, timeout=120)
    try:
        told: Any = json.loads(done.stdout)
        return done.returncode, json.dumps(_wrong(told))[:3_000]
    except ValueError:
        return done.returncode, (done.stdout + done.stderr)[-2_000:]


def _wrong(told: Any) -> Any:
    """The parts of a status that are not good: whatever has a verdict other than OK, and what is no list."""
    return {
        name: [one for one in value if one.get("verdict", "OK") != "OK"] if isinstance(value, list) else value
        for name, value in told.items()
        if not isinstance(value, list) or any(isinstance(one, dict) and "verdict" in one for one in value)
    }


def trials(services: Settings, seeds: list[int], minutes: float) -> Iterator[tuple[int, list[str], Counter[str]]]:
    """Each seed's differences and the faults that it saw; every system is dropped afterwards."""
    for seed in seeds:
        with system(services, f"trial{seed}", NAMES) as one:
            trial = Trial(one, seed, lambda line: print(line, flush=True))
            found = trial.run(minutes)
            if found:
                said = Path(tempfile.gettempdir(), f"podium-trial-{seed}.log")
                said.write_text("".join(f"{name}: {line}\n" for name, line in one.lines), encoding="utf-8")
                found.append(f"what the processes said: {said}")
            yield seed, found, trial.faults
