"""Catalogue, claims and answers of one worker, as events that the contract accepts."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.sentiment import load
from samples.sentiment.answers import BATCH_ROWS_MAX, Assignment, batches, work
from samples.sentiment.catalog import Job, number, publish_dataset, publish_model, submit
from samples.sentiment.classifiers import CLASSIFIERS
from samples.sentiment.corpus import Dataset
from samples.sentiment.leases import Leases, Task
from schema.evaluation import DOMAIN

JOB = Job(model_id=3, prompt_id=7, dataset_id=1)
CLAIMED = "evaluation.task.claimed.v1"
RELEASED = "evaluation.task.released.v1"
FAILED = "evaluation.task.failed.v1"
SUBMITTED = "evaluation.job.submitted.v1"
STOPPED = "evaluation.job.stopped.v1"
RECORDED = "evaluation.prediction.recorded.v1"


class Log(list[tuple[str, dict[str, Any]]]):
    """One partition: what is published last comes last."""

    def publish(self, type_: str, data: dict[str, Any]) -> None:
        model = DOMAIN.by_type[type_].model
        model.model_validate_json(json.dumps(data))
        self.append((type_, data))

    def of(self, type_: str) -> list[dict[str, Any]]:
        return [data for seen, data in self if seen == type_]


class Reader:
    """Claims of one worker who reads the log just as far as it is asked to."""

    def __init__(self, log: Log, worker: str) -> None:
        self._unread = iter(log)
        self._leases = Leases(JOB, worker)

    def claimable(self, row_ids: Sequence[int]) -> list[Task]:
        return self._leases.claimable(row_ids)

    def granted(self, tasks: Sequence[Task]) -> list[Task]:
        while not all(map(self._leases.decided, tasks)):
            self._leases.see(*next(self._unread))
        return [task for task in tasks if self._leases.holds(task)]

    def catch_up(self) -> None:
        # A list's iterator that has once ended stays ended, so it is never exhausted here.
        self._leases.see(*next(self._unread))


def tweets(rows: int) -> Dataset:
    whole = load()[0]
    return Dataset(whole.name, whole.description, whole.rows[:rows])


def assignment(worker: str, rows: int, prompt: str = "{content}") -> Assignment:
    numbered = number([tweets(rows)], first_dataset_id=1, first_row_id=101)[0]
    return Assignment(JOB, numbered, prompt, CLASSIFIERS["lexicon-sum"].classifier([], "tweets"), worker)


def now() -> datetime:
    return datetime(2026, 3, 1, 10, tzinfo=UTC)


def claimed(row_id: int, worker: str, attempt: int = 1) -> tuple[str, dict[str, Any]]:
    lease = {"worker": worker, "lease_until": now().isoformat()}
    return CLAIMED, {**JOB.key, "row_id": row_id, "attempt": attempt, **lease}


def moved(type_: str, row_id: int, attempt: int) -> tuple[str, dict[str, Any]]:
    return type_, {**JOB.key, "row_id": row_id, "attempt": attempt}


def test_the_catalogue_is_valid_and_numbers_every_row_once() -> None:
    log = Log()
    numbered = number(load(), first_dataset_id=11, first_row_id=501)
    for one in numbered:
        publish_dataset(log.publish, one)
    ids = [data["row_id"] for data in log.of("evaluation.row.added.v1")]
    assert ids == list(range(501, 501 + 23_703))
    totals = {data["dataset_id"]: data["total_rows"] for data in log.of("evaluation.dataset.version_published.v1")}
    assert totals == {11: 4200, 12: 3708, 13: 10605, 14: 5190}
    assert numbered[1].content(4701) == load()[1].rows[0].content


def test_models_prompts_and_jobs_are_valid() -> None:
    log = Log()
    for model_id, model in enumerate(CLASSIFIERS.values(), start=1):
        publish_model(log.publish, model, model_id, prompt_id=model_id)
        submit(log.publish, Job(model_id, model_id, 1))
    assert len(log) == 3 * len(CLASSIFIERS)


def test_batches_keep_order_and_bound() -> None:
    cut = list(batches(range(2 * BATCH_ROWS_MAX + 1)))
    assert [len(batch) for batch in cut] == [BATCH_ROWS_MAX, BATCH_ROWS_MAX, 1]
    assert [row_id for batch in cut for row_id in batch] == list(range(2 * BATCH_ROWS_MAX + 1))
    assert list(batches([])) == []


def test_one_worker_answers_every_row_once() -> None:
    log, rows = Log(), 2000
    submit(log.publish, JOB)
    reader = Reader(log, "w-1")
    reader.catch_up()
    assert sum(work(assignment("w-1", rows), reader, log.publish, now)) == rows
    answers = log.of(RECORDED)
    assert [data["row_id"] for data in answers] == list(range(101, 101 + rows))
    assert all(data["prediction_time"] >= 0 and "formatted_prompt" not in data for data in answers)


def test_a_prompt_of_its_own_is_kept_with_the_answer() -> None:
    log = Log()
    submit(log.publish, JOB)
    reader = Reader(log, "w-1")
    reader.catch_up()
    list(work(assignment("w-1", 1, prompt="Judge: {content}"), reader, log.publish, now))
    assert log.of(RECORDED)[0]["formatted_prompt"] == "Judge: " + tweets(1).rows[0].content


def test_two_workers_share_the_rows_without_an_overlap() -> None:
    log, rows = Log(), 3000
    submit(log.publish, JOB)
    readers = {worker: Reader(log, worker) for worker in ("w-1", "w-2")}
    for reader in readers.values():
        reader.catch_up()
    running = [work(assignment(worker, rows), reader, log.publish, now) for worker, reader in readers.items()]
    while running:
        running = [worker for worker in running if next(worker, None) is not None]
    assert Counter(data["row_id"] for data in log.of(RECORDED)) == Counter(range(101, 101 + rows))


def test_nothing_is_claimed_before_the_job_or_after_its_stop() -> None:
    leases = Leases(JOB, "w-1")
    assert leases.claimable([1]) == []
    leases.see(SUBMITTED, {**JOB.key, "epoch": 1})
    assert leases.claimable([1]) == [Task(1, 1)]
    leases.see(STOPPED, {**JOB.key, "epoch": 1})
    leases.see(SUBMITTED, {**JOB.key, "epoch": 1})
    assert leases.claimable([1]) == []
    leases.see(SUBMITTED, {**JOB.key, "epoch": 2})
    assert leases.claimable([1]) == [Task(1, 1)]


def test_the_first_claim_in_the_log_has_the_row() -> None:
    leases = Leases(JOB, "w-2")
    leases.see(*claimed(1, "w-1"))
    leases.see(*claimed(1, "w-2"))
    assert leases.decided(Task(1, 1))
    assert not leases.holds(Task(1, 1))


def test_a_released_row_is_claimed_under_the_next_attempt() -> None:
    leases = Leases(JOB, "w-2")
    leases.see(SUBMITTED, {**JOB.key, "epoch": 1})
    for record in (claimed(1, "w-1"), moved(RELEASED, 1, attempt=2)):
        leases.see(*record)
    assert leases.claimable([1]) == [Task(1, 2)]
    leases.see(*claimed(1, "w-1", attempt=1))
    leases.see(*claimed(1, "w-2", attempt=2))
    assert leases.holds(Task(1, 2))
    assert not leases.holds(Task(1, 1))


def test_a_failed_row_is_left_alone() -> None:
    leases = Leases(JOB, "w-1")
    leases.see(SUBMITTED, {**JOB.key, "epoch": 1})
    leases.see(*moved(FAILED, 1, attempt=1))
    leases.see(*claimed(1, "w-1"))
    assert leases.claimable([1]) == []
    assert not leases.holds(Task(1, 1))


@pytest.mark.parametrize("name", JOB.key)
def test_other_jobs_of_the_partition_change_nothing(name: str) -> None:
    leases = Leases(JOB, "w-1")
    leases.see(SUBMITTED, {**JOB.key, name: 99, "epoch": 1})
    assert not leases.open


records = st.one_of(
    st.builds(claimed, st.integers(1, 3), st.sampled_from(["w-1", "w-2"]), st.integers(1, 3)),
    st.builds(moved, st.sampled_from([RELEASED, FAILED]), st.integers(1, 3), st.integers(1, 3)),
)


@given(st.lists(records), st.data())
def test_at_most_one_holder_and_repeats_change_nothing(
    log: list[tuple[str, dict[str, Any]]], data: st.DataObject
) -> None:
    again = data.draw(st.integers(0, len(log)))
    every_task = [Task(row_id, attempt) for row_id in (1, 2, 3) for attempt in (1, 2, 3)]
    held = []
    for worker in ("w-1", "w-2"):
        once, twice = Leases(JOB, worker), Leases(JOB, worker)
        for record in log:
            once.see(*record)
        for record in log[:again] + log[:again] + log[again:]:
            twice.see(*record)
        held.append({task for task in every_task if once.holds(task)})
        assert held[-1] == {task for task in every_task if twice.holds(task)}
    assert not held[0] & held[1]
