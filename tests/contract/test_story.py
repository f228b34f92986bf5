"""The tables are a pure function of the log: however partitions interleave, repeat, rewind, are cut or shared."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from schema import DOMAINS
from schema.declare import Domain
from tests.consumers.worker import Worker
from tests.contract.outcome import Outcome, outcome_of, path_of, play, written
from tests.log import Log, story
from tests.tables import empty

SOME = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
pytestmark = pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)


@pytest.fixture
def expected(domain: Domain) -> Outcome:
    """What is checked in beside the story."""
    found: Outcome = json.loads(path_of(domain).read_text(encoding="utf-8"))
    return found


def test_the_story_comes_to_what_is_checked_in(connection: Connection[Any], domain: Domain) -> None:
    play(connection, domain)
    assert written(outcome_of(connection, domain)) == path_of(domain).read_text(encoding="utf-8"), (
        "look at what changed; if it is meant: python -m tests.contract.story"
    )


def test_the_story_tells_of_every_event(domain: Domain) -> None:
    types = {event.type for event in domain.events if event.family != "leaderboards" and event.upcast is None}
    assert types <= {line["type"] for line in story(domain)}


@SOME
@given(data=st.data())
def test_any_interleaving_batching_repeat_and_rewind_gives_the_same_tables(
    data: st.DataObject, connection: Connection[Any], owner: Connection[Any], domain: Domain, expected: Outcome
) -> None:
    empty(owner, domain)
    log = Log((domain,))
    lines = story(domain)
    log.extend(lines)
    log.extend(data.draw(st.lists(st.sampled_from(lines), max_size=10), label="repeats"))
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
    found = outcome_of(connection, domain)
    for table, rows in expected["tables"].items():
        assert found["tables"][table] == rows, table
    assert found["boards"] == expected["boards"]
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
        "SELECT coalesce(bool_and(read = applied + parked + released + dead), true) FROM ledger.offset"
    ).fetchone()
    assert row is not None
    return bool(row[0])
