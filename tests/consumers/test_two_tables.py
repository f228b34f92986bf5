"""Rows and their children by one event; times as columns; what only triggers change; what the first event settles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.errors import RestrictViolation
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
)

from podium.settings import Settings
from schema.ddl import drop, render
from schema.declare import (
    Domain,
    Event,
    Furthest,
    Greatest,
    Latest,
    Lifecycle,
    Once,
    Register,
    domain_metadata,
    happens,
    places,
)
from schema.merges import LATEST
from schema.types import Id, Name
from tests.consumers.worker import Worker
from tests.log import Log

METADATA = domain_metadata("post")
POSTED = Lifecycle("posted", {"sent": ("here",), "here": ()}, initial="sent")
post = Table(
    "post",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("status", String, nullable=False),
    Column("stamps", Integer, server_default="0"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("digest", LargeBinary),
    *places(),
    info={"tallied": ("stamps",)},
)
parcel = Table(
    "parcel",
    METADATA,
    Column("post_id", BigInteger, ForeignKey(post.c.id), primary_key=True, autoincrement=False),
    Column("grams", Integer, nullable=False),
    *places(),
    CheckConstraint("grams <> 13", name="grams"),
)

street = Table(
    "street",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String, nullable=False),
    Column("built_by", String),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column(LATEST[0], DateTime(timezone=True)),
    Column(LATEST[1], Uuid),
    Column(LATEST[2], LargeBinary),
)


@happens(
    "street.named.v1",
    family="catalog",
    key=("id",),
    lands=Register(street, time="created_at", merges=(Latest(("name",)),)),
    example={"id": 1, "name": "North"},
)
class StreetNamed(Event):
    """A street has a name; who built it, and when, is settled by the first to name it."""

    id: Id
    name: Name
    built_by: Name | None = None


@happens(
    "parcel.sent.v1",
    family="jobs",
    key=("post_id",),
    lands=(
        Once(
            post,
            values={"kind": "parcel", "status": "sent"},
            renamed={"id": "post_id"},
            omit=("post_id", "grams"),
            time=("created_at", "updated_at"),
            digest="digest",
        ),
        Once(parcel),
    ),
    example={"post_id": 1, "grams": 100},
)
class ParcelSent(Event):
    """A parcel is on its way."""

    post_id: Id
    grams: Id


@happens(
    "post.arrived.v1",
    family="jobs",
    key=("post_id",),
    lands=Register(
        post,
        creates=False,
        renamed={"id": "post_id"},
        omit=("post_id", "by"),
        time="updated_at",
        merges=(Furthest(POSTED, "here", "status"), Greatest("updated_at")),
    ),
    example={"post_id": 1, "by": "ana"},
)
class PostArrived(Event):
    """It is here."""

    post_id: Id
    by: Name = "ana"


@pytest.fixture
def domain(tmp_path: Path) -> Domain:
    return Domain("post", tmp_path, METADATA, (StreetNamed, ParcelSent, PostArrived), (POSTED,))


@pytest.fixture
def worker(database: Settings, domain: Domain) -> Iterator[Worker]:
    with (
        psycopg.connect(database.postgres.dsn("owner"), autocommit=True) as owner,
        psycopg.connect(database.postgres.dsn("consumer"), autocommit=True) as connection,
    ):
        owner.execute(render(domain).encode())
        worker = Worker(connection, (domain,), Log((domain,), partitions=1))
        worker.take(worker.log.entries)
        yield worker
        owner.execute(drop(domain).encode())


def sent(post_id: int, grams: int = 100, second: int = 1) -> dict[str, Any]:
    time = f"2026-03-01T10:00:{second:02}Z"
    return {"type": "post.parcel.sent.v1", "time": time, "data": {"post_id": post_id, "grams": grams}}


def arrived(post_id: int, second: int, by: str = "ana") -> dict[str, Any]:
    time = f"2026-03-01T10:00:{second:02}Z"
    return {"type": "post.post.arrived.v1", "time": time, "data": {"post_id": post_id, "by": by}}


def rows(connection: Connection[Any]) -> list[tuple[Any, ...]]:
    return connection.execute(
        "SELECT id, status, extract(second FROM created_at)::integer, extract(second FROM updated_at)::integer, grams"
        " FROM post.post LEFT JOIN post.parcel ON post_id = id ORDER BY id"
    ).fetchall()


@pytest.mark.parametrize("slice_records", [1, 10])
def test_both_rows_come_and_the_time_of_the_row_only_grows(worker: Worker, slice_records: int) -> None:
    worker.log.extend([sent(1), arrived(1, 5, "bob"), arrived(1, 3), sent(2, second=2), arrived(3, 9)])
    worker.finish(slice_records)
    assert rows(worker.connection) == [(1, "here", 1, 5, 100), (2, "sent", 2, 2, 100)]
    waiting = worker.connection.execute("SELECT parent_table FROM ledger.parked").fetchall()
    assert waiting == [("post.post",)], "only what has no parcel waits"


def test_a_rival_is_dead_at_the_first_table(worker: Worker) -> None:
    worker.log.extend([sent(1), sent(1, grams=200), sent(1)])
    worker.finish()
    assert rows(worker.connection) == [(1, "sent", 1, 1, 100)]
    assert worker.connection.execute("SELECT reason FROM ledger.dead").fetchall() == [("rival",)]


def test_what_only_triggers_change_is_no_fact_and_not_written_by_hand(worker: Worker, database: Settings) -> None:
    worker.log.extend([sent(1)])
    worker.finish()
    with psycopg.connect(database.postgres.dsn("owner"), autocommit=True) as owner:
        with pytest.raises(RestrictViolation, match="only triggers write here"):
            owner.execute("UPDATE post.post SET stamps = 3")
        with pytest.raises(RestrictViolation, match="a fact never changes"):
            owner.execute("UPDATE post.post SET kind = 'letter'")


@pytest.mark.parametrize("slice_records", [1, 10])
def test_what_no_merge_brings_is_as_the_first_event_has_it(worker: Worker, slice_records: int) -> None:
    named = [(1, "North", "ana"), (3, "South", "bob"), (2, "West", None), (4, "East", "eve")]
    worker.log.extend(
        {
            "type": "post.street.named.v1",
            "time": f"2026-03-01T10:00:{second:02}Z",
            "data": {"id": 1, "name": name, **({"built_by": by} if by else {})},
        }
        for second, name, by in named
    )
    worker.finish(slice_records)
    query = "SELECT name, built_by, extract(second FROM created_at)::integer FROM post.street"
    assert worker.connection.execute(query).fetchall() == [("East", "ana", 1)]
