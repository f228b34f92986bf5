"""The demonstration: six classifiers, each in a process of its own, label four sets of texts."""

from collections.abc import Sequence
from typing import Any

from podium.client import Producer
from podium.demo import Bar, Step, Worker
from samples.sentiment import corpus
from samples.sentiment.catalog import publish_model, publish_rows, register_dataset, submit
from samples.sentiment.classifiers import MODELS
from samples.sentiment.registry import ask

ROW = "evaluation.row.added.v1"
IMPORTS = ("samples.sentiment.answers", "samples.sentiment.claims", "samples.sentiment.registry")
ROWS_PER_SECOND = 600
"""Of each worker: fast enough for a look at the whole, slow enough to watch the board move."""


class Sentiment:
    """Ids come from requests with names of their own, so a second run meets the datasets of the first."""

    title = "six classifiers label 23,703 texts in four sets"
    domain = "evaluation"
    headline = "evaluation.overall.all"

    def steps(self) -> Sequence[Step]:
        """Names, then rows, then jobs."""
        return (register, fill, begin)

    def workers(self) -> Sequence[Worker]:
        """One process a classifier."""
        rows = sum(len(dataset.rows) for dataset in corpus.load())
        pace = ("--rows-per-second", str(ROWS_PER_SECOND))
        return [
            Worker(model.name, "samples.sentiment.producer", (model.name, *pace), rows, imports=IMPORTS)
            for model in MODELS
        ]


def register(producer: Producer, bar: Bar) -> None:
    """Datasets, and models with their prompts."""
    registry = ask(producer, corpus.load())
    for one in registry.numbered:
        register_dataset(producer.publish, one)
    for model in MODELS:
        publish_model(producer.publish, model, registry.models[model.name], registry.prompts[model.name])


def fill(producer: Producer, bar: Bar) -> None:
    """All rows, and the version that a job can freeze."""
    registry = ask(producer, corpus.load())
    advances = [bar(one.dataset.name, len(one.dataset.rows)) for one in registry.numbered]
    for one, advance in zip(registry.numbered, advances, strict=True):

        def publish(type_: str, data: dict[str, Any]) -> None:
            producer.publish(type_, data)
            if type_ == ROW:
                advance(1)  # noqa: B023 - called before the next turn

        publish_rows(publish, one)


def begin(producer: Producer, bar: Bar) -> None:
    """A job for each classifier on each dataset."""
    registry = ask(producer, corpus.load())
    for model in MODELS:
        for one in registry.numbered:
            submit(producer.publish, registry.job(model.name, one))


DEMO = Sentiment()
