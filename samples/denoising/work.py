"""Works one attempt at a job off: trace by trace, measured against the reference, then the result."""

import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from samples.denoising import segy
from samples.denoising.catalog import MEASURED, Job, Publish, digest, shape
from samples.denoising.recordings import SAMPLE_RATE, Trace
from schema.seismic.intervals import interval
from schema.seismic.scoring import PERFECT, UNDEFINED, Definition, Figure

REPORT_EVERY_TRACES = 3
Figures = Mapping[str, list[Figure]]


def work(job: Job, attempt: int, publish: Publish, ended: Callable[[], bool]) -> Iterator[int]:
    """Publishes what one attempt gives; yields 1 a trace. Stops early once `ended` says that the job has."""
    run: dict[str, Any] = {"job_id": str(job.id), "attempt": attempt}
    output: list[Trace] = []
    figures: dict[str, list[Figure]] = {one.metric: [] for one in MEASURED}
    pairs = list(zip(job.dataset.reference, job.dataset.noisy, strict=True))
    for n, (reference, noisy) in enumerate(pairs):
        if ended():
            return
        trace, seconds = _denoised(job, noisy)
        output.append(trace)
        stored = digest(struct.pack(f">{len(trace)}f", *trace))
        publish("seismic.trace.denoised.v1", {**run, "trace": n, "reference": f"sha256:{stored}", "seconds": seconds})
        for one in MEASURED:
            found = one.measure(reference, noisy, trace)
            figures[one.metric].append(found)
            publish("seismic.metric.measured.v1", {**run, "trace": n, **_measured(one, found, len(trace))})
        if (n + 1) % REPORT_EVERY_TRACES == 0 and n + 1 < len(pairs):
            publish("seismic.job.progressed.v1", {**run, "percent": 100 * (n + 1) // len(pairs)})
        yield 1
    publish("seismic.result.recorded.v1", {**run, **result(job, output, figures)})


def _denoised(job: Job, noisy: Trace) -> tuple[Trace, float]:
    begun = time.perf_counter()
    trace = job.model.denoise(noisy)
    return trace, time.perf_counter() - begun


def _measured(one: Definition, found: Figure, samples: int) -> dict[str, Any]:
    return {"metric": one.metric, "definition": one.definition, **found._asdict(), "n": samples}


def result(job: Job, output: Sequence[Trace], figures: Figures) -> dict[str, Any]:
    """Shape of the output, named by what it holds, and the mean of each metric over its traces."""
    stored = digest(segy.encode(output, SAMPLE_RATE))
    metrics = {one.metric: _mean(one, figures[one.metric]) for one in MEASURED}
    return {**shape(job.dataset), "storage_path": f"sha256:{stored}", "metrics": metrics}


def _mean(one: Definition, figures: Sequence[Figure]) -> dict[str, Any]:
    values = [Decimal(figure.value) for figure in figures if figure.value is not None]
    found = interval(len(values), sum(values, Decimal(0)), sum((value * value for value in values), Decimal(0)))
    flags = [figure.flag for figure in figures]
    told = {"definition": one.definition, "unit": one.unit, "direction": one.direction, "n": len(values)}
    counts = {"perfect": flags.count(PERFECT), "undefined": flags.count(UNDEFINED)}
    if found is None:
        return {**told, **counts, "flag": PERFECT if counts["perfect"] else UNDEFINED}
    ends = {name: None if end is None else float(end) for name, end in zip(found._fields, found, strict=True)}
    return {**told, **counts, "value": ends["mean"], "low": ends["low"], "high": ends["high"]}
