"""Fill a database from the log up to given offsets: by the same consumers, family by family, in several processes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from multiprocessing import connection as pipes
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection as Pipe
from multiprocessing.process import BaseProcess
from threading import Event, Thread
from typing import Any

import psycopg

from consumers import loop
from consumers.aside import TopicFault
from consumers.loop import Limits
from consumers.offset import Fenced
from podium import logs, session, tuning
from podium.errors import Problem
from podium.rebuild.asleep import Asleep
from podium.rebuild.cut import Place
from podium.rebuild.plan import Until, phases
from podium.settings import Log, Postgres, Settings
from schema import DOMAINS, LEDGER
from schema.declare import Domain
from schema.session import LONG

HERE_RECORDS_MAX = 50_000
"""So few records are read in this process: starting others takes longer."""
HEAD_RECORDS = 500
"""So many of each partition are read before the rest of a large family: what all the rest refers to is there then."""
ASLEEP_RECORDS_MIN = 100_000
"""From so many records on, what may sleep while they are read does: waking it costs a look at every row."""
WORKERS_MAX = 4
LOOK_SECONDS = 0.25
BATCHES_A_SECOND = 10
"""With a rate, so many batches share it, that it is even."""


class FillFailed(Problem):
    """The log could not be brought into the new database."""

    code = "PD085"


class Cancelled(Problem):
    """It was told to stop; what is filled so far stays."""

    code = "PD086"
    exit_code = 130


@dataclass(frozen=True)
class Progress:
    """How far a filling has come."""

    done: int
    records: int
    seconds: float

    @property
    def rate(self) -> float:
        """Records a second so far."""
        return self.done / self.seconds if self.seconds else 0.0


Report = Callable[[Progress], None]


@dataclass(frozen=True)
class Work:
    """One worker's share; its domains go to another process by name."""

    domains: Sequence[Any]
    kafka: Mapping[str, Any]
    dsn: str
    namespace: str
    until: Mapping[Place, int]
    limits: Limits


def fill(
    settings: Settings,
    postgres: Postgres,
    domains: Sequence[Domain],
    until: Until,
    *,
    rate: float | None = None,
    workers: int | None = None,
    stop: Event | None = None,
    report: Report = lambda _: None,
    step: Callable[[str], None] = lambda _: None,
    asleep_records_min: int = ASLEEP_RECORDS_MIN,
) -> Progress:
    """Bring a database up to exactly the given offsets; goes on where an earlier run stopped.

    `rate` bounds the records a second; then nothing sleeps, as there is no hurry. Raises FillFailed, Cancelled,
    psycopg and Kafka errors.
    """
    stop = stop or Event()
    with session.connect(postgres.dsn("owner"), LONG, autocommit=True) as connection:
        watch = _Watch(connection, until, report)
        here = watch.left <= HERE_RECORDS_MAX and workers is None
        count = 1 if here else workers or min(WORKERS_MAX, os.cpu_count() or 1)
        crew = _Here() if here else _Processes(count)
        asleep = Asleep(postgres, connection, count, step)
        try:
            for family, phase in phases(until, asleep.family):
                stand = watch.stand()
                ahead = {place: end for place, end in phase.items() if end > stand[place]}
                if ahead and rate is None and watch.left >= asleep_records_min:
                    asleep.fall(domains, family)
                for part in (ahead,) if here else _parts(ahead, stand):
                    shares = _shares(part, stand, count)
                    each = rate / len(shares) if rate and shares else None
                    crew.run([_work(settings, postgres, domains, share, each) for share in shares], stop, watch.look)
                asleep.wake(stop, watch.look)
                _go_on(stop)
        finally:
            crew.end()
        # What one worker parked may wait for what another landed last.
        last = {place: end for place, end in until.items() if end}
        if connection.execute("SELECT FROM ledger.parked LIMIT 1").rowcount:
            _Here().run([_work(settings, postgres, domains, last, None)], stop, watch.look)
        return watch.look()


class _Watch:
    """How far a filling has come, read from the ledger that it fills."""

    def __init__(self, connection: psycopg.Connection[Any], until: Until, report: Report) -> None:
        self.connection = connection
        self.until = until
        self.report = report
        self.before = self.stand()
        self.left = sum(max(0, end - self.before[place]) for place, end in until.items())
        self.started = time.monotonic()

    def stand(self) -> dict[Place, int]:
        """The next offset to read of each place."""
        rows = self.connection.execute("SELECT topic, partition, position FROM ledger.offset").fetchall()
        found = dict.fromkeys(self.until, 0)
        return found | {(topic, n): position for topic, n, position in rows if (topic, n) in found}

    def look(self) -> Progress:
        """Report how far it is."""
        stand = self.stand()
        done = sum(stand[place] - self.before[place] for place in self.until)
        found = Progress(done, self.left, time.monotonic() - self.started)
        self.report(found)
        return found


