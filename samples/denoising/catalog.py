"""What has to be known before a job can run: an account, filters, metrics, data sets in parts, jobs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid5

from samples.denoising import segy
from samples.denoising.filters import MODELS, Model
from samples.denoising.noise import SPOILT, Spoilt
from samples.denoising.recordings import SAMPLE_RATE, TRACE_SAMPLES, Trace
from schema.envelope import NAMESPACE
from schema.seismic.scoring import DEFINITIONS

Publish = Callable[[str, dict[str, Any]], object]
"""Takes the type of an event and its `data`, ready for JSON."""

OWNER: Final = "samples@example.org"
PART_BYTES: Final = 32_768
METRICS: Final = ("snr_improvement_db", "snr", "psnr", "correlation", "rmse")
MEASURED: Final = tuple(one for one in DEFINITIONS if one.metric in METRICS)


@dataclass(frozen=True)
class Dataset:
    """A gather of spoilt traces as the file that is uploaded, and its reference."""

    spoilt: Spoilt

    @property
    def id(self) -> UUID:
        """Derived from the name: every run means the same data set."""
        return uuid5(NAMESPACE, f"samples.denoising.dataset.{self.spoilt.name}")

    @cached_property
    def content(self) -> bytes:
        """The file."""
        return segy.encode(self.spoilt.noisy(), SAMPLE_RATE)

    @cached_property
    def noisy(self) -> list[Trace]:
        """What a filter reads: the samples as the file holds them, in g."""
        return segy.decode(self.content)

    @cached_property
    def reference(self) -> list[Trace]:
        """The traces before they were spoilt, in g."""
        return self.spoilt.reference()

    @property
    def parts(self) -> Iterator[bytes]:
        """The file in parts of PART_BYTES, the last one shorter."""
        return (self.content[at : at + PART_BYTES] for at in range(0, len(self.content), PART_BYTES))


DATASETS: Final = tuple(Dataset(spoilt) for spoilt in SPOILT)


@dataclass(frozen=True)
class Job:
    """One version of a filter on one data set."""

    model: Model
    dataset: Dataset

    @property
    def id(self) -> UUID:
        """Derived from both names: a second run meets the job of the first."""
        return uuid5(NAMESPACE, f"samples.denoising.job.{self.model.id}.{self.dataset.spoilt.name}")


def jobs(name: str | None = None) -> list[Job]:
    """All jobs, or those of one filter's versions."""
    return [Job(model, dataset) for model in MODELS if name in (None, model.name) for dataset in DATASETS]


def register(publish: Publish) -> None:
    """Account, filters and metrics."""
    publish("seismic.user.registered.v1", {"email": OWNER})
    for model in MODELS:
        named = {"name": model.name, "version": model.version, "architecture": model.name, "type": "denoising"}
        publish("seismic.model.registered.v1", {**named, "config": model.config})
    for one in MEASURED:
        publish("seismic.metric.defined.v1", one.told)


def upload(publish: Publish, dataset: Dataset) -> None:
    """One data set, from its announcement to what was read in it."""
    attempt = {"dataset_id": str(dataset.id), "attempt": 1}
    announced = {"size_bytes": len(dataset.content), "part_bytes": PART_BYTES, "sha256": digest(dataset.content)}
    named = {"dataset_id": str(dataset.id), "owner": OWNER, "name": dataset.spoilt.name, "format": "segy"}
    publish("seismic.upload.started.v1", {**named, **announced})
    for n, part in enumerate(dataset.parts):
        publish("seismic.part.stored.v1", {**attempt, "part": n, "bytes": len(part), "sha256": digest(part)})
    publish("seismic.upload.finalized.v1", attempt)
    station = dataset.spoilt.station
    told = {"station": station.code, "place": station.place, "noise": dataset.spoilt.kind, "unit": "g"}
    published = {"storage_path": f"samples/denoising/recordings/{station.file}", "metadata": told}
    publish("seismic.dataset.prepared.v1", {**attempt, **shape(dataset), "sample_bytes": 4, **published})


def submit(publish: Publish, job: Job) -> None:
    """A job, for whoever takes it."""
    wanted = {"dataset_id": str(job.dataset.id), "model": job.model.name, "model_version": job.model.version}
    publish("seismic.job.submitted.v1", {"job_id": str(job.id), "owner": OWNER, "type": "denoising", **wanted})


def shape(dataset: Dataset) -> dict[str, Any]:
    """Of the input, and of the output too."""
    sizes = {"traces": len(dataset.reference), "samples": TRACE_SAMPLES, "size_bytes": len(dataset.content)}
    return {**sizes, "sample_rate": SAMPLE_RATE}


def digest(content: bytes) -> str:
    """sha256 in hexadecimal."""
    return sha256(content).hexdigest()
