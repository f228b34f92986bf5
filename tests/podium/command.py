"""The command as a process of its own, on the services and the database of a test."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from podium.settings import ROLES, Settings

TIMEOUT_SECONDS = 120

# Each command is forked from a process that has imported everything: the imports take longer than most commands.
_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(["tests.podium.imported"])


def environment(settings: Settings) -> dict[str, str]:
    """Says where everything is, by environment alone."""
    urls = {f"PODIUM_POSTGRES__{role.upper()}_URL": settings.postgres.dsn(role) for role in ROLES[1:]}
    ours = {
        "PODIUM_HOME": str(settings.home),
        "PODIUM_KAFKA__BOOTSTRAP": settings.kafka.bootstrap,
        "PODIUM_KAFKA__NAMESPACE": settings.kafka.namespace,
        "PODIUM_POSTGRES__URL": settings.postgres.dsn("owner"),
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PODIUM_")}
    return inherited | ours | urls


def podium(settings: Settings, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return text_of(forked(arguments, environment(settings), stdin.encode()))


def text_of(done: subprocess.CompletedProcess[bytes]) -> subprocess.CompletedProcess[str]:
    """The same with what was printed as text."""
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def forked(
    arguments: Sequence[str], variables: Mapping[str, str], stdin: bytes = b"", folder: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end, with this environment and in this folder. Raises TimeoutExpired."""
    with tempfile.TemporaryDirectory() as place:
        given, out, err = (Path(place, name) for name in ("in", "out", "err"))
        given.write_bytes(stdin)
        streams = (str(given), str(out), str(err))
        process = _FORKED.Process(target=_command, args=(arguments, dict(variables), streams, folder or Path.cwd()))
        process.start()
        process.join(TIMEOUT_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(list(arguments), TIMEOUT_SECONDS, out.read_bytes(), err.read_bytes())
        return subprocess.CompletedProcess(list(arguments), process.exitcode, out.read_bytes(), err.read_bytes())


def _command(
    arguments: Sequence[str], variables: Mapping[str, str], streams: tuple[str, str, str], folder: Path
) -> None:
    """In the forked process: become the command."""
    for number, (path, flags) in enumerate(zip(streams, (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT] * 2), strict=True)):
        descriptor = os.open(path, flags, 0o600)
        os.dup2(descriptor, number)
        os.close(descriptor)
    # The interpreter has none of its own here, or one to /dev/null.
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    sys.argv = ["podium", *arguments]
    from podium.__main__ import run as command

    command()


@contextmanager
def started(settings: Settings, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command that goes on; killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "podium", *arguments],
        env=environment(settings), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
