"""An idea of its own of what the tables must hold: it reads the log and the database, and nothing of ours.

It knows the story's rules alone: the first record of a natural key counts, in the partition where its key belongs; an
answer is right if it says the row's label; a model's score is the share of its right answers.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import psycopg
from confluent_kafka import Consumer, TopicPartition

from tests.faults.hostile import DEAD, FATE, murmur2

TOPICS = ("catalog", "jobs", "predictions", "scores")
PARTITIONS = 4
READ_SECONDS_MAX = 60.0
DIFFERENCES_MAX = 20

Place = tuple[str, int, int]
"""Topic, partition, offset."""


@dataclass
class Expected:
    """What the log says must be in the tables."""

    labels: dict[int, str] = field(default_factory=dict)
    """Row -> the label it was given first."""
    answers: dict[tuple[int, int, int], tuple[str, str]] = field(default_factory=dict)
    """(model, row, attempt) -> type and answer of the first record in its partition."""
    dead: set[Place] = field(default_factory=set)
    read: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Committed records by partition."""


def differences(bootstrap: str, namespace: str, dsn: str) -> list[str]:
    """What the tables and boards hold other than the log says; empty if nothing."""
    expected = Expected()
    for place, key, value, fate in committed(bootstrap, namespace):
        take(expected, place, key, value, fate)
    with psycopg.connect(dsn, autocommit=True) as connection:
        found = [*_counts(connection, expected), *_dead(connection, expected), *_answers(connection, expected)]
        found += [*_scores(connection, expected), *_boards(connection, expected)]
    return found[:DIFFERENCES_MAX]


