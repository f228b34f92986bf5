"""The page of `podium status` for a person: at most a hundred columns, the verdict first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from podium.embedded import State
from podium.status import Status
from podium.status.loops import Loop, plain
from podium.status.partitions import Row, Topic
from podium.status.whole import Fault

STYLES = {"OK": "green", "WARN": "yellow", "STOP": "red", "STALL": "red", "ERR": "bold red", "down": "bold red"}
FAULTS_NAMED = 3
KEYS_SHOWN = 2
MEGABYTE = 1e6
MARKERS = "position − read: markers of transactions and aborted records take offsets, and are no records"


@dataclass(frozen=True)
class Shown:
    """How much is asked for: a line a partition instead of a topic, and also what never had a record."""

    partitions: bool = False
    everything: bool = False


def drawn(states: Sequence[State], found: Status, shown: Shown) -> RenderableType:
    """Everything for a person."""
    parts: list[RenderableType] = [headline(found), *map(_fault, found.faults), ""]
    parts += [_partitions(found, shown), MARKERS] if shown.partitions else [_topics(found, shown)]
    parts += [summed(found), "", _loops(found.loops)]
    for some, table in (
        (found.failures, _failures), (found.dead, _dead), (found.anomalies, _anomalies),
        (found.outside, _outside), (found.beside, _beside),
    ):  # fmt: skip
        if some:
            parts += ["", table(found)]
    return Group(*parts, "", _services(states))


def down(states: Sequence[State], error: str) -> RenderableType:
    """The page when a service does not answer."""
    return Group(Text("DOWN: ", "bold red").append(error, "default"), "", _services(states))


def headline(found: Status) -> Text:
    """The verdict over everything, in one line."""
    faults = found.faults
    if not faults:
        notes = sum(reason.letters for reason in found.dead), sum(one.rows or 0 for one in found.anomalies)
        told = [f"{count:,} {what}" for count, what in zip(notes, ("dead letters", "anomalies"), strict=True) if count]
        return Text("GOOD", "bold green").append(f" ({' and '.join(told)} on record)" if told else "", "default")
    names = ", ".join(fault.what for fault in faults[:FAULTS_NAMED]) + (", …" if len(faults) > FAULTS_NAMED else "")
    slow = all(fault.verdict == "WARN" for fault in faults)
    things = "1 thing" if len(faults) == 1 else f"{len(faults)} things"
    verb = "falls behind" if slow else "stands still" if len(faults) == 1 else "stand still"
    said = f"{things} {verb.replace('falls', 'fall') if slow and len(faults) > 1 else verb}"
    return Text(f"{said}: ", "bold red").append(names, "default")


def _fault(fault: Fault) -> Text:
    line = Text("  ").append(f"{fault.verdict:<5}", STYLES[fault.verdict]).append(f" {fault.what}: {fault.why}")
    return line.append(f" (since {fault.since:%m-%d %H:%M:%S})" if fault.since else "")


def _table(*columns: str, right: Iterable[str] = ()) -> Table:
    """A table whose last column takes what is left of the line."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for name in columns:
        if name in right:
            table.add_column(name, justify="right", no_wrap=True)
        else:
            table.add_column(name, overflow="fold", no_wrap=name != columns[-1])
    return table


def _verdict(verdict: str, more: str = "") -> Text:
    return Text(verdict, STYLES[verdict]).append(f" {more}" if more else "", "default")


def _topics(found: Status, shown: Shown) -> Table:
    figures = ("lag", "hidden", "lag s", "read", "parked", "dead", "ev/s")
    table = _table("topic", "p", *figures, "verdict", right=("p", *figures))
    for topic in found.topics:
        if shown.everything or topic.end or topic.verdict != "OK":
            table.add_row(topic.topic, str(topic.partitions), *_figures(topic), _verdict(topic.verdict, _where(topic)))
    return table


def _figures(one: Topic | Row) -> list[str]:
    counts = [f"{number:,}" for number in (one.read, one.parked, one.dead)]
    return [f"{one.lag:,}", f"{one.hidden:,}", f"{one.lag_seconds:.1f}", *counts, f"{one.rate:,.0f}"]


