"""The cards: eighty creatures, made by a rule, each with a cost that its figures are worth."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

BREAKTHROUGH, CHARGE, DRAIN, GUARD, LETHAL, WARD = "BCDGLW"
ABILITIES: Final = {
    BREAKTHROUGH: "Trampling", CHARGE: "Swift", DRAIN: "Thirsty",
    GUARD: "Steadfast", LETHAL: "Venomous", WARD: "Veiled",
}  # fmt: skip
"""Ability -> how a creature is called that has it."""

COST_MAX: Final = 12
_WORTH: Final = {BREAKTHROUGH: 1, CHARGE: 3, DRAIN: 2, GUARD: 1, LETHAL: 3, WARD: 3}
"""What an ability costs, in halves of a mana point."""

_BODIES: Final = (
    ("Wren", 1, 1), ("Hare", 2, 1), ("Otter", 1, 3), ("Fox", 3, 2), ("Badger", 2, 4), ("Lynx", 4, 3), ("Boar", 4, 5),
    ("Stag", 6, 4), ("Bear", 5, 7), ("Bison", 8, 8),
)  # fmt: skip
"""Name, attack, defence."""


@dataclass(frozen=True)
class Card:
    """A creature: `draws` cards more next turn for who summons it."""

    name: str
    cost: int
    attack: int
    defence: int
    ability: str = ""
    draws: int = 0


def _card(body: tuple[str, int, int], ability: str) -> Card:
    name, attack, defence = body
    halves = attack + defence + _WORTH[ability]
    return Card(f"{ABILITIES[ability]} {name}", min((halves + 1) // 2, COST_MAX), attack, defence, ability)


def _all() -> tuple[Card, ...]:
    able = [_card(body, ability) for body, ability in product(_BODIES, ABILITIES)]
    plain = [Card(name, (attack + defence) // 2, attack, defence) for name, attack, defence in _BODIES]
    wise = [
        Card(f"Learned {name}", (attack + defence + 3) // 2, attack, defence, draws=1)
        for name, attack, defence in _BODIES
    ]
    return (*able, *plain, *wise)


CARDS: Final = _all()
BY_NAME: Final = {card.name: card for card in CARDS}
