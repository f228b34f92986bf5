"""Digests of rows: blind to order, awake to every bit; and the bisection finds each row that differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from sqlalchemy import Column, DateTime, Double, Integer, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import CreateTable

from podium.rebuild.digest import LEAF_ROWS, Rows, reading
from podium.settings import Settings
from schema.declare import Domain, domain_metadata, places
from schema.evaluation import DOMAIN
from schema.quoting import DIALECT

METADATA = domain_metadata("made_up")
THINGS = Table(
    "things",
    METADATA,
    Column("kind", Text, nullable=True),
    Column("number", Integer, nullable=True),
    Column("score", Double),
    Column("exact", Numeric),
    Column("said", Text),
    Column("more", JSONB),
    Column("at", DateTime(timezone=True)),
    *places(),
    info={"identity": ("kind", "number")},
)
ROWS = Rows(Domain(name="made_up", folder=DOMAIN.folder, metadata=METADATA, models=()), THINGS)
MANY = 3 * LEAF_ROWS
COLUMNS = "kind, number, score, exact, said, more, at, place_partition, place_offset"
FILL = (
    f"INSERT INTO made_up.things ({COLUMNS}) SELECT 'k' || n % 3, n, n / 7.0, n, 'said ' || n,"
    " jsonb_build_object('n', n), '2026-03-01Z'::timestamptz + n * interval '1 s', n % 4, n"
    f" FROM generate_series(1, {MANY}) AS n ORDER BY "
)


@pytest.fixture
def both(database: Settings) -> Iterator[Connection[Any]]:
    """A table and its twin in another order, in one database under two names."""
    with psycopg.connect(database.postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute("CREATE SCHEMA made_up")
        connection.execute(str(CreateTable(THINGS).compile(dialect=DIALECT)).encode())
        connection.execute(f"{FILL} n".encode())
        yield connection


CHANGES = [
    ("score = '-0'", "score = '0'"),
    ("exact = 1.0", "exact = 1.00"),
    ("said = NULL", "said = ''"),
    ("more = '{\"a\": 1}'", "more = '{\"a\": 1.0}'"),
    ("at = '2026-03-01T00:00:00Z'", "at = '2026-03-01T00:00:00.000001Z'"),
    ("score = 'NaN'", "score = NULL"),
]
"""Two values of one row that only look alike."""


def test_digests_are_blind_to_order_and_places_but_to_nothing_else(both: Connection[Any]) -> None:
    before = ROWS.digest(both)
    assert before.rows == MANY
    both.execute("TRUNCATE made_up.things")
    both.execute(f"{FILL} -n".encode())
    both.execute("UPDATE made_up.things SET place_offset = 0")
    assert ROWS.digest(both) == before
    for one, other in CHANGES:
        both.execute(f"UPDATE made_up.things SET {one} WHERE number = 7".encode())
        changed = ROWS.digest(both)
        both.execute(f"UPDATE made_up.things SET {other} WHERE number = 7".encode())
        assert ROWS.digest(both) != changed, one
    both.execute("INSERT INTO made_up.things SELECT * FROM made_up.things WHERE number IN (8, 8)")
    assert ROWS.digest(both).rows == MANY + 1


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_bisection_finds_exactly_the_rows_that_differ(
    data: st.DataObject, both: Connection[Any], database: Settings
) -> None:
    numbers = st.sets(st.integers(1, MANY), max_size=5)
    gone, changed = data.draw(numbers, label="gone"), data.draw(numbers, label="changed")
    added = {MANY + n for n in data.draw(st.sets(st.integers(1, 900), max_size=5), label="added")}
    nameless = data.draw(st.integers(0, 2), label="nameless")
    with reading(database.postgres.dsn("owner")) as before:
        ROWS.digest(before)
        with psycopg.connect(database.postgres.dsn("owner")) as writing:
            writing.execute("DELETE FROM made_up.things WHERE number = ANY(%s)", [list(gone)])
            writing.execute("UPDATE made_up.things SET said = '!' WHERE number = ANY(%s)", [list(changed)])
            for number in added:
                writing.execute("INSERT INTO made_up.things (kind, number) VALUES ('k', %s)", [number])
            for _ in range(nameless):
                writing.execute("INSERT INTO made_up.things (kind, number) VALUES ('k', NULL)")
            writing.commit()
            try:
                with reading(database.postgres.dsn("owner")) as after:
                    found = list(ROWS.differences(before, after))
            finally:
                writing.execute("DELETE FROM made_up.things")
                writing.execute(f"{FILL} n".encode())
                writing.commit()
    assert {one.key[1] for one in found if one.key[1] is not None} == gone | changed | added
    assert [len(one.log) for one in found if one.key[1] is None] == ([nameless] if nameless else [])
    assert all(one.live != one.log for one in found)
