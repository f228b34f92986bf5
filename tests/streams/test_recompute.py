"""The page's time control: the snapshot that fits, else the board recomputed from the log, one at a time, bounded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from podium import proof
from podium.web.app import create
from podium.web.recompute import instant
from schema.board import canonical, digest
from streams.rank import Ranker
from streams.score import Scorer
from tests.streams.conftest import Consuming, World, prediction, running, until

BOARD = "evaluation.accuracy.1"
PATH = f"/b/{BOARD}"
TICK = timedelta(milliseconds=1)


@contextmanager
def page(world: World, **web: Any) -> Iterator[TestClient]:
    """The page over a world whose log is settled at once."""
    changed = world.settings.web.model_copy(update={"recompute": True, **web})
    app: FastAPI = create(world.settings.model_copy(update={"web": changed}), [world.domain])
    app.state.site.settled = timedelta(0)
    with TestClient(app, follow_redirects=False) as client:
        yield client


@pytest.fixture
def then(world: World) -> datetime:
    """A moment between two batches of predictions; the board was cut at the end of the log before it, and after."""
    with running(Consuming(world), Scorer(world.log, world.dsn, world.domain), *_rankers(world)):
        world.world(rows=10, models=2)
        world.publish("prediction.recorded.v1", *(prediction(1, n) for n in range(1, 11)))
        until(lambda: _judged(world) == 10 and world.settled(BOARD))
        moment = datetime.now(UTC) + 2 * TICK
        moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        until(lambda: datetime.now(UTC) > moment + 20 * TICK)
        world.publish("prediction.recorded.v1", *(prediction(2, n, "negative") for n in range(1, 8)))
        until(lambda: _judged(world) == 17 and world.settled(BOARD))
    return moment


def _rankers(world: World) -> list[Ranker]:
    return [Ranker(world.log, world.dsn, world.domain, board) for board in world.domain.boards]


def _judged(world: World) -> int:
    rows = world.query("SELECT entries FROM ledger.snapshot WHERE board = %s ORDER BY cut_at DESC LIMIT 1", BOARD)
    return sum(entry["n"] for entry in json.loads(rows[0][0])) if rows else 0


def at_work(client: TestClient, path: str) -> bool:
    return client.get(path).status_code == 202


def done(client: TestClient, path: str) -> Response:
    """What an address answers once nothing is at work for it."""
    until(lambda: not at_work(client, path), 120)
    return client.get(path)


def _scratches(world: World) -> int:
    return len(world.query("SELECT FROM pg_database WHERE starts_with(datname, %s)", proof.PREFIX))


def test_a_time_shows_what_was_published_then(world: World, then: datetime) -> None:
    stored = (
        "SELECT snapshot, digest FROM ledger.snapshot WHERE board = %s AND cut_at < %s ORDER BY cut_at DESC LIMIT 1"
    )
    ((snapshot, published),) = world.query(stored, BOARD, then)
    with page(world) as client:
        told = client.get(f"{PATH}/@", params={"time": then.isoformat()})
        assert (told.status_code, told.headers["location"]) == (303, f"{PATH}/@/{instant(then)}")
        fits = done(client, told.headers["location"])
        assert (fits.status_code, fits.headers["location"]) == (303, f"{PATH}/@{snapshot}")
        with psycopg.connect(world.settings.postgres.dsn("owner"), autocommit=True) as connection:
            connection.execute("DELETE FROM ledger.snapshot WHERE snapshot = %s", [snapshot])
        path, other = (f"{PATH}/@/{instant(then + n * TICK)}" for n in (1, 2))
        working = client.get(path)
        assert (working.status_code, working.headers["cache-control"]) == (202, "no-store")
        assert f'hx-get="{path}"' in working.text
        assert "is being recomputed from the log" in working.text
        busy = client.get(f"{other}.json")
        assert (busy.status_code, busy.headers["retry-after"]) == (503, "5")
        assert "one at a time" in busy.json()["error"]
        again = done(client, f"{path}.json").json()
        assert again["digest"] == published
        entries = json.loads(client.get(f"{path}.json").text, parse_float=Decimal)["entries"]
        assert digest(canonical(entries)) == published
        assert again["permalink"] == path
        assert "Recomputed from the log" in client.get(path).text
        assert client.get(f"{path}.csv").text.count("\n") == len(entries) + 1
        # The same cut is not read again: without a database to make one in, it is there all the same.
        recomputing = client.app.state.site.recomputing  # type: ignore[attr-defined]
        recomputing.settings = world.settings.model_copy(update={"postgres": world.settings.postgres.at("nowhere")})
        assert done(client, f"{other}.json").json()["digest"] == published
    until(lambda: not _scratches(world))


def test_it_is_bounded_and_only_where_it_is_wanted(world: World, then: datetime) -> None:
    path = f"{PATH}/@/{instant(then - TICK)}"
    with psycopg.connect(world.settings.postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute("DELETE FROM ledger.snapshot WHERE board = %s AND cut_at < %s", [BOARD, then])
    with page(world, recompute_records_max=5) as client:
        refused = done(client, path)
        assert (refused.status_code, "reads at most 5" in refused.text) == (403, True)
    with page(world, recompute_seconds_max=0.05) as client:
        late = done(client, path)
        assert (late.status_code, late.headers["retry-after"]) == (503, "5")
        assert done(client, f"{PATH}/@/{instant(then - timedelta(days=1))}").status_code == 404
        assert client.get(f"{PATH}/@/{instant(datetime.now(UTC) + timedelta(hours=1))}").status_code == 404
        assert client.get(f"{PATH}/@/then").status_code == 404
        assert client.get(f"/b/nothing.at.all/@/{instant(then)}").status_code == 404
    with page(world) as client:
        assert at_work(client, path)
    until(lambda: not _scratches(world))
    with page(world, recompute=False) as client:
        newest = client.get(f"{PATH}.json").json()["snapshot"]
        later = f"{PATH}/@/{instant(datetime.now(UTC))}"
        assert client.get(later).headers["location"] == f"{PATH}/@{newest}"
