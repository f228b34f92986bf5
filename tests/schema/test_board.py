"""Rank rules, canonical bytes and the difference of snapshots."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.board import (
    RULES,
    ListDigest,
    Standing,
    Unranked,
    canonical,
    difference,
    digest,
    ordered,
    placed,
    rank_ranges,
    ranks,
    rounded,
    share,
)

figures = st.none() | st.just(Decimal("NaN")) | st.integers(-50, 50).map(lambda n: Decimal(n) / 10)
directions = st.sampled_from(["up", "down"])


@st.composite
def standings(draw: st.DrawFn) -> list[Standing]:
    scores = draw(st.lists(st.tuples(figures, st.integers(0, 20), st.booleans()), max_size=12))
    return [
        Standing(score, *_ends(score, width), provisional, ties=(at,))
        for at, (score, width, provisional) in enumerate(scores)
    ]


def _ends(score: Decimal | None, width: int) -> tuple[Decimal | None, Decimal | None]:
    if score is None or score.is_nan():
        return None, None
    return score - Decimal(width) / 10, score + Decimal(width) / 10


def of(*scores: str | None) -> list[Standing]:
    return [Standing(None if s is None else Decimal(s), ties=(at,)) for at, s in enumerate(scores)]


def test_named_rules_on_a_tie() -> None:
    tied = of("0.9", "0.8", "0.8", "0.7")
    assert ranks("standard", tied, "up") == [1, 2, 2, 4]
    assert ranks("dense", tied, "up") == [1, 2, 2, 3]
    assert ranks("ordinal", tied, "up") == [1, 2, 3, 4]
    assert ranks("standard", tied, "down") == [4, 2, 2, 1]


@pytest.mark.parametrize("direction", ["up", "down"])
@pytest.mark.parametrize("rule", RULES)
def test_missing_and_nan_are_last_in_both_directions(rule: str, direction: str) -> None:
    found = ranks(rule, of("0.1", None, "NaN", "-5"), direction)
    assert max(found[0], found[3]) < min(found[1], found[2])
    assert set(ordered(of("0.1", None, "NaN", "-5"), direction)[2:]) == {1, 2}


def test_provisional_stand_behind_firm_ones_whatever_their_score() -> None:
    early = Standing(Decimal("1"), provisional=True, ties=(0,))
    assert ranks("standard", [early, *of("0.1", None)], "up") == [2, 1, 3]


def test_interval_that_overlaps_shares_the_range() -> None:
    a = Standing(Decimal("0.9"), Decimal("0.8"), Decimal("0.95"), ties=(0,))
    b = Standing(Decimal("0.85"), Decimal("0.7"), Decimal("0.9"), ties=(1,))
    c = Standing(Decimal("0.5"), Decimal("0.4"), Decimal("0.6"), ties=(2,))
    assert rank_ranges([a, b, c], "up") == [(1, 2), (1, 2), (3, 3)]
    assert rank_ranges([a, b, c], "down") == [(2, 3), (2, 3), (1, 1)]
    assert ranks("ci_upper_bound", [a, b, c], "up") == [1, 1, 3]


def test_unknown_rule_and_direction_are_refused() -> None:
    with pytest.raises(Unranked, match="standard"):
        ranks("elo", of("1"), "up")
    with pytest.raises(Unranked, match="direction"):
        ranks("standard", of("1"), "sideways")


@given(standings(), directions)
def test_ranks_lie_in_their_range_whatever_the_order_of_rows(found: list[Standing], direction: str) -> None:
    own = ranks("standard", found, direction)
    for rank, (best, worst) in zip(own, rank_ranges(found, direction), strict=True):
        assert 1 <= best <= rank <= worst <= len(found)
    back = list(reversed(found))
    assert ranks("standard", back, direction) == list(reversed(own))
    shown = [found[at].ties for at in ordered(found, direction)]
    assert shown == [back[at].ties for at in ordered(back, direction)]


@given(standings(), directions)
def test_rules_agree_on_who_is_ahead(found: list[Standing], direction: str) -> None:
    order = ordered(found, direction)
    for rule in ("standard", "dense", "ordinal"):
        own = ranks(rule, found, direction)
        assert [own[at] for at in order] == sorted(own)
    assert sorted(ranks("ordinal", found, direction)) == list(range(1, len(found) + 1))


def test_placed_entries_come_best_first_with_their_range() -> None:
    low = (Standing(Decimal("0.2"), ties=("b",)), {"id": "b", "score": Decimal("0.20")})
    high = (Standing(Decimal("0.7"), ties=("a",)), {"id": "a", "score": Decimal("0.70")})
    entries = placed([low, high], rule="standard", direction="up")
    assert [(e["id"], e["rank"], e["rank_low"], e["rank_high"]) for e in entries] == [
        ("a", 1, 1, 1), ("b", 2, 2, 2),
    ]  # fmt: skip


def test_canonical_bytes() -> None:
    value = {"b": [1, Decimal("0.5000"), 1.0, 1e-6, Decimal("-0.0"), None, True], "a": "é\n\u2028"}
    assert canonical(value) == '{"a":"é\\n\u2028","b":[1,0.5,1,0.000001,0,null,true]}'.encode()
    for lost in (float("nan"), Decimal("Infinity"), object()):
        with pytest.raises(ValueError, match="JSON"):
            canonical({"x": lost})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(json_values)
def test_canonical_bytes_survive_reading_them_back(value: object) -> None:
    try:
        written = canonical(value)
    except UnicodeEncodeError:
        return  # a lone surrogate has no UTF-8
    assert canonical(json.loads(written)) == written
    assert len(digest(written)) == 64


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_share_is_the_exact_ratio_rounded_once(part: int, whole: int) -> None:
    found = share(part, whole, 4)
    assert found is not None
    assert abs(found * whole - part) * 20_000 <= whole
    assert share(part, 0, 4) is None


def test_half_goes_to_even() -> None:
    assert rounded(Decimal("0.00005"), 4) == Decimal("0.0000")
    assert rounded(Decimal("0.00015"), 4) == Decimal("0.0002")


def test_difference_of_snapshots() -> None:
    before = [{"id": "a", "name": "A", "rank": 1, "score": 0.5, "n": 1}, {"id": "b", "name": "B", "rank": 2}]
    after = [{"id": "c", "name": "C", "rank": 1}, {"id": "a", "name": "A", "rank": 2, "score": 0.5, "n": 2}]
    found = difference(before, after)
    assert [entry["id"] for entry in found["entered"]] == ["c"]
    assert [entry["id"] for entry in found["left"]] == ["b"]
    assert found["moved"] == [{"id": "a", "name": "A", "rank": [1, 2], "score": [0.5, 0.5], "n": [1, 2]}]
    assert difference(after, after) == {"entered": [], "left": [], "moved": []}


@given(st.lists(st.lists(st.integers(0, 99), max_size=4), max_size=4), st.sampled_from([b"", b"{", b"}", b"[", b"]"]))
def test_the_digest_of_parts_is_that_of_the_whole_and_of_nothing_else(lists: list[list[int]], damage: bytes) -> None:
    parts = [canonical([{"id": number} for number in numbers]) for numbers in lists]
    whole = canonical([{"id": number} for numbers in lists for number in numbers])
    assert digest_of(parts) == digest(whole)
    for n, part in enumerate(parts):
        for damaged in {damage + part[1:], part[:-1] + damage} - {part}:
            assert digest_of([*parts[:n], damaged, *parts[n + 1 :]]) != digest(whole)


def digest_of(parts: list[bytes]) -> str:
    """The digest of lists that are taken in one after the other."""
    taken = ListDigest()
    for part in parts:
        taken.add(part)
    return taken.digest()
