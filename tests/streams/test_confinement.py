"""Whatever is raised for one answer, board or timer stays there: its neighbours go on, and it is told of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from schema.decisions import Judge
from schema.declare import Board, Domain, Watch
from schema.heartbeat import Heartbeat
from streams.rank import Ranker
from streams.score import Bench, Retries, Scorer, Sweep
from streams.watch import Watcher
from tests.streams.conftest import Consuming, World, prediction, row, running, until


class Thrown(BaseException):
    """Raised by what is no Exception, as confluent-kafka's KafkaError is."""


@dataclass
class Odd:
    """The judge of a domain, but for some answers and labels it fails."""

    judge_: Judge
    scored = 0

    def learn(self, type_: str, data: Any) -> None:
        """As the judge, but."""
        if getattr(data, "content", "") == "unlearnable":
            raise Thrown("not to be learnt")
        self.judge_.learn(type_, data)

    def judge(self, type_: str, data: Any, digest: bytes) -> Any:
        """As the judge, but."""
        found = self.judge_.judge(type_, data, digest)
        self.scored += 1
        if not found or not data.prediction.startswith("odd"):
            return found
        ((score, fields),) = found
        match data.prediction:
            case "odd raises":
                raise OverflowError("too odd")
            case "odd throws":
                raise Thrown("no exception")
            case "odd type":
                return [("evaluation.score.guessed.v1", fields)]
            case "odd field":
                return [(score, {**fields, "correct": 2.5})]
            case _:
                return [(score, {**fields, "gold": float("nan")})]


ODD = ("odd raises", "odd throws", "odd type", "odd field", "odd nan")


def judged_oddly(domain: Domain, judges: list[Odd]) -> Domain:
    assert domain.scoring is not None
    usual = domain.scoring.judge

    def judge() -> Any:
        judges.append(Odd(usual()))
        return judges[-1]

    return replace(domain, scoring=replace(domain.scoring, judge=judge))


def test_an_answer_that_cannot_be_judged_fails_alone_and_the_sweep_tries_it_again(world: World) -> None:
    judges: list[Odd] = []
    domain = judged_oddly(world.domain, judges)
    scorer, sweep = Scorer(world.log, world.dsn, domain), Sweep(world.log, world.dsn, domain)
    scores = "SELECT row_id FROM evaluation.scores ORDER BY 1"
    with running(Consuming(world)):
        world.world(rows=12, models=1)
        world.publish("row.added.v1", {**row(13), "content": "unlearnable"})
        until(lambda: world.query("SELECT count(*) FROM evaluation.predictionstatus")[0][0] >= 12)
        with running(scorer, sweep):
            world.publish("prediction.recorded.v1", *(prediction(1, n + 1, said) for n, said in enumerate(ODD)))
            world.publish("prediction.recorded.v1", *(prediction(1, n) for n in range(6, 13)))
            until(lambda: world.query(scores) == [(n,) for n in range(6, 13)])
            until(lambda: len([name for name in scorer.heartbeat.failures if name.startswith("answer")]) == len(ODD))
            until(lambda: len([name for name in sweep.heartbeat.failures if name.startswith("answer")]) == len(ODD))
            assert any(name.startswith("reference evaluation.catalog") for name in scorer.heartbeat.failures)
            first = next(one for one in scorer.heartbeat.failures.values() if "too odd" in one.error)
            assert (first.error, first.topic) == ("OverflowError: too odd", "evaluation.predictions")
            # Tried again, after a pause.
            until(lambda: max(one.tries for one in sweep.heartbeat.failures.values()) >= 2)
            assert sum(judge.scored for judge in judges) < 100
        until(world.caught_up)
        assert world.query("SELECT count(*) FROM ledger.dead") == [(0,)]
        mended = Sweep(world.log, world.dsn, world.domain)
        with running(mended):
            until(lambda: len(world.query(scores)) == 12)
        assert mended.heartbeat.failures == {}


def test_an_answer_is_judged_again_when_references_come(world: World) -> None:
    judges: list[Odd] = []
    with Bench(world.log, judged_oddly(world.domain, judges)).opened() as bench:
        world.publish("row.added.v1", row(1), row(2))
        while bench.references.learned < 2:
            bench.references.follow(0.1)
        world.publish("prediction.recorded.v1", prediction(1, 1, "odd raises"), prediction(1, 2))
        consumer = world.log.consumer("reader")
        topic = "evaluation.predictions"
        consumer.assign(
            [TopicPartition(world.log.named(topic), n, OFFSET_BEGINNING) for _, n in world.log.ends([topic])]
        )
        batch: list[Any] = []
        while len(batch) < 2:
            batch += consumer.consume(10, 0.1)
        consumer.close()
        assert len(list(bench.scores(batch))) == 1
        assert len(bench.heartbeat.failures) == 1
        judges[0].judge = judges[0].judge_.judge  # type: ignore[method-assign]
        assert list(bench.scores([])) == []
        world.publish("row.added.v1", row(3))
        assert until(lambda: list(bench.scores([])))
        assert bench.heartbeat.failures == {}


def test_what_is_tried_in_vain_is_tried_less_and_less_often() -> None:
    heartbeat = Heartbeat("sweep")
    retries = Retries(heartbeat)
    assert retries.is_due("answer 1")
    for _ in range(3):
        retries.tried("answer 1")
        assert not retries.is_due("answer 1")
    assert retries.is_due("answer 2")
    assert heartbeat.failures.keys() == {"answer 1"}
    retries.keep(["answer 1"])
    assert (len(retries), len(heartbeat.failures)) == (1, 1)
    retries.keep([])
    assert (len(retries), len(heartbeat.failures)) == (0, 0)


