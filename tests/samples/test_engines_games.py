"""Engines: legal moves, a value that follows them, and strength that comes from what a network knows."""

from __future__ import annotations

import random

import pytest
from cozy_chess import Board

from samples.engines.games import opening, pair, play
from samples.engines.networks import NETWORKS, numbered
from samples.engines.position import Position, position, standing
from samples.engines.search import Engine, Options

VALUES = numbered(5).values()
CASTLING = "r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1"
PROMOTION = "1n2k3/P7/8/8/8/8/7p/4K1N1 b - - 0 1"
EN_PASSANT = "4k3/8/8/8/3pP3/8/8/4K3 b - e3 0 1"


def follows(before: Position, moves: int, chance: random.Random) -> int:
    """Play at random and compare with a fresh look at each board; how many moves were compared."""
    for played in range(moves):
        steps = before.steps()
        if not steps:
            return played
        for step in steps:
            after = before.after(step)
            assert after.squares == standing(after.board)
            assert after.score == pytest.approx(position(after.board, VALUES).score)
        before = before.after(chance.choice(steps))
    return moves


def test_the_value_of_a_position_follows_every_kind_of_move() -> None:
    chance = random.Random(5)
    for fen in (CASTLING, PROMOTION, EN_PASSANT):
        assert follows(position(Board.from_fen(fen), VALUES), 4, chance) == 4
    assert sum(follows(position(opening(chance), VALUES), 40, chance) for _ in range(8)) > 200


def test_what_is_good_for_white_is_as_good_for_black() -> None:
    for network in NETWORKS:
        assert position(Board.startpos(), network.values()).score == pytest.approx(0.0)
    white, black = (Board.from_fen(f"4k3/8/8/8/8/8/8/{row} w - - 0 1") for row in ("R3K3", "r3K3"))
    assert position(white, numbered(3).values()).score == -position(black, numbered(3).values()).score == 5.0


@pytest.mark.parametrize(
    ("fen", "quiescence", "expected"),
    [
        ("6k1/5ppp/8/8/8/8/8/R3K3 w Q - 0 1", True, {"a1a8"}),
        ("3qk3/8/8/8/8/8/8/3RK3 w - - 0 1", True, {"d1d8"}),
        ("4k3/2p5/3p4/8/8/8/8/3QK3 w - - 0 1", False, {"d1d6"}),
    ],
)
def test_an_engine_finds_what_is_near(fen: str, quiescence: bool, expected: set[str]) -> None:
    """A mate, a queen for the taking and, for one that does not follow captures, a protected pawn."""
    engine = Engine(numbered(3), Options(quiescence), 30 if not quiescence else 400)
    assert str(engine.choose(Board.from_fen(fen), random.Random(1)).move) in expected
    assert 0 < engine.used <= engine.nodes


def test_captures_are_followed_to_their_end() -> None:
    engine = Engine(numbered(3), Options(), 30)
    assert str(engine.choose(Board.from_fen("4k3/2p5/3p4/8/8/8/8/3QK3 w - - 0 1"), random.Random(1)).move) != "d1d6"


def test_who_knows_more_wins_and_a_pair_is_the_same_whenever_it_is_played() -> None:
    def results(seed: str) -> list[int]:
        first, second = pair(Engine(numbered(3), Options(), 60), Engine(numbered(1), Options(), 60), seed)
        return [first.result, -second.result]

    won = [result for n in range(20) for result in results(f"pair {n}")]
    assert sum(won) > 8
    assert results("pair 3") == won[6:8]


def test_the_referee_ends_games() -> None:
    def ended(fen: str) -> tuple[int, str]:
        sides = Engine(numbered(3), Options(), 20), Engine(numbered(3), Options(), 20)
        game = play(Board.from_fen(fen), *sides, random.Random(2))
        return game.result, game.outcome

    assert ended("7k/5Q2/6K1/8/8/8/8/8 b - - 0 1") == (0, "STALEMATE")
    assert ended("6Qk/8/6K1/8/8/8/8/8 b - - 0 1")[1] in ("CHECKMATE", "ADJUDICATION")
    assert ended("k7/8/8/8/8/8/8/K7 w - - 0 1") == (0, "ADJUDICATION")
    assert ended("k7/8/8/8/8/8/QQ6/K7 b - - 0 1")[0] == 1
