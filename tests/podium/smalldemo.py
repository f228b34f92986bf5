"""Demonstrations of a few seconds: one worker each answers forty rows, and is killed half-way."""

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


class Small:
    """One data set, one model, one job, under ids of its own; by the file `mark` the worker knows that it died."""

    title = "a small one"
    domain = "evaluation"
    headline = "evaluation.overall.all"

    def __init__(self, mark: Path, number: int = 1) -> None:
        self.mark = mark
        self.number = number

    def steps(self) -> Sequence[Step]:
        """Names, then rows, then the job; the second of them says a name less."""
        steps = (self.register, self.fill, self.begin)
        return steps if self.number == 1 else (self.register_and_fill, self.begin)

    def workers(self) -> Sequence[Worker]:
        """One."""
        return [Worker("worker", __name__, (str(self.mark), str(self.number)), ROWS)]

    def register_and_fill(self, producer: Producer, bar: Bar) -> None:
        """Names and rows at once."""
        self.register(producer, bar)
        self.fill(producer, bar)

    def register(self, producer: Producer, bar: Bar) -> None:
        """Names."""
        n = self.number
        dataset = {"dataset_id": n, "name": f"texts {n}", "description": None, "labels": None}
        producer.publish("evaluation.dataset.registered.v1", dataset)
        model = {"model_id": n, "name": "half right", "source": "test", "description": None, "library": "test"}
        producer.publish("evaluation.model.registered.v1", model)
        producer.publish("evaluation.prompt.registered.v1", {"prompt_id": n, "model_id": None, "text": "{content}"})

    def fill(self, producer: Producer, bar: Bar) -> None:
        """Rows."""
        advance = bar("texts", ROWS)
        for row_id in rows(self.number):
            row = {"dataset_id": self.number, "content": f"text {row_id}", "expected_prediction": "positive"}
            producer.publish("evaluation.row.added.v1", {"row_id": row_id, **row, "version": 1})
            advance(1)
        version = {"dataset_id": self.number, "version": 1, "total_rows": ROWS}
        producer.publish("evaluation.dataset.version_published.v1", version)

    def begin(self, producer: Producer, bar: Bar) -> None:
        """The job."""
        job = {**key(self.number), "dataset_version": 1, "epoch": 1, "attempts_max": 3}
        producer.publish("evaluation.job.submitted.v1", job)


def key(number: int) -> dict[str, int]:
    """Of the job."""
    return {"model_id": number, "prompt_id": number, "dataset_id": number}


def rows(number: int) -> range:
    """Ids of its rows."""
    return range(number * 1000, number * 1000 + ROWS)


def work(mark: Path, number: int) -> None:
    """Answer every row; the first time only half of them, then die."""
    first = not mark.exists()
    with Producer(embedded.resolve(load()), source="test") as producer:
        for n in rows(number)[: ROWS // 2 if first else ROWS]:
            answer = {"prediction": "positive" if n % 2 else "negative", "prediction_time": 0.001}
            producer.publish("evaluation.prediction.recorded.v1", {**key(number), "row_id": n, "attempt": 1, **answer})
        producer.flush()
        if first:
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    print(json.dumps({"done": ROWS}), flush=True)


if __name__ == "__main__":
    work(Path(sys.argv[1]), int(sys.argv[2]))
