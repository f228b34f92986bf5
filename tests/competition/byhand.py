"""The competition domain in plain SQL: a small world, predictions with scores, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import dict_row

from schema.competition import DOMAIN
from schema.competition.boards import HOURS
from tests.competition.contest import HOUR, T0

MODELS = ("a", "b", "c")
SCOPES = ("s", "t")
BILLION = 10**9
INSTANT = timedelta(microseconds=1)

Db = Connection[Any]


class Prediction(NamedTuple):
    """One scored, failed or pending prediction of a model in a scope, whose round resolves at a moment."""

    model: str
    scope: str
    resolvable_at: datetime
    value: float | None
    success: bool = True

    @property
    def id(self) -> str:
        """As unique as the key."""
        return f"{self.model} {self.scope} {self.resolvable_at:%Y%m%d%H%M%S%f}"

    @property
    def row(self) -> tuple[Any, ...]:
        """Values of COLUMNS."""
        performed = self.resolvable_at - HOUR
        ended = self.value is not None or not self.success
        return (
            self.id, self.model, self.scope, self.scope, "SUCCESS", 1.0, performed, self.resolvable_at, False,
            "SCORED" if ended else "PENDING", self.value, self.success if ended else None,
            None if self.success else "it failed", self.resolvable_at if ended else None,
        )  # fmt: skip


COLUMNS = (
    "id, model_id, prediction_config_id, scope_key, status, exec_time_ms, performed_at, resolvable_at, absent,"
    " score_status, score_value, score_success, score_failed_reason, score_scored_at"
)


def world(db: Db, moments: Iterable[datetime]) -> None:
    """Models, a configuration a scope, and a round of each that resolves at each moment."""
    db.cursor().executemany(
        "INSERT INTO competition.models (id, name, deployment_identifier, created_at, updated_at)"
        " VALUES (%s, %s, '1', %s, %s)",
        [(model, model.upper(), T0, T0) for model in MODELS],
    )
    db.cursor().executemany(
        "INSERT INTO competition.scheduled_prediction_configs (id, scope_key) VALUES (%s, %s)",
        [(scope, scope) for scope in SCOPES],
    )
    db.cursor().executemany(
        "INSERT INTO competition.rounds (prediction_config_id, performed_at, scope_key, closes_at, resolvable_at,"
        " expires_at, replayed, status) VALUES (%s, %s, %s, %s, %s, %s, true, 'open')",
        [(scope, at - HOUR, scope, at - HOUR, at, at) for scope in SCOPES for at in moments],
    )


def copy(db: Db, predictions: Sequence[Prediction]) -> None:
    """One COPY."""
    with db.cursor() as cursor, cursor.copy(f"COPY competition.predictions ({COLUMNS}) FROM STDIN".encode()) as stream:
        for one in predictions:
            stream.write_row(one.row)


def insert(db: Db, predictions: Sequence[Prediction]) -> None:
    """One INSERT that skips those that are there."""
    width = f"({', '.join(['%s'] * len(COLUMNS.split(',')))})"
    statement = f"INSERT INTO competition.predictions ({COLUMNS}) VALUES {', '.join([width] * len(predictions))}"
    db.execute(f"{statement} ON CONFLICT DO NOTHING".encode(), [value for one in predictions for value in one.row])


def hour_of(moment: datetime) -> datetime:
    """End of the hour (end - 1 h, end] in which a moment lies."""
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return whole if whole == moment else whole + HOUR


def scored(db: Db) -> list[dict[str, Any]]:
    """All predictions that have a score."""
    return _rows(db, "SELECT * FROM competition.predictions WHERE score_value IS NOT NULL")


def recounted(db: Db) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """What tallies and debuts must say."""
    sums: dict[Any, list[int]] = {}
    first: dict[Any, datetime] = {}
    for row in scored(db):
        hour = hour_of(row["resolvable_at"])
        tally = sums.setdefault((row["scope_key"], hour, row["model_id"]), [0, 0, 0])
        for at, more in enumerate((1, int(row["score_success"]), round(Fraction(str(row["score_value"])) * BILLION))):
            tally[at] += more
        key = (row["scope_key"], row["model_id"])
        first[key] = min(hour, first.get(key, hour))
    return {key: tuple(tally) for key, tally in sums.items()}, first


def counted(db: Db) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """What they do say."""
    tallies = _rows(db, "SELECT * FROM competition.tallies")
    debuts = _rows(db, "SELECT * FROM competition.debuts")
    sums = {
        (row["scope_key"], row["hour"], row["model_id"]): (row["n"], row["succeeded"], row["billionths"])
        for row in tallies
    }
    return sums, {(row["scope_key"], row["model_id"]): row["hour"] for row in debuts}


def windows(db: Db, scope: str | None = None) -> dict[Any, Any]:
    """Model and scope -> count and sum in each window, as windows.sql has them; windows without any left out."""
    with db.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(DOMAIN.sql("windows.sql").encode(), {"scope_key": scope}).fetchall()
    return {
        (row["model_id"], row["scope_key"]): {name: (row[f"{name}_n"], row[f"{name}_sum"]) for name in HOURS}
        for row in rows
        if row["n"]
    }


def rewound(db: Db, scope: str | None = None) -> dict[Any, Any]:
    """The same, from the predictions: (edge - h, edge] of resolvable_at, the edge that of all scopes."""
    rows = scored(db)
    if not rows:
        return {}
    edge = max(hour_of(row["resolvable_at"]) for row in rows)
    found: dict[Any, dict[str, tuple[int, Any]]] = {}
    for row in rows:
        if scope is not None and row["scope_key"] != scope:
            continue
        for name, hours in HOURS.items():
            if edge - hours * HOUR < row["resolvable_at"] <= edge:
                window = found.setdefault((row["model_id"], row["scope_key"]), dict.fromkeys(HOURS, (0, None)))
                n, total = window[name]
                window[name] = (n + 1, (total or 0) + round(Fraction(str(row["score_value"])) * BILLION))
    return found


def _rows(db: Db, query: str) -> list[dict[str, Any]]:
    with db.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode()).fetchall()
