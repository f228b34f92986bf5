"""Loops are kept running: one that fails is started again after a pause that grows while it keeps failing."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from threading import Event
from typing import Protocol, TypeVar

import psycopg
from confluent_kafka import KafkaException

from schema.heartbeat import Heartbeat
from schema.outage import Outage
from streams.log import LOG

PAUSE_SECONDS_MIN = 0.2
PAUSE_SECONDS_MAX = 5.0
TIDY_SECONDS = 10.0
STEADY_SECONDS = 30.0
"""A loop that ran for so long has recovered: its next pause is short again."""


T = TypeVar("T")


class Loop(Protocol):
    """Work that goes on until it is told to stop; started again it takes up where it was."""

    name: str
    heartbeat: Heartbeat

    def run(self, stop: Event) -> None:
        """Work until `stop` is set; raises when it can't go on."""
        ...


def keep(loop: Loop, stop: Event, fatal: tuple[type[Exception], ...] = ()) -> None:
    """Run a loop until told to stop, whatever ends it. Raises what is declared fatal, after noting it on its heartbeat.

    KeyboardInterrupt and SystemExit are raised too: they end the process.
    """
    pause, steps = PAUSE_SECONDS_MIN, Failures(loop.name)
    loop.heartbeat.recovered = steps.over
    while not stop.is_set():
        started = time.monotonic()
        failure = _failure(loop, stop)
        if stop.is_set():
            break
        if failure is None:  # it gave its duty up, or waited in vain for the tables
            stop.wait(PAUSE_SECONDS_MIN)
            continue
        loop.heartbeat.record_failure(failure)
        if isinstance(failure, fatal):
            LOG.error("stopped", loop=loop.name, error=loop.heartbeat.error)
            raise failure
        if time.monotonic() - started > STEADY_SECONDS:
            pause = PAUSE_SECONDS_MIN
        steps.failed(failure)
        tidy()  # clients that circles hold, the collector would find hours later
        _wait(stop, pause, loop.heartbeat)
        pause = min(pause * 2, PAUSE_SECONDS_MAX)
    loop.heartbeat.ended = True


def _wait(stop: Event, seconds: float, heartbeat: Heartbeat) -> None:
    stop.wait(seconds)
    heartbeat.turned = time.monotonic()


def _failure(loop: Loop, stop: Event) -> BaseException | None:
    """Run a loop to its end; what ended it, None if it returned. Raises KeyboardInterrupt and SystemExit."""
    try:
        as_exception(lambda: loop.run(stop))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as failure:
        return _bare(failure)
    return None


def _bare(failure: BaseException) -> BaseException:
    """An error without its frames: these hold clients, and a circle with the frame that keeps the error."""
    chain = failure
    while True:
        chain.__traceback__ = None
        following = chain.__cause__ or chain.__context__
        if not isinstance(following, BaseException):
            chain.__context__ = None  # a KafkaError is none, and has no frames to let go of
            break
        chain = following
    return failure


def as_exception(operation: Callable[[], T]) -> T:
    """Do something; what is thrown that is no exception, as KafkaError by callbacks of confluent-kafka, becomes one."""
    try:
        return operation()
    except BaseException:
        raise
    except:  # noqa: E722  the class derives from object: `except BaseException` lets it through
        raise KafkaException(sys.exc_info()[1]) from None


class Failures:
    """Tells why a loop does not work: of a service that is away in one line for all loops of the process."""

    def __init__(self, loop: str) -> None:
        self.loop = loop
        self._own = Outage(loop, LOG.warning, LOG.info)

    def failed(self, failure: BaseException) -> None:
        """It failed."""
        self._of(failure).failed(self.loop, failure)

    def over(self) -> None:
        """It works again."""
        for outage in (BROKER, DATABASE, self._own):
            outage.over(self.loop)

    def _of(self, failure: BaseException) -> Outage:
        if isinstance(failure, psycopg.OperationalError):
            return DATABASE
        return BROKER if isinstance(failure, KafkaException) else self._own


BROKER = Outage("the broker", LOG.warning, LOG.info)
DATABASE = Outage("the database", LOG.warning, LOG.info)

_tidied = [0.0]


def tidy() -> None:
    """Let go of clients that only circles hold, at most every TIDY_SECONDS."""
    now = time.monotonic()
    if now - _tidied[0] > TIDY_SECONDS:
        _tidied[0] = now
        gc.collect()
