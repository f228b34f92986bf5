"""A snapshot is proven from the log alone, and any bit that is wrong is found; the commands on top of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import psycopg
import pytest
from typer.testing import CliRunner

from podium import boards, proof
from podium.boards import Snapshot
from podium.cli.main import app, modules
from podium.rebuild import board_export, plan
from podium.rebuild.asof import as_of
from podium.rebuild.cut import Damaged, Form
from podium.rebuild.export import export
from streams.rank import Ranker
from streams.score import Scorer
from tests.contract.conftest import copied
from tests.rebuild.conftest import based, fill_up, truncate
from tests.rebuild.conftest import podium as command
from tests.streams.conftest import Consuming, World, prediction, running, until

BOARD = "evaluation.accuracy.1"


@pytest.fixture
def cut(world: World) -> World:
    """A world whose boards were cut at least twice, the last time at the end of the log."""
    loops = [Ranker(world.log, world.dsn, world.domain, board) for board in world.domain.boards]
    with running(Consuming(world), Scorer(world.log, world.dsn, world.domain), *loops):
        world.world(rows=10, models=2)
        world.publish("prediction.recorded.v1", *(prediction(1, n) for n in range(1, 11)))
        until(lambda: _judged(world) == 10)
        world.publish("prediction.recorded.v1", *(prediction(2, n, "negative") for n in range(1, 8)))
        until(lambda: _judged(world) == 17)
        until(lambda: world.settled(BOARD))
    return world


def _judged(world: World) -> int:
    rows = world.query("SELECT entries FROM ledger.snapshot WHERE board = %s ORDER BY cut_at DESC LIMIT 1", BOARD)
    return sum(entry["n"] for entry in json.loads(rows[0][0])) if rows else 0


def test_every_bit_of_a_snapshot_is_proven(cut: World, tmp_path: Path) -> None:
    with psycopg.connect(cut.settings.postgres.dsn("owner"), autocommit=True) as connection:
        latest = boards.latest(connection)
        assert [one.board for one in latest] == [BOARD, "evaluation.overall.all"]
        earlier = boards.previous(connection, latest[0])
        assert earlier is not None
    verdicts = proof.verify(cut.settings, [cut.domain], [*latest, earlier])
    assert [(one.id, [(c.check, c.why or c.ok) for c in one.checks]) for one in verdicts] == [
        (id_, [("digest", True), ("record", True), ("rule", True), ("recomputed", True)])
        for id_ in (BOARD, "evaluation.overall.all", BOARD)
    ]
    assert cut.query("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", proof.PREFIX) == []
    at = ",".join(f"{topic}[{partition}]@{offset}" for topic, partition, offset in earlier.cut)
    head = replace(earlier, entries="")
    assert as_of(cut.settings, [cut.domain], BOARD, at) == (head, False)
    assert as_of(cut.settings, [cut.domain], BOARD, str(earlier.snapshot)) == (head, False)
    with psycopg.connect(cut.settings.postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute("DELETE FROM ledger.snapshot WHERE snapshot = %s", [earlier.snapshot])
    again, recomputed = as_of(cut.settings, [cut.domain], BOARD, at)
    assert (again.entries, again.digest, again.cut, recomputed) == (earlier.entries, earlier.digest, earlier.cut, True)
    _proven_from_a_base(cut, latest[0], earlier, tmp_path / "out")


def _proven_from_a_base(cut: World, latest: Snapshot, earlier: Snapshot, folder: Path) -> None:
    """When the log has lost everything that the base holds."""
    export(cut.settings, [cut.domain], folder)
    truncate(cut.settings, plan.ends(cut.settings, [cut.domain]))
    given = based(cut.settings, folder)
    verdicts = proof.verify(given, [cut.domain], [latest, earlier])
    assert [[(c.check, c.ok) for c in one.checks] for one in verdicts] == [
        [("digest", True), ("record", True), ("rule", True), ("recomputed", True)],
        [("digest", True), ("record", False), ("rule", True), ("log", False)],
    ]
    assert "reaches beyond what is asked" in verdicts[1].checks[-1].why
    with psycopg.connect(cut.settings.postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute("DELETE FROM ledger.snapshot WHERE board = %s", [BOARD])
    again, recomputed = as_of(given, [cut.domain], BOARD, datetime.now(UTC).isoformat())
    assert (again.entries, again.digest, again.cut, recomputed) == (latest.entries, latest.digest, latest.cut, True)


MORE = "replace(entries, '\"n\":10', '\"n\":11')"
DAMAGE = [
    (f"entries = {MORE}", {"digest", "record", "recomputed"}),
    (f"entries = {MORE}, digest = encode(sha256(convert_to({MORE}, 'UTF8')), 'hex')", {"record", "recomputed"}),
    ("digest = translate(digest, '0123456789abcdef', '123456789abcdef0')", {"digest", "record"}),
    ("as_of = as_of + interval '1 microsecond'", {"record"}),
    ('rule = rule || \'{"rank": "dense"}\'', {"record", "rule"}),
    ("place_offset = NULL", {"record"}),
]
"""What is done to a stored snapshot, and the checks that must find it."""


def test_a_flipped_bit_is_found(cut: World) -> None:
    with psycopg.connect(cut.settings.postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute("ALTER TABLE ledger.snapshot DISABLE TRIGGER USER")
        for damage, found in DAMAGE:
            with connection.transaction(force_rollback=True):
                connection.execute(f"UPDATE ledger.snapshot SET {damage} WHERE board = %s".encode(), [BOARD])
                one = boards.find(connection, BOARD)
            (verdict,) = proof.verify(cut.settings, [cut.domain], [one])
            assert {check.check for check in verdict.checks if not check.ok} == found, damage
            assert all(check.why for check in verdict.checks if not check.ok)


def test_a_board_goes_out_and_in_again_with_its_proof(
    cut: World, template: str, namespace: str, tmp_path: Path
) -> None:
    with psycopg.connect(cut.settings.postgres.dsn("reader")) as connection:
        one, head = (boards.find(connection, BOARD, whole=whole) for whole in (True, False))
    for form in get_args(Form):
        with copied(cut.settings, template, f"{namespace.strip('.')}_{form}") as postgres:
            there, folder = cut.settings.model_copy(update={"postgres": postgres}), tmp_path / form
            with psycopg.connect(cut.settings.postgres.dsn("reader")) as reader:
                assert board_export.write(reader, head, folder, form) == {BOARD: one.digest}
            file = folder / f"{BOARD}.{form}"
            whole = file.read_bytes()
            file.write_bytes(whole.replace(b"4286", b"4287") if form != "parquet" else whole[:-20])
            with pytest.raises(Damaged):
                board_export.load(there, folder)
            file.write_bytes(whole)
            assert board_export.load(there, folder) == head
            with psycopg.connect(postgres.dsn("reader")) as connection:
                assert boards.find(connection, BOARD) == one
    folder = str(tmp_path / "out")
    code, out, err = command(cut.settings, "export", folder, "--board", BOARD, "--form", "parquet", "--json")
    assert (code, [row["table"] for row in json.loads(out)]) == (0, [BOARD]), err
    with copied(cut.settings, template, f"{namespace.strip('.')}_import") as postgres:
        there = cut.settings.model_copy(update={"postgres": postgres})
        code, out, err = command(there, "import", folder, "--verify", "--json")
        assert (code, json.loads(out)["equal"]) == (0, True), err
        fill_up(there, cut.domain)
        with psycopg.connect(postgres.dsn("owner")) as connection:
            snapshots = "SELECT count(*) FROM ledger.snapshot"
            assert connection.execute(snapshots).fetchall() == cut.query(snapshots)
            assert connection.execute("SELECT FROM ledger.dead").rowcount == 0


def podium(world: World, *arguments: str) -> tuple[int, Any]:
    """Exit code and JSON of `podium board ...`."""
    kafka, postgres = world.settings.kafka, world.settings.postgres
    given = {
        "kafka.bootstrap": kafka.bootstrap,
        "kafka.namespace": kafka.namespace,
        "postgres.url": postgres.dsn("owner"),
        "postgres.stream_url": postgres.dsn("stream"),
        "postgres.consumer_url": postgres.dsn("consumer"),
        "postgres.reader_url": postgres.dsn("reader"),
    }
    flags = [text for key, value in given.items() for text in ("--set", f"{key}={value}")]
    result = CliRunner().invoke(app, [*flags, "board", *arguments, "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, json.loads(result.stdout)


def test_the_commands(cut: World) -> None:
    from podium.cli import board

    if "board" not in {group.name for group in app.registered_groups} and list(modules(["board"])):
        app.add_typer(board.app)
    code, listed = podium(cut, "list")
    assert (code, [row["id"] for row in listed]) == (0, [BOARD, "evaluation.overall.all"])
    _, shown = podium(cut, "show", listed[0]["id"])
    assert shown["snapshot"] == listed[0]["snapshot"]
    assert len(shown["cut"]) == 16
    assert set(shown["cut"][0]) == {"topic", "partition", "offset"}
    assert [(e["id"], e["rank"], e["score"], e["n"]) for e in shown["entries"]] == [
        ("1:7", 1, 0.5, 10), ("2:7", 2, 0.4286, 7),
    ]  # fmt: skip
    _, watched = podium(cut, "watch", BOARD, "--count", "1")
    assert watched == shown
    _, same = podium(cut, "diff", BOARD, shown["snapshot"], shown["snapshot"])
    assert (same["entered"], same["left"], same["moved"]) == ([], [], [])
    first = cut.query("SELECT snapshot FROM ledger.snapshot WHERE board = %s ORDER BY cut_at LIMIT 1", BOARD)[0][0]
    _, moved = podium(cut, "diff", BOARD, str(first))
    changed = [entry for kind in ("entered", "moved") for entry in moved[kind]]
    assert {entry["id"] for entry in changed} == {"1:7", "2:7"}
    topics = {topic for entry in changed for topic, _, _ in entry["events"]}
    assert topics <= {"evaluation.predictions", "evaluation.scores"}
    assert all(entry["events"] for entry in changed if entry["id"] == "2:7")
    _, compared = podium(cut, "compare", BOARD, "1:7", "2:7")
    assert (compared["common"], compared["only_a"] + compared["only_b"]) == (7, 7)
    code, verdicts = podium(cut, "verify", BOARD)
    assert (code, verdicts[0]["ok"]) == (0, True)
    assert (verdicts[0]["records_behind"], verdicts[0]["seconds_behind"]) == (0, 0.0)
    cut.publish("prediction.recorded.v1", *(prediction(2, n, "negative") for n in range(8, 11)))
    _, late = podium(cut, "verify", BOARD)
    assert late[0]["records_behind"] == 3
