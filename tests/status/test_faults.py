"""A fault in each kind of what must move turns the verdict within ten seconds, on a real log and a real database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    ResourceType,
)

from podium import status
from podium.status.whole import Fault
from schema.declare import Domain, Watch
from schema.heartbeat import Heartbeat
from tests.streams.conftest import EVALUATION, Consuming, World, prediction, running, until

TURN_SECONDS_MAX = 10.0
SLACK_SECONDS = 10.0
"""For looking itself, on a machine where everything else runs at the same time."""


def look(world: World, domain: Domain = EVALUATION) -> status.Status:
    return status.look(world.settings, [domain], sample_seconds=0.1)


@contextmanager
def turning(world: World, what: str, domain: Domain = EVALUATION) -> Iterator[list[Fault]]:
    """The fault that is injected in the block must be seen in time; it is in the list afterwards."""
    assert what not in {fault.what for fault in look(world, domain).faults}
    found: list[Fault] = []
    yield found
    watcher = status.Watcher(world.settings, [domain])

    def seen() -> list[Fault]:
        return [fault for fault in watcher.look(0.1).faults if fault.what == what]

    begun = time.monotonic()
    found += until(seen, TURN_SECONDS_MAX + SLACK_SECONDS)
    assert time.monotonic() - begun < TURN_SECONDS_MAX + SLACK_SECONDS


def tell(world: World, heartbeat: Heartbeat, process: str = "h:1", ago: float = 0.0) -> None:
    """Report a heartbeat as the reporter of a process does."""
    now = time.monotonic()
    with psycopg.connect(world.settings.postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO ledger.loop (name, process, reported_at, ready, waits_for, turn_age_seconds,"
            " progress_age_seconds, done, restarts, error, failed_at)"
            " VALUES (%s, %s, clock_timestamp() - make_interval(secs => %s), %s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (name, process) DO UPDATE SET reported_at = excluded.reported_at, ready = excluded.ready,"
            " waits_for = excluded.waits_for, progress_age_seconds = excluded.progress_age_seconds,"
            " error = excluded.error",
            [
                heartbeat.name, process, ago, heartbeat.ready, heartbeat.waits_for, now - heartbeat.turned,
                now - heartbeat.progressed, heartbeat.done, heartbeat.restarts, heartbeat.error, heartbeat.failed_at,
            ],
        )  # fmt: skip
        for subject, failure in heartbeat.failures.items():
            connection.execute(
                'INSERT INTO ledger.failure (loop, subject, error, topic, partition, "offset", since, tries, process)'
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [heartbeat.name, subject, *failure, process],
            )


def heartbeat(name: str, progressed_ago: float = 0.0, ready: bool = True, waits_for: str = "") -> Heartbeat:
    made = Heartbeat(name)
    made.record_turn(ready, waits_for)
    made.progressed -= progressed_ago
    return made


def test_scorers(world: World) -> None:
    world.publish("prediction.recorded.v1", prediction(1, 1))
    with turning(world, "score.evaluation") as faults:
        pass
    assert (faults[0].verdict, faults[0].why) == ("STOP", "1 records: nobody runs it: podium run score")
    tell(world, heartbeat("podium.score.evaluation"))
    assert "score.evaluation" not in {fault.what for fault in look(world).faults}
    tell(world, heartbeat("podium.score.evaluation", progressed_ago=20))
    (stalled,) = [fault for fault in look(world).faults if fault.what == "score.evaluation"]
    assert stalled.verdict == "STALL"
    tell(world, heartbeat("podium.score.evaluation", ready=False, waits_for="podium.score.evaluation.0, held by h:9"))
    (waits,) = [loop for loop in look(world).loops if loop.name == "podium.score.evaluation"]
    assert "held by h:9" in waits.why
    assert (waits.lag, waits.lag_seconds > 5, waits.processes) == (1, True, ["h:1"])


def test_a_loop_that_fails_again_and_again(world: World) -> None:
    failing = heartbeat("podium.watch.evaluation")
    with turning(world, "watch.evaluation") as faults:
        failing.record_failure(ValueError("a rule raises"))
        tell(world, failing)
    assert faults[0].why == "fails and is started again: ValueError: a rule raises"


def test_what_is_confined(world: World) -> None:
    ranker = heartbeat("podium.rank.evaluation.accuracy")
    with turning(world, "board evaluation.accuracy.all") as faults:
        ranker.confine("board evaluation.accuracy.all", OverflowError("1e308"), ("evaluation.scores", 1, 7))
        tell(world, ranker)
    assert faults[0].why == "rank.evaluation.accuracy: OverflowError: 1e308"
    assert look(world).failures[0].offset == 7


def test_a_partition_that_was_set_aside(world: World) -> None:
    consumers = heartbeat("podium.consumers")
    with turning(world, "evaluation.jobs[1]") as faults:
        consumers.confine("partition evaluation.jobs[1]", "it is not what it was")
        tell(world, consumers)
    assert faults[0].why == "set aside: it is not what it was"
    assert [fault.what for fault in look(world).faults] == ["evaluation.jobs[1]"]


def test_timers(world: World) -> None:
    often = tuple(replace(one, every_seconds=1.0) for one in EVALUATION.watches)
    domain = replace(EVALUATION, watches=often)
    with running(Consuming(world)):
        world.world(rows=1, models=1)
        until(lambda: world.query("SELECT count(*) FROM evaluation.predictionstatus") == [(1,)])
        with turning(world, "watch.evaluation", domain) as faults:
            key = {"model_id": 1, "prompt_id": 7, "dataset_id": 1, "row_id": 1, "attempt": 1}
            lease = datetime.now(UTC) + timedelta(seconds=1)
            world.publish("task.claimed.v1", {**key, "worker": "w-1", "lease_until": lease})
    assert faults[0].why == "1 due of expired_leases: nobody runs it: podium run watch"


def test_a_timer_whose_rule_raises(world: World, tmp_path: Path) -> None:
    def decide(rows: Any, now: datetime) -> list[tuple[str, dict[str, Any]]]:
        raise ZeroDivisionError("of a rule")

    (tmp_path / "due.sql").write_text("SELECT 1 AS n LIMIT %(limit)s")
    watches = (Watch("due", "due.sql", every_seconds=0.1, decide=decide),)
    domain = replace(EVALUATION, folder=tmp_path, watches=watches, scoring=None, boards=())
    faults = {fault.what: fault for fault in look(world, domain).faults}
    assert faults["watch.evaluation"].why == "what it has to do cannot be told: ZeroDivisionError: of a rule"


def test_a_right_that_was_taken_away(world: World) -> None:
    with turning(world, "rank.evaluation.accuracy") as faults:
        with running(Consuming(world)):
            world.world(rows=1, models=1)
            until(world.caught_up)
        with psycopg.connect(world.settings.postgres.dsn("owner"), autocommit=True) as connection:
            connection.execute("REVOKE SELECT ON ALL TABLES IN SCHEMA evaluation FROM podium_stream")
    assert "permission denied" in faults[0].why
    assert faults[0].verdict == "ERR"


def test_rankers(world: World) -> None:
    # What there is to rank comes within: it is a fault from then on.
    with running(Consuming(world)), turning(world, "rank.evaluation.accuracy") as faults:
        world.world(rows=2, models=1)
        world.publish("prediction.recorded.v1", prediction(1, 1))
        until(world.caught_up)
    assert faults[0].verdict == "STOP"
    assert "boards to cut, as evaluation.accuracy." in faults[0].why


def test_sweeps(world: World) -> None:
    with running(Consuming(world)):
        world.world(rows=2, models=1)
        until(lambda: world.query("SELECT count(*) FROM evaluation.predictionstatus") == [(2,)])
        world.publish("prediction.recorded.v1", prediction(1, 1))
        until(world.caught_up)
        with turning(world, "sweep.evaluation") as faults:
            scorers = world.log.consumer("podium.score.evaluation")
            ends = world.log.ends(["evaluation.predictions"])
            scorers.commit(
                offsets=[TopicPartition(world.log.named(topic), n, end) for (topic, n), end in ends.items()],
                asynchronous=False,
            )
            scorers.close()
    assert faults[0].why == "1 unscored inputs: nobody runs it: podium run score"


def test_the_relay_and_dead_letters_of_our_own(world: World) -> None:
    with running(Consuming(world)), turning(world, "relay") as faults:
        producer = world.log.producer()
        producer.produce(world.log.named("evaluation.jobs"), b"{", b"1")
        producer.flush()
        until(world.caught_up)
    assert faults[0].why == "1 dead letters to relay: nobody runs it: podium run relay"
    assert not [fault for fault in look(world).faults if fault.what.startswith("dead letters")]
    world.query("UPDATE ledger.dead SET reason = 'failed' RETURNING 1")
    (ours,) = [fault for fault in look(world).faults if fault.what.startswith("dead letters")]
    assert "podium dead redrive --reason failed" in ours.why


def test_a_strangers_open_transaction(world: World) -> None:
    name = world.log.named("stranger")
    stranger = Producer({**world.settings.kafka.client(), "transactional.id": name, "transaction.timeout.ms": 60_000})
    stranger.init_transactions(20)
    with running(Consuming(world)):
        until(world.caught_up)
        with turning(world, "evaluation.jobs[2]") as faults:
            stranger.begin_transaction()
            stranger.produce(world.log.named("evaluation.jobs"), b"{", b"1", partition=2)
            stranger.flush(20)
        assert faults[0].verdict == "STALL"
        assert f"1 offsets hidden behind the transaction of {name} (producer id " in faults[0].why
        found = look(world)
        (row,) = [row for row in found.partitions if row.hidden]
        assert (row.hidden, row.lag, row.hidden_since is not None) == (1, 1, True)
        stranger.abort_transaction(20)
        until(lambda: not [row for row in look(world).partitions if row.hidden])
        until(world.caught_up)
        (row,) = [row for row in look(world).partitions if row.end]
        assert (row.position, row.read, row.markers, row.verdict) == (2, 0, 2, "OK")


def test_a_topic_with_added_partitions(world: World) -> None:
    admin = AdminClient(world.settings.kafka.client())
    count = EVALUATION.topics["evaluation.jobs"]
    with turning(world, "evaluation.jobs[0]") as faults:
        for future in admin.create_partitions([NewPartitions(world.log.named("evaluation.jobs"), count + 1)]).values():
            future.result()
    assert faults[0].why.startswith(f"it has {count + 1} partitions, declared are {count}")


def test_a_topic_that_does_not_stamp(world: World) -> None:
    admin = AdminClient(world.settings.kafka.client())
    entry = ConfigEntry("message.timestamp.type", "CreateTime", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, world.log.named("evaluation.jobs"), incremental_configs=[entry])
    with turning(world, "evaluation.jobs[0]") as faults:
        for future in admin.incremental_alter_configs([resource]).values():
            future.result()
    assert "podium topics apply" in faults[0].why


def test_a_process_that_was_killed(world: World) -> None:
    world.publish("prediction.recorded.v1", prediction(1, 1))
    tell(world, heartbeat("podium.score.evaluation"), ago=30.0)
    with turning(world, "score.evaluation") as faults:
        pass
    assert faults[0].verdict == "STOP"
    assert "h:1 has been gone for" in faults[0].why
