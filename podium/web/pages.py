"""The addresses: boards, a board, a board at a snapshot, an entry, and the streams that keep them moving."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from psycopg import DataError

from podium.web import documents, drawing, forms, gather, parts, view
from podium.web.address import address, id_of
from podium.web.assets import Assets
from podium.web.documents import BoardPage, EntryPage, found, grouped
from podium.web.facts import FactColumns
from podium.web.forms import form_of, json_response, tag, unchanged
from podium.web.gather import Gather, Misasked, NotThere
from podium.web.reading import Facts, Snapshot
from podium.web.recompute import Recomputing, Refused, instant
from podium.web.stream import EventStream, Full, Hub
from podium.web.view import AGAINST, AGAINST_DEFAULT, FILTER_CHARACTERS_MAX, View

TEMPLATES = Path(__file__).parent / "templates"
RETRY_SECONDS = "5"
SETTLED = timedelta(minutes=1)
"""Brokers' clocks may differ from ours by so much."""

SORT_CHARACTERS_MAX = 100
HEAD = "podium.head"
"""In the scope of a request for an answer without its body: a stream must not be begun for it."""
AFTER_CHARACTERS_MAX = 2000

BASELINES = {
    "previous": "the snapshot before",
    "1h": "1 hour ago",
    "24h": "24 hours ago",
    "7d": "7 days ago",
    "first": "the first snapshot",
}

router = APIRouter()


class Site:
    """What every address needs: pages put together, templates, files, the hub of the streams.

    `recomputing` is None where the page only reads.
    """

    def __init__(self, gathered: Gather, hub: Hub, assets: Assets, recomputing: Recomputing | None = None) -> None:
        self.gather = gathered
        self.hub = hub
        self.assets = assets
        self.recomputing = recomputing
        self.settled = SETTLED
        self.templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.filters |= {
            "figure": view.figure,
            "full": view.full,
            "detail": view.detail,
            "share_between": view.share_between,
            "measure": view.measure,
            "unit": view.unit,
            "rank": view.rank,
            "points": drawing.path,
        }
        self.templates.globals |= {
            "asset": assets.url, "address": address, "known": view.known, "more": forms.more, "sizes": documents,
            "baselines": BASELINES, "grouped": grouped, "facts_of": FactColumns,
        }  # fmt: skip

    def draw(self, template: str, **shown: Any) -> str:
        """A template filled in."""
        return self.templates.get_template(template).render(**shown)


def site(request: Request) -> Site:
    """The site of this application."""
    found = request.app.state.site
    assert isinstance(found, Site)
    return found


def looked_at(
    q: Annotated[str, Query(max_length=FILTER_CHARACTERS_MAX)] = "",
    sort: Annotated[str, Query(max_length=SORT_CHARACTERS_MAX)] = "",
    against: Annotated[str, Query(max_length=36)] = AGAINST_DEFAULT,
    columns: Annotated[str, Query(pattern="^(all)?$")] = "",
) -> View:
    """The view that the query of an address asks for."""
    against = against or AGAINST_DEFAULT
    if against not in AGAINST:
        against = str(snapshot_id(against))
    return View(" ".join(q.split()), sort, against, columns)


def snapshot_id(text: str) -> UUID:
    """The id of a snapshot. Raises NotThere for what cannot be one."""
    try:
        return UUID(text)
    except ValueError:
        raise NotThere(f"{text} is not the id of a snapshot.") from None


TheSite = Annotated[Site, Depends(site)]
TheView = Annotated[View, Depends(looked_at)]
Sought = Annotated[str, Query(max_length=FILTER_CHARACTERS_MAX)]


@router.get("/", response_class=HTMLResponse)
@router.get("/boards", response_class=HTMLResponse)
@router.get("/boards/", include_in_schema=False)
@router.get("/boards.json", response_class=Response)
async def boards(request: Request, on: TheSite, q: Sought = "") -> Response:
    """The boards there are, or those that have some words, also as JSON: /boards.json."""
    _, form = form_of(request, request.url.path)
    q, all_ = " ".join(q.split()), await on.gather.listed()
    listed = found(all_, q)
    headers = {"Cache-Control": forms.ALWAYS_FRESH, "Vary": "Accept"}
    if form == "json":
        return json_response(forms.list_json(listed), headers)
    return HTMLResponse(on.draw("boards.html", listed=listed, all=all_, q=q), headers=headers)


@router.get("/b/{board}", response_class=HTMLResponse)
async def board(request: Request, on: TheSite, looked: TheView, board: str) -> Response:
    """A board as it is now; also as JSON (.json or Accept) and CSV (.csv)."""
    name, form = form_of(request, board)
    return _board(request, on, await on.gather.board(id_of(name), looked), form)


