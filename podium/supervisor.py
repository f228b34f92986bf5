"""Child processes under one parent: started, restarted when they die, stopped in time, their lines told apart."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from runpy import run_module
from threading import Event, Lock, Thread
from typing import Any

from podium.settings import PREFIX
from podium.watchdog import ALIVE, send_signs

STOP_SECONDS_MAX = 5.0
"""Parts end within 2 s; on a machine that is very busy they get a little longer before they are killed."""

BACKOFF_SECONDS_MIN = 0.2
BACKOFF_SECONDS_MAX = 10.0
STEADY_SECONDS = 20.0
"""A part that has lived this long is started again at once when it dies."""
TEND_SECONDS = 0.05
BEGIN_SECONDS_MAX = 300.0
SILENT_SECONDS_MAX = 30.0
"""A child whose interpreter has given no sign for so long is hung in native code, or stopped."""

PRELOAD = "--preload="
GO, REST = "+", "-"
ALLOCATOR = {"MALLOC_ARENA_MAX": "2"}
"""Threads of the Kafka client allocate what others free: with an arena for each, resident memory grows for hours."""

AT_WORK = Event()
"""In a child: cleared while the supervisor asks it to rest; work that can wait does."""

AT_WORK.set()

Write = Callable[[str, str], None]
"""Takes the name of a part and one line of what it says."""


@dataclass(frozen=True)
class Part:
    """One kind of child: `module` with its arguments, as in `python -m`."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()
    lasting: bool = True
    """Whether it runs until it is stopped; else it is done when it ends with 0."""
    preload: tuple[str, ...] = ()
    """Modules to import at once; the rest then waits for `release`."""


