"""The boards of the evaluation domain: tallies in, ranked entries out; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from schema.board import EXACT, Entry, Standing, placed, rounded, share
from schema.declare import Board, Metric
from schema.evaluation.scoring import (
    Confusion,
    Histogram,
    abstained,
    answers,
    correct,
    label_set,
    macro_f1,
    mcnemar,
    merged,
    percentile,
    win_rates,
)
from schema.interval import bounds

RULE, DIRECTION = "standard", "up"
COVERAGE_MIN = Decimal("0.5")
"""An entry that has judged less of its data than this is provisional."""

RATIO, MILLISECONDS = 4, 3
"""Decimals to which shares and durations are rounded before anything is ranked."""

PERCENTILES = (50, 90, 95, 99)
INPUTS = ("catalog", "jobs", "predictions", "scores")

F1 = "Opitz and Burst, Macro F1 and Macro F1, 2019: the mean of the F1 of each label"
HELM = "Liang et al., Holistic Evaluation of Language Models, 2022: mean win rate"

METRICS = (
    Metric("score", "Accuracy", "share", "up", "correct / (answered + failed)", RATIO),
    Metric("coverage", "Coverage", "share", "up", "(answered + failed) / rows", RATIO),
    Metric("answered_accuracy", "Answered accuracy", "share", "up", "correct / answered", RATIO),
    Metric("macro_f1", "Macro F1", "share", "up", "mean over the labels of 2 TP / (predicted + gold)", RATIO, F1),
    Metric("abstain_rate", "Abstained", "share", "down", "unknown / answered", RATIO),
    Metric("failure_rate", "Failed", "share", "down", "failed / (answered + failed)", RATIO),
    *(
        Metric(f"p{n}", f"Latency p{n}", "ms", "down", f"nearest rank {n} % of answers", MILLISECONDS)
        for n in PERCENTILES
    ),
)
WIN_RATE = Metric(
    "win_rate", "Mean win rate", "share", "up", "mean over data sets of the share of others beaten", RATIO, HELM
)
TIES = ("macro_f1", "p95", "model_id", "prompt_id")
TERMS = {"interval": "Wilson 95 %, z = 1.96", "provisional_below": {"coverage": float(COVERAGE_MIN)}}


@dataclass(frozen=True)
class Tally:
    """The mergeable state of one model under one prompt, on one data set or several."""

    model_id: int
    prompt_id: int
    model: str
    statuses: tuple[str, ...]
    labels: tuple[str, ...]
    rows: int
    failed: int
    confusion: Confusion
    latency: Histogram

    @property
    def id(self) -> str:
        """Of the entry: model and prompt."""
        return f"{self.model_id}:{self.prompt_id}"

    @property
    def judged(self) -> int:
        """Rows with an outcome that counts: answers held against the truth, and failures."""
        return answers(self.confusion) + self.failed

    @property
    def accuracy(self) -> Decimal | None:
        """Strict: failures and abstentions are wrong."""
        return share(correct(self.confusion), self.judged, RATIO)


def read_tally(row: Mapping[str, Any]) -> Tally:
    """A row of accuracy.sql."""
    return Tally(
        model_id=row["model_id"],
        prompt_id=row["prompt_id"],
        model=row["model"],
        statuses=(row["status"],),
        labels=label_set(row["labels"]),
        rows=row["total_rows"],
        failed=row["failed"],
        confusion={(gold, predicted): n for gold, predicted, n in row["confusion"]},
        latency=dict(row["latency"]),
    )


def accuracy_entries(rows: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """One entry a model and prompt, over one data set."""
    tallies = [read_tally(row) for row in rows]
    return _entries(tallies, {tally.id: {} for tally in tallies})


def overall_entries(rows: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """One entry a model and prompt, over all data sets; a set without its job counts as not covered."""
    boards: dict[int, list[Tally]] = {}
    totals: dict[int, int] = {}
    for row in rows:
        dataset = row["dataset_id"]
        boards.setdefault(dataset, []).append(read_tally(row))
        totals[dataset] = max(totals.get(dataset, 0), row["total_rows"])
    entries = _by_entry(tally for board in boards.values() for tally in board)
    whole = [_rolled_up(tallies, sum(totals.values())) for tallies in entries.values()]
    rates = win_rates({str(dataset): _scores(board) for dataset, board in boards.items()})
    return _entries(whole, {tally.id: _breadth(entries[tally.id], rates.get(tally.id)) for tally in whole})


def _by_entry(tallies: Iterable[Tally]) -> dict[str, list[Tally]]:
    grouped: dict[str, list[Tally]] = {}
    for tally in tallies:
        grouped.setdefault(tally.id, []).append(tally)
    return grouped


def _rolled_up(tallies: Sequence[Tally], rows: int) -> Tally:
    return Tally(
        model_id=tallies[0].model_id,
        prompt_id=tallies[0].prompt_id,
        model=tallies[0].model,
        statuses=tuple(sorted({status for tally in tallies for status in tally.statuses})),
        labels=tuple(sorted({label for tally in tallies for label in tally.labels})),
        rows=rows,
        failed=sum(tally.failed for tally in tallies),
        confusion=merged(tally.confusion for tally in tallies),
        latency=merged(tally.latency for tally in tallies),
    )


def _scores(board: Sequence[Tally]) -> dict[str, Decimal]:
    return {tally.id: tally.accuracy for tally in board if tally.accuracy is not None}


def _breadth(tallies: Sequence[Tally], rate: Fraction | None) -> dict[str, Any]:
    return {"datasets": len(tallies), "win_rate": _rounded(rate, RATIO)}


def _entries(tallies: Sequence[Tally], more: Mapping[str, Mapping[str, Any]]) -> list[Entry]:
    prompts = Counter(tally.model_id for tally in tallies)
    lines = [_line(tally, prompts[tally.model_id] > 1, more[tally.id]) for tally in tallies]
    return placed(lines, rule=RULE, direction=DIRECTION)


def _line(tally: Tally, several_prompts: bool, more: Mapping[str, Any]) -> tuple[Standing, Entry]:
    figures = _figures(tally)
    coverage = share(tally.judged, tally.rows, RATIO)
    provisional = coverage is None or coverage < COVERAGE_MIN
    standing = Standing(
        figures["score"], figures["low"], figures["high"], provisional,
        ties=(*_tie(figures["macro_f1"], -1), *_tie(figures["p95"], 1), tally.model_id, tally.prompt_id),
    )  # fmt: skip
    entry = {
        "id": tally.id,
        "name": f"{tally.model} / prompt {tally.prompt_id}" if several_prompts else tally.model,
        "model_id": tally.model_id,
        "prompt_id": tally.prompt_id,
        "status": tally.statuses[0] if len(tally.statuses) == 1 else "running",
        "provisional": provisional,
        "n": tally.judged,
        "rows": tally.rows,
        "correct": correct(tally.confusion),
        "failed": tally.failed,
        "coverage": coverage,
        **figures,
        **more,
    }
    return standing, entry


def _figures(tally: Tally) -> dict[str, Decimal | None]:
    right, answered = correct(tally.confusion), answers(tally.confusion)
    low, high = bounds(right, tally.judged, RATIO)
    abstain_low, abstain_high = bounds(abstained(tally.confusion), answered, RATIO)
    failure_low, failure_high = bounds(tally.failed, tally.judged, RATIO)
    return {
        "score": tally.accuracy,
        "low": low,
        "high": high,
        "answered_accuracy": share(right, answered, RATIO),
        "macro_f1": _rounded(macro_f1(tally.confusion, tally.labels), RATIO),
        "abstain_rate": share(abstained(tally.confusion), answered, RATIO),
        "abstain_low": abstain_low,
        "abstain_high": abstain_high,
        "failure_rate": share(tally.failed, tally.judged, RATIO),
        "failure_low": failure_low,
        "failure_high": failure_high,
        **{f"p{percent}": _milliseconds(tally.latency, percent) for percent in PERCENTILES},
    }


def _milliseconds(latency: Histogram, percent: int) -> Decimal | None:
    exact = percentile(latency, percent)
    return None if exact is None else rounded(exact, MILLISECONDS)


def _rounded(exact: Fraction | None, decimals: int) -> Decimal | None:
    if exact is None:
        return None
    return rounded(EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator)), decimals)


def _tie(figure: Decimal | None, sign: int) -> tuple[bool, Decimal]:
    """Missing last; `sign` -1 where more is better."""
    return figure is None, Decimal(0) if figure is None else sign * figure


def compared(row: Mapping[str, Any]) -> dict[str, Any]:
    """McNemar's test on a row of compare.sql."""
    found = mcnemar(row["only_a"], row["only_b"])
    return {**row, "p_value": float(found.p_value), "test": f"McNemar, {found.test.replace('_', ' ')}"}


