"""The boards of the seismic domain: tallies in, ranked model versions out; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from schema.board import EXACT, Entry, Standing, placed, rounded, share, significant
from schema.declare import UNIT_OF_SCOPE, Board, Metric
from schema.seismic.intervals import interval, percentile, sign_test, win_rates

RULE = "standard"
BASELINE = "identity"
"""The architecture that returns its input: what it scores, doing nothing scores."""

RATIO, SECONDS = 4, 6
DECIBELS = 4
"""Decimals of figures where more is better: decibels and coefficients have a scale of their own."""

DIGITS = 15
"""Significant digits of errors, which are in units of the data: as many as the tallies have of a value."""

RAW = 15
"""Decimals of errors in snapshots from before there were digits."""

Rounding = Callable[[Decimal], Decimal]


def to_decibels(figure: Decimal) -> Decimal:
    """Rounded as figures where more is better are."""
    return rounded(figure, DECIBELS)


def to_digits(figure: Decimal) -> Decimal:
    """Rounded as errors are."""
    return significant(figure, DIGITS)


def to_raw(figure: Decimal) -> Decimal:
    """Rounded as errors were."""
    return rounded(figure, RAW)


INPUTS = ("catalog", "jobs", "predictions", "scores")
TIES = ("seconds_per_trace", "model", "version")
TERMS = {
    "interval": "mean ± Student's t at 97.5 % x s / √n over traces, a closed form: no lottery, no seed",
    "champion": "the best worse end of the interval",
    "job": "the newest completed job of a model version on a data set that has the metric",
}


@dataclass(frozen=True)
class Tally:
    """What a model version made of one data set: sums over the traces of its newest completed job, and its jobs."""

    model: str
    version: str
    architecture: str
    stage: str
    dataset: str
    n: int
    perfect: int
    undefined: int
    total: Decimal
    squares: Decimal
    spread: Mapping[Decimal, int]
    timed: int
    seconds: Decimal
    completed: int
    failed: int
    cancelled: int
    jobs: int

    @property
    def id(self) -> str:
        """Of the entry: model and version."""
        return f"{self.model}@{self.version}"

    @property
    def mean(self) -> Decimal | None:
        """Of the finite values; None where there is none."""
        found = interval(self.n, self.total, self.squares)
        return found.mean if found else None


def read_tally(row: Mapping[str, Any]) -> Tally:
    """A row of quality.sql."""
    same = ("model", "version", "architecture", "stage", "dataset", "n", "perfect", "undefined", "timed")
    counts = ("completed", "failed", "cancelled", "jobs")
    return Tally(
        **{name: row[name] for name in (*same, *counts)},
        total=Decimal(row["total"]),
        squares=Decimal(row["squares"]),
        seconds=Decimal(row["seconds"]),
        spread={Decimal(near): n for near, n in row["spread"]},
    )


def quality_entries(rows: Sequence[Mapping[str, Any]], direction: str, to: Rounding) -> list[Entry]:
    """One entry a model version on one data set, by its mean over traces."""
    tallies = [read_tally(row) for row in rows]
    base = next((_score(tally, to) for tally in tallies if tally.architecture == BASELINE), None)
    lines = [_line(tally, direction, to, base) for tally in tallies]
    entries = placed(lines, rule=RULE, direction=direction)
    _crown(entries, direction)
    return entries


def upward_entries(rows: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """Where more is better."""
    return quality_entries(rows, "up", to_decibels)


def downward_entries(rows: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """Where less is better."""
    return quality_entries(rows, "down", to_digits)


def raw_entries(rows: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """Where less is better, in snapshots from before there were digits."""
    return quality_entries(rows, "down", to_raw)


def _score(tally: Tally, to: Rounding) -> Decimal | None:
    return None if tally.mean is None else to(tally.mean)


def _line(tally: Tally, direction: str, to: Rounding, base: Decimal | None) -> tuple[Standing, Entry]:
    found = interval(tally.n, tally.total, tally.squares)
    score, low, high = (None if one is None else to(one) for one in found or (None, None, None))
    seconds = _per_trace(tally.seconds, tally.timed)
    standing = Standing(score, low, high, ties=_ties(seconds, tally))
    worst = percentile(tally.spread, 10 if direction == "up" else 90)
    entry = {
        **_named(tally),
        "score": score,
        "low": low,
        "high": high,
        "median": _plain(percentile(tally.spread, 50), to),
        "worst_decile": _plain(worst, to),
        "over_baseline": None if base is None or score is None else to(EXACT.subtract(score, base)),
        "n": tally.n,
        "perfect": tally.perfect,
        "undefined": tally.undefined,
        "seconds_per_trace": seconds,
        **_rates([tally]),
    }
    return standing, entry


def _named(tally: Tally) -> Entry:
    return {
        "id": tally.id,
        "name": f"{tally.model} {tally.version}",
        "model": tally.model,
        "version": tally.version,
        "architecture": tally.architecture,
        "baseline": tally.architecture == BASELINE,
        "stage": tally.stage,
    }


def _plain(figure: Decimal | None, to: Rounding) -> Decimal | None:
    return None if figure is None else to(figure)


def _per_trace(seconds: Decimal, traces: int) -> Decimal | None:
    return rounded(EXACT.divide(seconds, Decimal(traces)), SECONDS) if traces else None


def _rates(tallies: Sequence[Tally]) -> Entry:
    completed, failed = sum(tally.completed for tally in tallies), sum(tally.failed for tally in tallies)
    cancelled, jobs = sum(tally.cancelled for tally in tallies), sum(tally.jobs for tally in tallies)
    return {
        "jobs": jobs,
        "failure_rate": share(failed, completed + failed, RATIO),
        "cancel_rate": share(cancelled, jobs, RATIO),
    }


def _ties(seconds: Decimal | None, tally: Tally) -> tuple[Any, ...]:
    return seconds is None, seconds or Decimal(0), tally.model, tally.version


def _crown(entries: Sequence[Entry], direction: str) -> None:
    """Mark the champion: the best of the worse ends; where ends are equal, the better place."""
    ends = {"up": "low", "down": "high"}[direction]
    firm = [entry for entry in entries if entry[ends] is not None]
    best = (max if direction == "up" else min)((entry[ends] for entry in firm), default=None)
    champion = next((entry for entry in firm if entry[ends] == best), None)
    for entry in entries:
        entry["champion"] = entry is champion


def across_entries(rows: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """One entry a model version, by its mean win rate over data sets; figures of different data sets never mix."""
    return _across_entries(rows, to_digits)


def raw_across_entries(rows: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """The same, in snapshots from before there were digits."""
    return _across_entries(rows, to_raw)


def _across_entries(rows: Sequence[Mapping[str, Any]], of_errors: Rounding) -> list[Entry]:
    tallies = [read_tally(row) for row in rows]
    direction = rows[0]["direction"] if rows else "up"
    to = to_decibels if direction == "up" else of_errors
    boards: dict[str, dict[str, Decimal]] = {}
    entries: dict[str, list[Tally]] = {}
    for tally in tallies:
        entries.setdefault(tally.id, []).append(tally)
        if (score := _score(tally, to)) is not None:
            boards.setdefault(tally.dataset, {})[tally.id] = score
    rates = win_rates(boards, direction)
    lines = [_across(own, boards, rates.get(id_), direction) for id_, own in entries.items()]
    return placed(lines, rule=RULE, direction="up")


def _across(
    tallies: Sequence[Tally], boards: Mapping[str, Mapping[str, Decimal]], rate: Fraction | None, direction: str
) -> tuple[Standing, Entry]:
    own = tallies[0]
    score = None if rate is None else share(rate.numerator, rate.denominator, RATIO)
    seconds = _per_trace(sum((tally.seconds for tally in tallies), Decimal(0)), sum(tally.timed for tally in tallies))
    held = [board for board in boards.values() if own.id in board]
    best = max if direction == "up" else min
    entry = {
        **_named(own),
        "score": score,
        "datasets": len(held),
        "first_places": sum(board[own.id] == best(board.values()) for board in held),
        "n": sum(tally.n for tally in tallies),
        "seconds_per_trace": seconds,
        **_rates(tallies),
    }
    return Standing(score, ties=_ties(seconds, own)), entry


def compared(row: Mapping[str, Any]) -> dict[str, Any]:
    """The sign test on a row of compare.sql."""
    found = sign_test(row["only_a"], row["only_b"], row["equal"])
    return {**row, "p_value": float(rounded(found.p_value, 6)), "test": "sign test on traces that both returned"}


def _quality(direction: str, decimals: int = 0, digits: int = 0) -> tuple[Metric, ...]:
    unit = UNIT_OF_SCOPE
    worse = "10th percentile" if direction == "up" else "90th percentile"
    return (
        Metric("score", "Mean", unit, direction, "mean over traces of the finite values", decimals, digits=digits),
        Metric(
            "median", "Median", unit, direction, "50th percentile of values of three digits", decimals, digits=digits
        ),
        Metric(
            "worst_decile",
            "Worst decile",
            unit,
            direction,
            f"{worse} of values of three digits",
            decimals,
            digits=digits,
        ),
        Metric("over_baseline", "Over identity", unit, direction, "mean - mean of identity", decimals, digits=digits),
        *_COSTS,
    )


_COSTS = (
    Metric("seconds_per_trace", "Runtime per trace", "s", "down", "seconds / traces", SECONDS),
    Metric("failure_rate", "Failed", "share", "down", "failed / (completed + failed)", RATIO),
    Metric("cancel_rate", "Cancelled", "share", "down", "cancelled / jobs", RATIO),
)

COMPARED_AS = {
    "common": "Traces that both returned",
    "equal": "Equal figures",
    "only_a": "{a} better",
    "only_b": "{b} better",
}
ENTERS = (
    "A model version enters with its first completed job; its newest one on each data set counts. The architecture "
    "identity returns its input: what it has, doing nothing has."
)

UPWARD = Board(
    name="upward",
    title="Quality, more is better",
    about=f"What models make of the traces of one data set, by a metric of which more is better. {ENTERS}",
    scopes="upward_scopes.sql",
    sql="quality.sql",
    entries=upward_entries,
    metrics=_quality("up", DECIBELS),
    rank_rule=RULE,
    direction="up",
    missing="last",
    inputs=INPUTS,
    drill="drill.sql",
    ties=TIES,
    terms=TERMS,
    compare="compare.sql",
    compared=compared,
    compared_as=COMPARED_AS,
)
"""Model versions by a metric such as SNR, a board for every job type, metric, definition and data set."""

DOWNWARD = Board(
    name="downward",
    title="Error, less is better",
    about=f"What models make of the traces of one data set, by a metric of which less is better. {ENTERS}",
    scopes="downward_scopes.sql",
    sql="quality.sql",
    entries=downward_entries,
    metrics=_quality("down", digits=DIGITS),
    rank_rule=RULE,
    direction="down",
    missing="last",
    inputs=INPUTS,
    drill="drill.sql",
    ties=TIES,
    terms=TERMS,
    compare="compare.sql",
    compared=compared,
    compared_as=COMPARED_AS,
)
DOWNWARD = replace(DOWNWARD, editions=(replace(DOWNWARD, entries=raw_entries, metrics=_quality("down", RAW)),))
"""The same by a metric such as RMSE."""

ACROSS = Board(
    name="across",
    title="Win rate over data sets",
    about=f"How often a model is better than the others on the same data set, by one metric. {ENTERS}",
    headline=True,
    scopes="across_scopes.sql",
    sql="quality.sql",
    entries=across_entries,
    metrics=(
        Metric("score", "Mean win rate", "share", "up", "mean over data sets of the share of others beaten", RATIO),
        *_COSTS,
    ),
    rank_rule=RULE,
    direction="up",
    missing="last",
    inputs=INPUTS,
    drill="drill.sql",
    ties=TIES,
    terms={
        "beaten": f"by the mean rounded to {DECIBELS} decimals, or to {DIGITS} significant digits where less is better;"
        " a tie is half",
        "job": TERMS["job"],
    },
    compare="compare.sql",
    compared=compared,
    compared_as=COMPARED_AS,
)
ACROSS = replace(
    ACROSS,
    editions=(
        replace(
            ACROSS,
            entries=raw_across_entries,
            terms={"beaten": "by the rounded mean, in the metric's direction; a tie is half", "job": TERMS["job"]},
        ),
    ),
)
"""Model versions by how often they beat the others on the same data sets."""

BOARDS = (UPWARD, DOWNWARD, ACROSS)
