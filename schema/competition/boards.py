"""The boards of the competition domain: tallies of hours in, models ranked by rolling windows out; pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from schema.board import EXACT, Entry, Standing, divided, figure, placed, rounded, share
from schema.declare import Board, Metric

RULE, DIRECTION = "ordinal", "up"
DECIMALS = 6
WINDOWS = ("recent", "steady", "anchor")
HOURS = {"recent": 24, "steady": 72, "anchor": 168}
INPUTS = ("catalog", "jobs", "predictions", "scores")
BILLION = 10**9
EXACT_ROUNDS_MAX = 5_000
"""Differing rounds up to which the sign test is exact."""

COLUMNS = tuple((HOURS[window], f"{window}_n", f"{window}_sum") for window in WINDOWS)

Units = int | None
"""A figure in units of its last decimal: exact, and quicker than decimals, of which a board has many thousands."""

METRICS = (
    Metric("score", "Anchor, 7 d", "", "up", "mean over the scopes of the mean final score of 168 h", DECIMALS),
    Metric("steady", "Steady, 72 h", "", "up", "the same over 72 h", DECIMALS),
    Metric("recent", "Recent, 24 h", "", "up", "the same over 24 h", DECIMALS),
    Metric("success_rate", "Judged", "share", "up", "predictions with a judged answer / predictions, 168 h", DECIMALS),
)
TIES = ("steady", "recent", "n", "id")
TERMS = {
    "windows_hours": HOURS,
    "edge": "end of the newest hour that has a score; a window is (edge - h, edge] of resolvable_at",
    "warm_up": "a window has a value once the hour of the model's first score began at least its length back",
}


def entries(rows: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """Entries of rows of windows.sql, several a model and together: one a scope, or one without for no scope yet."""
    by_model: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_model.setdefault(row["model_id"], []).append(row)
    return placed([_line(scopes) for scopes in by_model.values()], rule=RULE, direction=DIRECTION)


def _line(rows: Sequence[Mapping[str, Any]]) -> tuple[Standing, Entry]:
    first = rows[0]
    scopes = {row["scope_key"]: _windows(row) for row in rows if row["scope_key"] is not None}
    recent, steady, anchor = map(_mean, zip(*scopes.values(), strict=True)) if scopes else (None, None, None)
    n, succeeded = sum([row["n"] for row in rows]), sum([row["succeeded"] for row in rows])
    standing = Standing(_figure(anchor), ties=(*_tie(steady), *_tie(recent), -n, first["model_id"]))
    entry = {
        "id": first["model_id"],
        "name": first["name"],
        "player": first["player_name"],
        "score": standing.score,
        "steady": _figure(steady),
        "recent": _figure(recent),
        "n": n,
        "success_rate": share(succeeded, n, DECIMALS),
        "scopes": {key: [_figure(units) for units in windows] for key, windows in scopes.items()},
    }
    return standing, entry


def _windows(row: Mapping[str, Any]) -> list[Units]:
    """The mean in each of WINDOWS in one scope: none before the model has been there that long, none of nothing."""
    age = row["age_hours"]
    if age is None:
        return [None] * len(WINDOWS)
    return [
        divided(int(row[total]), BILLION * int(row[n]), DECIMALS) if age >= hours and row[n] else None
        for hours, n, total in COLUMNS
    ]


def _mean(figures: Sequence[Units]) -> Units:
    """The plain mean; none of nothing, and none as soon as one is missing."""
    known = [units for units in figures if units is not None]
    return divided(sum(known), len(known)) if known and len(known) == len(figures) else None


def _figure(units: Units) -> Decimal | None:
    return None if units is None else figure(units, DECIMALS)


def _tie(units: Units) -> tuple[bool, int]:
    """Missing last, more first."""
    return units is None, -(units or 0)


def compared(row: Mapping[str, Any]) -> dict[str, Any]:
    """The sign test on a row of compare.sql: two-sided and exact."""
    return {**row, **sign_test(row["only_a"], row["only_b"])}


def sign_test(only_a: int, only_b: int) -> dict[str, Any]:
    """Whether one of two models is better more often than chance would have it: binomial, p = 1/2.

    Beyond EXACT_ROUNDS_MAX by the normal approximation with continuity correction: the exact tail takes too long.
    """
    differing, least = only_a + only_b, min(only_a, only_b)
    if differing > EXACT_ROUNDS_MAX:
        z = max(abs(only_a - only_b) - 1, 0) / math.sqrt(differing)
        return {"p_value": float(rounded(Decimal(math.erfc(z / math.sqrt(2))), DECIMALS)), "test": "sign test, normal"}
    ways, tail = 1, 1
    for k in range(least):
        ways = ways * (differing - k) // (k + 1)
        tail += ways
    p_value = min(Decimal(1), EXACT.divide(Decimal(2 * tail), Decimal(2**differing)))
    return {"p_value": float(rounded(p_value, DECIMALS)), "test": "sign test, exact"}


def _board(name: str, title: str, scopes: str, about: str, headline: bool = False) -> Board:
    return Board(
        name=name,
        title=title,
        about=f"{about} {ENTERS}",
        headline=headline,
        scopes=scopes,
        sql="windows.sql",
        entries=entries,
        metrics=METRICS,
        rank_rule=RULE,
        direction=DIRECTION,
        missing="last",
        inputs=INPUTS,
        drill="drill.sql",
        ties=TIES,
        terms=TERMS,
        compare="compare.sql",
        compared=compared,
        compared_as={
            "common": "Rounds in which both have a score",
            "both": "Equal scores",
            "only_a": "{a} better",
            "only_b": "{b} better",
        },
    )


ENTERS = (
    "Rounds are scored by the rules of their scope, for an answer that did not come in time too. A model enters with "
    "its first score; it has a place once it has been there for the seven days of the window."
)
WINDOWS_BOARD = _board(
    "windows",
    "Models by rolling windows",
    "windows_scopes.sql",
    "How well models predict, as the mean of their scores over all that is asked.",
    headline=True,
)
"""All scopes together."""

SCOPE_BOARD = _board(
    "scope",
    "Models by rolling windows, one scope",
    "scope_scopes.sql",
    "How well models predict one thing, as the mean of their scores in it.",
)
"""The same, a board for every scope."""

BOARDS = (WINDOWS_BOARD, SCOPE_BOARD)
