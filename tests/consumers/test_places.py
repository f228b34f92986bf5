"""A record counts only in the partition that its key names, however records interleave; its edges may be odd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from consumers.read import UNREADABLE_HEADERS
from schema.admission import is_stamped, partition_of
from schema.evaluation import DOMAIN
from tests.consumers.broker import Broker, event_of
from tests.consumers.lines import Line, model, prediction, prompt, row, world
from tests.consumers.wire import batch, produce
from tests.consumers.worker import Worker
from tests.contract.outcome import outcome_of
from tests.log import Entry, Log
from tests.tables import empty

PARTITIONS = 4
RIVALS: list[Line] = [
    *(prompt(7, f"{text} {{content}}") for text in "AB"),
    *(model(3, second, name) for second, name in enumerate(("one", "two", "three"))),
    *(row(9, content=text) for text in ("one", "two")),
    *(prediction(1, said, second) for second, said in enumerate(("positive", "negative"))),
    prediction(2),
]
"""Events of which the first in its partition stays, or the latest wins."""

SOME = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def put(log: Log, line: Line, partition: int) -> Entry:
    """Append an event wherever a foreign partitioner might put it."""
    topic, key, value = event_of(line)
    return log.put(topic, key, value, partition)


def right(line: Line) -> int:
    return partition_of(event_of(line)[1], PARTITIONS)


def read(connection: Connection[Any], owner: Connection[Any], log: Log, steps: Sequence[tuple[int, int]]) -> Any:
    """What the tables say after a worker has read the log, step by step, and then to its end."""
    empty(owner, DOMAIN)
    worker = Worker(connection, (DOMAIN,), log)
    worker.take(log.entries)
    partitions = list(log.entries)
    for which, count in steps:
        worker.step({partitions[which % len(partitions)]: count})
        worker.sweep()
    worker.finish()
    return outcome_of(connection, DOMAIN)["tables"]


@SOME
@given(
    placed=st.lists(st.tuples(st.sampled_from(RIVALS), st.integers(0, PARTITIONS - 1)), max_size=25),
    steps=st.lists(st.tuples(st.integers(0, 99), st.integers(1, 5)), max_size=25),
)
def test_records_of_foreign_partitioners_change_no_table_however_they_interleave(
    placed: list[tuple[Line, int]],
    steps: list[tuple[int, int]],
    connection: Connection[Any],
    owner: Connection[Any],
) -> None:
    log, clean = Log((DOMAIN,), PARTITIONS), Log((DOMAIN,), PARTITIONS)
    for line in world():
        log.append(line)
        clean.append(line)
    foreign = [put(log, line, partition) for line, partition in placed if partition != right(line)]
    for line, partition in placed:
        if partition == right(line):
            put(log, line, partition)
            put(clean, line, partition)
    live = read(connection, owner, log, steps)
    dead = owner.execute(
        "SELECT topic, partition, \"offset\" FROM ledger.dead WHERE reason = 'wrong-partition' ORDER BY 1, 2, 3"
    ).fetchall()
    assert dead == sorted((entry.topic_, entry.partition_, entry.offset_) for entry in foreign)
    assert live == read(connection, owner, log, [])
    assert live == read(connection, owner, clean, [])


def test_a_record_elsewhere_is_dead_with_its_place_and_the_remedy(log: Broker) -> None:
    topic, key, value = event_of(prompt(7, "B {content}"))
    there = partition_of(key, PARTITIONS)
    for partition in range(PARTITIONS):
        put_into(log, topic, key, value, partition)
    log.fill()
    found = dict(log.query("SELECT partition, message FROM ledger.dead WHERE reason = 'wrong-partition'"))
    assert set(found) == set(range(PARTITIONS)) - {there}
    for partition, message in found.items():
        for part in (f"in partition {partition} of {topic}", f"into partition {there}", "partitioner=murmur2_random"):
            assert part in message
    assert log.query("SELECT text FROM evaluation.prompts") == [("B {content}",)]


def put_into(log: Broker, topic: str, key: bytes, value: bytes, partition: int) -> None:
    log.producer.produce(log.named(topic), value, key, partition)
    assert log.producer.flush(30) == 0


def test_headers_that_cannot_be_read_are_of_no_concern_to_the_event(log: Broker) -> None:
    """As names that are not UTF-8."""
    topic, key, value = event_of(prompt(7))
    server = log.settings.kafka.client()["bootstrap.servers"]
    for name in (b"\xff\xfeA", b"\xed\xa0\x80"):
        for content in (value, b"rubbish"):
            produce(str(server), log.named(topic), partition_of(key, PARTITIONS), batch(key, content, name))
    log.fill()
    assert log.query("SELECT count(*)::int FROM evaluation.prompts") == [(1,)]
    assert [headers[0][0] for (headers,) in log.query("SELECT headers FROM ledger.dead")] == [UNREADABLE_HEADERS] * 2


@given(
    milliseconds=st.integers(-(2**63), 2**63 - 1),
    stamp=st.integers(0, 2),
)
@settings(SOME, max_examples=30)
def test_a_time_stamp_that_is_no_append_time_is_a_dead_letter(
    milliseconds: int, stamp: int, connection: Connection[Any], owner: Connection[Any]
) -> None:
    """As microseconds, or of a topic that takes the producer's."""
    log = Log((DOMAIN,), PARTITIONS)
    entry = log.append(prompt(7))
    log.entries[entry.topic_, entry.partition_] = [replace(entry, append_ms=milliseconds, stamp=stamp)]
    read(connection, owner, log, [])
    dead = owner.execute("SELECT reason, append_time FROM ledger.dead").fetchall()
    if is_stamped((stamp, milliseconds)):
        assert [reason for reason, _ in dead] in ([], ["future-time"])
    else:
        assert dead == [("unstamped", None)]
