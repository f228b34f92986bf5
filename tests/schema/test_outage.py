"""However often an outage is met, few lines tell of it."""

from __future__ import annotations

import logging
from typing import Any

from schema.outage import Outage, Sparse


def test_one_line_when_it_goes_and_one_when_the_last_loop_is_back() -> None:
    lines: list[str] = []

    def tell(event: str, **_: Any) -> None:
        lines.append(event)

    outage = Outage("the broker", tell, tell)
    outage.over("one")
    for _ in range(50):
        outage.failed("one", ConnectionError("refused"))
        outage.failed("two", "refused")
    outage.over("one")
    assert lines == ["the broker does not answer"]
    outage.over("two")
    outage.over("two")
    assert lines == ["the broker does not answer", "the broker answers again"]


def test_a_library_gets_so_many_lines_a_minute_and_the_rest_is_counted() -> None:
    sparse = Sparse(lines_max=2, every_seconds=0.0)
    burst = Sparse(lines_max=2, every_seconds=60.0)
    record = logging.LogRecord("kafka", logging.ERROR, "", 0, "%s is down", ("broker 1",), None)
    assert all(sparse.filter(record) for _ in range(5))
    assert [burst.filter(record) for _ in range(5)] == [True, True, False, False, False]
    burst.every_seconds = 0.0
    assert burst.filter(record)
    assert record.getMessage() == "broker 1 is down (and 3 lines before that were left out)"
