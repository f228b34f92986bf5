"""The page of a domain, drawn from its declarations: tables, life cycles, events, boards; Markdown with Mermaid."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql

from schema.contract import landings
from schema.declare import (
    Board,
    Domain,
    EventType,
    Furthest,
    Greatest,
    Landing,
    Latest,
    Lifecycle,
    Metric,
    Once,
    Register,
    identity,
    references_of,
)
from schema.triggers import guarded

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def page(domain: Domain) -> str:
    """All of it. Made by `podium schema docs`; never changed by hand."""
    parts = [
        f"# {domain.name}\n\n{domain.title}. Generated from `schema/{domain.name}/` by `podium schema docs`; "
        "the reasons are in [decisions](../decisions).",
        "## Topics\n\n" + _grid(("topic", "partitions"), ((f"`{name}`", n) for name, n in domain.topics.items())),
        "\n\n".join(["## Life cycles", *(_lifecycle(domain, each) for each in domain.lifecycles)]),
        "\n\n".join(["## Events", *(_event(each) for each in domain.events)]),
        "\n\n".join(["## Boards", *(_board(domain, each) for each in domain.boards)]),
        "\n\n".join(["## Tables", *(_table(domain, each) for each in domain.tables)]),
    ]
    return "\n\n".join(part for part in parts if "\n" in part) + "\n"


def _grid(head: Sequence[object], rows: Iterable[Iterable[object]]) -> str:
    lines: list[Iterable[object]] = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(each) for each in line) + " |" for line in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _ticked(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


# Life cycles


def _lifecycle(domain: Domain, lifecycle: Lifecycle) -> str:
    ruled = [f"`{one.table.name}.{one.status}`" for one in guarded(domain) if one.lifecycle is lifecycle]
    told = f"Rules {' and '.join(ruled)}. " if ruled else ""
    note = "Dotted moves open the next epoch or attempt. " if lifecycle.backward else ""
    diagram = "\n".join(["```mermaid", "flowchart LR", *_arrows(lifecycle), "```"])
    return f"### {lifecycle.name}\n\n{told}{note}States without a way on are final.\n\n{diagram}"


def _arrows(lifecycle: Lifecycle) -> Iterator[str]:
    """A flow chart and not a state diagram, whose arrows know no dots."""
    for state in lifecycle.states:
        left, right = ("[[", "]]") if state in lifecycle.terminal else ("(", ")")
        yield f'    {_node(state)}{left}"{state}"{right}'
    yield f"    start(( )) --> {_node(lifecycle.initial)}"
    for state in lifecycle.states:
        yield from (f"    {_node(state)} --> {_node(target)}" for target in lifecycle.moves[state])
    for state, targets in lifecycle.backward.items():
        yield from (f"    {_node(state)} -.-> {_node(target)}" for target in targets)


def _node(state: str) -> str:
    """Not a word of Mermaid, as `end` is."""
    return f"s_{state}"


# Events


def _event(event: EventType) -> str:
    meaning = " ".join((event.model.__doc__ or "").split())
    key = f"Key {_ticked(event.key)}"
    kafka = "" if event.partition_by == event.key else f", Kafka key {_ticked(event.partition_by)}"
    lands = "\n".join(f"* {_landing(each, shown)}" for each, shown in zip(event.lands, landings(event), strict=True))
    lands = lands or "Of old logs: read as the next version."
    example = json.dumps(dict(event.example), ensure_ascii=False, default=str)
    return (
        f"### {event.type}\n\n{meaning}\n\n{key}{kafka}; topic `{event.topic}`.\n\n{lands}\n\n```json\n{example}\n```"
    )


def _landing(landing: Landing, shown: dict[str, object]) -> str:
    table = f"`{landing.table.name}`"
    if isinstance(landing, Once):
        return f"{table}: once, the first in its partition stays"
    merges = landing.merges if isinstance(landing, Register) else ()
    how = "; ".join(_merge(each) for each in merges) or "the first one makes the row for good"
    return f"{table}: {how}" + ("" if shown["creates"] else "; waits for the row")


def _merge(merge: Latest | Furthest | Greatest) -> str:
    match merge:
        case Latest():
            return f"latest of {_ticked(merge.columns)}"
        case Furthest():
            order = f" by {_ticked(merge.order)}" if merge.order else ""
            beside = f", with {_ticked(merge.moves)}" if merge.moves else ""
            return f"furthest `{merge.status}` → `{merge.state}`{order}{beside}"
        case Greatest():
            within = f" within {_ticked(merge.within)}" if merge.within else ""
            beside = f", with {_ticked(merge.moves)}" if merge.moves else ""
            return f"greatest `{merge.column}`{within}{beside}"


# Boards


def _board(domain: Domain, board: Board) -> str:
    metrics = _grid(("metric", "unit", "better", "rounded to", "formula", "source"), map(_metric, board.metrics))
    terms = "".join(f"; {name}: {_said(value)}" for name, value in board.terms.items())
    ties = f" Ties in the order of {_ticked(board.ties)}." if board.ties else ""
    return (
        f"### {domain.name}.{board.name}\n\n{board.title}. {board.about} "
        f"Ranked by `{board.metrics[0].name}`, {board.direction}, "
        f"rule {board.rank_rule}, missing {board.missing}{terms}.{ties} Cut at the ends of {_ticked(board.inputs)}, "
        f"on change and at least every {board.every_seconds:g} s.\n\n{metrics}"
    )


def _metric(one: Metric) -> tuple[object, ...]:
    to = f"{one.digits} digits" if one.digits else f"{one.decimals} decimals"
    return f"{one.title} (`{one.name}`)", one.unit, one.direction, to, f"`{one.formula}`", one.source


def _said(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


# Tables


def _table(domain: Domain, table: Table) -> str:
    bookkeeping = domain.bookkeeping.get(table.name, ())
    rows = ((f"`{each.name}`", _type(each), *_told(domain, table, each, bookkeeping)) for each in table.columns)
    grid = _grid(("column", "type", "null", "default", "notes"), rows)
    kind = " Written by triggers only." if table.info.get("derived") else ""
    return f"### {table.name}\n\nKnown by {_ticked(identity(table))}.{kind}\n\n{grid}" + _indexes(table)


def _type(column: Column[object]) -> str:
    return str(column.type.compile(dialect=DIALECT)).lower()


def _told(domain: Domain, table: Table, column: Column[object], bookkeeping: Iterable[str]) -> tuple[str, str, str]:
    default = getattr(column.server_default, "arg", None)
    text = getattr(default, "text", None)
    shown = f"`{text}`" if text else "its sequence" if column.server_default is not None else ""
    notes = [column.comment or ""]
    notes += [f"→ `{each.parent.name}`" for each in references_of(table) if column.name in each.columns]
    notes += ["bookkeeping"] if column.name in bookkeeping else []
    notes += ["secret"] if column.name in domain.secret.get(table.name, ()) else []
    notes += ["personal"] if column.name in domain.personal.get(table.name, ()) else []
    notes += ["tallied by triggers"] if column.name in table.info.get("tallied", ()) else []
    return "yes" if column.nullable else "", shown, "; ".join(note for note in notes if note)


def _indexes(table: Table) -> str:
    names = sorted(f"`{index.name}`" for index in table.indexes if index.name)
    return f"\n\nIndexes: {', '.join(names)}." if names else ""
