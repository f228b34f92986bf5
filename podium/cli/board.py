"""podium board: what the boards say, how they moved, and the proof that they follow from the log."""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from typing import Annotated, Any

import typer
from psycopg import Connection
from rich.text import Text

from podium import boards, session
from podium.boards import Snapshot
from podium.cli import console, needs
from podium.cli.console import err, out
from podium.plain import plain
from podium.settings import Settings
from podium.topics import domains
from schema.board import difference
from schema.declare import Metric
from schema.session import READING

app = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="Boards: list, show, watch, compare, and prove them from the log.")
app.add_typer(group, name="board", rich_help_panel="Boards")

WATCH_SECONDS = 0.2
EVENTS_SHOWN = 3
SHOWN_MAX = 500
"""Entries of a board shown unless more are asked for."""
Id = Annotated[str, typer.Argument(help="Id of a board, as `podium board list` gives it.", metavar="BOARD")]
Which = Annotated[
    str, typer.Option("--snapshot", "--at", help="A snapshot's id, a time (the newest until then) or `previous`.")
]

AsOf = Annotated[
    str,
    typer.Option(
        help="A time, offsets as `topic\\[partition]@offset,…` (recomputed if not stored) or a snapshot's id."
    ),
]


@group.callback()
def board() -> None:
    """Boards: list, show, watch, compare, and prove them from the log."""


@group.command("list")
def list_(
    ctx: typer.Context,
    wide: Annotated[bool, typer.Option("--wide", help="Also snapshot and digest.")] = False,
    as_json: console.Json = False,
) -> None:
    """Every board that was cut, with its newest snapshot."""
    settings = console.migrated(ctx)
    with _reading(ctx) as connection:
        titles = boards.titles(connection, domains(settings))
        found = boards.latest(connection, whole=False)
        rows = [_summary(one, titles.get(one.board, one.board), boards.summary(connection, one)) for one in found]
    console.show(rows if wide or as_json else map(_narrow, rows), as_json, empty="no board was cut yet")


@group.command()
def show(
    ctx: typer.Context,
    id_: Id,
    which: Which = "",
    as_of: AsOf = "",
    limit: Annotated[
        int, typer.Option(min=0, help="At most so many entries; 0: all. JSON has all of them.")
    ] = SHOWN_MAX,
    as_json: console.Json = False,
) -> None:
    """One board, as it is or as it was."""
    settings = console.migrated(ctx, *([needs.KAFKA] if as_of else []))
    metrics = boards.declared(domains(settings), id_).board.metrics
    with _reading(ctx) as connection:
        one = _as_of(settings, id_, as_of) if as_of else boards.find(connection, id_, which, whole=False)
        title = boards.titles(connection, domains(settings)).get(id_, id_)
        entries = boards.entries(connection, one)
        if as_json:
            console.stream_json(document(one, title, metrics), "entries", entries)
        else:
            _print(one, title, metrics, entries, limit)


@group.command()
def watch(
    ctx: typer.Context,
    id_: Id,
    count: Annotated[int, typer.Option(min=0, help="End after so many snapshots; 0: never.")] = 0,
    as_json: console.Json = False,
) -> None:
    """The board at every new snapshot, until Ctrl-C; with --json one line a snapshot."""
    settings = console.migrated(ctx)
    metrics = boards.declared(domains(settings), id_).board.metrics
    with ExitStack() as held:
        connection = held.enter_context(_reading(ctx))
        title = boards.titles(connection, domains(settings)).get(id_, id_)

        def newest() -> Snapshot:
            nonlocal connection
            if connection.closed:
                connection = held.enter_context(_reading(ctx))
            return boards.find(connection, id_, whole=False)

        seen, last = 0, None
        while True:
            one = console.again(newest)
            if last is None or one.snapshot != last:
                seen, last = seen + 1, one.snapshot
                _tell(connection, one, title, metrics, as_json)
                if seen == count:
                    return
            time.sleep(WATCH_SECONDS)


