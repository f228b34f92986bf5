"""The walk of a likelihood ratio between its bounds: looked at only when the next observation may decide."""

from __future__ import annotations

from collections.abc import Sequence

from schema.chess.sprt import Sprt, Verdict


class Walk:
    """One test on its way; `counts` are what it has observed, from the worst cell to the best."""

    __slots__ = ("_bend", "_drift", "_fall", "_moves", "_one", "_other", "_rise", "counts", "looks", "test")

    def __init__(self, test: Sprt, counts: Sequence[int] = ()) -> None:
        self.test = test
        self.counts = list(counts) or [0] * test.cells
        self.looks = 0
        """How often the ratio was computed."""
        self._look()

    def step(self, cell: int) -> Verdict | None:
        """Observe one more; the verdict if this one decides, else None. Nothing follows a verdict."""
        self.counts[cell] += 1
        move, one, other = self._moves[cell]
        self._drift += move
        self._one += one
        self._other += other
        bend = self._bend
        if (
            -self._fall < self._drift < self._rise
            and -bend <= self._one <= bend
            and -bend <= self._other <= bend
        ):  # fmt: skip
            return None
        return self.test.verdict(self._look())

    @property
    def llr(self) -> float:
        """The ratio as it is now."""
        return self.test.llr(self.counts)

    def _look(self) -> float:
        llr, self._rise, self._fall, self._bend, self._moves = self.test.look(self.counts)
        self._drift = self._one = self._other = 0.0
        self.looks += 1
        return llr
