"""The tables are a pure function of the log: however partitions interleave, repeat, rewind, are cut or shared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from podium.settings import Settings
from schema import DOMAINS
from schema.declare import Domain
from tests.consumers.worker import Worker
from tests.log import Log, story
from tests.tables import Contents, contents, empty

SOME = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(params=DOMAINS, ids=lambda domain: domain.name)
def domain(request: pytest.FixtureRequest) -> Domain:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def connection(database: Settings) -> Iterator[Connection[Any]]:
    with psycopg.connect(database.postgres.dsn("consumer"), autocommit=True) as one:
        yield one


@pytest.fixture
def owner(database: Settings) -> Iterator[Connection[Any]]:
    with psycopg.connect(database.postgres.dsn("owner"), autocommit=True) as one:
        yield one


@pytest.fixture
def undisturbed(connection: Connection[Any], owner: Connection[Any], domain: Domain) -> Contents:
    """The tables after the story, read partition by partition in one batch each."""
    log = Log((domain,))
    log.extend(story(domain))
    worker = Worker(connection, (domain,), log)
    worker.take(log.entries)
    worker.finish()
    found = contents(connection, domain)
    empty(owner, domain)
    return found


@SOME
@given(data=st.data())
def test_any_interleaving_batching_repeat_and_rewind_gives_the_same_tables(
    data: st.DataObject, connection: Connection[Any], owner: Connection[Any], domain: Domain, undisturbed: Contents
) -> None:
    empty(owner, domain)
    log = Log((domain,))
    lines = story(domain)
    log.extend(lines)
    log.extend(data.draw(st.lists(st.sampled_from(lines[:-2]), max_size=10), label="repeats"))
    workers = [
        Worker(connection, (domain,), log, f"w{n}") for n in range(data.draw(st.integers(1, 2), label="workers"))
    ]
    _share(data, workers, log)
    for _ in range(data.draw(st.integers(0, 25), label="steps")):
        _disturb(data, workers, owner, log)
    for worker in workers:
        worker.finish(data.draw(st.integers(1, 50), label="batch"))
    while sum(worker.sweep() for worker in workers):
        pass
    found = contents(connection, domain)
    for table, rows in undisturbed.items():
        assert found[table] == rows, table
    assert _adds_up(owner)


def _share(data: st.DataObject, workers: list[Worker], log: Log) -> None:
    for worker in workers:
        worker.leave()
    shares: list[list[tuple[str, int]]] = [[] for _ in workers]
    for partition in log.entries:
        shares[data.draw(st.integers(0, len(workers) - 1))].append(partition)
    for worker, share in zip(workers, shares, strict=True):
        worker.take(share)


def _disturb(data: st.DataObject, workers: list[Worker], owner: Connection[Any], log: Log) -> None:
    worker = data.draw(st.sampled_from(workers))
    match data.draw(st.sampled_from(["step", "step", "step", "sweep", "rebalance", "rewind"])):
        case "step":
            held = sorted(worker.offsets.held)
            chosen = data.draw(st.lists(st.sampled_from(held), unique=True)) if held else []
            worker.step({one: data.draw(st.integers(1, 8)) for one in chosen})
        case "sweep":
            worker.sweep()
        case "rebalance":
            _share(data, workers, log)
        case "rewind":
            for one in workers:
                one.leave()
            topic, partition = data.draw(st.sampled_from(sorted(log.entries)))
            owner.execute(
                "UPDATE ledger.offset SET position = position / 2 WHERE topic = %s AND partition = %s",
                (topic, partition),
            )
            _share(data, workers, log)


def _adds_up(owner: Connection[Any]) -> bool:
    row = owner.execute(
        "SELECT coalesce(sum(parked), 0), (SELECT count(*) FROM ledger.parked),"
        " coalesce(bool_and(read = applied + parked + released + dead), true) FROM ledger.offset"
    ).fetchone()
    assert row is not None
    return bool(row[2])
