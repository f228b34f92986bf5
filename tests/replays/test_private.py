"""Nothing of a private job is on any board, page, API or export, nor readable by who only reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import SQL, Identifier

from podium.settings import Settings
from podium.web.app import create
from schema import LEDGER
from schema.board import digest
from schema.envelope import uuid7
from schema.replays import DOMAIN
from streams.rank import entries, rule
from tests.contract.outcome import play
from tests.replays.life import at

PRIVATE = re.compile(r"Mallory|Secret Village|Cheat|replay\?id=10[34567]\b|user_2|0192f0c1-000|\b10[34567]\.json", re.I)
"""Of the story: who plays and which deck is seen on pages of private jobs only, and what leads to jobs and users."""

LINK = re.compile(r'(?:href|src)="(/[^"#]*)"')
PAGES_MIN = 20


@pytest.fixture
def shown(database: Settings) -> Iterator[Connection[Any]]:
    """The story with its boards cut, as readers see it."""
    with (
        psycopg.connect(database.postgres.dsn("consumer"), autocommit=True) as connection,
        psycopg.connect(database.postgres.dsn("owner"), autocommit=True) as owner,
        psycopg.connect(database.postgres.dsn("reader"), autocommit=True) as reader,
    ):
        play(connection, DOMAIN)
        for board in DOMAIN.boards:
            for name, text in entries(owner, DOMAIN, board):
                owner.execute(
                    "INSERT INTO ledger.snapshot (board, snapshot, as_of, cut_at, cut, rule, digest, entries)"
                    " VALUES (%s, %s, %s, %s, '[]', %s, %s, %s)",
                    (name, uuid7(), at(60), at(60), json.dumps(rule(board)), digest(text), text.decode()),
                )
        yield reader


def test_who_reads_sees_views_of_what_is_public_and_no_table(shown: Connection[Any]) -> None:
    for table in DOMAIN.tables:
        with pytest.raises(InsufficientPrivilege):
            shown.execute(SQL("SELECT FROM {}").format(Identifier(str(table.schema), table.name)))
    for name in LEDGER.private:
        with pytest.raises(InsufficientPrivilege):
            shown.execute(SQL("SELECT FROM {}").format(Identifier("ledger", name)))
    views = shown.execute("SELECT table_name FROM information_schema.views WHERE table_schema = 'replays'").fetchall()
    assert {"public_jobs", "public_games", "public_decks", "public_teams"} <= {name for (name,) in views}
    for (name,) in views:
        if name == "jobs_over_rate":
            with pytest.raises(InsufficientPrivilege):
                shown.execute("SELECT FROM replays.jobs_over_rate")
            continue
        rows = shown.execute(SQL("SELECT to_json(v)::text FROM {} v").format(Identifier("replays", name))).fetchall()
        assert rows, name
        assert not [row for (row,) in rows if PRIVATE.search(row)], name


def test_boards_and_every_page_form_and_drill_down_are_free_of_it(shown: Connection[Any], database: Settings) -> None:
    texts = shown.execute("SELECT board, entries::text FROM ledger.snapshot").fetchall()
    assert len(texts) == len(DOMAIN.boards)
    assert not [board for board, text in texts if PRIVATE.search(text)]
    with TestClient(create(database)) as client:
        waiting, seen = ["/", "/boards.json"], set[str]()
        while waiting:
            path = waiting.pop().replace("&amp;", "&")
            if path in seen or path.startswith(("/static", "/live")):
                continue
            seen.add(path)
            text = client.get(path).text
            assert not PRIVATE.search(text), path
            waiting += LINK.findall(text)
        for board, _ in texts:
            for form in ("", ".json", ".csv"):
                answer = client.get(f"/b/{board}{form}")
                assert answer.status_code == 200
                assert not PRIVATE.search(answer.text)
        for entry in ("mallory", "Cheat", "Secret Village"):
            for board in ("players", "decks", "teams"):
                for form in ("", ".json", ".csv"):
                    assert client.get(f"/b/replays.{board}.all/{entry}{form}").status_code == 404
    assert len(seen) >= PAGES_MIN


def test_what_is_hidden_again_is_gone_from_the_next_board(database: Settings) -> None:
    with psycopg.connect(database.postgres.dsn("owner"), autocommit=True) as owner:
        with psycopg.connect(database.postgres.dsn("consumer"), autocommit=True) as connection:
            play(connection, DOMAIN)
        players = next(board for board in DOMAIN.boards if board.name == "players")

        def names() -> set[str]:
            ((_, text),) = entries(owner, DOMAIN, players)
            return {entry["name"] for entry in json.loads(text)}

        assert names() == {"Alice", "Bob", "Carol"}
        owner.execute("UPDATE replays.jobs SET is_public = false WHERE is_public")
        assert names() == set()
