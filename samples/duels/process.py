"""What the processes of the demonstration share: they rest when told to, say how far they are, and keep files."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from podium import embedded
from podium.settings import Settings, load
from podium.supervisor import AT_WORK

Work = Callable[[Settings], Iterable[int]]
"""Yields, at every turn, how much of the whole is done by now."""


def run(work: Work) -> None:
    """Work until there is nothing left; after every turn it rests as long as it is told to."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    said = -1
    for done in work(embedded.resolve(load())):
        if done != said:
            print(json.dumps({"done": done}), flush=True)
            said = done
        AT_WORK.wait()


def folder(settings: Settings) -> Path:
    """Where pages are kept and the host's address lies: an object store for one machine."""
    found = settings.home / "duels"
    (found / "replays").mkdir(parents=True, exist_ok=True)
    return found


def write(path: Path, text: str) -> None:
    """All of a file or nothing."""
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
