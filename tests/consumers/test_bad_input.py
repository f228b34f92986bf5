"""Whatever lies in the log ends applied, parked or dead, says why, and stands in nobody's way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consumers.dead import BREAKER_RECORDS_MIN, PREFIX_BYTES, CircuitBroken, decode_headers
from consumers.loop import Limits
from schema.envelope import VALUE_BYTES_MAX
from tests.consumers.broker import Broker, Header, event_of, running, until
from tests.consumers.lines import Line, job, model, moved, prediction, row, world

ROWS = 40
TOPIC = "evaluation.predictions"
HEADERS: list[Header] = [("trace", b"\x00\xff\xfe"), ("empty", b""), ("none", None), ("trace", b"again"), ("é", b"1")]

Record = tuple[str, bytes | None, bytes | None]
Told = tuple[str, ...]
"""What the message must say: what is wrong, where, and what to do."""


def bent(line: Line, **outer: Any) -> Record:
    """An event with attributes of its envelope changed, under the key it would have had."""
    topic, key, value = event_of(line)
    document = {name: each for name, each in {**json.loads(value), **outer}.items() if each is not ...}
    return topic, key, json.dumps(document).encode()


def bent_data(line: Line, **data: Any) -> Record:
    """An event with fields of its data changed."""
    both = {**line["data"], **data}
    return bent(line, data={name: each for name, each in both.items() if each is not ...})


def replaced(line: Line, old: bytes, new: bytes) -> Record:
    """An event with some of its bytes changed."""
    topic, key, value = event_of(line)
    assert old in value
    return topic, key, value.replace(old, new)


def value_of(line: Line, value: bytes | None) -> Record:
    """Any value under the key of an event."""
    return (*event_of(line)[:2], value)


def soon() -> str:
    return (datetime.now(UTC) + timedelta(minutes=6)).isoformat()


PREDICTION = prediction(1)
BAD: dict[str, tuple[Callable[[], Record], str, Told]] = {
    "not JSON": (lambda: value_of(PREDICTION, b"hello"), "not-json", ("Invalid JSON", "send one JSON object")),
    "half of it": (lambda: value_of(PREDICTION, event_of(PREDICTION)[2][:80]), "not-json", ("EOF", "send one JSON")),
    "not UTF-8": (lambda: value_of(PREDICTION, b'{"a":"\xff"}'), "not-utf8", ("byte 6", "encode the record as UTF-8")),
    "UTF-16": (lambda: value_of(PREDICTION, "{}".encode("utf-16")), "not-utf8", ("byte 0", "encode the record")),
    "empty": (lambda: value_of(PREDICTION, b""), "empty", ("has no value", "send an event")),
    "tombstone": (lambda: value_of(PREDICTION, None), "empty", ("has no value", "events are never deleted")),
    "a list": (lambda: value_of(PREDICTION, b"[1,2]"), "envelope", ("object", "send a CloudEvents 1.0 envelope")),
    "no envelope": (lambda: value_of(PREDICTION, b'{"row_id":1}'), "envelope", ("no envelope", "binary mode")),
    "old envelope": (lambda: bent(PREDICTION, specversion="0.3"), "envelope", ("specversion", "1.0", "send a Cloud")),
    "no id": (lambda: bent(PREDICTION, id=...), "envelope", ("id: is missing", "send a CloudEvents 1.0 envelope")),
    "odd id": (lambda: bent(PREDICTION, id="7"), "envelope", ("id: ", "'7'", "send a CloudEvents 1.0 envelope")),
    "no data": (lambda: bent(PREDICTION, data=None), "envelope", ("data: ", "None", "send a CloudEvents")),
    "unknown type": (
        lambda: bent(PREDICTION, type="evaluation.prediction.guessed.v1"), "unknown-type",
        ("evaluation.prediction.guessed.v1 is not declared", "this topic takes evaluation.prediction.failed.v1"),
    ),
    "NUL in the type": (lambda: bent(PREDICTION, type="a\x00b"), "unknown-type", ("is not declared", "topic takes")),
    "endless type": (lambda: bent(PREDICTION, type="x" * 9999), "unknown-type", ("is not declared", "topic takes")),
    "unknown version": (
        lambda: bent(PREDICTION, type="evaluation.prediction.recorded.v9"), "unknown-version",
        ("evaluation.prediction.recorded.v9", "known is evaluation.prediction.recorded.v1", "use that"),
    ),
    "missing field": (lambda: bent_data(PREDICTION, row_id=...), "missing-field", ("row_id: is missing", "add it")),
    "extra field": (
        lambda: bent_data(PREDICTION, mood="good"), "extra-field",
        ("data.mood: is not a declared field", "'good'", "remove it, or publish a version"),
    ),
    "extra field with NUL": (lambda: bent_data(PREDICTION, **{"a\x00b": 1}), "extra-field", ("data.'a", "remove it")),
    "text for a number": (
        lambda: bent_data(PREDICTION, row_id="1"), "wrong-type", ("data.row_id", "integer", "'1'", "the declared type"),
    ),
    "number for a text": (
        lambda: bent_data(PREDICTION, prediction=1), "wrong-type", ("data.prediction", "string", "the declared type"),
    ),
    "huge number": (
        lambda: bent_data(PREDICTION, tokens=2**31), "out-of-range",
        ("data.tokens", "less than or equal to 2147483647", "send a value in the declared range"),
    ),
    "naive time": (
        lambda: bent(PREDICTION, time="2026-03-01T10:00:00"), "naive-time",
        ("time: must name its time zone", "append Z or an offset"),
    ),
    "naive time inside": (
        lambda: replaced(claim(), b"2026-03-01T11:00:00Z", b"2026-03-01T11:00:00"), "naive-time",
        ("data.lease_until: must name its time zone", "append Z or an offset"),
    ),
    "NaN": (
        lambda: replaced(PREDICTION, b"0.25", b"NaN"), "out-of-range",
        ("data.prediction_time", "finite number", "send a value in the declared range"),
    ),
    "infinity": (
        lambda: replaced(PREDICTION, b"0.25", b"1e999"), "out-of-range",
        ("data.prediction_time", "finite number", "send a value in the declared range"),
    ),
    "negative seconds": (
        lambda: bent_data(PREDICTION, prediction_time=-0.5), "out-of-range",
        ("data.prediction_time", "greater than or equal to 0", "-0.5", "send a value in the declared range"),
    ),
    "NUL in text": (
        lambda: bent_data(PREDICTION, prediction="a\x00b"), "nul",
        ("data.prediction", "NUL (U+0000)", "remove the character"),
    ),
    "lone surrogate": (
        lambda: replaced(PREDICTION, b'"positive"', b'"\\ud800"'), "surrogate",
        ("hex escape", "line 1 column", "as a pair of escapes or as UTF-8"),
    ),
    "surrogate as UTF-8": (
        lambda: replaced(PREDICTION, b'"positive"', b'"\xed\xa0\x80"'), "not-utf8", ("byte ", "encode the record"),
    ),
    "2 MB": (
        lambda: bent_data(PREDICTION, formatted_prompt="x" * 2_000_000), "too-large",
        ("2000", "of at most 1000000", "keep the bulk elsewhere"),
    ),
    "2 MB of nothing": (lambda: value_of(PREDICTION, bytes(2_000_000)), "too-large", ("2000000 b", "keep the bulk")),
    "wrong topic": (
        lambda: (TOPIC, *event_of(job(1))[1:]), "wrong-topic",
        ("evaluation.job.submitted.v1", "belongs into the topic evaluation.jobs", "publish it there"),
    ),
    "another key": (
        lambda: (TOPIC, b"9:9:9", event_of(PREDICTION)[2]), "wrong-key",
        ("key is '9:9:9'", "declared one is '1:1:1'", "publish it under the declared key"),
    ),
    "odd key": (lambda: (TOPIC, b"\xff\x00", event_of(PREDICTION)[2]), "wrong-key", ("\\xff", "the declared key")),
    "no key": (lambda: (TOPIC, None, event_of(PREDICTION)[2]), "wrong-key", ("key is none", "under the declared key")),
    "the future": (
        lambda: bent(prediction(30), time=soon()), "future-time",
        ("more than 5 minutes after the record was appended", "set the producer's clock right"),
    ),
    "rival": (
        lambda: event_of(prediction(1, "negative")), "rival",
        ("row_id=1", "the first in the partition stays", "publish a correction under a key of its own"),
    ),
    "rival in the catalog": (
        lambda: event_of(row(1, content="another text")), "rival", ("row_id=1", "the first in the partition stays"),
    ),
}  # fmt: skip
"""Kind -> (how to make one, the reason it is dead for, what its message says)."""


def claim() -> Line:
    key = {"model_id": 1, "prompt_id": 1, "dataset_id": 1, "row_id": 1, "attempt": 1}
    data = {**key, "worker": "w", "lease_until": "2026-03-01T11:00:00Z"}
    return {"type": "evaluation.task.claimed.v1", "time": "2026-03-01T10:00:00Z", "data": data}


@pytest.fixture
def begun(log: Broker) -> Broker:
    """A log with a small world in it."""
    log.publish(*world(rows=ROWS))
    return log


def said(log: Broker) -> dict[int, str]:
    """Row -> what model 1 predicted, as the table has it."""
    return dict(log.query("SELECT row_id, prediction FROM evaluation.predictions WHERE model_id = 1"))


def test_every_kind_of_bad_record_is_dead_and_says_why(begun: Broker) -> None:
    begun.publish(prediction(1))
    sent: dict[tuple[str, int, int], tuple[str, Record]] = {}
    for n, (kind, (make, _, _)) in enumerate(BAD.items()):
        record = make()
        (topic, partition), offset = begun.put(*record, headers=HEADERS)
        sent[topic, partition, offset] = kind, record
        begun.publish(prediction(2 + n % (ROWS - 1)))
    begun.fill()
    assert begun.positions().items() >= begun.ends().items()
    names = 'topic, partition, "offset", key, value, headers, reason, sqlstate, message, append_time'
    rows = begun.query(f"SELECT {names} FROM ledger.dead")
    found = {sent[row[:3]][0]: row[3:] for row in rows}
    assert {kind: row[3] for kind, row in found.items()} == {kind: reason for kind, (_, reason, _) in BAD.items()}
    for kind, record in sent.values():
        key, value, headers, _, sqlstate, message, appended = found[kind]
        whole = record[2] is None or len(record[2]) <= VALUE_BYTES_MAX
        assert (key, value) == (record[1], record[2] if whole else (record[2] or b"")[:PREFIX_BYTES]), kind
        assert decode_headers(headers) == HEADERS, kind
        assert sqlstate is None, kind
        assert abs((datetime.now(UTC) - appended).total_seconds()) < 300, kind
        for told in BAD[kind][2]:
            assert told in message, kind
    assert said(begun) == dict.fromkeys(range(1, ROWS + 1), "positive")
    assert begun.adds_up()


def test_records_of_aborted_transactions_are_not_there_and_markers_are_passed(begun: Broker) -> None:
    lines = [prediction(n) for n in range(1, ROWS + 1)]
    begun.publish_in_transactions(lines, size=7, id_="one")
    begun.put(*BAD["not JSON"][0]())
    begun.publish_in_transactions([prediction(3), prediction(1, "negative")], size=1, id_="two")
    begun.fill()
    assert begun.positions().items() >= begun.ends().items()
    assert sum(begun.ends().values()) > len(begun.places) + ROWS
    assert said(begun) == dict.fromkeys(range(1, ROWS + 1), "positive")
    assert begun.adds_up()
    assert begun.counts()["dead"] == 2


def test_what_refers_to_nothing_waits_and_the_rest_goes_on(begun: Broker) -> None:
    begun.publish(prediction(1, model_id=77), prediction(2), moved("stopped", model_id=77), prediction(999))
    begun.fill()
    waiting = begun.query("SELECT parent_table, parent_key FROM ledger.parked ORDER BY 1, 2")
    assert [table for table, _ in waiting] == [
        "evaluation.modelpromptstatus", "evaluation.predictionstatus", "evaluation.predictionstatus",
    ]  # fmt: skip
    assert sorted(key["row_id"] for table, key in waiting if table.endswith("predictionstatus")) == [1, 999]
    assert said(begun) == {2: "positive"}
    assert begun.adds_up()
    assert (begun.counts()["parked"], begun.counts()["dead"]) == (3, 0)


def test_references_that_come_later_release_what_waited(begun: Broker) -> None:
    begun.publish(prediction(1, model_id=2), prediction(1, "negative", model_id=2), moved("stopped", model_id=2))
    begun.publish(*(prediction(n, model_id=2) for n in range(2, 30)))
    begun.fill()
    assert begun.counts()["parked"] == 31
    # An hour later is any time after the commit: nothing in the ledger ages.
    begun.publish(job(2), prediction(30, model_id=2), model(2))
    begun.fill()
    assert begun.query("SELECT count(*) FROM ledger.parked") == [(0,)]
    assert begun.counts()["released"] >= 30
    assert begun.query("SELECT reason FROM ledger.dead") == [("rival",)]
    answers = begun.query("SELECT row_id, prediction FROM evaluation.predictions WHERE model_id = 2 ORDER BY 1")
    assert answers == [(n, "positive") for n in range(1, 31)]
    assert begun.query("SELECT event_status FROM evaluation.modelpromptstatus WHERE model_id = 2") == [("stop",)]
    assert begun.adds_up()


def rubbish(count: int, share: float) -> Iterator[Record]:
    """Records of one partition, evenly mixed of which a share is bad."""
    good = event_of(prediction(1))
    for n in range(count):
        bad = int((n + 1) * share) > int(n * share)
        yield value_of(PREDICTION, b"rubbish") if bad else good


def test_a_topic_of_rubbish_is_set_aside_before_it_drains(begun: Broker) -> None:
    begun.put_all(rubbish(3_000, share=0.7))
    loop = begun.loop(limits=Limits(batch_records_max=100))
    with running(loop) as (consumer,):
        told = until(lambda: loop.heartbeat.failures.get("topic evaluation.predictions"))
        assert re.search(r"CircuitBroken: \d+ of the last \d+ records of evaluation.predictions are dead", told.error)
        begun.publish(model(7))
        until(lambda: begun.query("SELECT FROM evaluation.models WHERE model_id = 7"))
        assert not consumer.ended
    with pytest.raises(CircuitBroken):
        begun.fill()
    counts = begun.counts()
    assert 0 < counts["dead"] < BREAKER_RECORDS_MIN + 100
    assert begun.query("SELECT count(*)::int FROM ledger.dead") == [(counts["dead"],)]
    assert begun.query("SELECT max(position) < 3000 FROM ledger.offset WHERE topic = %s", TOPIC) == [(True,)]


def test_a_minority_of_rubbish_does_not_stop_it(begun: Broker) -> None:
    begun.put_all(rubbish(3_000, share=0.4))
    with running(begun.loop(limits=Limits(batch_records_max=500))):
        until(begun.caught_up)
    assert begun.counts()["dead"] == 1_200
    assert said(begun) == {1: "positive"}
    assert begun.adds_up()


def test_a_limit_may_be_raised_for_records_that_really_are_bad(begun: Broker) -> None:
    begun.put_all(rubbish(1_000, share=1.0))
    with running(begun.loop(limits=Limits(dead_share_max=1.0))):
        until(begun.caught_up)
    assert begun.counts()["dead"] == 1_000
    assert begun.adds_up()
