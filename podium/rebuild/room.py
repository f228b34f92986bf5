"""The disk that a second copy of the tables takes, and whether there is so much."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Any

from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

from podium.embedded.home import Home
from podium.embedded.ports import LOOPBACK
from podium.errors import Problem
from podium.settings import Settings
from podium.sql import load
from schema import LEDGER
from schema.declare import Domain

MEGABYTE = 1e6


class NoRoom(Problem):
    """The disk is too small for the new database."""

    code = "PD103"


def like_live(live: Connection[Any], domains: Sequence[Domain], records: int) -> int:
    """Bytes on disk of so many records, if they take as many as those that the live tables hold."""
    names = [domain.name for domain in domains]
    given = {"schemas": [str(LEDGER.metadata.schema), *names], "topics": [LEDGER.name, *names]}
    row = live.execute(load("room_taken"), given).fetchone()
    return int(row[0] * records / row[1]) if row and row[1] else 0


def free(settings: Settings) -> int | None:
    """Bytes that are free where the embedded server has its tables; None for a server of one's own: it does not say."""
    home, server = Home(settings.home), conninfo_to_dict(settings.postgres.dsn("owner"))
    ours = {(host, str(home.ports.get("postgres"))) for host in (str(home.socket), LOOPBACK)}
    if (server.get("host"), str(server.get("port"))) not in ours:
        return None
    return shutil.disk_usage(home.postgres).free


def check(need: int, free: int | None) -> None:
    """Raises NoRoom."""
    if free is not None and need > free:
        raise NoRoom(
            f"the new database takes about {need / MEGABYTE:,.0f} MB, but {free / MEGABYTE:,.0f} MB are free",
            "Make room; podium rebuild list shows what lies beside the live database.",
        )
