"""A demonstration of a few seconds: one worker answers forty rows, and is killed half-way."""

import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from podium import embedded
from podium.client import Producer
from podium.demo import Bar, Step, Worker
from podium.settings import load

ROWS = 40
KEY = {"model_id": 1, "prompt_id": 1, "dataset_id": 1}


class Small:
    """One data set, one model, one job; `mark` is a file by which the worker knows that it died."""

    title = "a small one"
    domain = "evaluation"
    headline = "evaluation.overall.all"

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def steps(self) -> Sequence[Step]:
        """Names, then rows, then the job."""
        return (register, fill, begin)

    def workers(self) -> Sequence[Worker]:
        """One."""
        return [Worker("worker", __name__, (str(self.mark),), ROWS)]


def register(producer: Producer, bar: Bar) -> None:
    """Names."""
    dataset = {"dataset_id": 1, "name": "texts", "description": None, "labels": None}
    producer.publish("evaluation.dataset.registered.v1", dataset)
    model = {"model_id": 1, "name": "half right", "source": "test", "description": None, "library": "test"}
    producer.publish("evaluation.model.registered.v1", model)
    producer.publish("evaluation.prompt.registered.v1", {"prompt_id": 1, "model_id": None, "text": "{content}"})


def fill(producer: Producer, bar: Bar) -> None:
    """Rows."""
    advance = bar("texts", ROWS)
    for n in range(1, ROWS + 1):
        row = {"row_id": n, "dataset_id": 1, "content": f"text {n}", "expected_prediction": "positive", "version": 1}
        producer.publish("evaluation.row.added.v1", row)
        advance(1)
    version = {"dataset_id": 1, "version": 1, "total_rows": ROWS}
    producer.publish("evaluation.dataset.version_published.v1", version)


def begin(producer: Producer, bar: Bar) -> None:
    """The job."""
    producer.publish("evaluation.job.submitted.v1", {**KEY, "dataset_version": 1, "epoch": 1, "attempts_max": 3})


def work(mark: Path) -> None:
    """Answer every row; the first time only half of them, then die."""
    first = not mark.exists()
    with Producer(embedded.resolve(load()), source="test") as producer:
        for n in range(1, (ROWS // 2 if first else ROWS) + 1):
            answer = {"prediction": "positive" if n % 2 else "negative", "prediction_time": 0.001}
            producer.publish("evaluation.prediction.recorded.v1", {**KEY, "row_id": n, "attempt": 1, **answer})
        producer.flush()
        if first:
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    print(json.dumps({"done": ROWS}), flush=True)


if __name__ == "__main__":
    work(Path(sys.argv[1]))
