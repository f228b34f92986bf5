"""Swap and back: killed at any step either the old or the new is there; consumers, readers and producers go on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg import Connection
from psycopg.sql import SQL, Composed, Identifier

from consumers.loop import Loop
from podium import status
from podium.rebuild import database, plan, prove
from podium.rebuild.run import Order, rebuild
from podium.rebuild.swap import KEEP_DAYS, Incomplete, Obstructed, hold, swap
from podium.settings import Settings
from podium.web.app import create
from schema import DOMAINS, LEDGER
from schema.declare import Domain, identity
from tests.log import story
from tests.rebuild.child import names
from tests.rebuild.conftest import podium, publish
from tests.rebuild.test_rebuild import killed
from tests.streams.conftest import until

BURST = 12
BEFORE_COMMIT = ("draining", "carrying", "to be", "all but committed")


def test_killed_at_any_step_it_leaves_the_old_or_the_new(live: Settings, domain: Domain) -> None:
    rebuild(live, Order([domain]))
    begun = names(live)
    old, new = begun[""], begun["_rebuild"]
    *before, after = killed(live, "swap", *BEFORE_COMMIT, "swapped")
    assert before == [begun] * len(BEFORE_COMMIT)
    assert after == {"": new, "_before": old}
    with psycopg.connect(live.postgres.dsn("reader")) as connection:
        now = datetime.now(UTC)
        (kept,) = status.beside(connection, live.postgres, now)
        (later,) = status.beside(connection, live.postgres, now + timedelta(days=KEEP_DAYS))
    assert kept.database == database.named(live.postgres, "before")
    assert datetime.fromisoformat(kept.keep_until) > now
    assert (kept.state, later.state) == ("kept: podium rebuild --back", "kept long enough: podium rebuild prune")
    for found in killed(live, "back", "passing is to be", "all but committed"):
        assert found == {"": new, "_before": old}
    swap(live, [domain], "before")
    assert names(live) == {"": old, "_before": new}
    assert prove.verify(live, [domain]).equal


@contextmanager
def _running(settings: Settings, domain: Domain) -> Iterator[Event]:
    stop = Event()
    loop = Loop((LEDGER, domain), settings.kafka.client(), settings.postgres.dsn("consumer"), settings.kafka.namespace)
    thread = Thread(target=loop.run, args=[stop], daemon=True)
    thread.start()
    yield stop
    stop.set()
    thread.join(30)
    assert not thread.is_alive()


class Reader(Thread):
    """Reads the sum of all positions again and again, over connections that it makes anew when one is cut."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(daemon=True)
        self.dsn = settings.postgres.dsn("reader")
        self.ending = Event()
        self.seen: list[int] = []
        self.longest = 0.0

    def run(self) -> None:
        good = time.monotonic()
        connection: Connection[Any] | None = None
        while not self.ending.is_set():
            try:
                connection = connection or psycopg.connect(self.dsn, autocommit=True)
                row = connection.execute("SELECT sum(position)::bigint FROM ledger.offset").fetchone()
                self.longest = max(self.longest, time.monotonic() - good)
                good = time.monotonic()
                self.seen.append(row[0] if row else 0)
            except psycopg.OperationalError:
                if connection is not None:
                    connection.close()
                connection = None
            self.ending.wait(0.01)
        if connection is not None:
            connection.close()


class Visitor(Thread):
    """Asks the page again and again, noting at which step of a swap each was asked for and how it was answered."""

    def __init__(self, settings: Settings, domain: Domain) -> None:
        super().__init__(daemon=True)
        self.app = create(settings, [domain])
        self.ending = Event()
        self.step = "before"
        self.seen: list[tuple[str, int]] = []

    def run(self) -> None:
        with TestClient(self.app) as client:
            # Many at once, so that the page holds more connections than the one that its next question breaks.
            with ThreadPoolExecutor(BURST) as many:
                list(many.map(client.get, ["/boards.json"] * BURST**2))
            while not self.ending.is_set():
                step = self.step
                self.seen.append((step, client.get("/boards.json").status_code))

    def note(self, step: str) -> None:
        """A step of a swap has begun."""
        self.step = step

    def visits(self, count: int = 20) -> None:
        """Wait for so many further answers."""
        wanted = len(self.seen) + count
        until(lambda: len(self.seen) >= wanted)


