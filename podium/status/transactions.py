"""Open transactions: whose they are, and since when their records have been hidden from all who read committed ones.

confluent-kafka cannot ask who produces into a partition, so the two requests are sent with the protocol classes of
aiokafka (KIP-664). Where these do not reach, the first hidden record tells since when.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from confluent_kafka import TopicCollection
from confluent_kafka.admin import AdminClient

from podium.settings import Kafka
from podium.status.log import REQUEST_SECONDS_MAX, Place, oldest_unread

SECONDS_MAX = 4.0
NOT_SPOKEN = ("sasl.kerberos", "sasl.oauthbearer", "ssl.keystore", "ssl.ca.pem", "ssl.key.pem", "ssl.certificate.pem")
"""Properties of librdkafka that have no counterpart here."""

Address = tuple[str, int]


class Producing(NamedTuple):
    """A transaction that is open in a partition."""

    producer_id: int
    start: int
    """Offset of its first record there."""


@dataclass(frozen=True)
class Hidden:
    """What is hidden in one partition."""

    offsets: int
    since: datetime | None
    """Append time of the first hidden record; None if it could not be read."""
    producer_id: int | None = None
    transactional_id: str | None = None

    @property
    def transaction(self) -> str:
        """The transaction for a person."""
        name = f" of {self.transactional_id}" if self.transactional_id else ""
        number = f" (producer id {self.producer_id})" if self.producer_id is not None else ""
        since = f", open since {self.since:%H:%M:%S}" if self.since else ""
        return f"the transaction{name}{number}{since}"


def hidden(
    client: AdminClient, kafka: Kafka, readable: Mapping[Place, int], ends: Mapping[Place, int]
) -> dict[Place, Hidden]:
    """What is hidden where, by whom and since when. Raises KafkaException."""
    behind = {place: at for place, at in readable.items() if at < ends.get(place, 0)}
    if not behind:
        return {}
    since = oldest_unread(kafka, behind, isolation="read_uncommitted")
    producers, names = _asked(client, kafka, behind)
    return {
        place: Hidden(
            ends[place] - at,
            since.get(place),
            one.producer_id if (one := producers.get(place)) else None,
            names.get(one.producer_id) if one else None,
        )
        for place, at in behind.items()
    }


def _asked(client: AdminClient, kafka: Kafka, places: Iterable[Place]) -> tuple[dict[Place, Producing], dict[int, str]]:
    """The oldest open transaction of each partition, and names of transactions by producer id; empty on failure.

    It is an addition to a verdict that stands without it: no failure here may take the verdict away.
    """
    properties = _security(kafka)
    if properties is None:
        return {}, {}
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    with suppress(Exception):
        leaders = _leaders(client, kafka, places)
        return asyncio.run(asyncio.wait_for(_ask(kafka, leaders, properties), SECONDS_MAX))
    return {}, {}


def _leaders(client: AdminClient, kafka: Kafka, places: Iterable[Place]) -> dict[Address, list[Place]]:
    """Partitions by the broker that leads them."""
    wanted = list(places)
    names = sorted({kafka.named(topic) for topic, _ in wanted})
    described = client.describe_topics(TopicCollection(names), request_timeout=REQUEST_SECONDS_MAX)
    found: dict[Address, list[Place]] = {}
    for topic, partition in wanted:
        leader = described[kafka.named(topic)].result().partitions[partition].leader
        found.setdefault((leader.host, leader.port), []).append((topic, partition))
    return found


async def _ask(
    kafka: Kafka, leaders: Mapping[Address, list[Place]], properties: Mapping[str, Any]
) -> tuple[dict[Place, Producing], dict[int, str]]:
    from aiokafka.conn import create_conn

    from podium.status.protocol import describe_producers, list_transactions

    found: dict[Place, Producing] = {}
    names: dict[int, str] = {}
    for (host, port), places in leaders.items():
        connection = await create_conn(host, port, request_timeout_ms=int(SECONDS_MAX * 1000), **properties)
        try:
            named = [(kafka.named(topic), partition) for topic, partition in places]
            for (topic, partition), active in (await describe_producers(connection, named)).items():
                open_ = sorted((start, producer) for producer, start in active if start >= 0)
                if open_:
                    found[topic[len(kafka.namespace) :], partition] = Producing(open_[0][1], open_[0][0])
            names |= await list_transactions(connection)
        finally:
            connection.close()
    return found, names


def _security(kafka: Kafka) -> dict[str, Any] | None:
    """The same security settings, as aiokafka takes them; None where they cannot be said."""
    given = {name: str(value) for name, value in kafka.client().items()}
    if any(name.startswith(NOT_SPOKEN) for name in given):
        return None
    protocol = given.get("security.protocol", "plaintext").upper()
    found: dict[str, Any] = {"security_protocol": protocol}
    if protocol.startswith("SASL"):
        found["sasl_mechanism"] = given.get("sasl.mechanism") or given.get("sasl.mechanisms") or "PLAIN"
        found["sasl_plain_username"] = given.get("sasl.username", "")
        found["sasl_plain_password"] = given.get("sasl.password", "")
    if protocol.endswith("SSL"):
        found["ssl_context"] = _context(given)
    return found


def _context(given: Mapping[str, str]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=given.get("ssl.ca.location"))
    context.check_hostname = given.get("ssl.endpoint.identification.algorithm", "https") != "none"
    if given.get("enable.ssl.certificate.verification") == "false":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if certificate := given.get("ssl.certificate.location"):
        context.load_cert_chain(certificate, given.get("ssl.key.location"), given.get("ssl.key.password"))
    return context
