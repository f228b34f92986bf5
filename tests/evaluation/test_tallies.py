"""Whatever is written, in whatever order and cut: the derived tables are what the raw rows say."""

from collections.abc import Callable
from typing import Any, NamedTuple

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.errors import DatabaseError, ForeignKeyViolation

from tests.evaluation.byhand import PREDICTION, SCORE, copy, digest, empty, insert, world
from tests.evaluation.recount import Derived, live, recounted

ROWS, MODELS, ATTEMPTS, EDITIONS = 4, 2, 3, 2
LABELS = ("positive", "negative", "unknown")

row_ids, model_ids = st.integers(1, ROWS), st.integers(1, MODELS)
attempts, editions, labels = st.integers(1, ATTEMPTS), st.integers(1, EDITIONS), st.sampled_from(LABELS)


class Fact(NamedTuple):
    """A row to be inserted into one table."""

    table: str
    columns: str
    values: tuple[Any, ...]


@st.composite
def predictions(draw: st.DrawFn) -> Fact:
    row, model, attempt = draw(row_ids), draw(model_ids), draw(attempts)
    status, retry = draw(st.sampled_from([("success", 0), ("failed", 0), ("failed", 1)]))
    seconds = draw(st.sampled_from([0.0, 0.001, 0.5, 30.0]))
    said = draw(labels) if status == "success" else ""
    values = (row, model, 1, 1, attempt, said, seconds, status, retry, digest(row, model, attempt))
    return Fact("predictions", PREDICTION, values)


@st.composite
def scores(draw: st.DrawFn) -> Fact:
    row, model, attempt, edition = draw(row_ids), draw(model_ids), draw(attempts), draw(editions)
    judged = draw(st.sampled_from([digest(row, model, attempt)] * 4 + [b"of other data"]))
    gold, said = draw(labels), draw(labels)
    return Fact("scores", SCORE, (row, model, 1, 1, attempt, judged, edition, gold, said, int(gold == said)))


Statement = Callable[[psycopg.Connection], Any]


def _batch(facts: st.SearchStrategy[Fact], copied: bool) -> st.SearchStrategy[Statement]:
    def write(batch: list[Fact]) -> Statement:
        table, columns, _ = batch[0]
        rows = [fact.values for fact in batch]
        return lambda db: copy(db, table, columns, rows) if copied else insert(db, table, columns, rows)

    return st.lists(facts, min_size=1, max_size=6).map(write)


def _statement(text: str, *parameters: st.SearchStrategy[Any]) -> st.SearchStrategy[Statement]:
    return st.tuples(*parameters).map(lambda values: lambda db: db.execute(text.encode(), values))


STATEMENTS = st.one_of(
    *(_batch(facts, copied) for facts in (predictions(), scores()) for copied in (True, False, False)),
    _statement("DELETE FROM evaluation.predictions WHERE row_id = %s AND attempt = %s", row_ids, attempts),
    _statement("DELETE FROM evaluation.scores WHERE row_id = %s AND truth_version = %s", row_ids, editions),
    _statement("DELETE FROM evaluation.modelpromptstatus WHERE model_id = %s", model_ids),
    _statement("INSERT INTO evaluation.modelpromptstatus VALUES (%s, 1, 1, 'pending')", model_ids),
    _statement("TRUNCATE evaluation.scores"),
    _statement("TRUNCATE evaluation.scores, evaluation.predictions"),
    _statement("TRUNCATE evaluation.predictionstatus CASCADE"),
    _statement(
        "UPDATE evaluation.rows SET truth_version = %s, expected_prediction = %s WHERE row_id = %s",
        st.integers(1, EDITIONS + 1), labels, row_ids,
    ),
    _statement(
        "UPDATE evaluation.modelpromptstatus SET status = %s WHERE model_id = %s",
        st.sampled_from(["stop", "cancelled", "failed", "pending"]), model_ids,
    ),
    _statement(
        "UPDATE evaluation.modelpromptstatus SET status = 'pending', epoch = epoch + 1, dataset_version = %s"
        " WHERE model_id = %s",
        st.integers(1, 2), model_ids,
    ),
    _statement(
        "UPDATE evaluation.predictionstatus SET status = %s WHERE row_id = %s",
        st.sampled_from(["pending", "in_progress", "failed", "done"]), row_ids,
    ),
)  # fmt: skip


