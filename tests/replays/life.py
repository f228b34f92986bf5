"""Events of the replays domain, one a second, told to a worker that writes a real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from schema.envelope import derived_id
from schema.replays import DOMAIN
from schema.replays.links import CANONICAL
from tests.consumers.worker import Worker
from tests.log import Log

START = datetime(2026, 3, 1, 10, tzinfo=UTC)
USER = "user_2anaABCDEFGH"
USER_ID = derived_id("replays.user", USER)


def at(second: int) -> datetime:
    """A moment of a life."""
    return START + timedelta(seconds=second)


def url(page: int) -> str:
    """The canonical link of a page."""
    return f"{CANONICAL}{page}"


def job_id(number: int) -> UUID:
    """The id of a job."""
    return UUID(int=0x0192F0C1_0000_4ABC_8DEF_000000000000 + number)


class Life:
    """Events in the order in which they are told, a second apart unless a second is given."""

    def __init__(self, connection: Connection[Any]) -> None:
        self.connection = connection
        self.log = Log((DOMAIN,))
        self.worker = Worker(connection, (DOMAIN,), self.log)
        self.worker.take(self.log.entries)
        self.second = 0

    def put(self, name: str, second: int | None = None, **data: Any) -> None:
        """Append an event; it is not read yet."""
        self.second = self.second + 1 if second is None else second
        time = at(self.second).isoformat()
        self.log.append({"type": f"replays.{name}.v1", "time": time, "data": _plain(data)})

    def tell(self, name: str, second: int | None = None, **data: Any) -> None:
        """Append an event, and read what there is."""
        self.put(name, second, **data)
        self.worker.finish()

    def submit(self, number: int, urls: list[str], team: str | None = None, **more: Any) -> None:
        """A job of the user, who is registered; of one team, if one is given."""
        if not any(map(len, self.log.entries.values())):
            self.tell("user.registered", clerk_user_id=USER)
        teams = {"teams": [{"team": team, "matches": []}]} if team else None
        kind = "GFWL" if team else "INDIVIDUAL"
        wanted = {"job_id": job_id(number), "user_id": USER_ID, "job_type": kind, "urls": urls, "team_data": teams}
        self.tell("job.submitted", **{**wanted, **more})

    def job(self, number: int) -> dict[str, Any]:
        """The row of a job."""
        with self.connection.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute("SELECT * FROM replays.jobs WHERE id = %s", [job_id(number)]).fetchone()
        assert row is not None
        return row

    def links(self, number: int) -> dict[str, str]:
        """What became of the links of a job."""
        rows = self.connection.execute("SELECT url, status FROM replays.job_urls WHERE job_id = %s", [job_id(number)])
        return dict(rows.fetchall())

    def due(self, name: str) -> list[tuple[str, dict[str, Any]]]:
        """What a timer would say at the newest moment."""
        given = {"now": at(self.second), "limit": 100}
        return self.connection.execute(DOMAIN.sql(f"{name}.sql").encode(), given).fetchall()


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in data.items()}
