"""podium run: everything under one supervisor, restarted when it dies, ended in time."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from urllib.error import HTTPError

import psutil
import pytest
from prometheus_client import CollectorRegistry, Counter

from podium import status, topics
from podium.client import Producer
from podium.health import Health, served
from podium.settings import Settings
from podium.supervisor import Part, Supervisor, environment
from schema import DOMAINS, LEDGER
from schema.heartbeat import Heartbeat
from tests.podium.command import podium, started
from tests.podium.log import until

CHILD = "tests.podium.child"
SECONDS_MAX = 60.0


@pytest.fixture
def settings(database: Settings) -> Settings:
    topics.apply(database.kafka, topics.wanted(DOMAINS, database.kafka))
    return database


class Lines:
    """What parts say."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def __call__(self, part: str, line: str) -> None:
        self.heard.append((part, line))

    def said(self, text: str) -> int:
        return sum(text in line for _, line in self.heard)


@pytest.fixture
def lines() -> Lines:
    return Lines()


@contextmanager
def supervised(lines: Lines, *parts: Part) -> Iterator[Supervisor]:
    supervisor = Supervisor(parts, lines)
    with supervisor.running(seconds_max=5):
        yield supervisor


def pid(supervisor: Supervisor, name: str) -> int:
    process = supervisor.children[name].process
    assert process is not None
    return process.pid


def test_lines_carry_the_name_of_their_part(lines: Lines) -> None:
    with supervised(lines, Part("one", CHILD, ("say", "hello")), Part("two", CHILD, ("say", "hello"))):
        until(lambda: lines.said("hello") == 2)
    assert {("one", "hello"), ("two", "hello")} <= set(lines.heard)


def test_a_part_that_dies_is_started_again(lines: Lines) -> None:
    with supervised(lines, Part("one", CHILD, ("say", "hello"))) as supervisor:
        for times in (1, 2, 3):
            until(lambda times=times: lines.said("hello") == times)  # type: ignore[misc]
            os.kill(pid(supervisor, "one"), signal.SIGKILL)
            until(lambda times=times: lines.said("killed by SIGKILL") == times)  # type: ignore[misc]
        child = supervisor.children["one"]
        assert child.restarts == 3
        assert child.wait > 1


def test_work_that_is_done_is_not_started_again(lines: Lines) -> None:
    with supervised(lines, Part("one", CHILD, ("end", "0"), lasting=False)) as supervisor:
        until(lambda: supervisor.done)
    assert supervisor.children["one"].restarts == 0


def test_work_that_fails_is_done_again(lines: Lines) -> None:
    with supervised(lines, Part("one", CHILD, ("end", "3"), lasting=False)) as supervisor:
        until(lambda: lines.said("ended with 3") > 1)
        assert not supervisor.done


def test_a_part_that_is_held_waits_until_it_is_released(lines: Lines) -> None:
    held = Part("held", CHILD, ("say", "hello"), preload=("json",))
    with supervised(lines, held, Part("free", CHILD, ("say", "welcome"))) as supervisor:
        until(lambda: lines.said("welcome") == 1)
        os.kill(pid(supervisor, "held"), signal.SIGKILL)
        until(lambda: lines.said("killed by SIGKILL") == 1)
        until(lambda: supervisor.children["held"].runs)
        assert not lines.said("hello")
        supervisor.release("held")
        until(lambda: lines.said("hello") == 1)


def test_a_part_rests_when_told_to(lines: Lines) -> None:
    with supervised(lines, Part("one", CHILD, ("work",))) as supervisor:
        until(lambda: lines.said("working") > 1)
        supervisor.rest("one")
        pause, heard = Event(), -1
        while heard != (heard := lines.said("working")):
            pause.wait(0.3)
        supervisor.release("one")
        until(lambda: lines.said("working") > heard)


def test_a_part_that_does_not_end_is_killed(lines: Lines) -> None:
    supervisor = Supervisor([Part("one", CHILD, ("stay",))], lines)
    with supervisor.running(seconds_max=0.2):
        until(lambda: lines.said("staying") > 0)
        stubborn = pid(supervisor, "one")
    assert lines.said("killed: it did not end")
    assert not psutil.pid_exists(stubborn)


def test_parts_end_with_a_supervisor_that_was_killed() -> None:
    script = f"from {CHILD} import supervise; supervise()"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        orphan = int(process.stdout.readline())
        process.kill()
    until(lambda: not psutil.pid_exists(orphan) or psutil.Process(orphan).status() == psutil.STATUS_ZOMBIE)


def test_flags_reach_children_by_environment() -> None:
    given = environment({"home": Path("/x"), "kafka.bootstrap": "h:1", "kafka.properties.sasl.password": "s"})
    assert given == {
        "PODIUM_HOME": "/x",
        "PODIUM_KAFKA__BOOTSTRAP": "h:1",
        "PODIUM_KAFKA__PROPERTIES__SASL.PASSWORD": "s",
    }