SCOPES = """
SELECT id, id AS title, jsonb_build_object('id', id) AS parameters
FROM unnest(ARRAY['a', 'divided', 'raises', 'throws', 'nan', 'z']) AS id
"""
ROWS = "SELECT %(id)s AS id, 1 / (CASE WHEN %(id)s = 'divided' THEN n - n ELSE 1 END) AS n FROM (SELECT 7 AS n) t"


def odd_board(board: Board, faults: set[str], **more: Any) -> Board:
    def entries(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        (found,) = rows
        if found["id"] == "raises" in faults:
            raise OverflowError("a figure is too great")
        if found["id"] == "throws" in faults:
            raise Thrown("no exception")
        score = float("nan") if found["id"] == "nan" in faults else found["n"]
        return [{"id": found["id"], "rank": 1, "score": score}]

    return replace(board, name="odd", scopes="odd_scopes.sql", sql="odd.sql", entries=entries, drill=None, **more)


@contextmanager
def ranking(world: World, folder: Path, faults: set[str], scopes: str = SCOPES) -> Iterator[Ranker]:
    (folder / "odd_scopes.sql").write_text(scopes)
    (folder / "odd.sql").write_text(ROWS)
    board = odd_board(world.domain.boards[0], faults)
    domain = replace(world.domain, folder=folder, boards=(board,), scoring=None, watches=())
    one = Ranker(world.log, world.dsn, domain, board)
    with running(one):
        yield one


CUT = "SELECT DISTINCT split_part(board, '.', 3) FROM ledger.snapshot WHERE board LIKE 'evaluation.odd.%%' ORDER BY 1"


def test_a_board_that_cannot_be_cut_says_since_when_and_why_and_the_others_are_cut(
    world: World, tmp_path: Path
) -> None:
    faults = {"raises", "throws", "nan"}
    with running(Consuming(world)):
        world.world(rows=2, models=1)
        with ranking(world, tmp_path, faults) as ranker:
            until(lambda: world.query(CUT) == [("a",), ("z",)])
            until(lambda: len(ranker.heartbeat.failures) == 4)
            told = {name: failure.error for name, failure in ranker.heartbeat.failures.items()}
            assert told["board evaluation.odd.raises"] == "never cut, because OverflowError: a figure is too great"
            assert "DivisionByZero" in told["board evaluation.odd.divided"]
            # Mended: cut, and told of no more, although nothing moved in the log.
            faults.clear()
            (tmp_path / "odd.sql").write_text(ROWS.replace("1 / (CASE", "1 + (CASE"))
            until(lambda: len(world.query(CUT)) == 6)
            until(lambda: not ranker.heartbeat.failures)
            faults.add("raises")
            world.publish("row.added.v1", row(3))
            until(lambda: "board evaluation.odd.raises" in ranker.heartbeat.failures)
            assert "not cut since 20" in ranker.heartbeat.failures["board evaluation.odd.raises"].error


def test_scopes_that_cannot_be_read_are_a_failure_of_the_declaration(world: World, tmp_path: Path) -> None:
    with running(Consuming(world)):
        world.world(rows=2, models=1)
        with ranking(world, tmp_path, set(), scopes="SELECT 1 / 0 AS id") as ranker:
            until(lambda: ranker.heartbeat.failures.keys() == {"board evaluation.odd"})
            assert ranker.heartbeat.ready
            assert ranker.heartbeat.restarts == 0


def test_a_timer_that_raises_stands_still_alone(world: World, tmp_path: Path) -> None:
    faults = {2}

    def decide(rows: Sequence[Mapping[str, Any]], now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
        for found in rows:
            if found["n"] in faults:
                raise Thrown("no exception")
            yield "evaluation.model.registered.v1", {"model_id": found["n"], "name": "due", "source": "x"}

    def rubbish(rows: Sequence[Mapping[str, Any]], now: datetime) -> list[tuple[str, dict[str, Any]]]:
        if not rows:
            return []
        good = {"model_id": 9, "name": "good", "source": "x"}
        return [
            ("evaluation.model.registered.v1", {**good, "model_id": -1}),
            ("evaluation.model.unknown.v1", good),
            ("evaluation.model.registered.v1", good),
        ]

    due = (
        "SELECT n FROM generate_series(1, 3) n WHERE n NOT IN (SELECT model_id FROM evaluation.models) LIMIT %(limit)s"
    )
    (tmp_path / "due.sql").write_text(due)
    (tmp_path / "bad.sql").write_text("SELECT 1 / 0 AS n, %(limit)s")
    (tmp_path / "once.sql").write_text(due.replace("generate_series(1, 3)", "generate_series(9, 9)"))
    watches = (
        Watch("bad", "bad.sql", every_seconds=0.1),
        Watch("per", "due.sql", every_seconds=0.1, decide=decide, per=("n",)),
        Watch("rubbish", "once.sql", every_seconds=0.1, decide=rubbish),
    )
    watcher = Watcher(
        world.log, world.dsn, replace(world.domain, folder=tmp_path, watches=watches, scoring=None, boards=())
    )
    models = "SELECT model_id FROM evaluation.models ORDER BY 1"
    with running(Consuming(world), watcher):
        until(lambda: world.query(models) == [(1,), (3,), (9,)])
        until(lambda: {"timer bad", "timer per, n 2"} <= watcher.heartbeat.failures.keys())
        assert "DivisionByZero" in watcher.heartbeat.failures["timer bad"].error
        faults.clear()
        until(lambda: len(world.query(models)) == 4)
        until(lambda: set(watcher.heartbeat.failures) == {"timer bad"})
        until(world.caught_up)
    assert world.query("SELECT count(*) FROM ledger.dead") == [(0,)]
    assert watcher.heartbeat.restarts == 0
