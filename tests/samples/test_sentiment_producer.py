"""A classifier at work on a real log: every row once, shared with others, taken over from the dead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import Thread
from time import monotonic
from typing import Any

import pytest

from podium import topics
from podium.client import Producer
from podium.settings import Settings
from samples.pace import paced
from samples.sentiment import load, producer
from samples.sentiment.catalog import submit
from samples.sentiment.claims import JobLog
from samples.sentiment.classifiers import CLASSIFIERS
from samples.sentiment.corpus import Dataset
from samples.sentiment.registry import Registry, ask
from schema import DOMAINS
from tests.podium.log import events, size, until

MODEL = CLASSIFIERS["lexicon-sum"]
ROWS = 600
CLAIMED, RELEASED = "evaluation.task.claimed.v1", "evaluation.task.released.v1"


@pytest.fixture
def settings(broker: Settings) -> Settings:
    topics.apply(broker.kafka, topics.wanted(DOMAINS, broker.kafka))
    return broker


@pytest.fixture(scope="module")
def texts() -> list[Dataset]:
    return [Dataset(one.name, one.description, one.rows[:ROWS]) for one in load()[:2]]


@pytest.fixture
def publisher(settings: Settings) -> Iterator[Producer]:
    with Producer(settings, source="test") as one:
        yield one


@pytest.fixture
def registry(publisher: Producer, texts: list[Dataset]) -> Registry:
    """With a job of the model on each dataset."""
    found = ask(publisher, texts)
    for one in found.numbered:
        submit(publisher.publish, found.job(MODEL.name, one))
    publisher.flush()
    return found


def answered(settings: Settings, count: int) -> Counter[int]:
    """How often each row was answered, in a topic that must have so many answers."""
    found = Counter(event.data.row_id for event in events(settings, DOMAINS, "evaluation.predictions", count))
    assert found.total() == count == size(settings, "evaluation.predictions")
    return found


def every_row(registry: Registry) -> Counter[int]:
    return Counter(row_id for one in registry.numbered for row_id in one.row_ids)


def work(settings: Settings, texts: list[Dataset], into: list[int] | None = None) -> int:
    total = sum(producer.run(settings, MODEL, texts))
    if into is not None:
        into.append(total)
    return total


def test_who_asks_again_gets_the_same_ids(settings: Settings, publisher: Producer, texts: list[Dataset]) -> None:
    with Producer(settings, source="another") as other:
        assert ask(publisher, texts) == ask(other, texts)


def test_every_row_is_answered_once_and_a_second_run_finds_nothing_to_do(
    settings: Settings, registry: Registry, texts: list[Dataset]
) -> None:
    assert work(settings, texts) == 2 * ROWS
    assert answered(settings, 2 * ROWS) == every_row(registry)
    assert work(settings, texts) == 2 * ROWS
    assert answered(settings, 2 * ROWS) == every_row(registry)


def test_two_workers_share_the_rows(settings: Settings, registry: Registry, texts: list[Dataset]) -> None:
    totals: list[int] = []
    threads = [Thread(target=work, args=[settings, texts, totals], daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert totals == [2 * ROWS, 2 * ROWS]
    assert answered(settings, 2 * ROWS) == every_row(registry)


def test_rows_of_a_dead_worker_are_answered_once_they_are_released(
    settings: Settings, registry: Registry, texts: list[Dataset], publisher: Producer
) -> None:
    job, rows = registry.job(MODEL.name, registry.numbered[0]), registry.numbered[0].row_ids[:5]
    lease = {"worker": "dead", "lease_until": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
    for row_id in rows:
        publisher.publish(CLAIMED, {**job.key, "row_id": row_id, "attempt": 1, **lease})
    publisher.flush()
    totals: list[int] = []
    thread = Thread(target=work, args=[settings, texts, totals], daemon=True)
    thread.start()
    until(lambda: size(settings, "evaluation.predictions") == ROWS - len(rows), 60)
    for row_id in rows:
        publisher.publish(RELEASED, {**job.key, "row_id": row_id, "attempt": 2, "reason": "lease expired"})
    publisher.flush()
    thread.join(60)
    assert totals == [2 * ROWS]
    assert answered(settings, 2 * ROWS) == every_row(registry)
    attempts: Any = events(settings, DOMAINS, "evaluation.predictions", 2 * ROWS)
    assert {event.data.row_id for event in attempts if event.data.attempt == 2} == set(rows)


def test_what_is_no_event_decides_nothing(settings: Settings, registry: Registry, publisher: Producer) -> None:
    from confluent_kafka import Producer as Client

    job = registry.job(MODEL.name, registry.numbered[0])
    client = Client(settings.kafka.client(partitioner="murmur2_random"))
    for value in (b"\xff", b"{}", b"[]", None):
        key = ":".join(str(each) for each in job.key.values()).encode()
        client.produce(settings.kafka.named("evaluation.jobs"), value, key)
    client.flush(20)
    log = JobLog(settings.kafka, [job], "w")
    log.catch_up()
    assert log.claims(job).open
    log.close()


def test_the_pace_is_kept() -> None:
    begun = monotonic()
    assert list(islice(paced(iter([50] * 4), per_second=1000), 4)) == [50] * 4
    assert 0.14 < monotonic() - begun < 2
    assert list(paced(iter([10**9] * 3), per_second=0)) == [10**9] * 3
