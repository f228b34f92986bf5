"""Whatever is legal of chess can be computed: no exception, finite figures, and more wins are never worse."""

from __future__ import annotations

import math
import random
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schema.board import canonical
from schema.chess import elo
from schema.chess.boards import BOARDS, rating_entries, set_entries
from schema.chess.folds import FINISHED, SPRT_CREATED, begin
from schema.chess.keys import milliseconds
from schema.chess.ranges import BOUND_MAX, BOUND_NORMALIZED_MAX, ELO_MAX, GAMES_MAX, SCALE_MAX, SCALE_MIN
from schema.chess.ratings import Match, Network, Pairing, rate, runtime_chain
from schema.chess.scoring import Clock, finished_tunes, scale_factor, scaled
from schema.chess.sprt import GAMES, MODELS, PAIRS, Sprt, Untestable
from schema.chess.spsa import Parameter, Schedule, Untunable, strength, trial, updated
from schema.chess.tasks import SprtCreated

counts_of = st.one_of(st.just(0), st.integers(0, 3), st.integers(0, 1000), st.integers(0, GAMES_MAX))
any_float = st.one_of(st.floats(), st.sampled_from((0.0, -0.0, 5e-324, 1e-300, 1e308, -1e308, 1e-9, 1 - 1e-9, 200.0)))
TEST = {"task_id": 1, "baseline_network_id": 1, "candidate_network_id": 2, "time_control_type": "nodes_per_move"}


@st.composite
def legal_tests(draw: st.DrawFn) -> Sprt:
    """Any legal test, its ends among them."""
    model = draw(st.sampled_from(MODELS))
    most = BOUND_NORMALIZED_MAX if model == "normalized" else BOUND_MAX
    ends = st.one_of(st.floats(-most, most), st.sampled_from((-most, most, 0.0, 5.0, -10.0, 5e-324)))
    elo0, elo1 = sorted((draw(ends), draw(ends)))
    assume(elo0 < elo1)
    errors = st.one_of(st.floats(1e-9, 0.49), st.sampled_from((1e-9, 0.05, 0.49)))
    alpha, beta = draw(errors), draw(errors)
    return Sprt(elo0, elo1, alpha, beta, model, GAMES if model == "bayesian" else draw(st.sampled_from((GAMES, PAIRS))))


@settings(deadline=None, max_examples=200)
@given(legal_tests(), st.lists(counts_of, min_size=PAIRS, max_size=PAIRS))
@example(Sprt(-200, 200), [0, 3, 624010858, 74, 135766153])
@example(Sprt(111.1, 197.8), [1, 1178008442, 1, 370, 0])
def test_every_ratio_is_finite(test: Sprt, cells: list[int]) -> None:
    look = test.look(cells[: test.cells])
    assert math.isfinite(look.llr)
    assert not any(math.isnan(move) for moves in look.moves for move in moves)
    assert all(map(math.isfinite, test.bounds))