def _two_versions(db: psycopg.Connection) -> None:
    """Rows 1 ... 4 in version 1 of data set 1, row 5 in version 2."""
    empty(db)
    world(db, rows=ROWS, models=MODELS)
    db.execute("INSERT INTO evaluation.rows VALUES (5, 1, 'text', 'positive', 2)")
    db.execute("INSERT INTO evaluation.dataset_versions (dataset_id, version, total_rows) VALUES (1, 2, 5)")


@pytest.mark.parametrize("role", ["owner", "consumer"])
def test_tallies_equal_what_raw_rows_say(db: psycopg.Connection, consumer: psycopg.Connection, role: str) -> None:
    writer = db if role == "owner" else consumer

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(STATEMENTS, min_size=1, max_size=25))
    def hold(statements: list[Statement]) -> None:
        _two_versions(db)
        for statement in statements:
            before = live(db)
            try:
                statement(writer)
            except DatabaseError:
                assert live(db) == before
        assert live(db) == recounted(db)

    hold()


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Fact], list[Fact]]:
    """The same facts in two orders: rows, jobs, predictions, scores, each known by its key once."""
    chosen: dict[tuple[Any, ...], Fact] = {}
    for fact in draw(st.lists(st.one_of(predictions(), scores()), min_size=1, max_size=30)):
        key = fact.values[:5] + ((fact.values[6],) if fact.table == "scores" else ())
        chosen.setdefault((fact.table, *key), fact)
    rows = [
        Fact("rows", "row_id, dataset_id, content, expected_prediction", (row, 1, "text", "positive"))
        for row in range(1, ROWS + 1)
    ]
    jobs = [
        Fact("modelpromptstatus", "model_id, prompt_id, dataset_id, status, event_status, dataset_version",
             (model, 1, 1, "pending", "pending", 1))
        for model in range(1, MODELS + 1)
    ]  # fmt: skip
    relabelled = [Fact("relabel", "", (2, row)) for row in draw(st.sets(row_ids))]
    moves = st.tuples(st.integers(1, 3), st.sampled_from(["pending", "stop", "cancelled"]), model_ids)
    moved = [Fact("move", "", move) for move in draw(st.lists(moves, max_size=4))]
    facts = [*rows, *jobs, *chosen.values(), *relabelled, *moved]
    return draw(st.permutations(facts)), draw(st.permutations(facts))


def _play(db: psycopg.Connection, writer: psycopg.Connection, facts: list[Fact]) -> Derived:
    """Write each fact as soon as what it refers to is there; what refers to nothing is left out."""
    empty(db)
    world(db, rows=0, models=MODELS, jobs=False)
    db.execute("INSERT INTO evaluation.dataset_versions (dataset_id, version, total_rows) VALUES (1, 1, %s)", [ROWS])
    waiting, stuck = list(facts), -1
    while waiting and len(waiting) != stuck:
        stuck = len(waiting)
        waiting = [fact for fact in waiting if not _written(writer, fact)]
    return live(db)


def _written(writer: psycopg.Connection, fact: Fact) -> bool:
    match fact.table:
        case "relabel":
            relabel = (
                "UPDATE evaluation.rows SET truth_version = %s, expected_prediction = 'negative' WHERE row_id = %s"
            )
            return writer.execute(relabel.encode(), fact.values).rowcount == 1
        case "move":
            return _moved(writer, *fact.values)
    try:
        copy(writer, fact.table, fact.columns, [fact.values])
    except ForeignKeyViolation:
        return False
    return True


def _moved(writer: psycopg.Connection, epoch: int, status: str, model: int) -> bool:
    """Merge a move of a job as consumers do: the greatest epoch, then the furthest state."""
    writer.execute(
        "UPDATE evaluation.modelpromptstatus SET epoch = %(epoch)s, event_status = %(status)s"
        " WHERE model_id = %(model)s AND (epoch, evaluation.job_rank(event_status))"
        " < (%(epoch)s, evaluation.job_rank(%(status)s))",
        {"epoch": epoch, "status": status, "model": model},
    )
    return writer.execute("SELECT FROM evaluation.modelpromptstatus WHERE model_id = %s", [model]).rowcount == 1


def test_any_order_gives_the_same_tallies(db: psycopg.Connection, consumer: psycopg.Connection) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(histories())
    def agree(orders: tuple[list[Fact], list[Fact]]) -> None:
        one, other = (_play(db, consumer, facts) for facts in orders)
        assert one == other == recounted(db)

    agree()
