"""Recomputing that begins from a base: equal to live although the log has lost what the base holds, or refused."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from confluent_kafka import Producer
from psycopg.sql import SQL

from podium import operations, topics
from podium.errors import Problem
from podium.rebuild import beginning, cut, patrol, plan, prove
from podium.rebuild.cut import CUT, Damaged, OtherVersion
from podium.rebuild.digest import parts
from podium.rebuild.export import export
from podium.rebuild.plan import BeginningGone
from podium.rebuild.repair import repair
from podium.rebuild.run import Order, planned, rebuild
from podium.rebuild.swap import swap
from podium.settings import Settings
from schema import DOMAINS
from schema.declare import Domain
from tests.contract.conftest import copied
from tests.log import story
from tests.rebuild.conftest import based, damage, fill_up, name_of, publish, truncate
from tests.rebuild.test_rebuild import killed

CHOSEN = tuple(domain for domain in DOMAINS if domain.name in ("evaluation", "competition"))


def _query(settings: Settings, text: str) -> list[tuple[Any, ...]]:
    """Rows of the live database."""
    with psycopg.connect(settings.postgres.dsn("owner")) as connection:
        return connection.execute(text.encode()).fetchall()


def _last_first(domain: Domain) -> Iterable[dict[str, Any]]:
    """The second half of its story: what much of it refers to has not happened yet."""
    lines = story(domain)
    return lines[len(lines) // 2 :]


def _spoil(settings: Settings, topic: str) -> None:
    """A record that nobody can read."""
    producer = Producer(settings.kafka.client())
    producer.produce(settings.kafka.named(topic), b"spoilt", b"key", partition=0)
    assert producer.flush(20) == 0


@pytest.fixture
def halfway(database: Settings, tmp_path: Path) -> Settings:
    """Domains exported while references were open and records dead; then the log lost all that, and went on."""
    live = database.model_copy(update={"domains": tuple(domain.name for domain in CHOSEN)})
    topics.apply(live.kafka, topics.wanted(CHOSEN, live.kafka))
    for domain in CHOSEN:
        publish(live, domain, _last_first(domain))
        _spoil(live, next(iter(domain.topics)))
    fill_up(live, *CHOSEN)
    waiting = _query(live, 'SELECT topic, partition, "offset" FROM ledger.parked ORDER BY 1, 2, 3')
    assert {topic.partition(".")[0] for topic, *_ in waiting} == {domain.name for domain in CHOSEN}
    export(live, CHOSEN, tmp_path / "out")
    truncate(live, plan.ends(live, CHOSEN))
    place = dict(zip(("topic", "partition", "offset"), waiting[0], strict=True))
    assert operations.expire(live, place, "given up, although what it waits for is about to come") == 1
    assert operations.drop(live, {"reason": "not-json"}, "spoilt") == len(CHOSEN)
    for domain in CHOSEN:
        publish(live, domain, story(domain))
    fill_up(live, *CHOSEN)
    assert len(_query(live, "SELECT FROM ledger.parked")) < len(waiting)
    return live


def test_what_a_base_holds_need_not_be_in_the_log(halfway: Settings, tmp_path: Path) -> None:
    with pytest.raises(BeginningGone):
        planned(halfway, Order(CHOSEN))
    live, folder = based(halfway, tmp_path / "out"), str(tmp_path / "out")
    first, second = killed(live, "rebuild", "loading ledger.dead", "recording")
    assert first.keys() == second.keys() == {"", "_rebuild"}
    assert planned(halfway, Order(CHOSEN)).records == 0
    outcome = rebuild(halfway, Order(CHOSEN))
    assert outcome.proof is not None
    assert [one for table in outcome.proof.tables for one in table.wrong] == []
    assert (outcome.base or {})["folder"] == folder
    swap(halfway, CHOSEN)
    table = next(table for table in CHOSEN[0].tables if "name" in table.columns)
    damage(live, table, SQL("UPDATE {} SET name = name || '?'").format(name_of(table)))
    assert patrol.patrol(live, CHOSEN, share=1.0, rounds=1) > 0
    rows = next(rows for rows in parts(CHOSEN[:1]) if rows.table is table)
    assert len(repair(live, CHOSEN[:1], rows, [])) > 0
    proof = prove.verify(live, CHOSEN)
    assert (proof.equal, proof.base) == (True, folder)


def test_a_base_that_does_not_reach_what_is_left_is_refused(live: Settings, domain: Domain, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    export(live, [domain], folder, "json")
    stand = plan.ends(live, [domain])
    publish(live, domain, story(domain))
    fill_up(live, domain)
    place, end = max(stand.items(), key=lambda one: one[1])
    given = based(live, folder)
    left = sum(plan.ends(live, [domain]).values()) - sum(stand.values())
    whole = planned(given, Order([domain]))
    assert (whole.records, whole.base) == (left, cut.given(given))
    truncate(live, {place: 1})
    with pytest.raises(BeginningGone, match="reaches beyond what is asked"):
        planned(given, Order([domain], {**stand, place: end - 1}))
    truncate(live, {place: end})
    with pytest.raises(BeginningGone, match="may have been appended after"):
        plan.at_time(given, [domain], datetime(2020, 1, 1, tzinfo=UTC))
    assert plan.at_time(given, [domain], datetime.now(UTC)) == plan.ends(live, [domain])
    assert planned(given, Order([domain])).records == left
    truncate(live, {place: end + 1})
    with pytest.raises(BeginningGone, match=rf"begins at offset {end + 1}; .* ends at {end} \(in the base "):
        planned(given, Order([domain]))


def test_a_base_that_is_not_as_it_was_written_is_refused(
    live: Settings, domain: Domain, template: str, namespace: str, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    export(live, [domain], folder, "json")
    stated = cut.read(folder)
    table, whole = folder / f"{domain.name}.models.json", (folder / CUT).read_bytes()
    wrong = table.read_bytes().replace(b'"model_id" : 1,', b'"model_id" : 4711,')
    with copied(live, template, f"{namespace.strip('.')}_other") as postgres:
        there = based(live, folder).model_copy(update={"postgres": postgres})

        def refused(why: type[Problem], said: str) -> None:
            with pytest.raises(why, match=said):
                beginning.begin(there, postgres, [domain], plan.ends(live, [domain]))
            (folder / CUT).write_bytes(whole)

        (folder / CUT).write_bytes(whole.replace(b'"domains"', b'"also"'))
        refused(Damaged, "cut.json was changed")
        cut.seal(folder, {**stated, "migration": "0000"})
        refused(OtherVersion, "written at migration 0000")
        right = table.read_bytes()
        assert right != wrong
        table.write_bytes(wrong)
        refused(Damaged, "models.json was changed")
        cut.seal(folder, stated)
        refused(Damaged, "another digest")
        table.write_bytes(right)
        assert beginning.begin(there, postgres, [domain], plan.ends(live, [domain])) == cut.given(there)
        with psycopg.connect(postgres.dsn("owner")) as connection:
            assert plan.positions(connection, [domain]) == plan.ends(live, [domain])
