"""The demonstration: filters, each in a process of its own, take noise off recordings of an earthquake."""

from collections.abc import Sequence

from podium.client import Producer
from podium.demo import Bar, Step, Worker
from samples.denoising import catalog
from samples.denoising.catalog import DATASETS
from samples.denoising.filters import MODELS

IMPORTS = ("samples.denoising.jobs", "samples.denoising.work")
TRACES_PER_SECOND = 30
"""Of each worker: slow enough to watch the boards move."""


class Denoising:
    """Ids derive from names, so a second run meets the data sets and jobs of the first."""

    title = "nine filters take noise off 72 traces of the Ridgecrest earthquake of 2019"
    domain = "seismic"
    headline = "seismic.across.denoising-snr_improvement_db-1"

    def steps(self) -> Sequence[Step]:
        """Names, then data sets, then jobs."""
        return (register, fill, begin)

    def workers(self) -> Sequence[Worker]:
        """One process a filter, for all its versions."""
        traces = sum(len(dataset.reference) for dataset in DATASETS)
        names = list(dict.fromkeys(model.name for model in MODELS))
        pace = ("--traces-per-second", str(TRACES_PER_SECOND))
        versions = {name: sum(model.name == name for model in MODELS) for name in names}
        return [
            Worker(name, "samples.denoising.producer", (name, *pace), versions[name] * traces, imports=IMPORTS)
            for name in names
        ]


def register(producer: Producer, bar: Bar) -> None:
    """Account, filters and metrics."""
    catalog.register(producer.publish)


def fill(producer: Producer, bar: Bar) -> None:
    """The data sets, part by part."""
    advance = bar("data sets", len(DATASETS))
    for dataset in DATASETS:
        catalog.upload(producer.publish, dataset)
        advance(1)


def begin(producer: Producer, bar: Bar) -> None:
    """A job for each version of each filter on each data set."""
    for job in catalog.jobs():
        catalog.submit(producer.publish, job)


DEMO = Denoising()
