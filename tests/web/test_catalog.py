"""Boards are found and titled as their domains list them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from podium.settings import Settings
from podium.web.catalog import Catalog, rankings
from podium.web.reading import Reading
from schema import DOMAINS


def test_a_title_is_what_the_list_says(shown: Settings, tmp_path: Path) -> None:
    (tmp_path / "scopes.sql").write_text("SELECT '1' AS id, format('%s of %s', 1, 2) AS title", encoding="utf-8")
    domain = replace(DOMAINS[0], folder=tmp_path, boards=(replace(DOMAINS[0].boards[0], scopes="scopes.sql"),))

    async def listed() -> Catalog:
        reading = Reading(shown.postgres.dsn("reader"))
        try:
            return await reading.catalog(rankings([domain]))
        finally:
            await reading.close()

    assert [known.title for known in asyncio.run(listed()).known.values()] == ["1 of 2"]