@router.get("/b/{board}/@", response_class=RedirectResponse)
async def board_as_of(
    on: TheSite, board: str, time: Annotated[datetime | None, Query()] = None, stored: Annotated[bool, Query()] = False
) -> Response:
    """The way to a board as it stood at a time. A time without a zone is UTC.

    Where boards are recomputed, to the one at that time, unless `stored` asks for the newest snapshot cut until then.
    """
    id_ = id_of(board)
    await on.gather.known(id_)
    if time is None:
        if (await on.gather.snapshot(id_, None)).entry("@"):
            return _seen_at(address(id_, "@"))
        raise Misasked("time: it is needed; 2026-03-01T10:00:00Z is one.")
    moment = in_utc(time)
    if on.recomputing and not stored and moment < datetime.now(UTC) - on.settled:
        return _seen_at(f"{address(id_)}/@/{instant(moment)}")
    return _seen_at(f"{address(id_)}/@{await on.gather.as_of(id_, moment)}")


def in_utc(moment: datetime) -> datetime:
    """A moment in UTC; one without a zone is in it already. Raises Misasked beyond the years there are."""
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise Misasked(f"time: {moment.isoformat()} is beyond the years 1 to 9999 in UTC.") from None


def _seen_at(path: str) -> Response:
    return RedirectResponse(path, 303, {"Cache-Control": forms.ALWAYS_FRESH})


@router.get("/b/{board}/@/{moment}", response_class=HTMLResponse)
async def board_then(request: Request, on: TheSite, looked: TheView, board: str, moment: str) -> Response:
    """A board as of a moment, recomputed from the log: 202 while it is at work. Also as .json and .csv."""
    name, form = form_of(request, moment)
    then, id_ = past(name, on.settled), id_of(board)
    known = await on.gather.known(id_)
    if on.recomputing is None:
        return _seen_at(f"{address(id_)}/@{await on.gather.as_of(id_, then)}{moment.removeprefix(name)}")
    found = on.recomputing.ask(known.ranking, id_, then)
    if isinstance(found, Snapshot):
        return _board(request, on, await on.gather.recomputed(id_, looked, found, instant(then)), form)
    if isinstance(found, UUID):
        return _seen_at(f"{address(id_)}/@{found}{moment.removeprefix(name)}")
    if isinstance(found, Refused):
        raise HTTPException(found.status, found.said, {"Retry-After": RETRY_SECONDS} if found.seconds else None)
    headers = {"Cache-Control": "no-store", "Vary": "Accept", "Retry-After": RETRY_SECONDS}
    if form != "html":
        return json_response({"state": "being recomputed", "status": 202}, headers, 202)
    return HTMLResponse(on.draw("then.html", known=known, moment=then, path=request.url.path), 202, headers)


def past(text: str, settled: timedelta) -> datetime:
    """A moment so long ago that nothing is appended before it any more. Raises NotThere."""
    try:
        moment = in_utc(datetime.fromisoformat(text))
    except ValueError:
        raise NotThere(f"{text} is not a time.") from None
    if moment > datetime.now(UTC) - settled:
        raise NotThere(f"{text} is not long enough ago: what is appended now may still count.")
    return moment


EntryId = Annotated[str, Query(max_length=AFTER_CHARACTERS_MAX)]


@router.get("/b/{board}/@compare", response_class=HTMLResponse)
@router.get("/b/{board}/@compare.json", response_class=Response)
async def compared(request: Request, on: TheSite, board: str, a: EntryId = "", b: EntryId = "") -> Response:
    """Two entries, given by their ids, side by side: how they fared on what both answered. Also as JSON."""
    _, form = form_of(request, request.url.path)
    page = await on.gather.comparison(id_of(board), a, b)
    headers = {"Cache-Control": forms.ALWAYS_FRESH, "Vary": "Accept"}
    if form == "json":
        return json_response(forms.comparison_json(page), headers)
    return HTMLResponse(on.draw("compare.html", page=page), headers=headers)


@router.get("/b/{board}/@{snapshot}", response_class=HTMLResponse)
async def board_at(request: Request, on: TheSite, looked: TheView, board: str, snapshot: str) -> Response:
    """A board at a snapshot: this never changes. Also as .json and .csv."""
    name, form = form_of(request, snapshot)
    return _board(request, on, await on.gather.board(id_of(board), looked, snapshot_id(name)), form)


