"""PostgreSQL refuses to run as root: the account that it runs as instead, and the way to its files."""

import os
import pwd
import stat
from pathlib import Path
from typing import NamedTuple

ACCOUNTS = ("postgres", "nobody")


class Account(NamedTuple):
    """A system account by number."""

    uid: int
    gid: int


def unprivileged() -> Account | None:
    """None for an ordinary user; for root the first of ACCOUNTS that the system has."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next(known[name] for name in ACCOUNTS if name in known)
    return Account(entry.pw_uid, entry.pw_gid)


def let_pass(path: Path) -> None:
    """Let every account pass through (not list) the folders above `path`, as far as they do not already."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXGRP | stat.S_IXOTH)
