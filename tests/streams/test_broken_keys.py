"""A key whose fold raises is broken alone: the others are decided as if it were not there."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, TopicPartition
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema.heartbeat import FAILURES_MAX, FURTHER, Heartbeat
from streams.fold import Folder, Folds
from tests.streams.conftest import World, running, until
from tests.streams.test_fold import TOPIC, expected, many, toss, tossing, won  # noqa: F401
from tests.streams.tossing import DOMAIN, FOLDING, Bet

WAYS = ("begin", "take", "thrown", "unknown", "missing", "nan", "rubbish", "no list", "other key")


class Thrown(BaseException):
    """Raised by what is no Exception, as confluent-kafka's KafkaError is."""


class Failing(Bet):
    """A bet that fails in one of several ways, at its first toss or when it is won."""

    def __init__(self, goal: int, way: str) -> None:
        super().__init__(goal)
        self.way = way

    def take(self, type_: str, data: Any) -> Sequence[Any]:
        """As a bet, but."""
        if self.way == "take":
            raise ZeroDivisionError(f"bet {data.bet_id}")
        if self.way == "thrown":
            raise Thrown("no exception")
        found = super().take(type_, data)
        if not found:
            return found
        ((decision, what),) = found
        rubbish: Any = {
            "unknown": [("tossing.bet.lost.v1", what)],
            "missing": [(decision, {"bet_id": data.bet_id})],
            "nan": [(decision, {**what, "tosses": float("nan")})],
            "rubbish": [(decision, {**what, "toss": object()})],
            "no list": 7,
            "other key": [(decision, {**what, "toss": ""})],
        }
        decided: Sequence[Any] = rubbish[self.way]
        return decided


def failing(ways: Mapping[int, str]) -> Any:
    """The folding of bets, of which some fail."""

    def begin(type_: str, data: Any) -> Bet | None:
        way = ways.get(data.bet_id)
        if way == "begin":
            raise RecursionError("too deep")
        return Failing(data.goal, way) if way else Bet(data.goal)

    return replace(FOLDING, begin=begin)


def read(world: World, count: int) -> list[Any]:
    """That many records of the input, in the order of their partitions."""
    consumer = world.log.consumer("reader")
    consumer.assign([TopicPartition(world.log.named(TOPIC), n, OFFSET_BEGINNING) for n in range(3)])
    batch: list[Any] = []
    while len(batch) < count:
        batch += consumer.consume(1000, 0.1)
    consumer.close()
    return batch


def test_the_decisions_of_others_are_those_of_a_run_without_the_keys_that_raise(tossing: World) -> None:  # noqa: F811
    """For any set of keys, ways to fail and batches; and what is broken is exactly what fails."""
    chance = random.Random(5)
    bets, goals = 12, {bet: chance.randrange(1, 12) for bet in range(1, 13)}
    tosses = many(chance, bets, 400)
    tossing.publish("bet.made.v1", *({"bet_id": bet, "goal": goal} for bet, goal in goals.items()))
    toss(tossing, *tosses)
    messages = read(tossing, len(tosses))
    heartbeat = Heartbeat("folds")
    with Folder(tossing.log, DOMAIN, FOLDING, heartbeat).opened() as folder:
        start = [TopicPartition(tossing.log.named(TOPIC), n, -1001) for n in range(3)]

        def run(folding: Any, cuts: set[int]) -> list[tuple[str, bytes, bytes]]:
            folder.folding = folding
            folder.forget()
            folder.recall(start)
            until(folder.resume)
            edges = [0, *sorted(cuts), len(messages)]
            return [
                found for a, b in pairwise(edges) for found in folder.decisions(messages[a:b])
            ]  # fmt: skip

        right = run(FOLDING, set())
        assert len(right) == len(expected(goals, tosses)) > 6

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(
            st.dictionaries(st.integers(1, bets), st.sampled_from(WAYS)),
            st.sets(st.integers(1, len(messages) - 1), max_size=4),
        )
        def check(ways: dict[int, str], cuts: set[int]) -> None:
            found = run(failing(ways), cuts)
            failed = {str(bet).encode() for bet in ways}
            assert sorted(found) == sorted(one for one in right if one[1] not in failed)
            broken = {key[0] for share in folder.shares.values() for key in share.broken}
            at_once = {bet for bet, way in ways.items() if way in ("begin", "take", "thrown")}
            at_the_end = {bet for bet in ways if str(bet).encode() in {key for _, key, _ in right}}
            assert broken == {bet for bet in at_once | at_the_end if any(bet == other for other, *_ in tosses)}
            assert {f"key {bet}" for bet in broken} <= heartbeat.failures.keys()

        check()


