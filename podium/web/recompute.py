"""Boards as of a moment for which no snapshot is stored, recomputed from the log: by another process, one at a time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from signal import SIGTERM
from typing import Any, TypeVar
from uuid import UUID

from psycopg import Error as DatabaseError

from podium.errors import Problem
from podium.settings import Settings, flat
from podium.supervisor import environment
from podium.web.catalog import Ranking
from podium.web.reading import Place, Reading, Snapshot

KEPT_MAX = 32
FAILED_SECONDS = 30.0
"""So long a failure is told again instead of tried again."""
STOP_SECONDS_MAX = 5.0
CLOSE_SECONDS_MAX = 0.5
NICE = 10
NO_SUCH_BOARD = "PD070"

T = TypeVar("T")
Moment = tuple[str, datetime]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Refused:
    """Why a board is not recomputed; `seconds` after which it is worth another try, 0 if it never is."""

    status: int
    said: str
    seconds: float = 0.0


Found = UUID | Snapshot | Refused
"""The stored snapshot that fits, the recomputed one, or neither."""

BUSY = Refused(503, "Another board is being recomputed from the log, and that is done one at a time.", FAILED_SECONDS)
FAILED = Refused(503, "The board could not be recomputed now; an operator finds more in the log.", FAILED_SECONDS)


class Recomputing:
    """What was recomputed, and the one that is at work. Lives in one event loop."""

    def __init__(self, settings: Settings, reading: Reading) -> None:
        self.settings = settings
        self.reading = reading
        self._found: OrderedDict[Moment, tuple[Found, float]] = OrderedDict()
        self._boards: OrderedDict[tuple[str, str], Snapshot] = OrderedDict()
        self._wanted: Moment | None = None
        self._task: asyncio.Task[None] | None = None

    def ask(self, ranking: Ranking, board: str, moment: datetime) -> Found | None:
        """What there is; None while it is being made, by now at the latest. Never waits."""
        wanted = (board, moment)
        found, until = self._found.get(wanted, (None, 0.0))
        if found is not None and time.monotonic() < until:
            return found
        if self._task is not None and not self._task.done():
            return None if self._wanted == wanted else BUSY
        self._wanted, self._task = wanted, asyncio.create_task(self._work(ranking, wanted))
        return None

    async def close(self) -> None:
        """End what is at work, within a second."""
        if self._task is not None and not self._task.done():
            for _ in range(2):  # told again, it does not wait for its process any more
                self._task.cancel()
                await asyncio.wait([self._task], timeout=CLOSE_SECONDS_MAX)

    async def _work(self, ranking: Ranking, wanted: Moment) -> None:
        try:
            found = await self._find(ranking, *wanted)
        except (DatabaseError, OSError, ValueError, Unanswered) as error:
            log.warning("%s as of %s cannot be recomputed: %s", *wanted, type(error).__name__)
            found = FAILED
        _keep(self._found, wanted, (found, time.monotonic() + (getattr(found, "seconds", 0.0) or float("inf"))))

    async def _find(self, ranking: Ranking, board: str, moment: datetime) -> Found:
        cut, records = await _in_thread(lambda: _cut(self.settings, ranking, moment))
        text = json.dumps(cut)
        if stored := await self.reading.cut_at(board, text):
            return stored.snapshot
        if (board, text) in self._boards:
            return self._boards[board, text]
        limit = self.settings.web.recompute_records_max
        if not any(offset for *_, offset in cut):
            return Refused(404, f"There was no board {board} then.")
        if records > limit:
            return Refused(403, f"Up to there the log has {records:,} records; the page reads at most {limit:,}.")
        found = await self._recompute(board, cut)
        if isinstance(found, Snapshot):
            _keep(self._boards, (board, text), found)
        return found

    async def _recompute(self, board: str, cut: Sequence[Sequence[Any]]) -> Found:
        until = ",".join(f"{topic}[{partition}]@{offset}" for topic, partition, offset in cut)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "podium", "board", "show", board, "--as-of", until, "--json"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **environment(flat(self.settings))},
            start_new_session=True,
        )
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        seconds = self.settings.web.recompute_seconds_max
        try:
            out, err = await asyncio.wait_for(process.communicate(), seconds)
        except TimeoutError:
            log.warning("%s was not recomputed within %g s", board, seconds)
            return Refused(503, f"The board was not recomputed within {seconds:g} s.", FAILED_SECONDS)
        finally:
            await _end(process)
        if process.returncode == 0:
            return _snapshot(json.loads(out))
        if NO_SUCH_BOARD in err.decode(errors="replace"):
            return Refused(404, f"There was no board {board} then.")
        # What it says may name hosts and databases: not for readers of the page.
        log.warning("%s was not recomputed: %s", board, err.decode(errors="replace").strip())
        return FAILED


class Unanswered(Exception):
    """The log does not say, or not any more, where it stood."""


def _cut(settings: Settings, ranking: Ranking, moment: datetime) -> tuple[list[list[Any]], int]:
    """The offsets of a board's inputs before the first record appended at a moment, and how many are to be read.

    Raises Unanswered.
    """
    from confluent_kafka import KafkaException

    from podium.rebuild import beginning, plan
    from streams.rank import inputs

    try:
        found = plan.at_time(settings, [ranking.domain], moment, inputs(ranking.domain, ranking.board))
        stand = beginning.of(settings, None, [ranking.domain], found).stand
    except (KafkaException, Problem) as error:
        raise Unanswered from error
    records = sum(offset - stand.get(place, 0) for place, offset in found.items())
    return [[topic, n, offset] for (topic, n), offset in sorted(found.items())], records


async def _in_thread(work: Callable[[], T]) -> T:
    """In a thread that no end of the process waits for: a broker that is gone keeps it for many seconds."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=run, name="cut", daemon=True).start()
    return await asyncio.wrap_future(future)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Let a process drop its scratch database; kill it if it takes too long."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS_MAX)
        except (TimeoutError, asyncio.CancelledError):
            process.kill()


def _keep(kept: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > KEPT_MAX:
        kept.popitem(last=False)


def _snapshot(told: Mapping[str, Any]) -> Snapshot:
    """A snapshot from the document that `podium board show --json` prints."""
    return Snapshot(
        board=told["id"],
        snapshot=UUID(told["snapshot"]),
        as_of=datetime.fromisoformat(told["as_of"]),
        cut_at=datetime.fromisoformat(told["cut_at"]),
        cut=tuple(Place(**place) for place in told["cut"]),
        rule=told["rule"],
        digest=told["digest"],
        entries=tuple(told["entries"]),
    )


def instant(moment: datetime) -> str:
    """A moment as it stands in an address: in UTC, without fractions that are nought."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
