"""What is legal is computable: records, ratings and boards of replays over their whole legal input."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.board import canonical
from schema.decode import decoders
from schema.refusal import Refused
from schema.replays import DOMAIN
from schema.replays.boards import compared, deck_entries, player_entries, progress_entries, team_entries
from schema.replays.links import canonical as link_of
from schema.replays.scoring import ELO_K, ELO_UNIT, elo_gain, player
from schema.types import INT4_MAX, STEPS_MAX
from tests.schema.records import record

NAMES = st.sampled_from(["Ana", "ana ", "ANA", "İ", "i̇", "ς", "Σ", "\u00a0x\u00a0", "x" * 255, "=1+1"]) | st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=6
)
TIMES = st.datetimes(timezones=st.just(UTC)) | st.sampled_from(
    [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)]
)
SEATS = st.sampled_from([None, 1, 2])
URLS = st.sampled_from([f"https://www.duelingbook.com/replay?id={n}" for n in (1, 2, 999_999_999_999_999)])
SOME = settings(max_examples=150, deadline=None)


@st.composite
def games(draw: st.DrawFn) -> dict[str, Any]:
    """A row of players.sql, decks.sql and teams.sql together."""
    unfinished = draw(st.booleans())
    return {
        "url": draw(URLS),
        "played_at": draw(TIMES),
        "game": draw(st.integers(1, 100)),
        "player1": draw(NAMES),
        "player2": draw(NAMES),
        "first": draw(SEATS),
        "winner": None if unfinished else draw(SEATS),
        "unfinished": unfinished,
        "player": draw(st.sampled_from([1, 2])),
        "deck": draw(st.none() | NAMES),
        "confidence": draw(st.floats(0, 1) | st.sampled_from([0.0, 5e-324, 1.0])),
        "shareable_id": "s",
        "team_name": draw(NAMES),
        "confirmed_players": draw(st.lists(NAMES, min_size=1, max_size=3)),
    }


@SOME
@given(st.lists(games(), max_size=10))
def test_boards_bear_every_set_of_games(rows: list[dict[str, Any]]) -> None:
    for made in (player_entries, deck_entries, team_entries):
        entries = made(rows)
        assert canonical(entries)
        for entry in entries:
            assert entry["score"] is None or 0 <= entry["low"] <= entry["score"] <= entry["high"] <= 1
        assert len({entry["id"] for entry in entries}) == len(entries)


@given(st.integers(-(10**9), 10**9), SEATS)
def test_a_rating_moves_by_at_most_k_and_more_for_beating_a_stronger_one(ahead: int, winner: int | None) -> None:
    gain = elo_gain(ahead, winner)
    assert abs(gain) <= ELO_K * ELO_UNIT
    assert elo_gain(ahead + 50 * ELO_UNIT, winner) <= gain
    assert elo_gain(ahead, 1) >= gain >= elo_gain(ahead, 2)


COUNTS = st.integers(0, 20) | st.sampled_from([INT4_MAX, 2**53])
SECONDS = st.lists(st.floats(-1e12, 1e12), max_size=6)


FIGURES = (
    *("pending", "running", "completed", "failed", "cancelled", "awaiting"),
    *("processed_urls", "total_urls", "cached", "scraped", "attempts", "scrapes"),
)


@SOME
@given(st.fixed_dictionaries(dict.fromkeys(FIGURES, COUNTS)), SECONDS, SECONDS)
def test_progress_bears_every_total(row: dict[str, Any], seconds: list[float], waiting: list[float]) -> None:
    entries = progress_entries([{**row, "job_type": "INDIVIDUAL", "seconds": seconds, "waiting": waiting}])
    assert canonical(entries)


@given(COUNTS, COUNTS)
def test_a_comparison_bears_every_count(only_a: int, only_b: int) -> None:
    found = compared({"only_a": only_a, "only_b": only_b})
    assert all(found[name] is None or 0 <= found[name] <= 1 for name in ("share", "low", "high"))


@given(st.text(max_size=600))
def test_any_text_is_a_link_or_none(text: str) -> None:
    found = link_of(text)
    assert found is None or link_of(found) == found
    assert player(player(text)) == player(text)


@pytest.mark.parametrize("field", ["epoch", "attempt"])
def test_steps_end_where_one_more_still_fits(field: str) -> None:
    event = DOMAIN.by_type["replays.url.failed.v1"]
    decoder = decoders((DOMAIN,))[event.topic]
    assert getattr(decoder.decode(record(event, **{field: STEPS_MAX})).data, field) == STEPS_MAX
    with pytest.raises(Refused, match=f"from 1 to {STEPS_MAX}") as refused:
        decoder.decode(record(event, **{field: STEPS_MAX + 1}))
    assert refused.value.reason == "out-of-range"
