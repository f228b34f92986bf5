"""The examples for producers, followed word for word, end on a board."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from podium import topics
from schema import DOMAINS
from streams.rank import Ranker
from streams.score import Scorer
from tests.podium.command import environment, podium
from tests.streams.conftest import Consuming, World, running, until, world

__all__ = ["world"]

PAGE = (Path(__file__).parents[1] / "docs" / "producers.md").read_text(encoding="utf-8")
BOARD = "evaluation.overall.all"


def example(language: str) -> str:
    """The one code block of a language."""
    (block,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(block)


@pytest.fixture
def pipeline(world: World) -> World:
    """Also the topics that grant ids."""
    topics.apply(world.settings.kafka, topics.wanted(DOMAINS, world.settings.kafka))
    return world


def test_every_example_for_producers_ends_on_a_board(pipeline: World, tmp_path: Path) -> None:
    settings, domain = pipeline.settings, pipeline.domain
    command = [sys.executable, "-c", example("python")]
    folder = Path(__file__).parents[1]
    done = subprocess.run(
        command, env=environment(settings), cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "data.row_id" in done.stdout
    file = tmp_path / "notes.jsonl"
    file.write_text(example("jsonl"), encoding="utf-8")
    checked = podium(settings, "publish", str(file), "--json")
    assert (checked.returncode, json.loads(checked.stdout)["published"]) == (0, 7), checked.stdout
    board = next(board for board in domain.boards if board.name == "overall")
    services = Scorer(pipeline.log, pipeline.dsn, domain), Ranker(pipeline.log, pipeline.dsn, domain, board)
    query = "SELECT entries FROM ledger.snapshot WHERE board = %s ORDER BY cut_at DESC LIMIT 1"

    def entries() -> set[tuple[str, int]]:
        rows = pipeline.query(query, BOARD)
        return {(entry["name"], entry["n"]) for entry in json.loads(rows[0][0])} if rows else set()

    with running(Consuming(pipeline), *services):
        until(lambda: len(entries()) == 2, 60)
        until(lambda: sorted(n for _, n in entries()) == [1, 2], 60)
    assert pipeline.query("SELECT count(*) FROM ledger.parked") == [(0,)]
    assert pipeline.query("SELECT count(*) FROM ledger.dead") == [(0,)]
    assert json.loads(podium(settings, "board", "show", BOARD, "--json").stdout)["entries"]
