"""What operators decide about single records, said as events: the log keeps it, the consumers carry it out."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Sequence
from typing import Any

from psycopg.rows import dict_row

from podium import session
from podium.client import Producer
from podium.errors import Problem
from podium.settings import Settings
from podium.sql import load
from schema.envelope import uuid7

EVENT = "podium.operation.requested.v1"
LETTERS_MAX = 100_000
"""Records that one call decides about."""


class NothingToDo(Problem):
    """No record is as the operation needs it."""

    code = "PD068"


def redrive(settings: Settings, which: dict[str, Any], why: str, again: bool = False) -> int:
    """Ask for dead letters to be tried again, unedited; how many.

    `which` may name topic, partition, offset and reason. Letters that were redriven before are left out unless
    `again`. Raises NothingToDo, and what `Producer.publish` raises.
    """
    return _decide(settings, "redrive", _requests(letters(settings, which, again)), why)


def drop(settings: Settings, which: dict[str, Any], why: str) -> int:
    """Close dead letters: they stay in the ledger, nobody needs to look at them; how many. Raises as `redrive`."""
    return _decide(settings, "drop", _requests(letters(settings, which, True)), why)


def expire(settings: Settings, which: dict[str, Any], why: str) -> int:
    """Give parked events up: each becomes a dead letter, and never lands even if its parent comes; how many.

    They are held back in the ledger before it is said in the log, so that no consumer releases them meanwhile: where
    they are read again, the log has the last word. Called again after a failure, it says the same once more.
    """
    with session.connect(settings.postgres.dsn("owner"), row_factory=dict_row) as connection:
        held = connection.execute(load("parked_hold"), {**_nothing(), **which}).fetchall()
    return _decide(settings, "expire", held, why)


def letters(settings: Settings, which: dict[str, Any], again: bool) -> Sequence[dict[str, Any]]:
    """Places of the open dead letters that are meant, in log order; `again`: also those redriven before."""
    with session.connect(settings.postgres.dsn("stream"), row_factory=dict_row) as connection:
        parameters = {**_nothing(), "reason": None, **which, "again": again, "limit": LETTERS_MAX}
        return connection.execute(load("dead_chosen"), parameters).fetchall()


def _requests(places: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    return [{**place, "request": uuid7()} for place in places]


def _nothing() -> dict[str, Any]:
    return {"topic": None, "partition": None, "offset": None}


def _decide(settings: Settings, verb: str, places: Sequence[dict[str, Any]], why: str) -> int:
    if not places:
        remedy = "See podium parked list." if verb == "expire" else "See podium dead list; --again tries a second time."
        raise NothingToDo(f"no record to {verb} is there", remedy)
    by = f"{getpass.getuser()}@{socket.gethostname()}"
    with Producer(settings, source="podium/operations") as producer:
        for place in places:
            producer.publish(EVENT, {"verb": verb, "by": by, "why": why, **place})
    return len(places)
