"""What all commands share: the settings they run under, how they print, how they refuse."""

import dataclasses
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import RenderableType

from podium import embedded
from podium.cli import needs
from podium.cli.terminal import Terminal
from podium.errors import Problem
from podium.plain import json_text, plain
from podium.settings import Settings, load

FOUND_A_PROBLEM = 1
USAGE = 2

AGAIN_SECONDS = 0.2
PATIENCE_SECONDS = 10.0
"""So long a command that watches waits for a database that is away, as when it is started anew."""

T = TypeVar("T")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it, instead of showing what would be done.")]

WIDEST = 100_000
PLAIN: dict[str, Any] = {"markup": False, "highlight": False}
"""How text is printed that is not ours."""

out = Terminal()
err = Terminal(stderr=True)


@dataclass
class Invocation:
    """What was said before the command; settings are read when first needed."""

    flags: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def settings(self) -> Settings:
        """As configured: addresses of embedded services are still empty."""
        return load(self.flags)


def settings(ctx: typer.Context) -> Settings:
    """Settings as configured."""
    return invocation(ctx).settings


def connected(ctx: typer.Context, *further: str) -> Settings:
    """Settings with the addresses of the services that the command needs, and of `further` ones.

    Raises NotRunning, whose remedy is `podium up`.
    """
    return embedded.resolve(settings(ctx), {*needs.of(words(ctx)), *further})


def words(ctx: typer.Context) -> list[str]:
    """The words of the command, without the program's own name."""
    found: list[str] = []
    context: Any = ctx
    while context.parent is not None:
        found.insert(0, str(context.info_name))
        context = context.parent
    return found


def migrated(ctx: typer.Context, *further: str) -> Settings:
    """The same, once the database was looked at, if it answers.

    Raises NotRunning, ServerRefused, NotMigrated, TablesOfAnotherVersion.
    """
    from podium import versions

    found = connected(ctx, *further)
    versions.check_unless_away(found.postgres.dsn("stream"))
    return found


def invocation(ctx: typer.Context) -> Invocation:
    """What was said before the command."""
    found = ctx.find_root().obj
    assert isinstance(found, Invocation)
    return found


def show(rows: Iterable[object], as_json: bool, empty: str = "nothing") -> None:
    """Print a listing, each row a mapping, named tuple or dataclass: for a person, or as one JSON array.

    A person gets a table without the columns that are empty; on a terminal too narrow for it, a line a value.
    """
    records = [_record(row) for row in rows]
    if as_json:
        return show_json(records)
    if not records:
        return err.print(empty)
    filled = [name for name in records[0] if any(record[name] not in (None, "") for record in records)]
    cells = [{name: "" if record[name] is None else plain(str(record[name])) for name in filled} for record in records]
    table, width = _drawn(filled, cells)
    if not out.is_terminal:
        return Terminal(width=width).print(table)
    if width <= out.width:
        return out.print(table)
    most = max(map(len, filled))
    for record in cells:
        out.print(*(f"{name:<{most}}  {text}" for name, text in record.items() if text), "", sep="\n", **PLAIN)
    return None


def _drawn(names: Sequence[str], cells: Sequence[Mapping[str, str]]) -> tuple[RenderableType, int]:
    """A table, and the columns of a terminal that it takes."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name.replace("_", " "))
    for record in cells:
        table.add_row(*map(Text, record.values()))
    return table, out.measure(table, options=out.options.update(width=WIDEST)).maximum


def show_json(content: object) -> None:
    """Print one JSON document."""
    sys.stdout.write(json_text(content, indent=2) + "\n")


def stream_json(document: Mapping[str, Any], name: str, items: Iterable[Any], indent: int | None = 2) -> None:
    """Print one JSON document as `show_json` does, with a last member: a list of which one item is held at a time."""
    head = json_text({**document, name: []}, indent)
    write, end = sys.stdout.write, len(head) - len("]}") - (1 if indent else 0)
    write(head[:end])
    inner = f"\n{' ' * 2 * indent}" if indent else ""
    before = inner
    for item in items:
        text = json_text(item, indent)
        write(before + (text.replace("\n", inner) if indent else text))
        before = f",{inner}" if indent else ", "
    write((f"\n{' ' * indent}" if indent and before != inner else "") + head[end:] + "\n")


def _record(row: object) -> dict[str, Any]:
    if isinstance(row, Mapping):
        return dict(row)
    if isinstance(row, tuple) and hasattr(row, "_asdict"):
        return dict(row._asdict())
    if dataclasses.is_dataclass(row) and not isinstance(row, type):
        return dataclasses.asdict(row)
    raise TypeError(f"not a row: {row!r}")


def confirm(yes: bool, effect: str, command: str) -> None:
    """Go on only if told to, by `--yes` or an answer. Off a terminal: print the command and exit 2."""
    if yes:
        return
    err.print(effect)
    if not sys.stdin.isatty():
        err.print(f"Nothing was done. To do it: {command} --yes", markup=False)
        raise typer.Exit(USAGE)
    typer.confirm("Do it?", abort=True, err=True)


def again(ask: Callable[[], T]) -> T:
    """What a question brings that is repeated while the database is away. Raises psycopg.OperationalError at last."""
    from psycopg import OperationalError

    late = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return ask()
        except OperationalError:
            if time.monotonic() > late:
                raise
        time.sleep(AGAIN_SECONDS)


def refuse(problem: Problem) -> NoReturn:
    """Print a problem, with --json also as a document on standard output, and end with its exit code."""
    if "--json" in sys.argv:
        show_json({"error": problem.what, "code": problem.code, "remedy": problem.remedy})
    err.print(problem.code, end=" ", style="bold red")
    err.print(problem.what, markup=False, highlight=False)
    if problem.remedy:
        err.print(f"  {problem.remedy}", markup=False, highlight=False)
    raise SystemExit(problem.exit_code)
