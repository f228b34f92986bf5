"""What boards of every domain say of themselves, and how figures and facts of theirs are told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from podium.settings import Settings
from podium.web.app import create
from podium.web.comparison import p_value
from podium.web.facts import FactColumns, duration
from podium.web.view import figure, full, measure, significant
from schema import DOMAINS
from schema.declare import UNIT_OF_SCOPE, Board, Metric
from tests.web.markup import Element, read

BOARDS = [pytest.param(board, id=f"{domain.name}.{board.name}") for domain in DOMAINS for board in domain.boards]
ERROR = Metric("score", "Mean", "counts", "down", "mean", 15)


@pytest.fixture(scope="module")
def asking(everything: Settings) -> Iterator[TestClient]:
    """Asks the page over all domains."""
    with TestClient(create(everything)) as client:
        yield client


@pytest.fixture(scope="module")
def listed(asking: TestClient) -> list[dict[str, Any]]:
    """The boards there are."""
    found: list[dict[str, Any]] = asking.get("/boards.json").json()
    return found


@pytest.mark.parametrize("board", BOARDS)
def test_every_board_says_what_it_measures_and_how_one_enters(board: Board) -> None:
    assert board.about.endswith(".")
    assert 60 < len(board.about) < 400


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda one: one.name)
def test_every_domain_has_one_headline(domain: Any) -> None:
    assert sum(board.headline for board in domain.boards) == 1


def test_titles_are_for_people_and_tell_boards_apart(asking: TestClient, listed: list[dict[str, Any]]) -> None:
    titles = [board["title"] for board in listed]
    assert len(set(titles)) == len(titles)
    assert all(title[0].isupper() for title in titles)
    for board in listed:
        assert board["id"] not in board["title"]
        if board["snapshot"]:
            shown = read(asking.get(board["href"]).text)
            assert shown.one("h1").text == " ".join(board["title"].split())
            assert board["title"] not in shown.one("p", class_="eyebrow").text
    assert {"Models, all scopes", "ETH, 1 d ahead", "Denoising, RMSE, all data sets"} <= set(titles)


def cells(table: Element) -> Iterator[str]:
    """Texts of a table's cells."""
    return (cell.text for cell in table.all("td"))


def test_no_page_shows_what_only_programs_say(asking: TestClient, listed: list[dict[str, Any]]) -> None:
    for board in listed:
        if not board["snapshot"]:
            continue
        shown = read(asking.get(f"{board['href']}?columns=all").text)
        entries = [row.one("a").attribute("href") for row in shown.all("th", scope="row")][:3]
        for page in (shown, *(read(asking.get(entry).text) for entry in entries)):
            for table in page.all("table"):
                assert not {"None", "True", "False", "nan"} & set(cells(table)), board["id"]
                assert not [text for text in cells(table) if "%5F" in text or ("%2F" in text and text != "%2F")]
            assert UNIT_OF_SCOPE not in page.text


def test_intervals_are_spoken_of_where_there_are_some(asking: TestClient) -> None:
    without, with_ = (read(asking.get(f"/b/{id_}").text) for id_ in ("competition.windows.all", "chess.sprt.all"))
    assert "nterval" not in without.text
    assert not without.all("td", class_="c-bar")
    (heading,) = with_.one("table", id="rows").all("th", class_="c-bar")
    assert heading.text == "95 % interval"
    assert "Student" in heading.attribute("title")


def test_a_sequential_test_shows_its_state_its_bounds_and_its_pairs(asking: TestClient) -> None:
    rows = read(asking.get("/b/chess.sprt.all").text).one("table", id="rows").one("tbody").all("tr")
    told = [[cell.text for cell in row.all("td", class_="c-detail")] for row in rows]
    assert told[0] == ["passed", "1.574", "0 · 0 · 1 · 3 · 1"]
    assert [state for state, *_ in told] == ["passed", "failed", "waiting", "waiting", "waiting"]
    assert rows[0].one("svg", class_="between").attribute("aria-label") == "1.5740 between −1.3860 and 1.3860"


def test_facts_name_opponents_and_lead_to_them(asking: TestClient) -> None:
    facts = read(asking.get("/b/chess.ratings.all/2").text).one("section", id="facts")
    heads = [head.text for head in facts.one("thead").all("th")]
    assert heads[:4] == ["Opponent", "Result", "Colour", "Outcome"]
    opponents = {cell.one("a").attribute("href") for cell in facts.all("td", data_label="Opponent")}
    assert opponents == {"/b/chess.ratings.all/1", "/b/chess.ratings.all/3"}
    assert {cell.text for cell in facts.all("td", data_label="Result")} == {"won", "draw", "lost"}


@given(st.floats(-1e300, 1e300))
def test_a_figure_in_significant_digits_is_short_and_close(value: float) -> None:
    text = significant(value)
    assert len(text) <= 24
    plain = text.replace(",", "").replace("−", "-")
    digits, _, power = plain.partition(" × 10")
    told = float(digits + ("e" + power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) if power else ""))
    assert told == pytest.approx(value, rel=1e-4, abs=0)
    assert len(digits.replace("-", "").replace(".", "").strip("0")) <= max(5, len(str(int(abs(told)))))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.150000000000001, "0.15"), (123456.789, "123,457"), (1.5e-15, "1.5000 × 10⁻¹⁵"), (0.0, "0"), (-2.5, "−2.5")],
)
def test_errors_are_told_in_few_digits_and_whole_in_the_title(value: float, text: str) -> None:
    assert figure(value, ERROR) == text
    assert full(value, ERROR) == f"{value} counts"
    assert measure(None, ERROR) == "–"


P_VALUES = [(0.0, "< 0.001"), (0.0009, "< 0.001"), (0.04567, "0.0457"), (1.0, "1"), (None, None)]


@pytest.mark.parametrize(("p", "text"), P_VALUES)
def test_a_p_value_is_never_nought(p: float | None, text: str | None) -> None:
    assert p_value(p) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.000123, "123 µs"), (0.25, "250 ms"), (1.25, "1.25 s"), (0.0, "0 s"), (90.0, "90 s")]
)
def test_durations_are_in_a_unit_that_fits(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_columns_of_facts_have_headings_units_and_no_programs_words() -> None:
    row: dict[str, Any] = {"subject": 1, "late": False, "run_seconds": 0.5, "confidence_share": 0.905, "reason": None}
    row |= {"opponent": "bo", "opponent_entry": "7", "topic": "t", "partition": 0, "offset": 1}
    other = {**row, "late": True, "run_seconds": 0.1, "confidence_share": 1.0, "opponent": "ana"}
    columns = FactColumns([row, other])
    assert columns.own == ["late", "run_seconds", "confidence_share", "opponent"]
    assert [columns.title(name) for name in columns.own] == ["Late", "Run", "Confidence", "Opponent"]
    assert [columns.plain(name, row[name]) for name in columns.own] == ["no", "500 ms", "90.5 %", "bo"]
    assert columns.entry(row, "opponent") == "7"
