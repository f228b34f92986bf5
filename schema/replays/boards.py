"""The boards of the replays domain: players, teams and deck types of public jobs, and how jobs fare; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from schema.board import EXACT, Entry, Standing, placed, rounded, share
from schema.declare import Board, Metric
from schema.interval import bounds
from schema.replays.scoring import (
    ELO_K,
    ELO_START,
    ELO_UNIT,
    Game,
    Record,
    count,
    deck_records,
    player,
    read_decks,
    read_game,
    records,
)

RULE, DIRECTION = "standard", "up"
RATIO, POINTS, SECONDS = 4, 1, 3
GAMES_MIN = 6
"""An entry with fewer games is provisional."""

INPUTS = ("catalog", "jobs", "predictions", "scores")
TERMS = {
    "interval": "Wilson 95 %, z = 1.96",
    "provisional_below": {"games": GAMES_MIN},
    "games": "of pages that a public job lists, as the newest parser reads them; unfinished ones are left out",
}

_WIN_RATE = Metric("score", "Win rate", "share", "up", "won / (won + lost + drawn)", RATIO)
PLAYER_METRICS = (
    _WIN_RATE,
    Metric("elo", "Elo", "points", "up", f"start {ELO_START}, K {ELO_K}, games in the order played", POINTS),
    Metric("match_rate", "Matches won", "share", "up", "won / (won + lost), first to two games", RATIO),
    Metric("first_rate", "Won going first", "share", "up", "won going first / games going first", RATIO),
    Metric("streak", "Streak", "games", "up", "equal results in a row, negative for losses; a draw ends it", 0),
)
TEAM_METRICS = (_WIN_RATE, Metric("players", "Players", "players", "up", "confirmed players", 0))
DECK_METRICS = (
    _WIN_RATE,
    Metric("share", "Share", "share", "up", "games and sides with it / all games and sides", RATIO),
    Metric("confidence", "Confidence", "share", "up", "mean confidence of the classifier", RATIO),
)
PROGRESS_METRICS = (
    Metric("score", "Success", "share", "up", "completed / (completed + failed)", RATIO),
    Metric("progress", "Links done", "share", "up", "processed / all links of jobs that are not over", RATIO),
    Metric("cache_rate", "Cache hits", "share", "up", "cached / (cached + scraped)", RATIO),
    Metric("retries", "Tries a page", "tries", "down", "mean number of attempts at a scraped page", 2),
    Metric("p50", "Median time", "s", "down", "nearest rank 50 % of submission to completion", SECONDS),
    Metric("p95", "Time p95", "s", "down", "nearest rank 95 % of submission to completion", SECONDS),
    Metric("queue_p95", "Queue age p95", "s", "down", "nearest rank 95 % of waiting, at the newest event", SECONDS),
    Metric("awaiting", "To be confirmed", "jobs", "down", "jobs that wait for a confirmation", 0),
)


def _line(key: str, name: str, part: int, whole: int, more: Mapping[str, Any]) -> tuple[Standing, Entry]:
    """An entry by the share part / whole: equal shares by more games, then by name."""
    score, (low, high) = share(part, whole, RATIO), bounds(part, whole, RATIO)
    provisional = whole < GAMES_MIN
    standing = Standing(score, low, high, provisional, ties=(-whole, name, key))
    return standing, {
        "id": key, "name": name, "n": whole, "provisional": provisional,
        "score": score, "low": low, "high": high, **more,
    }  # fmt: skip


def _results(record: Record) -> dict[str, Any]:
    return {"wins": record.wins, "losses": record.losses, "draws": record.draws}


def player_entries(rows: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """One entry a player, over rows of players.sql."""
    return placed(
        [_player_line(key, record) for key, record in records(map(read_game, rows)).items()],
        rule=RULE,
        direction=DIRECTION,
    )


def _player_line(key: str, record: Record) -> tuple[Standing, Entry]:
    more = {
        **_results(record),
        "unfinished": record.unfinished,
        "pages": len(record.pages),
        "matches": record.matches_won + record.matches_lost,
        "match_rate": share(record.matches_won, record.matches_won + record.matches_lost, RATIO),
        "first_rate": share(record.won_first, record.went_first, RATIO),
        "streak": record.streak,
        "elo": rounded(Decimal(record.rating) / ELO_UNIT, POINTS),
    }
    return _line(key, record.spelling, record.wins, record.games, more)


def team_entries(rows: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """One entry a team of a public job, over rows of teams.sql: sums over its confirmed players."""
    teams: dict[str, Record] = {}
    shown: dict[str, tuple[str, int]] = {}
    for row in rows:
        key = f"{row['shareable_id']}:{row['team_name']}"
        shown[key] = row["team_name"], len(row["confirmed_players"])
        record = teams.setdefault(key, Record())
        if row["url"] is not None and not row["unfinished"]:
            _count_team(record, read_game(row), {player(name) for name in row["confirmed_players"]})
    lines = [
        _line(key, shown[key][0], record.wins, record.games, {**_results(record), "players": shown[key][1]})
        for key, record in teams.items()
    ]
    return placed(lines, rule=RULE, direction=DIRECTION)


def _count_team(record: Record, game: Game, members: set[str]) -> None:
    for seat, name in enumerate(game.players, 1):
        if player(name) in members:
            count(record, game, seat)


def deck_entries(rows: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """One entry a deck type, over rows of decks.sql."""
    found = deck_records(read_decks(rows))
    total = sum(record.games for record in found.values())
    lines = [
        _line(deck, deck, record.wins, record.games, {
            "wins": record.wins, "losses": record.losses, "draws": record.draws,
            "share": share(record.games, total, RATIO),
            "confidence": rounded(EXACT.divide(record.confidence, Decimal(record.games)), RATIO),
        })
        for deck, record in found.items()
    ]  # fmt: skip
    return placed(lines, rule=RULE, direction=DIRECTION)


def progress_entries(rows: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """One entry a type of job: figures of all jobs together, of which none can be told."""
    return placed([_progress_line(row) for row in rows], rule=RULE, direction=DIRECTION)


def _progress_line(row: Mapping[str, Any]) -> tuple[Standing, Entry]:
    ended = row["completed"] + row["failed"]
    seconds, waiting = sorted(row["seconds"]), sorted(row["waiting"])
    more = {
        **{name: row[name] for name in ("pending", "running", "completed", "failed", "cancelled", "awaiting")},
        "progress": share(row["processed_urls"], row["total_urls"], RATIO),
        "cache_rate": share(row["cached"], row["cached"] + row["scraped"], RATIO),
        "retries": _mean(row["attempts"], row["scrapes"]),
        "p50": _nearest(seconds, 50),
        "p95": _nearest(seconds, 95),
        "queue_p95": _nearest(waiting, 95),
    }
    return _line(row["job_type"], row["job_type"], row["completed"], ended, more)


def _mean(total: int, n: int) -> Decimal | None:
    return rounded(EXACT.divide(Decimal(total), Decimal(n)), 2) if n else None


def _nearest(ordered: Sequence[float], percent: int) -> Decimal | None:
    """The element at ceil(percent of n), from 1."""
    if not ordered:
        return None
    place = -(-len(ordered) * Fraction(percent, 100) // 1)
    return rounded(Decimal(repr(ordered[int(place) - 1])), SECONDS)


def compared(row: Mapping[str, Any]) -> dict[str, Any]:
    """What entry a won of its games against entry b, with a 95 % interval of its share of the decided ones."""
    low, high = bounds(row["only_a"], row["only_a"] + row["only_b"], RATIO)
    ratio = share(row["only_a"], row["only_a"] + row["only_b"], RATIO)
    figures = {"share": ratio, "low": low, "high": high}
    return {**row, **{name: None if figure is None else float(figure) for name, figure in figures.items()}}


def _board(
    name: str, about: str, entries: Any, metrics: tuple[Metric, ...], ties: tuple[str, ...], **more: Any
) -> Board:
    return Board(
        name=name,
        title=TITLES[name],
        about=about,
        scopes=f"{name}_scopes.sql",
        sql=f"{name}.sql",
        entries=entries,
        metrics=metrics,
        rank_rule=RULE,
        direction=DIRECTION,
        missing="last",
        ties=ties,
        inputs=INPUTS,
        **{"terms": TERMS, **more},
    )


_TIES = ("n", "name")
COMPARED_AS = {
    "common": "Games against each other",
    "only_a": "{a} won",
    "only_b": "{b} won",
    "drawn": "Drawn",
    "share": "Share of the decided games that {a} won",
}
TITLES = {"players": "Players", "teams": "Teams", "decks": "Deck types", "progress": "Jobs"}
BOARDS = (
    _board("players",
        "Which share of their games players win, by the replays that public jobs list. A player enters with the first "
        f"finished game on such a page; below {GAMES_MIN} games the figure is provisional.",
        player_entries, PLAYER_METRICS, _TIES, headline=True,
        drill="players_drill.sql", compare="players_compare.sql", compared=compared, compared_as=COMPARED_AS),
    _board("teams",
        "Which share of their games the confirmed players of a team win, by the replays of its public job. A team "
        "enters when its players are confirmed.",
        team_entries, TEAM_METRICS, _TIES),
    _board("decks",
        "Which share of their games deck types win, as a classifier names the decks that public replays show. A type "
        f"enters with its first game; below {GAMES_MIN} games the figure is provisional.",
        deck_entries, DECK_METRICS, _TIES,
        drill="decks_drill.sql", compare="decks_compare.sql", compared=compared, compared_as=COMPARED_AS),
    _board("progress",
        "Which share of jobs succeed, and how long they and their pages take, by type of job and as totals only: of a "
        "single job nothing is told.",
        progress_entries, PROGRESS_METRICS, _TIES,
        terms={"interval": TERMS["interval"], "jobs": "all of a type together, public or not"}),
)  # fmt: skip
"""Players, teams and deck types by win rate, of public jobs only; jobs by success, as totals only."""
