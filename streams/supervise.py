"""Loops are kept running: one that fails is started again after a pause that grows while it keeps failing."""

from __future__ import annotations

import time
from threading import Event
from typing import Protocol

from schema.heartbeat import Heartbeat
from streams.log import LOG

PAUSE_SECONDS_MIN = 0.2
PAUSE_SECONDS_MAX = 5.0
STEADY_SECONDS = 30.0
"""A loop that ran for so long has recovered: its next pause is short again."""


class Loop(Protocol):
    """Work that goes on until it is told to stop; started again it takes up where it was."""

    name: str
    heartbeat: Heartbeat

    def run(self, stop: Event) -> None:
        """Work until `stop` is set; raises when it can't go on."""
        ...


def keep(loop: Loop, stop: Event, fatal: tuple[type[Exception], ...] = ()) -> None:
    """Run a loop until told to stop. Raises only what is declared fatal, after noting it on the loop's heartbeat."""
    pause = PAUSE_SECONDS_MIN
    while not stop.is_set():
        started = time.monotonic()
        try:
            loop.run(stop)
        except Exception as failure:
            loop.heartbeat.record_failure(failure)
            if isinstance(failure, fatal):
                LOG.error("stopped", loop=loop.name, error=loop.heartbeat.error)
                raise
            if time.monotonic() - started > STEADY_SECONDS:
                pause = PAUSE_SECONDS_MIN
            LOG.warning("starts again", loop=loop.name, error=loop.heartbeat.error, pause_seconds=round(pause, 2))
            stop.wait(pause)
            pause = min(pause * 2, PAUSE_SECONDS_MAX)
    loop.heartbeat.ended = True