@dataclass
class Child:
    """The process of a part, and when it may be started again."""

    part: Part
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    due: float = 0.0
    wait: float = BACKOFF_SECONDS_MIN
    restarts: int = 0
    done: bool = False
    held: bool = False
    readers: list[Thread] = field(default_factory=list)
    signs: int | None = None
    """The pipe on which it sends a byte a second."""
    heard: float = 0.0

    @property
    def runs(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Keeps parts running, while `running` lasts or whenever `tend` is called.

    Children get `environment` beside their parent's, a session of their own, so that a terminal's Ctrl-C reaches
    the supervisor alone, and a pipe as stdin, whose end tells them that the supervisor is gone.
    """

    def __init__(
        self,
        parts: Iterable[Part],
        write: Write,
        environment: Mapping[str, str] | None = None,
        silent_seconds_max: float = SILENT_SECONDS_MAX,
    ) -> None:
        self.silent_seconds_max = silent_seconds_max
        self.children = {part.name: Child(part, held=bool(part.preload)) for part in parts}
        self.write = write
        self._lock = Lock()
        self.environment = {**ALLOCATOR, **os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})}

    @contextmanager
    def running(self, seconds_max: float = STOP_SECONDS_MAX) -> Iterator[None]:
        """Keep the parts running in a thread; at the end they have so long to stop, then they are killed."""
        ending = Event()

        def keep() -> None:
            while not ending.wait(TEND_SECONDS):
                self.tend()

        keeper = Thread(target=keep, name="supervisor")
        self.tend()
        keeper.start()
        try:
            yield
        finally:
            ending.set()
            keeper.join()
            for name in self.stop(seconds_max):
                self.write(name, f"killed: it did not end within {seconds_max:g} s; nothing is lost")

    def add(self, *parts: Part) -> None:
        """Further parts, started at once."""
        with self._lock:
            self.children.update((part.name, Child(part, held=bool(part.preload))) for part in parts)

    def release(self, *names: str) -> None:
        """Let parts go on that were held back or told to rest."""
        self._tell(GO, names)

    def rest(self, *names: str) -> None:
        """Ask parts to pause their work until they are released."""
        self._tell(REST, names)

    def _tell(self, word: str, names: Iterable[str]) -> None:
        with self._lock:
            for child in map(self.children.__getitem__, names):
                child.held = child.held and word != GO
                if child.process is not None and child.process.stdin is not None:
                    # One that died meanwhile is started again, and neither held nor at rest.
                    with suppress(BrokenPipeError):
                        child.process.stdin.write(word)
                        child.process.stdin.flush()

    def tend(self) -> None:
        """One look at everything: start what is due, note what died, kill what gives no sign of life."""
        now = time.monotonic()
        with self._lock:
            for child in self.children.values():
                if child.runs:
                    self._listen(child, now)
                if child.process is not None and child.process.poll() is not None:
                    self._bury(child, now)
                if child.process is None and not child.done and now >= child.due:
                    self._start(child, now)

    def _listen(self, child: Child, now: float) -> None:
        assert child.process is not None
        assert child.signs is not None
        with suppress(BlockingIOError):
            while os.read(child.signs, 4096):
                child.heard = now
        if now - child.heard > self.silent_seconds_max:
            child.heard = now
            self.write(child.part.name, f"killed: no sign of life for {self.silent_seconds_max:g} s; nothing is lost")
            child.process.kill()

    @property
    def done(self) -> bool:
        """Whether every part that does not last has ended well."""
        return all(child.done for child in self.children.values() if not child.part.lasting)

    def stop(self, seconds_max: float = STOP_SECONDS_MAX) -> list[str]:
        """Ask all to end, wait, then kill; the names of those that had to be killed."""
        late = time.monotonic() + seconds_max
        running = self._signal(signal.SIGTERM)
        while running and time.monotonic() < late:
            time.sleep(TEND_SECONDS)
            running = [child for child in running if child.runs]
        stubborn = self._signal(signal.SIGKILL)
        for child in self.children.values():
            self._reap(child)
        return [child.part.name for child in stubborn]

    def _signal(self, number: signal.Signals) -> list[Child]:
        running = [child for child in self.children.values() if child.runs]
        for child in running:
            assert child.process is not None
            child.process.send_signal(number)
        return running

    def _start(self, child: Child, now: float) -> None:
        first = [f"{PRELOAD}{','.join(child.part.preload)}"] if child.held else []
        child.signs, theirs = os.pipe()
        os.set_blocking(child.signs, False)
        child.process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, *first, child.part.module, *child.part.arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", env={**self.environment, ALIVE: str(theirs)}, start_new_session=True,
            pass_fds=[theirs],
        )  # fmt: skip
        os.close(theirs)
        child.started = now
        # Until its first sign it imports, which on a busy machine takes long for many at once.
        child.heard = now + BEGIN_SECONDS_MAX
        child.readers = [Thread(target=self._read, args=[child.part.name, child.process.stdout], daemon=True)]
        for reader in child.readers:
            reader.start()

    def _read(self, name: str, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(name, line.rstrip("\n"))

    def _bury(self, child: Child, now: float) -> None:
        assert child.process is not None
        code, lived = child.process.returncode, now - child.started
        self._reap(child)
        if code == 0 and not child.part.lasting:
            child.done = True
            return
        child.wait = BACKOFF_SECONDS_MIN if lived > STEADY_SECONDS else min(child.wait * 2, BACKOFF_SECONDS_MAX)
        child.due = now + child.wait
        child.restarts += 1
        self.write(child.part.name, f"{_ending(code)} after {lived:.1f} s; starts again in {child.wait:.1f} s")

    def _reap(self, child: Child) -> None:
        if child.process is None:
            return
        child.process.wait()
        for reader in child.readers:
            reader.join(1.0)
        for pipe in (child.process.stdin, child.process.stdout):
            if pipe is not None:
                pipe.close()
        if child.signs is not None:
            os.close(child.signs)
        child.process = child.signs = None


def _ending(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"


def environment(flags: Mapping[str, Any]) -> dict[str, str]:
    """Settings given as flags, for a child: by environment, since everybody can read arguments."""
    return {PREFIX + _variable(key): str(value) for key, value in flags.items()}


def _variable(key: str) -> str:
    """Properties of clients keep their own dots."""
    return "__".join(key.split(".", 2 if key.startswith("kafka.properties.") else -1)).upper()


def _leash() -> None:
    """Heed the supervisor. When it is gone, even by kill -9, its end of our stdin closes: end in good order then."""
    while word := os.read(0, 1):
        AT_WORK.set() if word.decode() == GO else AT_WORK.clear()
    os.kill(os.getpid(), signal.SIGTERM)


def child() -> None:
    """Run as the child of a supervisor: `python -m podium.supervisor [--preload=MODULES] MODULE ARGUMENT...`."""
    send_signs()
    if sys.argv[1].startswith(PRELOAD):
        for module in sys.argv.pop(1).removeprefix(PRELOAD).split(","):
            import_module(module)
        if not os.read(0, 1):
            return
    Thread(target=_leash, daemon=True).start()
    sys.argv = sys.argv[1:]
    run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    # Under its own name, so that what runs below meets the same AT_WORK.
    import_module("podium.supervisor").child()
