"""The page of every domain is what its declarations say."""

from __future__ import annotations

from pathlib import Path

import pytest

from schema import DOMAINS
from schema.declare import Domain
from schema.page import page

PAGES = Path(__file__).parents[2] / "docs" / "domains"


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
def test_the_page_in_the_tree_is_current(domain: Domain) -> None:
    path = PAGES / f"{domain.name}.md"
    assert path.is_file(), "run `podium schema docs` and commit what it writes"
    assert path.read_text(encoding="utf-8") == page(domain), "run `podium schema docs` and commit what it writes"


def test_there_is_a_page_for_domains_only() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == {domain.name for domain in DOMAINS}


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
def test_the_page_tells_all(domain: Domain) -> None:
    text = page(domain)
    for table in domain.tables:
        assert f"### {table.name}\n" in text
        assert all(f"| `{column.name}` |" in text for column in table.columns)
    assert all(f"### {event.type}\n" in text for event in domain.events)
    assert all(f"(`{metric.name}`)" in text for board in domain.boards for metric in board.metrics)
