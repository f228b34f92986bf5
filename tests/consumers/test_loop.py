"""The loop against a real log: positions, rebalances, stops, lost answers, lost services, lost logs."""

from __future__ import annotations

import re
import time
from threading import Event

import psycopg
import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import NewPartitions, NewTopic

from consumers.intake import LogLost
from consumers.loop import Limits, Loop
from consumers.topics import TopicRefused
from schema.contract import TOPIC_CONFIG
from tests.consumers.broker import Broker, Running, running, until
from tests.consumers.lines import EVALUATION, Line, model, prediction, world
from tests.consumers.proxy import wire

ROWS = 300
TOPIC = "evaluation.predictions"
STOP_SECONDS_MAX = 2.0


def answers(model_id: int = 1) -> list[Line]:
    return [prediction(n, model_id=model_id) for n in range(1, ROWS + 1)]


def recorded(log: Broker) -> list[tuple[int, int]]:
    """(model, answers) as the tables have them."""
    return log.query("SELECT model_id, count(*)::int FROM evaluation.predictions GROUP BY 1 ORDER BY 1")


@pytest.fixture
def begun(log: Broker) -> Broker:
    """A log with a world and the answers of one model in it."""
    log.publish(*world(rows=ROWS, models=2), *answers())
    return log


def test_it_reads_to_the_end_and_goes_on_with_what_comes(begun: Broker) -> None:
    with running(begun.loop()):
        until(begun.at_rest)
        begun.publish(*answers(2))
        until(begun.at_rest)
    assert recorded(begun) == [(1, ROWS), (2, ROWS)]
    assert begun.adds_up()


def test_an_idle_partition_is_passed_to_its_end_over_markers_alone(begun: Broker) -> None:
    with running(begun.loop()):
        until(begun.at_rest)
        begun.publish_in_transactions([prediction(1)] * 3, size=1, id_="markers")
        until(begun.at_rest)
    assert begun.adds_up()


