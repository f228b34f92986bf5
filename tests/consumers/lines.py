"""Events of the evaluation domain as lines (type, time, data), for tests that need many or odd ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schema import DOMAINS

EVALUATION = next(domain for domain in DOMAINS if domain.name == "evaluation")
PROMPT = 1
DATASET = 1

Line = dict[str, Any]


def line(type_: str, second: int = 0, **data: Any) -> Line:
    """An event of evaluation; `type_` without the domain, `second` after ten o'clock."""
    time = f"2026-03-01T{10 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
    return {"type": f"evaluation.{type_}", "time": time, "data": data}


def dataset(dataset_id: int = DATASET, second: int = 0, name: str = "tweets", **more: Any) -> Line:
    return line("dataset.registered.v1", second, dataset_id=dataset_id, name=name, **more)


def version(total_rows: int, number: int = 1, dataset_id: int = DATASET) -> Line:
    return line("dataset.version_published.v1", dataset_id=dataset_id, version=number, total_rows=total_rows)


def row(row_id: int, second: int = 0, label: str = "positive", **more: Any) -> Line:
    given = {"dataset_id": DATASET, "content": f"text {row_id}", "expected_prediction": label, **more}
    return line("row.added.v1", second, row_id=row_id, **given)


def relabelled(row_id: int, edition: int, label: str) -> Line:
    return line("row.relabelled.v1", row_id=row_id, expected_prediction=label, truth_version=edition)


def model(model_id: int, second: int = 0, name: str = "lexicon", **more: Any) -> Line:
    return line("model.registered.v1", second, model_id=model_id, name=name, **{"source": "tests", **more})


def prompt(prompt_id: int = PROMPT, text: str = "{content}", **more: Any) -> Line:
    return line("prompt.registered.v1", prompt_id=prompt_id, text=text, **more)


def job(model_id: int = 1, epoch: int = 1, **more: Any) -> Line:
    given = {"prompt_id": PROMPT, "dataset_id": DATASET, "dataset_version": 1, **more}
    return line("job.submitted.v1", model_id=model_id, epoch=epoch, **given)


def moved(verb: str, model_id: int = 1, epoch: int = 1, **more: Any) -> Line:
    given = {"prompt_id": PROMPT, "dataset_id": DATASET, **more}
    return line(f"job.{verb}.v1", model_id=model_id, epoch=epoch, **given)


def task(verb: str, row_id: int, second: int = 0, attempt: int = 1, model_id: int = 1, **more: Any) -> Line:
    key = {"model_id": model_id, "prompt_id": PROMPT, "dataset_id": DATASET, "row_id": row_id}
    return line(f"task.{verb}.v1", second, **key, attempt=attempt, **more)


def prediction(row_id: int, said: str = "positive", second: int = 0, model_id: int = 1, **more: Any) -> Line:
    key = {"model_id": model_id, "prompt_id": PROMPT, "dataset_id": DATASET, "row_id": row_id}
    return line("prediction.recorded.v1", second, **{**key, "prediction": said, "prediction_time": 0.25, **more})


def world(rows: int = 4, models: int = 1) -> Iterator[Line]:
    """A data set of so many rows, a prompt, and a job for each model."""
    yield dataset()
    yield version(rows)
    yield prompt()
    for row_id in range(1, rows + 1):
        yield row(row_id)
    for model_id in range(1, models + 1):
        yield model(model_id)
        yield job(model_id)
