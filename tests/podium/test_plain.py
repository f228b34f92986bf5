"""Names of others never act: not on a terminal, not as markup, not in a log, not in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rich.table import Table
from rich.text import Text

from podium import logs
from podium.cli import console
from podium.cli.terminal import Terminal
from podium.errors import Problem
from podium.plain import ANY, BUT_LINES, inert, json_text, plain, plain_lines
from podium.settings import Log

HOSTILE = (
    "[/x]", "[bold]b[/bold]", "[link=http://x]y[/link]", ":smile:", "\x1b[31mred", "\x1b]0;title\x07", "\x1b]8;;http://x\x07a",
    "\x9b2J", "a\nPD000 forged", "a\rb", "\u202egnp.exe", "\u2066x\u2069", "\x00", "\x7f", "\u2028x", "\ud800",
    "\U000e0041",
)  # fmt: skip
FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@x",
    "\t=1",
    "\r=1",
    "\n=1",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff201",
    " =1",
    "\u200b=1",
)
ANYTHING = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(), max_size=30))
SOME = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@given(ANYTHING)
def test_what_acts_is_an_escape(text: str) -> None:
    assert not ANY.search(plain(text))
    assert not BUT_LINES.search(plain_lines(text))
    assert plain(plain(text)) == plain(text)


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs"))))
def test_letters_stay_as_they_are(text: str) -> None:
    assert plain(text) == text == plain_lines(text)


@given(st.dictionaries(ANYTHING, ANYTHING, max_size=3))
def test_json_says_the_same_and_acts_on_nothing(content: dict[str, str]) -> None:
    for indent in (None, 2):
        text = json_text(content, indent)
        assert not BUT_LINES.search(text)
        assert json.loads(text) == content


@SOME
@given(ANYTHING, st.booleans())
def test_a_terminal_gets_no_command_of_others(text: str, colours: bool) -> None:
    out = io.StringIO()
    terminal = Terminal(file=out, width=200, force_terminal=colours, color_system="truecolor" if colours else None)
    table = Table(title=text)
    table.add_column(text)
    table.add_row(text)
    table.add_row(Text(text))
    for renderable in (text, Text(text, "bold"), table, f"x {text} y"):
        terminal.print(renderable)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())
    assert not BUT_LINES.search(shown)
    if not colours:
        assert "\x1b" not in out.getvalue()
    out.getvalue().encode()


@SOME
@given(texts=st.lists(ANYTHING, min_size=1, max_size=4))
@example(texts=["[/x]"])
def test_a_listing_has_a_line_a_row(texts: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    console.show([{"name": text, "n": n} for n, text in enumerate(texts)], as_json=False)
    shown = capsys.readouterr().out
    assert len(shown.splitlines()) == len(texts) + 1
    for text in texts:
        assert plain(text).strip() in shown or not plain(text).strip()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_refusal_says_it_as_it_is(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        console.refuse(Problem(f"no board {text}", f"podium board show {text}"))
    shown = capsys.readouterr().err
    assert not BUT_LINES.search(shown)
    assert plain_lines(text) in shown


@pytest.mark.parametrize("form", ["human", "json"])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_log_line_is_one_line(form: Any, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        logs.configure(Log(form=form), "part")
        structlog.get_logger("hostile").warning(f"met {text}", name=text, number=1)
        logging.getLogger("other").warning("met %s", text)
        written = capsys.readouterr().err
    finally:
        logging.getLogger().handlers, logging.getLogger().level = before
    assert not BUT_LINES.search(written)
    assert len(written.splitlines()) == 2
    if form == "json":
        assert json.loads(written.splitlines()[0])["name"] == text


@given(st.one_of(st.sampled_from(FORMULAS), ANYTHING))
def test_a_spreadsheet_runs_nothing(text: str) -> None:
    cell = inert(text)
    assert cell in (text, f"'{text}")
    assert not re.match(r"[\s\u200b]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]", cell)
    out = io.StringIO()
    csv.writer(out).writerow([cell])
    assert next(csv.reader(io.StringIO(out.getvalue(), newline=""))) == [cell]


@pytest.mark.parametrize("value", [1, -1.5, None, True])
def test_numbers_stay_numbers(value: Any) -> None:
    assert inert(value) is value
