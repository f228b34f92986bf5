"""The scoring service: what it lets through, what it refers to, and the sweep for what came in another order."""

from datetime import UTC, datetime, timedelta

from streams.score import Scorer, Sweep
from tests.streams.conftest import Consuming, World, prediction, row, running, until

TALLY = "SELECT gold, predicted, n FROM evaluation.confusion ORDER BY gold, predicted"
SCORES = "SELECT row_id, truth_version, gold, correct FROM evaluation.scores ORDER BY row_id, truth_version"


def services(world: World) -> list[Scorer | Sweep]:
    return [Scorer(world.log, world.dsn, world.domain), Sweep(world.log, world.dsn, world.domain)]


def test_a_score_follows_when_the_row_comes_after_its_prediction(world: World) -> None:
    with running(Consuming(world), *services(world)):
        world.world(rows=2, models=1)
        until(lambda: world.query("SELECT count(*) FROM evaluation.predictionstatus") == [(2,)])
        world.publish("prediction.recorded.v1", prediction(1, 99), prediction(1, 1))
        until(lambda: len(world.query(SCORES)) == 1)
        world.publish("dataset.version_published.v1", {"dataset_id": 1, "version": 2, "total_rows": 3})
        world.publish("row.added.v1", {**row(99), "version": 2})
        world.publish("job.submitted.v1", {
            "model_id": 1, "prompt_id": 7, "dataset_id": 1, "dataset_version": 2, "epoch": 2, "attempts_max": 2,
        })  # fmt: skip
        assert until(lambda: world.query(TALLY) == [("positive", "positive", 2)])
        assert world.query("SELECT count(*) FROM ledger.dead") == [(0,)]


def test_a_corrected_label_is_scored_anew_and_only_the_new_score_counts(world: World) -> None:
    with running(Consuming(world), *services(world)):
        world.world(rows=2, models=1)
        world.publish("prediction.recorded.v1", prediction(1, 1), prediction(1, 2))
        until(lambda: world.query(TALLY) == [("negative", "positive", 1), ("positive", "positive", 1)])
        world.publish("row.relabelled.v1", {"row_id": 2, "expected_prediction": "Positive", "truth_version": 2})
        until(lambda: world.query(TALLY) == [("positive", "positive", 2)])
        assert world.query(SCORES) == [(1, 1, "positive", 1), (2, 1, "negative", 0), (2, 2, "positive", 1)]
        until(world.caught_up)
        assert world.query("SELECT count(*) FROM ledger.dead") == [(0,)]


def test_what_consumers_bury_is_not_scored(world: World) -> None:
    producer = world.log.producer()
    with running(Consuming(world), *services(world)):
        world.world(rows=3, models=1)
        world.publish("prediction.recorded.v1", prediction(1, 1), time=datetime.now(UTC) + timedelta(hours=1))
        producer.produce(world.log.named("evaluation.predictions"), b"{", b"1:7:1")
        producer.produce(world.log.named("evaluation.predictions"), None, b"1:7:1")
        producer.flush()
        world.publish("prediction.recorded.v1", prediction(1, 2))
        until(lambda: len(world.query(SCORES)) == 1)
        until(world.caught_up)
        assert world.query(SCORES) == [(2, 1, "negative", 0)]
        assert world.query("SELECT count(*) FROM ledger.dead WHERE topic = 'evaluation.predictions'") == [(3,)]
        assert world.query("SELECT count(*) FROM ledger.parked") == [(0,)]


def test_the_sweep_is_silent_while_scores_are_on_their_way(world: World) -> None:
    scorer, sweep = services(world)
    with running(Consuming(world), scorer, sweep):
        world.world(rows=200, models=2)
        world.publish("prediction.recorded.v1", *(prediction(m, n) for m in (1, 2) for n in range(1, 201)))
        until(lambda: len(world.query(SCORES)) == 400)
        until(world.caught_up)
        assert sweep.heartbeat.done == 0
        assert world.query("SELECT sum(read) FROM ledger.offset WHERE topic = 'evaluation.scores'") == [(400,)]
