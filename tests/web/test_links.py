"""Whatever a page or a JSON document links to opens: for any id, through browsers and proxies that normalise."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

import psycopg
import pytest
from fastapi.testclient import TestClient
from httpx2 import Client, Response
from hypothesis import example, given
from hypothesis import strategies as st
from psycopg.rows import dict_row

from podium.settings import Settings
from podium.web.address import address, id_of, part
from podium.web.app import create
from schema import DOMAINS
from tests.web import world
from tests.web.conftest import Served
from tests.web.markup import read

STARTS = ("/", "/boards", "/boards.json", "/openapi.json", "/version", "/livez", "/readyz", "/metrics")
LINKS = ("href", "src", "action", "hx-get", "hx-sse:connect", "data-copy")
LINKS_JSON = {"href", "next", "permalink"}
FACTS_A_PAGE = 3
REPEATED = re.compile("/{2,}")
DOTS = re.compile(r"%2e", re.IGNORECASE)
ABSENT = ("competition.windows.al", "competition.scope.EUR/CHF-61", "chess.tune.99999999999999999999", "x", "~")
HEADS = ("/", "/b/chess.ratings.all", "/b/chess.ratings.all.csv", "/b/chess.ratings.all/1", "/nowhere", "/livez")
ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40) | st.sampled_from(world.ODD)


def browsed(base: str, link: str) -> str:
    """Path and query that a browser asks for when a link of a page is followed."""
    link = urljoin(base, link.replace("\\", "/").partition("#")[0])
    split = urlsplit(DOTS.sub(".", link))
    path = posixpath.normpath(split.path) + ("/" if split.path.endswith("/") and split.path != "/" else "")
    return f"{path}?{split.query}" if split.query else path


def proxied(path: str) -> str:
    """What a proxy makes of a path that decodes it, merges slashes, takes dots away and encodes it anew."""
    plain = REPEATED.sub("/", unquote(path).replace("\\", "/"))
    return quote(posixpath.normpath(plain) + ("/" if plain.endswith("/") else ""))


@given(ids)
@example("..")
@example("~a~2Fb")
def test_any_id_survives_its_way_through_an_address(id_: str) -> None:
    written = part(id_)
    assert id_of(unquote(written)) == id_
    path = address("domain.board.all", id_)
    for made in (path, f"{path}.json"):
        assert unquote(proxied(made)) == unquote(browsed("http://page/", made)) == unquote(made)
    assert not unquote(written).startswith("@")
    assert not unquote(written).endswith((".json", ".csv"))
    assert "/" not in unquote(written)


@given(ids, ids)
def test_two_ids_have_two_addresses(one: str, other: str) -> None:
    assert (part(one) == part(other)) == (one == other)


@pytest.mark.parametrize("id_", ["JFK-86400-21600", "1:1", "PRE_auto_1", "wiener@1.0.0", "ana b", "münchen", "v1.2"])
def test_plain_ids_stand_in_their_addresses_as_they_are(id_: str) -> None:
    assert unquote(part(id_)) == id_


@pytest.fixture(scope="module")
def asking(everything: Settings) -> Iterator[Client]:
    """Asks a page that shows few facts at once, over HTTP: addresses arrive as they were written."""
    served = Served(everything)
    served.server.page.state.site.gather.facts_a_page = FACTS_A_PAGE
    with Client(base_url=served.url(), follow_redirects=True, timeout=60) as client:
        yield client
    served.stop()


def links(path: str, answer: Response) -> Iterator[str]:
    """What a document leads to."""
    form = answer.headers.get("content-type", "").partition(";")[0]
    if form == "text/html":
        for element in read(answer.text):
            for name in LINKS:
                if link := element.attributes.get(name):
                    yield link
    elif form == "application/json":
        yield from _named(json.loads(answer.text))


def _named(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        for name, value in document.items():
            if name in LINKS_JSON and isinstance(value, str):
                yield value
            yield from _named(value)
    elif isinstance(document, list):
        for value in document:
            yield from _named(value)


def ask(client: Client, path: str) -> Response:
    """What a path answers; of a stream only how it begins."""
    split = urlsplit(path)
    if split.path == "/live" or split.path.startswith("/live/"):
        return client.head(path)
    if split.path.endswith("/@"):
        return client.get(path, params={"time": world.AT.isoformat()})
    return client.get(path)


def test_every_link_of_every_page_and_document_opens(asking: Client) -> None:
    wanted, wrong, seen = list(STARTS), {}, set(STARTS)
    while wanted:
        path = wanted.pop()
        answer = ask(asking, path)
        if answer.status_code != 200:
            wrong[path] = answer.status_code
            continue
        if "?" in path and "after=" not in path:
            continue  # another view of a page whose links are followed
        for link in links(path, answer):
            if urlsplit(link).netloc or link.startswith("#"):
                continue
            found = browsed(f"http://page{path}", link)
            if found not in seen:
                seen.add(found)
                wanted.append(found)
    assert wrong == {}
    assert {kind for kind in ("/b/", "/live/b/", "/static/") if any(path.startswith(kind) for path in seen)}
    for name in world.ODD:
        assert address("competition.windows.all", name) in {urlsplit(path).path for path in seen}, name


def test_facts_are_paged_through_with_each_row_once(asking: Client, everything: Settings) -> None:
    pages = 0
    with psycopg.connect(everything.postgres.dsn("reader"), row_factory=dict_row) as connection:
        for board in asking.get("/boards.json").json():
            domain = next(domain for domain in DOMAINS if domain.name == board["domain"])
            declared = next(b for b in domain.boards if board["id"].startswith(f"{domain.name}.{b.name}."))
            if declared.drill is None or board["snapshot"] is None:
                continue
            scopes = connection.execute(domain.sql(declared.scopes).encode()).fetchall()
            scope = next(s for s in scopes if f"{domain.name}.{declared.name}.{s['id']}" == board["id"])
            for entry in asking.get(f"{board['href']}.json").json()["entries"]:
                given_ = {**scope["parameters"], "entry": entry["id"], "after": None, "limit": 10_000}
                all_ = connection.execute(domain.sql(declared.drill).encode(), given_).fetchall()
                path, found = f"{address(board['id'], entry['id'])}.json", []
                while path:
                    answer = asking.get(path, headers={"Accept": "application/json"})
                    assert answer.status_code == 200, path
                    found += [fact["subject"] for fact in answer.json()["facts"]]
                    path, pages = answer.json()["next"], pages + 1
                assert list(map(str, found)) == [str(row["subject"]) for row in all_], (board["id"], entry["id"])
                assert len(set(found)) == len(found)
    assert pages > 100


@pytest.mark.parametrize("name", [name for name in world.ODD if name not in (".", "..") and len(name) < 200])
def test_ids_written_in_the_plain_way_lead_to_their_address(asking: Client, name: str) -> None:
    path = f"/b/competition.windows.all/{quote(name, safe='')}"
    answer = asking.get(path)
    assert answer.status_code == 200
    assert read(answer.text).one("h1").text == " ".join(name.split())


@pytest.mark.parametrize("suffix", ["", ".json", ".csv", "/@?time=2027-01-01", "/101", "/101.json"])
def test_boards_of_odd_scopes_open_however_they_are_written(asking: Client, suffix: str) -> None:
    board = "competition.scope.EUR/CHF-60"
    for path in (f"{address(board)}{suffix}", f"/b/{quote(board, safe='')}{suffix}", f"/b/{board}{suffix}"):
        assert asking.get(path).status_code == 200, path


@pytest.mark.parametrize("board", ABSENT)
@pytest.mark.parametrize("rest", ["", ".json", ".csv", "/101", "/@?time=2027-01-01", f"/@{'0' * 32}"])
def test_a_board_that_is_not_there_is_told_with_those_that_are_like_it(asking: Client, board: str, rest: str) -> None:
    answer = asking.get(f"/b/{part(board)}{rest}")
    assert answer.status_code == 404
    plain = asking.get(f"/b/{part(board)}{rest}", headers={"Accept": "application/json"}).json()
    assert "No such board" in plain["error"]
    if board == "competition.windows.al":
        assert plain["ways"][0]["href"] == "/b/competition.windows.all"
    if answer.headers["content-type"].startswith("text/html"):
        assert "/" in [link.attribute("href") for link in read(answer.text).one("main").all("a")]


@pytest.mark.parametrize(
    "path",
    [
        f"/b/evaluation.accuracy.1/1:1?after={10**30}",
        "/b/evaluation.accuracy.1/1:1?after=x",
        "/b/evaluation.accuracy.1/1:1?after=%00",
        "/b/competition.windows.all/101?after=%00",
        f"/b/chess.ratings.all/1?after=-{10**30}",
        f"/b/evaluation.accuracy.1?q={'x' * 101}",
        "/b/evaluation.accuracy.1?sort=__",
        "/b/evaluation.accuracy.1?columns=some",
        "/b/evaluation.accuracy.1/@?time=1e400",
        "/b/evaluation.accuracy.1/@?time=0001-01-01T00:00:00%2B14:00",
        "/b/evaluation.accuracy.1/@?time=",
        "/b/evaluation.accuracy.1/@",
        "/b/evaluation.accuracy.%00",
    ],
)
def test_what_cannot_be_is_400_with_the_reason(asking: Client, path: str) -> None:
    answer = asking.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 400, answer.text
    assert "Input should be" not in answer.text
    assert "database" not in answer.text


def test_a_board_listed_no_more_shows_its_snapshots(everything: Settings) -> None:
    with psycopg.connect(everything.postgres.dsn("owner"), autocommit=True) as owner:
        owner.execute(
            "INSERT INTO ledger.snapshot (board, snapshot, as_of, cut_at, cut, rule, digest, entries)"
            " SELECT 'chess.tune.4711', gen_random_uuid(), as_of, cut_at, cut, rule, digest, entries"
            " FROM ledger.snapshot WHERE board = 'chess.tune.30'"
        )
        with TestClient(create(everything)) as client:
            shown = client.get("/b/chess.tune.4711.json").json()
            for entry in shown["entries"]:
                assert client.get(address(shown["id"], entry["id"])).status_code == 200
        owner.execute("ALTER TABLE ledger.snapshot DISABLE TRIGGER USER")
        owner.execute("DELETE FROM ledger.snapshot WHERE board = 'chess.tune.4711'")
        owner.execute("ALTER TABLE ledger.snapshot ENABLE TRIGGER USER")


@pytest.mark.parametrize("path", [*HEADS, "/live"])
def test_head_says_what_get_would_without_a_body(asking: Client, path: str) -> None:
    head = asking.head(path)
    assert head.content == b""
    if path != "/live":
        get = asking.get(path)
        assert head.status_code == get.status_code
        assert head.headers.get("content-type") == get.headers.get("content-type")
    else:
        assert head.headers["content-type"].startswith("text/event-stream")
