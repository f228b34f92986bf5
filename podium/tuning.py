"""How a process sets its interpreter before it turns events into rows."""

from __future__ import annotations

import gc
import sys

GC_ALLOCATIONS = 50_000
SWITCH_SECONDS = 0.0005
"""How soon the thread that writes gets the interpreter from the one that reads ahead."""


def for_batches() -> None:
    """Batches are many objects of short life: the collector need not look at them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_ALLOCATIONS, 20, 100)
    sys.setswitchinterval(SWITCH_SECONDS)
