"""What is told of an outage: a line when it begins, one a minute, one when it is over, however often it is met."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Lock

from schema.heartbeat import described

EVERY_SECONDS = 60.0
LINES_MAX = 5
"""Of a client library, in EVERY_SECONDS."""

Tell = Callable[..., object]
"""Takes the event and its fields by keyword, as a structured logger's methods do."""


class Outage:
    """An outage of one service, met by any number of loops in any thread."""

    def __init__(self, what: str, warn: Tell, inform: Tell) -> None:
        self.what = what
        self._warn = warn
        self._inform = inform
        self._lock = Lock()
        self._met: set[str] = set()
        self._tries = 0
        self._since = self._told = 0.0

    def failed(self, who: str, error: BaseException | str) -> None:
        """`who` could not reach the service; told if it is the first one, or nothing was told for a minute."""
        now = time.monotonic()
        with self._lock:
            begins = not self._met
            self._met.add(who)
            if begins:
                self._since, self._tries = now, 0
            self._tries += 1
            if not begins and now - self._told < EVERY_SECONDS:
                return
            self._told = now
            text = described(error) if isinstance(error, BaseException) else error
            lost = {"loops": sorted(self._met), "seconds": round(now - self._since), "tries": self._tries}
        self._warn(f"{self.what} does not answer", error=text, **lost)

    def over(self, who: str) -> None:
        """`who` reached it again; told when it is the last one."""
        with self._lock:
            if who not in self._met:
                return
            self._met.discard(who)
            if self._met:
                return
            lost = {"seconds": round(time.monotonic() - self._since), "tries": self._tries}
        self._inform(f"{self.what} answers again", **lost)


class Sparse(logging.Filter):
    """Lets only some lines a minute through, and says with the next one how many were left out."""

    def __init__(self, lines_max: int = LINES_MAX, every_seconds: float = EVERY_SECONDS) -> None:
        super().__init__()
        self.lines_max = lines_max
        self.every_seconds = every_seconds
        self._begun = time.monotonic()
        self._lines = self._left_out = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this line is written."""
        now = time.monotonic()
        if now - self._begun > self.every_seconds:
            self._begun, self._lines = now, 0
        if self._lines >= self.lines_max:
            self._left_out += 1
            return False
        self._lines += 1
        if self._left_out:
            record.msg = f"{record.getMessage()} (and {self._left_out} lines before that were left out)"
            record.args, self._left_out = None, 0
        return True
