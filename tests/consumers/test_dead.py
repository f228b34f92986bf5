"""Dead letters: who is to blame, what is kept, and when it is too many."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection

from consumers.dead import (
    BREAKER_RECORDS_MIN,
    MESSAGE_CHARACTERS_MAX,
    Breaker,
    CircuitBroken,
    bury,
    decode_headers,
    encode_headers,
    is_moments_fault,
    is_records_fault,
)
from consumers.record import Letter, Raw

TOPIC = "evaluation.predictions"
RECORDS_FAULT = ("22001", "22003", "22P02", "22P05", "23502", "23505", "23514", "54000")
MOMENTS_FAULT = (
    *("08006", "25P03", "25P04", "40001", "40P01", "53100", "53200", "53300", "55P03", "57014", "57P01", "58030"),
)
NOBODYS_FAULT = ("42P01", "42501", "0A000", "XX000", "P0001")
"""The software is wrong, or the database is not as declared: neither retried nor blamed on a record."""


def raw(offset: int = 0, value: bytes | None = b"v", **more: Any) -> Raw:
    return Raw(TOPIC, 0, offset, 1_772_000_000_000, b"k", value, [("h", b"\x00"), ("n", None)], **more)


@pytest.mark.parametrize("state", RECORDS_FAULT)
def test_data_and_integrity_are_the_records_fault(state: str) -> None:
    error = psycopg.errors.lookup(state)()
    assert (is_records_fault(error), is_moments_fault(error)) == (True, False)


@pytest.mark.parametrize("state", MOMENTS_FAULT)
def test_connection_resources_locks_and_time_are_the_moments_fault(state: str) -> None:
    error = psycopg.errors.lookup(state)()
    assert (is_records_fault(error), is_moments_fault(error)) == (False, True)


@pytest.mark.parametrize("state", NOBODYS_FAULT)
def test_everything_else_is_an_alarm(state: str) -> None:
    error = psycopg.errors.lookup(state)()
    assert (is_records_fault(error), is_moments_fault(error)) == (False, False)


def test_an_error_without_a_state_is_a_lost_connection_or_ours() -> None:
    assert is_moments_fault(psycopg.OperationalError("the connection is lost"))
    assert not is_moments_fault(psycopg.DataError("text fields cannot contain NUL"))


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8")), st.none() | st.binary())))
def test_headers_come_back_as_they_were(headers: list[tuple[str, bytes | None]]) -> None:
    assert decode_headers(json.loads(encode_headers(headers))) == headers


def test_a_letter_keeps_the_record_as_it_was(connection: Connection[Any]) -> None:
    long = "m\x00n" + "x" * 5_000
    bury(connection, [Letter(raw(1, None), "empty", long, "a\x00b"), Letter(raw(2, b""), "empty", "m")])
    rows = connection.execute(
        'SELECT "offset", key, value, headers, reason, type, message FROM ledger.dead ORDER BY 1'
    ).fetchall()
    assert [(row[0], row[1], row[2]) for row in rows] == [(1, b"k", None), (2, b"k", b"")]
    assert all(decode_headers(row[3]) == [("h", b"\x00"), ("n", None)] for row in rows)
    assert rows[0][5] == "a\\0b"
    assert rows[0][6].startswith("m\\0nxxx")
    assert len(rows[0][6]) == MESSAGE_CHARACTERS_MAX


def test_the_first_letter_of_a_record_stays(connection: Connection[Any]) -> None:
    bury(connection, [Letter(raw(1), "empty", "first")])
    bury(connection, [Letter(raw(1), "rival", "second"), Letter(raw(2), "rival", "other")])
    assert connection.execute('SELECT "offset", message FROM ledger.dead ORDER BY 1').fetchall() == [
        (1, "first"), (2, "other"),
    ]  # fmt: skip


def broken(breaker: Breaker, read: int, dead: int) -> bool:
    """Whether a batch breaks the circuit; otherwise it is noted."""
    try:
        breaker.check({TOPIC: read}, {TOPIC: dead} if dead else {})
    except CircuitBroken:
        return True
    breaker.note({TOPIC: read}, {TOPIC: dead})
    return False


def test_a_few_records_do_not_break_the_circuit_but_many_small_batches_do() -> None:
    breaker = Breaker()
    assert not broken(breaker, BREAKER_RECORDS_MIN - 1, BREAKER_RECORDS_MIN - 1)
    assert broken(breaker, 1, 1)
    breaker = Breaker()
    batches = 0
    while not broken(breaker, 10, 6):
        batches += 1
    assert batches * 10 < BREAKER_RECORDS_MIN + 10


def test_the_circuit_looks_at_the_last_records_only() -> None:
    breaker = Breaker(window=1_000)
    assert not broken(breaker, 1_000_000, 0)
    assert not broken(breaker, 1_000, 0)
    assert not broken(breaker, 500, 500)
    assert broken(breaker, 1_000, 900)
    assert not broken(breaker, 1_000, 0)


def test_each_topic_has_its_own_circuit() -> None:
    breaker = Breaker()
    breaker.note({"other": 100_000}, {})
    with pytest.raises(CircuitBroken, match=f"of the last 300 records of {TOPIC}.*raise the setting"):
        breaker.check({TOPIC: 300, "other": 1_000}, {TOPIC: 151})
