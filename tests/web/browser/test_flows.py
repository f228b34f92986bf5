"""What people do on the page, done in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from podium.settings import Settings
from podium.web.address import address
from schema import DOMAINS
from tests.web import sample
from tests.web.conftest import WITHOUT, Served, browser_path, until
from tests.web.sample import BOARD, SCORES, START

pytestmark = pytest.mark.browser

PATH = f"/b/{BOARD}"
ENTRY = f"{PATH}/1:1"
COMPARED = f"{PATH}/@compare?a=1:1&b=2:2"
VIEWS = [PATH, f"{PATH}?columns=all&sort=-n", f"{PATH}?q=nothing"]
PAGES = ["/", "/?q=nothing", *VIEWS, ENTRY, f"{ENTRY}?after=50", COMPARED, "/nowhere", "/b/evaluation.accuracy.11"]
FIRST_ORDER = [score.name for score in SCORES]
MOVED = sample.shifted(SCORES, {3: 600})
LATER = START + timedelta(hours=1)
DESK = {"width": 1280, "height": 900}
DESK_BESIDE_A_SCROLL_BAR = {"width": 1265, "height": 900}
PHONE = {"width": 390, "height": 844}
SWITCHES = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's own headless browser."""
    path = browser_path()
    if path is None:
        pytest.fail(WITHOUT.format("all"))
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield running
        running.close()


