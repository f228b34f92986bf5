"""Every loop that must run, by what it has to do and by what it last reported, with a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

import psycopg
from confluent_kafka import KafkaException
from psycopg.rows import class_row

from consumers.loop import GROUP
from podium.errors import Problem
from podium.sql import load
from podium.status import work
from podium.status.work import NOTHING, Sight, Work
from schema.declare import Domain
from schema.heartbeat import described

GONE_SECONDS = 10.0
"""A report that old is of a process that is gone or hangs as a whole."""

STILL_SECONDS = 5.0
"""Work that has waited for so long, while its loop finished nothing, stands still."""

TURN_SECONDS_MAX = 60.0
PREFIX = "podium."
RELAY = "podium.relay"

Look = Callable[[Sight], Work]


class Report(NamedTuple):
    """What a loop of one process last said of itself: a row of `ledger.loop`."""

    name: str
    process: str
    age_seconds: float
    ready: bool
    waits_for: str
    turn_age_seconds: float
    progress_age_seconds: float
    done: int
    restarts: int
    error: str
    failed_at: datetime | None

    @property
    def alive(self) -> bool:
        """Whether the process still reports."""
        return self.age_seconds <= GONE_SECONDS

    @property
    def progress_seconds(self) -> float:
        """Since the loop finished something or found nothing to do."""
        return self.progress_age_seconds + self.age_seconds


class Expected(NamedTuple):
    """A loop that must run as soon as there is work for it, and the part of `podium run` that hosts it."""

    name: str
    part: str
    look: Look


@dataclass(frozen=True)
class Loop:
    """One loop over all processes. `lag` counts what it has to do; `lag_seconds` is the age of the oldest of that."""

    name: str
    part: str
    processes: Sequence[str]
    holder: str | None
    lag: int
    lag_seconds: float
    doing: str
    done: int
    restarts: int
    progress_seconds: float | None
    """Since any of them finished something or found nothing to do; None: none reports."""
    error: str
    failed_at: datetime | None
    verdict: str
    why: str


def expected(domains: Iterable[Domain]) -> list[Expected]:
    """The loops that the declarations of the domains ask for, beside consumers and relay."""
    # Late, for it brings in all of Faust.
    from streams.app import loops
    from streams.fold import Folds
    from streams.log import Log
    from streams.rank import Ranker
    from streams.score import Scorer, Sweep
    from streams.watch import Watcher

    chosen = list(domains)
    topics = {topic: count for domain in chosen for topic, count in domain.topics.items()}
    found = [Expected(GROUP, "consumers", lambda _: NOTHING), Expected(RELAY, "relay", work.unrelayed)]
    for loop in loops(Log({}, "", topics), "", chosen):
        domain = loop.domain  # type: ignore[attr-defined]  # all of them have one
        if isinstance(loop, Scorer):
            read = {domain.by_type[type_].topic for type_ in domain.scoring.inputs}
            found.append(Expected(loop.name, "score", partial(work.reading, group=loop.name, topics=read)))
        elif isinstance(loop, Folds):
            read = {domain.by_type[type_].topic for type_ in loop.folding.inputs}
            found.append(Expected(loop.name, "score", partial(work.reading, group=loop.name, topics=read)))
        elif isinstance(loop, Sweep):
            group = f"podium.score.{domain.name}"
            found.append(Expected(loop.name, "score", partial(work.unscored, domain=domain, group=group)))
        elif isinstance(loop, Watcher):
            found.append(Expected(loop.name, "watch", partial(work.due, domain=domain)))
        elif isinstance(loop, Ranker):
            found.append(Expected(loop.name, "rank", partial(work.uncut, domain=domain, board=loop.board)))
    return found


def loops(sight: Sight, wanted: Sequence[Expected]) -> list[Loop]:
    """Every loop that must run, then those that run beside them, such as a patrol. Raises psycopg errors."""
    with sight.connection.cursor(row_factory=class_row(Report)) as cursor:
        reports = cursor.execute(load("status_loops")).fetchall()
    holders = dict(sight.connection.execute(load("status_leases")).fetchall())
    known = {one.name for one in wanted}
    beside = [Expected(name, "", lambda _: NOTHING) for name in dict.fromkeys(one.name for one in reports)]
    further = [one for one in beside if one.name not in known and any(r.alive for r in reports if r.name == one.name)]
    return [_loop(sight, one, [r for r in reports if r.name == one.name], holders) for one in (*wanted, *further)]


def _loop(sight: Sight, one: Expected, reports: Sequence[Report], holders: Mapping[str, str]) -> Loop:
    found = _confined(sight, one.look)
    seconds = max(0.0, (sight.now - found.since).total_seconds()) if found.lag and found.since else 0.0
    alive = [report for report in reports if report.alive]
    verdict, why = judge(one, found, seconds, reports)
    last = max(alive, key=lambda report: (report.failed_at is not None, report.failed_at), default=None)
    return Loop(
        name=one.name,
        part=one.part,
        processes=[report.process for report in alive],
        holder=holders.get(one.name),
        lag=found.lag,
        lag_seconds=round(seconds, 3),
        doing=found.why if found.lag else "",
        done=sum(report.done for report in alive),
        restarts=sum(report.restarts for report in alive),
        progress_seconds=round(min(report.progress_seconds for report in alive), 1) if alive else None,
        error=last.error if last else "",
        failed_at=last.failed_at if last else None,
        verdict=verdict,
        why=why,
    )


def _confined(sight: Sight, look: Look) -> Work:
    """What a loop has to do; a declaration that raises here, raises in its loop as well."""
    try:
        return look(sight)
    except (psycopg.OperationalError, KafkaException) as error:
        if sight.connection.closed:
            raise
        return Work(error=described(error))
    except Problem:
        raise
    except Exception as error:
        return Work(error=described(error))


def judge(one: Expected, found: Work, seconds: float, reports: Sequence[Report]) -> tuple[str, str]:
    """OK, or what is wrong: ERR (it fails), STALL (it runs, but its work waits), STOP (nobody runs it); and why."""
    alive = [report for report in reports if report.alive]
    able = [report for report in alive if report.ready]
    failing = [report for report in alive if report.error and not report.ready]
    hangs = [report for report in alive if report.turn_age_seconds + report.age_seconds > TURN_SECONDS_MAX]
    if found.error:
        return "ERR", f"what it has to do cannot be told: {found.error}"
    if failing and not able:
        return "ERR", f"fails and is started again: {failing[0].error}"
    if hangs and len(hangs) == len(alive):
        return "STALL", f"{hangs[0].process} has not turned for {hangs[0].turn_age_seconds:.0f} s: it hangs"
    if not found.lag or seconds <= STILL_SECONDS:
        return "OK", "" if alive or not found.lag else "nobody runs it yet"
    what = f"{found.lag} {found.why}"
    if not alive:
        return "STOP", f"{what}: {_nobody(one, reports)}"
    if not able:
        waits = next((report.waits_for for report in alive if report.waits_for), "to be able to work")
        return "STALL", f"{what}: waits for {waits}"
    still = min(report.progress_seconds for report in able)
    return ("STALL", f"{what}, and no progress for {still:.0f} s") if still > STILL_SECONDS else ("OK", "")


def _nobody(one: Expected, reports: Sequence[Report]) -> str:
    start = f"podium run {one.part}" if one.part else "start it again"
    if not reports:
        return f"nobody runs it: {start}"
    last = min(reports, key=lambda report: report.age_seconds)
    return f"{last.process} has been gone for {last.age_seconds:.0f} s: {start}"


def plain(name: str) -> str:
    """The name of a loop for a person."""
    return name.removeprefix(PREFIX)
