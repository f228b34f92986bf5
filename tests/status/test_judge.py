"""The verdict on a loop: what it has to do, and what its processes say of themselves."""

from __future__ import annotations

import pytest

from podium.status.loops import Expected, Report, judge
from podium.status.work import NOTHING, Work

LOOP = Expected("podium.score.a", "score", lambda _: NOTHING)
DUE = Work(lag=7, why="records")


def report(**more: object) -> Report:
    good = Report("podium.score.a", "h:1", 1.0, True, "", 0.1, 0.5, 10, 0, "", None)
    return good._replace(**more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("verdict", "why", "work", "seconds", "reports"),
    [
        ("OK", "", NOTHING, 0, []),
        ("OK", "", NOTHING, 0, [report()]),
        ("OK", "", NOTHING, 0, [report(age_seconds=3600)]),
        ("OK", "", NOTHING, 0, [report(ready=False, waits_for="podium.rank.a, held by h:2")]),
        ("OK", "nobody runs it yet", DUE, 1, []),
        ("STOP", "7 records: nobody runs it: podium run score", DUE, 60, []),
        ("STOP", "7 records: h:1 has been gone for 30 s: podium run score", DUE, 60, [report(age_seconds=30)]),
        ("OK", "", DUE, 60, [report()]),
        ("STALL", "7 records, and no progress for 9 s", DUE, 60, [report(progress_age_seconds=8.0)]),
        ("OK", "", DUE, 60, [report(progress_age_seconds=8.0), report(process="h:2")]),
        ("STALL", "7 records: waits for x, held by h:2", DUE, 60, [report(ready=False, waits_for="x, held by h:2")]),
        (
            "ERR",
            "fails and is started again: ValueError: no",
            NOTHING,
            0,
            [report(ready=False, error="ValueError: no")],
        ),
        ("OK", "", NOTHING, 0, [report(ready=False, error="ValueError: no"), report(process="h:2")]),
        ("STALL", "h:1 has not turned for 70 s: it hangs", NOTHING, 0, [report(turn_age_seconds=70.0)]),
        ("ERR", "what it has to do cannot be told: E: x", Work(error="E: x"), 0, [report()]),
    ],
)
def test_loops(verdict: str, why: str, work: Work, seconds: float, reports: list[Report]) -> None:
    assert judge(LOOP, work, seconds, reports) == (verdict, why)
