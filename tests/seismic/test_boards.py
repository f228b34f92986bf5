"""The boards of the seismic domain, from tally rows to entries."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from schema.board import canonical
from schema.seismic.boards import across_entries, downward_entries, upward_entries


def row(model: str, figures: list[str], version: str = "1.0.0", dataset: str = "d1", **more: Any) -> dict[str, Any]:
    values = [Decimal(figure) for figure in figures]
    return {
        "model": model, "version": version, "architecture": model, "stage": "registered", "dataset": dataset,
        "direction": "up", "n": len(values), "perfect": 0, "undefined": 0, "total": sum(values, Decimal(0)),
        "squares": sum((value**2 for value in values), Decimal(0)),
        "spread": [[str(value), values.count(value)] for value in sorted(set(values))],
        "timed": len(values), "seconds": Decimal("0.5"), "completed": 1, "failed": 0, "cancelled": 0, "jobs": 1,
        **more,
    }  # fmt: skip


IDENTITY = row("identity", ["0", "0", "0"])


def test_what_makes_it_worse_stands_below_the_baseline() -> None:
    entries = upward_entries([row("worse", ["-1", "-3", "-2"]), row("better", ["1", "4", "3"]), IDENTITY])
    assert [(entry["id"], entry["rank"]) for entry in entries] == [
        ("better@1.0.0", 1), ("identity@1.0.0", 2), ("worse@1.0.0", 3),
    ]  # fmt: skip
    assert [entry["over_baseline"] for entry in entries] == [Decimal("2.6667"), 0, -2]
    assert [entry["baseline"] for entry in entries] == [False, True, False]


def test_less_is_better_where_the_metric_says_so() -> None:
    rows = [row("large", ["3", "4", "5"]), row("small", ["1", "1", "2"]), row("silent", [], jobs=2, completed=0)]
    entries = downward_entries(rows)
    assert [entry["model"] for entry in entries] == ["small", "large", "silent"]
    assert [entry["worst_decile"] for entry in entries] == [2, 5, None]
    assert [entry["champion"] for entry in entries] == [True, False, False]


def test_the_champion_is_sure_of_it_the_first_may_be_lucky() -> None:
    lucky, sure = row("lucky", ["0", "0", "30"]), row("sure", ["9", "9", "9"])
    first, second = upward_entries([sure, lucky])
    assert (first["id"], first["champion"], second["champion"]) == ("lucky@1.0.0", False, True)
    (alone,) = upward_entries([row("once", ["5"])])
    assert (alone["score"], alone["low"], alone["champion"]) == (5, None, False)


def test_ties_share_a_rank_and_the_faster_stands_first() -> None:
    entries = upward_entries([row("slow", ["1", "3"], seconds=Decimal(9)), row("fast", ["3", "1"]), IDENTITY])
    assert [(entry["model"], entry["rank"]) for entry in entries] == [("fast", 1), ("slow", 1), ("identity", 3)]
    assert [entry["seconds_per_trace"] for entry in entries[:2]] == [Decimal("0.25"), Decimal("4.5")]


def test_flags_and_failures_count_beside_the_score_not_in_it() -> None:
    (entry,) = upward_entries([row("one", ["1", "2"], perfect=3, undefined=1, failed=1, cancelled=2, jobs=4)])
    assert (entry["n"], entry["perfect"], entry["undefined"], entry["score"]) == (2, 3, 1, Decimal("1.5"))
    assert (entry["failure_rate"], entry["cancel_rate"]) == (Decimal("0.5"), Decimal("0.5"))
    (unmeasured,) = upward_entries([row("none", [], perfect=5)])
    assert (unmeasured["score"], unmeasured["rank"]) == (None, 1)


def test_versions_are_entries_of_their_own() -> None:
    entries = upward_entries([row("wiener", ["1", "2"]), row("wiener", ["2", "3"], version="2.0.0")])
    assert [(entry["id"], entry["name"]) for entry in entries] == [
        ("wiener@2.0.0", "wiener 2.0.0"), ("wiener@1.0.0", "wiener 1.0.0"),
    ]  # fmt: skip


def test_across_data_sets_only_wins_are_averaged() -> None:
    """Decibels of an easy data set would drown those of a hard one."""
    rows = [
        row("loud", ["100", "100"]), row("steady", ["90", "90"]),
        row("loud", ["1", "1"], dataset="d2"), row("steady", ["2", "2"], dataset="d2"),
        row("late", ["3", "3"], dataset="d2"),
    ]  # fmt: skip
    entries = across_entries(rows)
    assert [(entry["model"], entry["score"], entry["datasets"], entry["first_places"]) for entry in entries] == [
        ("late", 1, 1, 1), ("loud", Decimal("0.5"), 2, 1), ("steady", Decimal("0.25"), 2, 0),
    ]  # fmt: skip
    assert canonical(across_entries(list(reversed(rows)))) == canonical(entries)


def test_nothing_to_rank() -> None:
    assert upward_entries([]) == downward_entries([]) == across_entries([]) == []
