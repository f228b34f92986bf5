"""The demonstration: six classifiers, each in a process of its own, label four sets of texts."""

from collections.abc import Sequence
from typing import Any

from podium.client import Producer
from podium.demo import Advance, Bar, Worker
from samples.sentiment import corpus
from samples.sentiment.catalog import Numbered, publish_dataset, publish_model, submit
from samples.sentiment.classifiers import MODELS
from samples.sentiment.registry import Registry, ask

ROW = "evaluation.row.added.v1"


class Sentiment:
    """Ids come from requests with names of their own, so a second run meets the datasets of the first."""

    title = "six classifiers label 23,703 texts in four sets"
    domain = "evaluation"
    headline = "evaluation.overall.all"

    def publish(self, producer: Producer, bar: Bar) -> None:
        """Datasets with their rows, models with their prompts, a job for each pair. Raises as Producer does."""
        registry = ask(producer, corpus.load())
        # Jobs before rows: tasks arise whichever comes first, and the board is there from the start.
        self._publish_jobs(producer, registry)
        advances = [bar(one.dataset.name, len(one.dataset.rows)) for one in registry.numbered]
        for one, advance in zip(registry.numbered, advances, strict=True):
            self._publish_rows(producer, one, advance)
        producer.flush()

    def _publish_rows(self, producer: Producer, one: Numbered, advance: Advance) -> None:
        def publish(type_: str, data: dict[str, Any]) -> None:
            producer.publish(type_, data)
            if type_ == ROW:
                advance(1)

        publish_dataset(publish, one)

    def _publish_jobs(self, producer: Producer, registry: Registry) -> None:
        for model in MODELS:
            publish_model(producer.publish, model, registry.models[model.name], registry.prompts[model.name])
            for one in registry.numbered:
                submit(producer.publish, registry.job(model.name, one))

    def workers(self) -> Sequence[Worker]:
        """One process a classifier."""
        rows = sum(len(dataset.rows) for dataset in corpus.load())
        return [Worker(model.name, "samples.sentiment.producer", (model.name,), rows) for model in MODELS]


DEMO = Sentiment()
