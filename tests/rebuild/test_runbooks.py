"""What docs/rebuild.md tells to do, done: rows wrong, database lost and topic truncated, region moved."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest
from confluent_kafka.admin import AdminClient
from psycopg.sql import SQL

from consumers.offset import AnotherLog
from podium.rebuild import database, plan, prove
from podium.rebuild.digest import reading, rows_of
from podium.settings import Settings
from schema.declare import Domain
from tests.contract.conftest import copied
from tests.log import story
from tests.rebuild.child import names
from tests.rebuild.conftest import damage, fill_up, podium, prepare, publish, truncate


def digests(settings: Settings, domain: Domain) -> dict[str, str]:
    """Table -> digest of what the log determines of it."""
    with reading(settings.postgres.dsn("owner")) as connection:
        return {rows.name: str(rows.digest(connection)) for rows in rows_of(domain)}


def test_many_rows_are_wrong(live: Settings, domain: Domain) -> None:
    table = next(table for table in domain.tables if "name" in table.columns)
    damage(live, table, SQL("UPDATE {} SET name = name || '?'").format(SQL(table.fullname)))
    before = names(live)[""]
    code, _, err = podium(live, "rebuild", "--swap", "--yes")
    assert (code, "--swap --accept" in err, names(live)[""]) == (1, True, before)
    code, out, err = podium(live, "rebuild", "--swap", "--accept", "--why", "a test", "--yes")
    assert (code, "is the other database now" in out) == (0, True), err
    assert prove.verify(live, [domain]).equal
    code, _, err = podium(live, "rebuild", "prune", "--yes")
    assert (code, "it is kept until" in err) == (2, True)
    assert podium(live, "rebuild", "--back", "--yes")[0] == 0
    assert names(live)[""] == before
    assert podium(live, "rebuild", "--back", "--yes")[0] == 0
    assert names(live)["_before"] == before
    code, _, err = podium(live, "rebuild", "prune", "--early", "--yes")
    assert (code, err.strip()) == (0, f"dropped {database.named(live.postgres, 'before')}")
    assert names(live).keys() == {""}


def test_the_database_is_lost_and_the_log_has_lost_its_beginning(
    live: Settings, domain: Domain, tmp_path: Path
) -> None:
    folder = str(tmp_path / "out")
    assert podium(live, "export", folder)[0] == 0
    ends = plan.ends(live, [domain])
    publish(live, domain, story(domain))
    fill_up(live, domain)
    before = digests(live, domain)
    truncate(live, dict([max(ends.items(), key=lambda one: one[1])]))
    code, _, err = podium(live, "rebuild", "--yes")
    assert (code, "PD082" in err) == (1, True)
    given = {"PODIUM_REBUILD__BASE": folder}
    code, out, err = podium(live, "rebuild", "--swap", "--yes", **given)
    assert (code, "is the other database now" in out, f"base {folder}" in err) == (0, True, True), err
    assert digests(live, domain) == before
    assert podium(live, "rebuild", "prune", "--early", "--yes")[0] == 0
    with database.administering(live.postgres) as server:
        name = database.name_of(live.postgres)
        database.drop(server, name)
        database.make(server, name, like=database.MAINTENANCE)
    assert podium(live, "db", "upgrade")[0] == 0
    code, out, err = podium(live, "import", folder, "--json")
    assert (code, len(json.loads(out)) >= len(before)) == (0, True), err
    fill_up(live, domain)
    assert digests(live, domain) == before
    code, out, err = podium(live, "verify", "--json", **given)
    assert (code, json.loads(out)["equal"], json.loads(out)["base"]) == (0, True, folder), err


def test_the_region_moved(live: Settings, domain: Domain, template: str, namespace: str) -> None:
    kafka = live.kafka.model_copy(update={"namespace": f"{namespace.strip('.')}-moved."})
    moved = live.model_copy(update={"kafka": kafka})
    try:
        prepare(moved, domain)
        with pytest.raises(AnotherLog):
            fill_up(moved, domain)
        with copied(live, template, f"{namespace.strip('.')}_moved") as postgres:
            there = moved.model_copy(update={"postgres": postgres})
            fill_up(there, domain)
            assert digests(there, domain) == digests(live, domain)
            with psycopg.connect(postgres.dsn("reader")) as connection:
                assert plan.positions(connection, [domain]) == plan.ends(there, [domain])
    finally:
        admin = AdminClient(live.kafka.client())
        admin.delete_topics([name for name in admin.list_topics(timeout=10).topics if name.startswith(kafka.namespace)])
