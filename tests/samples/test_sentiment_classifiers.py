"""The classifiers answer every text, always the same, and learn nothing of what they label."""

import subprocess
import sys
from collections import Counter
from decimal import Decimal
from hashlib import sha256

import pytest

from samples.sentiment import Dataset, Row, load
from samples.sentiment.classifiers import CLASSIFIERS, CONTENT_SLOT, MODELS, Classifier, fill
from samples.sentiment.tokens import grams, words
from samples.sentiment.trained import NothingToLearnFrom, examples

ANSWERS = {"positive", "negative", "neutral", "unknown"}
CORRECT = {
    "vader": {
        "tweets": 3459,
        "amazonReviewSnippets": 2220,
        "movieReviewSnippets": 5799,
        "nytEditorialSnippets": 2896,
    },
    "majority": {
        "tweets": 2345,
        "amazonReviewSnippets": 1750,
        "movieReviewSnippets": 4996,
        "nytEditorialSnippets": 1187,
    },
}
LABELS_DIGEST = """
from hashlib import sha256
from samples.sentiment import load
from samples.sentiment.classifiers import CLASSIFIERS
corpus = load()
answer = CLASSIFIERS["NAME"].classifier(corpus, "tweets").classify
print(sha256(" ".join(answer(row.content).label for row in corpus[0].rows).encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def corpus() -> list[Dataset]:
    return load()


@pytest.fixture(scope="module", params=list(CLASSIFIERS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def classifiers(corpus: list[Dataset], name: str) -> dict[str, Classifier]:
    """Dataset -> the classifier that is to label it."""
    return {dataset.name: CLASSIFIERS[name].classifier(corpus, dataset.name) for dataset in corpus}


@pytest.fixture(scope="module")
def answered(corpus: list[Dataset], name: str, classifiers: dict[str, Classifier]) -> dict[str, list[str]]:
    """Dataset -> the label of every row, in the order of the rows."""
    labels: dict[str, list[str]] = {}
    for dataset in corpus:
        results = [classifiers[dataset.name].classify(row.content) for row in dataset.rows]
        assert all(result.seconds >= 0 for result in results)
        rate = len(results) / sum(result.seconds for result in results)
        right = correct(dataset, [result.label for result in results])
        print(f"{name} on {dataset.name}: {right / len(results):.4f} correct, {rate:,.0f} texts/s")
        labels[dataset.name] = [result.label for result in results]
    return labels


def correct(dataset: Dataset, labels: list[str]) -> int:
    return sum(row.label == label for row, label in zip(dataset.rows, labels, strict=True))


def test_names_are_unique_and_metadata_is_complete() -> None:
    assert len(CLASSIFIERS) == len(MODELS) >= 4
    for model in MODELS:
        assert all((model.name, model.source, model.package, model.description))
        assert CONTENT_SLOT in model.prompt


def test_every_row_gets_an_answer(answered: dict[str, list[str]], corpus: list[Dataset]) -> None:
    for dataset in corpus:
        assert len(answered[dataset.name]) == len(dataset.rows)
        assert set(answered[dataset.name]) <= ANSWERS


def test_known_results(answered: dict[str, list[str]], corpus: list[Dataset], name: str) -> None:
    right = {dataset.name: correct(dataset, answered[dataset.name]) for dataset in corpus}
    assert right == CORRECT.get(name, right)


def test_learning_beats_the_commonest_label(answered: dict[str, list[str]], corpus: list[Dataset], name: str) -> None:
    total = sum(correct(dataset, answered[dataset.name]) for dataset in corpus)
    assert name == "majority" or total > sum(CORRECT["majority"].values())


def test_equal_texts_get_equal_labels(answered: dict[str, list[str]], corpus: list[Dataset]) -> None:
    for dataset in corpus:
        seen: dict[str, str] = {}
        for row, label in zip(dataset.rows, answered[dataset.name], strict=True):
            assert seen.setdefault(row.content, label) == label


def test_another_process_gives_the_same_labels(answered: dict[str, list[str]], name: str) -> None:
    script = LABELS_DIGEST.replace("NAME", name)
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == sha256(" ".join(answered["tweets"]).encode()).hexdigest()


@pytest.mark.parametrize("text", ["", " ", "\u2028", "{content}", "\U0001f600", "a" * 100_000, "\ud800"])
def test_odd_texts_are_answered(classifiers: dict[str, Classifier], text: str) -> None:
    assert classifiers["tweets"].classify(text).label in ANSWERS


@pytest.mark.parametrize("learner", ["lexicon-sum", "naive-bayes", "perceptron"])
def test_who_knows_no_word_abstains(corpus: list[Dataset], learner: str) -> None:
    assert CLASSIFIERS[learner].classifier(corpus, "tweets").classify("qwxz vvkj").label == "unknown"


def test_the_lexicon_without_rules_abstains_now_and_then(corpus: list[Dataset]) -> None:
    classify = CLASSIFIERS["lexicon-sum"].classifier(corpus, "tweets").classify
    labels = Counter(classify(row.content).label for row in corpus[0].rows)
    assert 0 < labels["unknown"] < len(corpus[0].rows) / 10


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("A good film", "positive"),
        ("Not a good film", "negative"),
        ("It isn't good", "negative"),
        ("Never that bad", "positive"),
        ("The start was good but the end was bad", "negative"),
        ("Not at all a film one would call good", "positive"),
        ("A film", "neutral"),
    ],
)
def test_negation_and_contrast(text: str, label: str) -> None:
    assert CLASSIFIERS["negation-rules"].classifier([], "").classify(text).label == label


def test_examples_leave_out_the_dataset_to_be_labelled(corpus: list[Dataset]) -> None:
    for held_out in corpus:
        own = {row.content for row in held_out.rows}
        others = {row.content for one in corpus if one is not held_out for row in one.rows}
        assert all(example.content in others for example in examples(corpus, held_out.name))
        assert not own & {example.content for example in examples(corpus, held_out.name)}


def test_examples_are_about_half_and_do_not_depend_on_the_order_of_the_rows(corpus: list[Dataset]) -> None:
    backwards = [Dataset(one.name, one.description, one.rows[::-1]) for one in reversed(corpus)]
    chosen = examples(corpus, "tweets")
    assert chosen == examples(backwards, "tweets")
    assert len(chosen) == pytest.approx((23_703 - 4200) / 2, rel=0.03)


def test_learning_from_nothing_is_refused() -> None:
    alone = [Dataset("tweets", "", (Row("1", Decimal(1), "good"),))]
    for learner in ("naive-bayes", "perceptron", "majority"):
        with pytest.raises(NothingToLearnFrom, match="whole corpus"):
            CLASSIFIERS[learner].classifier(alone, "tweets")


def test_a_text_with_braces_fills_the_slot_once() -> None:
    assert fill("Is this {content}?", "a {content} {0} {") == "Is this a {content} {0} {?"


def test_tokens() -> None:
    assert words("Don't STOP :-) no-one!! \u2019tis") == ["don't", "stop", ":-)", "no-one", "!!", "tis"]
    assert grams("a b c") == ["a", "b", "c", "a b", "b c"]
    assert grams("") == []
