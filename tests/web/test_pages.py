"""Every page is well-formed HTML, the same content is JSON and CSV, and nothing but the snapshot decides it."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import UTC, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from fastapi.testclient import TestClient

from podium.settings import Settings
from podium.web.app import POLICY, create
from schema.board import canonical, digest
from tests.web import sample
from tests.web.markup import Element, read
from tests.web.sample import BOARD, OTHER, SCORES, START, Score

PATH = f"/b/{BOARD}"
ENTRY = f"{PATH}/1:1"
NAMES = ["lexicon, negation aware", "naive Bayes, word pairs", "naive Bayes", "nearest centroid", "always neutral"]


def page(client: TestClient, path: str) -> Element:
    """A page that is there."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return read(answer.text)


def names(shown: Element) -> list[str]:
    """Names of the rows of a board, from top to bottom."""
    return [row.one("th", scope="row").one("a").text for row in shown.one("table", id="rows").one("tbody").all("tr")]


def test_the_list_groups_boards_by_domain_and_shows_who_leads(client: TestClient) -> None:
    shown = page(client, "/")
    assert [heading.text for heading in shown.all("h2")] == ["Classifiers and prompts on labelled text"]
    cards = shown.all("li", class_="card")
    assert [card.one("h3").text for card in cards][:2] == ["Accuracy, tweets", "Accuracy, film reviews"]
    assert cards[0].one("h3").one("a").attribute("href") == PATH
    assert [each.text for each in cards[0].all("span", class_="who")] == NAMES[:3]


def test_boards_are_found_by_words_of_theirs_or_of_their_entries(client: TestClient) -> None:
    form = page(client, "/").one("form", role="search")
    assert (form.attribute("method"), form.attribute("action")) == ("get", "/")
    for words, titles in (("TWEETS", ["Accuracy, tweets"]), ("always", ["Accuracy, tweets"]), ("zebra", [])):
        found = page(client, f"/?q={words}")
        assert [card.one("h3").text for card in found.all("li", class_="card")] == titles
        assert [each["title"] for each in client.get(f"/boards.json?q={words}").json()] == titles
    assert "No board matches" in found.text


def test_two_entries_are_held_against_each_other(own: TestClient, owner: psycopg.Connection) -> None:
    assert page(own, PATH).all("a", href=f"{PATH}/@compare")
    shown = page(own, f"{PATH}/@compare?a=1:1&b=2:2")
    assert shown.one("h1").text == f"{NAMES[0]} and {NAMES[1]}"
    chosen = [option.text for option in shown.all("option") if "selected" in option.attributes]
    assert chosen == NAMES[:2]
    assert "Rows that both answered" in shown.one("dl", class_="counts").text
    plain = own.get(f"{PATH}/@compare.json?a=1:1&b=2:2").json()
    assert (plain["a"]["name"], plain["result"]["common"]) == (NAMES[0], 0)
    assert own.get(f"{PATH}/@compare?a=1:1&b=9:9").status_code == 404


def test_a_board_not_cut_yet_is_listed_and_says_so(client: TestClient) -> None:
    overall = next(card for card in page(client, "/").all("li", class_="card") if "all data sets" in card.text)
    assert "Not cut yet" in overall.text
    assert client.get("/b/evaluation.overall.all").status_code == 404


def test_the_list_without_a_board(database: Settings) -> None:
    with TestClient(create(database)) as asking:
        assert "There is no board yet" in read(asking.get("/").text).text
        assert asking.get("/boards.json").json() == []


def test_a_board_shows_rank_range_change_interval_and_where_it_was_cut(client: TestClient) -> None:
    shown = page(client, PATH)
    assert names(shown) == [*NAMES, "first word"]
    first = shown.one("table", id="rows").one("tbody").all("tr")[0]
    assert first.one("span", class_="rank").text == "1"
    assert first.one("span", class_="range").text.endswith("1–2")
    assert first.one("td", class_="c-score").text == "68.10"
    assert first.one("span", class_="bounds").text == "66.67 – 69.49"
    assert first.one("svg", class_="bar").all("rect", class_="span")
    assert first.one("svg", class_="spark").all("polyline")
    assert "up 1" in first.one("td", class_="c-move").text
    cut = shown.one("table", id="offsets")
    assert cut.one("tbody").all("tr")[0].text == "evaluation.predictions 0 4,210"
    assert BOARD in shown.one("code", class_="command").text


