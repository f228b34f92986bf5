"""Classifiers that look words up: nothing is learnt, so every text is new to them."""

import string
from collections.abc import Callable
from typing import Final

from vaderSentiment.vaderSentiment import (  # type: ignore[import-untyped]
    NEGATE,
    SentimentIntensityAnalyzer,
    normalize,
)

from samples.sentiment.labels import PREDICTED, Answer
from samples.sentiment.tokens import words

NEGATION_REACH_WORDS: Final = 3
CONTRAST_WEIGHT: Final = 2
NEGATIONS: Final = frozenset(NEGATE)


def vader() -> Callable[[str], Answer]:
    """The published method: lexicon, negation, degree words, capitals, punctuation, emoticons."""
    analyser = SentimentIntensityAnalyzer()

    def answer(text: str) -> Answer:
        return PREDICTED.label(float(analyser.polarity_scores(text)["compound"]))

    return answer


def lexicon_sum() -> Callable[[str], Answer]:
    """The sum of the words' valences and no rule at all; abstains where no word is known."""
    valences = _valences()

    def answer(text: str) -> Answer:
        known = [valences[word] for word in _stripped(text) if word in valences]
        return PREDICTED.label(float(normalize(sum(known)))) if known else "unknown"

    return answer


def negation_rules() -> Callable[[str], Answer]:
    """Counts words for and against: a negation turns the next few, what follows a "but" counts double."""
    polarity = {word: 1 if valence > 0 else -1 for word, valence in _valences().items()}

    def answer(text: str) -> Answer:
        return PREDICTED.label(_balance(words(text), polarity))

    return answer


def _balance(tokens: list[str], polarity: dict[str, int]) -> float:
    """From -1, all against, to 1, all for; 0 where nothing speaks."""
    total = weight = reach = 0
    scale = 1
    for token in tokens:
        if token in NEGATIONS or token.endswith("n't"):
            reach = NEGATION_REACH_WORDS
        elif token == "but":
            scale, reach = CONTRAST_WEIGHT, 0
        else:
            sign = polarity.get(token, 0)
            total += (-sign if reach else sign) * scale
            weight += abs(sign) * scale
            reach = max(0, reach - 1)
    return total / weight if weight else 0.0


def _valences() -> dict[str, float]:
    lexicon: dict[str, float] = SentimentIntensityAnalyzer().lexicon
    return lexicon


def _stripped(text: str) -> list[str]:
    """Words without the marks around them; a token of marks alone is a face and stays."""
    return [part.strip(string.punctuation) or part for part in text.lower().split()]
