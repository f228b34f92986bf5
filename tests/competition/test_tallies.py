"""Whatever is written, in whatever order and cut: sums, first hours and windows are what predictions say."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.errors import IntegrityError

from schema.competition import DOMAIN
from tests.competition.byhand import (
    INSTANT,
    MODELS,
    SCOPES,
    Db,
    Prediction,
    copy,
    counted,
    insert,
    recounted,
    rewound,
    windows,
    world,
)
from tests.competition.contest import HOUR, T0
from tests.tables import empty

EDGES = (0, 24, 72, 168)
MOMENTS = [T0 + 168 * HOUR - hours * HOUR + shift for hours in EDGES for shift in (-INSTANT, 0 * HOUR, INSTANT)]
SOME = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FEW = settings(SOME, max_examples=15)

Statement = Callable[[Db], Any]
models, scopes, moments = st.sampled_from(MODELS), st.sampled_from(SCOPES), st.sampled_from(MOMENTS)
values = st.sampled_from([0.0, 1.0, -0.5, 0.1, 0.2, 1 / 3, 999_999.999999999])


@st.composite
def predictions(draw: st.DrawFn) -> Prediction:
    value, success = draw(
        st.tuples(values, st.just(True)) | st.sampled_from([(None, True), (None, False), (0.0, False)])
    )
    return Prediction(draw(models), draw(scopes), draw(moments), value, success)


def _batch(write: Callable[[Db, list[Prediction]], None]) -> st.SearchStrategy[Statement]:
    many = st.lists(predictions(), min_size=1, max_size=8, unique_by=lambda one: one.id)
    return many.map(lambda batch: lambda db: write(db, batch))


def _statement(text: str, *parameters: st.SearchStrategy[Any]) -> st.SearchStrategy[Statement]:
    return st.tuples(*parameters).map(lambda given_: lambda db: db.execute(text.encode(), given_))


STATEMENTS = st.one_of(
    _batch(copy),
    _batch(insert),
    _batch(insert),
    _statement(
        "UPDATE competition.predictions SET score_status = 'SCORED', score_value = %s, score_success = true,"
        " score_scored_at = resolvable_at WHERE model_id = %s AND score_status = 'PENDING'",
        values,
        models,
    ),
    _statement("DELETE FROM competition.predictions WHERE scope_key = %s AND resolvable_at = %s", scopes, moments),
    _statement("DELETE FROM competition.predictions WHERE model_id = %s", models),
    _statement("TRUNCATE competition.predictions CASCADE"),
)


@SOME
@given(st.lists(STATEMENTS, max_size=8))
def test_derived_tables_are_what_the_predictions_say(owner: Db, statements: list[Statement]) -> None:
    empty(owner, DOMAIN)
    world(owner, MOMENTS)
    for statement in statements:
        with suppress(IntegrityError):
            statement(owner)
    assert counted(owner) == recounted(owner)
    for scope in (None, *SCOPES):
        assert windows(owner, scope) == rewound(owner, scope)


@FEW
@given(st.lists(predictions(), min_size=1, max_size=12, unique_by=lambda one: one.id), st.data())
def test_no_order_or_cut_shows(owner: Db, many: list[Prediction], data: st.DataObject) -> None:
    found = []
    for order in (many, data.draw(st.permutations(many))):
        empty(owner, DOMAIN)
        world(owner, MOMENTS)
        while order:
            cut = data.draw(st.integers(1, len(order)))
            copy(owner, order[:cut])
            order = order[cut:]
        found.append((counted(owner), windows(owner)))
    assert found[0] == found[1]


@pytest.mark.parametrize("hours", EDGES[1:])
def test_a_window_ends_with_its_edge_and_begins_after_its_other_end(owner: Db, hours: int) -> None:
    edge = T0 + 168 * HOUR
    begin = edge - hours * HOUR
    world(owner, MOMENTS)
    copy(owner, [Prediction("a", "s", at, 1.0) for at in (edge, begin, begin + INSTANT)])
    (window,) = windows(owner).values()
    name = {24: "recent", 72: "steady", 168: "anchor"}[hours]
    assert window[name][0] == 2


@pytest.mark.parametrize(
    ("value", "success", "reason", "scored_at"),
    [
        ("NaN", True, None, "at"),
        ("Infinity", True, None, "at"),
        (2e6, True, None, "at"),
        (None, True, None, "at"),
        (0.5, True, "but", "at"),
        (0.0, False, None, "at"),
        (0.0, False, "", "at"),
        (0.5, None, None, "at"),
        (0.5, True, None, None),
        (0.5, True, None, "before"),
    ],
)
def test_a_score_is_whole_or_not_there(owner: Db, value: Any, success: Any, reason: Any, scored_at: Any) -> None:
    world(owner, [T0])
    copy(owner, [Prediction("a", "s", T0, None)])
    when = {"at": T0, "before": T0 - INSTANT, None: None}[scored_at]
    with pytest.raises(IntegrityError):
        owner.execute(
            "UPDATE competition.predictions SET score_status = 'SCORED', score_value = %s, score_success = %s,"
            " score_failed_reason = %s, score_scored_at = %s",
            [value, success, reason, when],
        )
    assert counted(owner) == ({}, {})


def test_a_prediction_agrees_with_its_round(owner: Db) -> None:
    world(owner, [T0])
    one = Prediction("a", "s", T0, None).row
    with pytest.raises(IntegrityError):
        owner.execute(
            "INSERT INTO competition.predictions (id, model_id, prediction_config_id, scope_key, status, exec_time_ms,"
            " performed_at, resolvable_at, absent) VALUES (%s, 'a', 's', 's', 'SUCCESS', 1, %s, %s, false)",
            [one[0], T0 - HOUR, T0 + INSTANT],
        )
