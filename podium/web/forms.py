"""The forms that one address has beside the page: JSON and CSV, and how a request chooses among them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from podium.plain import inert
from podium.web.address import address
from podium.web.comparison import Comparison
from podium.web.documents import BoardPage, EntryPage, Listed
from podium.web.reading import Mark, Snapshot

Form = Literal["html", "json", "csv"]
SUFFIXES: tuple[Form, ...] = ("json", "csv")
ALWAYS_FRESH = "no-cache"
FOREVER = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"
LEADING = ("rank", "rank_low", "rank_high", "id", "name", "score", "low", "high", "n")


def form_of(request: Request, name: str, suffixes: tuple[Form, ...] = SUFFIXES) -> tuple[str, Form]:
    """The last part of the address without its suffix, and the form that suffix or Accept header ask for."""
    for form in suffixes:
        if name.endswith(f".{form}"):
            return name.removesuffix(f".{form}"), form
    accept = request.headers.get("accept", "")
    return name, "json" if "application/json" in accept and "text/html" not in accept else "html"


def tag(mark: Mark, form: Form, view: str, build: str = "") -> str:
    """ETag: the id of the snapshot, and whatever else the bytes depend on."""
    return '"' + ".".join(part for part in (str(mark.snapshot), form, view, build) if part) + '"'


def unchanged(request: Request, etag: str) -> bool:
    """Whether the client already has what the tag names."""
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    return etag in known or "*" in known


def cut_json(snapshot: Snapshot) -> list[dict[str, Any]]:
    """The cut by name: topic, partition and the next offset to read."""
    return [place._asdict() for place in snapshot.cut]


def board_json(page: BoardPage) -> dict[str, Any]:
    """A board: where it was cut, by which rule, and the entries that the view lets through."""
    snapshot, metrics = page.snapshot, page.known.metrics
    return {
        "id": snapshot.board,
        "title": page.known.title,
        "domain": page.known.ranking.domain.name,
        "snapshot": str(snapshot.snapshot),
        "as_of": snapshot.as_of.isoformat(),
        "cut_at": snapshot.cut_at.isoformat(),
        "cut": cut_json(snapshot),
        "rule": snapshot.rule,
        "digest": snapshot.digest,
        "permalink": page.permalink,
        "against": str(page.baseline.snapshot) if page.baseline else None,
        "metrics": [
            {"name": m.name, "title": m.title, "unit": m.unit, "direction": m.direction, "formula": m.formula}
            for m in metrics
        ],
        "entries_total": snapshot.count,
        "entries": [dict(row.entry) for row in page.rows],
    }


def list_json(listed: Iterable[Listed]) -> list[dict[str, Any]]:
    """The boards there are; those never cut have no snapshot."""
    return [
        {
            "id": each.known.id,
            "title": each.known.title,
            "domain": each.known.ranking.domain.name,
            "href": address(each.known.id),
            "snapshot": str(each.snapshot.snapshot) if each.snapshot else None,
            "as_of": each.snapshot.as_of.isoformat() if each.snapshot else None,
            "entries": each.snapshot.count if each.snapshot else 0,
        }
        for each in listed
    ]


def entry_json(page: EntryPage) -> dict[str, Any]:
    """An entry with its history, oldest first, and one page of facts with their places in the log."""
    return {
        "board": page.snapshot.board,
        "snapshot": str(page.snapshot.snapshot),
        "entry": dict(page.entry),
        "history": [
            {
                "snapshot": str(snapshot.snapshot),
                "cut_at": snapshot.cut_at.isoformat(),
                **{name: entry.get(name) for name in ("rank", "score", "low", "high", "n")},
            }
            for snapshot, entry in page.history
        ],
        "facts": page.facts.rows,
        "next": more(page),
    }


def comparison_json(page: Comparison) -> dict[str, Any]:
    """Two entries and what they have in common."""
    ends = {name: entry and {part: entry.get(part) for part in ("id", "name", "rank", "score")}
            for name, entry in (("a", page.a), ("b", page.b))}  # fmt: skip
    return {"board": page.known.id, **ends, "result": dict(page.result), "said": dict(page.lines)}


def more(page: EntryPage) -> str | None:
    """Address of the next page of facts."""
    return f"{page.path}?{urlencode({'after': page.facts.after})}" if page.facts.after is not None else None


def board_csv(page: BoardPage) -> str:
    """The entries that the view lets through, one a line; text that a spreadsheet would run gets a quote before it."""
    names = {name: None for row in page.rows for name in row.entry if name not in LEADING}
    there = [name for name in LEADING if any(name in row.entry for row in page.rows)] or list(LEADING)
    out = io.StringIO()
    lines = csv.DictWriter(out, [*there, *names], restval="", lineterminator="\n")
    lines.writeheader()
    lines.writerows(inert_entry(row.entry) for row in page.rows)
    return out.getvalue()


def inert_entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of which a spreadsheet runs nothing."""
    return {name: inert(value) for name, value in entry.items()}


def json_response(content: object, headers: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """JSON as people can read it; times and ids as text."""
    body = json.dumps(content, default=_plain, ensure_ascii=False, indent=1)
    return Response(body + "\n", status, dict(headers or {}), "application/json")


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
