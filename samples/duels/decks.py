"""Tells the deck type from the cards that were seen: naive Bayes over cards, trained on decks of further drafts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, Final

from samples.duels.cards import BY_NAME, CARDS
from samples.duels.players import STYLES, deck, draft
from samples.duels.reading import PARSER_VERSION, Match

MODEL_VERSION: Final = 1
TRAINING_DRAFTS = 80
CONFIDENCE_DECIMALS = 4


@dataclass(frozen=True)
class Classifier:
    """Card -> logarithm of its share, by deck type."""

    weights: Mapping[str, Mapping[str, float]]

    def predict(self, cards: Mapping[str, int]) -> tuple[str, float] | None:
        """Deck type and confidence; None if no card was seen that is known."""
        known = {name: copies for name, copies in cards.items() if name in BY_NAME}
        if not known:
            return None
        scores = {
            style: math.fsum(copies * weights[name] for name, copies in known.items())
            for style, weights in self.weights.items()
        }
        style, best = max(scores.items(), key=lambda pair: (pair[1], pair[0]))
        confidence = 1 / math.fsum(math.exp(score - best) for score in scores.values())
        return style, round(confidence, CONFIDENCE_DECIMALS)


@cache
def trained() -> Classifier:
    """From drafts that no match has."""
    chance = Random("training")
    drafts = [draft(chance) for _ in range(TRAINING_DRAFTS)]
    weights = {}
    for style in STYLES:
        seen = Counter(card.name for choices in drafts for card in deck(style, choices))
        total = seen.total() + len(CARDS)
        weights[style] = {card.name: math.log((seen[card.name] + 1) / total) for card in CARDS}
    return Classifier(weights)


def events(url: str, match: Match) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the log is told of the decks of a page."""
    classifier = trained()
    for number, game in enumerate(match.games, 1):
        for seat, cards in enumerate(game.cards, 1):
            deck_type, confidence = classifier.predict(cards) or (None, None)
            yield "replays.deck.predicted.v1", {
                "url": url, "parser_version": PARSER_VERSION, "game": number, "player": seat,
                "model_version": MODEL_VERSION, "deck": deck_type, "confidence": confidence,
                "cards": dict(sorted(cards.items())),
            }  # fmt: skip
