"""However often the database goes away, every loop comes back, and nothing piles up: descriptors, threads, lines."""

from __future__ import annotations

import threading
from contextlib import suppress

import structlog
from structlog.testing import capture_logs

from podium.reporter import Reporter
from streams.app import KINDS, loops
from tests.consumers.proxy import Wire, _Line
from tests.streams.conftest import World, running, until
from tests.streams.test_supervise import resources

OUTAGES = 20
LINES_MAX = 8
"""An outage has a line when it begins and one when it is over: of the loops, of the leases and of the reports."""

SLACK = 6
"""A client that is being renewed just then."""


class Gate(Wire):
    """A wire that can be shut: connections are cut, and further ones end at once."""

    def __init__(self, dsn: str) -> None:
        self.lines: list[_Line] = []
        self.is_shut = False
        super().__init__(dsn)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.is_shut:
                    client.close()
                    continue
                line = _Line(self, client, self._server())
                self.lines.append(line)
                threading.Thread(target=line.run, daemon=True).start()

    def shut(self) -> None:
        """The database is away."""
        self.is_shut = True
        lines, self.lines = self.lines, []
        for line in lines:
            line._cut()

    def open(self) -> None:
        """It is back."""
        self.is_shut = False


def test_many_outages_of_the_database_leave_nothing_behind(world: World) -> None:
    structlog.reset_defaults()
    gate = Gate(world.dsn)
    hosted = loops(world.log, gate.dsn, [world.domain], KINDS)
    heartbeats = [loop.heartbeat for loop in hosted]
    reporter = Reporter(gate.dsn, heartbeats)
    with capture_logs() as lines, running(*hosted), reporter.running():
        until(lambda: all(heartbeat.is_able for heartbeat in heartbeats), 300.0)
        before = resources()
        for _ in range(OUTAGES):
            restarts = sum(heartbeat.restarts for heartbeat in heartbeats)
            gate.shut()
            until(lambda restarts=restarts: sum(one.restarts for one in heartbeats) > restarts)  # type: ignore[misc]
            gate.open()
            until(lambda: all(heartbeat.is_able for heartbeat in heartbeats), 300.0)
        reported = "SELECT count(*) FROM ledger.loop WHERE reported_at > clock_timestamp() - interval '5 s'"
        until(lambda: world.query(reported) == [(len(hosted),)])
        until(lambda: all(now <= then + SLACK for now, then in zip(resources(), before, strict=True)), 30)
        told = [line["event"] for line in lines if line["log_level"] != "debug"]
        assert len(told) <= OUTAGES * LINES_MAX, told
    gate.close()
