"""A service process that outlives us: started detached, found again by its command line, stopped in time."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from podium.embedded.account import Account
from podium.errors import Problem

LOG_BYTES_MAX = 20_000_000
POLL_SECONDS = 0.02
# The child belongs to nobody here: no terminal, no parent that must reap it, no pipe that breaks when we go.
DETACH = '"$@" </dev/null >&2 & echo $!'


Report = Callable[[str], None]
"""Takes a line that tells a person what is being done."""


CAUSES = {
    "No space left on device": ("the disk is full", "Make room, or set PODIUM_HOME to a folder on another disk."),
    "Disk quota exceeded": ("the disk quota is used up", "Make room, or set PODIUM_HOME to a folder elsewhere."),
    "Read-only file system": ("its folder cannot be written to", "Set PODIUM_HOME to a folder you own."),
    "Address already in use": ("its port is taken by another process", "Stop that one, or try again."),
}
"""Words of a service that ended -> what they mean, and what to do."""


class StartFailed(Problem):
    """A service ended, or did not answer in time, while it was being started."""

    code = "PD011"
    exit_code = 3


class StopFailed(Problem):
    """A service did not end in time."""

    code = "PD012"
    exit_code = 3


def start_failed(what: str, words: str, remedy: str) -> StartFailed:
    """The failure of a service whose last words are known: with their true cause first, where they tell one."""
    cause = next((told for said, told in CAUSES.items() if said in words), None)
    if cause is None:
        return StartFailed(f"{what}\n{words}" if words else what, remedy)
    return StartFailed(f"{what}: {cause[0]}", cause[1])


@dataclass(frozen=True)
class Process:
    """One service process. The pid file is a hint; program and marker in the command line are the proof."""

    name: str
    program: str
    marker: str
    pid_file: Path
    log: Path
    account: Account | None = None

    def find(self) -> psutil.Process | None:
        """The running process, also when the pid file is lost or its number now belongs to another."""
        hinted = self._hinted()
        if hinted is not None or not self.pid_file.exists():
            return hinted
        return self.search()

    def search(self) -> psutil.Process | None:
        """Look through all processes of the system, and correct the pid file."""
        found = next((process for process in psutil.process_iter() if self._is_ours(process)), None)
        if found is not None:
            self.pid_file.write_text(str(found.pid))
        return found

    def adopt(self, remembered: bool) -> psutil.Process | None:
        """The process to go on with. One whose home was deleted under it, and so forgot its port, is ended."""
        found = self.find() or self.search()
        if found is not None and not remembered:
            self.stop(signal.SIGKILL, seconds_max=5.0)
            return None
        return found

    def launch(self, command: Sequence[str], environment: Mapping[str, str], cwd: Path = Path("/")) -> psutil.Process:
        """Start detached from us and from the terminal, in the folder `cwd`, output appended to the log."""
        # There before the birth: if the launcher is killed half-way, it makes `find` search.
        self.pid_file.touch()
        self._rotate()
        identity = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []} if self.account else {}
        with self.log.open("ab") as log:
            shell = subprocess.run(
                ["/bin/sh", "-c", DETACH, "sh", *command],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, check=True,
                start_new_session=True, cwd=cwd, env=dict(environment), **identity,  # type: ignore[call-overload]
            )  # fmt: skip
        pid = int(shell.stdout)
        self.pid_file.write_text(str(pid))
        return psutil.Process(pid)

    def wait(self, process: psutil.Process, ready: Callable[[], bool], deadline: float) -> bool:
        """True once ready, False if the process ended. Raises StartFailed at the deadline (monotonic)."""
        while not ready():
            if not alive(process):
                return False
            if time.monotonic() > deadline:
                raise start_failed(f"{self.name} does not answer", self.last_words(), f"The whole log: {self.log}")
            time.sleep(POLL_SECONDS)
        return True

    def stop(self, politely: signal.Signals, seconds_max: float) -> bool:
        """Ask, wait, then insist. False if nothing ran. Raises StopFailed."""
        process = self.find()
        if process is not None:
            for each, seconds in ((politely, seconds_max), (signal.SIGKILL, 5.0)):
                if _gone(process, each, seconds):
                    break
            else:
                raise StopFailed(f"{self.name} (pid {process.pid}) does not end", f"See {self.log}")
        self.pid_file.unlink(missing_ok=True)
        return process is not None

    def last_words(self, lines: int = 15) -> str:
        """The end of the log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(f"  | {line}" for line in text.splitlines()[-lines:])

    def _hinted(self) -> psutil.Process | None:
        try:
            process = psutil.Process(int(self.pid_file.read_text()))
        except (OSError, ValueError, psutil.Error):
            return None
        return process if self._is_ours(process) else None

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            command = process.cmdline()
        except psutil.Error:
            return False
        return bool(command) and Path(command[0]).name == self.program and self.marker in command

    def _rotate(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES_MAX:
            self.log.replace(self.log.with_suffix(".log.1"))


def alive(process: psutil.Process) -> bool:
    """Whether it runs; one that ended and waits to be reaped does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _gone(process: psutil.Process, how: signal.Signals, seconds: float) -> bool:
    try:
        process.send_signal(how)
    except psutil.NoSuchProcess:
        return True
    deadline = time.monotonic() + seconds
    while alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def plain_environment(**more: str) -> dict[str, str]:
    """What a service may know of our environment: no settings, no passwords."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return kept | {"LC_ALL": "C", "TZ": "UTC"} | more
