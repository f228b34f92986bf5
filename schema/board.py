"""Boards, purely: rank rules, canonical bytes and their digest, and what changed between two snapshots."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from typing import Any

import msgspec

RULES = ("standard", "dense", "ordinal", "ci_upper_bound")
"""1224; 1223; 1234 in the order of the tie-break; 1 + the entries whose interval lies wholly above mine."""

EXACT = Context(prec=40, rounding=ROUND_HALF_EVEN)
"""Figures are computed with 40 digits and rounded once: no machine and no order of additions shows."""

PART_BYTES_MAX = 480_000
"""Of canonical bytes: as a text within JSON they may double, and the record must not be above VALUE_BYTES_MAX."""

Entry = dict[str, Any]


class Unranked(ValueError):
    """A rank rule or a direction that does not exist."""


@dataclass(frozen=True)
class Standing:
    """What ranking looks at: rounded figures.

    Provisional entries stand behind firm ones, those without a score last.

    `ties` orders entries of one rank for display; its last element must tell any two entries apart.
    """

    score: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    provisional: bool = False
    ties: tuple[Any, ...] = ()

    @property
    def tier(self) -> int:
        """0 firm, 1 provisional, 2 without a score."""
        return 2 if absent(self.score) else int(self.provisional)


def absent(figure: Decimal | None) -> bool:
    """Whether a figure is missing or NaN: either way the entry is last, in both directions."""
    return figure is None or figure.is_nan()


def rounded(figure: Decimal | int, decimals: int) -> Decimal:
    """A finite figure to a number of decimals, half to even, however great it is."""
    value = Decimal(figure)
    digits = value.adjusted() + decimals + 2
    return value.quantize(_unit(decimals), context=EXACT if digits <= EXACT.prec else _precise(digits))


def significant(figure: Decimal | int, digits: int) -> Decimal:
    """A finite figure to a number of significant digits, half to even, however small or great it is."""
    return _precise(digits).plus(Decimal(figure))


@lru_cache(maxsize=1024)
def _precise(digits: int) -> Context:
    return Context(prec=digits, rounding=ROUND_HALF_EVEN)


@lru_cache(maxsize=64)
def _unit(decimals: int) -> Decimal:
    return Decimal(1).scaleb(-decimals)


def divided(part: int, whole: int, decimals: int = 0) -> int:
    """part / whole in units of the last decimal, half to even; `whole` is above 0."""
    units, rest = divmod(part * int(10**decimals), whole)
    return units + (2 * rest > whole or (2 * rest == whole and units % 2 == 1))


def figure(units: int, decimals: int) -> Decimal:
    """Units of the last decimal as a figure."""
    return Decimal(units).scaleb(-decimals)


def share(part: int, whole: int, decimals: int) -> Decimal | None:
    """part / whole, rounded once from the exact value; None for nothing out of nothing."""
    return figure(divided(part, whole, decimals), decimals) if whole else None


def mean(figures: Sequence[Decimal], decimals: int) -> Decimal | None:
    """Plain mean, rounded once; None of nothing."""
    with localcontext(EXACT):
        return rounded(sum(figures, Decimal(0)) / len(figures), decimals) if figures else None


def ordered(standings: Sequence[Standing], direction: str) -> list[int]:
    """Indices of the standings from best to worst, ties in the order of `ties`."""
    places = [(_place(standing, direction), standing.ties, index) for index, standing in enumerate(standings)]
    return [index for _, _, index in sorted(places)]


def ranks(rule: str, standings: Sequence[Standing], direction: str) -> list[int]:
    """The rank of each standing, in the order given. Raises Unranked for an unknown rule or direction."""
    if rule == "ci_upper_bound":
        return [best for best, _ in rank_ranges(standings, direction)]
    places = [_place(standing, direction) for standing in standings]
    match rule:
        case "standard":
            in_order = sorted(places)
            return [1 + bisect_left(in_order, own) for own in places]
        case "dense":
            levels = sorted(set(places))
            return [1 + bisect_left(levels, own) for own in places]
        case "ordinal":
            turn = {index: place for place, index in enumerate(ordered(standings, direction), 1)}
            return [turn[index] for index in range(len(turn))]
        case _:
            raise Unranked(f"rank rule {rule!r} is not one of {', '.join(RULES)}")


def rank_ranges(standings: Sequence[Standing], direction: str) -> list[tuple[int, int]]:
    """The best and the worst rank that the intervals leave open to each standing.

    Best: 1 + those of its tier whose interval lies wholly on the better side, worst: 1 + those whose interval
    reaches as far as its own worse end. Entries of better tiers are always ahead.
    """
    bounds = [_bounds(standing, direction) for standing in standings]
    tiers = {tier: [end for end in bounds if end[0] == tier] for tier in {end[0] for end in bounds}}
    ahead = {tier: sum(len(peers) for better, peers in tiers.items() if better < tier) for tier in tiers}
    betters = {tier: sorted(better for _, better, _ in peers) for tier, peers in tiers.items()}
    worses = {tier: sorted(worse for *_, worse in peers) for tier, peers in tiers.items()}
    ranges = []
    for tier, better, worse in bounds:
        certain = len(worses[tier]) - bisect_right(worses[tier], better)
        possible = len(betters[tier]) - bisect_left(betters[tier], worse) - 1
        ranges.append((1 + ahead[tier] + certain, 1 + ahead[tier] + possible))
    return ranges


def _place(standing: Standing, direction: str) -> tuple[int, Decimal]:
    return standing.tier, -_upward(standing.score, direction)


def _upward(figure: Decimal | None, direction: str) -> Decimal:
    """The figure turned so that more is better; 0 for an absent one: its tier says that it is last."""
    if direction not in ("up", "down"):
        raise Unranked(f"direction {direction!r} is neither 'up' nor 'down'")
    if figure is None or figure.is_nan():
        return Decimal(0)
    return figure if direction == "up" else -figure


def _bounds(standing: Standing, direction: str) -> tuple[int, Decimal, Decimal]:
    """Tier, better end, worse end; an entry without an interval is its score."""
    low, high = (_upward(standing.score if absent(end) else end, direction) for end in (standing.low, standing.high))
    return standing.tier, max(low, high), min(low, high)


def placed(lines: Iterable[tuple[Standing, Mapping[str, Any]]], *, rule: str, direction: str) -> list[Entry]:
    """Entries from best to worst: rank, rank_low, rank_high (what the intervals leave open), the rest.

    Each line is what ranking looks at and what the entry shows.
    """
    listed = list(lines)
    standings = [standing for standing, _ in listed]
    own, ranges = ranks(rule, standings, direction), rank_ranges(standings, direction)
    return [
        {"rank": own[at], "rank_low": ranges[at][0], "rank_high": ranges[at][1], **listed[at][1]}
        for at in ordered(standings, direction)
    ]


def canonical(value: Any) -> bytes:
    """The one JSON form of a value, after RFC 8785: sorted keys, no spaces, UTF-8, numbers short and plain.

    Raises ValueError for NaN, infinities and what JSON does not know.
    """
    if isinstance(value, list):
        return _written_list(value)
    return _written(value).encode()


def _written_list(entries: list[Any]) -> bytes:
    # Into one buffer: by joining, the text of a large board would lie in memory four times.
    text = BytesIO()
    write, before = text.write, "["
    for entry in entries:
        write((before + _written(entry)).encode())
        before = ","
    write(b"]" if entries else b"[]")
    return text.getvalue()


_text = json.JSONEncoder(ensure_ascii=False).encode


@lru_cache(maxsize=4096)
def _name(key: str) -> str:
    """A member's name with its colon: a board has few, ten thousand times over."""
    return _text(key) + ":"


