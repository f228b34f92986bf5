"""What refers to something unknown waits, in the order of the log, and comes out when it may."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import Connection

from consumers.parked import SLICE_RECORDS
from tests.consumers.lines import (
    EVALUATION,
    dataset,
    job,
    line,
    model,
    prediction,
    prompt,
    relabelled,
    row,
    version,
    world,
)
from tests.consumers.worker import Worker
from tests.log import Log, Partition

CATALOG: Partition = ("evaluation.catalog", 0)
JOBS: Partition = ("evaluation.jobs", 0)
PREDICTIONS: Partition = ("evaluation.predictions", 0)


@pytest.fixture
def worker(connection: Connection[Any]) -> Worker:
    """A worker that holds all partitions of an empty log, one a topic."""
    return holder(connection, Log((EVALUATION,), partitions=1))


def holder(connection: Connection[Any], log: Log, partitions: list[Partition] | None = None, name: str = "w") -> Worker:
    one = Worker(connection, (EVALUATION,), log, name)
    one.take(partitions or log.entries)
    return one


def read(worker: Worker, *lines: dict[str, Any]) -> None:
    """Append events and read them in one batch, without a sweep."""
    worker.log.extend(lines)
    worker.step(dict.fromkeys(worker.offsets.held, 100_000))


def waiting(connection: Connection[Any]) -> list[tuple[str, dict[str, Any]]]:
    """What is waited for, in the order of the log."""
    return connection.execute('SELECT parent_table, parent_key FROM ledger.parked ORDER BY topic, "offset"').fetchall()


def counts(connection: Connection[Any], place: Partition) -> tuple[int, ...]:
    """read, applied, parked, released, dead"""
    row = connection.execute(
        'SELECT "read", applied, parked, released, dead FROM ledger.offset WHERE (topic, partition) = (%s, %s)', place
    ).fetchone()
    assert row is not None
    return tuple(row)


def test_released_in_slices(worker: Worker, connection: Connection[Any]) -> None:
    many = SLICE_RECORDS + 500
    read(worker, *(row(n) for n in range(1, many + 1)))
    assert counts(connection, CATALOG) == (many, 0, many, 0, 0)
    assert waiting(connection)[0] == ("evaluation.datasets", {"dataset_id": 1})
    read(worker, dataset())
    assert len(worker.parked.ready(connection, 0.0)) == SLICE_RECORDS
    assert worker.sweep() == many
    assert counts(connection, CATALOG) == (many + 1, 1, 0, many, 0)
    assert connection.execute("SELECT count(*) FROM evaluation.rows").fetchone() == (many,)
    assert (waiting(connection), len(worker.parked)) == ([], 0)


def test_a_parent_that_somebody_else_lands_is_found_by_the_sweep(connection: Connection[Any]) -> None:
    log = Log((EVALUATION,), partitions=1)
    one = holder(connection, log, [PREDICTIONS])
    other = holder(connection, log, [CATALOG, JOBS], "other")
    read(one, prediction(1))
    assert one.sweep() == 0
    read(other, *world(rows=1))
    other.sweep()
    assert one.sweep() == 1
    assert counts(connection, PREDICTIONS) == (1, 0, 0, 1, 0)


def test_what_was_parked_by_another_is_taken_over(connection: Connection[Any]) -> None:
    log = Log((EVALUATION,), partitions=1)
    holder(connection, log).step({})
    read(holder(connection, log), prediction(1), prediction(1, "negative"))
    heir = holder(connection, log, name="heir")
    assert len(heir.parked) == 2
    read(heir, *world(rows=1), prediction(1, "neutral"))
    heir.finish()
    assert connection.execute("SELECT prediction FROM evaluation.predictions").fetchall() == [("positive",)]
    assert [one for (one,) in connection.execute('SELECT "offset" FROM ledger.dead ORDER BY 1')] == [1, 2]


def test_what_comes_later_under_the_same_key_waits_behind(worker: Worker, connection: Connection[Any]) -> None:
    read(worker, row(1, dataset_id=2), row(1, dataset_id=1))
    read(worker, dataset(1))
    # Its own data set is there, but the first in the partition stays: it may not overtake.
    assert worker.sweep() == 0
    assert {key["dataset_id"] for _, key in waiting(connection)} == {2}
    read(worker, dataset(2))
    assert worker.sweep() == 2
    assert connection.execute("SELECT dataset_id FROM evaluation.rows").fetchall() == [(2,)]
    assert connection.execute("SELECT reason FROM ledger.dead").fetchall() == [("rival",)]
    assert counts(connection, CATALOG) == (4, 2, 0, 1, 1)


def test_a_change_waits_for_its_row_and_the_row_for_its_parent(worker: Worker, connection: Connection[Any]) -> None:
    read(worker, relabelled(1, 2, "neutral"), row(1, label="positive"), relabelled(1, 3, "negative"))
    assert {table for table, _ in waiting(connection)} == {"evaluation.datasets", "evaluation.rows"}
    read(worker, dataset())
    worker.sweep()
    assert connection.execute("SELECT expected_prediction, truth_version FROM evaluation.rows").fetchall() == [
        ("negative", 3)
    ]
    assert waiting(connection) == []


def test_one_parent_after_another(worker: Worker, connection: Connection[Any]) -> None:
    read(worker, job())
    seen = []
    for parent in (model(1), dataset(), prompt(), version(1)):
        seen.append(waiting(connection)[0][0])
        read(worker, parent)
        worker.sweep()
        assert sum(counts(connection, JOBS)[2:4]) == 1
    assert len(set(seen)) > 1, "it waited for one thing at a time"
    assert counts(connection, JOBS) == (1, 0, 0, 1, 0)
    assert connection.execute("SELECT status FROM evaluation.modelpromptstatus").fetchall() == [("pending",)]


def test_a_repeat_of_what_waits_waits_too_and_changes_nothing(worker: Worker, connection: Connection[Any]) -> None:
    read(worker, prediction(1), prediction(1))
    read(worker, prediction(1))
    assert counts(connection, PREDICTIONS) == (3, 0, 3, 0, 0)
    read(worker, *world(rows=1))
    worker.sweep()
    assert counts(connection, PREDICTIONS) == (3, 0, 0, 3, 0)
    assert connection.execute("SELECT place_offset FROM evaluation.predictions").fetchall() == [(0,)]


def test_what_waits_holds_up_nothing_else(worker: Worker, connection: Connection[Any]) -> None:
    read(worker, *world(rows=150))
    worker.sweep()
    read(worker, prediction(1, model_id=9))
    read(worker, *(prediction(n) for n in range(1, 151)))
    assert counts(connection, PREDICTIONS) == (151, 150, 1, 0, 0)


def test_a_parent_that_goes_is_waited_for_again(
    worker: Worker, connection: Connection[Any], owner: Connection[Any]
) -> None:
    read(worker, model(1), prompt(1, model_id=1))
    owner.execute("DELETE FROM evaluation.prompts; DELETE FROM evaluation.models")
    # The cache of known parents still has it; the database does not.
    read(worker, prompt(2, model_id=1), prompt(3))
    assert waiting(connection) == [("evaluation.models", {"model_id": 1})]
    read(worker, model(1, 60))
    worker.sweep()
    assert connection.execute("SELECT prompt_id FROM evaluation.prompts ORDER BY 1").fetchall() == [(2,), (3,)]


def test_a_reference_that_never_comes_waits_for_ever(worker: Worker, connection: Connection[Any]) -> None:
    read(worker, line("prompt.registered.v1", prompt_id=1, model_id=404, text="?"))
    for _ in range(3):
        assert worker.sweep() == 0
        worker.leave()
        worker.take([CATALOG])
    assert counts(connection, CATALOG) == (1, 0, 1, 0, 0)
    assert waiting(connection) == [("evaluation.models", {"model_id": 404})]


def test_a_reference_is_there_only_if_all_that_both_carry_agrees(worker: Worker, connection: Connection[Any]) -> None:
    scored: dict[str, Any] = {
        "model_id": 1,
        "prompt_id": 1,
        "dataset_id": 2,
        "row_id": 1,
        "attempt": 1,
        "prediction_digest": "0" * 32,
    }
    judged: dict[str, Any] = {"truth_version": 1, "gold": "positive", "predicted": "positive", "correct": 1}
    read(worker, *world(rows=1), prediction(1))
    worker.sweep()
    # The prediction is of another data set: the table refuses such a score, however often it is tried.
    read(worker, line("answer.scored.v1", **scored, **judged))
    assert worker.sweep() == 0
    assert [(table, key["dataset_id"]) for table, key in waiting(connection)] == [("evaluation.predictions", 2)]


def test_what_is_given_up_between_the_look_and_the_release_stays(
    worker: Worker, connection: Connection[Any], owner: Connection[Any]
) -> None:
    read(worker, row(1), row(2))
    read(worker, dataset())
    ready = worker.parked.ready(connection, 0.0)
    owner.execute('UPDATE ledger.parked SET held = gen_random_uuid() WHERE "offset" = 0')
    worker.writer.release(connection, ready)
    assert connection.execute("SELECT row_id FROM evaluation.rows").fetchall() == [(2,)]
    assert counts(connection, CATALOG) == (3, 1, 1, 1, 0)
    assert worker.sweep() == 0


def test_a_reference_that_no_declaration_names_is_the_fault_of_its_record(
    worker: Worker, connection: Connection[Any], owner: Connection[Any]
) -> None:
    owner.execute(
        "CREATE FUNCTION evaluation.demand() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.model_id = 2 THEN RAISE foreign_key_violation USING MESSAGE = 'no licence for it'; END IF;"
        " RETURN NEW; END $$"
    )
    for table in ("models", "prompts"):
        owner.execute(
            f"CREATE TRIGGER demand BEFORE INSERT ON evaluation.{table}"
            " FOR EACH ROW EXECUTE FUNCTION evaluation.demand()".encode()
        )
    read(worker, prompt(3, model_id=2), model(1), model(2), model(3), prompt(1, model_id=1))
    assert connection.execute("SELECT model_id FROM evaluation.models ORDER BY 1").fetchall() == [(1,), (3,)]
    (letter,) = connection.execute("SELECT reason, sqlstate, message FROM ledger.dead").fetchall()
    assert letter[:2] == ("refused", "23503")
    assert "no licence for it" in letter[2]
    # The same of what was parked and comes out.
    owner.execute("ALTER TABLE evaluation.models DISABLE TRIGGER demand")
    owner.execute("INSERT INTO evaluation.models (model_id, name, source, library) VALUES (2, 'm', 's', 'l')")
    assert worker.sweep() == 1
    assert counts(connection, CATALOG) == (5, 3, 0, 0, 2)
