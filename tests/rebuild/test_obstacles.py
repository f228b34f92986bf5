"""What a swap would cut off, or would wait for in vain, is refused with a remedy; the remedy, followed, works."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from podium import database as migrations
from podium import embedded
from podium.embedded.home import Home
from podium.embedded.postgres import SUPERUSER
from podium.rebuild import database
from podium.rebuild.run import Order, rebuild
from podium.rebuild.swap import Obstructed, swap
from podium.settings import Settings, load
from schema.declare import Domain
from tests.rebuild.child import names
from tests.rebuild.conftest import fill_up, prepare
from tests.streams.conftest import until

pytestmark = pytest.mark.embedded

SQL_OF_A_REMEDY = re.compile(r"(ROLLBACK PREPARED '\w+'|SELECT pg_\w+\([^)]*\)|DROP SUBSCRIPTION \w+|GRANT .* TO \w+)")
Held = AbstractContextManager[object]


@pytest.fixture
def server() -> Iterator[Settings]:
    """A server of one's own that keeps prepared transactions and sends its log to replicas."""
    home = Path(tempfile.mkdtemp(prefix="podium-"))
    settings = load({"home": home, "kafka.bootstrap": "elsewhere:9092", "postgres.url": ""})
    try:
        started = embedded.up(settings)
        with administering(started) as superuser:
            superuser.execute("ALTER SYSTEM SET wal_level = logical")
            superuser.execute("ALTER SYSTEM SET max_prepared_transactions = 2")
        embedded.down(settings)
        yield embedded.up(settings)
    finally:
        embedded.down(settings)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def live(broker: Settings, server: Settings, domain: Domain) -> Settings:
    """Topics and tables that hold the domain's story, the tables on that server."""
    chosen = broker.model_copy(update={"home": server.home, "postgres": server.postgres, "domains": (domain.name,)})
    migrations.upgrade(chosen.postgres.dsn())
    prepare(chosen, domain)
    fill_up(chosen, domain)
    return chosen


def administering(settings: Settings, **more: Any) -> Connection[Any]:
    """A connection of the administrator to the live database."""
    password = Home(settings.home).passwords[SUPERUSER]
    return psycopg.connect(settings.postgres.dsn(), user=SUPERUSER, password=password, autocommit=True, **more)


def done(settings: Settings, statement: str, **more: Any) -> None:
    """As the administrator, who is gone from the live database when this returns."""
    with administering(settings, **more) as superuser:
        superuser.execute(statement.encode())
        pid = superuser.info.backend_pid
    with database.administering(settings.postgres) as admin:
        until(lambda: not admin.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [pid]).rowcount)


@contextmanager
def dump(live: Settings) -> Iterator[None]:
    """Nothing about its session but the name tells that it is one."""
    with psycopg.connect(live.postgres.dsn(), application_name="pg_dump"):
        yield


def prepared(live: Settings) -> Held:
    with psycopg.connect(live.postgres.dsn(), autocommit=True) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT pg_current_xact_id()")
        connection.execute("PREPARE TRANSACTION 'half'")
    return nullcontext()


def slot(live: Settings) -> Held:
    done(live, "SELECT pg_create_logical_replication_slot('reporting', 'pgoutput')")
    return nullcontext()


def subscription(live: Settings) -> Held:
    options = "(connect = false, slot_name = NONE)"
    done(live, f"CREATE SUBSCRIPTION elsewhere CONNECTION 'dbname=none' PUBLICATION none WITH {options}")
    return nullcontext()


def blinded(live: Settings) -> Held:
    done(live, "REVOKE pg_signal_backend, pg_read_all_stats FROM podium_owner")
    return nullcontext()


OBSTACLES: tuple[tuple[Callable[[Settings], Held], str], ...] = (
    (dump, r"process \d+ of podium_owner in podium: pg_dump is at work"),
    (lambda live: administering(live, replication="database"), r"process \d+ .* sends the log to a replica"),
    (administering, r"process \d+ .*: only a superuser may end the session of a superuser"),
    (prepared, "transaction 'half' is prepared in podium"),
    (slot, "replication slot reporting belongs to podium"),
    (subscription, "subscription elsewhere belongs to podium"),
    (blinded, "podium_owner may neither see nor end the sessions of others"),
)


def test_each_obstacle_is_refused_until_its_remedy_is_done(live: Settings, domain: Domain) -> None:
    rebuild(live, Order([domain]))
    before = names(live)
    for make, said in OBSTACLES:
        with make(live):
            with pytest.raises(Obstructed) as refused:
                swap(live, [domain])
            assert re.fullmatch(said, refused.value.what)
            if found := SQL_OF_A_REMEDY.search(refused.value.remedy):
                done(live, found[0])
        assert names(live) == before
    swap(live, [domain])
    assert names(live).keys() == {"", "_before"}
