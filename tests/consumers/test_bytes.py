"""Batches end at bytes: whatever decompresses to how much, a process stays small and moves on, and nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from confluent_kafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from consumers.dead import KEPT_BYTES_MAX, PREFIX_BYTES, SLICE_BYTES, kept_bytes, slices
from consumers.record import Raw
from podium import operations
from schema.limits import CHUNK_RECORDS_MAX, BoundedReader, size_of
from tests.consumers.bounded import LIMIT_BYTES, peak_of
from tests.consumers.broker import Broker, event_of, until
from tests.consumers.lines import world
from tests.podium.test_status import consuming, look

TOPIC = "evaluation.catalog"
LARGE_BYTES = 3_900_000


class Weight:
    """A record that only weighs something."""

    def __init__(self, n: int, size: int) -> None:
        self.n = n
        self.size = size

    def __len__(self) -> int:
        return self.size

    def key(self) -> None:
        return None


SIZES = st.lists(st.sampled_from([0, 1, 300, 900, 5_000, 20_000]), max_size=1500)


@given(SIZES, st.integers(1, 700), st.integers(1, 20_000), st.integers(1, 60))
def test_batches_are_bounded_and_hold_every_record_once_in_order(
    sizes: Sequence[int], records_max: int, bytes_max: int, at_once: int
) -> None:
    coming = [Weight(n, size) for n, size in enumerate(sizes)]
    left = list(coming)

    def consume(most: int, _: float) -> list[Weight]:
        found = left[: min(most, at_once)]
        del left[: len(found)]
        return found

    reader, kept, read = BoundedReader(bytes_max), list[Weight](), list[Weight]()
    while left or kept:
        reader.read(kept, consume, records_max, 0)
        batch = reader.cut(kept, records_max)
        assert batch
        assert len(batch) <= records_max
        assert size_of(batch[:-1]) < bytes_max
        assert len(kept) <= CHUNK_RECORDS_MAX
        read += batch
    assert read == coming


@given(st.lists(st.sampled_from([0, 10, 1_000, 900_000, 3_000_000])))
def test_no_statement_takes_more_than_a_slice_but_for_one_record(sizes: Sequence[int]) -> None:
    raws = [Raw("t", 0, n, 0, None, bytes(size), []) for n, size in enumerate(sizes)]
    parts = [raws[part] for part in slices(raws)]
    assert [raw for part in parts for raw in part] == raws
    assert all(len(part) == 1 or sum(map(kept_bytes, part)) <= SLICE_BYTES for part in parts)


def _consumed(log: Broker, domains: Sequence[str] = ("evaluation",)) -> int:
    kafka = log.settings.kafka
    until = [[topic, n, end] for (topic, n), end in log.ends().items()]
    work: dict[str, Any] = {"domains": list(domains), "kafka": kafka.client(), "until": until}
    return peak_of([], {**work, "dsn": log.settings.postgres.dsn("consumer"), "namespace": kafka.namespace})


@pytest.mark.parametrize(("codec", "tens"), [("zstd", 30), ("gzip", 4)])
def test_records_that_compress_to_nothing_are_dead_and_the_good_ones_land(log: Broker, codec: str, tens: int) -> None:
    log.producer = log.producing(compression_type=codec, linger_ms=0)
    good = list(world(rows=3))
    log.publish(*good[:2])
    for _ in range(tens):
        log.put_all([(TOPIC, b"bomb%d" % n, bytes(LARGE_BYTES)) for n in range(10)])
    log.publish(*good[2:])
    peak = _consumed(log)
    assert log.adds_up()
    counts = log.counts()
    assert (counts["dead"], counts["parked"]) == (10 * tens, 0)
    assert counts["applied"] + counts["released"] == len(good)
    assert log.query("SELECT DISTINCT reason, size, truncated, digest FROM ledger.dead") == [
        ("too-large", LARGE_BYTES, True, sha256(bytes(LARGE_BYTES)).hexdigest())
    ]
    assert log.query("SELECT DISTINCT octet_length(value) FROM ledger.dead") == [(PREFIX_BYTES,)]
    assert peak < LIMIT_BYTES, f"{peak >> 20} MiB"


def test_batches_of_many_records_that_compress_to_nothing(log: Broker) -> None:
    """A batch is decompressed at once, whatever it comes to: 78 MB in a few large records, 20 MB in many small ones."""
    wide = {"message_max_bytes": 100_000_000, "batch_size": 100_000_000, "batch_num_messages": 1_000_000}
    log.producer = log.producing(compression_type="zstd", linger_ms=500, **wide)
    for _ in range(3):
        log.put_all([(TOPIC, b"same", bytes(LARGE_BYTES)) for _ in range(20)])
    log.put_all([(TOPIC, b"same", bytes(KEPT_BYTES_MAX)) for _ in range(40)])
    log.put_all([(TOPIC, b"same", bytes(1000)) for _ in range(20_000)])
    peak = _consumed(log)
    assert log.adds_up()
    assert log.counts()["dead"] == 60 + 40 + 20_000
    assert peak < LIMIT_BYTES, f"{peak >> 20} MiB"


def _alter(log: Broker, how: str) -> None:
    with psycopg.connect(log.settings.postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute(f"ALTER TABLE evaluation.datasets {how}".encode())


def test_what_is_kept_in_part_is_redriven_from_the_log_while_it_has_it(log: Broker) -> None:
    settings = log.settings
    topic, key, value = event_of(next(iter(world(rows=1))))
    log.producer = log.producing(compression_type="zstd")
    _alter(log, "ADD CONSTRAINT wrong CHECK (name = '')")
    with consuming(settings):
        (place, offset) = log.put(topic, key, value, [(f"h{n}", bytes(40_000)) for n in range(60)])
        until(lambda: look(settings).total.dead == 1)
        assert log.query("SELECT jsonb_array_length(headers), truncated FROM ledger.dead") == [(1, True)]
        _alter(log, "DROP CONSTRAINT wrong")
        operations.redrive(settings, {}, "the rule is gone")
        until(lambda: look(settings).total.dead == 0)
        assert log.query("SELECT count(*) FROM evaluation.datasets") == [(1,)]
        # And what the log has no more stays dead, and says so.
        (place, offset) = log.put(topic, key, b" " * LARGE_BYTES)
        until(lambda: look(settings).total.dead == 1)
        gone = TopicPartition(settings.kafka.named(topic), place[1], offset + 1)
        for future in log.admin.delete_records([gone]).values():
            future.result()
        operations.redrive(settings, {}, "in vain")
        until(lambda: log.query("SELECT handled FROM ledger.dead") == [(1,)])
    ((reason, message),) = log.query("SELECT reason, message FROM ledger.dead")
    assert reason == "too-large"
    assert "the log no longer has the record" in message
