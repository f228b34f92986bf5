"""Boards of ten thousand models over a million scored predictions: how long a cut takes as history grows."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import Connection

from bench.environment import Environment
from bench.options import Options
from bench.verdict import Verdict, measure
from schema.board import digest
from schema.competition import DOMAIN
from schema.competition.boards import SCOPE_BOARD, WINDOWS_BOARD
from schema.declare import Board
from streams.rank import entries

MODELS, SCOPES = 10_000, 4
EVENTS = 1_000_000
EVERY = timedelta(hours=8)
"""Between the rounds of a scope: a million predictions reach back 200 hours, the windows 168."""

END = datetime(2026, 3, 1, tzinfo=UTC)
CUTS_PER_PAIR = 3

WORLD = (
    "INSERT INTO competition.models (id, name, deployment_identifier, created_at, updated_at)"
    f" SELECT n, 'model ' || n, '1', '2020-01-01Z', '2020-01-01Z' FROM generate_series(1, {MODELS}) n",
    "INSERT INTO competition.scheduled_prediction_configs (id, scope_key)"
    f" SELECT n, 'scope ' || n FROM generate_series(1, {SCOPES}) n",
)
SLOT = "(SELECT %(scope)s::text AS scope, %(round)s::int AS round, %(at)s::timestamptz AS at) slot"
ROUND = (
    "INSERT INTO competition.rounds (prediction_config_id, performed_at, scope_key, closes_at, resolvable_at,"
    " expires_at, replayed, status)"
    f" SELECT scope, at, 'scope ' || scope, at, at, at, true, 'open' FROM {SLOT}"
)
SCORED = (
    "INSERT INTO competition.predictions (id, model_id, prediction_config_id, scope_key, status, exec_time_ms,"
    " performed_at, resolvable_at, absent, score_status, score_value, score_success, score_scored_at)"
    " SELECT 'PRE_' || n || '_' || scope || '_' || round, n, scope, 'scope ' || scope, 'SUCCESS', 1,"
    " at, at, false, 'SCORED', ((n::bigint * 7919 + round * 104729) %% 1000003) / 1000003.0, true, at"
    f" FROM {SLOT}, generate_series(1, {MODELS}) n"
)


def run(environment: Environment, options: Options) -> Verdict:
    """Cut, fill in as much history again, cut anew."""
    rounds = max(1, (options.events or EVENTS) // (MODELS * SCOPES))
    with environment.database() as database, psycopg.connect(database.dsn("owner"), autocommit=True) as connection:
        for statement in WORLD:
            connection.execute(statement.encode())
        filled = [_filled(connection, range(rounds))]
        before = {board.name: _cuts(connection, board, options) for board in (WINDOWS_BOARD, SCOPE_BOARD)}
        filled.append(_filled(connection, range(rounds, 2 * rounds)))
        after = {board.name: _cuts(connection, board, options) for board in (WINDOWS_BOARD, SCOPE_BOARD)}
    whole = WINDOWS_BOARD.name
    return Verdict(
        "competition",
        "How long does a board of ten thousand models take to cut, and does it stay so as history grows?",
        f"{MODELS:,} models in {SCOPES} scopes, a round every {EVERY.total_seconds() / 3600:.0f} hours, every "
        "prediction scored through the triggers; then as many older rounds again. A cut reads the sums of the windows, "
        "ranks the models and makes the canonical bytes and their digest, as the rank stream does. "
        f"`{SCOPE_BOARD.name}` cuts one board for each scope.",
        [
            measure("all scopes", before[whole], 1.0, "s", at_most=True),
            measure("all scopes, twice the history", after[whole], 1.0, "s", at_most=True),
            measure("speed left with twice the history", _ratios(before[whole], after[whole]), 0.8),
            measure("one scope", [seconds / SCOPES for seconds in after[SCOPE_BOARD.name]], 1.0, "s", at_most=True),
        ],
        {
            "history": {"predictions": rounds * SCOPES * MODELS, "filled_per_second": filled[0]},
            "twice": {"predictions": 2 * rounds * SCOPES * MODELS, "filled_per_second": filled[1]},
        },
    )


def _filled(connection: Connection[Any], rounds: range) -> float:
    """Insert rounds, counted backwards from the end, with the scores of all models; predictions a second."""
    began = time.perf_counter()
    for number in rounds:
        for scope in range(1, SCOPES + 1):
            parameters = {"scope": str(scope), "at": END - number * EVERY, "round": number}
            connection.execute(ROUND.encode(), parameters)
            connection.execute(SCORED.encode(), parameters)
    rate = len(rounds) * SCOPES * MODELS / (time.perf_counter() - began)
    connection.execute("VACUUM ANALYZE")
    return round(rate)


def _cuts(connection: Connection[Any], board: Board, options: Options) -> list[float]:
    """Seconds of several cuts, after one that warms up."""
    found = []
    for _ in range(1 + options.pairs * CUTS_PER_PAIR):
        began = time.perf_counter()
        with connection.transaction():
            for _id, text in entries(connection, DOMAIN, board):
                digest(text)
        found.append(time.perf_counter() - began)
    return found[1:]


def _ratios(before: list[float], after: list[float]) -> list[float]:
    return [one / other for one, other in zip(sorted(before), sorted(after), strict=True)]
