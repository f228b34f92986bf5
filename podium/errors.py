"""What the command line can explain: every problem says what, and what to do next, under a stable code."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar


class Problem(Exception):
    """Something a person can act on. Subclasses live beside the code that raises them.

    `code` is stable (PDnnn, listed in docs/errors.md), `exit_code` is what the process ends with:
    1 found a problem, 2 usage or configuration, 3 a dependency is down.
    """

    code: ClassVar[str] = "PD000"
    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        tail = f"\n  {self.remedy}" if self.remedy else ""
        return f"{self.code}: {self.what}{tail}"


def meant(name: str, known: Iterable[str]) -> str:
    """A remedy that names what was probably meant; empty if nothing is like it."""
    alike = get_close_matches(name, list(known), n=2, cutoff=0.75)
    return f"Did you mean {' or '.join(alike)}?" if alike else ""
