"""Clients of the chess sample: who takes which part, what is given back, and games that add up."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from podium import topics
from podium.client import Producer
from podium.settings import Settings
from samples.engines import plan
from samples.engines.client import Client, report
from samples.engines.log import JobLog
from samples.engines.names import token_id
from samples.engines.networks import NETWORKS
from samples.engines.queue import GAMES_A_PART, Queue
from schema import DOMAINS
from tests.podium.log import events

ASSIGNED, COMPLETED = "chess.task.assigned.v1", "chess.assignment.completed.v1"
CANCELLED = "chess.assignment.cancelled.v1"
REGISTRY = plan.Registry(run=1, training=1, tests=(2, 3, 4), tune=5)


def queue() -> Queue:
    """All tasks of the plan, active."""
    found = Queue(REGISTRY.tasks)
    for task_id in REGISTRY.tasks:
        found.see("chess.task.activated.v1", {"task_id": task_id})
    for type_, data in plan.tasks(REGISTRY):
        found.see(type_, data)
    return found


def assigned(queue: Queue, task_id: int, assignment: int) -> None:
    queue.see(ASSIGNED, {"task_id": task_id, "assignment_id": assignment, "assigned_token_id": 9})


def test_what_matters_most_and_has_the_fewest_players_comes_first() -> None:
    found = queue()
    up = [task.task_id for task in found.open()][: len(plan.LADDER)]
    assert sorted(up) == sorted(REGISTRY.matches[: len(plan.LADDER)])
    assert found.open()[-1].task_id == REGISTRY.training
    assigned(found, up[0], 70)
    assert [task.task_id for task in found.open()][: len(up)] == [*up[1:], up[0]]
    found.see("chess.match.decided.v1", {"task_id": up[1], "verdict": "passed"})
    assert up[1] not in {task.task_id for task in found.open()}
    assert found.done == 1


def test_a_match_is_planned_once_and_what_is_given_back_is_played_by_others() -> None:
    found = queue()
    match = found.tasks[REGISTRY.matches[1]]
    games = match.games or 0
    for assignment in range(games // GAMES_A_PART):
        assert match.left
        assigned(found, match.task_id, assignment)
    assert not match.left
    assigned(found, match.task_id, 1000)
    assert 1000 not in match.parts
    found.see(CANCELLED, {"task_id": match.task_id, "assignment_id": 1000})
    assert not match.left
    found.see(CANCELLED, {"task_id": match.task_id, "assignment_id": 0})
    assert match.left
    assert not match.played
    found.see("chess.match.decided.v1", {"task_id": match.task_id})
    assert match.played


def test_the_sets_of_a_tuning_are_played_evenly() -> None:
    found = queue()
    tune = found.tasks[5]
    for assignment in range(6):
        assigned(found, 5, assignment)
    assert Counter(tune.parts.values()) == dict.fromkeys(plan.SETS, plan.GAMES_PER_SET // GAMES_A_PART)
    found.see(CANCELLED, {"task_id": 5, "assignment_id": 4})
    given_back = tune.next_set()
    assigned(found, 5, 99)
    assert tune.parts[99] == given_back
    assert not tune.left
    for assignment in (*range(4), 5, 99):
        found.see(COMPLETED, {"task_id": 5, "assignment_id": assignment})
    assert tune.played


def test_only_a_promotion_over_the_best_counts() -> None:
    found = queue()
    first, second, third = (network.id for network in NETWORKS[:3])
    found.see("chess.network.promoted.v1", {"network_id": third, "expected_network_id": second})
    assert found.best == first
    found.see("chess.network.promoted.v1", {"network_id": second, "expected_network_id": first})
    assert found.best == second


@pytest.fixture
def settings(broker: Settings) -> Settings:
    topics.apply(broker.kafka, topics.wanted(DOMAINS, broker.kafka))
    return broker


def test_two_clients_share_a_tuning_and_the_self_play(settings: Settings) -> None:
    """One of them held a part when it was stopped: that is given back, and no set has a game too many or too few."""
    with Producer(settings, source="test") as producer:
        registry = plan.ask(producer)
        wanted = {registry.training, registry.tune}
        for type_, data in plan.tasks(registry):
            if (data.get("task_id") or data.get("tune_task_id")) in wanted:
                producer.publish(type_, data)
        for task_id in wanted:
            producer.publish("chess.task.activated.v1", {"task_id": task_id})
        held = {"task_id": registry.tune, "assignment_id": 500_000, "assigned_token_id": token_id("amber")}
        producer.publish(ASSIGNED, held)

    def work(name: str) -> None:
        with Producer(settings, source=name) as producer:
            log = JobLog(settings.kafka, Queue(wanted))
            log.catch_up()
            report(Client(name, producer, registry.run, log).play())
            log.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, ("amber", "birch")))
    count = plan.GAMES_PER_SET * len(plan.SETS)
    games = [event.data for event in events(settings, DOMAINS, "chess.predictions", count)]
    assert Counter(game.param_set_id for game in games) == dict.fromkeys(plan.SETS, plan.GAMES_PER_SET)
    assert len({(game.pair_key, game.seq) for game in games}) == count
    assert {(game.seq, game.candidate_is_white) for game in games} == {(1, True), (2, False)}
