"""A rebuild beside the running system: resumed after kill -9, alone, refused without the whole log, recorded."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from podium import status
from podium.rebuild import database, plan, room
from podium.rebuild.run import Order, planned, rebuild
from podium.settings import Settings
from schema.declare import Domain
from tests.rebuild.conftest import environment, podium

STEPS = ("migrating", "asleep", "waking", "recording")
"""Where a rebuild is killed, one after the other; each next run goes on."""


def killed(settings: Settings, what: str, *steps: str) -> list[dict[str, str]]:
    """Which databases there are after a process that did this was killed at each of some steps."""
    command = [sys.executable, "-m", "tests.rebuild.child", what, *steps]
    done = subprocess.run(command, env=environment(settings), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [code for code, _ in told] == [-signal.SIGKILL] * len(steps), done.stderr
    return [found for _, found in told]


def test_a_rebuild_that_is_killed_again_and_again_ends_equal(live: Settings, domain: Domain) -> None:
    for names in killed(live, "rebuild", *STEPS):
        assert names.keys() == {"", "_rebuild"}
    outcome = rebuild(live, Order([domain], why="a test"))
    assert outcome.proof is not None
    assert [one for table in outcome.proof.tables for one in table.wrong] == []
    with database.administering(live.postgres) as admin:
        (found,) = database.all_beside(admin, live.postgres)
    assert (found.journal.part, found.journal.why, bool(found.journal.filled)) == ("rebuild", "a test", True)
    with psycopg.connect(live.postgres.at(found.name).dsn("owner")) as connection:
        row = connection.execute("SELECT run::text, equal, digests, upto FROM ledger.rebuild").fetchone()
    assert row is not None
    assert (row[0], row[1], row[2]) == (outcome.run, True, outcome.digests)
    assert {(topic, n): at for topic, n, at in row[3]} == outcome.until


def test_the_commands(live: Settings, domain: Domain) -> None:
    code, out, err = podium(live, "rebuild")
    assert (code, out) == (2, "")
    assert "podium rebuild --yes" in err
    found = planned(live, Order([domain]))
    assert all(topic.bytes >= 100 * topic.records for topic in found.topics)
    assert found.disk_bytes >= found.like_live_bytes > 100_000
    with pytest.raises(room.NoRoom):
        room.check(found.disk_bytes, found.disk_bytes - 1)
    code, out, _ = podium(live, "rebuild", "--workers", "2", "--rate", "100000", "--json", "--yes")
    document = json.loads(out)
    assert (code, document["equal"]) == (0, True)
    assert document["records"] == sum(offset for *_, offset in document["offsets"])
    (aside,) = json.loads(podium(live, "status", "--json")[1])["beside"]
    named = database.named(live.postgres, "rebuild")
    assert (aside["database"], aside["state"]) == (named, "filled: podium rebuild --swap")
    assert aside["bytes"] > 1_000_000
    assert f"{named} " in podium(live, "status")[1]
    with database.alone(live.postgres), pytest.raises(database.Busy):
        rebuild(live, Order([domain]))
    assert planned(live, Order([domain])).records == 0
    assert podium(live, "rebuild", "cancel", "--yes")[0] == 0
    (kept,) = json.loads(podium(live, "rebuild", "runs", "--json")[1])
    assert (kept["run"], kept["digests"], kept["upto"]) == tuple(document[of] for of in ("run", "digests", "offsets"))
    with database.administering(live.postgres) as admin:
        assert database.all_beside(admin, live.postgres) == []
        database.make(admin, database.named(live.postgres, "verify"), database.name_of(live.postgres))
        (foreign,) = status.beside(admin, live.postgres, datetime.now(UTC))
    assert "no rebuild made it" in foreign.state


def test_up_to_a_point_of_the_log(live: Settings, domain: Domain) -> None:
    ends = plan.ends(live, [domain])
    assert plan.read_until(live, [domain], (datetime.now(UTC) + timedelta(hours=1)).isoformat()) == ends
    assert set(plan.read_until(live, [domain], "2020-01-01T00:00:00Z").values()) == {0}
    (topic, partition), end = max(ends.items(), key=lambda one: one[1])
    until = plan.read_until(live, [domain], f"{topic}[{partition}]@{end - 1}")
    assert until == {**ends, (topic, partition): end - 1}
    outcome = rebuild(live, Order([domain], until))
    assert outcome.proof is None
    with psycopg.connect(live.postgres.at(outcome.database).dsn("owner")) as connection:
        assert plan.positions(connection, [domain]) == until
    with pytest.raises(plan.Further):
        rebuild(live, Order([domain], {**until, (topic, partition): end - 2}))
    with pytest.raises(plan.NoSuchTime):
        plan.read_until(live, [domain], f"{topic}[99]@1")


def test_a_log_without_its_beginning_or_its_end_is_refused(live: Settings, domain: Domain) -> None:
    ends = plan.ends(live, [domain])
    place, end = max(ends.items(), key=lambda one: one[1])
    with pytest.raises(plan.EndGone):
        plan.check(live, {**ends, place: end + 1})
    admin = AdminClient(live.kafka.client())
    wanted = TopicPartition(live.kafka.named(place[0]), place[1], 1)
    for future in admin.delete_records([wanted]).values():
        future.result()
    code, out, err = podium(live, "rebuild", "--yes")
    assert (code, out) == (1, "")
    assert "PD082" in err
    assert f"{place[0]}[{place[1]}]" in err


def test_newer_code_may_add_a_column_and_change_another(live: Settings, domain: Domain) -> None:
    changed = "library"
    older = [
        "ALTER TABLE evaluation.predictions DROP COLUMN error_kind CASCADE",
        "DROP TABLE evaluation.latency",
        "ALTER TABLE evaluation.models DISABLE TRIGGER USER",
        f"UPDATE evaluation.models SET {changed} = 'as the old code said'",
        "ALTER TABLE evaluation.prompts DISABLE TRIGGER USER",
        "UPDATE evaluation.prompts SET text = 'wrong' WHERE prompt_id = 1",
    ]
    with psycopg.connect(live.postgres.dsn("owner")) as connection:
        for statement in older:
            connection.execute(statement.encode())
        row = connection.execute("SELECT count(*) FROM evaluation.models").fetchone()
        assert row is not None
    outcome = rebuild(live, Order([domain], intended=frozenset({f"evaluation.models.{changed}"})))
    assert outcome.proof is not None
    found = {table.table: table for table in outcome.proof.tables}
    assert [table.table for table in found.values() if not table.equal] == ["evaluation.prompts"]
    assert found["evaluation.predictions"].added == ("error_kind",)
    assert "bucket" in found["evaluation.latency"].added
    assert found["evaluation.models"].intended == {changed: row[0]}
    assert [one.key for one in found["evaluation.prompts"].wrong] == [{"prompt_id": "1"}]
