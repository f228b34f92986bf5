"""Whatever is raised for one record stays with it: it is dead and says why, and all others land."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Integer, LargeBinary, String, Table, Uuid

from consumers import apart
from consumers.apart import TopicStands
from podium.settings import Settings
from schema.ddl import drop, render
from schema.declare import Domain, Event, Latest, Once, Register, domain_metadata, happens, places
from schema.merges import LATEST
from schema.types import Id, Name
from tests.consumers.worker import Worker
from tests.log import Log
from tests.tables import empty

METADATA = domain_metadata("frail")
ERRORS: dict[str, BaseException] = {
    "system": SystemError("returned a result with an exception set"),
    "overflow": OverflowError("int too large"),
    "struct": struct.error("argument out of range"),
    "recursion": RecursionError("maximum recursion depth exceeded"),
    "value": ValueError("half a character: \ud800 and \x00"),
    "stop": StopIteration(),
    "assertion": AssertionError(),
    "lookup": KeyError("what"),
}
VALUES: dict[str, Any] = {"wide": 2**80, "odd": object(), "text": "no number", "endless": float("inf")}
"""What a derived column comes to that no row can hold."""

KINDS = ["good", *ERRORS, *VALUES]


def number(data: Any) -> Any:
    """The derived column: raises, or is what a row cannot hold, as the event says."""
    if data.what in ERRORS:
        raise ERRORS[data.what]
    return VALUES.get(data.what, 1)


def identity(data: Any) -> UUID:
    """The derived identity."""
    number(data)
    return UUID(int=data.id)


thing = Table(
    "thing",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("what", String, nullable=False),
    Column("number", Integer, nullable=False),
    *places(),
)
part = Table(
    "part",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("thing_id", BigInteger, ForeignKey(thing.c.id), nullable=False),
    Column("number", Integer, nullable=False),
    *places(),
)
named = Table(
    "named",
    METADATA,
    Column("named_id", Uuid, primary_key=True),
    Column("what", String, nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column(LATEST[0], DateTime(timezone=True)),
    Column(LATEST[1], Uuid),
    Column(LATEST[2], LargeBinary),
)


@happens(
    "name.given.v1",
    family="catalog",
    key=("id",),
    lands=Register(named, omit=("id",), derived={"named_id": identity}, time="seen_at", merges=(Latest(("what",)),)),
    example={"id": 1, "what": "good"},
)
class NameGiven(Event):
    """A register, whose row's identity is derived."""

    id: Id
    what: Name


@happens(
    "part.made.v1",
    family="jobs",
    key=("id",),
    lands=Once(part, omit=("what",), derived={"number": number}),
    example={"id": 1, "thing_id": 1, "what": "good"},
)
class PartMade(Event):
    """A fact that may have to wait for its thing."""

    id: Id
    thing_id: Id
    what: Name


@happens(
    "thing.made.v1",
    family="predictions",
    key=("id",),
    lands=Once(thing, derived={"number": number}),
    example={"id": 1, "what": "good"},
)
class ThingMade(Event):
    """A fact that is streamed."""

    id: Id
    what: Name


@pytest.fixture
def domain(tmp_path: Path) -> Domain:
    return Domain("frail", tmp_path, METADATA, (NameGiven, PartMade, ThingMade))


@pytest.fixture
def frail(database: Settings, domain: Domain) -> Iterator[tuple[Connection[Any], Connection[Any]]]:
    """As consumer and as owner, with the tables."""
    with (
        psycopg.connect(database.postgres.dsn("owner"), autocommit=True) as owner,
        psycopg.connect(database.postgres.dsn("consumer"), autocommit=True) as connection,
    ):
        owner.execute(render(domain).encode())
        yield connection, owner
        owner.execute(drop(domain).encode())


