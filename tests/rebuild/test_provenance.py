"""Records that consumers refuse are behind no row, and stop neither provenance nor a proof."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import Producer
from psycopg.sql import SQL, Literal

from podium.rebuild import prove
from podium.settings import Settings
from schema import DOMAINS
from schema.declare import Domain
from schema.envelope import record_key
from tests.log import envelope, story
from tests.rebuild.conftest import damage, fill_up, name_of

DOMAIN = next(domain for domain in DOMAINS if domain.name == "evaluation")
TABLE = next(table for table in DOMAIN.tables if table.name == "predictions")


def _refused(domain: Domain) -> Iterator[tuple[str, int, bytes, bytes]]:
    """Topic, partition, key and value of repeats in another partition, and of values that break a decoder."""
    for line in story(domain):
        event = domain.by_type[line["type"]]
        model = event.model.model_validate(line["data"], strict=False)
        key = record_key(event, {name: getattr(model, name) for name in event.columns})
        value = envelope(event, line)
        for partition in range(domain.topics[event.topic]):
            yield event.topic, partition, key, value
        yield event.topic, 0, key, b"[" * 100_000
        yield event.topic, 0, key, value.replace(b'"time":', b'"time":1e17,"was":', 1)


def _publish(settings: Settings, records: Iterator[tuple[str, int, bytes, bytes]]) -> None:
    producer = Producer(settings.kafka.client())
    for topic, partition, key, value in records:
        producer.produce(settings.kafka.named(topic), value, key, partition)
    assert producer.flush(20) == 0


def _places(wrong: list[prove.Wrong]) -> set[tuple[str, int, int]]:
    return {(event["topic"], event["partition"], event["offset"]) for one in wrong for event in one.events}


@pytest.fixture
def domain() -> Domain:
    return DOMAIN


def test_refused_records_are_behind_no_row(live: Settings) -> None:
    _publish(live, _refused(DOMAIN))
    fill_up(live, DOMAIN)
    damage(live, TABLE, SQL("DELETE FROM {}").format(name_of(TABLE)))
    proof = prove.verify(live, [DOMAIN], [TABLE.fullname])
    wrong = [one for table in proof.tables for one in table.wrong]
    assert wrong
    assert all(one.kind == "missing" and one.events for one in wrong)
    query = SQL('SELECT topic, partition, "offset" FROM ledger.dead WHERE reason = {}').format(
        Literal("wrong-partition")
    )
    dead = damage(live, TABLE, query)
    assert len(dead) > len(wrong)
    assert not _places(wrong) & set(dead)
