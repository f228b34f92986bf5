"""What polls bring: families in their order, and nothing left behind when partitions are assigned anew."""

from __future__ import annotations

from confluent_kafka import Consumer

from consumers.intake import Intake
from consumers.loop import GROUP
from consumers.offset import Held, Offsets
from consumers.properties import KAFKA
from tests.consumers.broker import Broker, until
from tests.consumers.lines import world

LAST = "evaluation.leaderboards"


def test_what_was_paused_is_read_after_partitions_are_assigned_anew(log: Broker) -> None:
    log.publish(*world(rows=1))
    log.put(LAST, b"key", b"read, whatever it is")
    ends, offsets = log.ends(), Offsets("test")
    offsets.held = {partition: Held(0, 1) for partition in ends}
    kafka = log.settings.kafka
    consumer = Consumer({**KAFKA, **kafka.client(), "group.id": kafka.named(GROUP)})
    intake = Intake(consumer, offsets, {}, kafka.namespace, 1000, ends)

    def assigned() -> None:
        consumer.assign([intake.place(partition) for partition in offsets.held])
        intake.restart()

    def read() -> bool:
        for partition, end in intake.gather(0.1).ends.items():
            offsets.held[partition].position = end
        return {place: held.position for place, held in offsets.held.items()} == ends

    assigned()
    until(lambda: intake.gather(0.1).ends)
    # The rest of what comes first is read by others, and then all of it is ours again.
    for place, held in offsets.held.items():
        held.position = 0 if place[0] == LAST else ends[place]
    assigned()
    until(read)
    consumer.close()
