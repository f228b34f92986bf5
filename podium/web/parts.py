"""Boards whose entries are in parts: one part is held at a time, whatever is looked for or sent."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator

from podium.web import forms
from podium.web.documents import BoardPage
from podium.web.reading import Reading
from podium.web.view import matching


async def json_of(reading: Reading, page: BoardPage) -> AsyncIterator[str]:
    """The board as `forms.board_json`, every entry that the filter lets through, by rank."""
    whole = json.dumps({**forms.board_json(page), "entries": []}, default=str, ensure_ascii=False)
    yield whole.removesuffix("]}")
    lead = "\n"
    async for entries in reading.entries(page.snapshot):
        for entry in matching(entries, page.view.q):
            yield lead + json.dumps(entry, ensure_ascii=False)
            lead = ",\n"
    yield "\n]}\n"


async def csv_of(reading: Reading, page: BoardPage) -> AsyncIterator[str]:
    """The same as `forms.board_csv`."""
    names = list(page.snapshot.entries[0])
    out = io.StringIO()
    order = [name for name in forms.LEADING if name in names]
    order += [name for name in names if name not in order]
    lines = csv.DictWriter(out, order, restval="", extrasaction="ignore", lineterminator="\n")
    lines.writeheader()
    async for entries in reading.entries(page.snapshot):
        lines.writerows(forms.inert_entry(entry) for entry in matching(entries, page.view.q))
        yield out.getvalue()
        out.seek(0)
        out.truncate()
