"""Boards for the tests of the page: snapshots as the ranker would publish them, and the facts behind one entry."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from schema.board import canonical, digest
from schema.evaluation.boards import RULE, TERMS, accuracy_entries

BOARD = "evaluation.accuracy.1"
OTHER = "evaluation.accuracy.2"
START = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
CUT = [["evaluation.predictions", 0, 4210], ["evaluation.predictions", 1, 4188], ["evaluation.scores", 0, 8391]]
ROWS = 4200
FACTS = 120
PREDICTION_OFFSET = 1000


@dataclass(frozen=True)
class Score:
    """How one model did: answers right and wrong, abstentions, failures."""

    model: int
    name: str
    right: int
    wrong: int
    unknown: int = 0
    failed: int = 0


SCORES = (
    Score(1, "lexicon, negation aware", 2860, 1300, 40),
    Score(2, "naive Bayes, word pairs", 2815, 1385),
    Score(3, "naive Bayes", 2702, 1498),
    Score(4, "nearest centroid", 2431, 1700, 12, 57),
    Score(5, "always neutral", 1790, 2410),
    Score(6, "first word", 610, 700, 20),
)


def tally(score: Score) -> dict[str, Any]:
    """A row of the tallies that gives this score."""
    half = score.right // 2
    counts = [
        ["negative", "negative", half],
        ["positive", "positive", score.right - half],
        ["neutral", "positive", score.wrong],
        ["positive", "unknown", score.unknown],
    ]
    done = score.right + score.wrong + score.unknown
    return {
        "model_id": score.model,
        "prompt_id": score.model,
        "dataset_id": 1,
        "model": score.name,
        "labels": None,
        "status": "running",
        "total_rows": ROWS,
        "done": done,
        "failed": score.failed,
        "confusion": [each for each in counts if each[2]],
        "latency": [[40 + 5 * score.model, done // 2], [60 + 5 * score.model, done - done // 2]],
    }


def entries(scores: Sequence[Score]) -> bytes:
    """Canonical entries of a board with these scores."""
    return canonical(accuracy_entries([tally(score) for score in scores]))


def publish(connection: psycopg.Connection[Any], scores: Sequence[Score], at: datetime, board: str = BOARD) -> UUID:
    """Store a snapshot of a board as of a moment; returns its id."""
    name, content = uuid4(), entries(scores)
    rule = {"rank": RULE, "direction": "up", "missing": "last", **TERMS}
    connection.execute(
        "INSERT INTO ledger.snapshot (board, snapshot, as_of, cut_at, cut, rule, digest, entries)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (board, name, at, at, json.dumps(CUT), json.dumps(rule), digest(content), content.decode()),
    )
    return name


def shifted(scores: Sequence[Score], by: Mapping[int, int]) -> list[Score]:
    """The scores with so many more right (and fewer wrong) answers, by model."""
    return [
        Score(s.model, s.name, s.right + by.get(s.model, 0), s.wrong - by.get(s.model, 0), s.unknown, s.failed)
        for s in scores
    ]


def history(connection: psycopg.Connection[Any], snapshots: int = 12) -> list[UUID]:
    """A board whose entries drew apart over some minutes; ids of its snapshots, oldest first."""
    names = []
    for step in range(snapshots):
        left = snapshots - 1 - step
        scores = shifted(SCORES, {1: -31 * left, 2: 8 * (left % 4), 3: 3 * left, 4: -5 * (left % 3)})
        names.append(publish(connection, scores, START + timedelta(minutes=step)))
    return names


def facts(connection: psycopg.Connection[Any], count: int = FACTS) -> None:
    """Two data sets, and a job of model 1 on the first with `count` predictions, landed from partition 0."""
    connection.execute("SET LOCAL timezone = 'UTC'")
    connection.execute(
        """
        INSERT INTO evaluation.datasets (dataset_id, name) VALUES (1, 'tweets'), (2, 'film reviews');
        INSERT INTO evaluation.models (model_id, name, source) VALUES (1, 'lexicon, negation aware', 'local');
        INSERT INTO evaluation.prompts (prompt_id, model_id, text) VALUES (1, 1, '{}');
        """
    )
    connection.execute(
        "INSERT INTO evaluation.dataset_versions (dataset_id, version, total_rows) VALUES (1, 1, %s), (2, 1, 0)",
        (count,),
    )
    connection.execute(
        "INSERT INTO evaluation.rows (row_id, dataset_id, content, expected_prediction)"
        " SELECT i, 1, 'Line ' || i || ', not bad <b>& quite long</b>', 'positive' FROM generate_series(1, %s) AS i",
        (count,),
    )
    connection.execute(
        "INSERT INTO evaluation.modelpromptstatus"
        " (model_id, prompt_id, dataset_id, status, event_status, dataset_version, total_rows)"
        " VALUES (1, 1, 1, 'pending', 'pending', 1, %s), (1, 1, 2, 'pending', 'pending', 1, 0)",
        (count,),
    )
    connection.execute(
        "INSERT INTO evaluation.predictions (row_id, model_id, prompt_id, dataset_id, prediction, prediction_time,"
        " status, predicted_at, digest, place_partition, place_offset)"
        " SELECT i, 1, 1, 1, CASE WHEN i %% 3 = 0 THEN 'negative' ELSE 'positive' END, 0.000123, 'success', %s,"
        " decode(md5(i::text), 'hex'), 0, %s + i FROM generate_series(1, %s) AS i",
        (START, PREDICTION_OFFSET, count),
    )
    connection.execute(
        "INSERT INTO evaluation.scores (row_id, model_id, prompt_id, dataset_id, attempt, prediction_digest,"
        " truth_version, gold, predicted, correct, place_partition, place_offset)"
        " SELECT p.row_id, 1, 1, 1, 1, p.digest, 1, 'positive', p.prediction, (p.prediction = 'positive')::int, 2,"
        " 5000 + p.row_id FROM evaluation.predictions AS p"
    )
