"""What sleeps while a database is filled: put to sleep as its family of events begins, woken over all rows after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Identifier, Literal

from podium import session
from podium.settings import Postgres
from podium.sql import load
from schema.declare import PLACE, Domain, Misdeclared
from schema.session import LONG

TRIGGER_TURN = 0
"""Triggers wake first: what they write needs no index that sleeps."""
LOOK_SECONDS = 0.25
RETRIES_MAX = 20
SETTINGS = "SET LOCAL work_mem = '64MB'; SET LOCAL maintenance_work_mem = '256MB'; SET LOCAL synchronous_commit = off"


class Sleeper(NamedTuple):
    """A trigger, constraint or index that sleeps, and the statement that wakes it."""

    relation: str
    name: str
    turn: int
    wake: str
    fired: list[int]
    """Partitions whose rows a trigger has heard of already."""


class Asleep:
    """What sleeps in one database; it is written there, so that a run that was killed wakes it too.

    `connection` is the owner's, in autocommit; `hands` is how many partitions a trigger hears of at the same time.
    """

    def __init__(
        self, postgres: Postgres, connection: Connection[Any], hands: int, step: Callable[[str], None]
    ) -> None:
        self.postgres = postgres
        self.connection = connection
        self.hands = hands
        self.step = step

    @property
    def family(self) -> str | None:
        """The family of events during which something sleeps now."""
        if self.connection.execute("SELECT to_regclass('ledger.asleep')").fetchone() == (None,):
            return None
        row = self.connection.execute("SELECT family FROM ledger.asleep LIMIT 1").fetchone()
        return row[0] if row else None

    def fall(self, domains: Sequence[Domain], family: str) -> None:
        """Put to sleep what the domains declare of tables that this family fills, as long as these are empty.

        Raises Misdeclared for a name that a table has not got.
        """
        if self.family is not None:
            return
        parts = [part for domain in domains for part in self._parts(domain, family)]
        if not parts:
            return
        with self.connection.transaction():
            self.connection.execute(load("asleep_make"))
            for turn, relation, name, sleep, wake in parts:
                self.connection.execute(sleep.encode())
                self.connection.execute(load("asleep_note"), (family, relation, name, turn, wake))
        self.step(f"asleep while {family} are read: {', '.join(part[2] for part in parts)}")

    def _parts(self, domain: Domain, family: str) -> list[tuple[int, str, str, str, str]]:
        found = []
        for table in domain.tables:
            names = domain.sleeps.get(table.name, ())
            if not names or domain.family_of(table) != family or self._has_rows(table.fullname):
                continue
            parts = self.connection.execute(load("asleep_parts"), {"table": table.fullname, "names": list(names)})
            found += parts.fetchall()
            if missing := set(names) - {part[2] for part in found}:
                raise Misdeclared(f"{table.fullname} has no {sorted(missing)} that could sleep")
        return found

    def _has_rows(self, table: str) -> bool:
        query = SQL("SELECT FROM {} LIMIT 1").format(Identifier(*table.split(".")))
        return bool(self.connection.execute(query).rowcount)

    def wake(self, stop: Event, look: Callable[[], object]) -> None:
        """Wake everything that sleeps; if told to stop, the rest sleeps on. Raises psycopg errors."""
        if self.family is None:
            return
        for row in self.connection.execute(load("asleep_all")).fetchall():
            sleeper = Sleeper(*row)
            self.step(f"waking {sleeper.name} of {sleeper.relation}")
            if sleeper.turn == TRIGGER_TURN:
                self._tell(sleeper, stop, look)
            if stop.is_set():
                return
            with self.connection.transaction():
                self.connection.execute(SETTINGS)
                self.connection.execute(sleeper.wake.encode())
                self.connection.execute(load("asleep_woken"), sleeper[:2])
        self.connection.execute("DROP TABLE ledger.asleep")

    def _tell(self, sleeper: Sleeper, stop: Event, look: Callable[[], object]) -> None:
        """Let a trigger hear of all rows, partition by partition."""
        relation = Identifier(*sleeper.relation.split("."))
        self.connection.execute(SQL("ANALYZE {}").format(relation))
        query = SQL("SELECT DISTINCT {0} FROM {1} WHERE {0} <> ALL(%s) ORDER BY {0}")
        left = self.connection.execute(query.format(Identifier(PLACE[0]), relation), [sleeper.fired]).fetchall()
        with ThreadPoolExecutor(self.hands, "wake") as pool:
            futures = [pool.submit(self._fire, sleeper, partition) for (partition,) in left]
            while wait(futures, LOOK_SECONDS).not_done and not stop.is_set():
                look()
            if stop.is_set():
                pool.shutdown(cancel_futures=True)
        for future in futures:
            if not future.cancelled():
                future.result()

    def _fire(self, sleeper: Sleeper, partition: int) -> None:
        """One partition's rows, once: it is noted in the same transaction."""
        for _ in range(RETRIES_MAX):
            try:
                with session.connect(self.postgres.dsn("consumer"), LONG) as connection:
                    fire(connection, sleeper.relation, sleeper.name, partition)
                    connection.execute(load("asleep_fired"), (partition, *sleeper[:2]))
                self.step(f"woken for partition {partition}: {sleeper.name}")
                return
            except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
                continue
        raise psycopg.errors.DeadlockDetected(f"{sleeper.name} did not go through in {RETRIES_MAX} tries")


def fire(connection: Connection[Any], relation: str, name: str, partition: int) -> None:
    """Call a trigger's own function as after one INSERT of all rows of a partition.

    It is a trigger of a temporary table of the same name, and what it hears of is a view of the rows: functions look
    for names without a schema among temporary ones. Raises Misdeclared for a trigger of another kind.
    """
    row = connection.execute(load("asleep_trigger"), (relation, name)).fetchone()
    if row is None:
        raise Misdeclared(f"{relation}.{name} does not just hear of inserted rows, so it cannot sleep")
    schema, function, heard = row
    table = Identifier(*relation.split("."))
    names = {
        "table": table,
        "stand_in": Identifier("pg_temp", relation.split(".")[1]),
        "trigger": Identifier(name),
        "function": Identifier(schema, function),
        "heard": Identifier("pg_temp", heard),
        "place": Identifier(PLACE[0]),
        "partition": Literal(partition),
    }
    connection.execute(SETTINGS)
    connection.execute(load("asleep_fire").format(**names))
