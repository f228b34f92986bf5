"""Predictions in, scores and snapshots out, on the real services."""

import json

from schema.board import digest
from streams.rank import Ranker
from streams.score import Scorer
from tests.streams.conftest import Consuming, World, prediction, running, until


def test_predictions_become_scores_and_scores_a_board(world: World) -> None:
    scorer = Scorer(world.log, world.dsn, world.domain)
    rankers = [Ranker(world.log, world.dsn, world.domain, board) for board in world.domain.boards]
    with running(Consuming(world), scorer, *rankers):
        world.world(rows=20, models=2)
        world.publish("prediction.recorded.v1", *(prediction(1, n, "positive") for n in range(1, 21)))
        world.publish(
            "prediction.recorded.v1", *(prediction(2, n, "positive" if n % 2 else "Negative ") for n in range(1, 21))
        )
        until(lambda: world.query("SELECT count(*) FROM evaluation.scores") == [(40,)])
        until(world.caught_up)
        newest = "SELECT entries, digest, cut, rule FROM ledger.snapshot WHERE board = %s ORDER BY cut_at DESC LIMIT 1"
        for board in ("evaluation.accuracy.1", "evaluation.overall.all"):
            entries = until(lambda board=board: _complete(world.query(newest, board)))  # type: ignore[misc]
            assert [(e["id"], e["rank"], e["score"], e["n"]) for e in entries] == [
                ("2:7", 1, 1, 20), ("1:7", 2, 0.5, 20),
            ]  # fmt: skip


def _complete(rows: list[tuple[str, str, list[list[object]], object]]) -> list[dict[str, object]] | None:
    if not rows:
        return None
    text, found, cut, _ = rows[0]
    assert digest(text.encode()) == found
    assert len(cut) == 16
    entries = json.loads(text)
    return entries if sum(entry["n"] for entry in entries) == 40 else None
