"""What was done to a database by hand of the operator: recorded runs of rebuilds, and rows that were put back."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import dict_row

from podium import session
from podium.rebuild import carry, database
from podium.settings import Postgres
from podium.sql import load
from schema import ledger
from schema.session import LONG


def runs(postgres: Postgres) -> list[dict[str, Any]]:
    """Every recorded run that the live database knows, or one beside it; the newest first."""
    with database.administering(postgres) as admin:
        names = [one.name for one in database.all_beside(admin, postgres)]
    found = {row["run"]: row for name in (*names, database.name_of(postgres)) for row in _of(postgres.at(name))}
    return sorted(found.values(), key=lambda row: row["finished_at"], reverse=True)


def keep(postgres: Postgres, name: str) -> None:
    """Let the live database know the runs of another one that is about to be dropped."""
    with (
        session.connect(postgres.at(name).dsn("owner"), LONG) as other,
        session.connect(postgres.dsn("owner"), LONG) as live,
    ):
        carry.history(other, live, ledger.rebuild)


def _of(postgres: Postgres) -> list[dict[str, Any]]:
    with session.connect(postgres.dsn("owner"), LONG, row_factory=dict_row) as connection:
        try:
            return connection.execute(load("rebuild_runs")).fetchall()
        except psycopg.errors.UndefinedTable:
            # Made by older code, or not migrated yet.
            return []


def repairs(postgres: Postgres) -> list[dict[str, Any]]:
    """Every row that was put back; the newest first."""
    with session.connect(postgres.dsn("owner"), LONG, row_factory=dict_row) as connection:
        return connection.execute(load("repairs")).fetchall()
