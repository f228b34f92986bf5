"""The web application: its parts put together, the headers every answer carries, what an error looks like."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from psycopg import Error as DatabaseError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from podium import __version__
from podium.settings import Settings
from podium.web import health, pages
from podium.web.assets import Assets
from podium.web.catalog import rankings
from podium.web.forms import form_of, json_response
from podium.web.gather import Gather, NotThere
from podium.web.health import Meters
from podium.web.pages import RETRY_SECONDS, Site
from podium.web.reading import Reading
from podium.web.recompute import Recomputing
from podium.web.stream import Hub
from schema import DOMAINS
from schema.declare import Domain

COMPRESS_BYTES_MIN = 1000
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

log = logging.getLogger(__name__)


class Guard:
    """Puts the protecting headers on every answer and counts it."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self.app = app
        self.meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                self.meters.requests.labels(f"{message['status'] // 100}xx").inc()
            await send(message)

        await self.app(scope, receive, guarded if scope["type"] == "http" else send)


def create(settings: Settings, domains: Sequence[Domain] = DOMAINS) -> FastAPI:
    """The application; connects when it is started. `settings` hold concrete addresses."""
    reading, meters = Reading(settings.postgres.dsn("reader")), Meters()
    recomputing = Recomputing(settings, reading) if settings.web.recompute else None
    site = Site(Gather(reading, rankings(domains)), Hub(reading), Assets(), recomputing)
    app = FastAPI(title="Podium", version=__version__, lifespan=_lifespan, docs_url=None, redoc_url=None)
    app.state.site, app.state.meters = site, meters
    app.include_router(health.router)
    app.include_router(pages.router)
    app.add_middleware(GZipMiddleware, minimum_size=COMPRESS_BYTES_MIN)
    app.add_middleware(Guard, meters=meters)
    for error, answer in (
        (NotThere, _not_there),
        (HTTPException, _refused),
        (RequestValidationError, _misasked),
        (DatabaseError, _no_database),
    ):
        app.add_exception_handler(error, answer)
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    site: Site = app.state.site
    looking = asyncio.create_task(site.hub.run())
    try:
        yield
    finally:
        await site.hub.close()
        if site.recomputing:
            await site.recomputing.close()
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking
        await site.gather.reading.close()


async def _not_there(request: Request, error: Exception) -> Response:
    return _sorry(request, 404, "Not here", str(error))


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return _sorry(request, 404, "Not here", f"There is no page {request.url.path}.")
    return _sorry(request, error.status_code, "Not now", str(error.detail), dict(error.headers or {}))


async def _misasked(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors())
    return _sorry(request, 400, "Not understood", f"The address asks for something that cannot be shown. {faults}.")


async def _no_database(request: Request, error: Exception) -> Response:
    log.warning("%s cannot be served: %s", request.url.path, type(error).__name__)
    said = "The database does not answer. The page comes back with it; an operator sees more in `podium status`."
    return _sorry(request, 503, "Not now", said, {"Retry-After": RETRY_SECONDS})


def _sorry(request: Request, status: int, title: str, said: str, headers: dict[str, str] | None = None) -> Response:
    """An error in the form that was asked for: a page, or JSON with `error`."""
    sent = {"Cache-Control": "no-store", "Vary": "Accept", **(headers or {})}
    site: Site = request.app.state.site
    if form_of(request, request.url.path)[1] != "html":
        return json_response({"error": said, "status": status}, sent, status)
    return HTMLResponse(site.draw("error.html", title=title, said=said), status, sent)
