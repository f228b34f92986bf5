"""The streams' session with PostgreSQL: every setting pinned, whatever server, database, role or environment say."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import Connection

from schema.session import STREAMS, opened


def connect(dsn: str) -> Connection[Any]:
    """A session in autocommit. Raises SessionRefused, psycopg.OperationalError."""
    connection: Connection[Any] = opened(psycopg, dsn, STREAMS)
    return connection
