"""Native enumerations, facts below a row that a register makes, private tables, shown columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, RestrictViolation
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Enum,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    text,
)

from consumers.merge import STAGE_ROWS_MIN
from podium.settings import Settings
from schema.ddl import drop, render
from schema.declare import Domain, Event, Greatest, Once, Register, domain_metadata, happens, places
from schema.types import Id
from tests.consumers.worker import Worker
from tests.log import Log

METADATA = domain_metadata("garden")
bed = Table(
    "bed",
    METADATA,
    Column("bed_id", BigInteger, primary_key=True, autoincrement=False),
    Column("soil", Enum("sand", "clay", name="soil", metadata=METADATA), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
)
plant = Table(
    "plant",
    METADATA,
    Column("bed_id", BigInteger, ForeignKey(bed.c.bed_id), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Enum("herb", "tree", name="kind", metadata=METADATA), nullable=False),
    Column("look", String, nullable=False, server_default=text("'green'")),
    *places(),
    PrimaryKeyConstraint("bed_id", "number"),
    info={"shown": ("look",)},
)


@happens(
    "plant.set.v1",
    family="jobs",
    key=("bed_id", "number"),
    partition_by=("bed_id",),
    lands=(
        Register(bed, omit=("number", "kind"), time="seen_at", merges=(Greatest("seen_at", moves=("soil",)),)),
        Once(plant, omit=("soil",)),
    ),
    example={"bed_id": 1, "soil": "clay", "number": 1, "kind": "herb"},
)
class PlantSet(Event):
    """A plant came into a bed."""

    bed_id: Id
    soil: Literal["sand", "clay"]
    number: Id
    kind: Literal["herb", "tree"]


@pytest.fixture
def garden(tmp_path: Path) -> Domain:
    return Domain("garden", tmp_path, METADATA, (PlantSet,), private=("plant",))


@pytest.fixture
def worker(database: Settings, garden: Domain) -> Iterator[Worker]:
    with (
        psycopg.connect(database.postgres.dsn("owner"), autocommit=True) as owner,
        psycopg.connect(database.postgres.dsn("consumer"), autocommit=True) as connection,
    ):
        owner.execute(render(garden).encode())
        worker = Worker(connection, (garden,), Log((garden,), partitions=1))
        worker.take(worker.log.entries)
        yield worker
        owner.execute(drop(garden).encode())


def planted(bed_id: int, number: int = 1, soil: str = "clay", kind: str = "herb", second: int = 0) -> dict[str, Any]:
    given = {"bed_id": bed_id, "number": number, "soil": soil, "kind": kind}
    return {"type": "garden.plant.set.v1", "time": f"2026-03-01T10:00:{second:02}Z", "data": given}


@pytest.mark.parametrize("slice_records", [1, 3, 1000])
def test_a_fact_lands_below_the_row_that_its_event_makes(worker: Worker, slice_records: int) -> None:
    worker.log.extend([planted(1), planted(1, 2, kind="tree"), planted(1, 3, soil="sand", second=5), planted(1, 4)])
    worker.finish(slice_records)
    assert worker.connection.execute("SELECT soil::text FROM garden.bed").fetchall() == [("sand",)]
    kinds = worker.connection.execute("SELECT number, kind::text FROM garden.plant ORDER BY number").fetchall()
    assert kinds == [(1, "herb"), (2, "tree"), (3, "herb"), (4, "herb")]


def test_many_rows_come_through_the_stage_and_by_copy(worker: Worker) -> None:
    many = STAGE_ROWS_MIN + 50
    worker.log.extend(planted(n, kind="tree" if n % 2 else "herb") for n in range(1, many + 1))
    worker.log.extend(planted(n) for n in range(1, 3))
    worker.finish(many + 2)
    row = worker.connection.execute(
        "SELECT (SELECT count(*) FROM garden.bed), count(*), count(*) FILTER (WHERE kind = 'tree') FROM garden.plant"
    ).fetchone()
    assert row == (many, many, many // 2)
    dead = worker.connection.execute("SELECT reason FROM ledger.dead").fetchall()
    assert dead == [("rival",)], "bed 1 had a tree"


def test_readers_see_nothing_of_a_private_table(worker: Worker, database: Settings) -> None:
    with psycopg.connect(database.postgres.dsn("reader"), autocommit=True) as reader:
        reader.execute("SELECT * FROM garden.bed")
        with pytest.raises(InsufficientPrivilege):
            reader.execute("SELECT number FROM garden.plant")
    with psycopg.connect(database.postgres.dsn("stream"), autocommit=True) as stream:
        stream.execute("SELECT number FROM garden.plant")


def test_what_is_shown_may_be_written_by_hand(worker: Worker, database: Settings) -> None:
    worker.log.append(planted(1))
    worker.finish()
    with psycopg.connect(database.postgres.dsn("owner"), autocommit=True) as owner:
        owner.execute("UPDATE garden.plant SET look = 'yellow'")
        with pytest.raises(RestrictViolation, match="a fact never changes"):
            owner.execute("UPDATE garden.plant SET kind = 'tree'")
