"""The boards of the chess domain: counts in, ranked entries out; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from schema.board import Entry, Standing, placed, rounded
from schema.chess.elo import UNSEEN, elo_interval, normalized_elo, superiority
from schema.chess.ratings import Match, Network, Pairing, Rating, rate, runtime_chain
from schema.chess.scoring import mean_score, observed
from schema.chess.sprt import GAMES, PAIRS, Sprt
from schema.declare import Board, Detail, Metric

RULE, DIRECTION = "standard", "up"
ELO, SHARE, RATIO = 1, 4, 3
"""Decimals of ratings, of shares and of the log likelihood ratio on boards."""

GAMES_MIN = 100
"""An entry with fewer games is provisional."""

INPUTS = ("catalog", "jobs", "predictions")
BRADLEY_TERRY = "Bradley-Terry, draws as half: P = 1 / (1 + 10^((Rj - Ri) / 400)), anchors fixed"

RATING_METRICS = (
    Metric("score", "Elo", "Elo", "up", BRADLEY_TERRY, ELO),
    Metric("chain_elo", "Elo by the chain", "Elo", "up", "best before + Elo of the own match (legacy server)", ELO),
    Metric("points", "Points", "share", "up", "(wins + draws / 2) / games", SHARE),
    Metric("games", "Games", "games", "up", "of decided matches without special parameters", 0),
)


def _decimal(figure: float | None, decimals: int) -> Decimal | None:
    return None if figure is None else rounded(Decimal(repr(float(figure))), decimals)


def rating_entries(rows: Sequence[Mapping[str, Any]], unseen: float = UNSEEN) -> list[Entry]:
    """One entry a network that has played, or is an anchor; who has no finite rating comes last."""
    anchors = {row["id"]: row["elo"] for row in rows if row["anchor"]}
    ratings = rate((pairing for pairing, _ in _matches(rows)), anchors, unseen)
    networks = [Network(row["id"], row["elo"], row["elo_set"], row["anchor"]) for row in rows]
    chain = runtime_chain(networks, (match for _, match in _matches(rows)))
    lines = [_rating(row, ratings[row["id"]], chain.get(row["id"])) for row in rows if row["id"] in ratings]
    return placed(lines, rule=RULE, direction=DIRECTION)


def _matches(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Pairing, Match]]:
    for row in rows:
        for match_id, opponent, wins, draws, losses, passed, test_only in row["matches"]:
            pairing = Pairing(row["id"], opponent, wins, draws, losses)
            yield pairing, Match(match_id, row["id"], wins, losses, draws, passed, test_only)


def _rating(row: Mapping[str, Any], rating: Rating, chain: float | None) -> tuple[Standing, Entry]:
    score = _decimal(rating.elo, ELO)
    known = rating.elo is not None and rating.error is not None
    low, high = ((_decimal((rating.elo or 0) + sign * (rating.error or 0), ELO) if known else None) for sign in (-1, 1))
    provisional = rating.pool != 0 or (rating.games < GAMES_MIN and not row["anchor"])
    standing = Standing(score, low, high, provisional, ties=(row["id"],))
    entry = {
        "id": str(row["id"]),
        "name": _name(row),
        "provisional": provisional,
        "anchor": row["anchor"],
        "n": rating.games,
        "games": rating.games,
        "score": score,
        "low": low,
        "high": high,
        "chain_elo": _decimal(chain, ELO),
        "points": _decimal(rating.score / rating.games, SHARE) if rating.games else None,
        "pool": rating.pool,
        "why": rating.why,
    }
    return standing, entry


def _name(row: Mapping[str, Any]) -> str:
    if row["network_number"] is None:
        return f"network {row['id']}"
    return f"{row['training_run_id']}/{row['network_number']}" if row["training_run_id"] else f"{row['network_number']}"


TEST_METRICS = (
    Metric("score", "Elo", "Elo", "up", "-400 log10(1 / s - 1) of the mean score s", ELO),
    Metric("llr", "LLR", "", "up", "generalised sequential probability ratio of elo1 against elo0", RATIO),
    Metric("los", "LOS", "share", "up", "Phi((mean - 1/2) / standard error)", SHARE),
    Metric("normalized_elo", "Normalised Elo", "Elo", "up", "(mean - 1/2) / spread of a game x 800 / ln 10", ELO),
    Metric("games", "Games", "games", "up", "up to the verdict", 0),
)
DETAILS = (
    Detail(
        "State",
        "passed: the ratio reached its upper bound; failed: the lower one",
        ("status",),
        {"accepted": "passed", "rejected": "failed", "PENDING": "waiting", "ACTIVE": "running"},
    ),
    Detail("LLR in its bounds", "log likelihood ratio, from failed to passed", ("lower", "llr", "upper"), between=True),
    Detail("Pairs", "pairs of games by points: 0, ½, 1, 1½, 2", ("ll", "ld", "dd", "dw", "ww")),
)
SET_METRICS = (TEST_METRICS[0], TEST_METRICS[2], TEST_METRICS[4])
COUNTS = ("wins", "losses", "draws", "ll", "ld", "dd", "dw", "ww", "unpaired", "crashes", "timeouts")


def _strength(row: Mapping[str, Any], unseen: float) -> dict[str, Decimal | None]:
    counts = observed(row)
    if sum(counts) < 2:
        return dict.fromkeys(("score", "low", "high", "los"))
    low, score, high = elo_interval(counts, unseen)
    return {
        "score": _decimal(score, ELO),
        "low": _decimal(low, ELO),
        "high": _decimal(high, ELO),
        "los": _decimal(superiority(counts), SHARE),
    }


def test_entries(rows: Sequence[Mapping[str, Any]], *, unseen: float) -> list[Entry]:
    """One entry a sequential test; the figures of a decided one are those of its decision."""
    return placed([_test(row, unseen) for row in rows], rule=RULE, direction=DIRECTION)


def _test(row: Mapping[str, Any], unseen: float) -> tuple[Standing, Entry]:
    figures = _strength(row, unseen)
    running = row["verdict"] is None
    standing = Standing(figures["score"], figures["low"], figures["high"], running, ties=(row["task_id"],))
    entry = {
        "id": str(row["task_id"]),
        "name": row["description"] or f"test {row['task_id']}",
        "status": row["verdict"] or row["status"],
        "provisional": running,
        "candidate": str(row["candidate_network_id"]),
        "baseline": str(row["baseline_network_id"]),
        "n": row["wins"] + row["losses"] + row["draws"],
        "games": row["wins"] + row["losses"] + row["draws"],
        **figures,
        "llr": _decimal(llr(row), RATIO),
        "lower": _decimal(row["lower"], RATIO),
        "upper": _decimal(row["upper"], RATIO),
        "normalized_elo": _decimal(normalized_elo(observed(row))[0], ELO) if figures["score"] is not None else None,
        **{name: row[name] for name in (*COUNTS, "late")},
    }
    return standing, entry


def llr(row: Mapping[str, Any]) -> float:
    """The log likelihood ratio of a test's counts, by its own model; that of nothing is 0."""
    games = row["model"] == "bayesian" or len(observed(row)) == GAMES
    counts = (row["losses"], row["draws"], row["wins"]) if games else observed(row)
    if not any(counts):
        return 0.0
    return Sprt(row["elo0"], row["elo1"], row["alpha"], row["beta"], row["model"], GAMES if games else PAIRS).llr(
        counts
    )


