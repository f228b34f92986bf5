"""The embedded services: a real Kafka and a real PostgreSQL from packages, or nothing if both are one's own.

`resolve` is the only place that knows which it is: everything else sees addresses.
"""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from typing import NamedTuple

from pydantic import SecretStr

from podium.embedded.home import Home, HomeUnusable
from podium.embedded.kafka import Kafka
from podium.embedded.postgres import Postgres
from podium.embedded.process import Report
from podium.errors import Problem
from podium.settings import ROLES, Settings

Service = Kafka | Postgres
BOTH = (Kafka.name, Postgres.name)


class NotRunning(Problem):
    """An embedded service is needed, but does not run."""

    code = "PD015"
    exit_code = 3


class State(NamedTuple):
    """What `podium status` tells about one service; `address` has no password."""

    service: str
    kind: str
    running: bool
    pid: int | None
    address: str
    log: str


def services(settings: Settings) -> list[Service]:
    """The embedded services that these settings ask for, in the order in which they are stopped.

    The broker first: nothing new can then be read, and what was read can still be committed.
    """
    home = Home(settings.home)
    wanted: list[Service] = []
    if not settings.kafka.bootstrap:
        wanted.append(Kafka(settings, home))
    if not settings.postgres.url.get_secret_value():
        wanted.append(Postgres(settings, home))
    return wanted


def up(settings: Settings, report: Report = lambda _: None) -> Settings:
    """Start what does not run yet, side by side, and return settings with concrete addresses.

    Idempotent and safe to call from several processes. If one does not start, those that were started are stopped
    again. Raises StartFailed, JarsMissing, JarRefused, HomeUnusable.
    """
    wanted = services(settings)
    if wanted:
        home = wanted[0].home
        home.make()
        with home.locked(), ThreadPoolExecutor(len(wanted)) as pool:
            idle = [service for service in wanted if not service.running()]
            if idle:
                report(f"starting {' and '.join(service.process.name for service in idle)}")
            started = [pool.submit(service.start, report) for service in wanted]
            wait(started)
            failed = [future.exception() for future in started if future.exception()]
            if failed:
                _stop_again(idle)
                raise _told(failed[0], home)
    return resolve(settings)


def _stop_again(services: list[Service]) -> None:
    for service in services:
        with suppress(Problem, OSError):
            service.stop()


def _told(error: BaseException | None, home: Home) -> BaseException:
    """An error of the file system, as a full disk, in a line."""
    if isinstance(error, OSError):
        remedy = "Make room there, or set PODIUM_HOME to another folder you own."
        return HomeUnusable(f"cannot use {home.folder}: {error.strerror or error}", remedy)
    assert error is not None
    return error


def down(settings: Settings, report: Report = lambda _: None) -> list[str]:
    """Stop what runs; returns the names of what was stopped. Raises StopFailed."""
    wanted = services(settings)
    if not wanted or not wanted[0].home.run.exists():
        return []
    stopped = []
    with wanted[0].home.locked():
        for service in wanted:
            report(f"stopping {service.process.name}")
            if service.stop():
                stopped.append(service.name)
    return stopped


def resolve(settings: Settings, needed: Collection[str] = BOTH) -> Settings:
    """Settings with concrete addresses for every client. Raises NotRunning if one that is `needed` is down."""
    return _resolve(settings, tcp=False, needed=needed)


def tcp(settings: Settings) -> Settings:
    """Like `resolve`, but every address is TCP: for clients that know nothing of our folder."""
    return _resolve(settings, tcp=True, needed=(Postgres.name,))


def _resolve(settings: Settings, tcp: bool, needed: Collection[str]) -> Settings:
    update: dict[str, object] = {}
    for service in services(settings):
        if service.process.find() is None:
            if service.name not in needed:
                continue
            raise NotRunning(f"{service.process.name} of {settings.home} does not run", "Start it: podium up")
        if isinstance(service, Kafka):
            update["kafka"] = settings.kafka.model_copy(update={"bootstrap": service.bootstrap})
        else:
            update["postgres"] = settings.postgres.model_copy(update=_urls(settings, service, tcp))
    return settings.model_copy(update=update)


def _urls(settings: Settings, server: Postgres, tcp: bool) -> dict[str, SecretStr]:
    """Addresses by field name; one that is set by hand stays."""
    found = {"url": SecretStr(server.url("owner", tcp=tcp))}
    for role in ROLES[1:]:
        field = f"{role}_url"
        found[field] = getattr(settings.postgres, field) or SecretStr(server.url(role, tcp=tcp))
    return found


def states(settings: Settings) -> list[State]:
    """How each service is, embedded or one's own. Asks processes and ports only, so that it is quick."""
    embedded = {service.name: service for service in services(settings)}
    own = {"kafka": settings.kafka.bootstrap, "postgres": "your own cluster"}
    return [
        _state(embedded[name]) if name in embedded else State(name, "own", True, None, address, "")
        for name, address in own.items()
    ]


def _state(service: Service) -> State:
    process = service.process.find()
    port = service.home.ports.get(service.name)
    address = f"127.0.0.1:{port}" if port else ""
    running = process is not None and service.running()
    pid = process.pid if process else None
    return State(service.name, "embedded", running, pid, address, str(service.process.log))
