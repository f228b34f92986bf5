"""A board as of any point of the log: the snapshot that was cut there, or else recomputed from the log up to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from uuid import uuid5

from psycopg import IsolationLevel
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from podium import boards, session
from podium.boards import Declared, NoSuchBoard, Snapshot
from podium.proof import fill_operations, operations, scratch
from podium.rebuild import beginning, plan
from podium.rebuild.fill import fill
from podium.rebuild.plan import Until
from podium.settings import Settings
from podium.sql import load
from schema.board import digest
from schema.declare import Domain
from schema.envelope import NAMESPACE
from schema.session import LONG, READING
from streams.rank import entries, inputs, rule


def as_of(
    settings: Settings, domains: Sequence[Domain], id_: str, text: str, step: Callable[[str], None] = lambda _: None,
    stop: Event | None = None,
) -> tuple[Snapshot, bool]:  # fmt: skip
    """A board at a time (before the first record appended then), at offsets or at a snapshot, and whether recomputed.

    `text` as `plan.read_until` takes it, or the id of a stored snapshot. Raises NoSuchBoard,
    NoSuchSnapshot, NoSuchTime and what `beginning.begin` and `fill` raise.
    """
    found = boards.declared(domains, id_)
    if boards.snapshot_id(text):
        with session.connect(settings.postgres.dsn("reader"), READING) as connection:
            return boards.find(connection, id_, text, whole=False), False
    topics = inputs(found.domain, found.board)
    until = plan.read_until(settings, [found.domain], text, topics)
    cut = {place: end for place, end in until.items() if place[0] in topics}
    with session.connect(settings.postgres.dsn("reader"), READING, row_factory=class_row(Snapshot)) as connection:
        stored = connection.execute(
            load("board_at_cut"), {"board": id_, "cut": Jsonb(_listed(cut)), "whole": False}
        ).fetchone()
    if stored is not None:
        return stored, False
    return _recomputed(settings, found, id_, cut, step, stop), True


def _listed(cut: Until) -> list[list[str | int]]:
    return [[topic, partition, offset] for (topic, partition), offset in sorted(cut.items())]


def _recomputed(
    settings: Settings, found: Declared, id_: str, cut: Until, step: Callable[[str], None], stop: Event | None
) -> Snapshot:
    decided = operations(settings)
    with scratch(settings.postgres, step) as postgres:
        beginning.begin(settings, postgres, [found.domain], {**decided, **cut}, step)
        step("reading the log")
        fill_operations(settings, postgres, decided)
        fill(settings, postgres, [found.domain], cut, stop=stop)
        with session.connect(postgres.dsn("stream"), LONG) as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            text = next((text for board, text in entries(connection, found.domain, found.board) if board == id_), None)
            row = connection.execute("SELECT max(event_time) FROM ledger.offset").fetchone()
    if text is None or row is None or row[0] is None:
        raise NoSuchBoard(f"{id_}: the log up to there tells of no such board", "Take a later time or offset.")
    listed = _listed(cut)
    return Snapshot(
        id_, uuid5(NAMESPACE, f"{id_}:{listed}"), row[0], row[0], listed, rule(found.board), digest(text),
        text.decode(), None, None,
    )  # fmt: skip
