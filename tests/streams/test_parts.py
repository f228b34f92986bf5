"""Boards of any size: in parts where one record cannot hold them, whole wherever they are read, or not shown at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from consumers.loop import Limits, fill
from podium import boards, proof, topics
from podium.boards import NoSuchBoard
from podium.rebuild import board_export, prove
from podium.settings import Settings
from podium.web.app import create
from schema import DOMAINS
from schema.board import canonical, digest, raw_entries, split
from schema.envelope import VALUE_BYTES_MAX
from streams.duty import publish
from streams.log import Log
from streams.rank import Ranker
from streams.snapshots import SnapshotWriter
from streams.write import writer
from tests.rebuild.conftest import podium as command
from tests.streams.conftest import running, until

COMPETITION = next(domain for domain in DOMAINS if domain.name == "competition")
BOARD = "competition.windows.all"
MODELS = 2500
LETTER = "\u4e0a"
WRITER = SnapshotWriter(COMPETITION, "test")


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=30), max_size=4)), st.integers(2, 200))
def test_parts_are_lists_of_whole_entries_and_together_the_board(entries: list[dict[str, str]], most: int) -> None:
    text = canonical(entries)
    parts = list(split(raw_entries(text), most))
    assert b"[" + b",".join(part[1:-1] for _, part in parts) + b"]" == text
    assert [entry for _, part in parts for entry in json.loads(part)] == entries
    assert all(len(json.loads(part)) == count and (count == 1 or len(part) <= most) for count, part in parts)


@hypothesis.settings(deadline=None, max_examples=60)
@given(st.sampled_from(['"', "\\", "\u0001", "a", LETTER, "\U0001f3c6"]), st.integers(0, 4000), st.integers(1, 2000))
def test_no_record_of_a_snapshot_is_larger_than_an_event_may_be(letter: str, length: int, count: int) -> None:
    count = min(count, 2_500_000 // (length + 50))
    text = canonical([{"id": str(n), "name": letter * length} for n in range(count)])
    now = datetime.now(UTC)
    data: dict[str, Any] = {
        "board": BOARD, "snapshot": "0192f0c1-2345-7abc-8def-0123456789ab", "as_of": now, "cut_at": now,
        "cut": [["competition.scores", 0, 1]], "rule": {}, "digest": digest(text),
    }  # fmt: skip
    records = WRITER.records(data, text)
    assert all(len(value) <= VALUE_BYTES_MAX for _, _, value in records)
    assert len({key for _, key, _ in records}) == 1
    assert json.loads(records[-1][2])["data"]["digest"] == digest(text)


class Contest:
    """Models with long names, their board, and the page that shows it."""

    def __init__(self, settings: Settings, models: int = MODELS) -> None:
        topics.apply(settings.kafka, topics.wanted([COMPETITION], settings.kafka))
        self.settings = settings
        self.models = models
        self.log = Log(settings.kafka.client(), settings.kafka.namespace, COMPETITION.topics)

    def register(self) -> None:
        write = writer(COMPETITION.by_type["competition.model.registered.v1"], "test")
        now = datetime.now(UTC)
        publish(self.log, self.log.producer(), [write(self._model(n), now) for n in range(self.models)])

    def _model(self, n: int) -> dict[str, Any]:
        return {
            "id": str(n), "name": f"{n:07}" + LETTER * 248, "deployment_identifier": f"d-{n}", "player_id": f"p-{n}",
            "player_name": f"player {n}", "meta_jsonb": {},
        }  # fmt: skip

    def fill(self, limits: Limits | None = None) -> None:
        kafka = self.settings.kafka
        ends = {place: end for place, end in self.log.ends(COMPETITION.topics).items() if end}
        dsn = self.settings.postgres.dsn("consumer")
        fill([COMPETITION], kafka.client(), dsn, ends, namespace=kafka.namespace, limits=limits or Limits())

    def cut(self) -> None:
        one = Ranker(self.log, self.settings.postgres.dsn("stream"), COMPETITION, COMPETITION.boards[0])
        with running(one):
            until(lambda: one.heartbeat.done)
        assert not one.heartbeat.failures

    def query(self, sql: str) -> Sequence[tuple[Any, ...]]:
        with psycopg.connect(self.settings.postgres.dsn("owner"), autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def newest(self) -> boards.Snapshot:
        with psycopg.connect(self.settings.postgres.dsn("reader"), autocommit=True) as connection:
            return boards.find(connection, BOARD)


def test_a_board_that_no_record_holds_is_stored_shown_and_proven(database: Settings, tmp_path: Path) -> None:
    contest = Contest(database)
    contest.register()
    contest.fill()
    contest.cut()
    contest.fill(Limits(2))
    ((parts, entries),) = contest.query("SELECT parts, entries FROM ledger.snapshot")
    assert (parts > 3, entries) == (True, "")
    assert contest.query("SELECT max(octet_length(entries)) < 480001, count(*) FROM ledger.snapshot_part") == [
        (True, parts)
    ]
    assert contest.query("SELECT count(*) FROM ledger.dead") == [(0,)]
    history = contest.query("SELECT count(DISTINCT model_id), count(*) FROM competition.model_scores")
    assert history == [(MODELS, MODELS)]
    one = contest.newest()
    assert (digest(one.entries.encode()), len(one.listed)) == (one.digest, MODELS)
    (verdict,) = proof.verify(database, [COMPETITION], [one])
    assert [(check.check, check.why or check.ok) for check in verdict.checks] == [
        ("digest", True), ("record", True), ("rule", True), ("recomputed", True)
    ]  # fmt: skip
    assert prove.verify(database, [COMPETITION]).equal
    _shown(contest, one)
    _commanded(contest, one, tmp_path)
    contest.query("DELETE FROM ledger.snapshot_part WHERE part = 2")
    with pytest.raises(NoSuchBoard):
        contest.newest()
    # One that was read before it lost a part.
    (verdict,) = proof.verify(database, [COMPETITION], [replace(one, entries="")])
    assert [(check.check, check.why or check.ok) for check in verdict.checks] == [
        ("digest", "a part of the stored entries is gone"), ("record", True), ("rule", True),
        ("recomputed", "a part of the stored entries is gone"),
    ]  # fmt: skip


def _commanded(contest: Contest, one: boards.Snapshot, folder: Path) -> None:
    """The commands list, show and export it whole, with a part in memory at a time."""
    with psycopg.connect(contest.settings.postgres.dsn("reader"), autocommit=True) as connection:
        head = boards.find(connection, BOARD, whole=False)
        texts = list(boards.texts(connection, head))
        assert (head, b"[" + b",".join(text[1:-1] for text in texts) + b"]") == (
            replace(one, entries=""),
            one.entries.encode(),
        )
        assert boards.digest_of(connection, head) == one.digest
        assert board_export.write(connection, head, folder / "out", "csv") == {BOARD: one.digest}
    chosen = contest.settings.model_copy(update={"domains": ("competition",)})
    _, out, _ = command(chosen, "board", "list", "--json")
    assert [(row["entries"], row["first"]) for row in json.loads(out)] == [(MODELS, one.listed[0]["name"])]
    _, out, _ = command(chosen, "board", "show", BOARD, "--json")
    assert json.loads(out)["entries"] == one.listed
    code, out, err = command(chosen, "board", "show", BOARD)
    assert (code, sum(LETTER in line for line in out.splitlines()), "the first 500; --limit 0 shows all" in err) == (
        0,
        500,
        True,
    )
    assert command(chosen, "board", "verify", BOARD)[0] == 0


def _shown(contest: Contest, one: boards.Snapshot) -> None:
    """The page shows the best, finds the others, and gives all as JSON and CSV."""
    with TestClient(create(contest.settings)) as page:
        shown = page.get(f"/b/{BOARD}")
        assert f"of {MODELS:,} entries" in shown.text
        assert len(shown.content) < 4_000_000
        whole = page.get(f"/b/{BOARD}.json").json()
        assert (whole["entries"], whole["entries_total"]) == (one.listed, MODELS)
        assert page.get(f"/b/{BOARD}.csv").text.count("\n") == MODELS + 1
        last = one.listed[-1]
        assert last["name"] in page.get(f"/b/{BOARD}", params={"q": last["name"][:7]}).text
        assert page.get(f"/b/{BOARD}/{last['id']}.json").json()["entry"] == last
        assert page.get("/boards.json").json()[0]["entries"] == MODELS