def _parts(ahead: Until, stand: Mapping[Place, int]) -> Sequence[Until]:
    """A large family in two parts: the head of each partition, and all of it."""
    if sum(end - stand[place] for place, end in ahead.items()) <= HERE_RECORDS_MAX:
        return [ahead]
    return [{place: min(end, stand[place] + HEAD_RECORDS) for place, end in ahead.items()}, ahead]


def _shares(ahead: Until, stand: Mapping[Place, int], count: int) -> list[dict[Place, int]]:
    """Partitions dealt out so that each worker has about as many records to read."""
    shares: list[dict[Place, int]] = [{} for _ in range(min(count, len(ahead)))]
    sizes = [0] * len(shares)
    for place, end in sorted(ahead.items(), key=lambda one: stand[one[0]] - one[1]):
        least = sizes.index(min(sizes))
        shares[least][place] = end
        sizes[least] += end - stand[place]
    return shares


def _work(settings: Settings, postgres: Postgres, domains: Sequence[Domain], until: Until, rate: float | None) -> Work:
    batch = settings.consumers.batch_records_max
    limits = Limits(max(1, min(batch, int(rate / BATCHES_A_SECOND))) if rate else batch, 1.0, rate)
    kafka = settings.kafka
    return Work(domains, kafka.client(), postgres.dsn("consumer"), kafka.namespace, dict(until), limits)


def _run(work: Work, stop: Event) -> None:
    """Raises FillFailed for what no retry mends."""
    try:
        loop.fill(
            (LEDGER, *work.domains), work.kafka, work.dsn, work.until, namespace=work.namespace, limits=work.limits,
            stop=stop,
        )  # fmt: skip
    except (Fenced, TopicFault) as why:
        raise FillFailed(f"{type(why).__name__}: {why}", "podium rebuild goes on where it stopped.") from why


def _go_on(stop: Event) -> None:
    """Raises Cancelled."""
    if stop.is_set():
        raise Cancelled("stopped before everything was read", "podium rebuild goes on there.")


class _Here:
    """Work done in a thread of this process, one share after the other."""

    def run(self, shares: Sequence[Work], stop: Event, look: Callable[[], object]) -> None:
        """Raises FillFailed, Cancelled, psycopg and Kafka errors."""
        with ThreadPoolExecutor(1, "fill") as pool:
            for work in shares:
                future = pool.submit(_run, work, stop)
                while wait([future], LOOK_SECONDS).not_done:
                    look()
                future.result()
        _go_on(stop)

    def end(self) -> None:
        """Nothing is left running."""


class _Processes:
    """Work done by processes, one share each at a time; they end with this one, whatever ends it."""

    def __init__(self, count: int) -> None:
        self.children: list[tuple[BaseProcess, Pipe]] = []
        context = get_context("spawn")
        for _ in range(count):
            ours, theirs = context.Pipe()
            child: BaseProcess = context.Process(target=_child, args=(theirs,), daemon=True)
            child.start()
            theirs.close()
            self.children.append((child, ours))

    def run(self, shares: Sequence[Work], stop: Event, look: Callable[[], object]) -> None:
        """Raises FillFailed, Cancelled."""
        busy: list[Any] = []
        for work, (_, ours) in zip(shares, self.children, strict=False):
            ours.send(_sent(work))
            busy.append(ours)
        while busy:
            for ready in pipes.wait(busy, LOOK_SECONDS):
                self._heard(ready)
                busy.remove(ready)
            look()
            _go_on(stop)

    def _heard(self, pipe: Any) -> None:
        try:
            why = pipe.recv()
        except (EOFError, ConnectionResetError):
            why = "a worker was killed"
        if why:
            raise FillFailed(str(why), "podium rebuild goes on where it stopped.")

    def end(self) -> None:
        """End the processes, at work or not."""
        for child, ours in self.children:
            child.terminate()
            child.join()
            ours.close()


def _sent(work: Work) -> Work:
    """Domains hold functions, which do not travel: they go by name."""
    return replace(work, domains=tuple(domain.name for domain in work.domains))


def _follow(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _child(pipe: Pipe) -> None:
    """Run one share after the other; each is answered by nothing, or by what went wrong."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logs.configure(Log(level="error"), "fill")
    tuning.for_batches()
    parent = parent_process()
    assert parent is not None
    Thread(target=_follow, args=(parent,), daemon=True).start()
    while True:
        work: Work = pipe.recv()
        chosen = tuple(domain for domain in DOMAINS if domain.name in work.domains)
        try:
            _run(replace(work, domains=chosen), Event())
        except Exception as error:
            pipe.send(f"{type(error).__name__}: {error}")
        else:
            pipe.send("")