def test_headings_are_scoped_sort_by_links_and_tell_their_order(client: TestClient) -> None:
    shown = page(client, f"{PATH}?sort=-n").one("table", id="rows")
    heads = shown.one("thead").all("th")
    assert all(head.attributes.get("scope") == "col" for head in heads)
    sorted_ = [head for head in heads if "aria-sort" in head.attributes]
    assert [(head.one("a").text, head.attribute("aria-sort")) for head in sorted_] == [("n", "descending")]
    assert sorted_[0].one("a").attribute("href") == f"{PATH}?sort=n"
    assert shown.all("caption")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort=name", ["always neutral", "first word", *NAMES[:1], NAMES[2], NAMES[1], NAMES[3]]),
        ("sort=-failure_rate", [NAMES[3], *NAMES[:3], "always neutral", "first word"]),
        ("q=naive", NAMES[1:3]),
        ("q=NAIVE+pairs", NAMES[1:2]),
        ("q=bayes&sort=score", [NAMES[2], NAMES[1]]),
        ("sort=rank", [*NAMES, "first word"]),
    ],
)
def test_filter_and_order_are_in_the_address_for_every_form(
    client: TestClient, query: str, expected: list[str]
) -> None:
    assert names(page(client, f"{PATH}?{query}")) == expected
    assert [entry["name"] for entry in client.get(f"{PATH}.json?{query}").json()["entries"]] == expected
    lines = csv.DictReader(io.StringIO(client.get(f"{PATH}.csv?{query}").text))
    assert [line["name"] for line in lines] == expected


def test_a_filter_that_lets_nothing_through_says_so_and_leads_back(client: TestClient) -> None:
    shown = page(client, f"{PATH}?q=zebra")
    cell = shown.one("td", class_="empty")
    assert "zebra" in cell.text
    assert cell.one("a").attribute("href") == PATH


def test_change_of_rank_against_a_chosen_snapshot(own: TestClient, owner: psycopg.Connection) -> None:
    now = START + timedelta(days=2)
    better = sample.shifted(SCORES, {3: 400})
    sample.publish(owner, better, now)

    def moves(against: str) -> dict[str, str]:
        rows = page(own, f"{PATH}?against={against}").one("table", id="rows").one("tbody").all("tr")
        told = [row.one("td", class_="c-move").all("span", class_="unseen")[-1].text for row in rows]
        return dict(zip((row.one("th", scope="row").one("a").text for row in rows), told, strict=True))

    assert moves("previous")["naive Bayes"] == "up 2"
    assert moves("24h") == moves("previous")
    assert moves("first")[NAMES[0]] == "up 1"
    oldest = own.get(f"{PATH}.json?against=first").json()["against"]
    assert moves(oldest) == moves("first")
    assert own.get(f"{PATH}?against=yesterday").status_code == 404


def test_a_young_board_is_compared_with_its_last_move(own: TestClient, owner: psycopg.Connection) -> None:
    before = own.get(f"{PATH}.json").json()["snapshot"]
    better = sample.shifted(SCORES, {3: 400})
    for minute in (15, 16, 17):
        sample.publish(owner, better, START + timedelta(minutes=minute))
    assert own.get(f"{PATH}.json").json()["against"] == before


def test_an_entry_that_was_not_there_before_is_new(own: TestClient, owner: psycopg.Connection) -> None:
    sample.publish(owner, [*SCORES, Score(9, "newcomer", 3000, 1200)], START + timedelta(hours=1))
    first = page(own, PATH).one("table", id="rows").one("tbody").all("tr")[0]
    assert first.one("span", class_="move").attribute("class") == "move new"
    assert first.one("span", class_="move").text == "new new"


def test_json_is_what_the_board_is_and_its_digest_can_be_checked(client: TestClient) -> None:
    found = client.get(f"{PATH}.json").json()
    assert found == client.get(PATH, headers={"Accept": "application/json"}).json()
    assert found["id"] == BOARD
    assert found["cut"][0] == {"topic": "evaluation.predictions", "partition": 0, "offset": 4210}
    assert digest(canonical(found["entries"])) == found["digest"]
    assert {"rank", "name", "score", "low", "high", "n"} <= found["entries"][0].keys()
    assert found["permalink"] == f"{PATH}/@{found['snapshot']}"


def test_a_permalink_keeps_showing_its_snapshot(own: TestClient, owner: psycopg.Connection) -> None:
    before = own.get(f"{PATH}.json").json()
    shown = own.get(before["permalink"])
    sample.publish(owner, sample.shifted(SCORES, {5: 2000}), START + timedelta(hours=1))
    assert names(page(own, PATH))[0] == "always neutral"
    assert own.get(before["permalink"]).text == shown.text
    kept = own.get(before["permalink"] + ".json")
    assert kept.json() == before
    assert "immutable" in kept.headers["cache-control"]
    assert not read(shown.text).all("div", id="stream-plain")
    assert "See the live board" in shown.text