@group.command()
def diff(
    ctx: typer.Context,
    id_: Id,
    before: Annotated[str, typer.Argument(help="A snapshot's id, a time or `previous`.")] = "previous",
    after: Annotated[str, typer.Argument(help="The same; the newest snapshot if left out.")] = "",
    as_json: console.Json = False,
) -> None:
    """What changed between two snapshots: who came, who left, who moved, and through which events."""
    with _reading(ctx) as connection:
        later = boards.find(connection, id_, after, whole=False)
        earlier = (
            boards.previous(connection, later, whole=False) if before == "previous"
            else boards.find(connection, id_, before, whole=False)
        )  # fmt: skip
        if earlier is None:
            raise boards.NoSuchSnapshot(f"{id_}: {later.snapshot} is its first snapshot", "Name two snapshots.")
        changed = difference(boards.entries(connection, earlier), boards.entries(connection, later))
        found = boards.declared(domains(console.migrated(ctx)), id_)
        for entry in (*changed["entered"], *changed["moved"]):
            entry["events"] = boards.between(connection, found, entry["id"], earlier, later)
    if as_json:
        ends = {name: _ends(one) for name, one in (("before", earlier), ("after", later))}
        console.show_json({"id": id_, **ends, **changed})
    else:
        console.show(_changes(changed), as_json, empty="nothing changed")


@group.command()
def compare(
    ctx: typer.Context,
    id_: Id,
    a: Annotated[str, typer.Argument(help="Id of an entry.")],
    b: Annotated[str, typer.Argument(help="Id of another.")],
    as_json: console.Json = False,
) -> None:
    """Whether two entries differ, on what both answered, as the tables are now."""
    settings = console.migrated(ctx)
    found = boards.declared(domains(settings), id_)
    with _reading(ctx) as connection:
        result = {"a": a, "b": b, **boards.compare(connection, found, a, b)}
        entries = boards.entries(connection, boards.find(connection, id_, whole=False))
        names = {entry["id"]: entry["name"] for entry in entries if entry["id"] in (a, b)}
    if as_json:
        console.show_json(result)
    else:
        console.show([_compared(result, names)], as_json)


@group.command()
def verify(
    ctx: typer.Context,
    id_: Annotated[str, typer.Argument(help="Id of a board; every board if left out.", metavar="BOARD")] = "",
    which: Which = "",
    as_json: console.Json = False,
) -> None:
    """Recompute boards from the log, up to their cut, beside the live tables, and compare bytes.

    Ends with 1 if anything differs.
    """
    from podium import proof

    settings = console.migrated(ctx)
    with _reading(ctx) as connection:
        found = [boards.find(connection, id_, which, whole=False)] if id_ else boards.latest(connection, whole=False)
    with err.status("verifying") as status:
        proven = proof.verify(settings, domains(settings), found, lambda step: status.update(step))
        ages = proof.ages(settings, domains(settings), found)
    if as_json:
        pairs = zip(proven, ages, strict=True)
        console.show_json([{**dataclasses.asdict(one), **dataclasses.asdict(age), "ok": one.ok} for one, age in pairs])
    else:
        console.show(verdicts(proven), as_json, empty="no board was cut yet")
        if late := [age for age in ages if age.records_behind]:
            most, seconds = max(age.records_behind for age in late), max(age.seconds_behind for age in late)
            told = f"up to {most:,} offsets, {seconds:,.0f} s behind"
            err.print(f"{len(late)} of {len(ages)} were cut before the log's end: {told}")
    if not all(one.ok for one in proven):
        raise typer.Exit(console.FOUND_A_PROBLEM)


def _as_of(settings: Settings, id_: str, text: str) -> Snapshot:
    from podium.cli.run import stopping
    from podium.cli.verify import quiet
    from podium.rebuild.asof import as_of

    quiet(settings)
    with stopping() as stop, err.status("looking") as status:
        one, recomputed = as_of(settings, domains(settings), id_, text, status.update, stop)
    err.print("recomputed from the log" if recomputed else "as it was published")
    return one


def document(one: Snapshot, title: str, metrics: Iterable[Metric]) -> dict[str, Any]:
    """A snapshot as JSON, as the page gives it, but for the entries, which come last."""
    return {
        "id": one.board,
        "title": title,
        "domain": one.board.partition(".")[0],
        "snapshot": str(one.snapshot),
        "as_of": one.as_of.isoformat(),
        "cut_at": one.cut_at.isoformat(),
        "cut": [{"topic": topic, "partition": partition, "offset": offset} for topic, partition, offset in one.cut],
        "rule": one.rule,
        "digest": one.digest,
        "metrics": [dataclasses.asdict(metric) for metric in metrics],
    }