def test_consumers_readers_and_the_page_go_on_and_never_back(live: Settings, domain: Domain) -> None:
    rebuild(live, Order([domain]))
    reader, visitor = Reader(live), Visitor(live, domain)
    with _running(live, domain):
        reader.start()
        visitor.start()
        visitor.visits()
        publish(live, domain, story(domain))
        swap(live, [domain], step=visitor.note)
        visitor.visits()
        publish(live, domain, story(domain))
        until(lambda: _at_end(live, domain))
        swap(live, [domain], "before", step=visitor.note)
        visitor.visits()
        publish(live, domain, story(domain)[:3])
        until(lambda: _at_end(live, domain))
    for one in (reader, visitor):
        one.ending.set()
        one.join()
    assert reader.seen == sorted(reader.seen)
    assert [one for one in visitor.seen if one[1] != 200] == []
    assert {"before", "checking", "renaming", "swapped"} <= {step for step, _ in visitor.seen}
    assert prove.verify(live, [domain]).equal


def _at_end(settings: Settings, domain: Domain) -> bool:
    try:
        with psycopg.connect(settings.postgres.dsn("owner")) as connection:
            return plan.positions(connection, [domain]) == plan.ends(settings, [domain])
    except psycopg.OperationalError:
        return False


GIVEN = (
    "CREATE EXTENSION IF NOT EXISTS citext SCHEMA public",
    "CREATE PUBLICATION changes FOR TABLE evaluation.models (model_id) WHERE (model_id > 1) WITH (publish = 'insert')",
    "GRANT USAGE ON SCHEMA evaluation TO pg_monitor",
    "GRANT SELECT (model_id) ON evaluation.models TO pg_monitor WITH GRANT OPTION",
    "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET log_statement = ddl', current_database()); END$$",
    "CREATE SCHEMA reporting",
    "CREATE VIEW reporting.answers AS SELECT count(*) FROM evaluation.predictions",
)
"""What an operator may have made in the live database; the last three only an administrator gives to another."""
OUTSIDE = "SELECT relation FROM ledger.outside_write WHERE statement = 'X'"
HELD = (
    "SELECT count(*)::int FROM pg_extension WHERE extname = 'citext'",
    "SELECT count(*)::int FROM pg_publication_tables"
    " WHERE pubname = 'changes' AND attnames = '{model_id}' AND rowfilter = '(model_id > 1)'",
    "SELECT has_column_privilege('pg_monitor', 'evaluation.models', 'model_id', 'SELECT WITH GRANT OPTION')::int",
    "SELECT (NOT has_column_privilege('pg_monitor', 'evaluation.models', 'name', 'SELECT'))::int",
)


def done(administrator: str, name: str, *statements: str) -> None:
    """As the administrator, who is gone from that database when this returns."""
    with psycopg.connect(administrator, dbname=name, autocommit=True) as connection:
        pid = connection.info.backend_pid
        for statement in statements:
            connection.execute(statement.encode())
    with psycopg.connect(administrator) as connection:
        until(lambda: not connection.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [pid]).rowcount)


