"""Swap: the rebuilt database takes the live one's name in one transaction, at the very offsets where live stood.

Killed at any step it leaves either the old or the new: until the commit nothing of live has changed, and after it
nothing is left to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from podium import database as migrations
from podium import session
from podium.errors import Problem
from podium.rebuild import carry, database, plan, traits
from podium.rebuild.database import Journal, Part
from podium.rebuild.digest import reading
from podium.rebuild.fill import fill
from podium.rebuild.run import begun
from podium.settings import Postgres, Settings
from podium.sql import load
from schema.declare import Domain
from schema.session import LONG, SWAP

KEEP_DAYS = 7.0
NEAR_RECORDS = 2_000
"""So near to live, it is stopped for the rest."""
ROUNDS_MAX = 20
LOCK_SECONDS_MAX = 15
CLEAR_SECONDS = 0.005
TRIES_MAX = 3
HELD_SECONDS_MAX = 10.0

Step = Callable[[str], None]


class Obstructed(Problem):
    """Something that a swap would cut off, or that would keep it waiting, is at work in the database."""

    code = "PD091"


class Incomplete(Problem):
    """The rebuilt database cannot take the place of the live one."""

    code = "PD092"


@dataclass(frozen=True)
class Swapped:
    """What a swap came to: how long live stood still for writing, and how long its name was held."""

    now: str
    kept: str
    stopped_seconds: float
    renaming_seconds: float


def swap(
    settings: Settings, domains: Sequence[Domain], part: Part = "rebuild", *, keep_days: float = KEEP_DAYS,
    step: Step = lambda _: None, stop: Event | None = None,
) -> Swapped:  # fmt: skip
    """Put the database of that part in the place of the live one, which is kept beside it.

    Raises NothingBegun, Incomplete, Obstructed, Busy, what `fill` raises, psycopg and Kafka errors.
    """
    with database.alone(settings.postgres) as admin:
        name = database.name_of(settings.postgres)
        new = begun(admin, settings.postgres, part)
        step("checking")
        _check(settings, admin, domains, part, new.journal)
        _adorn(settings, admin, new.name)
        step("draining")
        replacement = settings.postgres.at(new.name)
        _near(settings, replacement, domains, stop)
        with standing(settings.postgres) as keeper:
            hold(keeper, carry.carried(keeper, domains))
            started = time.monotonic()
            step("live stands still")
            with reading(settings.postgres.dsn("owner")) as live:
                until = plan.positions(live, domains)
                fill(settings, replacement, domains, until, stop=stop)
                step("carrying")
                with session.connect(replacement.dsn("owner"), LONG) as into:
                    carry.carry(live, into, domains)
            _unobstructed(admin, [name, new.name])
            step("renaming")
            held = time.monotonic()
            journal = new.journal.noted(part="before", swapped=_in_days(0), keep_until=_in_days(keep_days))
            _rename(settings.postgres, admin, _moves(settings.postgres, part), journal, keeper, step)
        done = time.monotonic()
        step("swapped")
        return Swapped(name, database.named(settings.postgres, "before"), done - started, done - held)


def _check(settings: Settings, admin: Connection[Any], domains: Sequence[Domain], part: Part, journal: Journal) -> None:
    postgres = settings.postgres
    other = database.named(postgres, part)
    if part == "rebuild" and not journal.filled:
        raise Incomplete(f"{other} was not filled to the end", "podium rebuild goes on with it.")
    if pending := migrations.migrations(postgres.at(other).dsn("owner")).pending:
        raise Incomplete(
            f"{other} lacks the migrations {', '.join(pending)} of this version of Podium",
            "Go back with the version that it was live with.",
        )
    _foreseen(settings, admin, domains, part)


def foresee(settings: Settings, domains: Sequence[Domain]) -> None:
    """Before hours of filling, raise what a swap would be refused for after them: Incomplete, Obstructed, NotOurs."""
    with database.administering(settings.postgres) as admin:
        _foreseen(settings, admin, domains, "rebuild")


def _foreseen(settings: Settings, admin: Connection[Any], domains: Sequence[Domain], part: Part) -> None:
    postgres = settings.postgres
    if part == "rebuild" and database.beside(admin, postgres, "before"):
        raise Incomplete("the database of the last swap is still kept", "podium rebuild prune")
    with session.connect(postgres.dsn("owner"), LONG) as here:
        held = here.execute("SELECT DISTINCT topic FROM ledger.offset WHERE position > 0").fetchall()
        foreign = {topic for (topic,) in held} - {topic for topic, _ in plan.positions(here, domains)}
    if foreign:
        raise Incomplete(
            f"live also holds what came from {', '.join(sorted(foreign))}, which would be lost",
            "Name all domains in the setting `domains`, and rebuild them.",
        )
    _unobstructed(admin, [database.name_of(postgres), database.named(postgres, part)])


def _unobstructed(admin: Connection[Any], names: Sequence[str]) -> None:
    """Raise Obstructed for what a swap would cut off, or would wait for in vain."""
    if found := admin.execute(load("swap_obstacles"), {"names": names}).fetchall():
        raise Obstructed(
            "; ".join(what for what, _ in found), f"Try again after this: {'; '.join(how for _, how in found)}."
        )


def _adorn(settings: Settings, admin: Connection[Any], name: str) -> None:
    """Give the new database what live has and a rename does not carry, and see that it has it. Raises Incomplete."""
    postgres, live = settings.postgres, database.name_of(settings.postgres)
    there = session.connect(postgres.at(name).dsn("owner"), LONG, autocommit=True)
    with session.connect(postgres.dsn("owner"), LONG) as here, there:
        lacking = traits.give(admin, there, name, traits.traits(admin, here, live))
    if lacking:
        raise Incomplete(
            f"{name} lacks what a rename does not carry from {live}: {'; '.join(lacking)}",
            f"Make it in {name} too, as a superuser if need be, things of your own by pg_dump; or drop it from {live}.",
        )


def _near(settings: Settings, replacement: Postgres, domains: Sequence[Domain], stop: Event | None) -> None:
    """Catch up with live while it goes on, until little is left."""
    for _ in range(ROUNDS_MAX):
        with session.connect(settings.postgres.dsn("owner"), LONG, autocommit=True) as live:
            until = plan.positions(live, domains)
        with session.connect(replacement.dsn("owner"), LONG, autocommit=True) as new:
            plan.check(settings, until, plan.positions(new, domains))
        if fill(settings, replacement, domains, until, stop=stop).done <= NEAR_RECORDS:
            return


@contextmanager
def standing(postgres: Postgres) -> Iterator[Connection[Any]]:
    """Keep the live positions from moving, readers undisturbed, for as long as the session lives. Raises Obstructed."""
    keeper = session.connect(postgres.dsn("owner"), SWAP)
    try:
        keeper.execute(f"SET lock_timeout = '{LOCK_SECONDS_MAX}s'".encode())
        keeper.commit()
        hold(keeper, ["ledger.offset"])
        yield keeper
    finally:
        keeper.close()


def hold(keeper: Connection[Any], tables: Sequence[str]) -> None:
    """Keep everybody from writing to some tables: what is not carried over must fail, not be lost. Raises Obstructed.

    After the positions, which consumers lock first: in another order each would wait for the other.
    """
    try:
        for table in tables:
            keeper.execute(SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(Identifier(*table.split("."))))
    except psycopg.errors.LockNotAvailable:
        keeper.rollback()
        found = [row[0] for row in keeper.execute(load("swap_writers"), {"tables": list(tables)})]
        raise Obstructed(
            f"transactions that write did not end in {LOCK_SECONDS_MAX} s: {'; '.join(found) or 'they have by now'}",
            "End them, and try again.",
        ) from None


def _moves(postgres: Postgres, part: Part) -> list[tuple[str, str]]:
    """Old and new names, in turn; going back, two databases change places by way of a third name."""
    name, other, kept = (
        database.name_of(postgres),
        database.named(postgres, part),
        database.named(postgres, "before"),
    )
    if other != kept:
        return [(name, kept), (other, name)]
    return [(name, f"{name}_passing"), (other, name), (f"{name}_passing", kept)]


def _rename(
    postgres: Postgres, admin: Connection[Any], moves: Sequence[tuple[str, str]], journal: Journal,
    keeper: Connection[Any], step: Step,
) -> None:  # fmt: skip
    """All renames in one transaction, while a second session sends everybody away. Raises Obstructed."""
    name = database.name_of(postgres)
    for again in reversed(range(TRIES_MAX)):
        try:
            with _clearing(postgres, admin, moves, keeper), admin.transaction():
                for before, after in moves:
                    admin.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(before), Identifier(after)))
                    step(f"{before} is to be {after}")
                database.note(admin, name, None)
                database.note(admin, database.named(postgres, "before"), journal)
                step("all but committed")
            return
        except psycopg.errors.ObjectInUse as error:
            if not again or keeper.closed:
                raise Obstructed(f"the sessions of others did not end: {error}", "Try again.") from error


@contextmanager
def _clearing(
    postgres: Postgres, admin: Connection[Any], moves: Sequence[tuple[str, str]], keeper: Connection[Any]
) -> Iterator[None]:
    """Send sessions away for as long as this lasts; the one that keeps live from moving goes last."""
    done = Event()
    name = database.name_of(postgres)
    given = {"names": [name, moves[1][0]], "pid": admin.info.backend_pid, "name": name}
    keep = [admin.info.backend_pid, keeper.info.backend_pid]

    def clear() -> None:
        with database.administering(postgres) as sender:
            keep.append(sender.info.backend_pid)
            while not done.wait(CLEAR_SECONDS):
                # In this order: whom the held name let in before is seen, and nobody comes after.
                held = sender.execute(load("swap_holds"), given).fetchone()
                left = sender.execute(load("swap_clear"), {**given, "keep": keep}).fetchone()
                if held and held[0] and left and not left[0] and not keeper.closed:
                    keeper.close()

    thread = Thread(target=clear, name="clear", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        with suppress(RuntimeError):
            thread.join(HELD_SECONDS_MAX)


def _in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="seconds")
