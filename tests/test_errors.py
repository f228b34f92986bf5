"""Every problem has a code of its own, an exit code that is documented, and its line in docs/errors.md."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import podium
from podium.errors import Problem

PAGE = Path(__file__).parents[1] / "docs" / "errors.md"
HEAD = """\
# Errors

Every refusal of the command line has a stable code and ends the process with the exit code beside it: 1 it found a
problem, 2 usage or configuration, 3 something it depends on is down. Ctrl-C ends with 130.

| code | exit | meaning |
|---|---|---|
"""


def problems() -> list[type[Problem]]:
    """All problems of the package, by code."""
    for module in pkgutil.walk_packages(podium.__path__, "podium."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return sorted(_below(Problem), key=lambda problem: problem.code)


def _below(problem: type[Problem]) -> Iterator[type[Problem]]:
    for each in problem.__subclasses__():
        if each.__module__.startswith("podium."):
            yield each
        yield from _below(each)


def page() -> str:
    """The whole of docs/errors.md; `python -m tests.test_errors` writes it."""
    rows = (f"| {each.code} | {each.exit_code} | {(each.__doc__ or '').splitlines()[0]} |\n" for each in problems())
    return HEAD + "".join(rows)


def test_codes_are_unique() -> None:
    codes = [problem.code for problem in problems()]
    assert len(set(codes)) == len(codes)
    assert all(problem.exit_code in (1, 2, 3, 130) for problem in problems())


def test_the_page_lists_them_all() -> None:
    assert PAGE.read_text() == page()


if __name__ == "__main__":
    PAGE.write_text(page())
