"""Boards that are too large for one record: their entries are published in parts, before the snapshot itself."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from schema.declare import Event, Once, happens
from schema.ledger import PARTS_MAX, snapshot_part
from schema.types import Bulk, Name, Time


class PartPublished(Event):
    """Entries of a board that is too large for one record; its snapshot follows, and says how many parts there are."""

    board: Name
    snapshot: UUID
    part: Annotated[int, Field(ge=1, le=PARTS_MAX)]
    cut_at: Time
    entries_count: Annotated[int, Field(ge=1, le=2_147_483_647)]
    entries: Bulk


def part_published(board_example: str, lands: tuple[Once, ...] = ()) -> type[Event]:
    """The event of a domain by which large boards are published, beside that of `snapshot_published`."""
    model = type("PartPublished", (PartPublished,), {"__doc__": PartPublished.__doc__})
    return happens(
        "board_part.published.v1",
        family="leaderboards",
        key=("board", "snapshot", "part"),
        partition_by=("board",),
        lands=(Once(snapshot_part, omit=("cut_at",)), *lands),
        example={
            "board": board_example,
            "snapshot": "0192f0c1-2345-7abc-8def-0123456789ab",
            "part": 1,
            "cut_at": "2026-03-01T10:00:01Z",
            "entries_count": 1,
            "entries": '[{"id":"1","rank":1}]',
        },
    )(model)
