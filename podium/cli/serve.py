"""podium serve: the page."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from types import FrameType
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from podium import logs
from podium.cli import console
from podium.cli.console import err
from podium.errors import Problem
from podium.settings import Settings, Web
from podium.topics import domains
from podium.web.protocol import HEADER_SECONDS_MAX, within

app = typer.Typer()

STOP_SECONDS_MAX = 1
BACKLOG = 512


class AddressTaken(Problem):
    """The page cannot be served at the address that is set."""

    code = "PD050"
    exit_code = 3


class Server(uvicorn.Server):
    """A server that ends its endless streams as soon as it is told to stop."""

    def __init__(self, page: FastAPI, header_seconds: float = HEADER_SECONDS_MAX) -> None:
        super().__init__(
            uvicorn.Config(
                page,
                http=within(header_seconds),
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=STOP_SECONDS_MAX,
                backlog=BACKLOG,
            )
        )
        self.page = page
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Remember the loop: signals arrive outside of it."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Close the streams, then stop; the server waits for connections, and streams have no end of their own."""
        if self._loop:
            hub = self.page.state.site.hub
            asyncio.run_coroutine_threadsafe(hub.close(), self._loop)
        super().handle_exit(sig, frame)


def listen(web: Web) -> socket.socket:
    """A socket at the address that is set. Raises AddressTaken."""
    try:
        family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
        taken = socket.create_server((web.host, web.port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise AddressTaken(
            f"cannot listen on {web.host} port {web.port}: {error.strerror}",
            "Choose another: --port 0 takes any free one (setting web.port).",
        ) from None
    return taken


def url(web: Web, listening: socket.socket) -> str:
    """Address for a browser on this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(web.host, f"[{web.host}]" if ":" in web.host else web.host)
    return f"http://{host}:{listening.getsockname()[1]}/"


def run(settings: Settings, listening: socket.socket) -> None:
    """Serve until a signal, then exit 0; open streams end at once. `settings` hold concrete addresses."""
    from podium.web.app import create

    # The server hands a signal on once it has stopped; to be told to stop is no failure.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    server = Server(create(settings, domains(settings)))
    gc.freeze()  # what is loaded by now stays: nobody need look through it again, least of all at the end
    server.run(sockets=[listening])


@app.command(rich_help_panel="Boards")
def serve(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on (setting web.host).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on, 0: any free one (setting web.port).")] = None,
) -> None:
    """Serve the boards as live pages, JSON and CSV. Reads only; stops within 2 s at Ctrl-C."""
    settings = console.migrated(ctx)
    logs.configure(settings.log, "page")
    chosen = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    web = settings.web.model_copy(update=chosen)
    with listen(web) as listening:
        err.print(f"Serving at {url(web, listening)} (Ctrl-C stops)", highlight=False)
        run(settings, listening)
