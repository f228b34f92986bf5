"""Signs of life of a loop: what `podium status`, the health pages and the metrics know of it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

ERROR_CHARACTERS_MAX = 2_000
FAILURES_MAX = 1_000
FURTHER = "further ones"
"""Stands for all subjects that fail beyond so many."""

NEVER_CONFINED = (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError)
"""What ends a process whoever raises it; anything else that is raised for one key or record stays there."""


class Failure(NamedTuple):
    """A key, board, timer or record whose processing raised: it stands still, its neighbours go on."""

    error: str
    topic: str | None
    partition: int | None
    offset: int | None
    """Of the record that raised, where one did."""
    since: datetime
    tries: int


class Deadline(NamedTuple):
    """A call into a native library that is under way."""

    call: str
    thread: int
    """Identifier of the thread that waits for it."""
    expires: float
    """Monotonic time past which it hangs."""


@dataclass
class Heartbeat:
    """When a loop last turned, whether it can work, how much it has done, what failed. One thread writes it."""

    name: str
    turned: float = field(default_factory=time.monotonic)
    """Monotonic time of the last turn, idle ones included."""
    progressed: float = field(default_factory=time.monotonic)
    """Monotonic time at which work was last finished, or at which there was nothing to do."""
    ready: bool = False
    waits_for: str = ""
    """What a loop that is not ready waits for, such as the holder of its lease."""
    done: int = 0
    restarts: int = 0
    error: str = ""
    """Of the last failure; empty again once the loop works."""
    failed_at: datetime | None = None
    failures: Mapping[str, Failure] = field(default_factory=dict)
    """By subject. Replaced as a whole, so that other threads may read it at any time."""
    stands_by: bool = False
    """Not ready only because another process has the duty; it is ready to take over."""
    recovered: Callable[[], None] = field(default=lambda: None, repr=False)
    """Called when the loop works again after a failure."""
    ended: bool = False
    """Whether it was asked to end and did."""
    deadlines: dict[object, Deadline] = field(default_factory=dict, repr=False)
    """Native calls under way, of all threads of the loop."""

    def record_turn(self, ready: bool = True, waits_for: str = "") -> None:
        """The loop turned, and is able to work or still waits for something."""
        self.turned = time.monotonic()
        self.ready = ready
        self.waits_for = waits_for
        self.stands_by = False
        if ready:
            self._works_again()

    def record_standby(self, waits_for: str) -> None:
        """The loop turned, and waits for a duty that another process has: it is not ready, and nothing is wrong."""
        self.turned = self.progressed = time.monotonic()
        self.ready = False
        self.stands_by = True
        self.waits_for = waits_for
        self._works_again()

    def _works_again(self) -> None:
        if self.error:
            self.error = ""
            self.recovered()

    @contextmanager
    def within(self, call: str, seconds: float) -> Iterator[None]:
        """Do a native call that must return within `seconds`: past that a watchdog ends the process.

        Use it around each call into librdkafka or libpq that waits, with more seconds than the call's own limit.
        Any thread of the loop may; while a call is under way the loop need not turn.
        """
        token = object()
        self.deadlines[token] = Deadline(call, threading.get_ident(), time.monotonic() + seconds)
        try:
            yield
        finally:
            del self.deadlines[token]
            self.turned = max(self.turned, time.monotonic())

    def hanging(self, now: float, turn_seconds_max: float) -> Deadline | None:
        """The call, or the turn, that should have ended by `now` (monotonic); None while all is well."""
        under_way = list(self.deadlines.values())
        if self.ended:
            return None
        if not under_way and now - self.turned > turn_seconds_max:
            return Deadline("its turn", 0, self.turned + turn_seconds_max)
        return next((deadline for deadline in under_way if now > deadline.expires), None)

    def record_done(self, things: int) -> None:
        """The loop finished this many things; 0: it looked and there was nothing to do."""
        self.done += things
        self.progressed = time.monotonic()

    def record_failure(self, error: BaseException) -> None:
        """The loop as a whole failed and will be started again."""
        self.ready = self.stands_by = False
        self.restarts += 1
        self.error = described(error)
        self.failed_at = datetime.now(UTC)

    def pause(self) -> None:
        """The loop ended, for now."""
        self.ready = self.stands_by = False

    def confine(self, subject: str, error: BaseException | str, place: tuple[str, int, int] | None = None) -> None:
        """Note that one key, board or timer failed, at the record `place` (topic, partition, offset) if there is one.

        The first error and its time stay; further ones count as tries. Beyond FAILURES_MAX subjects the rest share one.
        """
        if subject not in self.failures and len(self.failures) >= FAILURES_MAX:
            subject = FURTHER
        topic, partition, offset = place or (None, None, None)
        before = self.failures.get(subject)
        told = described(error) if isinstance(error, BaseException) else error[:ERROR_CHARACTERS_MAX]
        failure = (
            before._replace(tries=before.tries + 1)
            if before
            else Failure(told, topic, partition, offset, datetime.now(UTC), 1)
        )
        self.failures = {**self.failures, subject: failure}

    def recover(self, subject: str) -> None:
        """A key, board or timer that had failed works again."""
        if subject in self.failures:
            self.failures = {name: failure for name, failure in self.failures.items() if name != subject}

    @property
    def is_busy_with(self) -> str:
        """What it waits for just now, in a word or two."""
        calls = [deadline.call for deadline in list(self.deadlines.values())]
        return ", ".join(calls) or self.waits_for or "its turn to end"

    @property
    def is_able(self) -> bool:
        """Whether it does its work, or would at once if the process that has its duty went away."""
        return self.ready or self.stands_by

    @property
    def age_seconds(self) -> float:
        """Since the last turn."""
        return time.monotonic() - self.turned

    @property
    def idle_seconds(self) -> float:
        """Since it finished something or found nothing to do."""
        return time.monotonic() - self.progressed


def raised() -> BaseException:
    """What is being handled. For a bare `except:`, as a KafkaError (confluent-kafka 2.16) is no BaseException."""
    error = sys.exc_info()[1]
    assert error is not None
    return error


def described(error: BaseException) -> str:
    """Class and text of an error, on one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:ERROR_CHARACTERS_MAX]
