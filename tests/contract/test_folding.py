"""Texts are compared by one rule: Python and SQL agree on every character, alone and among others."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from schema.evaluation.scoring import LABEL_CHARACTERS_MAX, label
from schema.replays.scoring import player
from schema.types import BLANKS, EMAIL, FORM, as_email, folded

ASSIGNED = [chr(code) for code in range(1, sys.maxunicode + 1) if unicodedata.category(chr(code)) not in ("Cs", "Cn")]
SOME = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXTS = st.text(
    st.sampled_from("aAİıIΣσςßẞǅÅéÉ\u0301\u0323\u0307\u212a\u212b\u00a0\u2003\ufeff ") | st.sampled_from(ASSIGNED),
    max_size=12,
)


def differing(
    connection: Connection[Any], function: str, rule: Callable[[str], str], texts: list[str]
) -> list[tuple[str, str, str]]:
    """Texts of which the SQL function makes something else than the Python one: (text, Python, SQL)."""
    rows = connection.execute(
        f"SELECT t, {function}(t) FROM unnest(%s::text[]) WITH ORDINALITY AS u (t, n) ORDER BY n", (texts,)
    ).fetchall()
    return [(text, rule(text), sql) for text, sql in rows if rule(text) != sql]


@pytest.mark.parametrize("pattern", ["{}", "a{}", "{}b", "Σ{}", "{}Σ", " {} "])
def test_sql_folds_every_character_as_python_does(connection: Connection[Any], pattern: str) -> None:
    texts = [pattern.format(character) for character in ASSIGNED]
    assert differing(connection, "ledger.folded", folded, texts) == []


@SOME
@given(st.lists(TEXTS, max_size=20))
def test_sql_folds_every_text_as_python_does(connection: Connection[Any], texts: list[str]) -> None:
    assert differing(connection, "ledger.folded", folded, texts) == []
    assert differing(connection, "ledger.folded", player, texts) == []
    long = [text * 100 for text in texts]
    assert differing(connection, "evaluation.label", label, texts + long) == []


@given(TEXTS)
def test_folding_twice_changes_nothing_and_forms_do_not_show(text: str) -> None:
    once = folded(text)
    assert folded(once) == once
    assert unicodedata.is_normalized(FORM, once)
    for form in ("NFC", "NFD"):
        assert folded(unicodedata.normalize(form, text)) == once
        assert label(unicodedata.normalize(form, text)) == label(text)
    assert 1 <= len(label(text * 50)) <= LABEL_CHARACTERS_MAX
    assert label(label(text * 50)) == label(text * 50)
    assert folded(BLANKS + text + BLANKS) == once


@given(st.from_regex(EMAIL[:-1] + r"\Z") | st.text("aA@.!ß \n", max_size=8))
def test_an_address_in_its_form_stays_and_the_database_agrees(text: str) -> None:
    found = as_email(text)
    assert found is None or as_email(found) == found
    assert as_email(text.upper()) == found or not text.isascii()


@SOME
@given(st.lists(st.text("aAzZ09@.!`{}ßÄ \n-", max_size=12).filter(lambda text: "\0" not in text), max_size=20))
def test_the_database_takes_an_address_in_its_form_only(connection: Connection[Any], texts: list[str]) -> None:
    rows = connection.execute("SELECT t, t ~ %s FROM unnest(%s::text[]) AS u (t)", (EMAIL, texts)).fetchall()
    assert all(taken == (as_email(text) == text) for text, taken in rows)
