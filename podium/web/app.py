"""The web application: its parts put together, the headers every answer carries, what an error looks like."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from psycopg import DataError, ProgrammingError
from psycopg import Error as DatabaseError
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from podium import __version__
from podium.settings import Settings
from podium.web import health, pages
from podium.web.assets import Assets
from podium.web.catalog import rankings
from podium.web.forms import form_of, json_response
from podium.web.gather import Gather, Misasked, NotThere
from podium.web.health import Meters
from podium.web.pages import HEAD, RETRY_SECONDS, Site
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

BOARDS = "/b/"
FAULTS = {
    "string_too_long": "it may have {max_length} letters.",
    "string_pattern_mismatch": "it is `all` or nothing.",
    "bool_parsing": "it is true or false.",
    "missing": "it is needed.",
    **dict.fromkeys(
        ("datetime_from_date_parsing", "datetime_parsing", "datetime_type"),
        "not a time; 2026-03-01T10:00:00Z is one.",
    ),
}
"""Kind of a fault as pydantic names it -> what is said to a reader."""

log = logging.getLogger(__name__)


class Guard:
    """Puts the protecting headers on every answer, counts and times it, and answers HEAD as GET without a body."""

    def __init__(self, app: ASGIApp, meters: Meters, origins: str = "") -> None:
        self.app = app
        self.meters = meters
        self.origins = {origin.strip().rstrip("/") for origin in origins.split(",") if origin.strip()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began, head = time.monotonic(), scope["method"] == "HEAD"

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (HEADERS | self._allowed(scope)).items():
                    headers[name] = value
                if self.origins:
                    headers.add_vary_header("Origin")
                self.meters.answered(scope["path"], message["status"], time.monotonic() - began)
            elif head:
                message = {**message, "body": b""}
            await send(message)

        # The server keeps its own scope: to it this stays a request without a body in its answer.
        await self.app({**scope, "method": "GET", HEAD: True} if head else scope, receive, guarded)
        return None

    def _allowed(self, scope: Scope) -> dict[str, str]:
        """What lets scripts of another origin read the answer, if a setting names that origin. No cookies are meant."""
        origin = Headers(scope=scope).get("origin", "")
        named = "*" if "*" in self.origins else origin if origin in self.origins else ""
        return {"Access-Control-Allow-Origin": named, "Access-Control-Expose-Headers": "ETag"} if named else {}


def create(settings: Settings, domains: Sequence[Domain] = DOMAINS) -> FastAPI:
    """The application; connects when it is started. `settings` hold concrete addresses."""
    reading, meters = Reading(settings.postgres.dsn("reader")), Meters()
    recomputing = Recomputing(settings, reading) if settings.web.recompute else None
    site = Site(Gather(reading, rankings(domains)), Hub(reading), Assets(), recomputing)
    app = FastAPI(
        title="Podium",
        version=__version__,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # an id may end with one
    )
    app.state.site, app.state.meters = site, meters
    app.include_router(health.router)
    app.include_router(pages.router)
    app.add_middleware(GZipMiddleware, minimum_size=COMPRESS_BYTES_MIN)
    app.add_middleware(Guard, meters=meters, origins=settings.web.cors_origins)
    for error, answer in (
        (NotThere, _not_there),
        (Misasked, _misasked),
        (HTTPException, _refused),
        (RequestValidationError, _invalid),
        (DataError, _beyond),
        (DatabaseError, _no_database),
        (Exception, _failed),
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
    """Lead on to what the address means if only its ids are written in another way."""
    assert isinstance(error, NotThere)
    return await _moved(request) or _sorry(request, 404, "Not here", str(error), ways=error.ways)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        unknown = error.detail == HTTPStatus.NOT_FOUND.phrase
        said = f"There is no page {request.url.path}." if unknown else str(error.detail)
        return await _moved(request) or _sorry(request, 404, "Not here", said)
    return _sorry(request, error.status_code, "Not now", str(error.detail), dict(error.headers or {}))


async def _moved(request: Request) -> Response | None:
    path = request.url.path
    if not path.startswith(BOARDS):
        return None
    try:
        found = await request.app.state.site.gather.meant(path.removeprefix(BOARDS))
    except DatabaseError:
        return None
    if found is None or unquote(found) == path:
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{found}{query}", 307, {"Cache-Control": "no-store"})


async def _misasked(request: Request, error: Exception) -> Response:
    return _sorry(request, 400, "Not understood", f"The address asks for something that cannot be shown. {error}")


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return await _misasked(request, Misasked(" ".join(map(_fault, error.errors()))))


def _fault(fault: Mapping[str, Any]) -> str:
    name, given = fault["loc"][-1], fault.get("ctx", {})
    said = FAULTS.get(fault["type"])
    return f"{name}: {said.format(**given)}" if said else f"{name}: {fault['msg']}."


async def _beyond(request: Request, error: Exception) -> Response:
    log.info("%s asks for what no column can hold: %s", request.url.path, type(error).__name__)
    return await _misasked(request, Misasked("A part of it is no such number, or text that cannot be stored."))


async def _no_database(request: Request, error: Exception) -> Response:
    log.warning("%s cannot be served: %s", request.url.path, type(error).__name__)
    why = "The database does not answer."
    if isinstance(error, ProgrammingError):
        why = "The database has not the tables that this version reads."
    said = f"{why} The page comes back with it; an operator sees more in `podium status`."
    return _sorry(request, 503, "Not now", said, {"Retry-After": RETRY_SECONDS})


async def _failed(request: Request, error: Exception) -> Response:
    """Something that we did not think of: the log has all of it, the reader a sentence."""
    log.error("%s cannot be drawn", request.url.path, exc_info=error)
    return _sorry(request, 500, "Our fault", "This page cannot be drawn. An operator finds the reason in the log.")


def _sorry(
    request: Request,
    status: int,
    title: str,
    said: str,
    headers: Mapping[str, str] | None = None,
    ways: Sequence[tuple[str, str]] = (),
) -> Response:
    """An error in the form that was asked for: a page, or JSON with `error`."""
    sent = {"Cache-Control": "no-store", "Vary": "Accept", **(headers or {})}
    site: Site = request.app.state.site
    if form_of(request, request.url.path)[1] != "html":
        listed = [{"href": href, "title": words} for href, words in ways]
        return json_response({"error": said, "status": status, "ways": listed}, sent, status)
    return HTMLResponse(site.draw("error.html", title=title, said=said, ways=ways), status, sent)
