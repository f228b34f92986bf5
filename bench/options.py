"""What a run may be told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """Sizes of a run."""

    pairs: int = 3
    """How often each side runs, in turn."""
    events: int | None = None
    """Events of one run; None: as many as the benchmark takes to be steady."""
    domain: str | None = None
    """Only this domain, where a benchmark asks of each; None: all."""
