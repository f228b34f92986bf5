"""The addresses: boards, a board, a board at a snapshot, an entry, and the streams that keep them moving."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from podium.web import drawing, forms, gather, view
from podium.web.assets import Assets
from podium.web.facts import FactColumns
from podium.web.forms import form_of, json_response, tag, unchanged
from podium.web.gather import BoardPage, Gather, NotThere, address, grouped
from podium.web.reading import Snapshot
from podium.web.recompute import Recomputing, Refused, instant
from podium.web.stream import EventStream, Full, Hub
from podium.web.view import AGAINST, AGAINST_DEFAULT, FILTER_CHARACTERS_MAX, View

TEMPLATES = Path(__file__).parent / "templates"
RETRY_SECONDS = "5"
SETTLED = timedelta(minutes=1)
"""Brokers' clocks may differ from ours by so much."""

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
            "measure": view.measure,
            "unit": view.unit,
            "rank": view.rank,
            "points": drawing.path,
        }
        self.templates.globals |= {
            "asset": assets.url, "address": gather.address, "known": view.known, "more": forms.more, "sizes": gather,
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
    sort: Annotated[str, Query(pattern=r"^(-?[a-z0-9_]{1,60})?$")] = "",
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


@router.get("/", response_class=HTMLResponse)
@router.get("/boards", response_class=HTMLResponse)
@router.get("/boards.json", response_class=Response)
async def boards(request: Request, on: TheSite) -> Response:
    """The boards there are, also as JSON: /boards.json."""
    _, form = form_of(request, request.url.path)
    listed = await on.gather.listed()
    headers = {"Cache-Control": forms.ALWAYS_FRESH, "Vary": "Accept"}
    if form == "json":
        return json_response(forms.list_json(listed), headers)
    return HTMLResponse(on.draw("boards.html", listed=listed), headers=headers)


@router.get("/b/{board}", response_class=HTMLResponse)
async def board(request: Request, on: TheSite, looked: TheView, board: str) -> Response:
    """A board as it is now; also as JSON (.json or Accept) and CSV (.csv)."""
    name, form = form_of(request, board)
    return _board(request, on, await on.gather.board(name, looked), form)


@router.get("/b/{board}/@", response_class=RedirectResponse)
async def board_as_of(
    on: TheSite, board: str, time: Annotated[datetime, Query()], stored: Annotated[bool, Query()] = False
) -> Response:
    """The way to a board as it stood at a time. A time without a zone is UTC.

    Where boards are recomputed, to the one at that time, unless `stored` asks for the newest snapshot cut until then.
    """
    moment = time if time.tzinfo else time.replace(tzinfo=UTC)
    if on.recomputing and not stored and moment < datetime.now(UTC) - on.settled:
        return _seen_at(f"{address(board)}/@/{instant(moment)}")
    return _seen_at(f"{address(board)}/@{await on.gather.as_of(board, moment)}")


def _seen_at(path: str) -> Response:
    return RedirectResponse(path, 303, {"Cache-Control": forms.ALWAYS_FRESH})


@router.get("/b/{board}/@/{moment}", response_class=HTMLResponse)
async def board_then(request: Request, on: TheSite, looked: TheView, board: str, moment: str) -> Response:
    """A board as of a moment, recomputed from the log: 202 while it is at work. Also as .json and .csv."""
    name, form = form_of(request, moment)
    then = past(name, on.settled)
    if on.recomputing is None:
        return _seen_at(f"{address(board)}/@{await on.gather.as_of(board, then)}")
    known = await on.gather.known(board)
    found = on.recomputing.ask(known.ranking, board, then)
    if isinstance(found, Snapshot):
        return _board(request, on, await on.gather.recomputed(board, looked, found, instant(then)), form)
    if isinstance(found, UUID):
        return _seen_at(f"{address(board)}/@{found}{moment.removeprefix(name)}")
    if isinstance(found, Refused):
        raise HTTPException(found.status, found.said, {"Retry-After": RETRY_SECONDS} if found.seconds else None)
    headers = {"Cache-Control": "no-store", "Vary": "Accept", "Retry-After": RETRY_SECONDS}
    if form != "html":
        return json_response({"state": "being recomputed", "status": 202}, headers, 202)
    return HTMLResponse(on.draw("then.html", known=known, moment=then, path=request.url.path), 202, headers)


def past(text: str, settled: timedelta) -> datetime:
    """A moment so long ago that nothing is appended before it any more. Raises NotThere."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NotThere(f"{text} is not a time.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > datetime.now(UTC) - settled:
        raise NotThere(f"{text} is not long enough ago: what is appended now may still count.")
    return moment


@router.get("/b/{board}/@{snapshot}", response_class=HTMLResponse)
async def board_at(request: Request, on: TheSite, looked: TheView, board: str, snapshot: str) -> Response:
    """A board at a snapshot: this never changes. Also as .json and .csv."""
    name, form = form_of(request, snapshot)
    return _board(request, on, await on.gather.board(board, looked, snapshot_id(name)), form)


def _board(request: Request, on: Site, page: BoardPage, form: forms.Form) -> Response:
    etag = tag(page.snapshot, form, page.view.name, on.assets.build if form == "html" else "")
    headers = {"ETag": etag, "Vary": "Accept", "Cache-Control": _freshness(page, form)}
    if unchanged(request, etag):
        return Response(status_code=304, headers=headers)
    if form == "json":
        return json_response(forms.board_json(page), headers)
    if form == "csv":
        file = f"{page.snapshot.board}-{page.snapshot.snapshot}.csv"
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
    request: Request, on: TheSite, board: str, entry: str, after: Annotated[int | None, Query()] = None
) -> Response:
    """An entry: its history, then the facts behind it, page by page. Also as JSON."""
    id_, form = form_of(request, entry)
    page = await on.gather.entry(board, id_)
    page = gather.with_facts(page, await on.gather.facts(page.known, id_, after), after)
    headers = {"Cache-Control": forms.ALWAYS_FRESH, "Vary": "Accept"}
    if form == "json":
        return json_response(forms.entry_json(page), headers)
    return HTMLResponse(on.draw("entry.html", page=page), headers=headers)


LastSeen = Annotated[str, Header(alias="Last-Event-ID")]


@router.get("/live", include_in_schema=False)
async def live_list(on: TheSite, last_event_id: LastSeen = "") -> Response:
    """Server-sent events: the list of boards whenever one of them was cut."""

    async def render() -> tuple[str, str]:
        listed = await on.gather.listed()
        cuts = " ".join(str(each.snapshot.snapshot) for each in listed if each.snapshot)
        return hashlib.sha256(cuts.encode()).hexdigest()[:16], on.draw("_boards.html", listed=listed)

    return _stream(on, None, "", render, last_event_id)


@router.get("/live/b/{board}", include_in_schema=False)
async def live_board(on: TheSite, looked: TheView, board: str, last_event_id: LastSeen = "") -> Response:
    """Server-sent events: the board in this view at every new snapshot, whose id is the id of the event."""
    await on.gather.known(board)

    async def render() -> tuple[str, str]:
        page = await on.gather.board(board, looked)
        return str(page.snapshot.snapshot), on.draw("_board.html", page=page)

    return _stream(on, board, looked.query, render, last_event_id)


@router.get("/live/b/{board}/{entry}", include_in_schema=False)
async def live_entry(on: TheSite, board: str, entry: str, last_event_id: LastSeen = "") -> Response:
    """Server-sent events: how an entry stands, at every new snapshot."""
    await on.gather.entry(board, entry)

    async def render() -> tuple[str, str]:
        page = await on.gather.entry(board, entry)
        return str(page.snapshot.snapshot), on.draw("_entry.html", page=page)

    return _stream(on, board, f"/{entry}", render, last_event_id)


def _stream(on: Site, board: str | None, name: str, render: Any, seen: str) -> Response:
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