def _where(topic: Topic) -> str:
    return "" if topic.partition is None else f"[{topic.partition}]"


def _partitions(found: Status, shown: Shown) -> Table:
    figures = ("position", "end", "markers", "lag", "hidden", "lag s", "read", "parked", "dead", "ev/s")
    table = _table("partition", *figures, "verdict", right=figures)
    for row in found.partitions:
        if shown.everything or row.end or row.verdict != "OK":
            places = [f"{row.position:,}", f"{row.end:,}", f"{row.markers:,}"]
            table.add_row(f"{row.topic}[{row.partition}]", *places, *_figures(row), _verdict(row.verdict))
    return table


def summed(found: Status) -> str:
    """The line that says whether nothing was lost."""
    total = found.total
    sign = "=" if total.adds_up else "≠"
    return (
        f"read {total.read:,} {sign} applied {total.applied:,} + parked {total.parked:,} + "
        f"released {total.released:,} + dead {total.dead:,}"
    )


def _loops(found: Sequence[Loop]) -> Table:
    figures = ("runs", "lag", "lag s", "progress", "restarts")
    table = _table("loop", *figures, "verdict", right=figures)
    for loop in found:
        progress = "" if loop.progress_seconds is None else f"{loop.progress_seconds:.0f} s ago"
        seconds = f"{loop.lag_seconds:.1f}" if loop.lag else ""
        table.add_row(
            plain(loop.name), str(len(loop.processes)), f"{loop.lag:,}", seconds, progress, str(loop.restarts),
            _verdict(loop.verdict, loop.why if loop.verdict == "OK" else ""),
        )  # fmt: skip
    return table


def _failures(found: Status) -> Table:
    table = _table("stands still", "loop", "since", "tries", "error", right=("tries",))
    for one in found.failures:
        at = "" if one.offset is None else f" at {one.topic}[{one.partition}]@{one.offset}"
        table.add_row(
            Text(one.subject), plain(one.loop), f"{one.since:%m-%d %H:%M:%S}", str(one.tries), Text(one.error + at)
        )
    return table


def _dead(found: Status) -> Table:
    table = _table("dead letters of", "letters", "last", "reason", right=("letters",))
    for reason in found.dead:
        table.add_row(reason.topic, f"{reason.letters:,}", f"{reason.last:%Y-%m-%d %H:%M:%S}", reason.reason)
    return table


def _anomalies(found: Status) -> Table:
    table = _table("anomalies of", "rows", "what must not be", right=("rows",))
    for one in found.anomalies:
        table.add_row(one.domain, "" if one.rows is None else f"{one.rows:,}", one.anomaly)
    return table


def _outside(found: Status) -> Table:
    table = _table("written past the log", "statement", "by", "rows", "last", "its keys", right=("rows",))
    for one in found.outside:
        by = f"{one.role} ({one.application})" if one.application else one.role
        keys = list(one.keys or ())
        shown = "; ".join(", ".join(f"{name}={value}" for name, value in key.items()) for key in keys[:KEYS_SHOWN])
        more = f"; {len(keys) - KEYS_SHOWN} more" if len(keys) > KEYS_SHOWN else ""
        last = f"{one.last:%m-%d %H:%M:%S}"
        table.add_row(one.relation, one.statement, Text(by), f"{one.rows:,}", last, Text(shown + more))
    return table


def _beside(found: Status) -> Table:
    table = _table("beside the live database", "MB", "started", "kept until", "state", right=("MB",))
    for one in found.beside:
        size = "" if one.bytes is None else f"{one.bytes / MEGABYTE:,.0f}"
        table.add_row(one.database, size, one.started[:19], one.keep_until[:19], one.state)
    return table


def _services(states: Sequence[State]) -> Table:
    table = _table("service", "kind", "pid", "state", "address", right=("pid",))
    for state in states:
        running = Text("up", "green") if state.running else Text("down", "bold red")
        table.add_row(state.service, state.kind, str(state.pid or ""), running, state.address)
    return table
