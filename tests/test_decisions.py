"""Decisions have one head, and the list of them is complete. `python -m tests.test_decisions` writes the list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "docs" / "decisions"
INDEX = FOLDER / "README.md"
DECISIONS = sorted(FOLDER.glob("[0-9]*.md"))
HEAD = re.compile(r"# (\d{4})\. (.+)\n\nStatus: (accepted|replaced by \d{4}) · Date: \d{4}-\d\d-\d\d\n\n## ")


def page() -> str:
    """The whole of docs/decisions/README.md."""
    lines = []
    for path in DECISIONS:
        number, title = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").split(". ", 1)
        lines.append(f"| {number} | [{title}]({path.name}) |\n")
    return "# Decisions\n\n| number | title |\n|---|---|\n" + "".join(lines)


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name[:4])
def test_every_decision_has_the_same_head(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    head = HEAD.match(text)
    assert head
    assert path.name.startswith(f"{head[1]}-")
    assert "\n## Decision\n" in text


def test_the_list_names_them_all() -> None:
    assert INDEX.read_text(encoding="utf-8") == page()


if __name__ == "__main__":
    INDEX.write_text(page(), encoding="utf-8")
