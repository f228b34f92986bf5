"""How fast are games folded into verdicts? Kafka transactions of one worker, and the rating of all networks."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from threading import Event
from typing import Any

import msgspec
from confluent_kafka import OFFSET_BEGINNING, KafkaError, TopicPartition

from bench.contenders import collector
from bench.environment import Environment
from bench.feed import publish
from bench.games import Test, beginnings, far, interleaved, near
from bench.options import Options
from bench.score import Counted
from bench.stopwatch import Run, Stopwatch
from bench.verdict import Verdict, figures, measure, ratio
from schema.chess import DOMAIN
from schema.chess.boards import rating_entries
from schema.chess.folds import SPRT_DECIDED, VERDICTS
from streams.exchange import Exchange
from streams.fold import Folder
from streams.log import Log

EVENTS = 600_000
NEAR_GAMES = 24_000
FAR_TESTS, NEAR_TESTS = 12, 4
LATE_PAIRS = 50
NETWORKS = 10_000
JOBS, GAMES = "chess.jobs", "chess.predictions"


def run(environment: Environment, options: Options) -> Verdict:
    """Fold the same games again and again, under a new group each time; decide them in the end."""
    walks = {"far": far(FAR_TESTS, options.events or EVENTS), "near": near(NEAR_TESTS, NEAR_GAMES)}
    found = {name: _walked(environment, tests, options.pairs) for name, tests in walks.items()}
    sides = {name: [ours for ours, _ in pairs] for name, (pairs, _) in found.items()}
    exact = [right for _, rights in found.values() for right in rights]
    return Verdict(
        "fold",
        "How many game results a second does one worker fold into sequential tests, and how soon are networks rated?",
        f"Games of {FAR_TESTS} tests far from their bounds and of {NEAR_TESTS} that walk along one, from {GAMES} into "
        f"verdicts in {JOBS}: decoded, checked, each key counted once, a Kafka transaction a batch. The other side "
        "reads the same records and commits offsets, no more. Afterwards every test is won, and goes on: the verdict "
        f"must name the one game that decided. Ratings: {NETWORKS:,} networks, each matched with the one before, every "
        "third with older ones, every 500th an anchor; intervals and the chain beside them.",
        [
            measure("far from a bound", [one.rate for one in sides["far"]], 100_000, "games/s"),
            measure("near a bound", [one.rate for one in sides["near"]], 4_000, "games/s"),
            measure("verdicts at the exact game", exact, 1.0),
            measure(f"{NETWORKS:,} networks rated", _rated(options.pairs), 5.0, "s", at_most=True),
            ratio("fold / consume and commit", found["far"][0]),
        ],
        {name: each for side, runs in sides.items() for name, each in figures(f"fold, {side}", runs).items()}
        | figures("consume and commit, far", [read for _, read in found["far"][0]]),
    )


def _walked(environment: Environment, tests: Sequence[Test], turns: int) -> tuple[list[tuple[Run, Run]], list[float]]:
    """Both sides of each turn, and of each test whether the verdict was right."""
    namespace = environment.topics(DOMAIN.topics)
    log = Log(environment.settings.kafka.client(), namespace, DOMAIN.topics)
    publish(environment.settings, namespace + JOBS, beginnings(tests))
    count = publish(environment.settings, namespace + GAMES, interleaved(tests))
    pairs = []
    for turn in range(turns):
        with collector(tuned=True):
            pairs.append(
                (_folded(environment, log, f"fold.{turn}", count), _read(environment, log, f"read.{turn}", count))
            )
    start = len(tests[0].cells)
    for test in tests:
        test.decide(LATE_PAIRS)
    count += publish(environment.settings, namespace + GAMES, interleaved(tests, start))
    _folded(environment, log, "fold.decided", count)
    decided = _decided(log)
    environment.forget(namespace)
    assert len(decided) == len(set(decided)), "a test was decided twice"
    return pairs, [float((test.task_id, test.expected) in decided) for test in tests]


def _folded(environment: Environment, log: Log, name: str, count: int) -> Run:
    watch, stop = Stopwatch(environment.server), Event()
    heartbeat = Counted(watch, count, stop)
    with Folder(log, DOMAIN, VERDICTS).opened() as folder:
        Exchange(log, name, 0, [GAMES], folder.decisions, heartbeat, folder).run(stop)
    return watch.stop()


def _read(environment: Environment, log: Log, name: str, count: int) -> Run:
    watch, stop = Stopwatch(environment.server), Event()
    Exchange(log, name, 0, [GAMES], lambda batch: (), Counted(watch, count, stop)).run(stop)
    return watch.stop()


def _decided(log: Log) -> list[tuple[int, tuple[str, int, str]]]:
    """The verdicts in the log: task, and the game that decided how."""
    consumer = log.consumer("decided", {"enable.partition.eof": True})
    places = [TopicPartition(log.named(JOBS), number, OFFSET_BEGINNING) for number in range(log.topics[JOBS])]
    consumer.assign(places)
    left, found = len(places), []
    while left:
        for message in consumer.consume(1_000, 0.2):
            error = message.error()
            if error is not None:
                left -= error.code() == KafkaError._PARTITION_EOF
                continue
            event: dict[str, Any] = msgspec.json.decode(message.value() or b"")
            if event["type"] == SPRT_DECIDED:
                each = event["data"]
                found.append((each["task_id"], (each["pair_key"], each["seq"], each["verdict"])))
    consumer.close()
    return found


def _rated(turns: int) -> list[float]:
    """Seconds for the whole board."""
    rows, seconds = _networks(NETWORKS), []
    for _ in range(turns):
        began = time.perf_counter()
        assert len(rating_entries(rows)) == len(rows)
        seconds.append(time.perf_counter() - began)
    return seconds


def _networks(count: int) -> list[dict[str, Any]]:
    """Rows as the board's SQL gives them: a run of networks, each a little stronger than the one before."""
    chance = random.Random(2)
    rows = []
    for number in range(1, count + 1):
        back = [1, *((3, 10) if number % 3 == 0 else ())]
        matches = [[number * 10 + k, number - k, *_score(chance), True, k > 1] for k in back if k < number]
        anchor = number % 500 == 1
        named = {"id": number, "training_run_id": 1, "network_number": number, "matches": matches}
        rows.append({**named, "elo": number / 10 if anchor else None, "elo_set": False, "anchor": anchor})
    return rows


def _score(chance: random.Random) -> tuple[int, int, int]:
    wins = chance.randrange(100, 160)
    losses = chance.randrange(90, 150)
    return wins, 600 - wins - losses, losses
