"""What can happen in the marathon domain; beside each event, where it lands and how it merges."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from schema.declare import Event, Furthest, Lifecycle, Once, Register, happens
from schema.types import Count, Id, Name

from . import tables
from .tables import RUNNER_KEY

RUN = Lifecycle(
    "run",
    moves={
        "registered": ("started", "withdrawn"),
        "started": ("finished", "retired"),
        "withdrawn": (),
        "finished": (),
        "retired": (),
    },
    initial="registered",
)


def _in_metres(data: dict[str, Any]) -> dict[str, Any]:
    return {"race_id": data["race_id"], "name": data["name"], "metres": round(data["kilometres"] * 1000)}


@happens(
    "race.announced.v1",
    family="catalog",
    key=("race_id",),
    example={"race_id": 1, "name": "Harbour marathon", "kilometres": 42.195},
    upcast=_in_metres,
)
class RaceAnnouncedInKilometres(Event):
    """A race has a course; as it was said before courses were measured to the metre."""

    race_id: Id
    name: Name
    kilometres: Annotated[float, Field(gt=0, le=1_000)]


@happens(
    "race.announced.v2",
    family="catalog",
    key=("race_id",),
    lands=Once(tables.races),
    example={"race_id": 1, "name": "Harbour marathon", "metres": 42195},
)
class RaceAnnounced(Event):
    """A race has a course."""

    race_id: Id
    name: Name
    metres: Id


@happens(
    "runner.registered.v1",
    family="jobs",
    key=RUNNER_KEY,
    lands=Register(tables.runners, time="since", merges=(Furthest(RUN, "registered", "status", moves=("since",)),)),
    example={"race_id": 1, "bib": 7, "name": "Ana"},
)
class RunnerRegistered(Event):
    """A runner has a bib."""

    race_id: Id
    bib: Id
    name: Name


class _RunnerMoved(Event):
    race_id: Id
    bib: Id


def _runner_moved(state: str):  # type: ignore[no-untyped-def]
    return happens(
        f"runner.{state}.v1",
        family="jobs",
        key=RUNNER_KEY,
        lands=Register(
            tables.runners, creates=False, time="since", merges=(Furthest(RUN, state, "status", moves=("since",)),)
        ),
        example={"race_id": 1, "bib": 7},
    )


@_runner_moved("started")
class RunnerStarted(_RunnerMoved):
    """A runner crossed the start line."""


@_runner_moved("withdrawn")
class RunnerWithdrawn(_RunnerMoved):
    """A runner did not start."""


@_runner_moved("finished")
class RunnerFinished(_RunnerMoved):
    """A runner crossed the finish line."""


@_runner_moved("retired")
class RunnerRetired(_RunnerMoved):
    """A runner left the course."""


@happens(
    "split.taken.v1",
    family="scores",
    key=(*RUNNER_KEY, "metres"),
    partition_by=RUNNER_KEY,
    lands=Once(tables.splits),
    example={"race_id": 1, "bib": 7, "metres": 5000, "milliseconds": 1_201_500},
)
class SplitTaken(Event):
    """A runner passed a mat: metres of the course, milliseconds since the start."""

    race_id: Id
    bib: Id
    metres: Id
    milliseconds: Count


EVENTS = (
    RaceAnnouncedInKilometres, RaceAnnounced, RunnerRegistered, RunnerStarted, RunnerWithdrawn, RunnerFinished,
    RunnerRetired, SplitTaken,
)  # fmt: skip
