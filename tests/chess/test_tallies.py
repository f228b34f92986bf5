"""W/D/L, pairs, crashes and late games: what the games say, whatever the order, the cut and who writes."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from schema.chess import DOMAIN
from tests.chess.lines import Line, counts, decided, game, line, match, match_of, one, play, sprt, tune, world
from tests.consumers.worker import Worker
from tests.log import Log
from tests.tables import empty

SOME = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
TASKS = (20, 21)
CELLS = ("ll", "ld", "dd", "dw", "ww")

games = st.builds(
    game,
    st.sampled_from(TASKS),
    st.sampled_from("abcdef"),
    st.integers(1, 2),
    st.sampled_from([1, 1, 0, 0, -1, -1, None]),
)


def recounted(lines: list[Line], verdicts: dict[int, tuple[str, int]]) -> dict[int, dict[str, int]]:
    """The counts of each task by the definition: the first of each key, in order, up to the deciding game."""
    found: dict[int, Counter[str]] = {task: Counter() for task in TASKS}
    pairs: dict[tuple[int, str], list[int]] = defaultdict(list)
    seen: set[tuple[int, str, int]] = set()
    closed: set[int] = set()
    for each in lines:
        own = each["data"]
        task, key = own["task_id"], (own["task_id"], own["pair_key"], own["seq"])
        if key in seen:
            continue
        seen.add(key)
        if task in closed:
            found[task]["late"] += 1
            continue
        result = own.get("result")
        found[task]["crashes" if result is None else {1: "wins", 0: "draws", -1: "losses"}[result]] += 1
        if result is not None:
            pairs[task, own["pair_key"]].append(result)
        if verdicts.get(task) == key[1:]:
            closed.add(task)
    for (task, _), results in pairs.items():
        found[task]["unpaired" if len(results) == 1 else CELLS[sum(results) + 2]] += 1
    return {task: dict(counted) for task, counted in found.items()}


@st.composite
def histories(draw: Any) -> tuple[list[Line], dict[int, tuple[str, int]]]:
    lines = draw(st.lists(games, min_size=1, max_size=30))
    verdicts: dict[int, tuple[str, int]] = {}
    for task in TASKS:
        own = [(each["data"]["pair_key"], each["data"]["seq"]) for each in lines if each["data"]["task_id"] == task]
        if own and draw(st.booleans()):
            verdicts[task] = draw(st.sampled_from(own))
    return lines, verdicts


def test_counts_are_those_of_the_log_up_to_the_verdict(owner: Connection[Any], consumer: Connection[Any]) -> None:
    @SOME
    @given(history=histories(), data=st.data())
    def hold(history: tuple[list[Line], dict[int, tuple[str, int]]], data: st.DataObject) -> None:
        lines, verdicts = history
        empty(owner, DOMAIN)
        worker = Worker(consumer, (DOMAIN,), Log((DOMAIN,)))
        worker.take(worker.log.entries)
        worker.log.extend([*world(), *(sprt(task) for task in TASKS)])
        worker.log.extend(lines)
        worker.log.extend(decided(task, *key) for task, key in verdicts.items())
        while worker.offsets.held and any(
            worker.offsets.held[place].position < end for place, end in worker.log.ends().items()
        ):
            held = sorted(worker.offsets.held)
            worker.step({place: data.draw(st.integers(0, 9)) or 40 for place in data.draw(st.permutations(held))[:3]})
        worker.sweep()
        assert {task: counts(consumer, task) for task in TASKS} == recounted(lines, verdicts)

    hold()


def _relations(shown: dict[str, int]) -> None:
    """Of pairs and games, as the report check of fishtest has them."""
    w, d, lost = (shown.get(name, 0) for name in ("wins", "draws", "losses"))
    p = [shown.get(cell, 0) for cell in CELLS]
    lone = shown.get("unpaired", 0)
    assert w + d + lost == 2 * sum(p) + lone
    assert abs(w - lost - (2 * p[4] + p[3] - p[1] - 2 * p[0])) <= lone
    assert p[1] + p[3] <= d <= p[1] + 2 * p[2] + p[3] + lone


@pytest.mark.parametrize("role", ["owner", "consumer"])
def test_a_shell_changes_the_counts_as_the_games(owner: Connection[Any], consumer: Connection[Any], role: str) -> None:
    writer = owner if role == "owner" else consumer
    play(consumer, [*world(), sprt(20)])
    columns = "task_id, pair_key, seq, result, candidate_is_white, detailed_outcome, crash_type"
    writer.execute(
        f"INSERT INTO chess.game_results ({columns}) VALUES (20, 'a', 1, 1, true, 'TIMEOUT', NULL),"
        " (20, 'a', 2, 0, false, NULL, NULL), (20, 'b', 1, -1, true, NULL, NULL),"
        " (20, 'c', 1, NULL, true, NULL, 'TIMEOUT')".encode()
    )
    shown = {"wins": 1, "draws": 1, "losses": 1, "dw": 1, "unpaired": 1, "crashes": 1, "timeouts": 1}
    assert counts(owner, 20) == shown
    _relations(shown)
    with writer.cursor() as cursor, cursor.copy(f"COPY chess.game_results ({columns}) FROM STDIN".encode()) as rows:
        rows.write_row((20, "b", 2, -1, False, None, None))
    del shown["unpaired"]
    assert counts(owner, 20) == {**shown, "losses": 2, "ll": 1}
    owner.execute("DELETE FROM chess.game_results WHERE pair_key = 'a' AND seq = 1")
    assert counts(owner, 20) == {"draws": 1, "losses": 2, "unpaired": 1, "ll": 1, "crashes": 1}
    with pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute("UPDATE chess.game_results SET result = 0 WHERE pair_key = 'b'")
    owner.execute("TRUNCATE chess.game_results, chess.verdicts")
    assert counts(owner, 20) == {}


def test_late_games_are_counted_once_and_leave_the_match_as_it_was(consumer: Connection[Any]) -> None:
    task = match_of()
    before = [*world(), match(game_cap=2), game(task, "a", 1, 1), game(task, "a", 2, 1)]
    late = [game(task, "b", 1, -1), game(task, "b", 2, -1), game(task, "b", 1, -1)]
    play(consumer, [*before, *late, decided(task, "a", 2, "passed", wins=2, ww=1)], [game(task, "c", 1, -1)])
    assert counts(consumer, task, "match_tasks") == {"wins": 2, "ww": 1, "late": 3}
    row = consumer.execute("SELECT games_created, done, passed FROM chess.match_tasks").fetchone()
    assert row == (5, True, True)
    assert one(consumer, "SELECT count(*) FROM chess.games WHERE late") == 3


def test_a_match_for_testing_never_passes(consumer: Connection[Any], owner: Connection[Any]) -> None:
    task = match_of()
    play(consumer, [*world(), match(test_only=True), game(task, "a", 1, 1), decided(task, "a", 1, "passed", wins=1)])
    assert consumer.execute("SELECT done, passed FROM chess.match_tasks").fetchall() == [(True, False)]
    with pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute("UPDATE chess.match_tasks SET passed = true")


def test_a_parameter_set_is_done_from_its_last_game_on(consumer: Connection[Any]) -> None:
    sets = [line("param_set.added", tune_task_id=30, param_set_id=name) for name in ("x", "y")]
    played = [game(30, f"{name}{n}", n, 0, param_set_id=name) for name in ("x", "y") for n in (1, 2)]
    play(consumer, [*world(), tune(30, 2, 2), *sets], played[:3])
    status = "SELECT param_set_id, status, draws, unpaired FROM chess.tune_param_sets ORDER BY 1"
    assert consumer.execute(status).fetchall() == [("x", "DONE", 2, 2), ("y", "OPEN", 1, 1)]
