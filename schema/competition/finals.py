"""Final scores: a closed round whose answers are judged is normalised once; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from schema.competition.scoring import LOWER_IS_BETTER, shortened
from schema.competition.tables import SCORE_MAX

SCORED = "competition.prediction.scored.v1"
DECIMALS = 9
CAP_NUMERATOR, CAP_DENOMINATOR = 95, 100

Row = Mapping[str, Any]
"""One counted prediction of a due round: its key, status, the round's rules, and its judgement."""


def decide(rows: Sequence[Row], now: datetime) -> Iterable[tuple[str, dict[str, Any]]]:
    """The final score of every counted prediction of complete rounds; `rows` lie together by round."""
    for _, members in groupby(rows, key=lambda row: (row["prediction_config_id"], row["performed_at"])):
        yield from _round(list(members))


def _round(members: Sequence[Row]) -> Iterable[tuple[str, dict[str, Any]]]:
    rules = members[0]["scoring_jsonb"]
    judged = {row["model_id"]: row["value"] for row in members if row["value"] is not None}
    finals = of_round(judged, rules["metric"] in LOWER_IS_BETTER, rules["normalise"])
    penalty = missing(list(finals.values()), rules["normalise"]) if rules["absence"] == "worst" else None
    for row in members:
        final = finals.get(row["model_id"])
        yield (
            SCORED,
            {
                "model_id": row["model_id"],
                "prediction_config_id": row["prediction_config_id"],
                "performed_at": row["performed_at"],
                "absent": row["status"] == "ABSENT",
                "score_value": penalty if final is None else final,
                "score_success": final is not None,
                "score_failed_reason": None if final is not None else _reason(row),
            },
        )


def _reason(row: Row) -> str:
    match row["status"]:
        case "ABSENT":
            return "no answer before the round closed"
        case "TIMEOUT":
            return "the call took too long"
        case "FAILED":
            error = row["inference_output_jsonb"].get("_validation_error")
            return shortened(f"the call failed: {error}") if error else "the call failed"
    return row["failed_reason"] or "not judged"


def of_round(raw: Mapping[str, float], lower_is_better: bool, normalise: bool) -> dict[str, float]:
    """Final scores by model, more is better: `spread` of the raw ones, or these themselves, turned and clipped."""
    turned = raw if lower_is_better else {model: -value for model, value in raw.items()}
    if normalise:
        return dict(zip(turned, spread(list(turned.values())), strict=True))
    return {model: _rounded(-value) for model, value in turned.items()}


def spread(costs: Sequence[float]) -> list[float]:
    """1 for the least cost, 0 for the reference cost and all above it, linear between; all 1 if all costs are equal.

    The reference is the greatest cost below the cap that differs from the least. Where all costs below the cap are
    equal it is the cap, and where the cap equals them too it is the greatest cost, so whoever is worse than all others
    never gets what the best get. The cap is the 95th percentile as an observation (definition 3 of Hyndman and Fan,
    The American Statistician 50, 1996), so that one outlier does not push all others together.
    """
    if not costs:
        return []
    ranked = sorted(costs)
    best, greatest = ranked[0], ranked[-1]
    if best == greatest:
        return [1.0] * len(costs)
    width = _reference(ranked) - best
    return [_rounded(min(1.0, max(0.0, 1 - (cost - best) / width))) for cost in costs]


def _reference(ranked: Sequence[float]) -> float:
    """The cost that is worth 0, of costs in order that are not all equal."""
    best, cap = ranked[0], ranked[_cap_index(len(ranked))]
    below = max((cost for cost in ranked if best < cost < cap), default=best)
    return next(cost for cost in (below, cap, ranked[-1]) if cost > best)


def _cap_index(n: int) -> int:
    """Index from 0 of the observation nearest to the percentile; halfway, the one of even rank."""
    doubled = 2 * CAP_NUMERATOR * n - CAP_DENOMINATOR
    rank, rest = divmod(doubled, 2 * CAP_DENOMINATOR)
    if rest or rank % 2:
        rank += 1
    return min(max(rank, 1), n) - 1


def missing(finals: Sequence[float], normalise: bool) -> float:
    """What an answer that is missing or could not be judged costs: 0, and never more than the worst of the round."""
    return 0.0 if normalise else min([0.0, *finals])


def _rounded(value: float) -> float:
    """Within the bounds of a score, with decimals that sum exactly."""
    return round(min(SCORE_MAX, max(-SCORE_MAX, value)), DECIMALS) + 0.0