def test_a_broken_key_is_told_with_its_place_and_tried_again_by_a_new_process(tossing: World) -> None:  # noqa: F811
    worker = Folds(tossing.log, tossing.dsn, DOMAIN, failing({2: "take"}))
    with running(worker):
        tossing.publish("bet.made.v1", *({"bet_id": bet, "goal": 2} for bet in (1, 2, 3)))
        toss(tossing, (2, "a", "heads"), (1, "a", "heads"), (1, "b", "heads"), (2, "b", "heads"), (2, "c", "heads"))
        until(lambda: won(tossing) == [(1, "b", 2)])
        until(lambda: "key 2" in worker.heartbeat.failures)
        until(lambda: worker.heartbeat.done == 5)
        failure = worker.heartbeat.failures["key 2"]
        assert (failure.error, failure.topic, failure.tries) == ("ZeroDivisionError: bet 2", TOPIC, 1)
        assert failure.offset is not None
        toss(tossing, (3, "a", "heads"), (3, "b", "heads"))
        until(lambda: (3, "b", 2) in won(tossing))
    # The same code in a new process comes to the same; newer code decides, at the same toss.
    again = Folds(tossing.log, tossing.dsn, DOMAIN, failing({2: "take"}))
    with running(again):
        until(lambda: "key 2" in again.heartbeat.failures)
    with running(Folds(tossing.log, tossing.dsn, DOMAIN, FOLDING)):
        assert until(lambda: len(won(tossing)) == 3 and won(tossing)) == [(1, "b", 2), (2, "b", 2), (3, "b", 2)]
        ends = tossing.log.ends([TOPIC])
        until(lambda: all(committed_notes(tossing).get(n, "").count(" ") == 0 for _, n in ends))


def committed_notes(world: World) -> dict[int, str]:
    consumer = world.log.consumer("podium.fold.tossing.bets")
    places = consumer.committed([TopicPartition(world.log.named(TOPIC), n) for n in range(3)], timeout=20)
    consumer.close()
    return {place.partition: place.metadata or "" for place in places}


def test_a_broken_key_does_not_hold_back_from_where_its_neighbours_are_recalled(tossing: World) -> None:  # noqa: F811
    remembered: dict[int, Any] = {}
    folding = failing({2: "take"})
    tossing.publish("bet.made.v1", *({"bet_id": bet, "goal": 40} for bet in (2, 4)))
    toss(tossing, (2, "first", "heads"), *((2, f"t{n}", "heads") for n in range(200)))
    toss(tossing, *((bet, f"t{n}", "heads") for n in range(39) for bet in (2, 4)))
    messages = read(tossing, 201 + 78)
    start = [TopicPartition(tossing.log.named(TOPIC), n, -1001) for n in range(3)]
    with Folder(tossing.log, DOMAIN, folding, None, remembered).opened() as folder:
        folder.recall(start)
        until(folder.resume)
        assert list(folder.decisions(messages)) == []
        notes = folder.positions()
    (note,) = [place for place in notes if " " in (place.metadata or "")]
    oldest, retry, _ = (note.metadata or "").split()
    assert int(oldest) >= 201 > int(retry)
    with Folder(tossing.log, DOMAIN, folding, Heartbeat("same"), remembered).opened() as same:
        same.recall(notes)
        assert same.shares[note.partition].position >= 201
        until(same.resume)
        assert same.positions() == notes
        assert same.heartbeat.failures.keys() == {"key 2"}
    with Folder(tossing.log, DOMAIN, FOLDING).opened() as other:
        other.recall(notes)
        assert other.shares[note.partition].position == int(retry)
        until(other.resume)
        assert [key for _, key, _ in other.decisions([])] == [b"2"]


def test_failures_are_bounded() -> None:
    heartbeat = Heartbeat("loop")
    for n in range(FAILURES_MAX + 50):
        heartbeat.confine(f"key {n}", ValueError(str(n)))
    assert len(heartbeat.failures) == FAILURES_MAX + 1
    assert heartbeat.failures[FURTHER].tries == 50
