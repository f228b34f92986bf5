"""Models show the newest board, history has a row for each change, and metadata and scores never touch each other."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from schema.competition import DOMAIN
from tests.competition.byhand import MODELS, Db
from tests.competition.contest import HOUR, T0, Contest
from tests.tables import empty

WHOLE = "competition.windows.all"
SCORES = st.sampled_from([None, 0.0, 0.5, 1.0])


class Board(NamedTuple):
    """A snapshot: when it was cut, and the score of each model on it."""

    hour: int
    scores: dict[str, float | None]
    board: str = WHOLE

    @property
    def at(self) -> datetime:
        """When it was cut."""
        return T0 + self.hour * HOUR

    def entry(self, model: str) -> dict[str, Any]:
        """As the board shows the model."""
        score = self.scores[model]
        return {
            "id": model,
            "rank": 1,
            "score": score,
            "steady": score,
            "recent": None,
            "n": 1,
            "scopes": {"s": [None, score, score]},
        }


BOARDS = st.lists(
    st.builds(Board, st.integers(0, 20), st.dictionaries(st.sampled_from(MODELS), SCORES), st.just(WHOLE)),
    min_size=1, max_size=6, unique_by=lambda one: one.hour,
)  # fmt: skip


def put(db: Db, *boards: Board) -> None:
    """One INSERT."""
    values: list[Any] = []
    for one in boards:
        values += [f"LBR_{one.hour}_{one.board}", one.at, Jsonb([one.entry(model) for model in one.scores]), one.board]
    rows = ", ".join(["(%s, %s, %s, %s)"] * len(boards))
    db.execute(
        f"INSERT INTO competition.leaderboards (id, created_at, entries_jsonb, board) VALUES {rows}".encode(), values
    )


def register(db: Db, *models: str) -> None:
    """Plain SQL."""
    for model in models:
        db.execute(
            "INSERT INTO competition.models (id, name, deployment_identifier, created_at, updated_at)"
            " VALUES (%s, %s, '1', %s, %s)",
            [model, model, T0, T0],
        )


def shown(db: Db) -> tuple[Any, Any]:
    """What models show, and their histories."""
    models = db.execute("SELECT id, overall_score_jsonb, scores_by_scope_jsonb FROM competition.models ORDER BY id")
    history = db.execute(
        "SELECT model_id, computed_at, score_payload_jsonb -> 'windows' FROM competition.model_scores ORDER BY 1, 2"
    )
    return models.fetchall(), history.fetchall()


def expected(boards: list[Board]) -> tuple[Any, Any]:
    """The same, told from the boards."""
    models, history = [], []
    for model in MODELS:
        overall: dict[str, Any] = {}
        scopes: list[Any] = []
        for one in sorted(boards, key=lambda board: board.at):
            if model not in one.scores:
                continue
            score = one.scores[model]
            windows = {"recent": None, "steady": score, "anchor": score}
            if windows != overall:
                history.append((model, one.at, windows))
            overall, scopes = windows, [{"scope_key": "s", "score": windows}]
        models.append((model, overall, scopes))
    return models, history


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BOARDS, st.data())
def test_models_show_the_newest_board_whatever_came_first(owner: Db, boards: list[Board], data: st.DataObject) -> None:
    empty(owner, DOMAIN)
    early = data.draw(st.lists(st.sampled_from(MODELS), unique=True))
    register(owner, *early)
    order = data.draw(st.permutations(boards))
    gone = data.draw(st.lists(st.sampled_from(order), unique_by=lambda one: one.hour))
    while order:
        cut = data.draw(st.integers(1, len(order)))
        put(owner, *order[:cut])
        order = order[cut:]
    register(owner, *(model for model in MODELS if model not in early))
    assert shown(owner) == expected(boards)
    for one in gone:
        owner.execute("DELETE FROM competition.leaderboards WHERE created_at = %s", [one.at])
    assert shown(owner) == expected([one for one in boards if one not in gone])


def test_a_board_of_one_scope_is_no_standing(owner: Db) -> None:
    register(owner, *MODELS)
    put(owner, Board(1, {"a": 0.5}, "competition.scope.s"))
    assert shown(owner) == expected([])


@pytest.mark.parametrize("described_first", [True, False])
def test_metadata_and_scores_leave_each_other_alone(contest: Contest, owner: Db, described_first: bool) -> None:
    contest.models("a")
    contest.settle()
    board = Board(1, {"a": 0.0})
    if not described_first:
        put(owner, board)
    contest.tell("model.described", T0 + HOUR, id="a", name="renamed", deployment_identifier="2")
    contest.settle()
    if described_first:
        put(owner, board)
    (row,) = contest.rows("SELECT * FROM competition.models")
    assert (row["name"], row["deployment_identifier"], row["updated_at"]) == ("renamed", "2", T0 + HOUR)
    assert row["overall_score_jsonb"] == {"recent": None, "steady": 0.0, "anchor": 0.0}
    assert row["scores_by_scope_jsonb"] == [{"scope_key": "s", "score": row["overall_score_jsonb"]}]
