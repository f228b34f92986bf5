"""What a demonstration is: real input beside the samples, the processes that work on it, and when all is said."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any, Protocol

from confluent_kafka.admin import AdminClient
from psycopg import Connection
from psycopg.rows import class_row, dict_row

import samples
from podium import boards
from podium.boards import Snapshot
from podium.client import Producer
from podium.errors import Problem
from podium.settings import Settings
from podium.sql import load
from podium.status.log import Place, read_ends
from podium.status.partitions import Position
from schema.declare import Domain
from streams.watch import EVENTS_MAX

Advance = Callable[[int], None]
Bar = Callable[[str, int], Advance]
"""Opens a progress bar with a title and a total; what it returns moves it on."""

Step = Callable[[Producer, Bar], None]
"""Publishes some events; raises as the producer does."""


class NoSuchDemo(Problem):
    """There is no demonstration of that name."""

    code = "PD064"
    exit_code = 2


@dataclass(frozen=True)
class Worker:
    """A process that does `total` things and then ends; it prints `{"done": n}` when n of them are done.

    Between them it waits for `podium.supervisor.AT_WORK`, or the board may stand still on a slow machine.
    """

    name: str
    module: str
    arguments: tuple[str, ...]
    total: int
    imports: tuple[str, ...] = ("podium.client",)
    """What it may import while everything else starts; not `module` itself."""


class Demo(Protocol):
    """One demonstration: `samples/<name>/demo.py` holds it under the name DEMO."""

    title: str
    domain: str
    headline: str
    """Id of the board to watch."""

    def steps(self) -> Sequence[Step]:
        """What to publish, step by step; the last one sets the workers off.

        The tables catch up between steps, so that no event waits for what it refers to. Every step may be taken
        again and again with the same effect.
        """
        ...

    def workers(self) -> Sequence[Worker]:
        """The processes to start before the last step."""
        ...


def names() -> list[str]:
    """What can be demonstrated, in the order in which the samples are declared; others after them."""
    found = [module.name for module in iter_modules(samples.__path__) if module.ispkg]
    shown = [name for name in found if find_spec(f"samples.{name}.demo")]
    listed = [name for name in samples.ORDER if name in shown]
    return [*listed, *sorted(set(shown) - set(listed))]


def find(name: str = "") -> Demo:
    """A demonstration by its own name or its domain's, or the first there is. Raises NoSuchDemo."""
    known = names()
    if name in known or (known and not name):
        return _load(name or known[0])
    for other in known:
        if (found := _load(other)).domain == name:
            return found
    told = ", ".join(f"{other} ({_load(other).domain})" for other in known)
    raise NoSuchDemo(f"{name or 'demo'}: nothing to show", f"There is: {told}.")


def every() -> list[Demo]:
    """All demonstrations, in their order."""
    return [_load(name) for name in names()]


def _load(name: str) -> Demo:
    found: Demo = import_module(f"samples.{name}.demo").DEMO
    return found


@dataclass(frozen=True)
class Progress:
    """How far the tables are in the log, in offsets, and whether all that follows from it was done."""

    position: int
    end: int
    parked: int
    read_all: bool
    scored: bool
    settled: bool
    cut: bool

    @property
    def applied(self) -> bool:
        """Whether every event was read, and none waits for another."""
        return self.read_all and not self.parked

    @property
    def complete(self) -> bool:
        """Whether all is applied and scored, no timer has anything to say, and boards are cut at the end."""
        return self.applied and self.scored and self.settled and self.cut


def progress(
    connection: Connection[Any], admin: AdminClient, settings: Settings, domains: Sequence[Domain]
) -> Progress:
    """One look at log and tables. Raises psycopg errors and KafkaException."""
    topics = {name: count for domain in domains for name, count in domain.topics.items()}
    ends = read_ends(admin, settings.kafka.namespace, topics)
    with connection.cursor(row_factory=class_row(Position)) as cursor:
        rows = {(row.topic, row.partition): row for row in cursor.execute(load("positions"))}
    at = {place: rows[place].position if place in rows else 0 for place in ends}
    read_all = all(at[place] >= end for place, end in ends.items())
    latest = boards.latest(connection, whole=False)
    scored = read_all and all(_scored(connection, domain) for domain in domains)
    return Progress(
        position=sum(at.values()),
        end=sum(ends.values()),
        parked=sum(rows[place].parked for place in rows.keys() & ends.keys()),
        read_all=read_all,
        scored=scored,
        settled=scored and not any(_due(connection, domain) for domain in domains),
        cut=all(_cut(of_domain(latest, domain), ends) for domain in domains),
    )


def of_domain(snapshots: Sequence[Snapshot], domain: Domain) -> list[Snapshot]:
    """Those of one domain's boards."""
    return [one for one in snapshots if one.board.startswith(f"{domain.name}.")]


def _scored(connection: Connection[Any], domain: Domain) -> bool:
    if domain.scoring is None:
        return True
    return not connection.execute(domain.sql(domain.scoring.unscored).encode(), {"limit": 1}).fetchall()


def _due(connection: Connection[Any], domain: Domain) -> bool:
    """Whether a timer has something to say now: more events are to come."""
    now = datetime.now(UTC)
    with connection.cursor(row_factory=dict_row) as cursor:
        for watch in domain.watches:
            rows = cursor.execute(domain.sql(watch.sql).encode(), {"now": now, "limit": EVENTS_MAX}).fetchall()
            if any(True for _ in watch.decide(rows, now)) if watch.decide else rows:
                return True
    return False


def _cut(latest: Sequence[Snapshot], ends: Mapping[Place, int]) -> bool:
    """Whether there are boards, and each has been cut at the end of all its inputs."""
    return bool(latest) and all(
        offset >= ends.get((topic, partition), 0) for one in latest for topic, partition, offset in one.cut
    )