def line(type_: str, number: int, what: str, **more: Any) -> dict[str, Any]:
    time = "2026-03-01T10:00:00Z"
    return {"type": f"frail.{type_}.v1", "time": time, "data": {"id": number, "what": what, **more}}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    events=st.lists(
        st.tuples(st.sampled_from(["name.given", "part.made", "thing.made"]), st.sampled_from(KINDS)), max_size=30
    ),
    size=st.integers(1, 40),
    parked=st.booleans(),
)
def test_what_is_raised_for_one_record_stays_with_it(
    events: list[tuple[str, str]],
    size: int,
    parked: bool,
    frail: tuple[Connection[Any], Connection[Any]],
    domain: Domain,
) -> None:
    connection, owner = frail
    empty(owner, domain)
    log = Log((domain,), partitions=2)
    expected: dict[str, set[int]] = {"name.given": set(), "part.made": set(), "thing.made": set()}
    dead = 0
    for n, (type_, what) in enumerate(events, 10):
        log.append(line(type_, n, what, **({"thing_id": 1} if type_ == "part.made" else {})))
        raises = what in ERRORS or (what in VALUES and type_ != "name.given")
        dead += raises
        if not raises:
            expected[type_].add(n)
    worker = Worker(connection, (domain,), log)
    worker.take(log.entries)
    if parked:
        worker.finish(size)  # parts wait for the thing
    log.append(line("thing.made", 1, "good"))
    expected["thing.made"].add(1)
    worker.finish(size)
    worker.finish(size)
    assert {row[0] for row in connection.execute("SELECT id FROM frail.thing")} == expected["thing.made"]
    assert {row[0] for row in connection.execute("SELECT id FROM frail.part")} == expected["part.made"]
    names = {row[0].int for row in connection.execute("SELECT named_id FROM frail.named")}
    assert names == expected["name.given"]
    letters = owner.execute("SELECT reason, message, value FROM ledger.dead").fetchall()
    assert [reason for reason, _, _ in letters] == ["failed"] * dead
    assert all("redrive" in message and value for _, message, value in letters)
    sums = owner.execute("SELECT sum(read) - sum(applied + parked + released + dead), sum(dead) FROM ledger.offset")
    assert sums.fetchone() == (0, dead)


def test_a_table_that_is_gone_is_no_records_fault(
    frail: tuple[Connection[Any], Connection[Any]], domain: Domain
) -> None:
    connection, owner = frail
    log = Log((domain,), partitions=1)
    log.extend(line("thing.made", n, "good") for n in range(1, 9))
    log.append(line("name.given", 1, "good"))
    worker = Worker(connection, (domain,), log)
    worker.take(log.entries)
    owner.execute("REVOKE INSERT ON frail.thing FROM podium_consumer")
    with pytest.raises(TopicStands, match=r"frail.predictions\[0\]@0 cannot be written.*permission denied") as stands:
        worker.finish()
    assert stands.value.topic == "frail.predictions"
    assert owner.execute("SELECT count(*) FROM ledger.dead").fetchall() == [(0,)]
    owner.execute("GRANT INSERT ON frail.thing TO podium_consumer")
    worker.finish()
    assert owner.execute("SELECT count(*) FROM frail.thing").fetchall() == [(8,)]


def test_a_letter_that_cannot_be_written_is_written_without_its_content(
    frail: tuple[Connection[Any], Connection[Any]], domain: Domain
) -> None:
    connection, owner = frail
    log = Log((domain,), partitions=1)
    log.extend(line("thing.made", n, "good") for n in range(1, 9))
    spoilt = log.put("frail.predictions", b"k" * 20, b"rubbish")
    owner.execute("ALTER TABLE ledger.dead ADD CONSTRAINT short CHECK (length(key) < 20)")
    worker = Worker(connection, (domain,), log)
    worker.take(log.entries)
    try:
        worker.finish()
    finally:
        owner.execute("ALTER TABLE ledger.dead DROP CONSTRAINT short")
    assert owner.execute('SELECT "offset", key, reason FROM ledger.dead').fetchall() == [
        (spoilt.offset_, None, "failed")
    ]
    assert owner.execute("SELECT count(*) FROM frail.thing").fetchall() == [(8,)]


def test_halves_are_the_whole() -> None:
    from consumers.read import Batch

    log = Log((), 1)
    log.entries = {("a", 0): [], ("b", 1): []}
    log.partitions = 1
    for n in range(5):
        log.put("a", b"", bytes([n]), 0)
        log.put("b", b"", bytes([n]), 1)
    whole = Batch(dict(log.entries), {("a", 0): 9, ("b", 1): 5, ("c", 0): 3})
    first, second = whole.halves()
    assert len(first) == len(second) == 5
    for place, messages in whole.messages.items():
        assert first.messages.get(place, []) + second.messages.get(place, []) == messages
    assert second.ends == whole.ends
    assert all(end <= whole.ends[place] for place, end in first.ends.items())
    assert apart.is_confinable(ValueError())
    assert not apart.is_confinable(MemoryError())
