"""How far long work is: on a terminal one bar with rate and time left, else a line a step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from podium.cli.console import PLAIN, err

STEP_CHARACTERS = 26
BAR_CHARACTERS = 12
"""So that the whole of it fits on 80 columns."""
LINE_SECONDS = 5.0
"""Off a terminal, from one line on how far it is to the next."""


@contextmanager
def shown(silent: bool = False) -> Iterator[tuple[Callable[[str], None], Callable[[Any], None]]]:
    """What to tell of a step by its name, and of a filling by its Progress."""
    if silent:
        yield (lambda _: None), (lambda _: None)
        return
    columns = (
        TextColumn(f"{{task.description:<{STEP_CHARACTERS}.{STEP_CHARACTERS}}}", markup=False),
        BarColumn(BAR_CHARACTERS), TaskProgressColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=err, transient=True) as bar:
        task, said = bar.add_task("", total=None, rate=""), time.monotonic()

        def step(name: str) -> None:
            # After a colon come details, for which a line has room.
            bar.update(task, description=name.partition(":")[0])
            if not err.is_terminal:
                err.print(name, **PLAIN)

        def report(progress: Any) -> None:
            told = f"of {progress.records:,} at {progress.rate:,.0f}/s"
            bar.update(task, completed=progress.done, total=progress.records, rate=told)
            nonlocal said
            if not err.is_terminal and time.monotonic() - said > LINE_SECONDS:
                said = time.monotonic()
                left = (progress.records - progress.done) / progress.rate if progress.rate else 0.0
                err.print(f"{progress.done:,} {told}, {left:,.0f} s left", **PLAIN)

        yield step, report
