"""Progress neither overshoots nor stalls: whatever overtakes what, it counts the links whose outcome is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from schema.replays import DOMAIN
from tests.replays.life import USER, USER_ID, Life, at, job_id, url
from tests.tables import empty

SOME = settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
JOBS = {1: (1, 2, 3), 2: (2, 3, 4), 3: (1, 4)}
ENDS = ("job.cancelled", "job.failed")
COUNTED = """
    SELECT j.processed_urls, j.failed_urls, j.cached_urls, j.total_urls, count(u.finished_at),
        count(*) FILTER (WHERE u.status = 'failed'), count(*) FILTER (WHERE u.status = 'cached'), count(*)
    FROM replays.jobs j JOIN replays.job_urls u ON u.job_id = j.id GROUP BY j.id"""

happenings = st.tuples(
    st.fixed_dictionaries({}, optional=dict.fromkeys(range(1, 5), st.integers(1, 60))),
    st.fixed_dictionaries({}, optional=dict.fromkeys(range(1, 5), st.integers(1, 60))),
    st.fixed_dictionaries(dict.fromkeys(JOBS, st.integers(1, 60))),
    st.fixed_dictionaries({}, optional=dict.fromkeys(JOBS, st.tuples(st.sampled_from(ENDS), st.integers(1, 30)))),
)
"""When pages were scraped and failed, when jobs were submitted, how and after how long they ended."""

Ends = Mapping[int, tuple[str, int]]


def expected(page: int, scraped: Mapping[int, int], failed: Mapping[int, int], since: int, until: float) -> str:
    """What becomes of a link, by definition."""
    if page in scraped and scraped[page] <= until:
        return "cached" if scraped[page] < since else "scraped"
    if page in failed and since <= failed[page] <= until:
        return "failed"
    return "dropped" if until < float("inf") else "queued"


def put(life: Life, happened: tuple[Mapping[int, int], Mapping[int, int], Mapping[int, int], Ends]) -> None:
    scraped, failed, submitted, ends = happened
    for number, second in submitted.items():
        life.put(
            "job.submitted", second, job_id=job_id(number), user_id=USER_ID, job_type="INDIVIDUAL",
            urls=[url(page) for page in JOBS[number]],
        )  # fmt: skip
        if number in ends:
            name, later = ends[number]
            life.put(name, second + later, job_id=job_id(number), error_message="over")
    for page, second in failed.items():
        life.put("url.failed", second, url=url(page), attempt=3, error_kind="timeout")
    for page, second in scraped.items():
        life.put("url.scraped", second, url=url(page), s3_key=f"{page}.json")


@SOME
@given(happened=happenings, turns=st.lists(st.tuples(st.integers(0, 50), st.integers(1, 3)), max_size=40))
def test_in_any_order_a_link_has_the_outcome_that_its_definition_gives(
    connection: Connection[Any], owner: Connection[Any], happened: Any, turns: list[tuple[int, int]]
) -> None:
    empty(owner, DOMAIN)
    life = Life(connection)
    life.tell("user.registered", clerk_user_id=USER)
    put(life, happened)
    partitions = sorted(life.log.entries)
    for turn, count in turns:
        life.worker.step({partitions[turn % len(partitions)]: count})
        for processed, failures, cached, total, *counted in connection.execute(COUNTED):
            assert [processed, failures, cached, total] == counted
            assert processed <= total
    life.worker.finish()
    scraped, failed, submitted, ends = happened
    for number, since in submitted.items():
        until = since + ends[number][1] if number in ends else float("inf")
        wanted = {url(page): expected(page, scraped, failed, since, until) for page in JOBS[number]}
        assert life.links(number) == wanted
        job = life.job(number)
        assert job["processed_urls"] == sum(state not in ("queued", "dropped") for state in wanted.values())
    assert connection.execute("SELECT count(*) FROM ledger.dead").fetchone() == (0,)


def test_a_page_is_scraped_once_for_all_jobs_and_counts_in_each_once(life: Life) -> None:
    life.submit(1, [url(1), url(2)])
    life.submit(2, [url(1)])
    for key in ("first.json", "second.json", "first.json"):
        life.tell("url.scraped", url=url(1), s3_key=key)
    assert [life.job(number)["processed_urls"] for number in (1, 2)] == [1, 1]
    rows = life.connection.execute("SELECT url, s3_key FROM replays.scraped_data").fetchall()
    assert rows == [(url(1), "first.json")]
    life.submit(3, [url(1)])
    assert life.links(3) == {url(1): "cached"}
    assert life.job(3)["processed_urls"] == life.job(3)["cached_urls"] == 1


def test_progress_does_not_fall_when_a_failed_page_is_tried_again(life: Life) -> None:
    life.submit(1, [url(1), url(2)])
    life.tell("job.started", job_id=job_id(1))
    said = [life.job(1)["processed_urls"]]
    for name, more in (
        ("url.failed", {"attempt": 3, "error_kind": "captcha"}),
        ("url.retried", {"epoch": 2, "attempt": 1}),
        ("url.claimed", {"epoch": 2, "attempt": 1, "worker": "b", "lease_until": at(900).isoformat()}),
        ("url.scraped", {"s3_key": "1.json", "epoch": 2}),
    ):
        life.tell(name, url=url(1), **more)
        said.append(life.job(1)["processed_urls"])
    assert said == [0, 1, 1, 1, 1]
    assert life.links(1)[url(1)] == "scraped"


def test_a_completion_that_overtakes_the_last_page_waits_and_what_ended_first_stays(life: Life) -> None:
    life.submit(1, [url(1)])
    life.tell("job.started", job_id=job_id(1))
    life.tell("job.completed", job_id=job_id(1))
    assert (life.job(1)["status"], life.job(1)["phase"]) == ("RUNNING", "scraping")
    life.tell("url.scraped", url=url(1), s3_key="1.json")
    assert (life.job(1)["status"], life.job(1)["completed_at"]) == ("COMPLETED", at(4))
    life.tell("job.cancelled", job_id=job_id(1), error_message="too late")
    assert (life.job(1)["status"], life.job(1)["error_message"]) == ("COMPLETED", None)
    life.submit(2, [url(2)])
    life.tell("job.cancelled", job_id=job_id(2), error_message="enough")
    life.tell("url.scraped", url=url(2), s3_key="2.json")
    assert (life.job(2)["status"], life.job(2)["processed_urls"]) == ("CANCELLED", 0)
    assert life.links(2) == {url(2): "dropped"}
    life.submit(3, [url(2)])
    assert life.links(3) == {url(2): "cached"}


def test_the_timer_says_started_completed_or_failed_once_there_is_nothing_to_wait_for(life: Life) -> None:
    life.submit(1, [url(1), url(2)])
    assert life.due("due_jobs") == []
    life.tell("url.failed", url=url(1), attempt=1, error_kind="not found")
    assert [name for name, _ in life.due("due_jobs")] == ["replays.job.started.v1"]
    life.tell("job.started", job_id=job_id(1))
    assert life.due("due_jobs") == []
    life.tell("url.scraped", url=url(2), s3_key="2.json")
    assert [name for name, _ in life.due("due_jobs")] == ["replays.job.completed.v1"]
    life.tell("job.completed", job_id=job_id(1))
    job = life.job(1)
    assert (job["status"], job["failed_urls"], life.due("due_jobs")) == ("COMPLETED", 1, [])
    life.submit(2, [url(3)])
    life.tell("url.failed", url=url(3), attempt=1, error_kind="not found")
    life.tell("job.started", job_id=job_id(2))
    assert [name for name, _ in life.due("due_jobs")] == ["replays.job.failed.v1"]
    life.submit(3, [url(3)])
    assert [name for name, _ in life.due("wanted_again")] == ["replays.url.retried.v1"]
