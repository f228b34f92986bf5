"""One filter at work on a running Podium: takes the jobs of its versions, until each of them has ended.

python -m samples.denoising.producer wiener
"""

import argparse
import signal
import sys
from collections.abc import Iterator

from podium import embedded
from podium.client import Producer
from podium.settings import Settings, load
from samples.denoising.catalog import Job, jobs
from samples.denoising.filters import MODELS
from samples.denoising.jobs import JobLog
from samples.denoising.work import work
from samples.pace import paced, report
from schema.envelope import uuid7


def run(settings: Settings, name: str, chosen: list[Job]) -> Iterator[int]:
    """Bring these jobs to an end; yields how many traces came since the last time, whoever denoised them."""
    worker = f"{name}-{uuid7().hex[:16]}"
    with Producer(settings, source=f"samples/denoising/{worker}") as producer:
        log = JobLog(settings.kafka, chosen, worker)
        try:
            for job in chosen:
                yield from _through(job, log, producer)
        finally:
            log.close()


def _through(job: Job, log: JobLog, producer: Producer) -> Iterator[int]:
    done, traces = 0, len(job.dataset.reference)

    def ended() -> bool:
        log.follow()
        course = log.course(job)
        return course.ended or course.workers[course.attempt] != log.worker

    while (attempt := log.take(job, producer.publish)) is not None:
        for count in work(job, attempt, producer.publish, ended):
            yield count if done < traces else 0
            done += count
        producer.flush()
        log.follow(0.05)
    yield max(0, traces - done)


def main() -> None:
    """The command: exits 0 when every job has ended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("filter", choices=sorted({model.name for model in MODELS}), help="which filter")
    parser.add_argument("--traces-per-second", type=float, default=0, help="at most so many; 0: as fast as it goes")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    done = run(embedded.resolve(load()), arguments.filter, jobs(arguments.filter))
    report(paced(done, arguments.traces_per_second))


if __name__ == "__main__":
    main()
