"""A page is counted once, however its link is spelled; Python and the database agree on what that means."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from schema.replays.links import canonical, distinct
from tests.replays.life import Life, url

SAME_DATABASE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
blanks = st.text(" \t\r\n", max_size=2)
words = st.text("ab1=%_-", max_size=4).filter(lambda word: not word.startswith("id="))
spelled = st.builds(
    lambda page, scheme, www, host, before, zeros, after, end, one, other: (
        page,
        f"{one}{scheme}://{www}{host}/replay?{''.join(f'{word}&' for word in before)}"
        f"id={zeros}{page}{after}{end}{other}",
    ),
    st.integers(1, 4), st.sampled_from(["http", "HTTPS", "https"]), st.sampled_from(["", "www.", "WWW."]),
    st.sampled_from(["duelingbook.com", "DuelingBook.Com"]), st.lists(words, max_size=2), st.sampled_from(["", "00"]),
    st.sampled_from(["", "&id=9", "&t=1"]), st.sampled_from(["", "#id=7"]), blanks, blanks,
)  # fmt: skip
near = st.one_of(
    spelled.map(lambda pair: pair[1]),
    st.text(max_size=20),
    st.builds(
        lambda pair, place, letter: pair[1][:place] + letter + pair[1][place:],
        spelled, st.integers(0, 60), st.sampled_from(list(" /?&#=x0\n")),
    ),
).filter(lambda text: "\0" not in text)  # fmt: skip


@SAME_DATABASE
@given(pair=spelled)
def test_every_spelling_of_a_page_is_the_page(pair: tuple[int, str]) -> None:
    assert canonical(pair[1]) == url(pair[0])


@SAME_DATABASE
@given(links=st.lists(near, min_size=1, max_size=40))
def test_the_database_reads_links_as_python_does(connection: Connection[Any], links: list[str]) -> None:
    rows = connection.execute("SELECT replays.canonical(link) FROM unnest(%s::text[]) link", [links]).fetchall()
    assert [row[0] for row in rows] == [canonical(link) for link in links]


@pytest.mark.parametrize(
    "wrong",
    ["", "https://www.duelingbook.com/replay", url(0), "https://duelingbook.com.evil.org/replay?id=1", "ftp://x",
     "https://www.duelingbook.com/replay?id=1x", "https://www.duelingbook.com/deck?id=1", url(10**15)],
)  # fmt: skip
def test_what_leads_elsewhere_is_no_link(wrong: str) -> None:
    assert canonical(wrong) is None


def test_total_urls_counts_pages_and_urls_keeps_what_was_typed(life: Life) -> None:
    typed = [
        url(1),
        "http://duelingbook.com/replay?id=1",
        f" {url(1)}#t ",
        url(2),
        "https://duelingbook.com/replay?a=b&id=02",
    ]
    life.submit(1, typed)
    job = life.job(1)
    assert (job["total_urls"], job["urls"]) == (len(distinct(typed)), typed)
    assert job["total_urls"] == 2
    assert life.links(1) == {url(1): "queued", url(2): "queued"}
