"""Registers and life cycles: who wins, in whatever order, however cut, by arrays or by a staging table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from consumers.merge import STAGE_ROWS_MIN
from tests.consumers.lines import EVALUATION, Line, dataset, job, model, moved, prompt, relabelled, row, task, version
from tests.consumers.worker import Worker
from tests.log import Log
from tests.tables import Contents, contents, empty

SOME = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
CATALOG = [dataset(), version(3), version(3, number=2), prompt(), *(row(n) for n in range(1, 4))]


def told(
    connection: Connection[Any], owner: Connection[Any], first: Sequence[Line], *batches: Sequence[Line]
) -> Contents:
    """The tables after some events, and then batches of others."""
    empty(owner, EVALUATION)
    worker = Worker(connection, (EVALUATION,), Log((EVALUATION,), partitions=1))
    worker.take(worker.log.entries)
    for batch in (first, *batches):
        worker.log.extend(batch)
        worker.finish()
    return contents(connection, EVALUATION)


def cut(lines: Sequence[Line], sizes: Sequence[int]) -> Iterator[Sequence[Line]]:
    """The lines in batches of these sizes, over and over."""
    start = turn = 0
    while start < len(lines):
        size = sizes[turn % len(sizes)]
        yield lines[start : start + size]
        start, turn = start + size, turn + 1


def models(owner: Connection[Any]) -> list[tuple[Any, ...]]:
    return owner.execute("SELECT model_id, name, description FROM evaluation.models ORDER BY 1").fetchall()


@pytest.mark.parametrize("together", [True, False])
def test_the_latest_wins_and_what_it_leaves_out_is_none(
    connection: Connection[Any], owner: Connection[Any], together: bool
) -> None:
    lines = [model(1, 5, "old", description="d"), model(1, 9, "new"), model(1, 7, "middle", description="e")]
    told(connection, owner, [], *([lines] if together else [[one] for one in lines]))
    assert models(owner) == [(1, "new", None)]


def test_events_of_one_moment_are_told_apart_by_what_they_say(
    connection: Connection[Any], owner: Connection[Any]
) -> None:
    a, b = model(1, 5, "a"), model(1, 5, "b")
    found = [told(connection, owner, [], *batches) for batches in ([[a, b]], [[b, a]], [[a], [b]], [[b], [a]])]
    assert all(one == found[0] for one in found)


def test_the_first_of_two_ends_stays(connection: Connection[Any], owner: Connection[Any]) -> None:
    start = [*CATALOG, model(1), job(1)]
    for ends in ([moved("cancelled"), moved("failed")], [moved("failed"), moved("cancelled")]):
        for batches in ([ends], [[ends[0]], [ends[1]]]):
            told(connection, owner, start, *batches)
            (status,) = owner.execute("SELECT event_status FROM evaluation.modelpromptstatus").fetchone() or ("",)
            assert f"evaluation.job.{status}.v1" == ends[0]["type"]


def test_a_later_epoch_opens_what_was_ended(connection: Connection[Any], owner: Connection[Any]) -> None:
    start = [*CATALOG, model(1), job(1), moved("cancelled")]
    told(connection, owner, start, [job(1, epoch=2, dataset_version=2), moved("stopped"), moved("failed", epoch=1)])
    query = "SELECT event_status, epoch, dataset_version FROM evaluation.modelpromptstatus"
    assert owner.execute(query).fetchall() == [("pending", 2, 2)]


def test_what_is_frozen_never_shrinks_in_any_order(connection: Connection[Any], owner: Connection[Any]) -> None:
    lines = [job(1, dataset_version=2), job(1, epoch=2, dataset_version=1, attempts_max=5)]
    query = "SELECT epoch, dataset_version, attempts_max FROM evaluation.modelpromptstatus"
    for batches in ([lines], [lines[:1], lines[1:]], [lines[::-1]], [lines[1:], lines[:1]]):
        told(connection, owner, [*CATALOG, model(1)], *batches)
        assert owner.execute(query).fetchall() == [(2, 2, 5)]


def test_what_grows_grows_within_its_attempt_only(connection: Connection[Any], owner: Connection[Any]) -> None:
    def lease(verb: str, until: int, attempt: int = 1, worker: str = "w1") -> Line:
        return task(verb, 1, attempt=attempt, worker=worker, lease_until=f"2026-03-01T10:{until}:00Z")

    start = [*CATALOG, model(1), job(1)]
    beats = [lease("claimed", 10), lease("heartbeat", 30), lease("heartbeat", 20), lease("heartbeat", 50, worker="w2")]
    beats += [lease("heartbeat", 55, attempt=2)]
    for batches in ([beats], [[one] for one in beats]):
        told(connection, owner, start, *batches)
        query = "SELECT to_char(lease_until, 'MI'), worker FROM evaluation.predictionstatus WHERE row_id = 1"
        assert owner.execute(query).fetchall() == [("30", "w1")]


@pytest.mark.parametrize("batches", [1, 3])
def test_what_the_database_refuses_leaves_the_row_to_the_next_best(
    connection: Connection[Any], owner: Connection[Any], batches: int
) -> None:
    owner.execute("ALTER TABLE evaluation.models ADD CONSTRAINT odd CHECK (name <> 'odd')")
    lines = [model(1, 5, "good"), model(2, 6), model(1, 9, "odd"), model(3, 7), model(4, 8, "odd")]
    lines.append(model(1, 7, "better"))
    told(connection, owner, [], *cut(lines, [len(lines) // batches]))
    assert models(owner) == [(1, "better", None), (2, "lexicon", None), (3, "lexicon", None)]
    dead = owner.execute('SELECT "offset", reason, sqlstate FROM ledger.dead ORDER BY 1').fetchall()
    assert dead == [(2, "refused", "23514"), (4, "refused", "23514")]


names = st.sampled_from(["a", "b", "c"])
registered = st.builds(
    lambda id_, second, name, text: model(id_, second, name, description=text),
    st.integers(1, 3), st.integers(0, 5), names, st.none() | names,
)  # fmt: skip
corrected = st.builds(
    lambda id_, edition: relabelled(id_, edition, f"label {edition}"), st.integers(1, 3), st.integers(2, 5)
)
submitted = st.builds(lambda epoch: job(1, epoch=epoch, dataset_version=1 + epoch % 2), st.integers(1, 4))
stopped = st.builds(lambda epoch: moved("stopped", epoch=epoch), st.integers(1, 4))
cancelled = st.builds(lambda epoch: moved("cancelled", epoch=epoch), st.integers(1, 4))
joins = st.lists(registered | corrected | submitted | stopped | cancelled, min_size=1, max_size=25)


@SOME
@given(data=st.data(), lines=joins)
def test_joins_come_out_the_same_in_any_order(
    data: st.DataObject, connection: Connection[Any], owner: Connection[Any], lines: list[Line]
) -> None:
    start = [*CATALOG, model(1)]
    sizes = st.lists(st.integers(1, 10), min_size=1, max_size=4)
    one = told(connection, owner, start, *cut(lines, data.draw(sizes)))
    other = told(connection, owner, start, *cut(data.draw(st.permutations(lines)), data.draw(sizes)))
    # The log of a job's moves keeps when each came first, and so does not depend on the order either.
    assert {name for name in one if one[name] != other[name]} == set()


ended = st.sampled_from(["cancelled", "failed"]).flatmap(
    lambda verb: st.builds(lambda epoch: moved(verb, epoch=epoch), st.integers(1, 3))
)
leased = st.builds(
    lambda verb, attempt, worker, minute: task(
        verb, 1, attempt=attempt, worker=worker, lease_until=f"2026-03-01T10:{minute}:00Z"
    ),
    st.sampled_from(["claimed", "heartbeat"]), st.integers(1, 3), st.sampled_from(["w1", "w2"]), st.integers(10, 59),
)  # fmt: skip
given_up = st.builds(
    lambda verb, attempt: task(verb, 1, attempt=attempt), st.sampled_from(["released", "failed"]), st.integers(1, 3)
)
moves = st.lists(registered | corrected | submitted | stopped | ended | leased | given_up, min_size=1, max_size=25)


@SOME
@given(lines=moves, sizes=st.lists(st.integers(1, 12), min_size=1, max_size=4))
def test_everything_comes_out_the_same_however_it_is_cut(
    connection: Connection[Any], owner: Connection[Any], lines: list[Line], sizes: list[int]
) -> None:
    start = [*CATALOG, model(1), job(1)]
    assert told(connection, owner, start, *cut(lines, sizes)) == told(connection, owner, start, lines)


@SOME
@given(lines=moves)
def test_a_staging_table_gives_what_arrays_give(
    connection: Connection[Any], owner: Connection[Any], lines: list[Line]
) -> None:
    many = range(100, 100 + STAGE_ROWS_MIN)
    start = [*CATALOG, model(1), job(1), *(row(n) for n in many)]
    filler = [*(model(n) for n in many), *(relabelled(n, 2, "neutral") for n in many)]
    filler += [task("claimed", n, worker="w", lease_until="2026-03-01T10:30:00Z") for n in many]
    staged = told(connection, owner, start, [*filler, *lines])
    made = connection.execute("SELECT FROM pg_class WHERE relpersistence = 't' AND relname LIKE 'merge_%'")
    assert made.rowcount >= 2, "nothing was staged"
    arrays = told(connection, owner, start, *cut(filler, [STAGE_ROWS_MIN // 2]), lines)
    assert staged == arrays
