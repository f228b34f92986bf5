"""Facts: the quick way in, the way back to probing, and exactly the bad ones left out, however a batch is cut."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from consumers.batch import FEW_RECORDS
from consumers.copy import WARY_BATCHES
from tests.consumers.lines import EVALUATION, Line, line, prediction, row, world
from tests.consumers.worker import Worker
from tests.log import Log, Partition
from tests.tables import empty

MANY = 3 * FEW_RECORDS
TABLE = "evaluation.predictions"
TOPIC = "evaluation.predictions"
SOME = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
sizes = pytest.mark.parametrize("size", [7, FEW_RECORDS, MANY], ids=["few", "a hundred", "many"])


def begun(connection: Connection[Any], rows: int = MANY) -> Worker:
    """A worker that has read a world of so many rows; one partition a topic."""
    log = Log((EVALUATION,), partitions=1)
    log.extend(world(rows))
    worker = Worker(connection, (EVALUATION,), log)
    worker.take(log.entries)
    worker.finish()
    return worker


def feed(worker: Worker, lines: list[Line], size: int = 10_000) -> None:
    """Append predictions and read them in batches of so many."""
    worker.log.extend(lines)
    place: Partition = (TOPIC, 0)
    while worker.offsets.held[place].position < len(worker.log.entries[place]):
        worker.step({place: size})


def disturb(owner: Connection[Any], body: str) -> None:
    """Have a trigger do this before each prediction."""
    owner.execute(f"CREATE FUNCTION public.disturb() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {body} END$$".encode())
    owner.execute(
        "CREATE TRIGGER disturbed BEFORE INSERT ON evaluation.predictions"
        " FOR EACH ROW EXECUTE FUNCTION public.disturb()"
    )
    owner.execute("ALTER TABLE evaluation.predictions ENABLE ALWAYS TRIGGER disturbed")


def answers(owner: Connection[Any]) -> dict[int, str]:
    """Row -> what was predicted."""
    return dict(owner.execute("SELECT row_id, prediction FROM evaluation.predictions").fetchall())


def letters(owner: Connection[Any]) -> list[tuple[int, str, str | None]]:
    """(offset, reason, SQLSTATE) of the dead."""
    return owner.execute('SELECT "offset", reason, sqlstate FROM ledger.dead ORDER BY "offset"').fetchall()


def counts(owner: Connection[Any]) -> dict[str, int]:
    """What the ledger says of the predictions."""
    names = ("read", "applied", "parked", "released", "dead")
    query = f"SELECT {', '.join(map(repr, names))} FROM ledger.offset WHERE topic = %s".replace("'", '"')
    found = owner.execute(query.encode(), [TOPIC]).fetchone()
    assert found is not None
    return dict(zip(names, found, strict=True))


@sizes
def test_facts_land_with_their_places(connection: Connection[Any], owner: Connection[Any], size: int) -> None:
    worker = begun(connection)
    feed(worker, [prediction(n) for n in range(1, MANY + 1)], size)
    rows = owner.execute("SELECT row_id, place_partition, place_offset FROM evaluation.predictions ORDER BY 1")
    assert rows.fetchall() == [(n, 0, n - 1) for n in range(1, MANY + 1)]
    assert not worker.writer.wary.is_wary(TABLE)
    assert counts(owner) == {"read": MANY, "applied": MANY, "parked": 0, "released": 0, "dead": 0}


@sizes
def test_repeats_are_applied_and_change_nothing(connection: Connection[Any], owner: Connection[Any], size: int) -> None:
    worker = begun(connection)
    lines = [prediction(n) for n in range(1, MANY + 1)]
    feed(worker, lines, size)
    before = owner.execute("SELECT * FROM evaluation.predictions ORDER BY prediction_id").fetchall()
    feed(worker, [one | {"time": "2026-03-01T11:11:11Z"} for one in lines], size)
    assert owner.execute("SELECT * FROM evaluation.predictions ORDER BY prediction_id").fetchall() == before
    assert counts(owner) == {"read": 2 * MANY, "applied": 2 * MANY, "parked": 0, "released": 0, "dead": 0}


@sizes
def test_the_later_rival_is_dead_and_the_rest_of_its_batch_lives(
    connection: Connection[Any], owner: Connection[Any], size: int
) -> None:
    worker = begun(connection)
    feed(worker, [prediction(5, "positive")], size)
    feed(worker, [prediction(n, "negative") for n in range(1, MANY + 1)], size)
    assert answers(owner) == {n: "positive" if n == 5 else "negative" for n in range(1, MANY + 1)}
    assert letters(owner) == [(5, "rival", None)]
    (message,) = owner.execute("SELECT message FROM ledger.dead").fetchone() or ("",)
    for told in ("evaluation.predictions", "row_id=5", "attempt=1", "the first in the partition stays", "publish a"):
        assert told in message


def test_rivals_and_repeats_meet_inside_one_batch(connection: Connection[Any], owner: Connection[Any]) -> None:
    worker = begun(connection)
    feed(worker, [prediction(1, "a"), prediction(2), prediction(1, "b"), prediction(1, "a"), prediction(1, "b")])
    assert answers(owner) == {1: "a", 2: "positive"}
    assert letters(owner) == [(2, "rival", None), (4, "rival", None)]


def test_a_value_against_none_makes_a_rival(connection: Connection[Any], owner: Connection[Any]) -> None:
    worker = begun(connection)
    feed(worker, [prediction(1, tokens=None), prediction(2, tokens=5)])
    feed(worker, [prediction(1, tokens=5), prediction(2, tokens=None), prediction(1), prediction(2, tokens=5)])
    assert [(offset, reason) for offset, reason, _ in letters(owner)] == [(2, "rival"), (3, "rival")]


def test_another_event_of_the_same_key_is_a_rival(connection: Connection[Any], owner: Connection[Any]) -> None:
    worker = begun(connection)
    failed = prediction(1) | {"type": "evaluation.prediction.failed.v1"}
    failed["data"] = {**{k: v for k, v in failed["data"].items() if k != "prediction"}, "error_kind": "parser"}
    feed(worker, [prediction(1)])
    feed(worker, [failed, prediction(2)])
    assert answers(owner) == {1: "positive", 2: "positive"}
    assert letters(owner) == [(1, "rival", None)]


def test_facts_without_a_digest_are_compared_column_by_column(
    connection: Connection[Any], owner: Connection[Any]
) -> None:
    worker = begun(connection, rows=4)
    corrected = line("row.relabelled.v1", row_id=1, expected_prediction="neutral", truth_version=2)
    worker.log.extend([corrected, row(1), row(2, content="other"), row(3, label="negative"), row(4, 55)])
    worker.finish()
    # What a register may change since, the label, tells nothing about a repeat; the content does.
    assert [reason for _, reason, _ in letters(owner)] == ["rival"]
    texts = owner.execute("SELECT content FROM evaluation.rows ORDER BY row_id").fetchall()
    assert texts == [("text 1",), ("text 2",), ("text 3",), ("text 4",)]


def test_after_a_taken_key_the_table_is_probed_for_a_while(connection: Connection[Any]) -> None:
    worker = begun(connection)
    feed(worker, [prediction(1)])
    feed(worker, [prediction(1)])
    assert worker.writer.wary.is_wary(TABLE)
    for n in range(2, WARY_BATCHES + 1):
        feed(worker, [prediction(n)])
        assert worker.writer.wary.is_wary(TABLE) is (n < WARY_BATCHES)
    feed(worker, [prediction(WARY_BATCHES + 1)])
    assert not worker.writer.wary.is_wary(TABLE)


@sizes
@pytest.mark.parametrize("wary", [False, True])
def test_only_what_the_database_refuses_is_dead(
    connection: Connection[Any], owner: Connection[Any], size: int, wary: bool
) -> None:
    worker = begun(connection)
    owner.execute("ALTER TABLE evaluation.predictions ADD CONSTRAINT odd CHECK (prediction NOT LIKE 'odd%')")
    if wary:
        worker.writer.wary.raise_for(TABLE)
    bad = {2, 3, 50, 51, 52, 200, MANY}
    feed(worker, [prediction(n, "odd" if n in bad else "even") for n in range(1, MANY + 1)], size)
    assert sorted(answers(owner)) == [n for n in range(1, MANY + 1) if n not in bad]
    assert letters(owner) == [(n - 1, "refused", "23514") for n in sorted(bad)]
    (message,) = owner.execute("SELECT message FROM ledger.dead LIMIT 1").fetchone() or ("",)
    for told in ("violates check constraint", "odd", "evaluation.predictions", "publish the event again"):
        assert told in message
    assert counts(owner) == {"read": MANY, "applied": MANY - 7, "parked": 0, "released": 0, "dead": 7}


def test_a_value_that_only_a_trigger_cannot_take_is_dead(connection: Connection[Any], owner: Connection[Any]) -> None:
    worker = begun(connection)
    disturb(owner, "IF NEW.prediction <> 'positive' THEN NEW.tokens := NEW.prediction::int; END IF; RETURN NEW;")
    feed(worker, [prediction(1), prediction(2, "far from a number"), prediction(3)])
    assert answers(owner) == {1: "positive", 3: "positive"}
    assert letters(owner) == [(1, "refused", "22P02")]


def test_the_moment_is_never_blamed_on_a_record(connection: Connection[Any], owner: Connection[Any]) -> None:
    worker = begun(connection)
    disturb(owner, "RAISE 'no space left' USING ERRCODE = 'disk_full';")
    with pytest.raises(Exception, match="no space left"):
        feed(worker, [prediction(1)])
    assert (letters(owner), answers(owner), counts(owner)["read"]) == ([], {}, 0)
    owner.execute("DROP TRIGGER disturbed ON evaluation.predictions")
    feed(worker, [])
    assert answers(owner) == {1: "positive"}


said = st.sampled_from(["positive", "negative", "odd"])
stories = st.lists(st.tuples(st.integers(1, 12), said, st.sampled_from([None, 7])), min_size=1, max_size=40)


@example(story=[(1, "odd", None), (1, "positive", None), (1, "odd", None)], cuts=[3])
@SOME
@given(story=stories, cuts=st.lists(st.integers(1, 12), min_size=1))
def test_however_it_is_cut_the_same_records_are_dead_for_the_same_reasons(
    connection: Connection[Any], owner: Connection[Any], story: list[tuple[int, str, int | None]], cuts: list[int]
) -> None:
    empty(owner, EVALUATION)
    owner.execute("ALTER TABLE evaluation.predictions DROP CONSTRAINT IF EXISTS odd")
    owner.execute("ALTER TABLE evaluation.predictions ADD CONSTRAINT odd CHECK (prediction <> 'odd')")
    worker = begun(connection, rows=12)
    first: dict[int, tuple[str, int | None]] = {}
    dead = []
    for offset, (n, text, tokens) in enumerate(story):
        # A rival of what is there is one whether the database would take it or not.
        if n not in first and text == "odd":
            dead.append((offset, "refused"))
        elif first.setdefault(n, (text, tokens)) != (text, tokens):
            dead.append((offset, "rival"))
    lines = [prediction(n, text, tokens=tokens) for n, text, tokens in story]
    while lines:
        feed(worker, lines[: cuts[0]])
        lines, cuts = lines[cuts[0] :], [*cuts[1:], cuts[0]]
    assert answers(owner) == {n: text for n, (text, _) in first.items()}
    assert [(offset, reason) for offset, reason, _ in letters(owner)] == dead
    assert counts(owner) == {
        "read": len(story), "applied": len(story) - len(dead), "parked": 0, "released": 0, "dead": len(dead)
    }  # fmt: skip
