"""When a board is cut, and when it must wait."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from confluent_kafka import Producer

from schema.envelope import event_id
from streams.rank import GoneBack, Ranker
from tests.streams.conftest import Consuming, World, prediction, running, until

BOARD = "evaluation.accuracy.1"
SNAPSHOTS = "SELECT cut_at, as_of, cut, digest, entries FROM ledger.snapshot WHERE board = %s ORDER BY cut_at"


def ranker(world: World) -> Ranker:
    return Ranker(world.log, world.dsn, world.domain, world.domain.boards[0])


def test_cuts_only_grow_and_an_idle_board_rests(world: World) -> None:
    one, standby = ranker(world), ranker(world)
    with running(Consuming(world), one, standby):
        world.world(rows=6, models=1)
        for n in range(1, 7):
            world.publish("prediction.recorded.v1", prediction(1, n))
            until(lambda n=n: world.query("SELECT count FROM evaluation.modelpromptstatus") == [(n,)])  # type: ignore[misc]
        until(lambda: world.settled(BOARD))
        first = world.query(SNAPSHOTS, BOARD)
        world.publish("model.registered.v1", {
            "model_id": 9, "name": "unused", "source": "test", "description": None, "library": "test",
        })  # fmt: skip
        until(lambda: world.settled(BOARD))
        second = world.query(SNAPSHOTS, BOARD)
    cuts = [[place[2] for place in cut] for _, _, cut, _, _ in second]
    assert all(a <= b for before, after in pairwise(cuts) for a, b in zip(before, after, strict=True))
    assert len(second) == len(first) + 1
    assert second[-1][3] == first[-1][3]
    assert {one.heartbeat.done > 0, standby.heartbeat.done > 0} == {True, False}
    assert second[-1][1] == world.query(
        "SELECT max(event_time) FROM ledger.offset WHERE topic NOT LIKE '%%.leaderboards'"
    )[0][0]  # fmt: skip


def test_a_standby_goes_on_from_the_last_cut(world: World) -> None:
    with running(Consuming(world)):
        with running(ranker(world)):
            world.world(rows=2, models=1)
            until(lambda: world.settled(BOARD))
        until(world.caught_up)
        before = world.query(SNAPSHOTS, BOARD)
        with running(ranker(world)):
            world.publish("prediction.recorded.v1", prediction(1, 1))
            until(lambda: len(world.query(SNAPSHOTS, BOARD)) > len(before))
            until(lambda: world.settled(BOARD))
        after = world.query(SNAPSHOTS, BOARD)
        assert after[: len(before)] == before
        assert after[-1][0] > before[-1][0]


def test_the_last_request_is_for_a_final_cut(world: World) -> None:
    with running(Consuming(world)):
        world.world(rows=2, models=1)
        world.publish("prediction.recorded.v1", prediction(1, 1), prediction(1, 2))
        until(world.caught_up)
        one = ranker(world)
        with running(one):
            until(lambda: one.heartbeat.ready)
        until(lambda: world.settled(BOARD))


def test_a_database_behind_the_last_cut_is_refused(world: World) -> None:
    one = ranker(world)
    with running(Consuming(world)):
        with running(one):
            world.world(rows=2, models=1)
            until(lambda: world.settled(BOARD))
        until(world.caught_up)
    with psycopg.connect(world.settings.postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute(
            "UPDATE ledger.offset SET position = position - 1 WHERE topic = 'evaluation.jobs' AND read > 0"
        )
    with psycopg.connect(world.dsn, autocommit=True) as connection, pytest.raises(GoneBack, match="catch up"):
        one.turn(connection, Producer({"bootstrap.servers": ""}), final=True)


def test_no_cut_while_a_parked_record_has_its_parent(world: World) -> None:
    one = ranker(world)
    with running(Consuming(world)):
        world.world(rows=2, models=1)
        until(lambda: world.query("SELECT count(*) FROM evaluation.predictionstatus") == [(2,)])
        until(world.caught_up)
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        assert one.look(connection) is not None
        park(world, prediction(1, 1))
        assert one.look(connection) is None
        park(world, prediction(1, 98))
        world.query("DELETE FROM ledger.parked WHERE subject = %s RETURNING 1", "1")
        assert one.look(connection) is not None


def park(world: World, data: dict[str, Any]) -> None:
    """As a consumer does it whose sweep has not come by yet."""
    key = {name: data[name] for name in ("row_id", "model_id", "prompt_id", "dataset_id")}
    event = world.domain.by_type["evaluation.prediction.recorded.v1"]
    with psycopg.connect(world.settings.postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute(
            'INSERT INTO ledger.parked (topic, partition, "offset", append_time, value, subject, parent_table,'
            " parent_key) VALUES ('evaluation.predictions', 0, %s, now(), %s, %s, 'evaluation.predictionstatus', %s)",
            [data["row_id"], event_id(event, data).bytes, str(data["row_id"]), json.dumps(key)],
        )
