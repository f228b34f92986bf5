"""Which ids the datasets, models and prompts have: asked for by name, so that every run gets the same ones."""

from dataclasses import dataclass
from uuid import uuid5

from podium.client import Producer
from samples.sentiment.catalog import Job, Numbered, number
from samples.sentiment.classifiers import MODELS
from samples.sentiment.corpus import Dataset
from schema.envelope import NAMESPACE

NAME = "samples.sentiment"


@dataclass(frozen=True)
class Registry:
    """Ids as the log granted them."""

    numbered: tuple[Numbered, ...]
    models: dict[str, int]
    prompts: dict[str, int]

    def job(self, model: str, numbered: Numbered) -> Job:
        """The job of one model on one dataset."""
        return Job(self.models[model], self.prompts[model], numbered.dataset_id)


def ask(producer: Producer, corpus: list[Dataset]) -> Registry:
    """Ranges for everything, from requests whose ids derive from names: whoever asks first, the log answers alike.

    Raises as `Ids.take` does.
    """

    def take(kind: str, n: int) -> range:
        return producer.ids(f"evaluation.{kind}").take(n, uuid5(NAMESPACE, f"{NAME}.{kind}.{n}"))

    rows = sum(len(dataset.rows) for dataset in corpus)
    numbered = number(corpus, take("dataset", len(corpus)).start, take("row", rows).start)
    names = [model.name for model in MODELS]
    return Registry(
        tuple(numbered),
        dict(zip(names, take("model", len(names)), strict=True)),
        dict(zip(names, take("prompt", len(names)), strict=True)),
    )
