"""The column binding: packed rows are, byte for byte, what psycopg writes for the same values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from psycopg.copy import Writer
from psycopg.types.json import Json as JsonText
from psycopg.types.json import Jsonb
from pydantic import Field
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from podium.settings import Settings
from schema.binding import EPOCH, HEADER, TRAILER, Bound, Jsonable, bind_all, microseconds, reader
from schema.declare import Domain, Event, Misdeclared, Once, domain_metadata, happens, places
from schema.decode import Decoder
from schema.envelope import derived_id, v5
from schema.types import BigCount, Id, Json, Time
from schema.types import Text as Words

METADATA = domain_metadata("binder")
TYPES: dict[str, tuple[TypeEngine[Any], str]] = {
    "id": (Integer(), "int4"), "small": (SmallInteger(), "int2"), "big": (BigInteger(), "int8"),
    "flag": (Boolean(), "bool"), "share": (Double(), "float8"), "seen": (DateTime(timezone=True), "timestamptz"),
    "token": (Uuid(), "uuid"), "name": (String(), "varchar"), "note": (Text(), "text"),
    "code": (LargeBinary(), "bytea"), "document": (JSONB(), "jsonb"), "letter": (JSON(), "json"),
}  # fmt: skip
"""Column -> its type, as SQLAlchemy and as PostgreSQL name it; each comes once required and once optional."""

HAPPENED = "2026-03-01T10:00:00.000001Z"


def table(name: str, nullable: bool) -> Table:
    columns: list[Column[Any]] = [
        Column(each, type_, primary_key=each == "id", nullable=nullable and each != "id")
        for each, (type_, _) in TYPES.items()
    ]
    columns += [Column("at", DateTime(timezone=True)), Column("digest", LargeBinary)]
    return Table(name, METADATA, *columns, *places())


Hex = Annotated[str, Field(pattern=r"^([0-9a-f]{2})*$")]
_EXAMPLE: dict[str, Any] = {
    "id": 1, "small": 2, "big": 3, "flag": True, "share": 0.5, "seen": HAPPENED,
    "token": "0192f0c1-2345-7abc-8def-0123456789ab", "name": "n", "note": "", "code": "00ff",
    "document": {}, "letter": {},
}  # fmt: skip


@happens(
    "all.given.v1", family="catalog", key=("id",), example=_EXAMPLE,
    lands=Once(table("required", nullable=False), time="at", digest="digest"),
)  # fmt: skip
class AllGiven(Event):
    """Every column has a value."""

    id: Id
    small: Annotated[int, Field(ge=-(2**15), lt=2**15)]
    big: BigCount
    flag: bool
    share: float
    seen: Time
    token: UUID
    name: Words
    note: Words
    code: Hex
    document: Json
    letter: Json


@happens(
    "some.given.v1", family="catalog", key=("id",), example={"id": 1},
    lands=Once(table("optional", nullable=True), time="at", digest="digest"),
)  # fmt: skip
class SomeGiven(Event):
    """Every column but the key may be NULL."""

    id: Id
    small: Annotated[int, Field(ge=-(2**15), lt=2**15)] | None = None
    big: BigCount | None = None
    flag: bool | None = None
    share: float | None = None
    seen: Time | None = None
    token: UUID | None = None
    name: Words | None = None
    note: Words | None = None
    code: Hex | None = None
    document: Json | None = None
    letter: Json | None = None


DOMAIN = Domain(name="binder", folder=Path(__file__).parent, metadata=METADATA, models=(AllGiven, SomeGiven))
DECODER = Decoder(DOMAIN.events)


def bound(event: str) -> tuple[tuple[str, ...], Bound]:
    """Columns in COPY order, and how the event fills them."""
    found = DOMAIN.by_type[f"binder.{event}.v1"]
    columns, (one,) = bind_all(found.lands[0].table, [(found, found.lands[0])])
    return columns, one


def decoded(event: str, data: dict[str, Any]) -> Any:
    envelope = {"specversion": "1.0", "id": str(UUID(int=1)), "source": "tests", "time": HAPPENED}
    return DECODER.decode(json.dumps({**envelope, "type": f"binder.{event}.v1", "data": data}).encode())


class Caught(Writer):
    """Keeps what psycopg would send."""

    def __init__(self) -> None:
        self.sent = b""

    def write(self, data: Any) -> None:
        self.sent += bytes(data)

    def finish(self, exc: BaseException | None = None) -> None:
        """Nothing was sent."""


def by_psycopg(connection: Connection[Any], columns: tuple[str, ...], values: tuple[Any, ...]) -> bytes:
    """A whole COPY BINARY stream of one row."""
    known = {name: type_ for name, (_, type_) in TYPES.items()}
    own = {"at": "timestamptz", "digest": "bytea", "place_partition": "int4", "place_offset": "int8"}
    caught = Caught()
    with psycopg.Copy(connection.cursor(), binary=True, writer=caught) as copy:
        copy.set_types([{**known, **own}[name] for name in columns])
        copy.write_row([_plain(name, value) for name, value in zip(columns, values, strict=True)])
    return caught.sent


def _plain(name: str, value: Any) -> Any:
    if not isinstance(value, Jsonable):
        return value
    made = Jsonb if name == "document" else JsonText
    return made(value.document, dumps=msgspec.json.encode)


@pytest.fixture(scope="module")
def connection(services: Settings) -> Iterator[Connection[Any]]:
    with psycopg.connect(services.postgres.dsn(), autocommit=True) as one:
        yield one


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
long_texts = st.sampled_from(["", "é" * 1023, "x" * 2047, "x" * 2048, "x" * 2049, "語" * 40_000])
moments = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat())
documents = st.dictionaries(texts, st.none() | st.booleans() | st.integers(-(2**60), 2**60) | texts, max_size=4)
fields: dict[str, st.SearchStrategy[Any]] = {
    "id": st.integers(1, 2**31 - 1),
    "small": st.integers(-(2**15), 2**15 - 1),
    "big": st.integers(0, 2**63 - 1),
    "flag": st.booleans(),
    "share": st.floats(allow_nan=False, allow_infinity=False),
    "seen": moments,
    "token": st.uuids().map(str),
    "name": texts | long_texts,
    "note": texts | long_texts,
    "code": st.binary(max_size=30).map(bytes.hex),
    "document": documents,
    "letter": documents,
}
EARLIEST, LATEST = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"
SOME = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def same(connection: Connection[Any], event: str, data: dict[str, Any], partition: int, offset: int) -> None:
    columns, one = bound(event)
    e = decoded(event, data)
    packed = one.pack(e, partition, offset)
    assert HEADER + packed + TRAILER == by_psycopg(connection, columns, one.values(e, partition, offset))


places_of = {"partition": st.integers(0, 2**31 - 1), "offset": st.integers(0, 2**63 - 1)}


@SOME
@given(data=st.fixed_dictionaries(fields), **places_of)
@example(data={**_EXAMPLE, "seen": EARLIEST}, partition=0, offset=0)
@example(data={**_EXAMPLE, "seen": LATEST, "share": -0.0}, partition=0, offset=0)
def test_a_full_row_is_what_psycopg_writes(
    connection: Connection[Any], data: dict[str, Any], partition: int, offset: int
) -> None:
    same(connection, "all.given", data, partition, offset)


@SOME
@given(
    data=st.fixed_dictionaries(
        {"id": fields["id"]}, optional={name: st.none() | each for name, each in fields.items() if name != "id"}
    ),
    **places_of,
)
@example(data={"id": 1}, partition=0, offset=0)
@example(data={"id": 1, "seen": EARLIEST, "note": ""}, partition=0, offset=0)
def test_a_row_with_gaps_is_what_psycopg_writes(
    connection: Connection[Any], data: dict[str, Any], partition: int, offset: int
) -> None:
    same(connection, "some.given", data, partition, offset)


@given(st.datetimes(timezones=st.just(UTC)))
@example(datetime(1, 1, 1, tzinfo=UTC))
@example(datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))
def test_microseconds_are_exact_in_every_year(moment: datetime) -> None:
    assert EPOCH + timedelta(microseconds=microseconds(moment)) == moment


def test_a_row_that_is_copied_reads_back_as_it_was(connection: Connection[Any]) -> None:
    columns, one = bound("some.given")
    e = decoded("some.given", {**_EXAMPLE, "seen": LATEST, "document": {"a": [1, "é"]}, "letter": {"b": None}})
    types = {**{name: type_ for name, (_, type_) in TYPES.items()}, "at": "timestamptz", "digest": "bytea"}
    made = ", ".join(f'"{name}" {types.get(name, "bigint" if name == "place_offset" else "int")}' for name in columns)
    with connection.transaction(force_rollback=True):
        connection.execute(f"CREATE TEMP TABLE copied ({made})".encode())
        with connection.cursor().copy("COPY copied FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(HEADER + one.pack(e, 3, 4) + TRAILER)
        row = connection.execute("SELECT * FROM copied").fetchone()
    assert row is not None
    found = dict(zip(columns, row, strict=True))
    assert found["seen"] == e.data.seen
    assert (found["code"], found["token"]) == (b"\x00\xff", e.data.token)
    assert (found["document"], found["letter"]) == ({"a": [1, "é"]}, {"b": None})
    assert (found["place_partition"], found["place_offset"]) == (3, 4)


def test_a_column_that_an_event_leaves_open_is_refused() -> None:
    found = DOMAIN.by_type["binder.all.given.v1"]
    short = Once(found.lands[0].table, omit=("small",))
    lean = Once(DOMAIN.by_type["binder.some.given.v1"].lands[0].table, omit=("small",))
    assert bind_all(lean.table, [(found, lean)])[1]
    both = [(found, found.lands[0]), (found, short)]
    with pytest.raises(Misdeclared, match=r"leaves required.small open: give it a value"):
        bind_all(short.table, both)


member = Table(
    "member",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("email", String, nullable=False),
    info={"identity": ("email",)},
)
MADE = v5("binder.member", "email")


@happens(
    "member.joined.v1", family="catalog", key=("email",), example={"email": "a@b"},
    lands=Once(member, derived={"id": MADE}),
)  # fmt: skip
class MemberJoined(Event):
    """The id of the row is derived from the natural key."""

    email: Words


@given(texts)
def test_a_derived_column_is_a_function_of_the_natural_key(email: str) -> None:
    (found,) = Domain("binder", Path(__file__).parent, METADATA, (MemberJoined,)).events
    envelope = {"specversion": "1.0", "id": str(UUID(int=1)), "source": "tests", "time": HAPPENED, "type": found.type}
    data: Any = Decoder([found]).decode(json.dumps({**envelope, "data": {"email": email}}).encode())
    columns, (one,) = bind_all(member, [(found, found.lands[0])])
    row = dict(zip(columns, one.values(data, 0, 0), strict=True))
    assert row == {"id": derived_id("binder.member", email), "email": email}
    assert reader(found, found.lands[0], ("id", "email"))(data.data) == (row["id"], email)
    assert derived_id("binder.member", email) != derived_id("binder.other", email)