def _written(value: Any) -> str:
    kind = type(value)
    if kind is Decimal:
        return _number(value)
    if kind is dict:
        return "{" + ",".join([_name(str(key)) + _written(value[key]) for key in sorted(value)]) + "}"
    match value:
        case None | bool() | int() | str():
            return _text(value)
        case list() | tuple():
            return "[" + ",".join([_written(each) for each in value]) + "]"
        case float() | Decimal():
            return _number(value)
        case Mapping():
            return _written(dict(value))
        case _:
            raise ValueError(f"{kind.__name__} has no canonical JSON form")


def _number(value: float | Decimal) -> str:
    plain = str(value)
    if "." not in plain or "E" in plain or "e" in plain:
        exact = value if isinstance(value, Decimal) else Decimal(plain)
        if not exact.is_finite():
            raise ValueError(f"{value} has no JSON form: a missing figure is null")
        plain = f"{exact:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain == "-0" else plain


def digest(canonical_bytes: bytes) -> str:
    """sha256 in hex."""
    return sha256(canonical_bytes).hexdigest()


def raw_entries(canonical_bytes: bytes) -> Iterator[bytes]:
    """The canonical entries of a canonical list, one by one. Raises msgspec.DecodeError for what is no JSON list."""
    return map(bytes, msgspec.json.decode(canonical_bytes, type=list[msgspec.Raw]))