def set_entries(rows: Sequence[Mapping[str, Any]], unseen: float = UNSEEN) -> list[Entry]:
    """One entry a parameter set of one tuning, by the points it took."""
    return placed([_set(row, unseen) for row in rows], rule=RULE, direction=DIRECTION)


def _set(row: Mapping[str, Any], unseen: float) -> tuple[Standing, Entry]:
    figures, games = _strength(row, unseen), row["wins"] + row["losses"] + row["draws"]
    provisional = row["status"] != "DONE"
    standing = Standing(figures["score"], figures["low"], figures["high"], provisional, ties=(row["param_set_id"],))
    entry = {
        "id": row["param_set_id"],
        "name": row["param_set_id"],
        "status": row["status"],
        "provisional": provisional,
        "params_args": row["params_args"],
        "params_uci_options": row["params_uci_options"],
        "n": games,
        "games": games,
        "points": _decimal(mean_score((row["losses"], row["draws"], row["wins"])), SHARE) if games else None,
        **figures,
        **{name: row[name] for name in COUNTS},
    }
    return standing, entry


RATINGS = Board(
    name="ratings",
    title="Networks",
    about="How strong networks are, in Elo, by all their decided matches against each other. A network enters with its "
    "first decided match that has no special parameters; below 100 games its rating is provisional. Anchors are given.",
    headline=True,
    scopes="ratings_scopes.sql",
    sql="ratings.sql",
    entries=rating_entries,
    metrics=RATING_METRICS,
    rank_rule=RULE,
    direction=DIRECTION,
    missing="last",
    inputs=INPUTS,
    drill="ratings_drill.sql",
    ties=("id",),
    terms={
        "interval": "sandwich 95 %, of the difference to the anchors",
        "unseen": UNSEEN,
        "provisional_below": {"games": GAMES_MIN},
        "excluded": "special parameters",
    },
)
"""Networks by all their decided matches; the legacy server's chain beside it."""

TESTS = Board(
    name="sprt",
    title="Sequential tests",
    about="What a candidate gains over its baseline, by the games of a sequential test (SPRT). A test passes or fails "
    "once its log likelihood ratio reaches a bound, and its figures are those of that moment. A test enters with its "
    "creation and stays provisional while it runs.",
    details=DETAILS,
    scopes="sprt_scopes.sql",
    sql="sprt.sql",
    entries=partial(test_entries, unseen=UNSEEN),
    metrics=TEST_METRICS,
    rank_rule=RULE,
    direction=DIRECTION,
    missing="last",
    inputs=INPUTS,
    drill="sprt_drill.sql",
    ties=("id",),
    terms={"interval": "Student t 95 %", "unseen": UNSEEN, "provisional": "undecided", "empty_cells": 0.001},
)
"""Sequential tests by what the candidate gains; undecided ones come after decided ones."""

SETS = Board(
    name="tune",
    title="Parameter sets",
    about="How the parameter sets of one tuning fare, by the points that they took. A set enters when it is made and "
    "stays provisional while games of it are outstanding.",
    scopes="tune_scopes.sql",
    sql="tune.sql",
    entries=set_entries,
    metrics=SET_METRICS,
    rank_rule=RULE,
    direction=DIRECTION,
    missing="last",
    inputs=INPUTS,
    drill="tune_drill.sql",
    ties=("id",),
    terms={"interval": "Student t 95 %", "unseen": UNSEEN, "provisional": "games outstanding"},
)
"""The parameter sets of a tuning, a board for every tuning."""


def _with_edition(board: Board) -> Board:
    """The board, and as it was before outcomes that nobody saw were reckoned with."""
    terms = {name: term for name, term in board.terms.items() if name != "unseen"}
    entries: Callable[..., list[Entry]] = board.entries
    before = replace(board, entries=partial(entries, unseen=0.0), terms=terms)
    return replace(board, editions=(before,))


BOARDS = tuple(map(_with_edition, (RATINGS, TESTS, SETS)))
