"""Ends this process when a loop hangs: a native call past its deadline, or a loop that does not turn."""

from __future__ import annotations

import math
import os
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event, Thread

import structlog

from schema.heartbeat import Deadline, Heartbeat

LOG = structlog.get_logger("watchdog")

LOOK_SECONDS = 0.5
TURN_SECONDS_MAX = 60.0
"""A loop that has not turned for so long, and is in no call that may take longer, hangs."""

STOP_SECONDS = 2.0
"""What a stop may take without a word."""

HUNG = 70
"""Exit code of a process that hung; whoever supervises it starts it again."""

ALIVE = "PODIUM_ALIVE_FD"
"""Names the pipe on which the supervisor wants a byte a second: an interpreter that is held sends none."""


class Watchdog:
    """Looks at some loops about twice a second, in a thread of its own; a stop that takes long it explains."""

    def __init__(
        self, heartbeats: Sequence[Heartbeat], stop: Event | None = None, turn_seconds_max: float = TURN_SECONDS_MAX
    ) -> None:
        self.heartbeats = heartbeats
        self.stop = stop or Event()
        self._asked: float | None = None
        self.turn_seconds_max = turn_seconds_max

    @contextmanager
    def running(self) -> Iterator[None]:
        """Watch until left."""
        ending = Event()
        thread = Thread(target=self._watch, args=[ending], name="watchdog", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ending.set()
            thread.join()

    def _watch(self, ending: Event) -> None:
        while not ending.wait(LOOK_SECONDS):
            hung = self.look()
            if hung is not None:
                _end(*hung)
            if self.stop.is_set():
                self._explain()

    def _explain(self) -> None:
        """After STOP_SECONDS, once: which loops have not ended, and what they wait for."""
        now = time.monotonic()
        if self._asked is None:
            self._asked = now
        elif now - self._asked >= STOP_SECONDS:
            self._asked = math.inf
            waits = {heartbeat.name: heartbeat.is_busy_with for heartbeat in self.heartbeats if not heartbeat.ended}
            LOG.warning("still stopping", waits_for=waits)

    def look(self) -> tuple[Heartbeat, Deadline] | None:
        """The first loop that hangs, and in what."""
        now = time.monotonic()
        for heartbeat in self.heartbeats:
            deadline = heartbeat.hanging(now, self.turn_seconds_max)
            if deadline is not None:
                return heartbeat, deadline
        return None


def _end(heartbeat: Heartbeat, deadline: Deadline) -> None:
    stack = stacks(deadline.thread)
    late = time.monotonic() - deadline.expires
    LOG.error(
        "hangs; this process ends", loop=heartbeat.name, call=deadline.call, seconds_late=round(late, 1), stack=stack
    )
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(HUNG)


def stacks(thread: int = 0) -> str:
    """Where a thread is, by its identifier, or (0) where each one is."""
    frames = sys._current_frames()
    chosen = {thread: frames[thread]} if thread in frames else frames
    return "\n".join(f"thread {name}:\n" + "".join(traceback.format_stack(frame)) for name, frame in chosen.items())


def send_signs() -> None:
    """In a supervised process: send a byte a second for as long as the interpreter runs, from a thread of its own."""
    named = os.environ.pop(ALIVE, "")
    if named:
        Thread(target=_send, args=[int(named)], name="alive", daemon=True).start()


def _send(pipe: int) -> None:
    os.set_inheritable(pipe, False)
    pause = Event()
    with suppress(OSError):  # the supervisor is gone
        while True:
            os.write(pipe, b".")
            pause.wait(1.0)
