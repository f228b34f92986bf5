"""Every index that the schema lists is the one that the query it is for is answered by, on filled tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from podium.settings import Settings
from schema.replays import DOMAIN
from tests.contract.conftest import copied

USERS, JOBS_EACH, PAGES = 3_000, 4, 5_000
FILL = f"""
    INSERT INTO replays.users (id, clerk_user_id)
    SELECT md5('u' || n)::uuid, 'user_' || n FROM generate_series(1, {USERS}) n;
    INSERT INTO replays.jobs (id, user_id, job_type, status, event_status, urls, team_data, total_urls, total_teams,
        shareable_id, started_at, completed_at, error_message, created_at, updated_at)
    SELECT md5('j' || n)::uuid, md5('u' || 1 + n % {USERS})::uuid, kind, status, status::text, '[]',
        CASE WHEN kind = 'GFWL' THEN '{{}}'::jsonb END, 1, 0, md5('s' || n)::uuid,
        CASE WHEN status <> 'PENDING' THEN at END, CASE WHEN status = 'CANCELLED' THEN at END, NULL, at, at
    FROM (
        SELECT n, '2026-01-01'::timestamptz + n * interval '1 minute' AS at,
            (CASE WHEN n % 10 = 0 THEN 'GFWL' ELSE 'INDIVIDUAL' END)::replays.job_type AS kind,
            (CASE WHEN n % 8 = 0 THEN 'PENDING' ELSE 'CANCELLED' END)::replays.status AS status
        FROM generate_series(1, {USERS * JOBS_EACH}) n) made;
    INSERT INTO replays.scraped_data (url, s3_key)
    SELECT 'https://www.duelingbook.com/replay?id=' || n, n || '.json' FROM generate_series(1, {PAGES}) n;
    INSERT INTO replays.gfwl_team_submissions (job_id, team_name, confirmation_status, confirmed_players)
    SELECT j.id, 'team ' || t, CASE WHEN t % 10 <> 0 THEN 'confirmed' ELSE 'pending' END,
        CASE WHEN t % 10 <> 0 THEN '["A"]'::jsonb END
    FROM (SELECT id FROM replays.jobs WHERE job_type = 'GFWL' LIMIT 100) j, generate_series(1, 40) t;
    ANALYZE replays.users, replays.jobs, replays.scraped_data, replays.gfwl_team_submissions
"""
USER = "md5('u7')::uuid"
QUERIES = [
    ("users", ("clerk_user_id",), "SELECT * FROM replays.users WHERE clerk_user_id = 'user_7'"),
    ("jobs", ("user_id",), f"SELECT * FROM replays.jobs WHERE user_id = {USER}"),
    ("jobs", ("shareable_id",), "SELECT * FROM replays.jobs WHERE shareable_id = md5('s77')::uuid"),
    ("jobs", ("user_id", "status"), f"SELECT * FROM replays.jobs WHERE user_id = {USER} AND status = 'PENDING'"),
    ("jobs", ("status", "created_at"),
        "SELECT * FROM replays.jobs WHERE status = 'PENDING' ORDER BY created_at LIMIT 20"),
    ("jobs", ("user_id", "job_type"), f"SELECT * FROM replays.jobs WHERE user_id = {USER} AND job_type = 'GFWL'"),
    ("scraped_data", ("url",),
        "SELECT s3_key FROM replays.scraped_data WHERE url = 'https://www.duelingbook.com/replay?id=77'"),
    ("gfwl_team_submissions", ("job_id",),
        "SELECT * FROM replays.gfwl_team_submissions WHERE job_id = md5('j300')::uuid"),
    ("gfwl_team_submissions", ("job_id", "confirmation_status"),
        "SELECT * FROM replays.gfwl_team_submissions"
        " WHERE job_id = md5('j300')::uuid AND confirmation_status = 'pending'"),
]  # fmt: skip


@pytest.fixture(scope="module")
def filled(services: Settings, template: str) -> Iterator[Connection[Any]]:
    """Tables as after some months; what triggers would derive is of no matter here."""
    with (
        copied(services, template, f"{template}_filled") as postgres,
        psycopg.connect(postgres.dsn("owner"), autocommit=True) as owner,
    ):
        for table in DOMAIN.tables:
            owner.execute(SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(Identifier("replays", table.name)))
        owner.execute(FILL.encode())
        yield owner


def used(plan: dict[str, Any]) -> set[str]:
    """Names of the indexes in a plan."""
    found = {plan["Index Name"]} if "Index Name" in plan else set()
    return found.union(*(used(child) for child in plan.get("Plans", [])))


def indexes_of(owner: Connection[Any], table: str) -> dict[str, tuple[str, ...]]:
    """Index -> its columns, of the indexes over all rows of a table."""
    rows = owner.execute(
        "SELECT c.relname, ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY k (n, nth)"
        "   JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n ORDER BY nth)"
        " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indrelid = %s::regclass AND i.indpred IS NULL",
        [f"replays.{table}"],
    )
    return {name: tuple(columns) for name, columns in rows}


@pytest.mark.parametrize(("table", "columns", "query"), QUERIES, ids=[f"{q[0]}-{'-'.join(q[1])}" for q in QUERIES])
def test_the_index_is_used(filled: Connection[Any], table: str, columns: tuple[str, ...], query: str) -> None:
    indexes = indexes_of(filled, table)
    (meant,) = (name for name, its in indexes.items() if its == columns)
    longer = [name for name, its in indexes.items() if its != columns and its[: len(columns)] == columns]
    assert used(explained(filled, query)) & {meant, *longer}
    # One that begins alike serves as well, and which one is taken is chance: without it, this one.
    with filled.transaction(force_rollback=True):
        for name in longer:
            whole, own = Identifier("replays", table), Identifier(name)
            filled.execute(SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {} CASCADE").format(whole, own))
            filled.execute(SQL("DROP INDEX IF EXISTS replays.{}").format(own))
        assert used(explained(filled, query)) == {meant}


def explained(owner: Connection[Any], query: str, given: dict[str, Any] | None = None) -> dict[str, Any]:
    """The plan of a query."""
    row = owner.execute(f"EXPLAIN (FORMAT JSON) {query}".encode(), given).fetchone()
    assert row is not None
    found: dict[str, Any] = row[0][0]["Plan"]
    return found


def test_the_lists_of_a_user_are_read_by_index(filled: Connection[Any]) -> None:
    (user,) = filled.execute("SELECT id FROM replays.users LIMIT 1").fetchone() or (None,)
    for name, more in (("own_jobs.sql", {}), ("own_links.sql", {"job_id": user})):
        given = {"user_id": user, "status": None, "job_type": None, "limit": 20, **more}
        assert "Seq Scan" not in json.dumps(explained(filled, DOMAIN.sql(name), given)), name
