"""What the command line can explain: every problem says what, and what to do next, under a stable code."""

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
