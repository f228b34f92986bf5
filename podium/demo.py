"""What a demonstration is: real input beside the samples, the processes that work on it, and when all is said."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any, Protocol

from confluent_kafka.admin import AdminClient
from psycopg import Connection

import samples
from podium import boards
from podium.boards import Snapshot
from podium.client import Producer
from podium.errors import Problem
from podium.settings import Settings
from podium.sql import load
from podium.status import Place, read_ends
from schema.declare import Domain

Advance = Callable[[int], None]
Bar = Callable[[str, int], Advance]
"""Opens a progress bar with a title and a total; what it returns moves it on."""


class NoSuchDemo(Problem):
    """There is no demonstration of that name."""

    code = "PD064"
    exit_code = 2


@dataclass(frozen=True)
class Worker:
    """A process that does `total` things and then ends; it prints `{"done": n}` when n of them are done."""

    name: str
    module: str
    arguments: tuple[str, ...]
    total: int


class Demo(Protocol):
    """One demonstration: `samples/<name>/demo.py` holds it under the name DEMO."""

    title: str
    domain: str
    headline: str
    """Id of the board to watch."""

    def publish(self, producer: Producer, bar: Bar) -> None:
        """Publish what the workers refer to; again and again with the same effect."""
        ...

    def workers(self) -> Sequence[Worker]:
        """The processes to start when that is done."""
        ...


def names() -> list[str]:
    """What can be demonstrated."""
    found = [module.name for module in iter_modules(samples.__path__) if module.ispkg]
    return [name for name in found if find_spec(f"samples.{name}.demo")]


def find(name: str = "") -> Demo:
    """A demonstration by name, or the first there is. Raises NoSuchDemo."""
    known = names()
    chosen = name or next(iter(known), "")
    if chosen not in known:
        raise NoSuchDemo(f"{name or 'demo'}: nothing to show", f"There is: {', '.join(known)}.")
    found: Demo = import_module(f"samples.{chosen}.demo").DEMO
    return found


@dataclass(frozen=True)
class Progress:
    """How far the tables are in the log, in offsets, and whether every board was cut at its end."""

    position: int
    end: int
    applied: bool
    scored: bool
    cut: bool

    @property
    def complete(self) -> bool:
        """Whether every event is applied, every answer scored, and every board cut at the end of its inputs."""
        return self.applied and self.scored and self.cut


def progress(connection: Connection[Any], admin: AdminClient, settings: Settings, domain: Domain) -> Progress:
    """One look at log and tables. Raises psycopg errors and KafkaException."""
    ends = read_ends(admin, settings.kafka.namespace, domain.topics)
    rows = connection.execute(load("positions")).fetchall()
    held: dict[Place, int] = {(topic, partition): position for topic, partition, position, *_ in rows}
    at = {place: held.get(place, 0) for place in ends}
    return Progress(
        position=sum(at.values()),
        end=sum(ends.values()),
        applied=all(at[place] >= end for place, end in ends.items()),
        scored=_scored(connection, domain),
        cut=_cut(boards.latest(connection), ends),
    )


def _scored(connection: Connection[Any], domain: Domain) -> bool:
    if domain.scoring is None:
        return True
    return not connection.execute(domain.sql(domain.scoring.unscored).encode(), {"limit": 1}).fetchall()


def _cut(latest: Sequence[Snapshot], ends: Mapping[Place, int]) -> bool:
    """Whether there are boards, and each has been cut at the end of all its inputs."""
    return bool(latest) and all(
        offset >= ends.get((topic, partition), 0) for one in latest for topic, partition, offset in one.cut
    )
