"""How the consumers' client of the log is set."""

from __future__ import annotations

import logging

from schema.limits import FETCH
from schema.outage import Sparse

CLIENT_LOG = logging.getLogger("consumers.kafka")
CLIENT_LOG.addFilter(Sparse())

KAFKA = {
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "enable.partition.eof": True,
    "auto.offset.reset": "error",
    "isolation.level": "read_committed",
    "partition.assignment.strategy": "cooperative-sticky",
    "session.timeout.ms": 6_000,
    "heartbeat.interval.ms": 2_000,
    "max.poll.interval.ms": 300_000,
    "topic.metadata.refresh.interval.ms": 10_000,  # so that a topic that grew or was made again is seen soon
    "fetch.min.bytes": 1,
    "fetch.wait.max.ms": 100,
    "fetch.queue.backoff.ms": 5,
    "queued.min.messages": 50_000,
    **FETCH,
}

TO_AN_END = {"fetch.wait.max.ms": 10}
"""Where what is to be read has an end: one request that waits for records holds up the next family's."""