def _board(request: Request, on: Site, page: BoardPage, form: forms.Form) -> Response:
    etag = tag(page.snapshot, form, page.view.name, on.assets.build if form == "html" else "")
    headers = {"ETag": etag, "Vary": "Accept", "Cache-Control": _freshness(page, form)}
    if unchanged(request, etag):
        return Response(status_code=304, headers=headers)
    file = f"{page.snapshot.board}-{page.snapshot.snapshot}.csv"
    if page.snapshot.parts is not None and form == "json":
        return StreamingResponse(parts.json_of(on.gather.reading, page), 200, headers, "application/json")
    if page.snapshot.parts is not None and form == "csv":
        return StreamingResponse(parts.csv_of(on.gather.reading, page), 200, headers | _download(file), "text/csv")
    if form == "json":
        return json_response(forms.board_json(page), headers)
    if form == "csv":
        return Response(forms.board_csv(page), 200, headers | _download(file), "text/csv")
    return HTMLResponse(on.draw("board.html", page=page), headers=headers)


def _freshness(page: BoardPage, form: forms.Form) -> str:
    if not page.fixed:
        return forms.ALWAYS_FRESH
    return forms.AN_HOUR if form == "html" else forms.FOREVER


def _download(file: str) -> dict[str, str]:
    plain = "".join(letter if (letter.isascii() and letter.isalnum()) or letter in "._-" else "_" for letter in file)
    return {"Content-Disposition": f'attachment; filename="{plain}"'}


@router.get("/b/{board}/{entry}", response_class=HTMLResponse)
async def entry(
    request: Request,
    on: TheSite,
    board: str,
    entry: str,
    after: Annotated[str | None, Query(max_length=AFTER_CHARACTERS_MAX)] = None,
) -> Response:
    """An entry: its history, then the facts behind it, page by page. Also as JSON."""
    name, form = form_of(request, entry, ("json",))
    page = await on.gather.entry(id_of(board), id_of(name))
    page = gather.with_facts(page, await facts(on, page, after), after)
    headers = {"Cache-Control": forms.ALWAYS_FRESH, "Vary": "Accept"}
    if form == "json":
        return json_response(forms.entry_json(page), headers)
    return HTMLResponse(on.draw("entry.html", page=page), headers=headers)


async def facts(on: Site, page: EntryPage, after: str | None) -> Facts:
    """A page of the facts behind an entry. Raises Misasked if `after` is none of its places."""
    try:
        return await on.gather.facts(page.known, str(page.entry["id"]), after)
    except DataError:
        if after is None:
            raise
        raise Misasked(f"after: {after} is not where a page of these facts ends.") from None


LastSeen = Annotated[str, Header(alias="Last-Event-ID")]


@router.get("/live", include_in_schema=False)
async def live_list(request: Request, on: TheSite, q: Sought = "", last_event_id: LastSeen = "") -> Response:
    """Server-sent events: the list of boards whenever one of them was cut."""

    async def render() -> tuple[str, str]:
        listed = found(await on.gather.listed(), q)
        cuts = " ".join(str(each.snapshot.snapshot) for each in listed if each.snapshot)
        return hashlib.sha256(cuts.encode()).hexdigest()[:16], on.draw("_boards.html", listed=listed, q=q)

    return _stream(request, None, q, render, last_event_id)


@router.get("/live/b/{board}", include_in_schema=False)
async def live_board(
    request: Request, on: TheSite, looked: TheView, board: str, last_event_id: LastSeen = ""
) -> Response:
    """Server-sent events: the board in this view at every new snapshot, whose id is the id of the event."""
    id_ = id_of(board)
    await on.gather.known(id_)

    async def render() -> tuple[str, str]:
        page = await on.gather.board(id_, looked)
        return str(page.snapshot.snapshot), on.draw("_board.html", page=page)

    return _stream(request, id_, looked.query, render, last_event_id)


@router.get("/live/b/{board}/{entry}", include_in_schema=False)
async def live_entry(request: Request, on: TheSite, board: str, entry: str, last_event_id: LastSeen = "") -> Response:
    """Server-sent events: how an entry stands, at every new snapshot."""
    id_, name = id_of(board), id_of(entry)
    await on.gather.entry(id_, name)

    async def render() -> tuple[str, str]:
        page = await on.gather.entry(id_, name)
        return str(page.snapshot.snapshot), on.draw("_entry.html", page=page)

    return _stream(request, id_, f"/{name}", render, last_event_id)


def _stream(request: Request, board: str | None, name: str, render: Any, seen: str) -> Response:
    if request.scope.get(HEAD):
        return Response(media_type=EventStream.media_type, headers={"Cache-Control": "no-store"})
    on = site(request)
    try:
        return EventStream(on.hub.watch(board, name, render, seen), on.hub.send_seconds_max)
    except Full:
        said = "Too many live pages are open; this one does not move."
        raise HTTPException(503, said, {"Retry-After": RETRY_SECONDS}) from None


@router.get("/static/{name:path}", include_in_schema=False)
async def static(on: TheSite, name: str) -> Response:
    """A file under its hashed name."""
    asset = on.assets.by_name.get(name)
    if asset is None:
        raise NotThere(f"There is no file {name}.")
    return Response(asset.content, 200, {"Cache-Control": forms.FOREVER}, asset.type)
