"""The board of the marathon domain: who has finished, fastest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from schema.board import Entry, Standing, placed, rounded
from schema.declare import Board, Metric

RULE, DIRECTION, SECONDS = "standard", "down", 3


def entries(rows: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """One entry a runner; who has not passed the last mat has no score."""
    return placed([_line(row) for row in rows], rule=RULE, direction=DIRECTION)


def _line(row: Mapping[str, Any]) -> tuple[Standing, Entry]:
    arrived = row["metres"] >= row["race_metres"]
    score = rounded(Decimal(row["milliseconds"]) / 1000, SECONDS) if arrived else None
    entry = {name: row[name] for name in ("name", "status", "metres")} | {"n": row["marks"], "score": score}
    return Standing(score, ties=(-row["metres"], row["bib"])), {"id": str(row["bib"]), **entry}


STANDINGS = Board(
    name="standings",
    title="Standings",
    scopes="standings_scopes.sql",
    sql="standings.sql",
    entries=entries,
    metrics=(Metric("score", "Time", "s", "down", "milliseconds at the last mat / 1000", SECONDS),),
    rank_rule=RULE,
    direction=DIRECTION,
    missing="last",
    inputs=("catalog", "jobs", "scores"),
    ties=("metres",),
)