COMPARED_AS = {
    "common": "Rows that both answered",
    "both": "Both right",
    "only_a": "Only {a} right",
    "only_b": "Only {b} right",
    "neither": "Both wrong",
}
ENTERS = (
    "A model enters with its first job, once for every prompt; until half of its rows are judged it is provisional."
)

ACCURACY = Board(
    name="accuracy",
    title="Accuracy",
    about="Which share of a data set's rows models label as its truth does; a failed call and an answer that is no "
    f"label are wrong. {ENTERS}",
    scopes="accuracy_scopes.sql",
    sql="accuracy.sql",
    entries=accuracy_entries,
    metrics=METRICS,
    rank_rule=RULE,
    direction=DIRECTION,
    missing="last",
    inputs=INPUTS,
    drill="drill.sql",
    ties=TIES,
    terms=TERMS,
    compare="compare.sql",
    compared=compared,
    compared_as=COMPARED_AS,
)
"""Models and prompts by strict accuracy, a board for every data set."""

OVERALL = Board(
    name="overall",
    title="Accuracy over all data sets",
    about="Which share of the rows of all data sets models label as their truth does; a failed call and an answer that "
    f"is no label are wrong. {ENTERS}",
    headline=True,
    scopes="overall_scopes.sql",
    sql="accuracy.sql",
    entries=overall_entries,
    metrics=(*METRICS, WIN_RATE),
    rank_rule=RULE,
    direction=DIRECTION,
    missing="last",
    inputs=INPUTS,
    drill="drill.sql",
    ties=TIES,
    terms=TERMS,
    compare="compare.sql",
    compared=compared,
    compared_as=COMPARED_AS,
)
"""The same, rolled up over all data sets."""

BOARDS = (ACCURACY, OVERALL)
