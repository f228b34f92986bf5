"""podium demo: the main job on real input, from nothing to a proven board."""

import json
import sys
import webbrowser
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from time import monotonic
from typing import Annotated, Any

import psycopg
import typer
from confluent_kafka.admin import AdminClient
from rich.progress import TaskID

from podium import boards, database, embedded, proof, topics
from podium import demo as demos
from podium.boards import Snapshot
from podium.cli import console
from podium.cli import status as pipeline
from podium.cli.console import err, out
from podium.cli.run import child_environment, processes, stopping
from podium.cli.screen import Screen, table
from podium.client import Producer
from podium.demo import Demo, Progress
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


class NotFinished(Problem):
    """The demonstration stands still although not everything is applied."""

    code = "PD066"


class NotProven(Problem):
    """A board differs from what the log says."""

    code = "PD067"


@app.command(rich_help_panel="Start here")
def demo(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Which one; the first there is if left out.")] = "",
    once: Annotated[bool, typer.Option("--once", help="End when everything is applied and proven.")] = False,
    browse: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Real input through Kafka into PostgreSQL, while a board moves; ends with the boards and their proof.

    On a terminal the page is served until Ctrl-C. Kafka and PostgreSQL go on running: podium down stops them.
    """
    settings, chosen = console.settings(ctx), demos.find(name)
    with stopping() as stop, Screen(stop) as screen:
        show = Show(settings, chosen, screen, environment(console.invocation(ctx).flags), browse)
        show.play(stop, once or not sys.stdout.isatty())


class Show:
    """One demonstration on its way."""

    def __init__(
        self, settings: Settings, chosen: Demo, screen: Screen, given: dict[str, str], browse: bool
    ) -> None:
        self.settings = settings
        self.chosen = chosen
        self.screen = screen
        self.given = given
        self.browse = browse
        self.domain = _domain(settings, chosen)
        self.started = monotonic()
        self._tasks: dict[str, TaskID] = {}
        self._applied = screen.task("applied", 1)
        self._moving = self._resting = False

    def play(self, stop: Event, once: bool) -> None:
        """All of it. Raises NotFinished, NotProven, Interrupted and what the services raise."""
        self._tell(self.chosen.title)
        port = ports.choose(self.settings.web.port, set())
        page = Part("page", "podium", ("serve", "--port", str(port)))
        *early, relay = processes(self.settings, held=True)
        workers = [
            Part(one.name, one.module, one.arguments, lasting=False, preload=one.imports)
            for one in self.chosen.workers()
        ]
        quiet = {**child_environment(self.settings, self.given), "PODIUM_LOG__LEVEL": "warning"}
        supervisor = Supervisor(early, self._hear, quiet)
        with supervisor.running():
            connected = prepared(self.settings, self.screen)
            supervisor.release(*(part.name for part in early))
            supervisor.add(*workers, page, replace(relay, preload=()))
            self._greet(port)
            with Producer(connected, source="podium/demo") as producer:
                *before, last = self.chosen.steps()
                for step in before:
                    step(producer, self.screen.bar)
                    producer.flush()
                    self._follow(connected, lambda now: now.applied)
                self._tell("input published and applied; the workers start")
                for worker in self.chosen.workers():
                    self._tasks[worker.name] = self.screen.task(worker.name, worker.total)
                supervisor.release(*(part.name for part in workers))
                last(producer, self.screen.bar)
            final = self._follow(connected, lambda now: supervisor.done and now.complete, supervisor)
            self._prove(connected, final)
            if not once:
                err.print(f"The page stays at http://127.0.0.1:{port}/ until Ctrl-C", highlight=False)
                stop.wait()

    def _greet(self, port: int) -> None:
        address = f"http://127.0.0.1:{port}/"
        self._tell(f"the page will be at [bold]{address}[/]")
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
        with psycopg.connect(connected.postgres.dsn("reader"), autocommit=True) as connection:
            while True:
                self.screen.look()
                now = demos.progress(connection, admin, connected, self.domain)
                self.screen.set(self._applied, now.position, now.end)
                latest = boards.latest(connection)
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
        for board in latest:
            if board.board == self.chosen.headline:
                self.screen.show(board)
                if not self._moving and any(entry["n"] for entry in board.listed):
                    self._moving = True
                    self._tell("the board moves")

    def _prove(self, connected: Settings, final: Sequence[Snapshot]) -> None:
        """Print the boards, then recompute them from the log. Raises NotProven."""
        self._tell("everything is applied, the boards are cut; recomputing them from the log")
        verdicts = proof.verify(connected, [self.domain], final)
        self.screen.settle()
        for one, verdict in zip(final, verdicts, strict=True):
            out.print(table(one))
            offsets = sum(offset for _, _, offset in one.cut)
            out.print(
                f"{'proven' if verdict.ok else 'NOT PROVEN'}: recomputed from {offsets:,} offsets of "
                f"{len(one.cut)} partitions\nsnapshot {one.snapshot}\ndigest   {one.digest}\n",
                highlight=False,
            )
        found = pipeline.look(connected)
        out.print(pipeline.summed(found), highlight=False)
        wrong = [f"{one.id}: {check.check} {check.why}" for one in verdicts for check in one.checks if not check.ok]
        if wrong:
            raise NotProven("; ".join(wrong), "podium board verify tells more.")
        if not found.good:
            raise NotFinished("not everything is as it should be", "podium status tells what.")
        self._tell("done")

    def _tell(self, text: str) -> None:
        self.screen.say(f"[dim]{monotonic() - self.started:5.1f} s[/]  {text}")


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
    return connected


def _domain(settings: Settings, chosen: Demo) -> Domain:
    for domain in topics.domains(settings):
        if domain.name == chosen.domain:
            return domain
    raise topics.UnknownDomain(f"the demo needs the domain {chosen.domain}", "Add it to the setting `domains`.")
