"""How the log is asked where it ends."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaException

from streams.log import Log
from tests.streams.conftest import World


def test_who_asks_again_after_a_failure_asks_through_a_new_client(world: World) -> None:
    there = world.log.kafka["bootstrap.servers"]
    log = Log({**world.log.kafka, "bootstrap.servers": "127.0.0.1:1"}, world.log.namespace, world.log.topics)
    with pytest.raises(KafkaException):
        log.ends(["evaluation.jobs"])
    log.kafka["bootstrap.servers"] = there
    assert log.ends(["evaluation.jobs"]) == world.log.ends(["evaluation.jobs"])
