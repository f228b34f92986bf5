"""The folder of the embedded services: where things lie, ports and passwords given out, the lock."""

import fcntl
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from podium.errors import Problem

PASSWORD_BYTES = 24
PASSING = "making-"
UNUSABLE = {"\n", "\r", "\0"}
"""Letters that PostgreSQL's own programs do not pass on."""


class HomeUnusable(Problem):
    """The folder of the embedded services cannot be used."""

    code = "PD010"
    exit_code = 2


class Home:
    """Paths and small remembered facts below `.podium`. Nothing is made before `make` is called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = folder / "postgres"
        self.kafka = folder / "kafka"
        self.logs = folder / "logs"
        self.run = folder / "run"
        self.socket = folder / "socket"

    def make(self) -> None:
        """Make the folders. Others may pass through if we are root: the database then has another account."""
        if odd := sorted(set(str(self.folder)) & UNUSABLE):
            what = f"cannot use {str(self.folder)!r}: {', '.join(map(repr, odd))} in a path"
            raise HomeUnusable(what, "Set PODIUM_HOME to another folder.")
        try:
            for folder in (self.folder, self.postgres, self.kafka, self.logs, self.run, self.socket):
                folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
            (self.folder / ".gitignore").write_text("*\n")
        except OSError as error:
            what = f"cannot use {self.folder}: {error.strerror}"
            raise HomeUnusable(what, "Set PODIUM_HOME to a folder you own.") from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One `up` or `down` at a time; the kernel frees the lock of a process that dies."""
        with (self.run / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @cached_property
    def passwords(self) -> dict[str, str]:
        """Passwords by role, as last written."""
        return dict(self._read("passwords.json"))

    def password(self, roles: Iterable[str]) -> dict[str, str]:
        """Passwords of these roles; missing ones are drawn and kept, readable by the user alone."""
        missing = {role: secrets.token_urlsafe(PASSWORD_BYTES) for role in roles if role not in self.passwords}
        if missing:
            self.passwords.update(missing)
            self._write("passwords.json", self.passwords)
        return self.passwords

    def passing_folder(self, parent: Path) -> Path:
        """A new folder for what is being made. Those of makers who were killed are removed, even if still in use."""
        for left in parent.glob(f"{PASSING}*"):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink()
        return Path(tempfile.mkdtemp(dir=parent, prefix=PASSING))

    @property
    def ports(self) -> dict[str, int]:
        """Ports by use, as last given out."""
        return dict(self._read("ports.json"))

    def remember_ports(self, **ports: int) -> None:
        """Keep these ports for the next start."""
        self._write("ports.json", self.ports | ports)

    def _read(self, name: str) -> dict[str, Any]:
        try:
            content = json.loads((self.folder / name).read_text())
        except FileNotFoundError:
            return {}
        except ValueError:
            remedy = "Restore it, or remove it and the data beside it."
            raise HomeUnusable(f"{self.folder / name} is damaged", remedy) from None
        return dict(content)

    def _write(self, name: str, content: dict[str, Any]) -> None:
        """Whole or not at all: a crash leaves the file of before."""
        beside = self.folder / f"{name}.{os.getpid()}"
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.folder / name)
