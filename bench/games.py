"""Games of sequential tests to fold: some keep far from both bounds, others walk along one."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.feed import BEGAN, Record, envelope
from schema.chess import DOMAIN
from schema.chess.folds import FINISHED, SPRT_CREATED
from schema.chess.sprt import PAIRS, Sprt

TEST = Sprt(-2.5, 2.5)
EVEN = (0, *(1,) * 7, *(2,) * 14, *(3,) * 7, 4)
"""Cells of pairs between which the ratio comes back to where it was."""

SPLITS = ((-1, -1), (-1, 0), (0, 0), (0, 1), (1, 1))
"""Results of the two games of a pair, by its cell."""

Verdict = tuple[str, int, str]
"""The pair and the place in it that decide, and how."""


@dataclass
class Test:
    """One sequential test and the pairs that it plays."""

    __test__ = False

    task_id: int
    cells: list[int] = field(default_factory=list)
    expected: Verdict | None = None
    """Found by computing the ratio after every pair near the end."""

    def begin(self) -> dict[str, Any]:
        """Data of the event that creates it."""
        return {
            "task_id": self.task_id, "baseline_network_id": 1, "candidate_network_id": 2, "elo0": TEST.elo0,
            "elo1": TEST.elo1, "time_control_type": "nodes_per_move", "nodes_per_move": 800,
        }  # fmt: skip

    def games(self, start: int = 0) -> Iterator[dict[str, Any]]:
        """Data of its games from a pair on."""
        for n, cell in enumerate(self.cells[start:], start):
            for seq, result in enumerate(SPLITS[cell], 1):
                yield {
                    "task_id": self.task_id, "pair_key": f"{self.task_id}-{n:06d}", "seq": seq, "result": result,
                    "assignment_id": 1 + n // 16, "candidate_is_white": seq == 1, "detailed_outcome": "CHECKMATE",
                }  # fmt: skip

    def decide(self, late: int) -> None:
        """Win until it is decided, which is then expected, and lose so many pairs more."""
        counts = [self.cells.count(cell) for cell in range(PAIRS)]
        while self.expected is None:
            counts[PAIRS - 1] += 1
            self.cells.append(PAIRS - 1)
            verdict = TEST.verdict(TEST.llr(counts))
            if verdict:
                self.expected = (f"{self.task_id}-{len(self.cells) - 1:06d}", 2, verdict)
        self.cells += [0] * late


def far(tests: int, games: int) -> list[Test]:
    """Tests that play so many games between them and stay in the middle."""
    chance = random.Random(1)
    made = []
    for number in range(1, tests + 1):
        cells: list[int] = []
        while len(cells) * 2 * tests < games:
            cells += chance.sample(EVEN, len(EVEN))
        made.append(Test(number, cells))
    return made


def near(tests: int, games: int) -> list[Test]:
    """Tests that soon come near their upper bound and stay there: any better pair might decide."""
    return [Test(number, _along(games // 2 // tests)) for number in range(1, tests + 1)]


def _along(pairs: int) -> list[int]:
    """Better pairs as long as they do not decide, else worse ones."""
    cells: list[int] = []
    counts = [0] * PAIRS
    for cell in EVEN * 3:
        counts[cell] += 1
        cells.append(cell)
    upper = TEST.bounds[1]
    while len(cells) < pairs:
        for cell in (3, 2, 1):
            counts[cell] += 1
            if TEST.llr(counts) < upper:
                cells.append(cell)
                break
            counts[cell] -= 1
    return cells


def beginnings(tests: Iterable[Test]) -> Iterator[Record]:
    """Records that create tests."""
    for test in tests:
        yield _record(SPRT_CREATED, test.begin())


def interleaved(tests: Sequence[Test], start: int = 0) -> Iterator[Record]:
    """Records of the games of tests, in turn, from a pair on."""
    running = [test.games(start) for test in tests]
    while running:
        for games in list(running):
            game = next(games, None)
            if game is None:
                running.remove(games)
            else:
                yield _record(FINISHED, game)


def _record(type_: str, data: dict[str, Any]) -> Record:
    key = ":".join(str(data[name]) for name in DOMAIN.by_type[type_].partition_by)
    return Record(key.encode(), envelope(type_, data, time=BEGAN))