def test_filling_stops_exactly_at_the_given_positions(begun: Broker) -> None:
    from consumers.loop import fill

    ends = begun.ends()
    half = {place: end // 2 for place, end in ends.items()}
    kafka, dsn = begun.settings.kafka, begun.settings.postgres.dsn("consumer")
    for goal in (half, half, ends):
        fill([*begun.loop().domains], kafka.client(), dsn, goal, namespace=kafka.namespace)
        assert begun.positions() == goal
    assert recorded(begun) == [(1, ROWS)]
    assert begun.adds_up()


def test_several_share_the_partitions_and_give_them_back(begun: Broker) -> None:
    def holders() -> set[str]:
        # Loops of one process have one name, so it is their epochs that tell them apart.
        return {str(epoch) for (epoch,) in begun.query("SELECT DISTINCT epoch FROM ledger.offset")}

    with running(begun.loop()):
        until(begun.at_rest)
        alone = holders()
        with running(begun.loop()) as (second,):
            until(lambda: second.loop.ready)
            begun.publish(*answers(2))
            until(begun.at_rest)
            assert alone & holders(), "the first gave everything away"
            assert holders() - alone, "the second has nothing"
        begun.publish(*answers(2))
        until(begun.at_rest)
    assert recorded(begun) == [(1, ROWS), (2, ROWS)]
    assert begun.adds_up()


@pytest.mark.parametrize("losses", [1, 4])
def test_a_commit_whose_answer_is_lost_is_not_repeated(begun: Broker, losses: int) -> None:
    with wire(begun.settings.postgres.dsn("consumer")) as cut:
        loop = begun.loop(dsn=cut.dsn, limits=Limits(batch_records_max=50))
        with running(loop):
            until(lambda: loop.ready)
            cut.losses = losses
            until(begun.at_rest)
        assert cut.lost == losses
    assert recorded(begun) == [(1, ROWS)]
    assert begun.adds_up()


def _await_share(log: Broker, share: float) -> None:
    until(lambda: sum(log.positions().values()) >= share * sum(log.ends().values()))


def test_backends_may_be_terminated_at_any_time(begun: Broker) -> None:
    begun.publish(*answers(2))
    terminate = (
        "SELECT count(pg_terminate_backend(pid))::int FROM pg_stat_activity"
        " WHERE application_name = 'podium consumers' AND datname = current_database()"
    )
    killed = 0
    with running(begun.loop(limits=Limits(batch_records_max=40))):
        for share in range(1, 8):
            _await_share(begun, share * 0.1)
            killed += until(lambda: begun.query(terminate)[0][0])
        until(begun.at_rest)
    assert killed >= 5
    assert recorded(begun) == [(1, ROWS), (2, ROWS)]
    assert begun.adds_up()


def test_a_trouble_that_lasts_is_met_with_patience(begun: Broker) -> None:
    _full(begun)
    started = time.monotonic()
    with running(begun.loop()):
        claims = "SELECT coalesce(max(epoch), 0)::int FROM ledger.offset"
        first = until(lambda: begun.query(claims)[0][0])
        until(lambda: begun.query(claims)[0][0] >= first + 4)
        assert time.monotonic() - started > 0.5, "it tries again at once"
        assert begun.query("SELECT count(*)::int FROM ledger.dead") == [(0,)]
        with psycopg.connect(begun.settings.postgres.dsn("owner"), autocommit=True) as owner:
            owner.execute("DROP TRIGGER full_now ON evaluation.models")
        until(begun.at_rest)
    assert recorded(begun) == [(1, ROWS)]
    assert begun.adds_up()


def _full(log: Broker) -> None:
    with psycopg.connect(log.settings.postgres.dsn("owner"), autocommit=True) as owner:
        owner.execute(
            "CREATE FUNCTION public.full() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN RAISE 'no space left' USING ERRCODE = 'disk_full'; END$$"
        )
        owner.execute(
            "CREATE TRIGGER full_now BEFORE INSERT ON evaluation.models"
            " FOR EACH STATEMENT EXECUTE FUNCTION public.full()"
        )
        owner.execute("ALTER TABLE evaluation.models ENABLE ALWAYS TRIGGER full_now")


def test_one_record_may_make_more_rows_than_fit_into_the_usual_time(begun: Broker) -> None:
    with psycopg.connect(begun.settings.postgres.dsn("owner"), autocommit=True) as owner:
        owner.execute(
            "CREATE FUNCTION public.toil() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN PERFORM pg_sleep(1.5); RETURN NULL; END$$"
        )
        owner.execute(
            "CREATE TRIGGER toil AFTER INSERT ON evaluation.modelpromptstatus"
            " FOR EACH STATEMENT EXECUTE FUNCTION public.toil()"
        )
        owner.execute("ALTER TABLE evaluation.modelpromptstatus ENABLE ALWAYS TRIGGER toil")
    loop = begun.loop(limits=Limits(transaction_seconds=1))
    with running(loop):
        until(lambda: loop.patience.extra_seconds == 3)
        until(begun.at_rest)
        until(lambda: loop.patience.extra_seconds == 0)
    assert recorded(begun) == [(1, ROWS)]
    assert begun.adds_up()


def test_a_recovery_that_fails_half_way_is_made_again(begun: Broker) -> None:
    with wire(begun.settings.postgres.dsn("consumer")) as cut, running(begun.loop(dsn=cut.dsn)):
        until(begun.at_rest)
        # The answer is lost, the claim goes through, and then the wire breaks again.
        cut.losses, cut.barred = 1, b"FROM ledger.parked"
        begun.publish(*answers(2))
        until(lambda: cut.lost == 2)
        until(begun.at_rest)
    assert recorded(begun) == [(1, ROWS), (2, ROWS)]
    assert begun.adds_up()


def stopped_in(one: Running) -> float:
    """Seconds from the request to the end."""
    started = time.monotonic()
    one.stop.set()
    one.thread.join(30)
    assert one.ended
    return time.monotonic() - started


def test_it_stops_in_time_with_work_in_flight(begun: Broker) -> None:
    begun.publish(*answers(2), *answers(2), *answers(2))
    with running(begun.loop(limits=Limits(batch_records_max=20))) as (one,):
        until(lambda: sum(begun.positions().values()) > 50)
        assert stopped_in(one) < STOP_SECONDS_MAX
    assert not begun.caught_up()
    with running(begun.loop()):
        until(begun.at_rest)
    assert recorded(begun) == [(1, ROWS), (2, ROWS)]
    assert begun.adds_up()


@pytest.mark.parametrize("at", ["start", "work"])
def test_it_stops_in_time_while_the_database_is_away(begun: Broker, at: str) -> None:
    with wire(begun.settings.postgres.dsn("consumer")) as cut:
        if at == "start":
            cut.close()
        with running(begun.loop(dsn=cut.dsn)) as (one,):
            if at == "work":
                until(begun.at_rest)
                cut.close()
                cut.losses = 1
                begun.publish(*answers(2))
                until(lambda: cut.lost)
            assert not Event().wait(0.2)
            assert stopped_in(one) < STOP_SECONDS_MAX


def set_aside(loop: Loop, topic: str, why: str) -> str:
    """Wait until a topic is set aside for that; all that is told of it."""
    found: str = until(
        lambda: next((one.error for name, one in loop.heartbeat.failures.items() if name == f"topic {topic}"), None)
    )
    assert re.search(why, found), found
    return found


def test_a_topic_made_again_is_set_aside_and_the_others_go_on(begun: Broker) -> None:
    begun.fill()
    before = begun.positions()
    _make_again(begun, TOPIC, 4)
    begun.publish(model(7))
    loop = begun.loop()
    with running(loop) as (one,):
        set_aside(loop, TOPIC, f"topic {TOPIC}: its id is .* Rebuild from the topics")
        until(lambda: begun.query("SELECT FROM evaluation.models WHERE model_id = 7"))
        assert not one.ended
    after = begun.positions()
    assert {place: at for place, at in before.items() if place[0] == TOPIC}.items() <= after.items()


def test_a_topic_made_again_under_a_running_consumer_is_set_aside_within_a_refresh(begun: Broker) -> None:
    loop = begun.loop()
    with running(loop) as (one,):
        until(begun.at_rest)
        _make_again(begun, TOPIC, 4)
        loop.topics.hurry()
        set_aside(loop, TOPIC, "was deleted and made again|its id is")
        begun.publish(model(7))
        until(lambda: begun.query("SELECT FROM evaluation.models WHERE model_id = 7"))
        assert not one.ended


def _make_again(log: Broker, topic: str, partitions: int) -> None:
    name = log.named(topic)
    log.admin.delete_topics([name])[name].result(20)
    until(lambda: name not in log.admin.list_topics(timeout=10).topics)
    log.admin.create_topics([NewTopic(name, partitions, 1, config=TOPIC_CONFIG)])[name].result(20)
    until(lambda: name in log.admin.list_topics(timeout=10).topics)


def test_partitions_added_to_a_topic_set_it_aside_and_the_others_go_on(begun: Broker) -> None:
    loop = begun.loop()
    with running(loop) as (one,):
        until(begun.at_rest)
        name = begun.named(TOPIC)
        begun.admin.create_partitions([NewPartitions(name, 8)])[name].result(20)
        until(lambda: len(begun.admin.list_topics(name, timeout=10).topics[name].partitions) == 8)
        loop.topics.hurry()
        set_aside(loop, TOPIC, "has 8 partitions, declared are 4: keys have moved.*rebuild")
        position = begun.positions()
        begun.publish(*answers(2), model(7))
        until(lambda: begun.query("SELECT FROM evaluation.models WHERE model_id = 7"))
        assert not one.ended
        assert loop.ready
    assert {at for place, at in begun.positions().items() if place[0] == TOPIC} == {
        at for place, at in position.items() if place[0] == TOPIC
    }
    with pytest.raises(TopicRefused, match="has 8 partitions"):
        begun.fill()


@pytest.mark.parametrize(
    ("setting", "wrong"),
    [("message.timestamp.type", "CreateTime"), ("retention.ms", "60000"), ("cleanup.policy", "compact")],
)
def test_a_topic_that_voids_the_log_is_refused_until_it_is_mended(begun: Broker, setting: str, wrong: str) -> None:
    begun.alter(TOPIC, setting, wrong)
    loop = begun.loop()
    loop.aside.seconds_min = loop.aside.seconds_max = 0.2
    with running(loop) as (one,):
        set_aside(loop, TOPIC, f"has {setting}={wrong}, it must be .*podium topics apply")
        until(lambda: begun.query("SELECT FROM evaluation.prompts"))
        assert begun.query("SELECT count(*)::int FROM evaluation.predictions") == [(0,)]
        begun.alter(TOPIC, setting, TOPIC_CONFIG[setting])
        loop.topics.hurry()
        until(lambda: not loop.heartbeat.failures)
        until(begun.at_rest)
        assert not one.ended
    assert recorded(begun) == [(1, ROWS)]
    assert begun.adds_up()


def test_when_every_topic_stands_the_loop_lives_and_says_so(begun: Broker) -> None:
    for topic in EVALUATION.topics:
        begun.alter(topic, "message.timestamp.type", "CreateTime")
    loop = begun.loop()
    with running(loop) as (one,):
        until(lambda: len(loop.aside) == len(EVALUATION.topics))
        assert not one.ended
        until(lambda: "set aside" in loop.heartbeat.waits_for)
        assert not loop.heartbeat.ready


def test_a_log_that_lost_its_head_is_an_alarm_of_its_topic(begun: Broker) -> None:
    (place, end) = max(begun.ends().items(), key=lambda pair: (pair[0][0] == TOPIC, pair[1]))
    cut = TopicPartition(begun.named(place[0]), place[1], end)
    begun.admin.delete_records([cut])[cut].result(20)
    begun.publish(*answers(2), model(7))
    loop = begun.loop()
    with running(loop) as (one,):
        set_aside(loop, TOPIC, "Kafka has no record at offset 0, which is next for this database")
        until(lambda: begun.query("SELECT FROM evaluation.models WHERE model_id = 7"))
        assert not one.ended
    with pytest.raises(LogLost):
        begun.fill()


def test_a_log_that_lost_its_tail_is_an_alarm_of_its_topic(begun: Broker) -> None:
    begun.fill()
    with psycopg.connect(begun.settings.postgres.dsn("owner"), autocommit=True) as owner:
        owner.execute("UPDATE ledger.offset SET position = position + 1000 WHERE topic = %s", [TOPIC])
    loop = begun.loop()
    with running(loop) as (one,):
        set_aside(loop, TOPIC, "lost its tail")
        assert not one.ended


def test_a_topic_deleted_under_it_does_not_confuse_the_others(begun: Broker) -> None:
    with running(begun.loop()) as (one,):
        until(begun.at_rest)
        name = begun.named("evaluation.scores")
        begun.admin.delete_topics([name])[name].result(20)
        begun.publish(*answers(2))
        until(lambda: recorded(begun) == [(1, ROWS), (2, ROWS)])
        assert not one.ended


def test_a_batch_that_takes_longer_than_the_group_allows_is_read_once(begun: Broker) -> None:
    """Blocked past max.poll.interval, the consumer is put out of its group; it comes back and nothing is doubled."""
    kafka = {**begun.settings.kafka.client(), "max.poll.interval.ms": 6_000}
    with running(begun.loop(kafka=kafka)):
        until(begun.at_rest)
        epochs = "SELECT max(epoch)::int FROM ledger.offset"
        before = begun.query(epochs)
        with psycopg.connect(begun.settings.postgres.dsn("owner")) as owner:
            owner.execute("SELECT FROM ledger.offset FOR UPDATE")
            begun.publish(*answers(2))
            assert not Event().wait(8.0)
        until(begun.at_rest)
        until(lambda: begun.query(epochs) > before)
    assert recorded(begun) == [(1, ROWS), (2, ROWS)]
    assert begun.adds_up()


def test_a_claim_that_another_one_overtakes_is_made_again(begun: Broker) -> None:
    with psycopg.connect(begun.settings.postgres.dsn("owner"), autocommit=True) as owner:
        claimed = "INSERT INTO ledger.offset (topic, partition, position, epoch, topic_id) VALUES (%s, 0, 0, 6, %s)"
        ids = begun.loop()
        owner.execute(claimed, [TOPIC, _topic_id(begun, TOPIC)])
        with running(ids):
            until(begun.at_rest)
    assert recorded(begun) == [(1, ROWS)]


def _topic_id(log: Broker, topic: str) -> str:
    from confluent_kafka import TopicCollection

    name = log.named(topic)
    return str(log.admin.describe_topics(TopicCollection([name]))[name].result(10).topic_id)
