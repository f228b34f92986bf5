"""What games come to does not depend on the order in which they arrive, and what one wins the other loses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from schema.replays.scoring import ELO_START, ELO_UNIT, DeckGame, Game, deck_records, elo_gain, matchups, records

DAY = datetime(2026, 3, 1, tzinfo=UTC)
names = st.sampled_from(["Alice", "Bob", "Carol", " alice ", "DAVE"])
seats = st.sampled_from([1, 2, None])
pages = st.lists(
    st.tuples(st.integers(0, 5), names, names, st.lists(st.tuples(seats, seats, st.booleans()), max_size=4)), max_size=8
)
decks = st.sampled_from(["Burn", "Chaos", "Warrior"])


def games_of(found: list[tuple[int, str, str, list[tuple[int | None, int | None, bool]]]]) -> list[Game]:
    return [
        Game(f"u{n}", DAY + timedelta(days=day), number, (one, other), first, winner, unfinished and winner is None)
        for n, (day, one, other, played) in enumerate(found)
        for number, (first, winner, unfinished) in enumerate(played, 1)
    ]


@given(found=pages, seed=st.randoms(use_true_random=False))
def test_records_are_the_same_in_whatever_order_games_arrive(found: list, seed) -> None:  # type: ignore[no-untyped-def, type-arg]
    games = games_of(found)
    shuffled = list(games)
    seed.shuffle(shuffled)
    assert records(shuffled) == records(games)


@given(found=pages)
def test_what_is_won_is_lost_and_ratings_sum_to_their_start(found: list) -> None:  # type: ignore[type-arg]
    everybody = records(games_of(found)).values()
    assert sum(one.wins for one in everybody) == sum(one.losses for one in everybody)
    assert sum(one.matches_won for one in everybody) == sum(one.matches_lost for one in everybody)
    assert sum(one.rating for one in everybody) == ELO_START * ELO_UNIT * len(everybody)
    assert all(one.games == one.wins + one.losses + one.draws for one in everybody)


def test_elo_by_the_formula() -> None:
    assert elo_gain(0, 1) == 16_000
    assert elo_gain(0, None) == 0
    assert elo_gain(400_000, 1) == 2_909
    assert elo_gain(-400_000, 1) == 29_091


@given(found=st.lists(st.tuples(decks, decks, seats), max_size=12))
def test_the_matchup_matrix_is_antisymmetric(found: list[tuple[str, str, int | None]]) -> None:
    games = [
        DeckGame("u", n, seat, deck, Decimal("0.9"), winner)
        for n, (one, other, winner) in enumerate(found)
        for seat, deck in ((1, one), (2, other))
    ]
    matrix = matchups(games)
    for (own, other), (wins, losses, draws) in matrix.items():
        assert matrix[other, own] == (losses, wins, draws)
    assert sum(one.games for one in deck_records(games).values()) == len(games)
