"""The processes of a running Podium, and one that looks at it from outside."""

from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection as Pipe
from multiprocessing.synchronize import Event as Flag
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg

from bench.environment import Environment
from podium.settings import ROLES, Postgres

LOOK_SECONDS = 0.001
START_SECONDS_MAX = 40.0
LAST_SECONDS_MAX = 60.0

Changes = dict[int, list[tuple[float, int]]]
"""Partition -> (when it was seen, by the monotonic clock, position), each time that it had moved."""


@contextmanager
def consumer(environment: Environment, database: Postgres, namespace: str, domains: Sequence[str]) -> Iterator[None]:
    """A process that consumes some domains, ready when the context begins."""
    spawned = multiprocessing.get_context("spawn")
    stop = spawned.Event()
    given = (tuple(domains), environment.settings.kafka.client(), database.dsn("consumer"), namespace, stop)
    process = spawned.Process(target=_consume, args=given)
    process.start()
    try:
        _until_claimed(database, 1)
        yield
    finally:
        stop.set()
        process.join(10)
        process.kill()


def _consume(domains: Sequence[str], kafka: Mapping[str, Any], dsn: str, namespace: str, stop: Flag) -> None:
    from bench.domain import DOMAIN
    from consumers.loop import Loop
    from schema import DOMAINS

    chosen = [domain for domain in (DOMAIN, *DOMAINS) if domain.name in domains]
    ended = Event()
    Thread(target=_pass_on, args=(stop, ended), daemon=True).start()
    Loop(chosen, kafka, dsn, namespace).run(ended)


def _pass_on(stop: Flag, ended: Event) -> None:
    stop.wait()
    ended.set()


@contextmanager
def everything(environment: Environment, database: Postgres, namespace: str) -> Iterator[None]:
    """`podium run` for consumers, scorer and ranker, and `podium serve` with somebody watching."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    variables = {**os.environ, **settings_of(environment, database, namespace)}
    commands = (("run", "consumers"), ("run", "score"), ("run", "rank"), ("serve", "--port", str(port)))
    with ExitStack() as stack:
        for command in commands:
            process = subprocess.Popen(
                [sys.executable, "-m", "podium", *command],
                env=variables, cwd=Path(__file__).parent.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            stack.callback(wound_up, process)
        _until_claimed(database, 4)
        until_read(database, "evaluation.jobs")
        stack.enter_context(_watching(f"http://127.0.0.1:{port}/live"))
        yield


def settings_of(environment: Environment, database: Postgres, namespace: str) -> dict[str, str]:
    """These services for a process, by its environment."""
    urls = {role: database.dsn(role) for role in ROLES}
    return {
        "PODIUM_KAFKA__BOOTSTRAP": environment.settings.kafka.bootstrap,
        "PODIUM_KAFKA__NAMESPACE": namespace,
        "PODIUM_POSTGRES__URL": urls.pop("owner"),
        **{f"PODIUM_POSTGRES__{role.upper()}_URL": url for role, url in urls.items()},
    }


def wound_up(process: subprocess.Popen[bytes]) -> None:
    """End a process, by kill -9 if need be."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _until_claimed(database: Postgres, partitions: int) -> None:
    _until(database, f"SELECT count(*) >= {partitions:d} FROM ledger.offset")


def until_read(database: Postgres, topic: str) -> None:
    """Wait until the benchmark's ten jobs are there."""
    _until(database, f"SELECT coalesce(sum(applied + released), 0) >= 10 FROM ledger.offset WHERE topic = '{topic}'")


def _until(database: Postgres, question: str) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    with psycopg.connect(database.dsn(), autocommit=True) as connection:
        while True:
            row = connection.execute(question.encode()).fetchone()
            if row and row[0]:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {START_SECONDS_MAX:g} s: {question}")
            time.sleep(0.05)


@contextmanager
def _watching(address: str) -> Iterator[None]:
    """A reader of the live page."""
    ending = Event()

    def read() -> None:
        while not ending.is_set():
            try:
                with urllib.request.urlopen(address, timeout=5) as stream:
                    while not ending.is_set() and stream.readline():
                        pass
            except OSError:
                ending.wait(0.2)

    Thread(target=read, daemon=True).start()
    yield
    ending.set()


@contextmanager
def looking(dsn: str, topic: str) -> Iterator[Callable[[Mapping[int, int]], Changes]]:
    """A process that asks for a topic's positions every millisecond.

    What it yields takes the positions to wait for and returns what was seen until then.
    """
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_look, args=(there, dsn, topic))
    process.start()
    here.recv()

    def seen(ends: Mapping[int, int]) -> Changes:
        here.send(dict(ends))
        assert here.poll(LAST_SECONDS_MAX), "the last events did not become visible"
        changes: Changes = here.recv()
        return changes

    try:
        yield seen
    finally:
        process.kill()


def _look(pipe: Pipe, dsn: str, topic: str) -> None:
    changes: Changes = {}
    ends: dict[int, int] | None = None
    with psycopg.connect(dsn, autocommit=True) as connection:
        pipe.send(None)
        while ends is None or any(_last(changes, number) < end for number, end in ends.items()):
            rows = connection.execute(
                "SELECT partition, position FROM ledger.offset WHERE topic = %s", [topic], prepare=True
            ).fetchall()
            now = time.monotonic()
            for partition, position in rows:
                if _last(changes, partition) < position:
                    changes.setdefault(partition, []).append((now, position))
            if pipe.poll(LOOK_SECONDS):
                ends = pipe.recv()
    pipe.send(changes)


def _last(changes: Changes, partition: int) -> int:
    return changes[partition][-1][1] if partition in changes else -1
