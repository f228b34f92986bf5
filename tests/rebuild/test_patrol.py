"""A patrol goes through every table share by share, remembers how far it is, and finds what is wrong."""

from __future__ import annotations

from threading import Event

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from podium.rebuild import database, patrol
from podium.rebuild.digest import LEAF_ROWS
from podium.rebuild.prove import Wrong
from podium.settings import Settings
from schema import LEDGER
from schema.declare import Domain
from tests.rebuild.conftest import fill_up, podium, publish

RANGES = LEAF_ROWS * 2 + 1


def _ranges(settings: Settings) -> None:
    """More id ranges than one round of a small share goes through."""
    key = "0192f0c1-2345-7abc-8def-0000000"
    lines = [
        {
            "type": "podium.range.requested.v1",
            "time": "2026-03-01T10:00:00Z",
            "data": {"kind": "evaluation.row", "request": f"{key}{n:05x}", "size": 1},
        }
        for n in range(RANGES)
    ]
    publish(settings, LEDGER, lines)


def test_every_key_has_its_turn(live: Settings, domain: Domain) -> None:
    _ranges(live)
    fill_up(live, domain)
    with psycopg.connect(live.postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute(
            "DELETE FROM ledger.id_range WHERE request = (SELECT max(request::text)::uuid FROM ledger.id_range)"
        )
    seen: list[list[Wrong]] = []

    def turn(rounds: int) -> patrol.Coverage:
        patrol.patrol(
            live, [domain], share=0.01, every=0.0, rounds=rounds, report=lambda wrong: seen.append(list(wrong))
        )
        return next(one for one in patrol.coverage(live.postgres) if one.relation == "ledger.id_range")

    first = turn(1)
    assert (first.compared, first.total, first.rounds, first.whole_at) == (LEAF_ROWS, RANGES, 0, None)
    last = turn(2)
    assert (last.rounds, last.compared, last.wrong) == (1, RANGES, 1)
    assert [[(one.table, one.kind) for one in wrong] for wrong in seen] == [[], [], [("ledger.id_range", "missing")]]
    assert all(one.rounds for one in patrol.coverage(live.postgres) if one.relation != "ledger.id_range")
    with database.alone(live.postgres, "verify"), pytest.raises(database.Busy):
        patrol.patrol(live, [domain], rounds=1)
    code, out, _ = podium(live, "patrol", "--share", "100", "--rounds", "1")
    assert code == 1
    assert "missing ledger.id_range" in out
    code, out, err = podium(live, "repair", "ledger.id_range", "--yes")
    assert (code, "put back to what the log says: 1 of ledger.id_range" in out) == (0, True), err


def test_it_waits_for_a_database_that_is_away(live: Settings, domain: Domain) -> None:
    patrol.patrol(live, [domain], share=1.0, rounds=1)
    name, stop, told = database.name_of(live.postgres), Event(), []

    def rename(before: str, after: str) -> None:
        with database.administering(live.postgres) as admin:
            admin.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(before), Identifier(after)))

    def step(text: str) -> None:
        told.append(text)
        if text == "waiting":
            rename(f"{name}_passing", name)

    rename(name, f"{name}_passing")
    with pytest.raises(psycopg.OperationalError):
        patrol.patrol(live, [domain], rounds=1)
    patrol.patrol(live, [domain], share=1.0, stop=stop, step=step, report=lambda _: stop.set())
    assert told.count("waiting") == 1
    assert {one.rounds for one in patrol.coverage(live.postgres)} == {2}
    assert podium(live, "patrol", "--drop", "--yes")[0] == 0
    assert podium(live, "patrol", "--coverage")[2].strip() == "it never ran"
