"""The command as a process of its own, on the services and the database of a test."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from podium.settings import ROLES, Settings


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
    return subprocess.run(
        [sys.executable, "-m", "podium", *arguments],
        env=environment(settings), input=stdin, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


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
