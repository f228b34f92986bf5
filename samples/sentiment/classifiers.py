"""The classifiers of the demonstration, by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final, NamedTuple

from samples.sentiment import lexical, trained
from samples.sentiment.corpus import Dataset
from samples.sentiment.labels import Answer

CONTENT_SLOT: Final = "{content}"

Build = Callable[[Sequence[Dataset], str], Callable[[str], Answer]]


class Classified(NamedTuple):
    label: Answer
    seconds: float


@dataclass(frozen=True)
class Classifier:
    """Ready to label; the label depends on the text alone, the seconds are those of this call."""

    answer: Callable[[str], Answer]

    def classify(self, text: str) -> Classified:
        started = perf_counter()
        label = self.answer(text)
        return Classified(label, perf_counter() - started)


@dataclass(frozen=True)
class Model:
    """What the board shows of a classifier, and how to build it."""

    name: str
    source: str
    package: str
    description: str
    build: Build
    prompt: str = CONTENT_SLOT

    def classifier(self, corpus: Sequence[Dataset], held_out: str) -> Classifier:
        """The classifier for the dataset `held_out`, of which it has seen nothing."""
        return Classifier(self.build(corpus, held_out))


def fill(template: str, content: str) -> str:
    """The prompt with the text in its slot; braces within the text stay as they are."""
    return template.replace(CONTENT_SLOT, content)


def _untrained(build: Callable[[], Callable[[str], Answer]]) -> Build:
    return lambda corpus, held_out: build()


MODELS: Final = (
    Model(
        "vader",
        "lexicon",
        "vaderSentiment",
        "VADER: a rated lexicon with rules for negation, degree, capitals and punctuation",
        _untrained(lexical.vader),
    ),
    Model(
        "lexicon-sum",
        "lexicon",
        "vaderSentiment",
        "The sum of VADER's word valences without its rules; abstains where no word is rated",
        _untrained(lexical.lexicon_sum),
    ),
    Model(
        "negation-rules",
        "rules",
        "python",
        "Words for and against; a negation turns the next three, what follows a 'but' counts double",
        _untrained(lexical.negation_rules),
    ),
    Model(
        "naive-bayes",
        "trained",
        "python",
        "Multinomial naive Bayes over words, trained on half of the other datasets",
        trained.naive_bayes,
    ),
    Model(
        "perceptron",
        "trained",
        "python",
        "Averaged perceptron over words and word pairs, trained on half of the other datasets",
        trained.perceptron,
    ),
    Model(
        "majority",
        "baseline",
        "python",
        "Always the commonest label of half of the other datasets",
        trained.majority,
    ),
)

CLASSIFIERS: Final[dict[str, Model]] = {model.name: model for model in MODELS}
