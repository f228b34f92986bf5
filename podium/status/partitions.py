"""Where the consumers stand in each partition, with a verdict; and a line for each topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from podium.status.log import Log, Place
from podium.status.transactions import Hidden

STALL_SECONDS = 3.0
"""A partition with an owner and something to read that has not moved for so long is stuck."""

HIDDEN_SECONDS = 5.0
"""Our own transactions end sooner than that."""

COUNTS = ("read", "applied", "parked", "released", "dead")
WORST = ("OK", "WARN", "STALL", "STOP", "ERR")
"""Verdicts, the worst last."""

APPEND_TIME = "LogAppendTime"


class Position(NamedTuple):
    """One row of `ledger.offset`."""

    topic: str
    partition: int
    position: int = 0
    topic_id: str = ""
    read: int = 0
    applied: int = 0
    parked: int = 0
    released: int = 0
    dead: int = 0
    event_time: datetime | None = None
    updated_at: datetime | None = None
    owner: str | None = None

    @property
    def adds_up(self) -> bool:
        """Whether nothing that was read is unaccounted for."""
        return self.read == self.applied + self.parked + self.released + self.dead


@dataclass(frozen=True)
class Sample:
    """Tables and log at one moment; the ends were read after the positions."""

    at: float
    positions: Mapping[Place, Position]
    log: Log


@dataclass(frozen=True)
class Row:
    """One partition. `lag` counts offsets, markers included; `lag_seconds` is the age of the oldest unread record."""

    topic: str
    partition: int
    position: int
    end: int
    """The high watermark."""
    read: int
    applied: int
    parked: int
    released: int
    dead: int
    lag: int
    lag_seconds: float
    rate: float
    verdict: str
    why: str
    owner: str | None
    hidden: int = 0
    """Offsets of the lag that nobody can read yet: they lie behind an open transaction."""
    hidden_since: datetime | None = None
    markers: int = 0
    """Offsets before the position without a committed record: markers of transactions, and what was aborted."""


@dataclass(frozen=True)
class Topic:
    """All partitions of a topic; the verdict is that of the worst of them, `partition` which that is."""

    topic: str
    partitions: int
    end: int
    read: int
    parked: int
    dead: int
    lag: int
    lag_seconds: float
    hidden: int
    rate: float
    verdict: str
    why: str
    partition: int | None


@dataclass(frozen=True)
class Findings:
    """What was found out about partitions beside samples of positions and ends."""

    waiting: Mapping[Place, datetime] = field(default_factory=dict)
    """Append time of the oldest record that can be read but was not."""
    hidden: Mapping[Place, Hidden] = field(default_factory=dict)
    aside: Mapping[str, str] = field(default_factory=dict)
    """Errors of what the consumers set aside, by subject."""


def rows(first: Sample, second: Sample, topics: Mapping[str, int], findings: Findings, now: datetime) -> list[Row]:
    """One row a partition, declared or found, with its verdict."""
    before, after = known(first, topics), known(second, topics)
    return [_row(place, before.get(place, after[place]), (first, second), topics, findings, now) for place in after]


def known(sample: Sample, topics: Mapping[str, int]) -> dict[Place, Position]:
    """Positions of all declared partitions; one that nobody ever claimed stands at 0."""
    declared = [(topic, n) for topic, count in topics.items() for n in range(count)]
    return {place: sample.positions.get(place) or Position(*place) for place in declared}


def behind(sample: Sample, topics: Mapping[str, int]) -> dict[Place, int]:
    """Positions of the partitions that have something to read."""
    readable = sample.log.readable or sample.log.ends
    return {
        place: row.position for place, row in known(sample, topics).items() if row.position < readable.get(place, 0)
    }


def _row(
    place: Place,
    before: Position,
    samples: tuple[Sample, Sample],
    topics: Mapping[str, int],
    findings: Findings,
    now: datetime,
) -> Row:
    first, second = samples
    after = second.positions.get(place) or before
    end = second.log.ends.get(place, 0)
    lag = max(0, end - after.position)
    was = max(0, first.log.ends.get(place, 0) - before.position)
    verdict, why = misplaced(place[0], topics[place[0]], second.log), ""
    if verdict:
        verdict, why = "ERR", verdict
    elif error := findings.aside.get(f"partition {place[0]}[{place[1]}]") or findings.aside.get(f"topic {place[0]}"):
        verdict, why = "ERR", f"set aside: {error}"
    else:
        moved = after.position - before.position
        verdict, why = judge(place, after, second.log, moved=moved, was=was, now=now, hidden=findings.hidden.get(place))
    hidden = findings.hidden.get(place)
    since = min([findings.waiting.get(place, now)] + ([hidden.since] if hidden and hidden.since else []))
    return Row(
        topic=after.topic,
        partition=after.partition,
        position=after.position,
        end=end,
        **{name: getattr(after, name) for name in COUNTS},
        lag=lag,
        lag_seconds=round(max(0.0, (now - since).total_seconds()), 3) if lag else 0.0,
        rate=round((after.read - before.read) / max(second.at - first.at, 1e-9), 1),
        verdict=verdict,
        why=why,
        owner=after.owner if place in second.log.held else None,
        hidden=second.log.hidden(place),
        hidden_since=hidden.since if hidden else None,
        markers=max(0, after.position - after.read),
    )


def misplaced(topic: str, declared: int, log: Log) -> str:
    """What is wrong with a topic as a whole; empty if nothing is."""
    found = log.counts.get(topic, declared)
    if found != declared:
        return f"it has {found} partitions, declared are {declared}: make it anew with {declared}, and fill it again"
    stamps = log.stamps.get(topic, APPEND_TIME)
    return "" if stamps == APPEND_TIME else f"its times are the clients' ({stamps}): podium topics apply"


def judge(
    place: Place, row: Position, log: Log, moved: int, was: int, now: datetime, hidden: Hidden | None = None
) -> tuple[str, str]:
    """OK, or what is wrong: ERR, STOP (nobody reads), STALL (read, but stuck), WARN (falls behind); and why."""
    topic, end = place[0], log.ends.get(place)
    if end is None:
        return "ERR", "the topic is missing: podium topics apply"
    if row.topic_id and row.topic_id != log.topic_ids.get(topic):
        return "ERR", "the topic was deleted and made again; these tables belong to the old one"
    if row.position > end:
        return "ERR", "the log ends before the tables' position: it lost its tail"
    if not row.adds_up:
        return "ERR", "read is not applied + parked + released + dead"
    lag = end - row.position
    if not lag:
        return "OK", ""
    if row.position >= end - log.hidden(place):
        return _behind_a_transaction(hidden, now)
    if place not in log.held and not moved:
        return "STOP", "no consumer holds it: podium run"
    if not moved:
        still = (now - row.updated_at).total_seconds() if row.updated_at else 0.0
        return ("STALL", f"no move for {still:.0f} s; see the consumer's log") if still > STALL_SECONDS else ("OK", "")
    return ("WARN", "falls behind") if lag > was > 0 else ("OK", "")


def _behind_a_transaction(hidden: Hidden | None, now: datetime) -> tuple[str, str]:
    """All that can be read was read; what is left is hidden."""
    if hidden is None or hidden.since is None or (now - hidden.since).total_seconds() <= HIDDEN_SECONDS:
        return "OK", ""
    return "STALL", f"{hidden.offsets} offsets hidden behind {hidden.transaction}"


def by_topic(found: Sequence[Row]) -> list[Topic]:
    """A line a topic, with the verdict of its worst partition."""
    names = dict.fromkeys(row.topic for row in found)
    return [_topic(name, [row for row in found if row.topic == name]) for name in names]


def _topic(name: str, found: Sequence[Row]) -> Topic:
    worst = max(found, key=lambda row: (WORST.index(row.verdict), row.lag))
    sums = {field: sum(getattr(row, field) for row in found) for field in ("end", "read", "parked", "dead", "lag")}
    return Topic(
        topic=name,
        partitions=len(found),
        **sums,
        lag_seconds=max(row.lag_seconds for row in found),
        hidden=sum(row.hidden for row in found),
        rate=round(sum(row.rate for row in found), 1),
        verdict=worst.verdict,
        why=worst.why,
        partition=None if worst.verdict == "OK" else worst.partition,
    )
