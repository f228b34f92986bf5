"""What only a clock can know becomes an event, once, however many stand by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from schema.declare import Watch
from streams.watch import Watcher
from tests.streams.conftest import Consuming, World, prediction, running, until

TASKS = "SELECT row_id, status, attempt, worker FROM evaluation.predictionstatus ORDER BY row_id"


def claim(row_id: int, attempt: int, lease: timedelta) -> dict[str, Any]:
    key = {"model_id": 1, "prompt_id": 7, "dataset_id": 1, "row_id": row_id, "attempt": attempt}
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
