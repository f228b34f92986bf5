"""What is installed is pinned by hash, no lock file names an address, and who only uses Podium installs no tools."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKS = {
    "requirements.lock": ("build",),
    "requirements-dev.lock": ("build", "dev"),
    "requirements-docs.lock": ("build", "dev", "docs"),
}
"""Lock file -> extras beside the dependencies that it pins."""

TOOLS = {"pytest", "mypy", "playwright", "pyarrow", "testcontainers", "mkdocs"}


def pins(name: str) -> dict[str, str]:
    """Distribution -> version."""
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", [*LOCKS, "podium/embedded/jars.lock"])
def test_lock_files_name_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*(--(index|extra-index|find-links|trusted)|-[if] )", text, re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS)
def test_everything_asked_for_is_pinned_by_hash(name: str) -> None:
    entries = re.split(r"^(?=[a-zA-Z0-9])", (ROOT / name).read_text(), flags=re.MULTILINE)[1:]
    assert len(entries) > 50
    assert all(re.match(r"[\w.-]+==\S+", entry) and "--hash=sha256:" in entry for entry in entries)
    declared = [*PROJECT["dependencies"]]
    for extra in LOCKS[name]:
        declared += PROJECT["optional-dependencies"][extra]
    assert {re.split(r"[\[<>=~ ]", entry)[0].lower() for entry in declared} <= {pin.lower() for pin in pins(name)}


def test_the_locks_agree_and_the_first_holds_no_tools() -> None:
    runtime, dev, docs = (pins(name) for name in LOCKS)
    assert runtime.items() <= dev.items() <= docs.items()
    assert not TOOLS & runtime.keys()


def test_the_licence_is_named_and_there() -> None:
    assert PROJECT["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")
    assert PROJECT["authors"]
