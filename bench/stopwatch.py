"""The stopwatch: both sides of a pair are timed from their first commit to their last, start-up left out."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass

import psutil

from consumers.batch import Written
from consumers.meter import Meter


def own_cpu() -> float:
    """CPU seconds of this process so far, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def server_cpu(server: psutil.Process) -> float:
    """CPU seconds so far of a PostgreSQL server: all of its processes, also those that have ended."""
    while True:
        children = server.children()
        try:
            total = sum(sum(child.cpu_times()[:2]) for child in children)
        except psutil.NoSuchProcess:
            continue
        # What ended meanwhile has moved from the children to the parent: count anew.
        total += sum(server.cpu_times()[:4])
        if server.children() == children:
            return float(total)


class TooShort(Exception):
    """A run had too few commits to be timed."""


@dataclass
class Run:
    """One side of a pair, in the time between its first commit and its last."""

    events: int
    seconds: float
    client_us: float
    """CPU of this process, us an event."""
    server_us: float
    """CPU of the whole database server, us an event."""

    @property
    def rate(self) -> float:
        """Events a second. Raises TooShort."""
        if not self.events or self.seconds <= 0:
            raise TooShort("nothing was committed between the first commit and the last; give more --events")
        return self.events / self.seconds


class Stopwatch:
    """Tells how long the commits after the first took; the first one carries connecting, joining, first fetch."""

    def __init__(self, server: psutil.Process) -> None:
        self.server = server
        self.events = 0
        self.laps: list[float] = []
        self._began = self._ended = self._cpu_began = self._cpu_ended = self._server_began = 0.0

    def lap(self, events: int) -> None:
        """A commit of so many events has just gone through."""
        if not self.laps:
            self._server_began = server_cpu(self.server)
            self._cpu_began = own_cpu()
            self._began = time.perf_counter()
            self.laps.append(0.0)
            return
        self._ended, self._cpu_ended = time.perf_counter(), own_cpu()
        self.events += events
        self.laps.append(self._ended - self._began)

    def stop(self) -> Run:
        """What the run came to. Call it while the server still runs."""
        server = server_cpu(self.server) - self._server_began
        events = max(self.events, 1)
        return Run(
            self.events,
            self._ended - self._began,
            (self._cpu_ended - self._cpu_began) / events * 1e6,
            server / events * 1e6,
        )


class Timed(Meter):
    """The meter of a consumer whose commits a stopwatch counts."""

    def __init__(self, watch: Stopwatch) -> None:
        super().__init__()
        self.watch = watch

    def note(self, written: Written, waiting: int) -> None:
        """After a commit."""
        super().note(written, waiting)
        events = sum(move.read + move.released for move in written.moves.values())
        if events:
            self.watch.lap(events)
