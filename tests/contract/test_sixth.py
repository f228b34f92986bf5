"""A further domain, added by following docs/adding-a-domain.md, passes the contract tests; no machinery is touched."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from podium.settings import Settings

ROOT = Path(__file__).parents[2]
PARTS = ("schema", "consumers", "streams", "podium", "migrations", "samples", "tests", "docs", "pyproject.toml")
SIXTH = Path(__file__).parent / "sixth"
NAME = "marathon"
STEPS = re.compile(r"```sh\n(.*?)```", re.DOTALL)

NEW = (
    rf"schema/{NAME}/.+",
    rf"migrations/versions/\d+_the_{NAME}_domain\.py",
    rf"migrations/versions/\d+_the_{NAME}_domain\.(up|down)\.sql",
    rf"docs/domains/{NAME}\.md",
    rf"tests/contract/{NAME}_seed\.toml",
)
"""What comes with a domain."""

CHANGED = {"schema/__init__.py", "tests/migrations/schema.sql"}
"""The list of domains, and the dump of what the migrations make."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of everything that a person would check out."""
    made = tmp_path / "tree"
    for part in PARTS:
        source, left_out = ROOT / part, shutil.ignore_patterns("__pycache__", ".*")
        made.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, made / part, ignore=left_out)
        else:
            shutil.copy(source, made / part)
    return made


def test_a_domain_is_added_as_the_page_says(tree: Path, services: Settings, request: pytest.FixtureRequest) -> None:
    before = _texts(tree)
    shutil.copytree(SIXTH / NAME, tree / "schema" / NAME, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(SIXTH / f"{NAME}_seed.toml", tree / "tests" / "contract")
    _say_the_word(tree / "schema" / "__init__.py")
    for step in _steps():
        said = _run(f"{step}{_on(services, request, step)}", tree)
    assert re.search(r"\d+ passed", said)
    _only_a_domain_came(before, _texts(tree))


def _steps() -> list[str]:
    """The commands of the page, for this domain."""
    found = STEPS.search((ROOT / "docs" / "adding-a-domain.md").read_text(encoding="utf-8"))
    assert found
    return found[1].replace("<domain>", NAME).splitlines()


def _on(services: Settings, request: pytest.FixtureRequest, step: str) -> str:
    """Options by which a step uses the services that run already."""
    if request.config.getoption("--services") == "containers":
        return " --services=containers" if step.startswith("pytest") else ""
    return f" --home {services.home}" if step.startswith(("pytest", "python -m tests.")) else ""


def _run(step: str, tree: Path) -> str:
    """Run a step as a person would in the tree; what it said."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PODIUM_", "PYTEST_"))}
    done = subprocess.run(
        step, shell=True, cwd=tree, env={**environment, "PATH": path, "PYTHONPATH": str(tree)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{step}\n{done.stdout[-5000:]}\n{done.stderr[-5000:]}"
    return done.stdout


def _say_the_word(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named, imported = re.subn(r"^from schema import ", f"from schema import {NAME}, ", text, flags=re.MULTILINE)
    named, listed = re.subn(r"^DOMAINS = \(", f"DOMAINS = ({NAME}.DOMAIN, ", named, flags=re.MULTILINE)
    assert (imported, listed) == (1, 1)
    path.write_text(named, encoding="utf-8")


def _texts(tree: Path) -> dict[str, bytes]:
    """Path -> content, of all that is checked in."""
    files = (path for path in tree.rglob("*") if path.is_file())
    found = {str(path.relative_to(tree)): path for path in files}
    return {name: path.read_bytes() for name, path in found.items() if "__pycache__" not in name and name[0] != "."}


def _only_a_domain_came(before: dict[str, bytes], after: dict[str, bytes]) -> None:
    assert before.keys() <= after.keys()
    assert {name for name in before if before[name] != after[name]} == CHANGED
    new = after.keys() - before.keys()
    assert [name for name in new if not any(re.fullmatch(one, name) for one in NEW)] == []
    assert [one for one in NEW if not any(re.fullmatch(one, name) for name in new)] == []
