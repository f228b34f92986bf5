"""The demonstration: five networks, matched, tested and tuned by games that three clients play."""

from __future__ import annotations

from collections.abc import Sequence

from podium.client import Producer
from podium.demo import Bar, Step, Worker
from samples.engines import plan
from samples.engines.names import CLIENTS, token

IMPORTS = ("podium.client", "samples.engines.plan", "samples.engines.queue", "cozy_chess")


class Engines:
    """Ids come from requests with names of their own, so a second run meets the tasks of the first."""

    title = "three clients play the games of seven matches, three sequential tests and a tuning"
    domain = "chess"
    headline = "chess.ratings.all"

    def steps(self) -> Sequence[Step]:
        """Networks and tokens, then tasks, then the word to begin."""
        return (register, create, begin)

    def workers(self) -> Sequence[Worker]:
        """One process a client; each tells how many tasks are played to their end."""
        tasks = 2 + len(plan.LADDER) + len(plan.REGRESSIONS) + len(plan.TESTS)
        return [Worker(name, "samples.engines.client", (name,), tasks, imports=IMPORTS) for name in CLIENTS]


def register(producer: Producer, bar: Bar) -> None:
    """Networks with their run, and a token for each client."""
    for type_, data in plan.networks(plan.ask(producer)):
        producer.publish(type_, data)
    for name in CLIENTS:
        issued = {"token": token(name), "issued_reason": "anonymous", "client_host": name}
        producer.publish("chess.token.issued.v1", issued)


def create(producer: Producer, bar: Bar) -> None:
    """All tasks."""
    for type_, data in plan.tasks(plan.ask(producer)):
        producer.publish(type_, data)


def begin(producer: Producer, bar: Bar) -> None:
    """The clients may take parts."""
    for task_id in plan.ask(producer).tasks:
        producer.publish("chess.task.activated.v1", {"task_id": task_id})


DEMO = Engines()
