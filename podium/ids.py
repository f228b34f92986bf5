"""Integer ids from ranges that the log grants: no lock, no coordinator, no arrival order."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from podium.errors import Problem, meant
from schema import LEDGER
from schema.admission import admissions
from schema.declare import Domain
from schema.envelope import uuid7
from schema.limits import FETCH
from schema.refusal import Refused

if TYPE_CHECKING:
    from podium.client import Producer
    from podium.settings import Kafka

REQUEST = "podium.range.requested.v1"
ID_MAX = 999_999_999
"""Ids above are left to sequences of plain SQL."""

SECONDS_MAX = 30.0
CHUNK_RECORDS = 500
CRITICAL = 2
GONE = (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE)


class NotGranted(Problem):
    """The request for a range was published but did not come back from the log."""

    code = "PD049"
    exit_code = 3


class RequestsGone(Problem):
    """The first requests for ids are gone from the log: ids would be granted for a second time."""

    code = "PD104"


class Exhausted(Problem):
    """A kind has no ids left."""

    code = "PD040"


class UnknownKind(Problem):
    """No domain has events about things of this kind."""

    code = "PD052"
    exit_code = 2


def kinds(domains: Iterable[Domain]) -> list[str]:
    """The kinds of things that may need ids, `<domain>.<noun>`: nouns of events, and fields that name one by its id."""
    found: set[str] = set()
    for domain in domains:
        for event in domain.events:
            nouns = {event.type.split(".")[1]}
            nouns |= {name.removesuffix("_id") for name in event.model.model_fields if name.endswith("_id")}
            found |= {f"{domain.name}.{noun}" for noun in nouns}
    return sorted(found)


def check(kind: str, domains: Iterable[Domain]) -> None:
    """Raises UnknownKind."""
    known = kinds(domains)
    if kind not in known:
        remedy = meant(kind, known) or f"Ids are of <domain>.<noun>, such as {known[0]}."
        raise UnknownKind(f"{kind!r}: no domain has things of this kind", remedy)


class Ids:
    """Ids of one kind. A range starts after the sum of all earlier requests of the kind in the log."""

    def __init__(self, kind: str, producer: Producer) -> None:
        self.kind = kind
        self._producer = producer
        self._requests = Requests(producer.kafka, kind)

    def take(self, n: int, request: UUID | None = None) -> range:
        """`n` ids that nobody else has or will get; under a request's own id, the same ones whenever it is repeated.

        Raises NotGranted, RequestsGone, Exhausted, Undelivered.
        """
        request = request or uuid7()
        self._producer.publish(REQUEST, {"kind": self.kind, "request": request, "size": n})
        self._producer.flush()
        granted = self._requests.find(request)
        if granted.stop - 1 > ID_MAX:
            raise Exhausted(f"{self.kind}: {granted.stop - 1} is beyond the last id, {ID_MAX}", "Start a new kind.")
        return granted

    def close(self) -> None:
        """Let go of the broker."""
        self._requests.close()


class Requests:
    """The requests of one kind, read from the beginning of their one-partition topic as far as needed."""

    def __init__(self, kafka: Kafka, kind: str) -> None:
        event = LEDGER.by_type[REQUEST]
        self._kind = kind
        self._admit = admissions([LEDGER])[event.topic].admit
        self._granted: dict[UUID, range] = {}
        self._next = 1
        self._topic = kafka.named(event.topic)
        configuration = kafka.client(
            group_id=kafka.named("podium.ids"),
            enable_auto_commit=False,
            auto_offset_reset="error",
            isolation_level="read_committed",
            fetch_wait_max_ms=50,
        )
        self._consumer = Consumer({**FETCH, **configuration, "log_level": CRITICAL})
        # Not from where it begins now: every request counts.
        self._consumer.assign([TopicPartition(self._topic, 0, 0)])

    def find(self, request: UUID, seconds_max: float = SECONDS_MAX) -> range:
        """The range granted to a request that is in the log. Raises NotGranted, RequestsGone."""
        deadline = time.monotonic() + seconds_max
        while request not in self._granted:
            if time.monotonic() > deadline:
                raise NotGranted(f"{self._topic}: request {request} did not come back", "Is the broker up?")
            for message in self._consumer.consume(CHUNK_RECORDS, 0.2):
                if error := message.error():
                    raise self._gone() if error.code() in GONE else KafkaException(error)
                self._grant(message)
        return self._granted[request]

    def _gone(self) -> RequestsGone:
        return RequestsGone(
            f"{self._topic}[0] does not begin at offset 0 any more: ids would be granted that others have",
            "Restore the topic; docs/rebuild.md, 'A topic was truncated'. ledger.id_range tells what was granted.",
        )

    def close(self) -> None:
        """Let go of the broker."""
        self._consumer.close()

    def _grant(self, message: Message) -> None:
        """The first request of an id counts; what is no request grants nothing."""
        try:
            data = self._admit(message.value(), message.key(), message.partition(), message.timestamp()).data
        except Refused:
            return
        if data.kind == self._kind and data.request not in self._granted:
            self._granted[data.request] = range(self._next, self._next + data.size)
            self._next += data.size
