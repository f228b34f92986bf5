"""One game: the rules of Legends of Code and Magic 1.2, with creatures only; tells what happens line by line.

Source of the rules: J. Kowalski and R. Miernik, https://github.com/acatai/Strategy-Card-Game-AI-Competition
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Final, Protocol

from samples.duels.cards import BREAKTHROUGH, CHARGE, DRAIN, GUARD, LETHAL, WARD, Card

HEALTH: Final = 30
RUNE, RUNE_STEP = 25, 5
HAND_MAX, BOARD_MAX, MANA_MAX = 8, 6, 12
HANDS: Final = (4, 5)
"""Cards of who goes first and second; who goes second has a point of mana more, to be spent once."""

TURNS_MAX = 50
"""Of each player; then decks count as empty, so that every game ends."""

Tell = Callable[[int, str, str], None]
"""Takes the seat, 0 or 1, the kind of play, and the line of the log."""


@dataclass(eq=False)
class Creature:
    """A card on the board."""

    card: Card
    attack: int
    defence: int
    ability: str
    ready: bool

    @property
    def alive(self) -> bool:
        """Whether it stays on the board."""
        return self.defence > 0

    def has(self, ability: str) -> bool:
        """Whether it still has an ability."""
        return ability == self.ability


@dataclass
class Side:
    """What a player has in a game."""

    deck: list[Card]
    health: int = HEALTH
    mana: int = 0
    mana_max: int = 0
    bonus: int = 0
    rune: int = RUNE
    more: int = 0
    hand: list[Card] = field(default_factory=list)
    board: list[Creature] = field(default_factory=list)

    @property
    def guards(self) -> list[Creature]:
        """Creatures that have to be attacked first."""
        return [creature for creature in self.board if creature.has(GUARD)]

    def hurt(self, damage: int) -> None:
        """Lose health; every rune that is passed draws a card more next turn."""
        self.health -= damage
        while self.rune and self.health <= self.rune:
            self.rune -= RUNE_STEP
            self.more += 1


class Mind(Protocol):
    """Who decides in a game."""

    def summons(self, own: Side, other: Side) -> Card | None:
        """The next card to play, among those in hand that can be paid; None for no more."""
        ...

    def attacks(self, creature: Creature, own: Side, other: Side) -> Creature | None:
        """What a creature attacks: one of the other's, or None for the player; guards come first."""
        ...

    def concedes(self, own: Side, other: Side) -> bool:
        """Whether to give up at the end of the own turn."""
        ...


@dataclass
class Duel:
    """A game between two sides; `first` is the seat, 0 or 1, that goes first."""

    sides: tuple[Side, Side]
    minds: tuple[Mind, Mind]
    first: int
    tell: Tell
    broken_off: int | None = None
    """Turns of each player after which the connection is lost; None if it holds."""

    def play(self) -> int | None:
        """The seat that won; None if the game was broken off."""
        for seat, cards in zip((self.first, 1 - self.first), HANDS, strict=True):
            self._draw(seat, cards)
        self.sides[1 - self.first].bonus = 1
        for turn in count():
            seat = (self.first + turn) % 2
            if turn // 2 == self.broken_off:
                self.tell(seat, "Leave", "Left the duel")
                return None
            if turn // 2 >= TURNS_MAX:
                self.sides[seat].deck.clear()
            if (winner := self._turn(seat)) is not None:
                return winner
        raise AssertionError("an empty deck ends every game")

    def _turn(self, seat: int) -> int | None:
        own, other = self.sides[seat], self.sides[1 - seat]
        own.mana_max = min(own.mana_max + 1, MANA_MAX)
        own.mana = own.mana_max + own.bonus
        cards, own.more = 1 + own.more, 0
        self._draw(seat, cards)
        if own.health <= 0:
            return self._lost(seat)
        for creature in own.board:
            creature.ready = True
        while (card := self.minds[seat].summons(own, other)) is not None:
            self._summon(seat, card)
        for creature in list(own.board):
            if creature.ready and creature.attack > 0 and creature.alive:
                self._attack(seat, creature)
            if other.health <= 0:
                return self._lost(1 - seat)
        if self.minds[seat].concedes(own, other):
            self.tell(seat, "Admit defeat", "Admitted defeat")
            return 1 - seat
        self.tell(seat, "End turn", "Ended turn")
        return None

    def _lost(self, seat: int) -> int:
        self.tell(seat, "Lose", "Lost Duel")
        return 1 - seat

    def _draw(self, seat: int, cards: int) -> None:
        side = self.sides[seat]
        for _ in range(cards):
            if len(side.hand) >= HAND_MAX:
                return
            if not side.deck:
                # An empty deck costs the next rune; without runes it costs the game.
                side.health, side.rune = min(side.health, side.rune), max(side.rune - RUNE_STEP, 0)
                continue
            card = side.deck.pop()
            side.hand.append(card)
            self.tell(seat, "Draw card", f'Drew "{card.name}"')

    def _summon(self, seat: int, card: Card) -> None:
        side = self.sides[seat]
        side.mana -= card.cost
        side.bonus = min(side.bonus, side.mana)
        side.more += card.draws
        side.hand.remove(card)
        side.board.append(Creature(card, card.attack, card.defence, card.ability, ready=card.ability == CHARGE))
        self.tell(seat, "Summon", f'Summoned "{card.name}"')

    def _attack(self, seat: int, creature: Creature) -> None:
        own, other = self.sides[seat], self.sides[1 - seat]
        creature.ready = False
        target = self.minds[seat].attacks(creature, own, other)
        if target is None and other.guards:
            target = other.guards[0]
        if target is None:
            self.tell(seat, "Attack", f'Attacked directly with "{creature.card.name}"')
            other.hurt(creature.attack)
            own.health += creature.attack if creature.has(DRAIN) else 0
            return
        self.tell(seat, "Attack", f'Attacked "{target.card.name}" with "{creature.card.name}"')
        excess = -target.defence + creature.attack if creature.has(BREAKTHROUGH) and not target.has(WARD) else 0
        if strike(creature, target) and creature.has(DRAIN):
            own.health += creature.attack
        strike(target, creature)
        if excess > 0:
            other.hurt(excess)
        for side in self.sides:
            side.board = [one for one in side.board if one.alive]


def strike(creature: Creature, target: Creature) -> bool:
    """Damage to a creature; whether any was done: a ward takes the first."""
    if creature.attack <= 0:
        return False
    if target.has(WARD):
        target.ability = ""
        return False
    target.defence = 0 if creature.has(LETHAL) else target.defence - creature.attack
    return True


def shuffled(cards: Sequence[Card], chance: Random) -> Side:
    """A side with its deck in a random order."""
    deck = list(cards)
    chance.shuffle(deck)
    return Side(deck)
