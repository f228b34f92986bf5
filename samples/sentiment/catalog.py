"""What has to be known before a job can run: datasets with their rows, models with their prompts, jobs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from samples.sentiment.classifiers import Model
from samples.sentiment.corpus import Dataset

Publish = Callable[[str, dict[str, Any]], object]
"""Takes the type of an event and its `data`, ready for JSON."""

DATASET_VERSION = 1


@dataclass(frozen=True)
class Numbered:
    """A dataset with its granted ids: its rows have consecutive ones, in the order of the source."""

    dataset: Dataset
    dataset_id: int
    first_row_id: int

    @property
    def row_ids(self) -> range:
        return range(self.first_row_id, self.first_row_id + len(self.dataset.rows))

    def content(self, row_id: int) -> str:
        return self.dataset.rows[row_id - self.first_row_id].content


@dataclass(frozen=True)
class Job:
    """One model under one prompt on one dataset."""

    model_id: int
    prompt_id: int
    dataset_id: int

    @property
    def key(self) -> dict[str, int]:
        return {"model_id": self.model_id, "prompt_id": self.prompt_id, "dataset_id": self.dataset_id}

    def owns(self, data: Mapping[str, Any]) -> bool:
        """Whether the data of an event is about this job."""
        return all(data.get(name) == value for name, value in self.key.items())


def number(corpus: list[Dataset], first_dataset_id: int, first_row_id: int) -> list[Numbered]:
    """Deals out two granted ranges in the order of the corpus: one id a dataset, one id a row."""
    numbered = []
    for dataset_id, dataset in enumerate(corpus, start=first_dataset_id):
        numbered.append(Numbered(dataset, dataset_id, first_row_id))
        first_row_id += len(dataset.rows)
    return numbered


def publish_dataset(publish: Publish, numbered: Numbered) -> None:
    """The dataset, all its rows, and last the version that a job can freeze."""
    register_dataset(publish, numbered)
    publish_rows(publish, numbered)


def register_dataset(publish: Publish, numbered: Numbered) -> None:
    """The dataset's name."""
    dataset = numbered.dataset
    described = {"dataset_id": numbered.dataset_id, "name": dataset.name, "description": dataset.description}
    publish("evaluation.dataset.registered.v1", described)


def publish_rows(publish: Publish, numbered: Numbered) -> None:
    """All rows of a dataset, and last the version that a job can freeze."""
    dataset, dataset_id = numbered.dataset, numbered.dataset_id
    for row_id, row in zip(numbered.row_ids, dataset.rows, strict=True):
        labelled = {"content": row.content, "expected_prediction": row.label, "version": DATASET_VERSION}
        publish("evaluation.row.added.v1", {"row_id": row_id, "dataset_id": dataset_id, **labelled})
    complete = {"dataset_id": dataset_id, "version": DATASET_VERSION, "total_rows": len(dataset.rows)}
    publish("evaluation.dataset.version_published.v1", complete)


def publish_model(publish: Publish, model: Model, model_id: int, prompt_id: int) -> None:
    """The model and the one prompt that belongs to it."""
    named = {"model_id": model_id, "name": model.name, "source": model.source}
    described = {"description": model.description, "library": model.package}
    publish("evaluation.model.registered.v1", {**named, **described})
    prompt = {"prompt_id": prompt_id, "model_id": model_id, "text": model.prompt}
    publish("evaluation.prompt.registered.v1", prompt)


def submit(publish: Publish, job: Job) -> None:
    publish("evaluation.job.submitted.v1", {**job.key, "dataset_version": DATASET_VERSION, "epoch": 1})
