"""A volunteer's client on a running Podium: takes parts of tasks, plays their games, until every task is played.

python -m samples.engines.client amber
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Iterator
from time import monotonic
from typing import Any

from podium import embedded
from podium.client import Producer
from podium.settings import Settings, load
from podium.supervisor import AT_WORK
from samples.engines.games import pair
from samples.engines.log import JobLog
from samples.engines.names import CLIENTS, token_id
from samples.engines.networks import NETWORKS, Network
from samples.engines.plan import NODES, ask
from samples.engines.queue import PAIRS_A_PART, Queue, Side, Task
from samples.engines.search import Engine, Options

VERSION = "34"
IDS_AT_ONCE = 32
HEARTBEAT_SECONDS = 5.0
BY_ID = {network.id: network for network in NETWORKS}


class Client:
    """One client and what it plays."""

    def __init__(self, name: str, producer: Producer, run: int, log: JobLog) -> None:
        self.name = name
        self.token_id = token_id(name)
        self.producer = producer
        self.run = run
        self.log = log
        self._ids: dict[str, Iterator[int]] = {}

    def play(self) -> Iterator[int]:
        """Part after part; yields how many tasks are played to their end, by anybody, after every pair of games."""
        self._give_back()
        queue = self.log.queue
        while not queue.finished:
            task = next(iter(queue.open()), None)
            if task is None:
                self.log.follow(0.1)
            else:
                yield from self._part(task)
            yield queue.done

    def _give_back(self) -> None:
        """What this client held when it last stopped is for others."""
        for task in self.log.queue.tasks.values():
            for assignment, holder in list(task.playing.items()):
                if holder == self.token_id and not task.over:
                    self._say("assignment.cancelled", task, assignment, reason="the client began anew")

    def _part(self, task: Task) -> Iterator[int]:
        assignment = self._id("assignment")
        self._say("task.assigned", task, assignment, assigned_token_id=self.token_id, gpu_id=0)
        self.producer.flush()
        if not self.log.assigned(task.task_id, assignment):
            self._say("assignment.cancelled", task, assignment, reason="nothing was left")
            return
        part, said = task.parts[assignment], monotonic()
        for number in range(PAIRS_A_PART):
            self._pair(task, assignment, f"{assignment}-{number}", part)
            self.log.follow()
            yield self.log.queue.done
            if task.over:
                self._say("assignment.cancelled", task, assignment, reason="the task is decided")
                return
            if monotonic() - said > HEARTBEAT_SECONDS:
                self._say("assignment.heartbeat", task, assignment)
                said = monotonic()
        self._say("assignment.completed", task, assignment, reason="all games played")
        if task.kind == "TRAINING" and not task.left:
            self.producer.publish("chess.task.finished.v1", {"task_id": task.task_id, "reason": "enough games"})

    def _pair(self, task: Task, assignment: int, key: str, part: str) -> None:
        """Play two games and publish each when it ends."""
        if task.kind == "TRAINING":
            best = Side(self.log.queue.best, {})
            for _ in pair(_engine(best), _engine(best), f"self {key}"):
                self._record_training(best.network_id)
            return
        candidate = Side(task.candidate.network_id, {**task.candidate.options, **task.sets.get(part, {})})
        for seq, game in enumerate(pair(_engine(candidate), _engine(task.other), key), 1):
            white = seq == 1
            self.producer.publish(
                "chess.game.finished.v1",
                {
                    "task_id": task.task_id, "pair_key": key, "seq": seq, "assignment_id": assignment,
                    "candidate_is_white": white, "result": game.result if white else -game.result,
                    "detailed_outcome": game.outcome, **({"param_set_id": part} if part else {}),
                },
            )  # fmt: skip

    def _record_training(self, network_id: int) -> None:
        number = self._id("training_game")
        game = {"training_game_id": number, "training_run_id": self.run, "network_id": network_id}
        self.producer.publish("chess.training_game.recorded.v1", {**game, "engine_version": VERSION})

    def _say(self, what: str, task: Task, assignment: int, **more: Any) -> None:
        self.producer.publish(f"chess.{what}.v1", {"task_id": task.task_id, "assignment_id": assignment, **more})

    def _id(self, kind: str) -> int:
        found = next(self._ids.get(kind, iter(())), None)
        if found is None:
            self._ids[kind] = iter(self.producer.ids(f"chess.{kind}").take(IDS_AT_ONCE))
            found = next(self._ids[kind])
        return found


def _engine(side: Side) -> Engine:
    network: Network = BY_ID[side.network_id]
    return Engine(network, Options.of(side.options), NODES)


def run(settings: Settings, name: str) -> Iterator[int]:
    """Play until every task is played to its end; yields how many are."""
    with Producer(settings, source=f"samples/engines/{name}") as producer:
        registry = ask(producer)
        log = JobLog(settings.kafka, Queue(registry.tasks))
        try:
            log.catch_up()
            yield from Client(name, producer, registry.run, log).play()
        finally:
            log.close()


def report(done: Iterator[int]) -> None:
    """Print how many tasks are played as JSON lines, for whoever draws it; rest while told to."""
    told = -1
    for count in done:
        if count != told:
            print(json.dumps({"done": count}), flush=True)
            told = count
        AT_WORK.wait()


def main() -> None:
    """The command: exits 0 when every task is played."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=CLIENTS, help="which client")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    report(run(embedded.resolve(load()), arguments.name))


if __name__ == "__main__":
    main()