@settings(deadline=None, max_examples=200)
@given(any_float, any_float, any_float, any_float, st.sampled_from(MODELS))
@example(0.0, 300.0, 0.05, 0.05, "normalized")
@example(0.0, 5.0, 0.05, 5e-324, "normalized")
@example(-10.0, 0.0, 0.05, 0.05, "normalized")
def test_what_the_event_takes_is_what_can_be_tested(elo0: float, elo1: float, a: float, b: float, model: Any) -> None:
    """Both refuse the same, and the fold of what is taken folds."""
    told = {**TEST, "nodes_per_move": 800, "elo0": elo0, "elo1": elo1, "alpha": a, "beta": b, "model": model}
    try:
        taken = SprtCreated.model_validate(told)
    except ValidationError:
        with pytest.raises(Untestable):
            Sprt(elo0, elo1, a, b, model, GAMES)
        return
    Sprt(elo0, elo1, a, b, model, GAMES)
    fold = begin(SPRT_CREATED, taken)
    assert fold is not None
    for n, result in enumerate((1, 1, -1, -1, 0, 0, 1, 0, -1, 0)):
        if not fold.closed:
            fold.take(FINISHED, SimpleNamespace(task_id=1, pair_key=str(n // 2), seq=1 + n % 2, result=result))


def test_bounds_out_of_range_are_refused_with_the_limits() -> None:
    told = {**TEST, "nodes_per_move": 800, "elo0": 0.0, "elo1": 300.0}
    with pytest.raises(ValidationError, match=r"from -200\.0 to 200\.0 where the model is normalized"):
        SprtCreated.model_validate(told)
    with pytest.raises(ValidationError, match="less than or equal to 1000"):
        SprtCreated.model_validate({**told, "elo1": 1001.0, "model": "logistic"})
    assert SprtCreated.model_validate({**told, "model": "logistic"}).elo1 == 300.0


@settings(deadline=None, max_examples=200)
@given(legal_tests(), st.lists(counts_of, min_size=PAIRS, max_size=PAIRS))
def test_a_win_never_lowers_a_logistic_ratio(test: Sprt, cells: list[int]) -> None:
    """Nor does a loss raise it. Not so for the normalized model: a win adds to the spread, too."""
    assume(test.model == "logistic")
    cells = cells[: test.cells]
    llr, slack = test.llr(cells), 1e-6 * max(1.0, abs(test.llr(cells)))
    assert test.llr([*cells[:-1], cells[-1] + 1]) >= llr - slack
    assert test.llr([cells[0] + 1, *cells[1:]]) <= llr + slack


@given(st.lists(counts_of, min_size=3, max_size=3) | st.lists(counts_of, min_size=5, max_size=5))
@settings(deadline=None, max_examples=200)
@example([0, 150, 0])
@example([0, 0, 1])
@example([0, 0, 0, 0, 10**6])
def test_strengths_are_finite_and_lie_in_their_intervals(counts: list[int]) -> None:
    assume(sum(counts))
    low, middle, high = elo.elo_interval(counts, elo.UNSEEN)
    assert low <= middle <= high
    assert all(map(math.isfinite, (low, middle, high, *elo.normalized_elo(counts), *elo.elo(counts))))
    assert 0 <= elo.superiority(counts) <= 1
    if sum(counts) > 1:
        assert low < high or abs(middle) > 1199
        assert elo.elo_interval([*counts[:-1], counts[-1] + 1]).mid >= middle - 1e-9


def test_only_draws_have_an_interval() -> None:
    """The rule of three says that 150 games without another outcome leave 2 % to them: within 7 Elo."""
    low, middle, high = elo.elo_interval([0, 150, 0], elo.UNSEEN)
    assert middle == 0
    assert -7 < low < -2
    assert high == pytest.approx(-low)
    found = rate([Pairing(1, 2, 0, 150, 0)], {1: 0.0})
    assert found[2].error == pytest.approx(high, rel=0.01)


graphs = st.lists(st.builds(Pairing, *[st.integers(1, 7)] * 2, *[counts_of] * 3), max_size=14)
ratings_of = st.one_of(st.floats(-ELO_MAX, ELO_MAX), st.sampled_from((-ELO_MAX, ELO_MAX, 0.0, 8000.0)))
anchors_of = st.dictionaries(st.integers(1, 8), ratings_of, max_size=4)


@settings(deadline=None, max_examples=200)
@given(graphs, anchors_of)
@example([Pairing(23, 20, 5, 3, 2)], {20: 8000.0})
@example([Pairing(5, 1, 1, 0, 1), Pairing(5, 2, 1, 0, 1), Pairing(6, 5, 3, 1, 2)], {1: ELO_MAX, 2: -ELO_MAX})
def test_every_rating_is_finite_and_anchors_stay(games: list[Pairing], anchors: dict[int, float]) -> None:
    found = rate(games, anchors)
    assert {player: own.elo for player, own in found.items() if player in anchors} == anchors
    for own in found.values():
        assert (own.elo is None) == (own.error is None) == bool(own.why)
        assert own.elo is None or (math.isfinite(own.elo) and math.isfinite(own.error or 0.0))
    rows = [
        {"id": player, "training_run_id": None, "network_number": None, "elo": anchors.get(player), "elo_set": False,
         "anchor": player in anchors, "matches": [
             [n, p.other, p.wins, p.draws, p.losses, True, False] for n, p in enumerate(games) if p.one == player]}
        for player in sorted({*anchors, *(one for p in games for one in p[:2])})
    ]  # fmt: skip
    assert canonical(rating_entries(rows))


@pytest.mark.parametrize(("lesser", "greater"), [(1, 2), (2, 1)])
@pytest.mark.parametrize("height", [0.0, 4000.0, 8000.0, -8000.0, ELO_MAX])
def test_an_anchor_of_whatever_id_and_height_gives_the_same(lesser: int, greater: int, height: float) -> None:
    found = rate([Pairing(lesser, greater, 5, 3, 2)], {greater: height})
    assert found[lesser].elo == pytest.approx(height + elo.elo_of(0.65))
    assert found[lesser].error == pytest.approx(rate([Pairing(1, 2, 5, 3, 2)], {2: 0.0})[1].error)


@pytest.mark.parametrize("apart", [100.0, 1000.0, 4000.0, 8000.0, 20_000.0])
def test_who_is_as_good_against_both_of_two_anchors_stands_in_the_middle(apart: float) -> None:
    anchors = {1: -apart / 2, 9: apart / 2}
    found = rate([Pairing(5, 1, 7, 0, 7), Pairing(9, 5, 7, 0, 7), Pairing(5, 6, 30, 40, 30)], anchors)
    assert found[5].elo == pytest.approx(0, abs=1e-3)
    assert found[6].elo == pytest.approx(0, abs=1e-3)


@settings(deadline=None, max_examples=100)
@given(graphs, st.integers(1, 7), st.randoms(use_true_random=False))
def test_another_win_never_lowers_a_rating(games: list[Pairing], other: int, chance: random.Random) -> None:
    small = [Pairing(p.one, p.other, *(min(count, 1000) for count in p[2:])) for p in games]
    before = rate(small, {8: 0.0})
    one = chance.randrange(1, 8)
    assume(one != other and before.get(one) and before[one].pool is not None and before.get(other))
    after = rate([*small, Pairing(one, other, 1, 0, 0)], {8: 0.0})
    if before[one].pool == after[one].pool == before[other].pool == after[other].pool:
        lead = [(each[one].elo or 0.0) - (each[other].elo or 0.0) for each in (before, after)]
        assert lead[1] >= lead[0] - 1e-6


@given(
    st.lists(
        st.builds(Network, st.integers(1, 9), st.none() | ratings_of, st.just(False), st.booleans()),
        unique_by=lambda one: one.id,
    ),
    st.lists(st.builds(Match, st.integers(1, 99), st.integers(1, 9), *[counts_of] * 3, *[st.booleans()] * 2)),
)
def test_the_chain_is_finite(networks: list[Network], matches: list[Match]) -> None:
    assert all(map(math.isfinite, runtime_chain(networks, matches).values()))


def test_snapshots_of_before_are_recomputed_as_they_were() -> None:
    row = {"param_set_id": "a", "status": "DONE", "params_args": None, "params_uci_options": None, "wins": 0,
           "losses": 0, "draws": 150, **dict.fromkeys(("ll", "ld", "dd", "dw", "ww", "unpaired"), 0), "crashes": 0,
           "timeouts": 0}  # fmt: skip
    (board,) = [board for board in BOARDS if board.name == "tune"]
    (before,) = board.editions
    assert board.entries([row]) == set_entries([row])
    assert [before.entries([row])[0][end] for end in ("low", "high")] == [0, 0]
    assert board.entries([row])[0]["low"] < 0
    assert "unseen" in board.terms
    assert "unseen" not in before.terms


@settings(deadline=None)
@given(st.floats(0, 1e6) | st.sampled_from((0.0, 5e-324, 0.001, 1e6)))
def test_time_to_think_is_whole_milliseconds_or_refused(seconds: float) -> None:
    try:
        whole = milliseconds(seconds)
    except ValueError:
        return
    assert whole is not None
    assert (whole > 0) == (seconds > 0)
    assert scaled(Clock(seconds, seconds), SCALE_MAX).base >= scaled(Clock(seconds, seconds), SCALE_MIN).base


def test_clocks_scale_for_any_speed() -> None:
    for speed in (1, 2**63 - 1):
        for other in (1, 2**63 - 1):
            assert math.isfinite(scaled(Clock(1e6, 1e6), scale_factor(speed, other, 1, "BOTH")).base)


@settings(deadline=None)
@given(st.lists(st.lists(counts_of, min_size=8, max_size=8), min_size=1, max_size=3))
def test_tunings_end_whatever_their_games(sets: list[list[int]]) -> None:
    names = ("ll", "ld", "dd", "dw", "ww", "wins", "losses", "draws")
    rows = [
        {"task_id": 1, "param_set_id": str(n), "params_args": None, "params_uci_options": None,
         **dict(zip(names, counts, strict=True))}
        for n, counts in enumerate(sets) if sum(counts[5:])
    ]  # fmt: skip
    for _, data in finished_tunes(rows, None):  # type: ignore[arg-type]
        assert data["ci_low"] <= data["est_elo"] <= data["ci_high"]


values = st.floats(-1e9, 1e9)
steps = st.floats(1e-9, 1e9) | st.sampled_from((1e-9, 1e9))


@settings(deadline=None)
@given(
    values,
    values,
    values,
    steps,
    steps,
    st.booleans(),
    st.integers(1, 10**9),
    st.floats(0, 2),
    st.floats(0, 2),
    st.sampled_from((-2, 0, 2, 10**6)),
)
def test_tuning_stays_in_its_range(a: float, b: float, c: float, c_end: float, r_end: float, integer: bool,
                                   iterations: int, alpha: float, gamma: float, result: int) -> None:  # fmt: skip
    low, start, high = sorted((a, b, c))
    assume(low < high)
    one, schedule = Parameter("x", start, low, high, c_end, r_end, integer), Schedule(iterations, alpha, gamma)
    for k in (1, iterations):
        found = trial(1, [one], schedule, {"x": start}, k)
        after = updated([one], schedule, {"x": start}, found.flips, k, result)
        assert low - 1e-6 <= after["x"] <= high + 1e-6
        assert all(low - 1e-6 <= each["x"] <= high + 1e-6 for each in (found.dev, found.base))


@pytest.mark.parametrize("wrong", [{"low": -math.inf}, {"high": math.nan}, {"c_end": 5e-324}, {"r_end": 1e308}])
def test_what_cannot_be_tuned_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(Untunable):
        Parameter(**{"name": "x", "start": 0.0, "low": -1.0, "high": 1.0, "c_end": 1.0, "r_end": 1.0, **wrong})  # type: ignore[arg-type]


@settings(deadline=None)
@given(st.lists(counts_of, min_size=5, max_size=5))
def test_the_strength_of_a_set_is_finite(pairs: list[int]) -> None:
    assert all(map(math.isfinite, strength(pairs)))


def test_scores_and_ratings_grow_together() -> None:
    assert all(elo.elo_of(a) <= elo.elo_of(b) for a, b in pairwise(n / 1000 for n in range(1001)))
    assert all(0 <= elo.score_of(height) <= 1 for height in (-2 * ELO_MAX, 0.0, 2 * ELO_MAX))
