"""A lease: the right to be the one process that does a duty, as whoever works under it sees it."""

from __future__ import annotations

import os
import socket
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event
from typing import Protocol

from schema.heartbeat import Heartbeat

NAMESPACE = Path("/proc/self/ns/pid")
OF_THE_HOST = 4026531836
"""The inode of the process namespace in which Linux itself starts."""


class LeaseLost(Exception):
    """Another process has the duty now, or may have it soon: what is not published yet must not be."""


class Lease(Protocol):
    """A duty that is ours until it is let go or lost."""

    name: str

    def check(self) -> None:
        """Raises LeaseLost once it is not certain that the lease is ours: then decide and publish nothing."""
        ...

    def confirm(self) -> None:
        """Renew it now. Raises LeaseLost, and what the database raises."""
        ...


class Leases(Protocol):
    """Where leases are kept."""

    def hold(self, name: str, stop: Event, heartbeat: Heartbeat) -> AbstractContextManager[Lease | None]:
        """Wait for a lease and hold it; None when told to stop meanwhile. The heartbeat says who has it."""
        ...


def process_name() -> str:
    """This process as leases and reports name it: host:pid; with its process namespace where that is a container's."""
    return f"{host_name()}:{os.getpid()}"


def host_name() -> str:
    """The host, told apart from containers that share its name."""
    try:
        inode = NAMESPACE.stat().st_ino
    except OSError:
        return socket.gethostname()
    return socket.gethostname() if inode == OF_THE_HOST else f"{socket.gethostname()}/{inode}"
