"""A long life in events, the same for the same seed: claims, answers, failures, repeats, rivals and rubbish."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.consumers.broker import event_of
from tests.consumers.lines import Line, job, model, prediction, prompt, row, task, version
from tests.consumers.lines import dataset as registered

Record = tuple[str, bytes | None, bytes | None]
"""Topic without a namespace, key, value."""

LABELS = ("positive", "negative", "neutral", "unknown")
EVENTS_PER_TASK = 3.2
"""Claims, answers and scores, with retries, repeats and rubbish."""

LEASE = "2126-03-01T10:00:00Z"
"""Nothing here is left to the clock: two runs are to decide the same."""


@dataclass(frozen=True)
class Story:
    """Models that answer every row of a data set; about `events` events with their scores."""

    events: int
    models: int = 4
    seed: int = 7

    @property
    def rows(self) -> int:
        """Rows of the data set."""
        return max(20, int(self.events / (1 + self.models * EVENTS_PER_TASK)))

    @property
    def tasks(self) -> int:
        """Tasks, each with exactly one answer that is scored."""
        return self.rows * self.models

    def slices(self, count: int) -> Iterator[list[Record]]:
        """The records in order, in so many slices; the first one begins with the catalog."""
        random = Random(self.seed)
        begin = [event_of(line) for line in self._beginning()]
        edges = [self.rows * n // count for n in range(count + 1)]
        for n in range(count):
            rows = range(edges[n] + 1, edges[n + 1] + 1)
            yield begin + [record for row_id in rows for record in self._row(row_id, random)]
            begin = []

    def _beginning(self) -> Iterator[Line]:
        # The jobs come before what they refer to, so that some of everything has to wait.
        for model_id in range(1, self.models + 1):
            yield job(model_id)
        yield prompt()
        yield version(self.rows)
        for model_id in range(1, self.models + 1):
            yield model(model_id, name=f"model {model_id}")
        yield registered()

    def _row(self, row_id: int, random: Random) -> Iterator[Record]:
        gold = random.choice(LABELS[:3])
        yield event_of(row(row_id, label=gold))
        for model_id in range(1, self.models + 1):
            said = gold if random.random() < 0.5 + 0.1 * model_id else random.choice(LABELS)
            yield from self._answer(row_id, model_id, said, random)

    def _answer(self, row_id: int, model_id: int, said: str, random: Random) -> Iterator[Record]:
        attempt = 1
        yield event_of(task("claimed", row_id, model_id=model_id, worker="w1", lease_until=LEASE))
        if random.random() < 0.03:
            failed = prediction(row_id, model_id=model_id, error_kind="timeout", retry=1)
            del failed["data"]["prediction"]
            yield event_of(failed | {"type": "evaluation.prediction.failed.v1"})
            attempt = 2
            yield event_of(task("released", row_id, model_id=model_id, attempt=2))
            yield event_of(task("claimed", row_id, model_id=model_id, attempt=2, worker="w2", lease_until=LEASE))
        seconds = random.randrange(1, 4000) / 1000
        answer = prediction(row_id, said, row_id % 3600, model_id, attempt=attempt, prediction_time=seconds)
        yield event_of(answer)
        if random.random() < 0.03:
            yield event_of(answer)
        if random.random() < 0.01:
            topic, key, _ = event_of(answer)
            yield topic, key, b"rubbish"
