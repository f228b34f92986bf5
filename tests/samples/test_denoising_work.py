"""Filters at work on a real log: every job once, taken over from the lost, left alone when it has ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from threading import Thread
from typing import Any

import pytest

from podium import topics
from podium.client import Producer
from podium.settings import Settings
from samples.denoising import catalog, producer
from samples.denoising.catalog import Job
from samples.denoising.jobs import JobLog
from samples.denoising.work import work
from schema import DOMAINS
from tests.podium.log import events, size

TRACES = 24
JOBS, PREDICTIONS, SCORES = "seismic.jobs", "seismic.predictions", "seismic.scores"


@pytest.fixture
def settings(broker: Settings) -> Settings:
    seismic = [domain for domain in DOMAINS if domain.name == "seismic"]
    topics.apply(broker.kafka, topics.wanted(seismic, broker.kafka))
    return broker


@pytest.fixture
def publisher(settings: Settings) -> Iterator[Producer]:
    with Producer(settings, source="test") as one:
        yield one


@pytest.fixture
def jobs(publisher: Producer) -> list[Job]:
    """Of one quick filter, on all data sets."""
    found = catalog.jobs("identity")
    for job in found:
        catalog.submit(publisher.publish, job)
    publisher.flush()
    return found


def said(settings: Settings) -> Counter[tuple[str, int]]:
    """How often what was said of which attempt, in the topic of jobs."""
    found: Counter[tuple[str, int]] = Counter()
    for event in events(settings, DOMAINS, JOBS, size(settings, JOBS)):
        what = type(event).__name__ if not hasattr(event, "type") else event.type
        found[str(what), getattr(event.data, "attempt", 0)] += 1
    return found


def test_two_workers_share_the_jobs_and_a_third_finds_them_done(settings: Settings, jobs: list[Job]) -> None:
    done: list[int] = []
    workers = [
        Thread(target=lambda: done.append(sum(producer.run(settings, "identity", jobs))), daemon=True) for _ in range(2)
    ]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)
    assert done == [TRACES * len(jobs)] * 2, "whoever did it, it is done"
    assert size(settings, PREDICTIONS) == TRACES * len(jobs)
    assert size(settings, SCORES) == TRACES * len(jobs) * len(catalog.METRICS)
    before = size(settings, JOBS)
    assert sum(producer.run(settings, "identity", jobs)) == TRACES * len(jobs)
    assert size(settings, JOBS) == before


def test_a_lost_workers_job_goes_on_as_the_next_attempt(
    settings: Settings, publisher: Producer, jobs: list[Job]
) -> None:
    job = jobs[0]
    log = JobLog(settings.kafka, [job], "lost")
    assert log.take(job, publisher.publish) == 1
    list(islice(work(job, 1, publisher.publish, lambda: False), 10))
    publisher.flush()
    log.close()
    assert sum(producer.run(settings, "identity", [job])) == TRACES
    data: list[Any] = [event.data for event in events(settings, DOMAINS, PREDICTIONS, 10 + TRACES)]
    assert Counter(one.attempt for one in data) == {1: 10, 2: TRACES}


def test_a_job_that_was_cancelled_is_left(settings: Settings, publisher: Producer, jobs: list[Job]) -> None:
    job = jobs[0]
    log = JobLog(settings.kafka, [job], "stopped")
    attempt = log.take(job, publisher.publish)
    assert attempt == 1

    def ended() -> bool:
        log.follow()
        return log.course(job).ended

    steps = work(job, attempt, publisher.publish, ended)
    assert sum(islice(steps, 5)) == 5
    publisher.publish("seismic.job.cancelled.v1", {"job_id": str(job.id)})
    publisher.flush()
    while not log.course(job).ended:
        log.follow(0.05)
    assert list(steps) == []
    assert log.take(job, publisher.publish) is None
    log.close()
    assert sum(producer.run(settings, "identity", [job])) == TRACES
    assert size(settings, PREDICTIONS) == 5
