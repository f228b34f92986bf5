"""Events of the chess domain as lines (type, time, data), for tests that need many or odd ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection

from schema.chess import DOMAIN
from schema.chess.keys import match_id
from tests.consumers.worker import Worker
from tests.log import Log

Line = dict[str, Any]
RUN, TRAINING = 1, 10
NODES: Line = {"time_control_type": "nodes_per_move", "nodes_per_move": 800}
COUNTS = ("wins", "losses", "draws", "ll", "ld", "dd", "dw", "ww", "unpaired", "crashes", "timeouts", "late")


def line(type_: str, second: int = 0, **data: Any) -> Line:
    """An event of chess; `type_` without domain and version, `second` after ten o'clock."""
    time = f"2026-03-01T{10 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
    return {"type": f"chess.{type_}.v1", "time": time, "data": data}


def network(network_id: int, **more: Any) -> Line:
    """A network of the run."""
    return line("network.imported", network_id=network_id, **{"training_run_id": RUN, **more})


def world(networks: int = 3) -> list[Line]:
    """A run whose first best network is 1, its training task, and networks 1 ... n."""
    return [
        *(network(number, network_number=number) for number in range(1, networks + 1)),
        line("training_run.registered", training_run_id=RUN, first_network_id=1),
        line("training.created", task_id=TRAINING, training_run_id=RUN),
    ]


def match(candidate: int = 2, best: int = 1, **more: Any) -> Line:
    """The promotion match of a candidate."""
    return line(
        "match.created", training_task_id=TRAINING, candidate_network_id=candidate, current_best_network_id=best, **more
    )


def match_of(candidate: int = 2) -> int:
    """Its task."""
    return match_id(TRAINING, candidate)


def sprt(task_id: int, **more: Any) -> Line:
    """A test of network 2 against network 1."""
    given = {"baseline_network_id": 1, "candidate_network_id": 2, "elo0": 0.0, "elo1": 5.0, **NODES, **more}
    return line("sprt.created", task_id=task_id, **given)


def tune(task_id: int, param_sets: int, games: int) -> Line:
    """A tuning of so many sets by so many games each."""
    repo: Line = {"build_repo_url": "https://example.org/lc0", "build_commit_hash": "0" * 40}
    return line("tune.created", task_id=task_id, param_sets=param_sets, games_per_param_set=games, **repo, **NODES)


def game(task_id: int, pair: str, seq: int = 1, result: int | None = 1, **more: Any) -> Line:
    """A game, or with no result a crash."""
    key = {"task_id": task_id, "pair_key": pair, "seq": seq, "candidate_is_white": seq == 1, **more}
    if result is None:
        return line("game.crashed", **key, crash_type="SIGSEGV")
    return line("game.finished", **key, result=result)


def decided(task_id: int, pair: str, seq: int, verdict: str = "accepted", **more: Any) -> Line:
    """A verdict at a game; its counts do not matter here."""
    counts: dict[str, Any] = {"wins": 0, "losses": 0, "draws": 0, **more}
    if verdict in ("accepted", "rejected"):
        counts |= {"llr": 3.0 if verdict == "accepted" else -3.0, "lower": -2.9, "upper": 2.9}
        return line("sprt.decided", task_id=task_id, pair_key=pair, seq=seq, verdict=verdict, **counts)
    return line("match.decided", task_id=task_id, pair_key=pair, seq=seq, verdict=verdict, **counts)


def promoted(candidate: int, expected: int | None) -> Line:
    """The candidate of a match is to take the place of another."""
    return line(
        "network.promoted",
        training_run_id=RUN,
        match_task_id=match_of(candidate),
        network_id=candidate,
        expected_network_id=expected,
    )


def play(connection: Connection[Any], *batches: Iterable[Line]) -> Worker:
    """Consume lines, a batch after the other, and what had to wait."""
    worker = Worker(connection, (DOMAIN,), Log((DOMAIN,)))
    worker.take(worker.log.entries)
    for lines in batches:
        worker.log.extend(lines)
        worker.finish()
    return worker


def counts(connection: Connection[Any], task_id: int, table: str = "sprt_tasks") -> dict[str, int]:
    """What a task shows of its games, zeroes left out."""
    query = f"SELECT {', '.join(COUNTS)} FROM chess.{table} WHERE task_id = %s"
    row = connection.execute(query.encode(), [task_id]).fetchone()
    assert row is not None
    return {name: value for name, value in zip(COUNTS, row, strict=True) if value}


def one(connection: Connection[Any], query: str, parameters: Sequence[Any] = ()) -> Any:
    """The only value that a query yields."""
    ((value,),) = connection.execute(query.encode(), parameters).fetchall()
    return value
