"""Time controls scaled to a machine, counts as observations, and what is due of matches; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Literal, NamedTuple

from schema.chess.elo import UNSEEN, elo_interval

CENTI = Decimal("0.01")

ScaleMethod = Literal["DEV", "BASE", "BOTH"]


class Clock(NamedTuple):
    """A time control by the clock, in seconds."""

    base: float
    increment: float


def scale_factor(scale_nps: int, dev_nps: int, base_nps: int, method: ScaleMethod = "DEV") -> float:
    """How much longer a machine may think than the reference: by the candidate's speed, the baseline's or both.

    Speeds in nodes a second. `BOTH` is the mean of the two factors (OpenBench).
    """
    dev, baseline = scale_nps / dev_nps, scale_nps / base_nps
    return {"DEV": dev, "BASE": baseline, "BOTH": (dev + baseline) / 2}[method]


def scaled(clock: Clock, factor: float) -> Clock:
    """The clock of a machine, in hundredths of a second; controls by nodes are never scaled."""
    return Clock(*(float((Decimal(repr(each)) * Decimal(repr(factor))).quantize(CENTI, ROUND_HALF_EVEN))
                   for each in clock))  # fmt: skip


def observed(row: Mapping[str, Any]) -> tuple[int, ...]:
    """What a tally observes, from worst to best: pairs as five cells or, where no game has a pair, games as three."""
    pairs = tuple(row[cell] for cell in ("ll", "ld", "dd", "dw", "ww"))
    return pairs if any(pairs) else (row["losses"], row["draws"], row["wins"])


def mean_score(counts: Sequence[int]) -> float:
    """Share of the points taken, of at least one observation."""
    return sum(count * at for at, count in enumerate(counts)) / ((len(counts) - 1) * sum(counts))


def best_set(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The parameter set with the greatest share of the points; of equals the one whose name comes first."""
    return min(rows, key=lambda row: (-mean_score((row["losses"], row["draws"], row["wins"])), row["param_set_id"]))


def finished_tunes(rows: Sequence[Mapping[str, Any]], now: datetime) -> Iterable[tuple[str, dict[str, Any]]]:
    """Tunings whose sets all have their games: rows of finished_tunes.sql become their ends."""
    sets: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        sets.setdefault(row["task_id"], []).append(row)
    for task_id, own in sets.items():
        best = best_set(own)
        low, mid, high = (round(each, 3) for each in elo_interval(observed(best), UNSEEN))
        yield (
            "chess.tune.finished.v1",
            {
                "task_id": task_id,
                "param_set_id": best["param_set_id"],
                "params": {"args": best["params_args"], "uci_options": best["params_uci_options"]},
                "est_elo": mid,
                "ci_low": low,
                "ci_high": high,
            },
        )
