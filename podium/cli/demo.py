"""podium demo: real jobs on real input, from nothing to proven boards; one domain, or all of them side by side."""

import json
import sys
import webbrowser
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import zip_longest
from threading import Event
from time import monotonic
from typing import Annotated, Any

import typer
from confluent_kafka.admin import AdminClient
from rich.progress import TaskID

from consumers import login
from podium import boards, database, embedded, proof, session, topics
from podium import demo as demos
from podium.boards import Snapshot
from podium.cli import console, statuspage
from podium.cli import status as pipeline
from podium.cli.console import err, out
from podium.cli.run import child_environment, processes, stopping, together
from podium.cli.screen import Screen, table
from podium.client import Producer
from podium.demo import Demo, Progress, Worker
from podium.embedded import ports
from podium.errors import Problem
from podium.settings import Settings
from podium.supervisor import Part, Supervisor, environment
from schema.declare import Domain

app = typer.Typer()

LOOK_SECONDS = 0.25
BEHIND_OFFSETS_MAX = 12_000
"""When the tables are farther behind the log, the workers rest: the board moves on a slow machine too."""

STILL_SECONDS_MAX = 120.0
"""Without any movement for so long, something is wrong."""


NEXT = """What next:
  podium serve            the page of all boards (podium up first, if the services were stopped)
  podium board list       every board; podium board show ID for one of them
  podium run              consumers and streams for events of your own: docs/producers.md"""


class NotFinished(Problem):
    """The demonstration stands still although not everything is applied."""

    code = "PD066"


class NotProven(Problem):
    """A board differs from what the log says."""

    code = "PD067"


