"""Signs of life of a loop, for health pages and metrics."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass
class Pulse:
    """When a loop last turned, whether it can work, and how much it has done; written by one thread."""

    name: str
    turned: float = field(default_factory=time.monotonic)
    ready: bool = False
    done: int = 0
    restarts: int = 0
    error: str = ""

    def beat(self, ready: bool = True) -> None:
        """The loop turned, and is able to work or still waits for something."""
        self.turned = time.monotonic()
        self.ready = ready
        if ready:
            self.error = ""

    def count(self, things: int) -> None:
        """The loop finished so many things."""
        self.done += things

    def rest(self) -> None:
        """The loop ended, for now."""
        self.ready = False

    def stumble(self, error: BaseException) -> None:
        """The loop failed and will be started again."""
        self.ready = False
        self.restarts += 1
        self.error = f"{type(error).__name__}: {error}"

    @property
    def age_seconds(self) -> float:
        """Since the last turn."""
        return time.monotonic() - self.turned
