"""Classifiers that learn: always from a fixed half of the other datasets, never from the one they label."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from math import log
from typing import Final, NamedTuple

from samples.sentiment.corpus import Dataset
from samples.sentiment.labels import LABELS, Answer, Label
from samples.sentiment.tokens import grams, words

PERCEPTRON_ROUNDS: Final = 3
SMOOTHING: Final = 1.0
EVEN: Final = [0.0] * len(LABELS)


class Example(NamedTuple):
    content: str
    label: Label


class NothingToLearnFrom(Exception):
    """A classifier was asked to learn without any dataset but the one it is to label."""


def examples(corpus: Sequence[Dataset], held_out: str) -> list[Example]:
    """Half of every dataset but `held_out`, in an order and a choice that depend on ids alone.

    Raises NothingToLearnFrom.
    """
    ordered = sorted(
        (digest, Example(row.content, row.label))
        for dataset in corpus
        if dataset.name != held_out
        for row in dataset.rows
        if (digest := _digest(dataset.name, row.source_id))[0] % 2 == 0
    )
    if not ordered:
        raise NothingToLearnFrom(f"no example outside {held_out!r}; pass the whole corpus")
    return [example for _, example in ordered]


def majority(corpus: Sequence[Dataset], held_out: str) -> Callable[[str], Answer]:
    """Always the commonest label of the examples: what a classifier has to beat."""
    counts = Counter(example.label for example in examples(corpus, held_out))
    commonest = max(LABELS, key=lambda label: counts[label])
    return lambda text: commonest


def naive_bayes(corpus: Sequence[Dataset], held_out: str) -> Callable[[str], Answer]:
    """Multinomial naive Bayes over words; abstains where no word was ever seen."""
    learnt = examples(corpus, held_out)
    counts = {label: Counter(_seen(learnt, label)) for label in LABELS}
    weights = _log_likelihoods(counts)
    total = Counter(example.label for example in learnt)
    prior = [log(max(total[label], 1) / len(learnt)) for label in LABELS]

    def answer(text: str) -> Answer:
        known = [weights[word] for word in words(text) if word in weights]
        return _best(prior, known) if known else "unknown"

    return answer


def perceptron(corpus: Sequence[Dataset], held_out: str) -> Callable[[str], Answer]:
    """A linear classifier over words and pairs of words: averaged perceptron; abstains where all are new."""
    weights = _averaged([(grams(one.content), LABELS.index(one.label)) for one in examples(corpus, held_out)])

    def answer(text: str) -> Answer:
        known = [weights[gram] for gram in grams(text) if gram in weights]
        return _best(EVEN, known) if known else "unknown"

    return answer


def _digest(dataset: str, source_id: str) -> bytes:
    return hashlib.sha256(f"{dataset}:{source_id}".encode()).digest()


def _seen(learnt: list[Example], label: Label) -> Iterator[str]:
    for example in learnt:
        if example.label == label:
            yield from words(example.content)


def _log_likelihoods(counts: dict[Label, Counter[str]]) -> dict[str, list[float]]:
    """For each word its log likelihood under each label, in the order of LABELS."""
    vocabulary = sorted(set().union(*counts.values()))
    floors = [counts[label].total() + SMOOTHING * len(vocabulary) for label in LABELS]
    columns = list(zip(counts.values(), floors, strict=True))
    return {word: [log((seen[word] + SMOOTHING) / floor) for seen, floor in columns] for word in vocabulary}


def _averaged(learnt: list[tuple[list[str], int]]) -> dict[str, list[float]]:
    """Weights of every gram, one a label, averaged over all steps of the training."""
    weights: dict[str, list[float]] = {}
    drift: dict[str, list[float]] = {}
    step = 1
    for _ in range(PERCEPTRON_ROUNDS):
        for features, right in learnt:
            guess = _argmax(_sums(EVEN, [weights[gram] for gram in features if gram in weights]))
            if guess != right:
                _correct(weights, features, right, guess, 1.0)
                _correct(drift, features, right, guess, float(step))
            step += 1
    return {
        gram: [weight - lag / step for weight, lag in zip(row, drift[gram], strict=True)]
        for gram, row in weights.items()
    }


def _correct(weights: dict[str, list[float]], features: list[str], right: int, wrong: int, by: float) -> None:
    for gram in features:
        row = weights.setdefault(gram, [0.0] * len(LABELS))
        row[right] += by
        row[wrong] -= by


def _best(start: list[float], rows: list[list[float]]) -> Label:
    return LABELS[_argmax(_sums(start, rows))]


def _sums(start: list[float], rows: list[list[float]]) -> list[float]:
    """Column sums; the order of the additions is that of the text, so equal texts give equal sums."""
    negative, neutral, positive = start
    for row in rows:
        negative += row[0]
        neutral += row[1]
        positive += row[2]
    return [negative, neutral, positive]


def _argmax(sums: list[float]) -> int:
    return sums.index(max(sums))
