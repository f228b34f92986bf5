"""Ends that stay: what comes after them is superseded, in the order of the log, parked or not and however it is cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.errors import CheckViolation
from sqlalchemy import Column, ForeignKey, Integer, String, Table

from podium.settings import Settings
from schema.ddl import drop, render
from schema.declare import (
    Domain,
    Event,
    Furthest,
    Greatest,
    Lifecycle,
    Misdeclared,
    Once,
    Register,
    domain_metadata,
    happens,
    places,
)
from schema.types import Id, Name
from tests.consumers.worker import Worker
from tests.log import Log

METADATA = domain_metadata("races")
RUN = Lifecycle(
    "run",
    {"set": ("off",), "off": ("home", "out"), "home": (), "out": ()},
    initial="set",
    backward={"off": ("off",)},
    final=("home", "out"),
)
track = Table("track", METADATA, Column("id", Integer, primary_key=True, autoincrement=False), *places())
race = Table(
    "race",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("track", Integer, ForeignKey(track.c.id), nullable=False),
    Column("said", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("runner", String),
    Column("seen_attempt", Integer),
    Column("metres", Integer),
)
medal = Table(
    "medal",
    METADATA,
    Column("race_id", Integer, ForeignKey(race.c.id), primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    *places(),
)
OF_RUN: dict[str, Any] = {
    "family": "jobs", "key": ("race_id", "attempt"), "partition_by": ("race_id",), "order_by": ("race_id",),
}  # fmt: skip


def _becomes(state: str, **more: Any) -> Furthest:
    return Furthest(RUN, state, "said", moves=("runner",), **more)


def _moves(*merges: Any, **more: Any) -> Register:
    return Register(race, creates=False, omit=("race_id",), merges=merges, **{"renamed": {"id": "race_id"}, **more})


@happens("track.laid.v1", family="catalog", key=("id",), lands=Once(track), example={"id": 1})
class TrackLaid(Event):
    """There is a track."""

    id: Id


@happens(
    "race.set.v1",
    family="jobs",
    key=("race_id",),
    lands=Register(
        race,
        renamed={"id": "race_id"},
        omit=("race_id",),
        values={"attempt": 1, "runner": None},
        merges=(_becomes("set", attempt="attempt"),),
    ),
    example={"race_id": 1, "track": 1},
)
class RaceSet(Event):
    """A race will be run."""

    race_id: Id
    track: Id


class _OfRun(Event):
    race_id: Id
    attempt: Id


class _Run(_OfRun):
    runner: Name


@happens("race.begun.v1", **OF_RUN, lands=_moves(_becomes("off", attempt="attempt")), example={
    "race_id": 1, "attempt": 1, "runner": "ana"})  # fmt: skip
class RaceBegun(_Run):
    """They are off."""


@happens("race.lost.v1", **OF_RUN, lands=_moves(_becomes("out", attempt="attempt")), example={
    "race_id": 1, "attempt": 1, "runner": "ana"})  # fmt: skip
class RaceLost(_Run):
    """Out of the race, in the present attempt."""


@happens("race.won.v1", **OF_RUN, lands=(
    _moves(_becomes("home", attempt="attempt"), values={"runner": "winner"}), Once(medal),
), example={"race_id": 1, "attempt": 1})  # fmt: skip
class RaceWon(_OfRun):
    """Home, with a medal."""


@happens("race.stopped.v1", family="jobs", key=("race_id",), lands=_moves(
    _becomes("out"), values={"runner": "nobody"},
), example={"race_id": 1})  # fmt: skip
class RaceStopped(Event):
    """Over, whatever the attempt."""

    race_id: Id


@happens("race.seen.v1", family="jobs", key=("race_id", "attempt", "metres"), partition_by=("race_id",),
    order_by=("race_id",), example={"race_id": 1, "attempt": 1, "metres": 10}, lands=Register(
        race, creates=False, renamed={"id": "race_id", "seen_attempt": "attempt"}, omit=("race_id", "attempt"),
        merges=(Greatest("metres", after=("seen_attempt",)),)))  # fmt: skip
class RaceSeen(_OfRun):
    """So far, in an attempt; the next one counts from the start."""

    metres: Id


EVENTS = (TrackLaid, RaceSet, RaceBegun, RaceLost, RaceWon, RaceStopped, RaceSeen)


@pytest.fixture
def owner(database: Settings, tmp_path: Path) -> Iterator[Connection[Any]]:
    domain = Domain("races", tmp_path, METADATA, EVENTS, (RUN,))
    with psycopg.connect(database.postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute(render(domain).encode())
        yield connection
        connection.execute(drop(domain).encode())


@pytest.fixture
def worker(database: Settings, owner: Connection[Any], tmp_path: Path) -> Iterator[Worker]:
    domain = Domain("races", tmp_path, METADATA, EVENTS, (RUN,))
    with psycopg.connect(database.postgres.dsn("consumer"), autocommit=True) as connection:
        worker = Worker(connection, (domain,), Log((domain,), partitions=1))
        worker.take(worker.log.entries)
        yield worker


def line(name: str, attempt: int | None = None, **more: Any) -> dict[str, Any]:
    data = {"race_id": 1, **({} if attempt is None else {"attempt": attempt}), **more}
    return {"type": f"races.race.{name}.v1", "time": "2026-03-01T10:00:00Z", "data": data}


SET, STOP = line("set", track=1), line("stopped")
LAID = {"type": "races.track.laid.v1", "time": "2026-03-01T10:00:00Z", "data": {"id": 1}}
STORIES = {
    "the first end of several attempts stays": (
        [line("begun", 1, runner="ana"), line("lost", 1, runner="ana"), line("lost", 2, runner="bob")],
        ("out", 1, "ana"),
    ),
    "an older attempt ends nothing": (
        [line("begun", 2, runner="bob"), line("lost", 1, runner="ana"), line("won", 2)],
        ("home", 2, "winner"),
    ),
    "what wins a medal and what does not keep their order": (
        [line("begun", 1, runner="ana"), line("won", 1), STOP, line("begun", 2, runner="bob")],
        ("home", 1, "winner"),
    ),
    "a stop ends any attempt": ([line("begun", 3, runner="ana"), STOP, line("won", 3)], ("out", 3, "nobody")),
}


@pytest.mark.parametrize("slice_records", [1, 2, 100])
@pytest.mark.parametrize("told", STORIES)
@pytest.mark.parametrize("parked", [False, True], ids=["at once", "parked"])
def test_ends_stay(worker: Worker, told: str, slice_records: int, parked: bool) -> None:
    lines, expected = STORIES[told]
    if not parked:
        worker.log.append(LAID)
    worker.log.extend([SET, *lines[:-1]])
    worker.finish(slice_records)
    if parked:
        worker.log.append(LAID)
        worker.step({("races.catalog", 0): 1})
    worker.log.append(lines[-1])
    worker.finish(slice_records)
    worker.log.extend(lines)
    worker.finish(slice_records)
    (found,) = worker.connection.execute("SELECT said, attempt, runner FROM races.race").fetchall()
    assert found == expected
    medals = worker.connection.execute("SELECT count(*) FROM races.medal").fetchall()
    assert medals == [(sum("won" in one["type"] for one in lines),)], "late ones are kept"
    assert worker.connection.execute("SELECT count(*) FROM ledger.parked").fetchall() == [(0,)]


@pytest.mark.parametrize("slice_records", [1, 100])
def test_a_later_attempt_counts_from_its_start(worker: Worker, slice_records: int) -> None:
    seen = [(1, 50), (1, 40), (2, 10), (1, 90), (2, 5)]
    worker.log.extend([LAID, SET, *(line("seen", attempt, metres=metres) for attempt, metres in seen)])
    worker.finish(slice_records)
    found = worker.connection.execute("SELECT seen_attempt, metres FROM races.race").fetchall()
    assert found == [(2, 10)]


def test_nobody_leaves_an_end_by_hand(owner: Connection[Any]) -> None:
    owner.execute("INSERT INTO races.track VALUES (1)")
    owner.execute("INSERT INTO races.race (id, track, said, attempt) VALUES (1, 1, 'home', 1)")
    for state in ("set", "off", "out"):
        with pytest.raises(CheckViolation, match="home cannot become"):
            owner.execute("UPDATE races.race SET said = %s, attempt = 2", [state])


def test_what_cannot_be_is_refused_at_import(tmp_path: Path) -> None:
    with pytest.raises(Misdeclared, match="what is final"):
        Lifecycle("run", {"set": ("home",), "home": ()}, initial="set", final=("set",))
    with pytest.raises(Misdeclared, match="order_by"):
        Domain("races", tmp_path, METADATA, (_disorderly(),), (RUN,))


def _disorderly() -> type[Event]:
    class Disorderly(Event):
        """Ordered by less than its partition."""

        id: Id
        track: Id

    return happens(
        "track.moved.v1", family="catalog", key=("id", "track"), partition_by=("id",), order_by=("track",),
        lands=Once(track, omit=("track",)), example={"id": 1, "track": 1},
    )(Disorderly)  # fmt: skip