def test_what_a_rename_does_not_carry_goes_along(live: Settings, domain: Domain, administrator: str) -> None:
    name = database.name_of(live.postgres)
    with psycopg.connect(live.postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" SET search_path = pg_catalog, ledger'.encode())
        connection.execute(f'REVOKE CONNECT ON DATABASE "{name}" FROM PUBLIC'.encode())
        connection.execute(f'GRANT CONNECT ON DATABASE "{name}" TO podium_consumer, podium_reader'.encode())
        table = domain.tables[0].fullname
        connection.execute(
            "INSERT INTO ledger.outside_write (written_at, statement, relation, rows)"
            " SELECT '2026-03-01 12:00+00', 'X', %s, 1 FROM generate_series(1, 2)",
            [table],
        )
        before = connection.execute("SELECT last_value FROM ledger.epoch").fetchone()
    done(administrator, name, *GIVEN)
    outcome = rebuild(live, Order([domain]))
    with pytest.raises(Incomplete) as refused:
        swap(live, [domain])
    for lacking in ("log_statement=ddl as it is set for everybody", "schema reporting", "relation reporting.answers"):
        assert lacking in refused.value.what
    assert refused.value.what.count(";") == 2
    new = database.named(live.postgres, "rebuild")
    done(administrator, new, f'ALTER DATABASE "{new}" SET log_statement = ddl', *GIVEN[-2:])
    swap(live, [domain])
    with psycopg.connect(administrator, dbname=name) as connection:
        for query in HELD:
            assert connection.execute(query).fetchone() == (1,), query
    with psycopg.connect(live.postgres.dsn("reader")) as connection:
        path = connection.execute("SHOW search_path").fetchone()
        assert path == ("pg_catalog, ledger",)
        assert connection.execute("SELECT run::text FROM ledger.rebuild").fetchall() == [(outcome.run,)]
    with psycopg.connect(live.postgres.dsn("owner")) as connection:
        assert connection.execute(OUTSIDE).fetchall() == [(table,), (table,)]
        connection.execute("REVOKE SELECT (model_id) ON evaluation.models FROM pg_monitor")
        after = connection.execute("SELECT last_value FROM ledger.epoch").fetchone()
        granted = "SELECT has_database_privilege('podium_stream', current_database(), 'CONNECT')"
        assert connection.execute(granted).fetchone() == (False,)
    assert before is not None
    assert after is not None
    assert after > before
    swap(live, [domain], "before")
    with psycopg.connect(live.postgres.dsn("owner")) as connection:
        assert connection.execute(OUTSIDE).fetchall() == [(table,), (table,)]
        assert connection.execute(HELD[2]).fetchone() == (0,)
        connection.execute(f'GRANT CONNECT ON DATABASE "{name}" TO podium_stream'.encode())  # by which commands look
    code, _, told = podium(live, "rebuild", "--swap", "--yes")
    assert (code, told.split()[0]) == (1, "PD092")
    assert "_rebuild" not in names(live)


@pytest.mark.parametrize("domain", [one for one in DOMAINS if one.secret], ids=lambda domain: domain.name)
def test_secrets_never_travel_by_event_but_with_a_swap(live: Settings, domain: Domain) -> None:
    (table,) = (table for table in domain.tables if table.name == next(iter(domain.secret)))
    column = Identifier(domain.secret[table.name][0])
    name = Identifier(str(table.schema), table.name)
    with psycopg.connect(live.postgres.dsn("owner"), autocommit=True) as connection:
        keys = SQL(", ").join(map(Identifier, identity(table)))
        connection.execute(SQL("UPDATE {} SET {} = 'secret of ' || concat({})").format(name, column, keys))
        query = SQL("SELECT {}, {} FROM {} ORDER BY {}").format(keys, column, name, keys)
        before = connection.execute(query).fetchall()
    assert before
    rebuild(live, Order([domain]))
    late = Late(live, SQL("UPDATE {} SET {} = 'too late'").format(name, column))
    swap(live, [domain], step=late.note)
    assert isinstance(late.error, psycopg.OperationalError)
    with psycopg.connect(live.postgres.dsn("owner")) as connection:
        assert connection.execute(query).fetchall() == before
        disabled = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'A'"
        assert connection.execute(disabled).fetchone() == (0,)
        one = "UPDATE {} SET {} = NULL WHERE {} = (SELECT max({}) FROM {})"
        connection.execute(SQL(one).format(name, column, column, column, name))
        withdrawn = connection.execute(query).fetchall()
    swap(live, [domain], "before")
    with psycopg.connect(live.postgres.dsn("owner")) as connection:
        assert connection.execute(query).fetchall() == withdrawn != before


class Late(Thread):
    """Writes what a swap has carried over already; it must fail, or it would be lost."""

    def __init__(self, settings: Settings, statement: Composed) -> None:
        super().__init__(daemon=True)
        self.connection = psycopg.connect(settings.postgres.dsn("owner"))
        self.settings, self.statement = settings, statement
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            with self.connection:
                self.connection.execute(self.statement)
        except psycopg.Error as error:
            self.error = error

    def note(self, step: str) -> None:
        """A step of a swap has begun."""
        if step == "renaming":
            self.start()
            waiting = "SELECT FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
            pid = self.connection.info.backend_pid
            with database.administering(self.settings.postgres) as admin:
                until(lambda: not self.is_alive() or admin.execute(waiting, [pid]).rowcount)
        if step == "swapped":
            self.join()


def test_a_transaction_that_goes_on_writing_is_named(live: Settings) -> None:
    with (
        psycopg.connect(live.postgres.dsn("owner"), application_name="clerk") as writer,
        psycopg.connect(live.postgres.dsn("owner")) as keeper,
    ):
        writer.execute("INSERT INTO ledger.outside_write (statement, relation, rows) VALUES ('X', 'x', 1)")
        keeper.execute("SET lock_timeout = '50ms'")
        keeper.commit()
        with pytest.raises(Obstructed, match=r"process \d+ of podium_owner, clerk, in a transaction since"):
            hold(keeper, ["ledger.offset", "ledger.outside_write"])


def test_what_comes_while_it_catches_up_is_refused_too(live: Settings, domain: Domain) -> None:
    rebuild(live, Order([domain]))
    before, late = names(live), list[Connection[Any]]()

    def step(name: str) -> None:
        if name == "carrying":
            late.append(psycopg.connect(live.postgres.dsn("owner"), application_name="pg_dump"))

    with pytest.raises(Obstructed, match="pg_dump is at work"):
        swap(live, [domain], step=step)
    assert names(live) == before
    late[0].execute("SELECT")
    late[0].close()
