"""Whether to read a batch ahead: it pays while writing mostly waits for the server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

WAITING_SHARE_MIN = 0.5
"""Below this, two threads would only take the interpreter from each other."""

MEASURED_EVERY = 64
"""One batch of so many is written alone, to look again."""


class Ahead:
    """Measures how much of the time of writing a batch is waiting."""

    def __init__(self) -> None:
        self._waiting = 0.0
        self._batches = 0

    def pays(self) -> bool:
        """Whether the next batch should be read while this one is written."""
        self._batches += 1
        return self._waiting >= WAITING_SHARE_MIN and self._batches % MEASURED_EVERY > 0

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Around the writing of a batch that nothing is read beside."""
        began, worked = time.monotonic(), time.thread_time()
        yield
        passed = time.monotonic() - began
        self._waiting = 1 - (time.thread_time() - worked) / passed if passed else 0.0
