"""podium publish: JSON lines into the log, with a word about every line that is no event."""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from podium import reach
from podium.cli import console
from podium.cli.console import err
from podium.client import Producer
from podium.errors import Problem
from podium.lines import Line, explained, numbered
from schema.decode import Decoder
from schema.envelope import Envelope, new_id, subject
from schema.refusal import Refused, failed

app = typer.Typer()

SHOWN_BAD_LINES_MAX = 100
BRIEF = {"type", "data", "time", "id"}
NIL = "00000000-0000-0000-0000-000000000000"


class NotReadable(Problem):
    """The file to publish cannot be read."""

    code = "PD039"
    exit_code = 2


@dataclass
class BadLine:
    """A line that is no event: its number from 1, and why."""

    line: int
    reason: str
    message: str
    type: str | None = None


@dataclass
class Report:
    """What became of a file; `bad_lines` holds the first of them."""

    file: str
    good: int = 0
    bad: int = 0
    published: int = 0
    bad_lines: list[BadLine] = field(default_factory=list)

    def refuse(self, number: int, refused: Refused) -> None:
        """Count a bad line."""
        self.bad += 1
        if len(self.bad_lines) < SHOWN_BAD_LINES_MAX:
            self.bad_lines.append(BadLine(number, refused.reason, refused.message, refused.type))


@app.command(rich_help_panel="Events")
def publish(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="JSON lines; `-` reads standard input.")],
    strict: Annotated[bool, typer.Option("--strict", help="Publish nothing if any line is bad.")] = False,
    check: Annotated[
        bool, typer.Option("--check", "--dry-run", help="Only check every line; publish nothing, ask for no broker.")
    ] = False,
    source: Annotated[str, typer.Option(help="Who publishes, for lines that do not say it.")] = "podium publish",
    as_json: console.Json = False,
) -> None:
    """Publish events: whole CloudEvents envelopes, or {"type", "data"} with "time" and "id" if wanted.

    Goes on to the end whatever a line holds. Exits 1 if a line was bad, 3 if the broker did not take every event.
    """
    report = Report(file)
    with _opened(file, strict and not check) as lines:
        try:
            _publish(ctx, lines, report, source, strict, check)
        finally:
            # Also when the broker is gone half-way: what is told then counts what was handed over until then.
            _tell(report, as_json, strict, check)
    if report.bad:
        raise typer.Exit(console.FOUND_A_PROBLEM)


def _publish(ctx: typer.Context, lines: IO[bytes], report: Report, source: str, strict: bool, check: bool) -> None:
    settings = console.settings(ctx) if check else console.connected(ctx)
    with Producer(settings, source=source) as producer:
        if not check and (why := reach.kafka(settings.kafka)):
            raise reach.BrokerAway(f"Kafka: {why}", "podium up, or check PODIUM_KAFKA__BOOTSTRAP.")
        if strict or check:
            _run(lines, report, producer, send=False, size=_size(lines))
        if check or report.bad:
            return
        if strict:
            lines.seek(0)
            report.good = 0
        _run(lines, report, producer, send=True, size=_size(lines))
        producer.flush()


@contextmanager
def _opened(file: str, again: bool) -> Iterator[IO[bytes]]:
    """The file, or standard input; spooled if it must be read twice. Raises NotReadable."""
    if file == "-":
        with _spooled() if again else nullcontext(sys.stdin.buffer) as lines:
            yield lines
        return
    try:
        opened = Path(file).open("rb")  # noqa: SIM115  # only opening it may fail here, not what is done with it
    except OSError as error:
        why = "no such file" if isinstance(error, FileNotFoundError) else error.strerror or str(error)
        raise NotReadable(f"{file}: {why}", "Name a file of JSON lines, or - for standard input.") from None
    with opened as lines:
        yield lines


@contextmanager
def _spooled() -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as spool:
        shutil.copyfileobj(sys.stdin.buffer, spool)
        spool.seek(0)
        yield spool


def _size(lines: IO[bytes]) -> int | None:
    """Bytes to read, if that can be known."""
    if not lines.seekable():
        return None
    here = lines.tell()
    end = lines.seek(0, 2)
    lines.seek(here)
    return end - here


def _run(lines: IO[bytes], report: Report, producer: Producer, send: bool, size: int | None) -> None:
    with _progress("publishing" if send else "checking", size) as advance:
        for line in numbered(lines, producer.decoder.bytes_max):
            advance(line.size + 1)
            if line.content is not None and not line.content.strip():
                continue
            try:
                _one(line, producer, send)
            except Refused as refused:
                report.refuse(line.number, explained(line, refused))
                continue
            report.good += 1
            report.published += send


def _one(line: Line, producer: Producer, send: bool) -> None:
    """Check a line, and publish it. Raises Refused, whatever the line holds; Stalled."""
    if line.content is None:
        what = f"{line.size} bytes of at most {producer.decoder.bytes_max}; keep the bulk elsewhere and name its place"
        raise Refused("too-large", what)
    try:
        event = read(line.content, producer.decoder, producer.source)
        if send:
            producer.send(event)
        else:
            producer.check(event)
    except (Refused, Problem, MemoryError):
        raise
    except Exception as error:  # no line is stronger than the file that it is in
        raise failed(error) from error


def read(line: bytes, decoder: Decoder, source: str) -> Envelope:
    """The event of a line, whole or in brief. Raises Refused."""
    try:
        return decoder.decode(line)
    except Refused as refused:
        brief = _brief(line)
        if brief is None:
            raise refused from None
    whole = {"id": NIL, "time": datetime.now(UTC).isoformat(), **brief, "specversion": "1.0", "source": source}
    event = decoder.decode(json.dumps(whole).encode())
    declared = decoder.declared[type(event)]
    if "id" not in brief:
        event.id = new_id(declared, event.data)
    event.subject = subject(declared, event.data)
    return event


def _brief(line: bytes) -> dict[str, Any] | None:
    """The fields of a line in brief; None if it is no JSON object or means to be an envelope. Raises Refused."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or "specversion" in fields or not isinstance(fields.get("type"), str):
        return None
    if unknown := set(fields) - BRIEF:
        named = ", ".join(sorted(unknown))
        raise Refused("extra-field", f"{named}: a line has type, data, time and id; remove it", fields["type"])
    return fields


@contextmanager
def _progress(doing: str, size: int | None) -> Iterator[Any]:
    if not sys.stderr.isatty():
        yield lambda taken: None
        return
    from rich.progress import Progress

    with Progress(console=err, transient=True) as progress:
        task = progress.add_task(doing, total=size)
        yield lambda taken: progress.advance(task, taken)


def _tell(report: Report, as_json: bool, strict: bool, check: bool) -> None:
    if as_json:
        return console.show_json(asdict(report))
    for bad in report.bad_lines:
        err.print(f"{report.file}:{bad.line}: {bad.reason}: {bad.message}", markup=False, highlight=False)
    if report.bad > len(report.bad_lines):
        err.print(f"and {report.bad - len(report.bad_lines)} more bad lines")
    nothing = " (--strict: nothing was published)" if strict and report.bad else " (only checked)" if check else ""
    return err.print(f"{report.good} good, {report.bad} bad, {report.published} published{nothing}")