def committed(bootstrap: str, namespace: str) -> Iterator[tuple[Place, bytes | None, bytes | None, bytes | None]]:
    """Every committed record of the topics, with its fate if it was given one. Raises AssertionError when late."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap, "group.id": namespace + "checker", "isolation.level": "read_committed",
            "enable.auto.commit": False, "enable.partition.eof": True, "auto.offset.reset": "error", "log_level": 2,
        }
    )  # fmt: skip
    places = [TopicPartition(f"{namespace}evaluation.{name}", n, 0) for name in TOPICS for n in range(PARTITIONS)]
    consumer.assign(places)
    left = len(places)
    try:
        while left:
            batch = consumer.consume(1_000, READ_SECONDS_MAX)
            assert batch, f"{left} partitions could not be read to their end"
            for message in batch:
                if message.error() is not None:
                    left -= 1
                    continue
                fate = dict(message.headers() or []).get(FATE)
                topic = str(message.topic())[len(namespace) :]
                place = (topic, int(message.partition() or 0), int(message.offset() or 0))
                yield place, _bytes(message.key()), _bytes(message.value()), _bytes(fate)
    finally:
        consumer.close()


def _bytes(value: Any) -> bytes | None:
    return value.encode() if isinstance(value, str) else value


def take(expected: Expected, place: Place, key: bytes | None, value: bytes | None, fate: bytes | None) -> None:
    """Add one record of the log."""
    topic, partition, _ = place
    expected.read[topic, partition] += 1
    if fate == DEAD or value == b"rubbish":
        expected.dead.add(place)
        return
    assert key is not None
    assert value is not None
    assert murmur2(key) % PARTITIONS == partition, f"{place}: the story itself is in a wrong partition"
    event = json.loads(value)
    data, type_ = event["data"], event["type"]
    if type_ == "evaluation.row.added.v1":
        expected.labels.setdefault(data["row_id"], data["expected_prediction"])
    elif type_.startswith("evaluation.prediction."):
        own = (data["model_id"], data["row_id"], data.get("attempt", 1))
        said = (type_, data.get("prediction", ""))
        if expected.answers.setdefault(own, said) != said:
            expected.dead.add(place)


def _counts(connection: psycopg.Connection[Any], expected: Expected) -> Iterator[str]:
    query = 'SELECT topic, partition, "read", applied + parked + released + dead, parked FROM ledger.offset'
    for topic, partition, read, sum_, parked in connection.execute(query):
        if topic.endswith(".leaderboards") or topic.startswith("podium."):
            continue
        there = expected.read[topic, partition]
        if not read == sum_ == there:
            yield f"{topic}[{partition}]: {there} records in the log, {read} read, {sum_} accounted for"
        if parked:
            yield f"{topic}[{partition}]: {parked} still parked"


def _dead(connection: psycopg.Connection[Any], expected: Expected) -> Iterator[str]:
    rows = connection.execute('SELECT topic, partition, "offset", reason FROM ledger.dead').fetchall()
    reasons = {row[:3]: row[3] for row in rows}
    yield from (f"{place} is dead ({reasons[place]}), and need not be" for place in reasons.keys() - expected.dead)
    yield from (f"{place} should be dead, and is not" for place in expected.dead - reasons.keys())


def _answers(connection: psycopg.Connection[Any], expected: Expected) -> Iterator[str]:
    query = "SELECT model_id, row_id, attempt, prediction FROM evaluation.predictions WHERE status = 'success'"
    rows = connection.execute(query).fetchall()
    found = {(model, row, attempt): said for model, row, attempt, said in rows}
    recorded = {own: said for own, (type_, said) in expected.answers.items() if type_.endswith("recorded.v1")}
    for own in sorted(recorded.keys() | found.keys()):
        if found.get(own) != recorded.get(own):
            yield f"answer {own}: the log says {recorded.get(own)!r}, the table {found.get(own)!r}"


def _right(expected: Expected) -> dict[tuple[int, int, int], bool]:
    return {
        own: said == expected.labels[own[1]]
        for own, (type_, said) in expected.answers.items()
        if type_.endswith("recorded.v1")
    }


def _scores(connection: psycopg.Connection[Any], expected: Expected) -> Iterator[str]:
    rows = connection.execute("SELECT model_id, row_id, attempt, correct FROM evaluation.scores").fetchall()
    found = {(model, row, attempt): bool(correct) for model, row, attempt, correct in rows}
    right = _right(expected)
    if len(rows) != len(found):
        yield f"{len(rows) - len(found)} scores are there twice"
    for own in sorted(right.keys() | found.keys()):
        if found.get(own) != right.get(own):
            yield f"score of {own}: {found.get(own)} instead of {right.get(own)}"


def _boards(connection: psycopg.Connection[Any], expected: Expected) -> Iterator[str]:
    query = (
        "SELECT DISTINCT ON (board) entries FROM ledger.snapshot WHERE board LIKE 'evaluation.accuracy.%'"
        " ORDER BY board, cut_at DESC"
    )
    boards = connection.execute(query).fetchall()
    if len(boards) != 1:
        yield f"{len(boards)} boards of accuracy instead of one"
        return
    entries: list[Mapping[str, Any]] = json.loads(boards[0][0], parse_float=Decimal)
    shares = _shares(expected)
    found = {entry["model_id"]: Decimal(str(entry["score"])) for entry in entries}
    for model in sorted(shares.keys() | found.keys()):
        if found.get(model) != shares.get(model):
            yield f"model {model}: score {found.get(model)} on the board, {shares.get(model)} by the log"
    for entry in entries:
        rank = 1 + sum(share > shares[entry["model_id"]] for share in shares.values())
        if entry["rank"] != rank:
            yield f"model {entry['model_id']}: rank {entry['rank']} on the board, {rank} by the log"


def _shares(expected: Expected) -> dict[int, Decimal]:
    right, all_ = Counter[int](), Counter[int]()
    for (model, _, _), correct in _right(expected).items():
        right[model] += correct
        all_[model] += 1
    unit = Decimal("0.0001")
    return {model: (Decimal(right[model]) / n).quantize(unit, ROUND_HALF_EVEN) for model, n in all_.items()}