def _reading(ctx: typer.Context) -> Connection[Any]:
    return session.connect(console.migrated(ctx).postgres.dsn("reader"), READING, autocommit=True)


def _summary(one: Snapshot, title: str, of_entries: boards.Summary) -> dict[str, Any]:
    return {
        "id": one.board,
        "title": title,
        "snapshot": str(one.snapshot),
        "as_of": one.as_of.isoformat(),
        "entries": of_entries.total,
        "first": of_entries.first,
        "digest": one.digest,
    }


def _narrow(row: dict[str, Any]) -> dict[str, Any]:
    """What fits a terminal."""
    return {
        "id": row["id"],
        "title": _cut(row["title"], 30),
        "n": row["entries"],
        "first": _cut(row["first"] or "", 20),
        "as of": row["as_of"][:10],
    }


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _ends(one: Snapshot) -> dict[str, str]:
    return {"snapshot": str(one.snapshot), "as_of": one.as_of.isoformat(), "digest": one.digest}


def _tell(connection: Connection[Any], one: Snapshot, title: str, metrics: Sequence[Metric], as_json: bool) -> None:
    entries = boards.entries(connection, one)
    if as_json:
        console.stream_json(document(one, title, metrics), "entries", entries, indent=None)
        sys.stdout.flush()
    else:
        _print(one, title, metrics, entries, SHOWN_MAX)


def _print(one: Snapshot, title: str, metrics: Iterable[Metric], entries: Iterator[dict[str, Any]], limit: int) -> None:
    out.print(Text(plain(one.board), "bold"), plain(title), sep="  ")
    rest = [metric for metric in metrics if metric.name != "score"]
    shown = islice(entries, limit) if limit else entries
    # A table knows its widths only at its end, so that a long one is drawn as several.
    lines = [_line(entry, rest) for entry in islice(shown, SHOWN_MAX)]
    console.show(lines, as_json=False, empty="no entries")
    while lines := [_line(entry, rest) for entry in islice(shown, SHOWN_MAX)]:
        console.show(lines, as_json=False)
    if next(entries, None) is not None:
        err.print(f"the first {limit:,}; --limit 0 shows all")
    events = sum(offset for _, _, offset in one.cut)
    out.print(
        f"as of {one.as_of.isoformat()}, cut at {events} offsets of {len(one.cut)} partitions\n"
        f"snapshot {one.snapshot}\ndigest   {one.digest}",
        highlight=False,
    )


def _line(entry: Mapping[str, Any], metrics: Iterable[Metric]) -> dict[str, Any]:
    low, high = entry["rank_low"], entry["rank_high"]
    interval = "" if entry.get("low") is None else f"{entry['low']}–{entry['high']}"
    return {
        "rank": entry["rank"],
        "range": f"{low}–{high}" if low != high else str(low),
        "name": entry["name"] + (" (provisional)" if entry.get("provisional") else ""),
        "score": entry["score"],
        "95 %": interval,
        "n": entry["n"],
        **{metric.name: entry.get(metric.name) for metric in metrics},
    }


def _compared(result: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A comparison for people: names of entries, and a p value that is never nought."""
    from podium.web.comparison import p_value

    shown = {**result, "a": names.get(result["a"], result["a"]), "b": names.get(result["b"], result["b"])}
    return {**shown, "p_value": p_value(result["p_value"])} if "p_value" in result else shown


def _changes(changed: Mapping[str, list[dict[str, Any]]]) -> Iterable[dict[str, Any]]:
    for kind, found in changed.items():
        for entry in found:
            figures = {name: _arrow(entry[name]) for name in ("rank", "score", "n")}
            events = entry.get("events", [])
            places = ", ".join(f"{topic}[{n}]@{offset}" for topic, n, offset in events[:EVENTS_SHOWN])
            more = f", … ({len(events):,})" if len(events) > EVENTS_SHOWN else ""
            yield {"change": kind, "id": entry["id"], "name": entry["name"], **figures, "events": places + more}


def _arrow(figure: Any) -> str:
    if not isinstance(figure, list):
        return str(figure)
    return str(figure[0]) if figure[0] == figure[1] else f"{figure[0]} → {figure[1]}"


def verdicts(found: Iterable[Any]) -> Iterable[dict[str, Any]]:
    """One line a check."""
    for one in found:
        for check in one.checks:
            yield {"board": one.id, "check": check.check, "verdict": "ok" if check.ok else "WRONG", "why": check.why}
