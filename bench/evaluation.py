"""Evaluation's predictions with every trigger on: Podium beside prebuilt COPY into the same tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from bench.contenders import batches, podium, raw
from bench.environment import Ends, Environment
from bench.feed import BEGAN, Record, envelope, publish
from bench.options import Options
from bench.verdict import Verdict, figures, ratio
from consumers.plan import Plan, TopicPlan
from consumers.record import Delivered
from schema import LEDGER
from schema.binding import HEADER, TRAILER
from schema.evaluation import DOMAIN

MODELS, PROMPTS = 5, 2
DATASET_ROWS_MAX = 100_000
"""More rows than these are of several data sets."""
EVENTS = 200_000
TOPIC = "evaluation.predictions"
PREDICTION = "evaluation.prediction.recorded.v1"
LABELS = ("negative", "neutral", "positive")


@dataclass(frozen=True)
class Scene:
    """Jobs over one data set in a database to copy, and a topic with an answer to each of their tasks."""

    namespace: str
    template: str
    until: Ends
    """Ends of the predictions."""
    plan: TopicPlan

    @property
    def statement(self) -> str:
        """COPY into the table of predictions."""
        assert self.plan.stream is not None
        return self.plan.stream.copy.decode()

    def rows(self, messages: Sequence[Delivered]) -> Iterator[bytes]:
        """Packed rows by the bare decoder: types are checked, and nothing else."""
        assert self.plan.stream is not None
        decode, pack = self.plan.decoder.fast, self.plan.stream.landed[PREDICTION].bound.pack
        for message in messages:
            yield pack(decode(message.value()), message.partition(), message.offset())


@contextmanager
def published(environment: Environment, events: int, answered: bool = True) -> Iterator[str]:
    """A namespace whose topics hold a data set, jobs over it, and their `events` answers, if they are `answered`."""
    namespace = environment.topics({**LEDGER.topics, **DOMAIN.topics})
    tasks = events // (MODELS * PROMPTS)
    publish(environment.settings, namespace + "evaluation.catalog", _catalog(tasks))
    publish(environment.settings, namespace + "evaluation.jobs", _jobs(tasks))
    if answered:
        publish(environment.settings, namespace + TOPIC, answers(events))
    yield namespace
    environment.forget(namespace)


@contextmanager
def scene(environment: Environment, events: int) -> Iterator[Scene]:
    """Jobs that wait for `events` answers, and the answers in the log."""
    with published(environment, events) as namespace, environment.database() as database:
        references = environment.ends(namespace, ["evaluation.catalog", "evaluation.jobs"])
        podium(environment, (DOMAIN,), database, namespace, references)
        with psycopg.connect(database.dsn(), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            template = connection.info.dbname
        yield Scene(namespace, template, environment.ends(namespace, [TOPIC]), Plan((DOMAIN,)).topics[TOPIC])


def run(environment: Environment, options: Options) -> Verdict:
    """The same answers by either side, each time in a copy of the database in which the jobs wait."""
    pairs = []
    with scene(environment, options.events or EVENTS) as one:
        prepared = [
            (len(messages), _writes(list(one.rows(messages))))
            for messages in batches(environment, one.namespace + TOPIC, one.until)
        ]
        for _ in range(options.pairs):
            with environment.database(one.template) as database:
                ours = podium(environment, (DOMAIN,), database, one.namespace, one.until)
            with environment.database(one.template) as database:
                pairs.append((ours, raw(environment, database, one.statement, prepared)))
    return Verdict(
        "evaluation",
        "With all triggers on, how much of the speed of prebuilt COPY into the same tables does Podium reach?",
        f"{MODELS * PROMPTS} jobs whose tasks are seeded; the same rows in batches of the same size, read from Kafka, "
        "checked and referred by Podium, packed beforehand for COPY. Both fire the same triggers: references, final "
        "predictions, tallies, job status. Timed from the first commit to the last.",
        [ratio("podium / COPY", pairs, 0.8)],
        figures("podium", [ours for ours, _ in pairs]) | figures("COPY", [copied for _, copied in pairs]),
    )


def _writes(rows: list[bytes]) -> list[bytes]:
    return [HEADER, *(b"".join(rows[n : n + 400]) for n in range(0, len(rows), 400)), TRAILER]


def _records(type_: str, many: Iterator[dict[str, object]]) -> Iterator[Record]:
    event = DOMAIN.by_type[f"evaluation.{type_}"]
    names = event.partition_by
    for data in many:
        key = ":".join(str(data[name]) for name in names).encode()
        yield Record(key, envelope(event.type, data, time=BEGAN))


def _datasets(tasks: int) -> range:
    return range(1, 2 + (tasks - 1) // DATASET_ROWS_MAX)


def _dataset_of(row: int) -> int:
    return 1 + (row - 1) // DATASET_ROWS_MAX


def _catalog(tasks: int) -> Iterator[Record]:
    """Data sets, their rows, the models and the prompts; `tasks` are the rows of all data sets."""
    named = ({"dataset_id": one, "name": f"texts {one}"} for one in _datasets(tasks))
    yield from _records("dataset.registered.v1", named)
    rows = (
        {
            "row_id": n, "dataset_id": _dataset_of(n), "content": f"text {n}", "expected_prediction": LABELS[n % 3],
            "version": 1,
        }
        for n in range(1, tasks + 1)
    )  # fmt: skip
    yield from _records("row.added.v1", rows)
    versions: Iterator[dict[str, object]] = (
        {"dataset_id": one, "version": 1, "total_rows": min(DATASET_ROWS_MAX, tasks - (one - 1) * DATASET_ROWS_MAX)}
        for one in _datasets(tasks)
    )
    yield from _records("dataset.version_published.v1", versions)
    models = ({"model_id": n, "name": f"model {n}", "source": "bench"} for n in range(1, MODELS + 1))
    yield from _records("model.registered.v1", models)
    prompts = ({"prompt_id": n, "text": "{content}"} for n in range(1, PROMPTS + 1))
    yield from _records("prompt.registered.v1", prompts)


def _each_job(dataset: int) -> Iterator[dict[str, object]]:
    for model in range(1, MODELS + 1):
        for prompt in range(1, PROMPTS + 1):
            yield {"model_id": model, "prompt_id": prompt, "dataset_id": dataset}


def _jobs(tasks: int) -> Iterator[Record]:
    jobs = (job for dataset in _datasets(tasks) for job in _each_job(dataset))
    yield from _records("job.submitted.v1", ({**job, "dataset_version": 1, "epoch": 1} for job in jobs))


def answers(events: int) -> Iterator[Record]:
    """An answer to each task, the jobs in turn."""
    many = (
        {
            **job, "row_id": n, "attempt": 1, "prediction": LABELS[(n * 7 + n % 5) % 3],
            "prediction_time": 0.001 * (1 + n % 900), "tokens": n % 50,
        }
        for n in range(1, events // (MODELS * PROMPTS) + 1)
        for job in _each_job(_dataset_of(n))
    )  # fmt: skip
    yield from _records("prediction.recorded.v1", many)
