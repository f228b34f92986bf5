"""What a demonstration shows: bars and a moving board on a terminal, else a line now and then."""

from collections.abc import Sequence
from contextlib import ExitStack
from threading import Event
from time import monotonic
from types import TracebackType
from typing import Any, Self

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from podium.boards import Snapshot
from podium.cli.console import err
from podium.demo import Advance
from podium.errors import Problem

LINE_SECONDS = 5.0
FRAMES_PER_SECOND = 8
ENTRIES_OF_SEVERAL = 4
"""So that several boards fit on a terminal."""


class Interrupted(Problem):
    """Ctrl-C, or the end of the terminal."""

    code = "PD065"
    exit_code = 130


class Screen:
    """Progress and board on stderr. `stop` ends whatever reports here, by Interrupted."""

    def __init__(self, stop: Event) -> None:
        self.stop = stop
        self.moves = err.is_terminal
        self._bars = Progress(
            TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=err
        )
        self._board: RenderableType = ""
        self._headline = ""
        self._said = monotonic()
        self._open = ExitStack()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if self.moves:
            self._live = self._open.enter_context(
                Live(get_renderable=self._drawn, console=err, refresh_per_second=FRAMES_PER_SECOND, transient=True)
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def settle(self) -> None:
        """End what moves, so that other output does not mix with it."""
        self._open.close()

    def say(self, text: str) -> None:
        """One line that stays."""
        err.print(text, highlight=False)

    def line(self, part: str, text: str) -> None:
        """One line of a process."""
        err.print(f"{part:<14} │ {text}", markup=False, highlight=False)

    def bar(self, title: str, total: int) -> Advance:
        """A bar; what it returns moves it on. Raises Interrupted."""
        task = self._bars.add_task(title, total=total)

        def advance(steps: int) -> None:
            self._bars.advance(task, steps)
            self.look()

        return advance

    def task(self, title: str, total: int) -> TaskID:
        """A bar that is set, not moved."""
        return self._bars.add_task(title, total=total)

    def set(self, task: TaskID, completed: int, total: int | None = None) -> None:
        """How far a bar is."""
        self._bars.update(task, completed=completed, total=total)

    def show(self, boards: Sequence[Snapshot]) -> None:
        """The boards as they are now; of several only the best entries."""
        most = None if len(boards) == 1 else ENTRIES_OF_SEVERAL
        self._board = Group(*(table(board, most) for board in boards))
        self._headline = "; ".join(_best(board) for board in boards)

    def look(self) -> None:
        """Off a terminal: a line if the last is long ago. Raises Interrupted."""
        if self.stop.is_set():
            raise Interrupted("interrupted", "Run it again: it goes on where it was.")
        if not self.moves and monotonic() - self._said > LINE_SECONDS:
            self._said = monotonic()
            moving = (task for task in self._bars.tasks if task.completed and not task.finished)
            parts = [f"{task.description} {task.completed:,.0f}/{task.total or 0:,.0f}" for task in moving]
            self.say("; ".join([*parts, *([f"board: {self._headline}"] if self._headline else [])]) or "…")

    def _drawn(self) -> RenderableType:
        return Group(self._bars, self._board)


def _best(board: Snapshot) -> str:
    return ", ".join(f"{entry['rank']} {entry['name']} {entry['score']}" for entry in board.listed[:3])


def table(board: Snapshot, most: int | None = None) -> Table:
    """A snapshot for a person, or the best entries of it."""
    drawn = Table(title=board.board, box=None, pad_edge=False, header_style="bold", title_justify="left")
    columns: Sequence[tuple[str, Any]] = (
        ("rank", "right"), ("name", "left"), ("score", "right"), ("95 %", "left"), ("n", "right"),
    )  # fmt: skip
    for name, justify in columns:
        drawn.add_column(name, justify=justify, no_wrap=True)
    for entry in board.listed[:most]:
        low, high = entry["rank_low"], entry["rank_high"]
        rank = f"{low}–{high}" if low != high else str(entry["rank"])
        interval = "" if entry.get("low") is None else f"{entry['low']} – {entry['high']}"
        drawn.add_row(rank, entry["name"], str(entry["score"]), interval, str(entry["n"]))
    return drawn
