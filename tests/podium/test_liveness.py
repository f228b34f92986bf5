"""A process that hangs is ended and started again, by itself or its supervisor; a stop that takes long is explained."""

from __future__ import annotations

import os
import signal
import time
from threading import Event

import pytest
import structlog
from structlog.testing import capture_logs

from podium.supervisor import Part, Supervisor
from podium.watchdog import HUNG, Watchdog
from schema.heartbeat import Heartbeat
from tests.podium.log import until
from tests.podium.test_run import Lines, pid

CHILD = "tests.podium.child"


def test_a_child_whose_native_code_holds_the_interpreter_is_started_again() -> None:
    lines = Lines()
    supervisor = Supervisor([Part("one", CHILD, ("hang",))], lines, silent_seconds_max=4.0)
    with supervisor.running(seconds_max=0.2):
        until(lambda: lines.said("hanging") == 2, 60)
    assert lines.said("no sign of life for 4 s") >= 1
    assert lines.said("killed by SIGKILL") >= 1


def test_a_child_that_is_stopped_is_started_again_and_one_that_works_is_left_alone() -> None:
    lines = Lines()
    parts = [Part("stopped", CHILD, ("say", "hello")), Part("well", CHILD, ("say", "welcome"))]
    supervisor = Supervisor(parts, lines, silent_seconds_max=4.0)
    with supervisor.running(seconds_max=5):
        until(lambda: lines.said("hello") == 1 and lines.said("welcome") == 1, 60)
        os.kill(pid(supervisor, "stopped"), signal.SIGSTOP)
        until(lambda: lines.said("hello") == 2, 60)
    assert supervisor.children["well"].restarts == 0


def test_a_call_past_its_deadline_ends_the_process_with_its_stack() -> None:
    lines = Lines()
    supervisor = Supervisor([Part("one", CHILD, ("stick", "send offsets"))], lines)
    with supervisor.running(seconds_max=0.2):
        until(lambda: lines.said(f"ended with {HUNG}") == 1, 60)
    assert lines.said("loop.stuck")
    assert lines.said("send offsets")
    assert lines.said("Event().wait(60)")


def test_a_loop_hangs_by_its_turn_or_by_its_call_but_not_while_a_call_may_last() -> None:
    heartbeat = Heartbeat("one")
    now = time.monotonic()
    assert heartbeat.hanging(now + 1, 2.0) is None
    hung = heartbeat.hanging(now + 3, 2.0)
    assert hung is not None
    assert hung.call == "its turn"
    with heartbeat.within("long", 100.0):
        assert heartbeat.hanging(now + 50, 2.0) is None
        with heartbeat.within("short", 1.0):
            short = heartbeat.hanging(now + 50, 2.0)
            assert short is not None
            assert short.call == "short"
        assert heartbeat.hanging(now + 200, 2.0) is not None
    heartbeat.ended = True
    assert heartbeat.hanging(now + 500, 2.0) is None


def test_a_call_that_raises_is_under_way_no_longer() -> None:
    heartbeat = Heartbeat("one")
    with pytest.raises(OSError, match="away"), heartbeat.within("call", 1.0):
        raise OSError("away")
    assert heartbeat.deadlines == {}


def test_a_stop_that_takes_long_names_loops_and_what_they_wait_for() -> None:
    stop, slow, quick = Event(), Heartbeat("slow"), Heartbeat("quick")
    structlog.reset_defaults()
    with capture_logs() as lines, Watchdog([slow, quick], stop).running(), slow.within("commit", 30.0):
        stop.set()
        quick.ended = True
        until(lambda: any(line["event"] == "still stopping" for line in lines))
    assert [line["waits_for"] for line in lines] == [{"slow": "commit"}]
