"""Ways of the house: who may know whom, and what no file may hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from schema import DOMAINS

ROOT = Path(__file__).parents[1]
PACKAGES = ("schema", "consumers", "streams", "podium", "migrations", "samples", "bench", "tests")
INSTALLED = ("schema", "consumers", "streams", "podium", "migrations", "samples")
FORBIDDEN = {
    "schema": {"consumers", "streams", "podium", "samples", "confluent_kafka", "aiokafka", "faust", "psycopg"},
    "consumers": {"streams", "podium", "samples", "faust", "aiokafka", "migrations"},
    "streams": {"consumers", "podium", "samples", "migrations"},
    "podium": {"samples", "tests", "bench"},
    "samples": {"tests", "bench"},
}
"""Package -> what none of its modules imports: from podium to streams and consumers, from these to schema."""

EXCEPT = {"podium/demo.py": {"samples"}}
"""The demonstration runs the samples."""

FUNCTION_LINES_MAX = 60
FUNCTION_LINES_MEDIAN_MAX = 15
MODULE_LINES_MAX = 400
VAGUE = re.compile(r"(^|_)(utils?|helpers?|common|managers?|handlers?|misc|base)(_|$)")
UNFINISHED = re.compile(rf"\b({'|'.join(mark.upper() for mark in ('todo', 'fixme', 'xxx', 'hack'))})\b")
PRETENCE = re.compile(
    r"\btime\.sleep\(|\bmonkeypatch\.setattr\b|\bunittest\.mock\b"
    r"|\bmark\.(skip\w*|xfail)\b|\bimportorskip\b|\bpytest\.skip\b"
)
DOMAIN_WORDS = re.compile(rf"\b({'|'.join(domain.name for domain in DOMAINS)})\b")
OWN_NAME = Path(__file__).name


def files(*packages: str, ending: str = ".py") -> Iterator[Path]:
    for package in packages:
        yield from sorted(path for path in (ROOT / package).rglob(f"*{ending}") if "vendor" not in path.parts)


def imported(path: Path) -> set[str]:
    """Top packages that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def told(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("package", FORBIDDEN)
def test_dependencies_point_one_way(package: str) -> None:
    wrong = {
        told(path): (imported(path) & FORBIDDEN[package]) - EXCEPT.get(told(path), set()) for path in files(package)
    }
    assert {name: found for name, found in wrong.items() if found} == {}


@pytest.mark.parametrize("ending", [".py", ".sql"])
def test_the_machinery_names_no_domain(ending: str) -> None:
    wrong = [
        f"{told(path)}:{number}"
        for path in files("consumers", "streams", "podium", ending=ending)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if DOMAIN_WORDS.search(line)
    ]
    assert wrong == []


def test_every_module_says_what_it_is() -> None:
    dumb = [told(path) for path in files(*INSTALLED) if not ast.get_docstring(ast.parse(path.read_text()))]
    assert [name for name in dumb if "versions" not in name] == []


def functions() -> Iterator[tuple[str, int]]:
    for path in files(*INSTALLED):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{told(path)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_functions_are_short_and_modules_not_long() -> None:
    lengths = dict(functions())
    assert median(lengths.values()) < FUNCTION_LINES_MEDIAN_MAX
    assert {name: length for name, length in lengths.items() if length > FUNCTION_LINES_MAX} == {}
    long = {told(path): len(path.read_text().splitlines()) for path in files(*PACKAGES)}
    assert {name: lines for name, lines in long.items() if lines > MODULE_LINES_MAX} == {}


def test_names_say_something() -> None:
    assert [told(path) for path in files(*PACKAGES) if VAGUE.search(path.stem)] == []


def test_nothing_is_left_unfinished() -> None:
    found = [told(path) for path in files(*PACKAGES) if path.name != OWN_NAME and UNFINISHED.search(path.read_text())]
    assert found == []


def test_tests_wait_for_conditions_and_use_the_real_thing() -> None:
    found = [told(path) for path in files("tests") if path.name != OWN_NAME and PRETENCE.search(path.read_text())]
    assert found == []