@app.command(rich_help_panel="Start here")
def demo(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Of a domain or a sample; the first there is if left out.")] = "",
    every: Annotated[bool, typer.Option("--all", help="All of them, side by side.")] = False,
    once: Annotated[bool, typer.Option("--once", help="End when everything is applied and proven.")] = False,
    browse: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Real input through Kafka into PostgreSQL, while a board moves; ends with the boards and their proof.

    On a terminal the page is served until Ctrl-C. Kafka and PostgreSQL go on running: podium down stops them.
    """
    if every and name:
        raise typer.BadParameter(f"{name} or all of them, not both", param_hint="--all")
    settings, chosen = console.settings(ctx), demos.every() if every else [demos.find(name)]
    with stopping() as stop, Screen(stop) as screen:
        show = Show(settings, chosen, screen, environment(console.invocation(ctx).flags), browse)
        show.play(stop, once or not sys.stdout.isatty())


class Show:
    """Demonstrations on their way, side by side: one set of services, consumers and streams for all of them."""

    def __init__(
        self, settings: Settings, chosen: Sequence[Demo], screen: Screen, given: dict[str, str], browse: bool
    ) -> None:
        self.settings = settings
        self.chosen = chosen
        self.screen = screen
        self.given = given
        self.browse = browse
        self.domains = list({one.domain: _domain(settings, one) for one in chosen}.values())
        self.workers = dict(_named(chosen))
        self.started = monotonic()
        self._tasks: dict[str, TaskID] = {}
        self._applied = screen.task("applied", 1)
        self._moving = self._resting = False

    def play(self, stop: Event, once: bool) -> None:
        """All of it. Raises NotFinished, NotProven, Interrupted and what the services raise."""
        for one in self.chosen:
            self._tell(one.title)
        port = ports.choose(self.settings.web.port, set())
        page = Part("page", "podium", ("serve", "--port", str(port)))
        *early, relay = processes(self.settings, together(self._shown()), held=True)
        workers = [
            Part(name, one.module, one.arguments, lasting=False, preload=one.imports)
            for name, one in self.workers.items()
        ]
        supervisor = Supervisor(early, self._hear, self._environment())
        with supervisor.running():
            connected = prepared(self.settings, self.screen)
            supervisor.release(*(part.name for part in early))
            supervisor.add(*workers, page, replace(relay, preload=()))
            self._greet(port)
            with Producer(connected, source="podium/demo") as producer:
                self._publish(connected, producer, supervisor)
            final = self._follow(connected, lambda now: supervisor.done and now.complete, supervisor)
            self._prove(connected, final)
            if not once:
                err.print(f"The page stays at http://127.0.0.1:{port}/ until Ctrl-C", highlight=False)
                stop.wait()

    def _environment(self) -> dict[str, str]:
        """Of the processes: they run the domains that are shown, and are quiet."""
        given = child_environment(self.settings, self.given)
        return {**given, **environment({"domains": " ".join(self._shown().domains), "log.level": "warning"})}

    def _shown(self) -> Settings:
        return self.settings.model_copy(update={"domains": tuple(domain.name for domain in self.domains)})

    def _publish(self, connected: Settings, producer: Producer, supervisor: Supervisor) -> None:
        """Step by step, the tables catching up in between; with the last steps the workers begin."""
        steps = [one.steps() for one in self.chosen]
        for turn in zip_longest(*(before for *before, _ in steps)):
            for step in turn:
                if step is not None:
                    step(producer, self.screen.bar)
            producer.flush()
            self._follow(connected, lambda now: now.applied)
        self._tell("input published and applied; the workers start")
        for name, worker in self.workers.items():
            self._tasks[name] = self.screen.task(name, worker.total)
        supervisor.release(*self.workers)
        for *_, last in steps:
            last(producer, self.screen.bar)

    def _greet(self, port: int) -> None:
        address = f"http://127.0.0.1:{port}/"
        self._tell(f"the page will be at {address}")
        if self.browse:
            webbrowser.open(address)

    def _hear(self, part: str, line: str) -> None:
        """Progress moves the bar of its part; everything else is shown."""
        if part in self._tasks and line.startswith('{"done"'):
            self.screen.set(self._tasks[part], json.loads(line)["done"])
        else:
            self.screen.line(part, line)

    def _follow(
        self, connected: Settings, enough: Callable[[Progress], bool], supervisor: Supervisor | None = None
    ) -> list[Snapshot]:
        """Show bars and board until it is enough; the newest snapshots then. Raises NotFinished, Interrupted."""
        admin = AdminClient(connected.kafka.client())
        at, moved = -1, monotonic()
        with session.connect(connected.postgres.dsn("stream"), autocommit=True) as connection:
            while True:
                self.screen.look()
                now = demos.progress(connection, admin, connected, self.domains)
                self.screen.set(self._applied, now.position, now.end)
                found = boards.latest(connection)
                latest = [one for domain in self.domains for one in demos.of_domain(found, domain)]
                self._show(latest)
                if enough(now):
                    return latest
                if supervisor is not None:
                    self._hold_back(supervisor, now.end - now.position)
                if now.position != at:
                    at, moved = now.position, monotonic()
                elif monotonic() - moved > STILL_SECONDS_MAX:
                    raise NotFinished(
                        f"nothing moved for {STILL_SECONDS_MAX:.0f} s, at {now}", "podium status tells where it stands."
                    )
                self.screen.stop.wait(LOOK_SECONDS)

    def _hold_back(self, supervisor: Supervisor, behind: int) -> None:
        if behind > BEHIND_OFFSETS_MAX and not self._resting:
            supervisor.rest(*self._tasks)
        elif behind < BEHIND_OFFSETS_MAX // 2 and self._resting:
            supervisor.release(*self._tasks)
        else:
            return
        self._resting = not self._resting

    def _show(self, latest: Sequence[Snapshot]) -> None:
        headlines = [one.headline for one in self.chosen]
        shown = [board for board in latest if board.board in headlines]
        if shown:
            self.screen.show(shown)
        if not self._moving and any(entry["n"] for board in shown for entry in board.listed):
            self._moving = True
            self._tell("the board moves")

    def _prove(self, connected: Settings, final: Sequence[Snapshot]) -> None:
        """Print the boards, then recompute them from the log. Raises NotProven."""
        self._tell("everything is applied, the boards are cut; recomputing them from the log")
        verdicts = proof.verify(connected, self.domains, final)
        self.screen.settle()
        headlines = {one.headline for one in self.chosen}
        for one in final:
            if one.board in headlines:
                out.print(table(one))
        proven = sum(verdict.ok for verdict in verdicts)
        out.print(f"{proven} of {len(verdicts)} boards proven: recomputed from the log, byte for byte", highlight=False)
        shown = connected.model_copy(update={"domains": self._shown().domains})
        found = pipeline.look(pipeline.watcher(shown))
        out.print(statuspage.summed(found), highlight=False)
        wrong = [f"{one.id}: {check.check} {check.why}" for one in verdicts for check in one.checks if not check.ok]
        if wrong:
            raise NotProven("; ".join(wrong), "podium board verify tells more.")
        # Its own processes have ended: what loops still have to do is told above, and judged by nobody here.
        if not found.total.adds_up or any(row.verdict != "OK" for row in found.partitions):
            raise NotFinished("not everything is as it should be", "podium status tells what.")
        out.print(NEXT, highlight=False)
        self._tell("done")

    def _tell(self, text: str) -> None:
        self.screen.say(f"{monotonic() - self.started:5.1f} s  {text}")


def prepared(settings: Settings, screen: Screen) -> Settings:
    """Services up, tables migrated, topics there; settings with concrete addresses."""
    connected = embedded.up(settings, lambda text: screen.say(f"         {text}"))
    with ThreadPoolExecutor(2) as pool:
        wanted = topics.wanted(topics.domains(connected), connected.kafka)
        steps: list[Any] = [
            pool.submit(database.upgrade, connected.postgres.dsn()),
            pool.submit(topics.apply, connected.kafka, wanted),
        ]
        for step in steps:
            step.result()
    login.connect(connected.postgres.dsn("consumer")).close()  # refuses before there are processes that would
    return connected


def _named(chosen: Sequence[Demo]) -> Iterator[tuple[str, Worker]]:
    """Workers by a name that no two of them share."""
    seen: Counter[str] = Counter()
    for one in chosen:
        for worker in one.workers():
            name = worker.name if len(chosen) == 1 else f"{one.domain}/{worker.name}"
            seen[name] += 1
            yield (name if seen[name] == 1 else f"{name} {seen[name]}"), worker


def _domain(settings: Settings, chosen: Demo) -> Domain:
    for domain in topics.domains(settings):
        if domain.name == chosen.domain:
            return domain
    raise topics.UnknownDomain(f"the demo needs the domain {chosen.domain}", "Add it to the setting `domains`.")
