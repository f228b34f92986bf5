"""Writes past the log are seen, whatever a session says of itself; rows are put back, each with an audit row."""

from __future__ import annotations

import json

import psycopg
import pytest

from podium import status
from podium.rebuild import digest, prove
from podium.rebuild.repair import NoSuchKey, keyed, repair
from podium.settings import Settings
from schema import LEDGER
from schema.declare import Domain
from tests.rebuild.conftest import podium


def test_rows_are_put_back_with_an_audit_row(live: Settings, domain: Domain) -> None:
    with psycopg.connect(live.postgres.dsn("owner"), application_name="podium consumers", autocommit=True) as session:
        session.execute("SET podium.through_log = on")
        session.execute("UPDATE evaluation.models SET name = 'forged'")
        session.execute("INSERT INTO evaluation.models (name, source) VALUES ('invented', 'nowhere')")
        session.execute("ALTER TABLE evaluation.models DISABLE TRIGGER USER")
        lost = session.execute("DELETE FROM evaluation.status_update_log RETURNING id").rowcount
        session.execute("ALTER TABLE evaluation.scores DISABLE TRIGGER USER")
        session.execute("DELETE FROM evaluation.scores")
    found = status.look(live, (LEDGER, domain), sample_seconds=0.0)
    assert {(one.relation, one.statement, one.role, one.application) for one in found.outside} == {
        ("evaluation.models", "UPDATE", "podium_owner", "podium consumers"),
        ("evaluation.models", "INSERT", "podium_owner", "podium consumers"),
        ("evaluation.status_update_log", "DELETE", "podium_owner", "podium consumers"),
    }
    assert found.outside[-1].keys
    score = next(table.wrong[0] for table in prove.verify(live, [domain]).tables if table.table == "evaluation.scores")
    assert podium(live, "repair", "evaluation.models", "model_id=1")[0] == 2
    code, out, _ = podium(live, "repair", "evaluation.models", "model_id=1", "--yes", "--json", "--why", "a test")
    (put_back,) = json.loads(out)
    assert (code, put_back["was"][0]["name"], put_back["is"][0]["model_id"]) == (0, "forged", "1")
    parts = {rows.name: rows for rows in digest.parts([domain])}
    assert {len(one.log) for one in repair(live, [domain], parts["evaluation.models"], [])} == {0, 1}
    assert len(repair(live, [domain], parts["evaluation.status_update_log"], [])) == lost
    told = ", ".join(f"{name}={value}" for name, value in score.key.items())
    code, out, err = podium(live, "repair", "evaluation.scores", told, "--yes")
    assert (code, "put back to what the log says: 1 of" in out, "\\x" in told) == (0, True, True), err
    code, _, err = podium(live, "repair", "evaluation.models", "model_id=one", "--yes")
    assert (code, "PD095" in err) == (2, True)
    assert repair(live, [domain], parts["evaluation.scores"], [])
    (past,) = json.loads(podium(live, "repair", "evaluation.models", "--list", "--json")[1])[-1:]
    assert (past["why"], past["key"], past["before"][0]["name"]) == ("a test", {"model_id": "1"}, "forged")
    assert prove.verify(live, [domain]).equal
    with psycopg.connect(live.postgres.dsn("owner")) as connection:
        audit = connection.execute("SELECT relation, key, why FROM ledger.repair ORDER BY id").fetchall()
        assert audit[0] == ("evaluation.models", {"model_id": "1"}, "a test")
        assert len(audit) > lost + 1
        always = connection.execute("SELECT DISTINCT tgenabled::text FROM pg_trigger WHERE NOT tgisinternal")
        assert {row[0] for row in always} == {"A", "D"}


def test_a_key_may_have_commas_and_must_be_whole(domain: Domain) -> None:
    rows = next(rows for rows in digest.parts([domain]) if rows.name == "evaluation.confusion")
    given = {"model_id": "1", "prompt_id": "2", "dataset_id": "3", "gold": "so, so=x", "predicted": ""}
    assert keyed(rows, ", ".join(f"{name}={value}" for name, value in given.items())) == given
    for text in ("", "model_id=1", "x, model_id=1,prompt_id=2,dataset_id=3,gold=,predicted=", "gold=a,gold=b"):
        with pytest.raises(NoSuchKey):
            keyed(rows, text)