@pytest.fixture
def visit(browser: Browser, served: Served) -> Iterator[Open]:
    """Opens an address in a fresh context; at the end nothing may have been refused or thrown."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(path: str = PATH, **context: Any) -> Page:
        contexts.append(browser.new_context(**context))
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        page.goto(served.url(path))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


def rows(page: Page) -> list[str]:
    """Names of the rows, from top to bottom."""
    return page.locator("#rows tbody th[scope=row] a").all_inner_texts()


def live(page: Page) -> Page:
    """The page once it is live."""
    expect(page.locator(".state")).to_have_attribute("data-state", "live")
    return page


def test_rows_move_within_a_second_of_the_snapshot_without_a_reload(visit: Open, owner: psycopg.Connection) -> None:
    page = live(visit())
    assert rows(page) == FIRST_ORDER
    page.evaluate("window.same = document.querySelector('#rows tbody tr:nth-child(3)')")
    sample.publish(owner, MOVED, LATER)
    expect(page.locator("#rows tbody th[scope=row] a").first).to_have_text("naive Bayes", timeout=1000)
    assert page.evaluate("window.same === document.querySelector('#rows tbody tr')")
    expect(page.locator("#news")).to_have_text(re.compile(r"^\d ranks? changed$"))
    expect(page.locator(".proof time")).to_have_attribute("datetime", LATER.isoformat())


def test_rows_glide_unless_less_motion_is_wanted(visit: Open, owner: psycopg.Connection) -> None:
    count = """() => {
      window.glides = 0;
      const animate = Element.prototype.animate;
      Element.prototype.animate = function (...how) { window.glides += 1; return animate.apply(this, how); };
    }"""
    moving, still = live(visit()), live(visit(reduced_motion="reduce"))
    for page in (moving, still):
        page.evaluate(count)
    sample.publish(owner, MOVED, LATER)
    for page in (moving, still):
        expect(page.locator("#rows tbody th[scope=row] a").first).to_have_text("naive Bayes")
    moving.wait_for_function("window.glides > 0")
    assert still.evaluate("window.glides") == 0


def test_pausing_holds_the_page_still_and_resuming_catches_up(
    visit: Open, served: Served, owner: psycopg.Connection
) -> None:
    page = live(visit())
    page.get_by_role("button", name="Pause updates").click()
    expect(page.locator(".state")).to_have_text("Paused")
    until(lambda: served.hub_streams == 0)
    sample.publish(owner, MOVED, LATER)
    other = live(visit())
    assert rows(other)[0] == "naive Bayes"
    assert rows(page) == FIRST_ORDER
    page.get_by_role("button", name="Resume updates").click()
    expect(page.locator("#rows tbody th[scope=row] a").first).to_have_text("naive Bayes")
    live(page)


def test_a_board_that_is_being_recomputed_appears_without_a_reload(
    visit: Open, served: Served, owner: psycopg.Connection
) -> None:
    served.stop()
    web = served.settings.web.model_copy(update={"recompute": True})
    served.settings = served.settings.model_copy(update={"web": web})
    served.start()
    page = visit()
    page.get_by_label("As of, UTC").fill("2026-03-01T09:00:00")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".lede")).to_contain_text("is being recomputed from the log")
    assert page.url.endswith("/@/2026-03-01T09:00:00Z")
    page.evaluate("window.same = true")
    # The log of this board is empty, so what appears is that there was none.
    expect(page.locator("h1")).to_have_text("Not here")
    assert page.evaluate("window.same")
    assert page.locator("#waiting").count() == 0


def test_the_page_comes_back_after_the_server_was_restarted(
    visit: Open, served: Served, owner: psycopg.Connection
) -> None:
    page = live(visit())
    served.stop()
    expect(page.locator(".state")).to_have_text("Reconnecting")
    sample.publish(owner, MOVED, LATER)
    served.start()
    expect(page.locator("#rows tbody th[scope=row] a").first).to_have_text("naive Bayes", timeout=20_000)
    live(page)


def test_sorting_is_in_the_address_survives_updates_and_can_be_undone(visit: Open, owner: psycopg.Connection) -> None:
    page = live(visit())
    page.get_by_role("link", name="Entry", exact=True).click()
    page.wait_for_url("**?sort=name")
    assert rows(page) == sorted(FIRST_ORDER, key=str.casefold)
    expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "ascending")
    assert page.evaluate("document.activeElement.id") == "by-name"
    live(page)
    sample.publish(owner, MOVED, LATER)
    expect(page.locator(".proof time")).to_have_attribute("datetime", LATER.isoformat())
    assert rows(page) == sorted(FIRST_ORDER, key=str.casefold)
    page.go_back()
    expect(page.locator("#rows tbody th[scope=row] a").first).to_have_text("naive Bayes")
    live(page)


def test_filtering_while_typing_is_in_the_address_and_survives_updates(visit: Open, owner: psycopg.Connection) -> None:
    page = live(visit())
    page.get_by_label("Filter").press_sequentially("naive")
    page.wait_for_url("**q=naive**")
    expect(page.locator("#rows tbody tr")).to_have_count(2)
    expect(page.get_by_label("Filter")).to_be_focused()
    live(page)
    sample.publish(owner, MOVED, LATER)
    expect(page.locator("#rows tbody th[scope=row] a").first).to_have_text("naive Bayes")
    assert len(rows(page)) == 2
    page.reload()
    expect(page.get_by_label("Filter")).to_have_value("naive")
    assert len(rows(page)) == 2


def test_ranks_are_compared_with_a_chosen_snapshot(visit: Open, owner: psycopg.Connection) -> None:
    sample.publish(owner, MOVED, LATER)
    page = live(visit())
    page.get_by_label("Rank change since").select_option("previous")
    page.wait_for_url("**against=previous**")
    expect(page.locator("#rows tbody tr").first.locator(".move .unseen")).to_have_text("up 2")


def test_from_the_list_down_to_a_single_fact_and_its_offset(visit: Open) -> None:
    page = live(visit("/"))
    page.get_by_role("link", name="tweets").click()
    page.get_by_role("link", name=FIRST_ORDER[0]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(FIRST_ORDER[0])
    page.get_by_role("link", name="Next 50").click()
    page.wait_for_url("**after=50**")
    cells = page.locator(".facts tbody tr").first.locator("td.at").all_inner_texts()
    assert cells[:3] == ["evaluation.predictions", "0", str(sample.PREDICTION_OFFSET + 51)]


def test_a_permalink_is_copied_and_never_moves(visit: Open, owner: psycopg.Connection) -> None:
    page = live(visit(permissions=["clipboard-read", "clipboard-write"]))
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    page.goto(page.evaluate("navigator.clipboard.readText()"))
    sample.publish(owner, MOVED, LATER)
    page.reload()
    assert rows(page) == FIRST_ORDER
    expect(page.locator(".live")).to_have_count(0)
    page.get_by_role("link", name="See the live board").click()
    expect(page.locator("#rows tbody th[scope=row] a").first).to_have_text("naive Bayes")


def test_what_was_opened_and_focused_stays_so_while_rows_move(visit: Open, owner: psycopg.Connection) -> None:
    page = live(visit())
    page.get_by_text("Where this was cut").click()
    page.get_by_role("link", name="naive Bayes", exact=True).focus()
    sample.publish(owner, MOVED, LATER)
    expect(page.locator("#rows tbody th[scope=row] a").first).to_have_text("naive Bayes")
    expect(page.locator("#offsets")).to_be_visible()
    assert page.evaluate("document.activeElement.textContent") == "naive Bayes"


def test_everything_is_reached_by_keyboard(visit: Open) -> None:
    page = live(visit())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Pause updates")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Resume updates")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("bayes")
    expect(page.locator("#rows tbody tr")).to_have_count(2)
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
    assert {"against", "by-rank", "by-name", "by-score", "naive Bayes", "CSV"} <= reached
    page.locator("#by-name").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=name**")


def test_without_scripts_all_of_it_can_be_read_and_filtered(visit: Open) -> None:
    page = visit(java_script_enabled=False)
    assert rows(page) == FIRST_ORDER
    expect(page.locator(".live")).to_be_hidden()
    expect(page.get_by_text("Reload the page to see newer snapshots")).to_be_visible()
    page.get_by_label("Filter").fill("naive")
    page.get_by_role("button", name="Apply").click()
    assert rows(page) == ["naive Bayes, word pairs", "naive Bayes"]
    page.get_by_role("link", name="Accuracy %", exact=True).click()
    assert "q=naive" in page.url
    page.get_by_role("link", name="naive Bayes", exact=True).click()
    expect(page.locator(".chart")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_a_phone(visit: Open, scheme: str) -> None:
    page = visit("/", viewport=PHONE, color_scheme=scheme, has_touch=True)
    for path in PAGES:
        page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        wide = "e => [...e.querySelectorAll('.wide')].filter(w => w.scrollWidth > w.clientWidth + 1).length"
        assert page.locator("main").evaluate(wide) == 0, path


@pytest.mark.parametrize("viewport", [DESK_BESIDE_A_SCROLL_BAR, PHONE], ids=["desk", "phone"])
def test_boards_of_all_domains_fit_the_window(browser: Browser, everything: Settings, viewport: dict[str, int]) -> None:
    running = Served(everything)
    context = browser.new_context(viewport=viewport)  # type: ignore[arg-type]
    page = context.new_page()
    boards = json.loads(page.request.get(running.url("/boards.json")).text())
    one_each = {board["id"].rsplit(".", 1)[0]: board["id"] for board in boards if board["entries"]}
    assert len(one_each) > len(DOMAINS)
    for board in one_each.values():
        page.goto(running.url(address(board)))
        wide = "e => [...e.querySelectorAll('.wide')].filter(w => w.scrollWidth > w.clientWidth + 1).length"
        assert page.locator("main").evaluate(wide) == 0, board
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], board
    context.close()
    running.stop()


def test_dark_and_light_follow_the_system(visit: Open) -> None:
    page = visit(color_scheme="light")
    shade = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(shade)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(shade) != light


@pytest.mark.parametrize(("scheme", "viewport"), [("light", DESK), ("dark", DESK), ("dark", PHONE)])
def test_axe_finds_nothing_on_any_page(visit: Open, served: Served, scheme: str, viewport: dict[str, int]) -> None:
    page = visit("/", viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    for path in PAGES:
        page.goto(served.url(path))
        for fold in page.locator("details").all():
            fold.evaluate("fold => fold.open = true")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