class ListDigest:
    """The digest of a canonical list that is given in canonical lists of its entries, or entry by entry."""

    def __init__(self) -> None:
        self._hash = sha256(b"[")
        self._is_empty = True

    def add(self, canonical_list: bytes) -> None:
        """Take in the next entries. What is no list in brackets makes the digest one that no list has."""
        if canonical_list[:1] != b"[" or canonical_list[-1:] != b"]":
            self._hash.update(b"]")
        if len(canonical_list) > 2:
            self.add_entry(memoryview(canonical_list)[1:-1])

    def add_entry(self, entry: bytes | memoryview) -> None:
        """Take in the next entry."""
        if not self._is_empty:
            self._hash.update(b",")
        self._hash.update(entry)
        self._is_empty = False

    def digest(self) -> str:
        """sha256 in hex of all that was taken in, as one list."""
        found = self._hash.copy()
        found.update(b"]")
        return found.hexdigest()


def split(entries: Iterable[bytes], bytes_max: int = PART_BYTES_MAX) -> Iterator[tuple[int, bytes]]:
    """Canonical entries in parts, each a canonical list of whole entries: (entries, canonical bytes) of each.

    A part is larger than `bytes_max` only if it is one entry. The same entries are always split in the same way.
    """
    part: list[bytes] = []
    size = 0
    for entry in entries:
        if part and size + len(entry) + 2 > bytes_max:
            yield len(part), b"[" + b",".join(part) + b"]"
            part, size = [], 0
        part.append(entry)
        size += len(entry) + 1
    if part:
        yield len(part), b"[" + b",".join(part) + b"]"


def difference(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> dict[str, list[Entry]]:
    """What changed from one snapshot's entries to another's: entered, left, moved (rank or score changed)."""
    old, new = ({entry["id"]: _seen(entry) for entry in entries} for entries in (before, after))
    return {
        "entered": [entry for key, entry in new.items() if key not in old],
        "left": [entry for key, entry in old.items() if key not in new],
        "moved": [
            _moved(old[key], entry) for key, entry in new.items() if key in old and _shown(old[key]) != _shown(entry)
        ],
    }


def _shown(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(entry.get(name) for name in ("rank", "score", "n"))


def _seen(entry: Mapping[str, Any]) -> Entry:
    return {name: entry.get(name) for name in ("id", "name", "rank", "score", "n")}


def _moved(old: Mapping[str, Any], new: Mapping[str, Any]) -> Entry:
    pairs = {name: [old.get(name), new.get(name)] for name in ("rank", "score", "n")}
    return {"id": new["id"], "name": new.get("name"), **pairs}
