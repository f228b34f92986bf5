"""Positions in the log: who claims a partition fences everybody before, and no position moves twice."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import Connection

from consumers.offset import AnotherLog, Fenced, Move, Offsets
from tests.consumers.lines import EVALUATION, dataset, prediction, prompt, row, world
from tests.consumers.worker import Worker
from tests.log import Log, Partition
from tests.tables import contents

HERE: Partition = ("evaluation.catalog", 0)
THERE: Partition = ("evaluation.catalog", 1)
IDS = {HERE: "log-1", THERE: "log-1"}


def owner_of(connection: Connection[Any], name: str = "w1") -> Offsets:
    """Offsets that claimed both partitions."""
    offsets = Offsets(name)
    offsets.claim(connection, IDS)
    return offsets


def move(offsets: Offsets, connection: Connection[Any], read: int = 5, applied: int = 5, parked: int = 0) -> None:
    """Go five ahead in the first partition, in a transaction of its own."""
    moves = {HERE: Move(offsets.held[HERE].position + 5, read=read, applied=applied, parked=parked)}
    with connection.transaction():
        offsets.fence(connection, moves)
        offsets.advance(connection, moves)
    offsets.remember(moves)


def positions(connection: Connection[Any]) -> dict[Partition, tuple[int, int]]:
    """Position and records read, by partition."""
    rows = connection.execute('SELECT topic, partition, position, "read" FROM ledger.offset').fetchall()
    return {(topic, partition): (position, read) for topic, partition, position, read in rows}


def test_a_partition_starts_at_zero_and_goes_on_where_it_was(connection: Connection[Any]) -> None:
    first = owner_of(connection)
    assert {place: held.position for place, held in first.held.items()} == {HERE: 0, THERE: 0}
    move(first, connection)
    second = owner_of(connection, "w2")
    assert {place: held.position for place, held in second.held.items()} == {HERE: 5, THERE: 0}
    assert second.held[HERE].epoch > first.held[HERE].epoch
    assert positions(connection) == {HERE: (5, 5), THERE: (0, 0)}


def test_a_zombie_is_refused_by_the_database(connection: Connection[Any]) -> None:
    zombie = owner_of(connection)
    owner_of(connection, "w2")
    with pytest.raises(Fenced):
        move(zombie, connection)
    assert positions(connection)[HERE] == (0, 0)


@pytest.mark.parametrize("guarded", [Offsets.fence, Offsets.advance], ids=["fence", "compare-and-set"])
@pytest.mark.parametrize("changed", ["epoch = epoch + 1", "position = position + 1"])
def test_the_fence_and_the_compare_and_set_each_look_at_epoch_and_position(
    guarded: Any, changed: str, connection: Connection[Any], owner: Connection[Any]
) -> None:
    offsets = owner_of(connection)
    owner.execute(f"UPDATE ledger.offset SET {changed} WHERE partition = 0".encode())
    before = positions(connection)
    with pytest.raises(Fenced), connection.transaction():
        guarded(offsets, connection, {HERE: Move(5, read=5, applied=5), THERE: Move(3, read=3, applied=3)})
    assert positions(connection) == before


def test_a_zombie_waits_for_the_owner_and_then_is_refused(connection: Connection[Any], owner: Connection[Any]) -> None:
    zombie = owner_of(connection)
    with owner.transaction():
        owner_of(owner, "w2")
        connection.execute("SET lock_timeout = '200ms'")
        with pytest.raises(Exception, match="lock timeout"):
            move(zombie, connection)
    with pytest.raises(Fenced):
        move(zombie, connection)


def test_what_was_not_claimed_is_not_ours(connection: Connection[Any]) -> None:
    offsets = owner_of(connection)
    offsets.release([THERE])
    with pytest.raises(Fenced, match="is not ours"), connection.transaction():
        offsets.fence(connection, [HERE, THERE])


def test_a_claim_that_comes_late_is_refused(connection: Connection[Any], owner: Connection[Any]) -> None:
    owner_of(connection)
    owner.execute("UPDATE ledger.offset SET epoch = 1000000 WHERE partition = 1")
    with pytest.raises(Fenced, match=r"evaluation.catalog\[1\] was claimed by another process"):
        owner_of(connection, "w2")


def test_another_log_is_an_alarm(connection: Connection[Any]) -> None:
    move(owner_of(connection), connection)
    other = Offsets("w2")
    with pytest.raises(AnotherLog, match=r"deleted and made again.*Rebuild from the topics"):
        other.claim(connection, {HERE: "log-2"})
    assert positions(connection)[HERE] == (5, 5)


def test_counts_that_do_not_add_up_are_refused(connection: Connection[Any]) -> None:
    offsets = owner_of(connection)
    with pytest.raises(Exception, match="adds_up"):
        move(offsets, connection, read=5, applied=3, parked=1)
    assert positions(connection)[HERE] == (0, 0)


def test_a_second_owner_fences_the_first_and_nothing_of_its_batch_stays(
    connection: Connection[Any], owner: Connection[Any]
) -> None:
    log = Log((EVALUATION,))
    log.extend([dataset(), prompt(), *(row(n) for n in range(1, 9))])
    first, second = (Worker(connection, (EVALUATION,), log, name) for name in ("first", "second"))
    first.take(log.entries)
    first.step({HERE: 2, THERE: 2})
    second.take([THERE])
    before = contents(owner, EVALUATION), positions(owner)
    with pytest.raises(Fenced):
        first.step({HERE: 2, THERE: 2})
    assert (contents(owner, EVALUATION), positions(owner)) == before
    first.step({HERE: 100})
    second.finish()
    assert [n for (n,) in owner.execute("SELECT row_id FROM evaluation.rows ORDER BY 1")] == list(range(1, 9))
    assert positions(owner) == {
        place: (end, end) if place in (HERE, THERE) else (0, 0) for place, end in log.ends().items()
    }


@pytest.mark.parametrize("many", [5, 300], ids=["in a pipeline", "by COPY"])
def test_a_zombie_with_facts_alone_is_refused_too(
    connection: Connection[Any], owner: Connection[Any], many: int
) -> None:
    log = Log((EVALUATION,), partitions=1)
    log.extend(world(rows=many))
    first, second = (Worker(connection, (EVALUATION,), log, name) for name in ("first", "second"))
    first.take(log.entries)
    first.finish()
    log.extend(prediction(n) for n in range(1, many + 1))
    second.take(log.entries)
    with pytest.raises(Fenced):
        first.step({("evaluation.predictions", 0): many})
    assert owner.execute("SELECT count(*) FROM evaluation.predictions").fetchone() == (0,)
    second.finish()
    assert owner.execute("SELECT count(*) FROM evaluation.predictions").fetchone() == (many,)
