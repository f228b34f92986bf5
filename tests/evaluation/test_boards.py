"""The boards of the evaluation domain, from tally rows to entries."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schema.board import canonical
from schema.evaluation.boards import accuracy_entries, compared, overall_entries


def tally(model: int, right: int, wrong: int = 0, **more: Any) -> dict[str, Any]:
    confusion = [["positive", "positive", right], ["positive", "negative", wrong]]
    return {
        "model_id": model, "prompt_id": 7, "dataset_id": 1, "model": f"m{model}", "labels": None,
        "status": "running", "total_rows": 100, "done": right + wrong, "failed": 0, "confusion": confusion,
        "latency": [[80, right + wrong]],
        **more,
    }  # fmt: skip


def test_strict_accuracy_counts_failures_and_abstentions_as_wrong() -> None:
    row = tally(1, 60, confusion=[["positive", "positive", 60], ["negative", "unknown", 20]], failed=20)
    (entry,) = accuracy_entries([row])
    assert (entry["score"], entry["answered_accuracy"], entry["coverage"]) == (
        Decimal("0.6"), Decimal("0.75"), Decimal(1),
    )  # fmt: skip
    assert (entry["abstain_rate"], entry["failure_rate"]) == (Decimal("0.25"), Decimal("0.2"))
    assert entry["n"] == 100
    assert (entry["low"], entry["high"]) == (Decimal("0.5020"), Decimal("0.6906"))
    assert entry["low"] <= entry["score"] <= entry["high"]
    assert not entry["provisional"]


def test_ties_share_a_rank_and_macro_f1_orders_them() -> None:
    even = [["positive", "positive", 30], ["negative", "negative", 30], ["neutral", "positive", 40]]
    entries = accuracy_entries([tally(1, 60, 40), tally(2, 0, confusion=even), tally(3, 50, 50)])
    assert [(entry["id"], entry["rank"]) for entry in entries] == [("2:7", 1), ("1:7", 1), ("3:7", 3)]
    assert [(entry["rank_low"], entry["rank_high"]) for entry in entries] == [(1, 3), (1, 3), (1, 3)]


def test_an_entry_below_the_coverage_threshold_is_provisional_and_behind() -> None:
    entries = accuracy_entries([tally(1, 10), tally(2, 30, 70), tally(3, 0)])
    assert [(e["id"], e["rank"], e["provisional"]) for e in entries] == [
        ("2:7", 1, False), ("1:7", 2, True), ("3:7", 3, True),
    ]  # fmt: skip
    assert entries[2]["score"] is None
    assert entries[2]["low"] is None


def test_an_empty_data_set_has_no_figures() -> None:
    (entry,) = accuracy_entries([tally(1, 0, total_rows=0, latency=[])])
    assert entry["coverage"] is None
    assert entry["macro_f1"] is None
    assert entry["p95"] is None


def test_models_under_several_prompts_are_told_apart() -> None:
    names = {e["name"] for e in accuracy_entries([tally(1, 1), tally(1, 1, prompt_id=8), tally(2, 1)])}
    assert names == {"m1 / prompt 7", "m1 / prompt 8", "m2"}


def test_over_all_data_sets_what_was_not_tried_is_not_covered() -> None:
    rows = [tally(1, 80, 20), tally(1, 90, 10, dataset_id=2, total_rows=300), tally(2, 100)]
    first, second = overall_entries(rows)
    assert (first["id"], first["score"], first["rows"], first["datasets"]) == ("1:7", Decimal("0.85"), 400, 2)
    assert (second["coverage"], second["provisional"]) == (Decimal("0.25"), True)
    assert (first["win_rate"], second["win_rate"]) == (0, 1)


few = st.integers(0, 40)
rows_of_a_board = st.lists(
    st.tuples(st.integers(1, 5), st.integers(1, 2), st.integers(1, 3), few, few),
    max_size=12,
    unique_by=lambda row: row[:3],
).map(
    lambda found: [
        tally(model, right, wrong, prompt_id=prompt, dataset_id=dataset)
        for model, prompt, dataset, right, wrong in found
    ]
)


@given(rows_of_a_board, st.randoms())
def test_the_order_of_rows_does_not_show_in_the_bytes(rows: list[dict[str, Any]], random: Any) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert canonical(overall_entries(rows)) == canonical(overall_entries(shuffled))
    one = [row for row in rows if row["dataset_id"] == 1]
    again = [row for row in shuffled if row["dataset_id"] == 1]
    assert canonical(accuracy_entries(one)) == canonical(accuracy_entries(again))


def test_comparison_of_two_entries() -> None:
    found = compared({"common": 100, "both": 60, "only_a": 8, "only_b": 2, "neither": 30})
    assert (found["p_value"], found["test"]) == (0.109375, "McNemar, exact")
