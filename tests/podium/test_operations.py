"""What operators decide about single records is said in the log, carried out by the consumers, and replayed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from consumers.loop import fill
from podium import operations, proof, topics
from podium.client import Producer
from podium.settings import Postgres, Settings
from schema import LEDGER
from tests.consumers.lines import EVALUATION, Line, dataset, row
from tests.contract.conftest import copied
from tests.podium.command import podium
from tests.podium.log import until
from tests.podium.test_status import consuming, look, model

OPERATIONS = ("podium.operations", 0)
CATALOG = "evaluation.catalog"


@pytest.fixture
def another(services: Settings, template: str, namespace: str) -> Iterator[Postgres]:
    """A second migrated database."""
    with copied(services, template, f"{namespace.strip('.')}_again") as postgres:
        yield postgres


@pytest.fixture
def settings(database: Settings) -> Settings:
    topics.apply(database.kafka, topics.wanted([EVALUATION], database.kafka))
    return database


def query(postgres: Postgres, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(postgres.dsn("owner"), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def publish(settings: Settings, *lines: Line) -> None:
    with Producer(settings, source="test") as producer:
        for line in lines:
            producer.publish(line["type"], line["data"])


def counted(settings: Settings) -> tuple[int, int, int, int, int]:
    total = look(settings).total
    return total.read, total.applied, total.parked, total.released, total.dead


def letter(settings: Settings) -> dict[str, Any]:
    (found,) = json.loads(podium(settings, "dead", "list", "--json").stdout)
    return dict(found)


def test_a_letter_is_redriven_until_it_lands(settings: Settings) -> None:
    rule = "ALTER TABLE evaluation.models ADD CONSTRAINT wrong CHECK (name <> 'model 2')"
    query(settings.postgres, rule)
    with consuming(settings):
        publish(settings, *({"type": "evaluation.model.registered.v1", "data": model(n)} for n in (1, 2, 3)))
        until(lambda: counted(settings) == (3, 2, 0, 0, 1), 40)
        first = letter(settings)
        assert operations.redrive(settings, {"reason": "refused"}, "look again") == 1
        until(lambda: query(settings.postgres, "SELECT handled FROM ledger.dead") == [(0,)], 40)
        assert counted(settings) == (4, 3, 0, 0, 1)
        again = letter(settings)
        assert (again["offset"], again["reason"]) == (first["offset"], "refused")
        assert again["died_at"] > first["died_at"]
        # What was tried once is left alone unless it is asked for.
        refused = podium(settings, "dead", "redrive", "--yes")
        assert (refused.returncode, "PD068" in refused.stderr) == (1, True)
        query(settings.postgres, "ALTER TABLE evaluation.models DROP CONSTRAINT wrong")
        where = ("--reason", "refused", "--again", "--why", "the rule is gone")
        assert "1 letters" in podium(settings, "dead", "redrive", *where).stderr
        assert podium(settings, "dead", "redrive", *where, "--yes").returncode == 0
        until(lambda: counted(settings) == (5, 5, 0, 0, 0), 40)
    assert query(settings.postgres, "SELECT model_id FROM evaluation.models ORDER BY 1") == [(1,), (2,), (3,)]
    assert query(settings.postgres, "SELECT why FROM ledger.operation ORDER BY place_offset") == [
        ("look again",),
        ("the rule is gone",),
    ]


def test_a_letter_that_waits_after_it_was_redriven_is_parked(settings: Settings) -> None:
    query(settings.postgres, "ALTER TABLE evaluation.rows ADD CONSTRAINT wrong CHECK (row_id <> 1)")
    with consuming(settings):
        publish(settings, dataset(2), row(1, dataset_id=2))
        until(lambda: counted(settings) == (2, 1, 0, 0, 1), 40)
        query(settings.postgres, "ALTER TABLE evaluation.rows DROP CONSTRAINT wrong")
        query(settings.postgres, "TRUNCATE evaluation.datasets CASCADE")
        assert operations.redrive(settings, {"topic": CATALOG}, "now") == 1
        until(lambda: counted(settings) == (3, 2, 1, 0, 0), 40)
        publish(settings, dataset(2))
        until(lambda: counted(settings) == (4, 3, 0, 1, 0), 40)
    assert query(settings.postgres, "SELECT row_id FROM evaluation.rows") == [(1,)]


def test_an_event_that_was_given_up_never_lands_nor_does_it_where_the_log_is_read_again(
    settings: Settings, another: Postgres
) -> None:
    with consuming(settings):
        publish(settings, row(1, dataset_id=7), row(2, dataset_id=8))
        until(lambda: counted(settings)[2] == 2, 40)
        waits = json.loads(podium(settings, "parked", "list", "--json").stdout)
        (place,) = [[str(one["partition"]), str(one["offset"])] for one in waits if one["key"] == {"dataset_id": 7}]
        assert (
            podium(settings, "parked", "expire", CATALOG, *place, "--yes", "--why", "set 7 was never made").returncode
            == 0
        )
        until(lambda: counted(settings)[4] == 1, 40)
        publish(settings, dataset(7), dataset(8))
        until(lambda: counted(settings)[2:4] == (0, 1), 40)
    assert letter(settings)["reason"] == "expired"
    assert "set 7 was never made" in letter(settings)["message"]
    assert query(settings.postgres, "SELECT row_id FROM evaluation.rows") == [(2,)]
    proof.fill_operations(settings, another, proof.operations(settings))
    kafka = settings.kafka
    ends = {(t, n): at for t, n, at in query(settings.postgres, "SELECT topic, partition, position FROM ledger.offset")}
    fill(
        [EVALUATION], kafka.client(), another.dsn("consumer"),
        {place: end for place, end in ends.items() if place != OPERATIONS and end and place[0] in EVALUATION.topics},
        namespace=kafka.namespace,
    )  # fmt: skip
    assert query(another, "SELECT row_id FROM evaluation.rows") == [(2,)]
    assert query(another, "SELECT reason FROM ledger.dead") == [("expired",)]
    assert LEDGER.by_type[operations.EVENT].topic == OPERATIONS[0]


def test_dropped_letters_are_closed_but_kept(settings: Settings) -> None:
    with consuming(settings):
        publish(settings, row(1, dataset_id=7))
        until(lambda: counted(settings)[2] == 1, 40)
        operations.expire(settings, {}, "never")
        until(lambda: counted(settings)[4] == 1, 40)
        found = letter(settings)
        assert podium(settings, "dead", "drop", "--reason", "expired", "--yes").returncode == 0
        until(lambda: podium(settings, "dead", "list", "--json").stdout.strip() == "[]", 40)
    place = (found["topic"], str(found["partition"]), str(found["offset"]))
    assert json.loads(podium(settings, "dead", "show", *place, "--json").stdout)["dropped_at"] is not None
    assert counted(settings)[4] == 1
