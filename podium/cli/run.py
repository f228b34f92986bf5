"""podium run: consumers, streams and relay, all under one supervisor or one of them in the foreground."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from threading import Event
from types import FrameType
from typing import Annotated

import structlog
import typer
from prometheus_client import CollectorRegistry

from podium import embedded, health, logs, tuning, versions
from podium.cli import console
from podium.cli.console import err
from podium.errors import Problem
from podium.plain import plain
from podium.reporter import Reporter
from podium.settings import Role, Settings, load
from podium.supervisor import Part, Supervisor, environment
from podium.topics import domains
from podium.watchdog import Watchdog
from schema import LEDGER
from schema.heartbeat import Heartbeat
from schema.outage import Outage

app = typer.Typer()

STREAMS = ("score", "watch", "rank")
PARTS = ("consumers", *STREAMS, "relay")
TOGETHER = (("consumers",), ("score",), ("watch", "rank"), ("relay",))
"""What shares a process: timers hardly work, and each process costs a hundred megabytes."""

NEEDED = {
    "consumers": (__name__, "consumers.loop"),
    "relay": (__name__, "consumers.relay"),
    **dict.fromkeys(STREAMS, (__name__, "streams.app")),
}
"""What each part imports."""

WATCHES_ALL = ("watch", "rank")
"""The metrics of whoever runs one of these also tell of the whole pipeline."""

INTERRUPTED = 128
AWAIT_SECONDS = 0.5

LOG = structlog.get_logger("run")


class GaveUp(Problem):
    """Every loop of a process ended by itself."""

    code = "PD060"


class UnknownPart(Problem):
    """There is no such part to run."""

    code = "PD061"
    exit_code = 2


@app.command(rich_help_panel="Services")
def run(
    ctx: typer.Context,
    part: Annotated[list[str] | None, typer.Argument(help=f"Of {', '.join(PARTS)}; all of them if left out.")] = None,
    domain: Annotated[
        list[str] | None, typer.Option(help="Only this domain (setting `domains`); may be given again.")
    ] = None,
) -> None:
    """Run consumers, streams and the relay of dead letters until Ctrl-C.

    Each may run several times side by side, here or elsewhere: they share the partitions, or stand by.
    One part, or several streams, run in this process; else each part gets one, restarted when it dies.
    """
    asked = tuple(part or ())
    if unknown := set(asked) - set(PARTS):
        raise UnknownPart(f"{', '.join(sorted(unknown))}: nothing to run", f"There is: {', '.join(PARTS)}.")
    flags = console.invocation(ctx).flags | ({"domains": " ".join(domain)} if domain else {})
    settings = load(flags)
    domains(settings)
    role: Role = "consumer" if asked and set(asked) <= {"consumers", "relay"} else "stream"
    with stopping() as stop:
        alone = len(asked) == 1 or (asked and set(asked) <= set(STREAMS))
        logs.configure(settings.log, "+".join(asked) if alone else "run")
        resolved = awaited(settings, stop)
        if resolved is None:
            return
        versions.check_unless_away(resolved.postgres.dsn(role))
        if alone:
            foreground(asked, resolved, stop)
        else:
            chosen = processes(settings, [(name,) for name in asked] or together(settings))
            supervise(chosen, settings, environment(flags), stop)


def awaited(settings: Settings, stop: Event) -> Settings | None:
    """Settings with concrete addresses, once the embedded services run; None when told to stop before."""
    outage = Outage("an embedded service", LOG.warning, LOG.info)
    while not stop.is_set():
        try:
            resolved = embedded.resolve(settings)
        except embedded.NotRunning as away:
            outage.failed("run", f"{away.what}; {away.remedy}")
            stop.wait(AWAIT_SECONDS)
        else:
            outage.over("run")
            return resolved
    return None


@contextmanager
def stopping() -> Iterator[Event]:
    """An event that the first SIGTERM or SIGINT sets; the second one ends the process at once."""
    stop = Event()

    def heed(number: int, _: FrameType | None) -> None:
        if stop.is_set():
            os._exit(INTERRUPTED + number)
        stop.set()

    before = {number: signal.signal(number, heed) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# In the foreground


def foreground(asked: tuple[str, ...], settings: Settings, stop: Event) -> None:
    """Run the consumers, the relay or some streams until told to stop. Raises GaveUp.

    `settings` hold concrete addresses.
    """
    if asked == ("consumers",):
        consumers(settings, stop)
    elif asked == ("relay",):
        relay(settings, stop)
    else:
        streams(asked, settings, stop)


def consumers(settings: Settings, stop: Event) -> None:
    """Turn events into rows."""
    from consumers.loop import Limits, Loop

    loop = Loop(
        (LEDGER, *domains(settings)),
        settings.kafka.client(),
        settings.postgres.dsn("consumer"),
        namespace=settings.kafka.namespace,
        limits=Limits(settings.consumers.batch_records_max, settings.consumers.dead_share_max),
        asynchronous_commit=settings.consumers.asynchronous_commit,
    )
    health = _health(settings, loop.meter.registry, [loop.heartbeat])
    with health, observed(settings.postgres.dsn("consumer"), stop, [loop.heartbeat]):
        tuning.for_batches()
        loop.run(stop)


def relay(settings: Settings, stop: Event) -> None:
    """Publish dead letters."""
    from consumers.relay import Relay
    from streams.lease import leases

    dsn = settings.postgres.dsn("consumer")
    one = Relay(settings.kafka.client(), dsn, leases(dsn), settings.kafka.namespace)
    health = _health(settings, one.registry, [one.heartbeat])
    with health, observed(settings.postgres.dsn("consumer"), stop, [one.heartbeat]):
        one.run(stop)


def streams(kinds: tuple[str, ...], settings: Settings, stop: Event) -> None:
    """Turn events into events. Raises GaveUp when every loop has ended by itself."""
    from streams.app import serve

    dsn, namespace = settings.postgres.dsn("stream"), settings.kafka.namespace
    registry = CollectorRegistry()
    if settings.health.port is not None and not set(kinds).isdisjoint(WATCHES_ALL):
        from podium.status.metrics import PipelineMetrics

        registry.register(PipelineMetrics(settings, (LEDGER, *domains(settings))))

    @contextmanager
    def observing(heartbeats: Sequence[Heartbeat]) -> Iterator[None]:
        with _health(settings, registry, heartbeats), observed(dsn, stop, heartbeats):
            yield

    if serve(kinds, domains(settings), settings.kafka.client(), dsn, namespace, None, stop, observing):
        raise GaveUp("every stream ended", "Its log tells why.")


@contextmanager
def observed(dsn: str, stop: Event, heartbeats: Sequence[Heartbeat]) -> Iterator[None]:
    """Report these loops to `podium status`, and end this process when one of them hangs."""
    with Reporter(dsn, heartbeats).running(), Watchdog(heartbeats, stop).running():
        yield


@contextmanager
def _health(settings: Settings, registry: CollectorRegistry, heartbeats: Sequence[Heartbeat]) -> Iterator[None]:
    port = settings.health.port
    answering = (
        nullcontext()
        if port is None
        else health.served(health.Health(registry, heartbeats), port, settings.health.host)
    )
    with answering as address:
        if address:
            LOG.info("health", address=address)
        yield


# All parts under one supervisor


def together(settings: Settings) -> list[tuple[str, ...]]:
    """The groups that have work: where nothing is scored, nobody scores."""
    scored = any(domain.scoring or domain.folds for domain in domains(settings))
    return [group for group in TOGETHER if scored or group != ("score",)]


def processes(settings: Settings, groups: Sequence[tuple[str, ...]], held: bool = False) -> tuple[Part, ...]:
    """A child process for each group; a health port that is set goes to the first, the next ports to the others.

    Those `held` import what they need and wait to be released.
    """
    first = settings.health.port
    numbered = [("--set", f"health.port={first + n}") if first else () for n in range(len(groups))]
    return tuple(
        Part("+".join(group), "podium", (*port, "run", *group), preload=NEEDED[group[0]] if held else ())
        for group, port in zip(groups, numbered, strict=True)
    )


def supervise(parts: tuple[Part, ...], settings: Settings, given: dict[str, str], stop: Event) -> None:
    """Keep all parts running until told to stop."""
    with Supervisor(parts, printer(settings, parts), child_environment(settings, given)).running():
        stop.wait()


def child_environment(settings: Settings, given: dict[str, str]) -> dict[str, str]:
    """Children write as we would: they have a pipe where we may have a terminal."""
    form = "human" if logs.is_human(settings.log) else "json"
    return {**given, "PODIUM_LOG__FORM": form, "PODIUM_HOME": str(settings.home)}


def printer(settings: Settings, parts: tuple[Part, ...]) -> Callable[[str, str], None]:
    """For people each line gets the name of its part before it; JSON lines name it themselves."""
    if not logs.is_human(settings.log):
        return lambda _, line: print(plain(line), file=sys.stderr, flush=True)
    width = max(len(part.name) for part in parts)

    def write(name: str, line: str) -> None:
        err.print(f"{name:<{width}} │ {line}", markup=False, highlight=False)

    return write
