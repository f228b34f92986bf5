"""One classifier at work on a running Podium: claims the rows of its jobs, answers them, until every row has an answer.

python -m samples.sentiment.producer vader
"""

import argparse
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from time import monotonic

from podium import embedded
from podium.client import Producer
from podium.settings import Settings, load
from samples.pace import paced, report
from samples.sentiment import corpus
from samples.sentiment.answers import Assignment, work
from samples.sentiment.catalog import Job, Numbered
from samples.sentiment.claims import JobClaims, JobLog
from samples.sentiment.classifiers import CLASSIFIERS, Model
from samples.sentiment.corpus import Dataset
from samples.sentiment.registry import Registry, ask
from schema.envelope import uuid7

LOOK_SECONDS = 1.0


def run(settings: Settings, model: Model, texts: list[Dataset]) -> Iterator[int]:
    """Answer all jobs of one model on these datasets; yields how many rows were answered since the last time.

    A row that another worker holds is left to it, until the log says that it was answered or given back.
    """
    worker = f"{model.name}-{uuid7().hex[:16]}"
    with Producer(settings, source=f"samples/sentiment/{worker}") as producer:
        registry = ask(producer, texts)
        jobs = {one.dataset.name: registry.job(model.name, one) for one in registry.numbered}
        log = JobLog(settings.kafka, list(jobs.values()), worker)
        try:
            log.catch_up()
            log.look_for_answers()
            for one in registry.numbered:
                claims = log.claims(jobs[one.dataset.name])
                yield len(claims.answered)
                if len(claims.answered) < len(one.row_ids):
                    assignment = _assignment(model, registry, one, worker)
                    yield from _through(assignment, log, claims, producer)
        finally:
            log.close()


def _assignment(model: Model, registry: Registry, numbered: Numbered, worker: str) -> Assignment:
    job: Job = registry.job(model.name, numbered)
    texts = [one.dataset for one in registry.numbered]
    return Assignment(job, numbered, model.prompt, model.classifier(texts, numbered.dataset.name), worker)


def _through(assignment: Assignment, log: JobLog, claims: JobClaims, producer: Producer) -> Iterator[int]:
    """One job, pass after pass, until no row is left; what others answered counts too."""
    looked = monotonic()
    while len(claims.answered) < len(assignment.numbered.row_ids):
        before = len(claims.answered)
        yield from work(assignment, claims, producer.publish, lambda: datetime.now(UTC))
        producer.flush()
        log.follow(0.05)
        if len(claims.answered) == before and monotonic() - looked > LOOK_SECONDS:
            log.look_for_answers()
            yield len(claims.answered) - before
            looked = monotonic()


def main() -> None:
    """The command: exits 0 when every row has an answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=CLASSIFIERS, help="which classifier")
    parser.add_argument("--rows-per-second", type=float, default=0, help="at most so many; 0: as fast as it goes")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    answered = run(embedded.resolve(load()), CLASSIFIERS[arguments.model], corpus.load())
    report(paced(answered, arguments.rows_per_second))


if __name__ == "__main__":
    main()
