"""The players: programs that draft a deck after their own taste and play it after their own temper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from samples.duels.cards import BREAKTHROUGH, CARDS, CHARGE, DRAIN, GUARD, LETHAL, WARD, Card
from samples.duels.duel import BOARD_MAX, Creature, Side

DECK_CARDS, CHOICES = 30, 3
POOL_CARDS = 60
"""Of so many cards the choices of a match are made, the same for both players."""

Worth = Callable[[Card], float]

STYLES: Final[Mapping[str, Worth]] = {
    "Rush": lambda card: card.attack - 1.2 * card.cost + 4 * (card.ability in (CHARGE, BREAKTHROUGH)),
    "Wall": lambda card: card.defence - 0.6 * card.cost + 4 * (card.ability == GUARD),
    "Venom": lambda card: -0.5 * card.cost + 4 * (card.ability in (LETHAL, WARD)),
    "Giants": lambda card: 0.8 * (card.attack + card.defence) - 0.3 * card.cost,
    "Leech": lambda card: 0.5 * card.attack - 0.4 * card.cost + 4 * (card.ability == DRAIN) + card.draws,
}
"""Deck type -> what a card is worth to who drafts one."""


def draft(chance: Random) -> list[tuple[Card, ...]]:
    """The choices of a match: thirty times three different cards."""
    pool = chance.sample(CARDS, POOL_CARDS)
    return [tuple(chance.sample(pool, CHOICES)) for _ in range(DECK_CARDS)]


def deck(style: str, choices: list[tuple[Card, ...]]) -> list[Card]:
    """What somebody of a style takes, a card of each choice."""
    return [max(three, key=lambda card: (STYLES[style](card), card.name)) for three in choices]


@dataclass(frozen=True)
class Player:
    """Somebody who plays; `temper` 0 trades creatures wherever it pays, 1 goes for the other player."""

    name: str
    style: str
    temper: float
    proud: bool = False
    """Plays to the bitter end."""

    def summons(self, own: Side, other: Side) -> Card | None:
        """The dearest card that can be paid; of equal ones the one that the style likes best."""
        able = [card for card in own.hand if card.cost <= own.mana] if len(own.board) < BOARD_MAX else []
        return max(able, key=lambda card: (card.cost, STYLES[self.style](card), card.name), default=None)

    def attacks(self, creature: Creature, own: Side, other: Side) -> Creature | None:
        """The player, if that ends the game; else the best trade, if it is good enough for the temper."""
        if other.guards:
            return max(other.guards, key=lambda target: _gain(creature, target))
        force = sum(one.attack for one in own.board if one.ready) + creature.attack
        if not other.board or force >= other.health:
            return None
        best = max(other.board, key=lambda target: _gain(creature, target))
        return best if _gain(creature, best) > 6 * self.temper else None

    def concedes(self, own: Side, other: Side) -> bool:
        """When nothing is left that could stop the end."""
        return (
            not self.proud and not own.guards
            and sum(one.attack for one in other.board) >= own.health
            and len(own.board) < len(other.board)
        )  # fmt: skip


def _gain(creature: Creature, target: Creature) -> float:
    """What an attack wins, in figures of creatures: what dies of theirs less what dies of ours."""
    kills = not target.has(WARD) and (creature.has(LETHAL) or creature.attack >= target.defence)
    dies = not creature.has(WARD) and target.attack > 0 and (target.has(LETHAL) or target.attack >= creature.defence)
    won = target.attack + target.defence if kills else 0.3 * min(creature.attack, target.defence)
    return won - (creature.attack + creature.defence if dies else 0)
