"""A part for the tests of the supervisor: says something and waits, ends, or refuses to end."""

import ctypes
import signal
import sys
from threading import Event

from podium.supervisor import AT_WORK, Part, Supervisor
from podium.watchdog import Watchdog
from schema.heartbeat import Heartbeat


def main(what: str, argument: str = "") -> None:
    """Do as told."""
    if what == "work":
        while True:
            AT_WORK.wait()
            print("working", flush=True)
            Event().wait(0.02)
    if what == "hang":
        print("hanging", flush=True)
        # A call that keeps the interpreter, as a fault in native code may.
        ctypes.PyDLL(None).sleep(600)
    if what == "stick":
        heartbeat = Heartbeat("loop.stuck")
        with Watchdog([heartbeat], turn_seconds_max=1.0).running(), heartbeat.within(argument, 0.5):
            Event().wait(60)
    if what == "end":
        sys.exit(int(argument))
    if what == "stay":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("staying", flush=True)
    else:
        print(argument, flush=True)
    Event().wait(60)


def supervise() -> None:
    """Run one part and tell its process id, until killed."""
    supervisor = Supervisor([Part("one", __name__, ("say", "hello"))], lambda _, __: None)
    with supervisor.running():
        process = supervisor.children["one"].process
        assert process is not None
        print(process.pid, flush=True)
        Event().wait(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
