"""Emissions: the ranking of a period becomes rewards that sum exactly; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from itertools import groupby
from typing import Any

MADE = "competition.emission.made.v1"
WHOLE = 1_000_000_000
"""Rewards are in billionths of the whole."""

TIERS = (Fraction(35, 100), *[Fraction(10, 100)] * 4, *[Fraction(5, 100)] * 5)
"""Shares of the ranks from 1; there is nothing below. With fewer models what is left over is shared equally."""

MEAN_DECIMALS = 9
RANKED_MAX = 500
"""Places that an emission lists: rewards end at rank 10, and its record must fit however long the names are."""

POOL_MAX = 2**53
"""Greatest pool in whole units: a prize is exact for whoever reads JSON numbers as doubles."""

WORD_CHARACTERS_MAX = 255

Row = Mapping[str, Any]
"""The sums of one model over the period of a due checkpoint."""


def decide(rows: Sequence[Row], now: datetime) -> Iterable[tuple[str, dict[str, Any]]]:
    """One emission a due checkpoint; `rows` lie together by checkpoint. Nobody ranked, nothing emitted."""
    for _, members in groupby(rows, key=lambda row: row["checkpoint_id"]):
        yield MADE, _emission(list(members))


def _emission(members: Sequence[Row]) -> dict[str, Any]:
    first = members[0]
    meta = first["meta_jsonb"]
    ranked = ranking(members)[:RANKED_MAX]
    shares = rewards(len(ranked))
    models = [entry["model_id"] for entry in ranked]
    return {
        **{name: first[name] for name in ("checkpoint_id", "period_start", "period_end", "next_run_at")},
        "payload_jsonb": {
            "crunch": str(meta.get("crunch", ""))[:WORD_CHARACTERS_MAX],
            "cruncher_rewards": [{"cruncher_index": index, "reward_pct": share} for index, share in enumerate(shares)],
            "compute_provider_rewards": _lone(meta.get("compute_provider")),
            "data_provider_rewards": _lone(meta.get("data_provider")),
        },
        "ranking_jsonb": ranked,
        "prizes_jsonb": _prizes(first, models, shares, meta.get("pool")),
    }


def ranking(members: Sequence[Row]) -> list[dict[str, Any]]:
    """Models by the mean of all their scores of the period; equals by more scores, then by id."""
    means = {row["model_id"]: Fraction(int(row["billionths"]), int(row["n"]) * WHOLE) for row in members}
    ordered = sorted(members, key=lambda row: (-means[row["model_id"]], -row["n"], row["model_id"]))
    return [
        {"model_id": row["model_id"], "mean": float(round(means[row["model_id"]], MEAN_DECIMALS)), "n": int(row["n"])}
        for row in ordered
    ]


def rewards(n: int) -> list[int]:
    """Rewards of ranks 1 ... n in billionths: each tier and its share of the rest, the rounding goes to rank 1."""
    if n == 0:
        return []
    taken = TIERS[:n]
    rest = (1 - sum(taken)) / n
    shares = [tier + rest for tier in taken] + [Fraction(0)] * (n - len(taken))
    whole = [round(share * WHOLE) for share in shares]
    whole[0] += WHOLE - sum(whole)
    return whole


def prizes(pool: int, shares: Sequence[int]) -> list[int]:
    """A pool in whole units by shares in billionths: largest remainders first, of equal ones the better rank."""
    whole = [pool * share // WHOLE for share in shares]
    left = pool - sum(whole)
    order = sorted(range(len(shares)), key=lambda rank: (-(pool * shares[rank] % WHOLE), rank))
    for rank in order[:left]:
        whole[rank] += 1
    return whole


def _prizes(period: Row, models: Sequence[str], shares: Sequence[int], pool: object) -> list[dict[str, Any]]:
    if not isinstance(pool, int) or isinstance(pool, bool) or not 0 < pool <= POOL_MAX:
        return []
    end = period["period_end"].isoformat()
    stem = f"{period['checkpoint_id']}-{end}"
    return [
        {"prizeId": f"{stem}-{model}", "timestamp": end, "model": model, "prize": prize}
        for model, prize in zip(models, prizes(pool, shares), strict=True)
        if prize
    ]


def _lone(provider: object) -> list[dict[str, Any]]:
    """A lone provider has all of its pot."""
    if not isinstance(provider, str) or not provider:
        return []
    return [{"provider": provider[:WORD_CHARACTERS_MAX], "reward_pct": WHOLE}]