def test_everything_runs_survives_a_kill_and_ends_in_time(settings: Settings) -> None:
    with started(settings, "run") as process:
        above = psutil.Process(process.pid)
        said = read(process)
        until(lambda: any("assigned" in line for line in said), SECONDS_MAX)
        victim = next(child for child in above.children() if "consumers" in child.cmdline())
        victim.kill()
        with Producer(settings, source="test") as producer:
            producer.publish(
                "evaluation.model.registered.v1",
                {"model_id": 1, "name": "m", "source": "test", "description": None, "library": "test"},
            )
        until(lambda: look(settings).total.applied == 1, SECONDS_MAX)
        children = above.children()
        assert len(children) == 4
        begun = monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, said
        assert monotonic() - begun < 8
    assert not any(child.is_running() for child in children)
    assert {json.loads(line).get("part") for line in said if line.startswith("{")} >= {"consumers"}


def look(settings: Settings) -> status.Status:
    return status.look(settings, (LEDGER, *DOMAINS), sample_seconds=0.05)


def read(process: subprocess.Popen[str]) -> list[str]:
    """Lines as they come, so that the pipe never fills."""
    said: list[str] = []
    stdout = process.stdout
    assert stdout is not None
    Thread(target=lambda: said.extend(stdout), daemon=True).start()
    return said


def test_two_consumers_share_the_partitions(settings: Settings) -> None:
    with started(settings, "run", "consumers") as one, started(settings, "run", "consumers") as other:
        read(one), read(other)
        until(lambda: len({row.owner for row in look(settings).partitions if row.owner}) == 2, SECONDS_MAX)


def test_a_consumer_answers_for_its_health(settings: Settings) -> None:
    with started(settings, "--set", "health.port=0", "run", "consumers") as process:
        said = read(process)
        until(lambda: any("assigned" in line for line in said), SECONDS_MAX)
        address = next(found for line in said if (found := re.search(r"http://[\d.]+:\d+", line)))[0]
        assert get(f"{address}/livez")[0] == 200
        assert json.loads(get(f"{address}/readyz")[1]) == {"ready": True}
        assert b"podium_consumer_position" in get(f"{address}/metrics")[1]
        assert get(f"{address}/else")[0] == 404


@pytest.mark.parametrize(("age", "ready", "statuses"), [(1.0, True, (200, 200)), (99.0, False, (503, 503))])
def test_a_loop_that_hangs_is_not_alive(age: float, ready: bool, statuses: tuple[int, int]) -> None:
    registry = CollectorRegistry()
    Counter("podium_things", "Things", registry=registry).inc()
    heartbeat = Heartbeat("a")
    heartbeat.record_turn(ready, "" if ready else "its database")
    heartbeat.turned -= age
    with served(Health(registry, [heartbeat]), 0) as address:
        assert (get(f"{address}/livez")[0], get(f"{address}/readyz")[0]) == statuses
        assert b"podium_things_total 1.0" in get(f"{address}/metrics")[1]


def test_a_process_in_which_a_key_stands_still_is_not_ready() -> None:
    heartbeat = Heartbeat("podium.fold.a.b")
    heartbeat.record_turn()
    with served(Health(CollectorRegistry(), [heartbeat]), 0) as address:
        assert get(f"{address}/readyz") == (200, b'{"ready": true}')
        heartbeat.confine("key 42", ZeroDivisionError("of it"))
        status, told = get(f"{address}/readyz")
        assert (status, json.loads(told)["stands_still"]) == (
            503, {"podium.fold.a.b": {"key 42": "ZeroDivisionError: of it"}},
        )  # fmt: skip
        assert b'podium_loop_failures{loop="podium.fold.a.b"} 1.0' in get(f"{address}/metrics")[1]
        heartbeat.recover("key 42")
        assert get(f"{address}/readyz")[0] == 200


def test_streams_tell_of_the_whole_pipeline(settings: Settings) -> None:
    with started(settings, "--set", "health.port=0", "run", "watch", "--domain", "evaluation") as process:
        said = read(process)
        until(lambda: any("http://" in line for line in said), SECONDS_MAX)
        address = next(found for line in said if (found := re.search(r"http://[\d.]+:\d+", line)))[0]
        until(lambda: get(f"{address}/readyz")[0] == 200, SECONDS_MAX)
        told = get(f"{address}/metrics")[1].decode()
    assert "podium_status_up 1.0" in told
    assert 'podium_topic_lag_offsets{topic="evaluation.jobs"} 0.0' in told
    assert 'podium_loop_ok{loop="podium.watch.evaluation"} 1.0' in told
    assert 'podium_loop_progress_age_seconds{loop="podium.watch.evaluation"}' in told


def get(address: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.mark.parametrize("arguments", [("nonsense",), ("consumers", "--domain", "nonsense")])
def test_what_cannot_run_is_refused(services: Settings, arguments: tuple[str, ...]) -> None:
    refused = podium(services, "run", *arguments)
    assert refused.returncode == 2
    assert "nonsense" in refused.stderr
