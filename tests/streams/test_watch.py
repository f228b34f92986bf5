"""What only a clock can know becomes an event, once, however many stand by."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from confluent_kafka import Producer

from schema.admission import partition_of
from schema.declare import Watch
from streams.watch import Watcher
from streams.write import Record, writer
from tests.streams.conftest import Consuming, World, prediction, running, until

TASKS = "SELECT row_id, status, attempt, worker FROM evaluation.predictionstatus ORDER BY row_id"


def claim(row_id: int, attempt: int, lease: timedelta, model_id: int = 1) -> dict[str, Any]:
    key = {"model_id": model_id, "prompt_id": 7, "dataset_id": 1, "row_id": row_id, "attempt": attempt}
    return {**key, "worker": "w-1", "lease_until": datetime.now(UTC) + lease}


def test_expired_leases_are_released_then_failed_and_the_job_with_them(world: World) -> None:
    often = replace(world.domain, watches=tuple(replace(one, every_seconds=1.0) for one in world.domain.watches))
    watchers = [Watcher(world.log, world.dsn, often) for _ in range(2)]
    with running(Consuming(world), *watchers):
        world.world(rows=3, models=1)
        until(lambda: len(world.query(TASKS)) == 3)
        world.publish("task.claimed.v1", claim(1, 1, timedelta(seconds=-1)), claim(2, 1, timedelta(hours=1)))
        until(lambda: world.query(TASKS)[0] == (1, "pending", 2, None))
        assert world.query(TASKS)[1] == (2, "in_progress", 1, "w-1")
        world.publish("task.claimed.v1", claim(1, 2, timedelta(seconds=-1)))
        until(lambda: world.query(TASKS)[0][1:3] == ("failed", 2))
        world.publish("prediction.recorded.v1", prediction(1, 2), prediction(1, 3))
        until(lambda: world.query("SELECT status FROM evaluation.modelpromptstatus") == [("failed",)], 60)
        until(world.caught_up)
    assert sum(watcher.heartbeat.done for watcher in watchers) == 3
    assert world.query("SELECT count(*) FROM ledger.dead") == [(0,)]


def test_a_heartbeat_sent_in_time_keeps_the_lease(world: World) -> None:
    watcher = Watcher(world.log, world.dsn, world.domain)
    with running(Consuming(world)):
        world.world(rows=1, models=1)
        until(lambda: len(world.query(TASKS)) == 1)
        world.publish("task.claimed.v1", claim(1, 1, timedelta(seconds=-1)))
        world.publish("task.heartbeat.v1", claim(1, 1, timedelta(hours=1)))
        with running(watcher):
            until(lambda: watcher.heartbeat.ready)
            world.publish("task.heartbeat.v1", claim(1, 1, timedelta(hours=2)))
            until(world.caught_up)
        assert world.query(TASKS) == [(1, "in_progress", 1, "w-1")]
        assert watcher.heartbeat.done == 0


def test_a_decision_may_be_made_of_the_rows(world: World, tmp_path: Path) -> None:
    def decide(rows: Sequence[Mapping[str, Any]], now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
        type_ = f"{world.domain.name}.model.registered.v1"
        yield from ((type_, {"model_id": row["n"] + 1, "name": str(now.year), "source": "x"}) for row in rows)

    due = "SELECT count(*) AS n FROM evaluation.models HAVING count(*) < least(2, %(limit)s)"
    (tmp_path / "due.sql").write_text(due)
    watches = (Watch("due", "due.sql", every_seconds=0.1, decide=decide),)
    domain = replace(world.domain, folder=tmp_path, watches=watches)
    with running(Consuming(world), Watcher(world.log, world.dsn, domain)):
        until(lambda: world.query("SELECT model_id FROM evaluation.models ORDER BY 1") == [(1,), (2,)])
        until(world.caught_up)
    assert world.query("SELECT count(*) FROM evaluation.models") == [(2,)]


@contextmanager
def left_open(world: World, *records: Record) -> Iterator[Producer]:
    """A foreign producer's transaction that has these records and no end."""
    foreign = Producer(
        {**world.log.kafka, "transactional.id": world.log.named("foreign"), "partitioner": "murmur2_random"}
    )
    foreign.init_transactions(30)
    foreign.begin_transaction()
    for topic, key, value in records:
        foreign.produce(world.log.named(topic), value, key)
    foreign.flush()
    yield foreign
    foreign.commit_transaction(30)


def test_timers_decide_nothing_that_a_record_behind_an_open_transaction_may_forestall(world: World) -> None:
    often = replace(world.domain, watches=tuple(replace(one, every_seconds=1.0) for one in world.domain.watches))
    heartbeat = world.domain.by_type[f"{world.domain.name}.task.heartbeat.v1"]
    write = writer(heartbeat, "test")
    partition = {n: partition_of(b"%d:7:1" % n, world.domain.topics[heartbeat.topic]) for n in range(1, 9)}
    late, other = 1, next(n for n in partition if partition[n] != partition[1])
    tasks = "SELECT status, attempt FROM evaluation.predictionstatus WHERE model_id = %s"
    watcher = Watcher(world.log, world.dsn, often)
    with running(Consuming(world)):
        world.world(rows=1, models=8)
        until(lambda: world.query("SELECT count(*) FROM evaluation.predictionstatus") == [(8,)])
        over = timedelta(seconds=-1)
        world.publish("task.claimed.v1", claim(1, 1, over, late), claim(1, 1, over, other))
        until(lambda: world.query(tasks, late) == world.query(tasks, other) == [("in_progress", 1)])
        renewal = write(claim(1, 1, timedelta(hours=1), late), datetime.now(UTC))
        with left_open(world, renewal), running(watcher):
            until(lambda: world.query(tasks, other) == [("pending", 2)])
            until(lambda: f"[{partition[late]}]" in watcher.heartbeat.waits_for)
            until(lambda: watcher.heartbeat.done == 1)
            turned = watcher.heartbeat.progressed
            until(lambda: watcher.heartbeat.progressed > turned + 1)
            assert world.query(tasks, late) == [("in_progress", 1)]
        with running(watcher):
            until(world.caught_up)
            until(lambda: watcher.heartbeat.ready and not watcher.heartbeat.waits_for)
    assert world.query(tasks, late) == [("in_progress", 1)]
    assert world.query(tasks, other) == [("pending", 2)]
