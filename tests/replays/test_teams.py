"""A GFWL job waits until the players of every team are confirmed, and then goes on."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import Connection
from psycopg.errors import CheckViolation

from tests.replays.life import Life, at, job_id, url

TEAM: dict[str, Any] = {"team_name": "Red Eyes"}
JOB: dict[str, Any] = {"job_id": job_id(1)}
FOUND = ["Alice", "Bob", "Carol"]


def submission(life: Life) -> tuple[Any, ...]:
    row = life.connection.execute(
        "SELECT confirmation_status, discovered_players, confirmed_players FROM replays.gfwl_team_submissions"
    ).fetchone()
    return tuple(row or ())


def test_from_scraping_to_completed_with_the_confirmation_in_between(life: Life) -> None:
    life.submit(1, [url(1), url(2)], team="Red Eyes")
    life.tell("job.started", **JOB)
    phases = [life.job(1)["phase"]]
    for name, data in (
        ("url.scraped", {"url": url(1), "s3_key": "1.json"}),
        ("url.scraped", {"url": url(2), "s3_key": "2.json"}),
        ("players.discovered", {**JOB, **TEAM, "revision": 1, "players": FOUND}),
        ("job.completed", JOB),
    ):
        life.tell(name, **data)
        assert life.due("due_jobs") == []
        phases.append(life.job(1)["phase"])
    assert phases == ["scraping", "scraping", "discovering", "awaiting_confirmation", "awaiting_confirmation"]
    assert life.job(1)["status"] == "RUNNING"
    life.tell("players.confirmed", **JOB, **TEAM, revision=1, players=["Carol", "Alice"])
    job = life.job(1)
    assert (job["status"], job["phase"], job["confirmed_teams"]) == ("COMPLETED", None, 1)
    assert job["completed_at"] == at(7)
    assert submission(life) == ("confirmed", FOUND, ["Alice", "Carol"])


def test_the_timer_completes_the_job_as_soon_as_the_last_team_is_confirmed(life: Life) -> None:
    life.submit(1, [url(1)], team="Red Eyes")
    life.tell("job.started", **JOB)
    life.tell("url.scraped", url=url(1), s3_key="1.json")
    life.tell("players.discovered", **JOB, **TEAM, players=FOUND)
    assert life.due("due_jobs") == []
    life.tell("players.confirmed", **JOB, **TEAM, players=FOUND)
    assert [name for name, _ in life.due("due_jobs")] == ["replays.job.completed.v1"]


def test_players_are_confirmed_once_among_those_discovered(life: Life) -> None:
    life.submit(1, [url(1)], team="Red Eyes")
    life.tell("players.discovered", **JOB, **TEAM, revision=1, players=FOUND)
    life.tell("players.confirmed", **JOB, **TEAM, revision=1, players=["Mallory"])
    assert submission(life)[0] == "pending"
    life.tell("players.discovered", **JOB, **TEAM, revision=2, players=[*FOUND, "Dave"])
    life.tell("players.confirmed", **JOB, **TEAM, revision=2, players=["Dave", "Alice"])
    life.tell("players.confirmed", **JOB, **TEAM, revision=2, players=["Alice", "Dave"])
    life.tell("players.confirmed", **JOB, **TEAM, revision=2, players=["Alice"])
    life.tell("players.discovered", **JOB, **TEAM, revision=3, players=[*FOUND, "Dave", "Eve"])
    assert submission(life) == ("confirmed", [*FOUND, "Dave"], ["Alice", "Dave"])
    dead = life.connection.execute('SELECT reason FROM ledger.dead ORDER BY "offset"').fetchall()
    assert dead == [("refused",), ("rival",)]


@pytest.mark.parametrize("chosen", ["[]", '["Mallory"]', '["Alice", "Alice"]', "{}", "[1]"])
def test_a_shell_confirms_no_strangers_nobody_twice_and_not_nobody(
    life: Life, owner: Connection[Any], chosen: str
) -> None:
    life.submit(1, [url(1)], team="Red Eyes")
    life.tell("players.discovered", **JOB, **TEAM, players=FOUND)
    with pytest.raises(CheckViolation):
        owner.execute(
            "UPDATE replays.gfwl_team_submissions SET confirmation_status = 'confirmed', confirmed_players = %s",
            [chosen],
        )
    with pytest.raises(CheckViolation):
        owner.execute("UPDATE replays.jobs SET status = 'COMPLETED'")
