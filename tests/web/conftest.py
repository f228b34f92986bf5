"""A page over a database of one's own, served in this process or in another, and a browser if there is one."""

from __future__ import annotations

import itertools
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg import sql

from podium.cli import serve
from podium.settings import Settings
from podium.web.app import create
from tests.web import sample, world

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
WITHOUT = "no headless browser is installed, so {} browser tests did not run (apt-get install chromium-headless-shell)"
DEADLINE_SECONDS = 60.0
_numbers = itertools.count(1)


def browser_path() -> str | None:
    """The headless browser of this machine; PODIUM_TEST_BROWSER names another."""
    return os.environ.get("PODIUM_TEST_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a browser its tests are left out and this is said; where CI is true they run and fail."""
    if browser_path() or os.environ.get("CI") == "true":
        return
    left_out = [item for item in items if item.get_closest_marker("browser")]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
        config.stash[LEFT_OUT] = len(left_out)


LEFT_OUT = pytest.StashKey[int]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was not tested."""
    if count := config.stash.get(LEFT_OUT, 0):
        terminalreporter.section("without a browser", yellow=True)
        terminalreporter.line(WITHOUT.format(count))


@contextmanager
def copied(services: Settings, template: str) -> Iterator[Settings]:
    """Settings with a migrated database of one's own, dropped afterwards."""
    name = f"{template}_shown_{next(_numbers)}"
    with psycopg.connect(services.postgres.dsn("owner"), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        yield services.model_copy(update={"postgres": services.postgres.at(name)})
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def shown(services: Settings, template: str) -> Iterator[Settings]:
    """Settings with a database that holds the sample board, shared by tests that only look."""
    with copied(services, template) as settings:
        with psycopg.connect(settings.postgres.dsn("owner")) as connection:
            _fill(connection)
        yield settings


@pytest.fixture(scope="session")
def everything(services: Settings, template: str) -> Iterator[Settings]:
    """Settings with a database that five domains filled, odd names among them."""
    with copied(services, template) as settings:
        world.fill(settings)
        yield settings


def _fill(connection: psycopg.Connection) -> None:
    """A board of some history, the facts behind its first entry, and a board cut once."""
    sample.facts(connection)
    sample.history(connection)
    sample.publish(connection, sample.SCORES[:3], sample.START, sample.OTHER)


@pytest.fixture(scope="module")
def client(shown: Settings) -> Iterator[TestClient]:
    """Asks the application over the shared board, without a network."""
    with TestClient(create(shown)) as asking:
        yield asking


@pytest.fixture
def owner(database: Settings) -> Iterator[psycopg.Connection]:
    """A connection that may write to a sample board of one's own."""
    with psycopg.connect(database.postgres.dsn("owner"), autocommit=True) as connection:
        with connection.transaction():
            _fill(connection)
        yield connection


@pytest.fixture
def own(owner: psycopg.Connection, database: Settings) -> Iterator[TestClient]:
    """Asks the application over the board that `owner` writes to."""
    with TestClient(create(database)) as asking:
        yield asking


class Served:
    """The page on a port, in a thread of this process; can be stopped and started again on the same port."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.port = 0
        self.start()

    def start(self) -> None:
        """Serve; returns when the port answers."""
        listening = serve.listen(self.settings.web.model_copy(update={"port": self.port}))
        self.port = listening.getsockname()[1]
        self.server = serve.Server(create(self.settings))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listening]})
        self.thread.start()
        until(lambda: self.server.started)

    def stop(self) -> float:
        """Stop as a signal would; seconds that took."""
        began = time.monotonic()
        self.server.handle_exit(15, None)
        self.thread.join()
        return time.monotonic() - began

    @property
    def hub_streams(self) -> int:
        """How many streams are open."""
        return int(self.server.page.state.site.hub.streams)

    def url(self, path: str = "") -> str:
        """An address on this server."""
        return f"http://127.0.0.1:{self.port}{path}"


@pytest.fixture
def served(owner: psycopg.Connection, database: Settings) -> Iterator[Served]:
    """The page over the sample board."""
    running = Served(database)
    yield running
    if running.thread.is_alive():
        running.stop()


def until(condition: Callable[[], object], seconds: float = DEADLINE_SECONDS) -> None:
    """Wait until something holds; fails at the deadline."""
    deadline = time.monotonic() + seconds
    ticking = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        ticking.wait(0.01)
