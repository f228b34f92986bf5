"""podium status adds up, and its verdicts say what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from confluent_kafka import Producer as Client

from consumers.loop import Loop
from podium import status, topics
from podium.client import Producer
from podium.settings import Settings
from podium.status import Log, Position, judge
from schema import DOMAINS, LEDGER
from tests.consumers.test_relay import relaying
from tests.podium.command import podium
from tests.podium.log import until

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLACE = ("a.jobs", 0)
DECLARED = (LEDGER, *DOMAINS)


@pytest.fixture
def settings(database: Settings) -> Settings:
    topics.apply(database.kafka, topics.wanted(DOMAINS, database.kafka))
    return database


@contextmanager
def consuming(settings: Settings) -> Iterator[Loop]:
    kafka = settings.kafka
    loop = Loop(DECLARED, kafka.client(), settings.postgres.dsn("consumer"), kafka.namespace)
    stop = Event()
    thread = Thread(target=loop.run, args=[stop], daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def look(settings: Settings) -> status.Status:
    return status.look(settings, DECLARED, sample_seconds=0.1)


def model(n: int) -> dict[str, object]:
    return {"model_id": n, "name": f"model {n}", "source": "test", "description": None, "library": "test"}


def at(position: int, **more: object) -> Position:
    return Position(*PLACE, position=position, topic_id="t", updated_at=NOW, **more)  # type: ignore[arg-type]


def log(end: int, held: bool = True, topic_id: str = "t") -> Log:
    return Log({PLACE: end}, {PLACE[0]: topic_id}, frozenset([PLACE] if held else []))


@pytest.mark.parametrize(
    ("verdict", "row", "ends", "moved", "was", "seconds"),
    [
        ("OK", at(10), log(10), 0, 0, 60),
        ("OK", at(10), log(10, held=False), 0, 0, 60),
        ("OK", at(10), log(12), 0, 2, 0.1),
        ("OK", at(10), log(20), 5, 15, 0.1),
        ("WARN", at(10), log(40), 5, 15, 0.1),
        ("STALL", at(10), log(12), 0, 2, 60),
        ("STOP", at(10), log(12, held=False), 0, 2, 60),
        ("ERR", at(10), log(9), 0, 0, 60),
        ("ERR", at(10), log(10, topic_id="another"), 0, 0, 60),
        ("ERR", at(10, read=3, applied=2), log(10), 0, 0, 60),
        ("ERR", at(10), Log({}, {}, frozenset()), 0, 0, 60),
    ],
)
def test_verdicts(verdict: str, row: Position, ends: Log, moved: int, was: int, seconds: float) -> None:
    found, why = judge(PLACE, row, ends, moved=moved, was=was, now=NOW + timedelta(seconds=seconds))
    assert found == verdict
    assert bool(why) == (verdict != "OK")


def test_without_a_consumer_what_waits_is_a_stop(settings: Settings) -> None:
    with Producer(settings, source="test") as producer:
        producer.publish("evaluation.model.registered.v1", model(1))
    found = look(settings)
    (row,) = [row for row in found.partitions if row.lag]
    assert (row.verdict, row.lag, row.owner) == ("STOP", 1, None)
    assert 0 <= row.lag_seconds < 60
    assert not found.good
    assert found.total.adds_up
    assert not found.total.caught_up


def test_it_adds_up_with_aborted_transactions_and_markers_in_the_log(settings: Settings) -> None:
    topic = settings.kafka.named("evaluation.catalog")
    client = Client(settings.kafka.client(transactional_id=settings.kafka.named("test")))
    client.init_transactions(20)
    for commits in (True, False, True):
        client.begin_transaction()
        for n in range(20):
            client.produce(topic, b"not an event", str(n).encode())
        client.flush(20)
        client.commit_transaction(20) if commits else client.abort_transaction(20)
    with Producer(settings, source="test") as producer:
        producer.publish_many("evaluation.model.registered.v1", map(model, range(1, 101)))
    # Letters that nobody relays are work that waits.
    with consuming(settings), relaying(settings):
        until(lambda: look(settings).total.caught_up, 40)
        until(lambda: look(settings).good, 40)
        found = look(settings)
    total = found.total
    assert (total.read, total.applied, total.parked, total.released, total.dead) == (140, 100, 0, 0, 40)
    assert total.adds_up
    assert found.good
    assert sum(row.end for row in found.partitions) > 160
    assert {(reason.topic, reason.letters) for reason in found.dead} == {("evaluation.catalog", 40)}
    assert all(row.owner for row in found.partitions)


def test_the_command_tells_the_same_and_ends_accordingly(settings: Settings) -> None:
    good = podium(settings, "status", "--json")
    assert good.returncode == 0, good.stderr
    assert json.loads(good.stdout)["total"]["read"] == 0
    with Producer(settings, source="test") as producer:
        producer.publish("evaluation.model.registered.v1", model(1))
    bad = podium(settings, "status", "--json")
    document = json.loads(bad.stdout)
    assert (bad.returncode, document["good"]) == (1, False)
    assert [row["verdict"] for row in document["partitions"] if row["lag"]] == ["STOP"]
    (bad_place,) = [fault["what"] for fault in document["faults"]]
    told = podium(settings, "status").stdout.splitlines()
    assert told[0] == "1 thing stands still: " + bad_place
    assert told[1] == f"  STOP  {bad_place}: no consumer holds it: podium run"
    assert max(map(len, told)) <= 100


def test_a_database_without_tables_is_named(broker: Settings) -> None:
    bare = broker.model_copy(update={"postgres": broker.postgres.at("postgres")})
    refused = podium(bare, "status")
    assert refused.returncode == 1
    assert "podium db upgrade" in refused.stderr


def test_dead_letters_are_listed_and_shown(settings: Settings) -> None:
    client = Client(settings.kafka.client())
    client.produce(settings.kafka.named("evaluation.jobs"), b"\xff", b"key", 2, headers=[("trace", b"abc")])
    client.flush(20)
    with consuming(settings):
        until(lambda: look(settings).total.dead == 1, 40)
    listed = podium(settings, "dead", "list", "--topic", "evaluation.jobs", "--json")
    (letter,) = json.loads(listed.stdout)
    assert (letter["topic"], letter["partition"], letter["offset"]) == ("evaluation.jobs", 2, 0)
    assert podium(settings, "dead", "list", "--reason", "no such reason", "--json").stdout.strip() == "[]"
    shown = json.loads(podium(settings, "dead", "show", "evaluation.jobs", "2", "0", "--json").stdout)
    assert (shown["key"], shown["value"], shown["headers"]) == ("key", "base64:/w==", [["trace", "abc"]])
    assert shown["reason"] == letter["reason"]
    missing = podium(settings, "dead", "show", "evaluation.jobs", "2", "1")
    assert (missing.returncode, "PD062" in missing.stderr) == (1, True)
