"""Folds: decided once, at the deciding event, whoever comes, goes or dies, and whatever comes late or twice."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Event
from typing import Any

import msgspec
import pytest
from confluent_kafka import OFFSET_BEGINNING, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from podium.settings import Settings
from schema.declare import Misdeclared
from streams.fold import Folder, Folds
from streams.log import Log
from streams.supervise import keep
from tests.streams.conftest import World, running, until
from tests.streams.tossing import DOMAIN, FOLDING

TOPIC = "tossing.predictions"
Toss = tuple[int, str, str]
KILLS = 2


@pytest.fixture
def tossing(database: Settings) -> World:
    """Empty topics; the database serves for duties alone."""
    log = Log(database.kafka.client(), database.kafka.namespace, DOMAIN.topics)
    admin = AdminClient({"bootstrap.servers": database.kafka.bootstrap})
    config = {"message.timestamp.type": "LogAppendTime"}
    topics = [NewTopic(log.named(name), count, 1, config=config) for name, count in DOMAIN.topics.items()]
    for created in admin.create_topics(topics).values():
        created.result()
    return World(database, log, DOMAIN)


def folds(world: World) -> Folds:
    return Folds(world.log, world.dsn, DOMAIN, FOLDING)


def toss(world: World, *tosses: Toss) -> None:
    world.publish("coin.tossed.v1", *({"bet_id": bet, "toss": name, "side": side} for bet, name, side in tosses))


def won(world: World) -> list[tuple[int, str, int]]:
    """Every committed verdict in the log: bet, deciding toss, tosses."""
    ends = world.log.ends(["tossing.scores"])
    consumer = world.log.consumer("reader", {"enable.partition.eof": True})
    consumer.assign([TopicPartition(world.log.named(topic), n, OFFSET_BEGINNING) for topic, n in ends])
    reached, found = dict.fromkeys(ends, 0), []
    while any(reached[place] < end for place, end in ends.items()):
        for message in consumer.consume(1000, 0.2):
            whole: Any = message
            if whole.error() is None:
                found.append(tuple(msgspec.json.decode(whole.value())["data"].values()))
            reached["tossing.scores", whole.partition()] = whole.offset() + (whole.error() is None)
    consumer.close()
    return sorted(found)


def expected(goals: Mapping[int, int], tosses: Sequence[Toss]) -> list[tuple[int, str, int]]:
    """The verdicts by hand: repeats and rivals do not count."""
    decided: dict[int, tuple[int, str, int]] = {}
    seen: dict[int, dict[str, str]] = {}
    for bet, name, side in tosses:
        own = seen.setdefault(bet, {})
        if bet in goals and bet not in decided and name not in own:
            own[name] = side
            if list(own.values()).count("heads") == goals[bet]:
                decided[bet] = (bet, name, len(own))
    return sorted(decided.values())


def many(chance: random.Random, bets: int, tosses: int) -> list[Toss]:
    """Tosses with repeats and rivals among them."""
    found = [
        (chance.randrange(1, bets + 1), f"t{chance.randrange(tosses)}", chance.choice(("heads", "tails")))
        for _ in range(tosses)
    ]
    return found + chance.sample(found, tosses // 10)


def test_the_deciding_event_decides_once(tossing: World) -> None:
    with running(folds(tossing)):
        tossing.publish("bet.off.v1", {"bet_id": 3})
        tossing.publish("bet.made.v1", {"bet_id": 1, "goal": 2}, {"bet_id": 2, "goal": 0}, {"bet_id": 3, "goal": 1})
        toss(tossing, (1, "a", "heads"), (1, "a", "heads"), (1, "a", "tails"), (2, "a", "heads"))
        tossing.publish("coin.lost.v1", {"bet_id": 1, "toss": "b"})
        toss(tossing, (1, "b", "heads"), (1, "c", "tails"), (1, "d", "heads"), (1, "e", "heads"), (3, "a", "heads"))
        until(lambda: won(tossing))
        toss(tossing, (1, "f", "heads"), (1, "d", "heads"))
        tossing.publish("bet.made.v1", {"bet_id": 4, "goal": 1})
        toss(tossing, (4, "z", "heads"))
        assert until(lambda: len(won(tossing)) == 2 and won(tossing)) == [(1, "d", 3), (4, "z", 1)]


def test_a_bet_made_after_its_tosses_is_decided_at_the_same_toss(tossing: World) -> None:
    chance = random.Random(4)
    tosses = many(chance, 6, 300)
    goals = dict.fromkeys(range(1, 7), 12)
    worker = folds(tossing)
    with running(worker):
        tossing.publish("bet.made.v1", {"bet_id": 1, "goal": 12})
        toss(tossing, *tosses)
        until(lambda: worker.heartbeat.done == len(tosses))
        for bet in range(2, 7):
            tossing.publish("bet.made.v1", {"bet_id": bet, "goal": 12})
        until(lambda: len(won(tossing)) == 6)
    assert won(tossing) == expected(goals, tosses)


def test_workers_that_come_and_go_decide_the_same(tossing: World) -> None:
    chance = random.Random(9)
    goals = {bet: chance.randrange(1, 130) for bet in range(1, 30)}
    tosses = many(chance, 32, 4500)
    parts = [tosses[n : n + 500] for n in range(0, len(tosses), 500)]
    tossing.publish("bet.made.v1", *({"bet_id": bet, "goal": goal} for bet, goal in goals.items()))
    first, second, third = (folds(tossing) for _ in range(3))
    with running(first):
        toss(tossing, *parts[0])
        with running(second):
            toss(tossing, *parts[1])
            until(lambda: second.heartbeat.ready)
            toss(tossing, *parts[2])
            with running(third):
                for part in parts[3:6]:
                    toss(tossing, *part)
            toss(tossing, *parts[6])
        for part in parts[7:]:
            toss(tossing, *part)
        verdicts = expected(goals, tosses)
        until(lambda: len(won(tossing)) >= len(verdicts), 60)
        until(lambda: sum(one.heartbeat.done for one in (first, second, third)) == len(tosses))
    assert won(tossing) == verdicts


def _work(kafka: dict[str, Any], namespace: str, dsn: str) -> None:
    keep(Folds(Log(kafka, namespace, DOMAIN.topics), dsn, DOMAIN, FOLDING), Event())


@contextmanager
def process(world: World) -> Iterator[Any]:
    spawned = multiprocessing.get_context("spawn").Process(
        target=_work, args=(world.log.kafka, world.log.namespace, world.dsn), daemon=True
    )
    spawned.start()
    yield spawned
    spawned.kill()
    spawned.join()


def committed(world: World) -> dict[int, tuple[int, int]]:
    """Partition -> position of the group and the offset noted beside it."""
    consumer = world.log.consumer("podium.fold.tossing.bets")
    places = consumer.committed([TopicPartition(world.log.named(TOPIC), n) for n in range(3)], timeout=20)
    consumer.close()
    return {place.partition: (place.offset, int(place.metadata or 0)) for place in places if place.offset >= 0}


def test_killed_workers_decide_the_same(tossing: World) -> None:
    chance = random.Random(7)
    goals = {bet: chance.randrange(1, 400) for bet in range(1, 40)}
    tosses = many(chance, 40, 12_000)
    tossing.publish("bet.made.v1", *({"bet_id": bet, "goal": goal} for bet, goal in goals.items()))
    part = len(tosses) // KILLS
    for n in range(KILLS):
        before = sum(position for position, _ in committed(tossing).values())
        with process(tossing) as worker:
            toss(tossing, *tosses[n * part : (n + 1) * part])
            wanted = before + chance.randrange(1, part // 2)
            until(lambda wanted=wanted: sum(at for at, _ in committed(tossing).values()) >= wanted, 60)  # type: ignore[misc]
            os.kill(worker.pid, signal.SIGKILL)
    toss(tossing, *tosses[KILLS * part :])
    verdicts = expected(goals, tosses)
    with running(folds(tossing)):
        until(lambda: len(won(tossing)) >= len(verdicts), 60)
        ends = tossing.log.ends([TOPIC])
        until(lambda: all(committed(tossing)[n][0] + 2 >= end for (_, n), end in ends.items()))
    assert won(tossing) == verdicts


def test_only_what_is_open_is_read_again(tossing: World) -> None:
    toss(tossing, *((1, f"old {n}", "heads") for n in range(500)))
    tossing.publish("bet.made.v1", {"bet_id": 1, "goal": 400})
    with running(folds(tossing)):
        until(lambda: won(tossing) == [(1, "old 399", 400)])
        tossing.publish("bet.made.v1", {"bet_id": 1000, "goal": 3})
        toss(tossing, (1000, "a", "heads"))
        until(lambda: sum(note for _, note in committed(tossing).values()) >= 500)
        toss(tossing, (1000, "b", "heads"), (1, "late", "heads"))
        until(lambda: sum(position for position, _ in committed(tossing).values()) >= 503)
    with Folder(tossing.log, DOMAIN, FOLDING).opened() as again:
        places = [
            TopicPartition(tossing.log.named(TOPIC), n, at, str(note)) for n, (at, note) in committed(tossing).items()
        ]
        again.recall(places)
        until(again.resume)
        assert again.positions() == places
        assert {key: len(one.seen) for share in again.shares.values() for key, one in share.open.items()} == {
            (1000,): 2
        }
    with running(folds(tossing)):
        toss(tossing, (1000, "a", "heads"), (1000, "c", "heads"))
        assert until(lambda: len(won(tossing)) == 2 and won(tossing)) == [(1, "old 399", 400), (1000, "c", 3)]


def test_a_transaction_that_fails_leaves_no_trace(tossing: World) -> None:
    """What was folded but not committed is forgotten: the same batch, transformed again, decides the same."""
    tossing.publish("bet.made.v1", {"bet_id": 1, "goal": 2})
    tosses = [(1, "a", "heads"), (1, "b", "heads")]
    toss(tossing, *tosses)
    with Folder(tossing.log, DOMAIN, FOLDING).opened() as folder:
        start = [TopicPartition(tossing.log.named(TOPIC), n, -1001) for n in range(3)]
        folder.recall(start)
        until(folder.resume)
        consumer = tossing.log.consumer("other")
        consumer.assign([TopicPartition(tossing.log.named(TOPIC), n, OFFSET_BEGINNING) for n in range(3)])
        batch: list[Any] = []
        while len(batch) < len(tosses):
            batch += consumer.consume(10, 0.1)
        consumer.close()
        once = list(folder.decisions(batch))
        assert list(folder.decisions(batch)) == []
        folder.forget()
        folder.recall(start)
        until(folder.resume)
        assert list(folder.decisions(batch)) == once
        assert len(once) == 1


@pytest.mark.parametrize("wrong", [
    {"inputs": ()}, {"inputs": ("tossing.coin.tossed.v1", "tossing.bet.made.v1")}, {"key": ("toss",)},
    {"decides": ("tossing.bet.lost.v1",)}, {"key": ("bet_id", "toss")},
])  # fmt: skip
def test_what_cannot_be_folded_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Misdeclared, match=r"folding tossing\.bets: "):
        replace(DOMAIN, folds=(replace(FOLDING, **wrong),))