def test_a_time_leads_to_the_newest_snapshot_until_then(own: TestClient, owner: psycopg.Connection) -> None:
    form = page(own, PATH).one("form", aria_label="This board at another time")
    assert form.attribute("action") == f"{PATH}/@"
    rows = owner.execute(
        "SELECT snapshot, cut_at FROM ledger.snapshot WHERE board = %s ORDER BY cut_at", [BOARD]
    ).fetchall()
    (first, at), (second, later) = rows[0], rows[1]
    for time, wanted in ((at, first), (later - timedelta(microseconds=1), first), (later, second)):
        told = own.get(f"{PATH}/@", params={"time": time.isoformat()}, follow_redirects=False)
        assert (told.status_code, told.headers["location"]) == (303, f"{PATH}/@{wanted}")
    naive = later.astimezone(UTC).replace(tzinfo=None).isoformat()
    assert (
        own.get(f"{PATH}/@", params={"time": naive}, follow_redirects=False).headers["location"].endswith(str(second))
    )
    assert own.get(f"{PATH}/@", params={"time": (at - timedelta(days=1)).isoformat()}).status_code == 404
    assert own.get(f"{PATH}/@", params={"time": "yesterday"}).status_code == 400


def test_an_etag_names_the_snapshot_and_spares_the_body(own: TestClient, owner: psycopg.Connection) -> None:
    tags = {own.get(f"{PATH}{rest}").headers["etag"] for rest in ("", ".json", ".csv", "?q=naive", "?sort=n")}
    assert len(tags) == 5
    answer = own.get(f"{PATH}.json")
    assert answer.json()["snapshot"] in answer.headers["etag"]
    again = own.get(f"{PATH}.json", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    sample.publish(owner, SCORES, START + timedelta(hours=1))
    assert own.get(f"{PATH}.json", headers={"If-None-Match": answer.headers["etag"]}).status_code == 200


def test_csv_cannot_smuggle_formulas_into_a_spreadsheet(own: TestClient, owner: psycopg.Connection) -> None:
    name = '=HYPERLINK("//evil","win")'
    sample.publish(owner, [Score(7, name, 10, 0)], START + timedelta(hours=1))
    (line,) = csv.DictReader(io.StringIO(own.get(f"{PATH}.csv").text))
    assert line["name"] == f"'{name}"
    assert line["score"] == "1"


def test_names_are_text_and_nothing_else(own: TestClient, owner: psycopg.Connection) -> None:
    name = '<script>alert(1)</script> & "quotes"'
    sample.publish(owner, [Score(7, name, 10, 0)], START + timedelta(hours=1))
    assert names(page(own, PATH)) == [name]
    assert "<script>alert" not in own.get(PATH).text
    assert "<script>alert" not in own.get(f"{PATH}?q=<script>alert(1)</script>").text


def test_an_entry_leads_from_its_history_down_to_places_in_the_log(client: TestClient) -> None:
    shown = page(client, ENTRY)
    assert shown.one("h1").text == NAMES[0]
    assert shown.one("svg", class_="chart").all("polyline")
    history = shown.one("details", id="snapshots").one("tbody").all("tr")
    assert len(history) == 12
    assert "68.10" in history[0].text
    facts = shown.one("section", id="facts").one("tbody").all("tr")
    assert len(facts) == 50
    cells = {each.attributes.get("data-label"): each.text for each in facts[2].all("td")}
    assert cells["Topic"] == "evaluation.predictions"
    assert (cells["Partition"], cells["Offset"]) == ("0", str(sample.PREDICTION_OFFSET + 3))
    assert cells["Score at"] == "2 : 5003"
    assert cells["Correct"] == "✗ no"
    assert "<b>" in cells["Text"]


def test_pages_of_facts_show_each_fact_once(client: TestClient) -> None:
    seen, path = [], f"{ENTRY}.json"
    while path:
        found = client.get(path).json()
        seen += [fact["subject"] for fact in found["facts"]]
        path = (found["next"] or "").replace(ENTRY, f"{ENTRY}.json")
    assert seen == list(range(1, sample.FACTS + 1))
    last = page(client, f"{ENTRY}?after={sample.FACTS}")
    assert "That was the last one" in last.one("section", id="facts").text
    assert len(found["history"]) == 12


def test_an_entry_without_facts_or_history_is_a_page_too(client: TestClient) -> None:
    shown = page(client, f"/b/{OTHER}/3:3")
    assert "No facts yet" in shown.text
    assert "second snapshot" in shown.text


def test_an_entry_without_a_score_has_dashes(own: TestClient, owner: psycopg.Connection) -> None:
    sample.publish(owner, [Score(7, "just started", 0, 0), *SCORES], START + timedelta(hours=1))
    row = page(own, PATH).one("table", id="rows").one("tbody").all("tr")[-1]
    assert row.one("td", class_="c-score").text == row.one("td", class_="c-rank").text == "–"
    assert not row.one("svg", class_="bar").all("rect", class_="point")
    assert "–" in page(own, f"{PATH}/7:7").text


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/b/evaluation.nothing.1", 404, "There is no board evaluation.nothing.1"),
        (f"/b/{BOARD}/99:1", 404, "has no entry 99:1"),
        (f"/b/{BOARD}/@{UUID(int=1)}", 404, "has no snapshot"),
        (f"/b/{BOARD}/@latest", 404, "not the id of a snapshot"),
        ("/nowhere", 404, "There is no page /nowhere"),
        ("/static/../app.py", 404, ""),
        (f"/b/{BOARD}?sort=;drop", 400, "sort"),
        (f"/b/{BOARD}?sort=nothing_of_the_kind", 400, "there are rank, name, n, score, coverage"),
        (f"/b/{BOARD}/1:1?after=x", 400, "after"),
        ("/live/b/evaluation.nothing.1", 404, "There is no board"),
    ],
)
def test_what_is_not_there_is_said_in_the_form_asked_for(client: TestClient, path: str, status: int, said: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert said in read(answer.text).text
    plain = client.get(path, headers={"Accept": "application/json"})
    assert plain.status_code == status
    assert said in plain.json()["error"]


def test_every_answer_carries_the_protecting_headers(client: TestClient) -> None:
    for path in ("/", PATH, f"{PATH}.json", ENTRY, "/nowhere", "/livez"):
        headers = client.get(path).headers
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
    assert "unsafe" not in POLICY


def test_pages_hold_to_their_own_policy(client: TestClient) -> None:
    for path in ("/", PATH, f"{PATH}?columns=all", ENTRY, f"{ENTRY}?after=50", "/nowhere"):
        shown = read(client.get(path).text)
        assert not [each for each in shown if "style" in each.attributes]
        assert not [each for each in shown for name in each.attributes if name.startswith("on")]
        assert not shown.all("style")
        addresses = [each.attributes.get("src") or "" for each in shown.all("script")]
        addresses += [each.attributes.get("href") or "" for each in shown.all("link")]
        assert all(address.startswith("/static/") for address in addresses)


def test_pages_are_compressed_but_for_browsers_that_cannot(client: TestClient) -> None:
    assert client.get(PATH).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in client.get(PATH, headers={"Accept-Encoding": "identity"}).headers
    assert len(gzip.compress(client.get(PATH).content)) < 8000


def test_readiness_follows_the_database(client: TestClient, shown: Settings) -> None:
    assert client.get("/livez").json() == {"alive": True}
    assert client.get("/readyz").json() == {"ready": True}
    assert client.get("/version").json()["version"]
    told = client.get("/metrics").text
    assert f'podium_snapshot_age_seconds{{board="{BOARD}"}}' in told
    assert "podium_web_streams 0.0" in told
    empty = shown.postgres.at("postgres")
    with TestClient(create(shown.model_copy(update={"postgres": empty}))) as asking:
        answer = asking.get("/readyz")
        assert (answer.status_code, answer.json()["why"]) == (503, "the tables are missing; run `podium db upgrade`")
        assert asking.get("/").status_code == 503


def test_without_a_database_pages_say_so_and_the_process_lives(services: Settings) -> None:
    gone = services.postgres.at(f"gone_{uuid4().hex}")
    with TestClient(create(services.model_copy(update={"postgres": gone}))) as asking:
        assert asking.get("/livez").status_code == 200
        answer = asking.get(PATH)
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert "does not answer" in read(answer.text).text
        assert asking.get("/metrics").status_code == 200


def test_the_page_cannot_write(client: TestClient, shown: Settings) -> None:
    reading = client.app.state.site.gather.reading  # type: ignore[attr-defined]
    assert "podium_reader" in shown.postgres.dsn("reader")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        client.portal.call(reading._fetch, b"DELETE FROM ledger.snapshot")  # type: ignore[union-attr]


def test_openapi_names_the_pages(client: TestClient) -> None:
    paths = json.loads(client.get("/openapi.json").text)["paths"]
    assert {"/boards", "/b/{board}", "/b/{board}/@{snapshot}", "/b/{board}/{entry}"} <= paths.keys()
