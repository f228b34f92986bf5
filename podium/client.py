"""The producer client: validates events as the consumers will, makes their ids, and loses none in silence."""

from __future__ import annotations

import json
import logging
import time
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import confluent_kafka
import msgspec

from podium import embedded, ids, topics
from podium.errors import Problem, meant
from podium.given import as_json, as_moment, as_uuid, put
from podium.kind import IdVersion, Kind, encode
from podium.settings import Kafka, Settings, load
from schema import DOMAINS, LEDGER
from schema.admission import check_time
from schema.declare import Domain, Event
from schema.decode import Decoder, in_form
from schema.envelope import VALUE_BYTES_MAX, Envelope
from schema.refusal import Refused
from schema.types import FORM

LINGER_MS = 2
QUEUE_RECORDS_MAX = 200_000
QUEUE_KIBIBYTES_MAX = 262_144
POLL_EVERY_RECORDS = 1024
FAILURES_KEPT_MAX = 100
SOURCE_CHARACTERS_MAX = 255
ENVELOPE_BYTES_MAX = 10_000
CLIENT_LOG = logging.getLogger("podium.client.kafka")
CLIENT_LOG.addHandler(logging.NullHandler())
"""What goes wrong is told by exceptions; librdkafka's own lines go where a program's logging sends them."""


@dataclass(frozen=True)
class Failure:
    """An event that the broker did not take, and why."""

    type: str
    id: str
    topic: str
    key: str
    reason: str

    def __str__(self) -> str:
        return f"{self.type} {self.id} (topic {self.topic}, key {self.key}): {self.reason}"


class Undelivered(Problem):
    """Events were published but not taken by the broker; `failures` names the first of them."""

    code = "PD046"
    exit_code = 3

    def __init__(self, what: str, failures: tuple[Failure, ...] = ()) -> None:
        super().__init__(what, "Publish them again: the same event twice counts once.")
        self.failures = failures


class Stalled(Problem):
    """The local queue stayed full: the broker is slower than the producer, or away."""

    code = "PD047"
    exit_code = 3


class NotDeclared(Problem):
    """No declared event has this type or model, among the domains of this producer."""

    code = "PD048"
    exit_code = 2


class SourceUnnamed(Problem):
    """The producer has no name that an event can carry."""

    code = "PD038"
    exit_code = 2


class Producer:
    """Publishes events; a context manager, for one thread.

    `settings` say where Kafka is (default: as configured, with the embedded broker resolved); `source` names the
    producer in every event. `on_failure` is called, from `publish` or `flush`, for each event that the broker
    did not take; `flush` and the end of the `with` raise Undelivered for them. A full local queue holds
    `publish` back for at most `seconds_max`.
    """

    def __init__(
        self,
        settings: Settings | Kafka | None = None,
        *,
        source: str,
        domains: Iterable[Domain] | None = None,
        ids: IdVersion = "v5",
        on_failure: Callable[[Failure], None] | None = None,
        seconds_max: float = 30.0,
        linger_ms: float = LINGER_MS,
    ) -> None:
        if settings is None:
            settings = embedded.resolve(load(), ("kafka",))
        if domains is None:
            domains = topics.domains(settings) if isinstance(settings, Settings) else DOMAINS
        self.kafka = settings.kafka if isinstance(settings, Settings) else settings
        if not 1 <= len(source) <= SOURCE_CHARACTERS_MAX:
            raise SourceUnnamed(f"source {source!r} must have 1 to {SOURCE_CHARACTERS_MAX} characters")
        self.source = unicodedata.normalize(FORM, source)
        self.seconds_max = seconds_max
        declared = self._domains = (*domains, LEDGER)
        events = [event for domain in declared for event in domain.events]
        counts = {topic: count for domain in declared for topic, count in domain.topics.items()}
        self.decoder = Decoder(events)
        self._kinds: dict[Any, Kind] = {}
        for event in events:
            if event.type in self.decoder.structs:
                kind = Kind(event, counts[event.topic], self.decoder, self.kafka, ids)
                self._kinds[event.type] = self._kinds[event.model] = self._kinds[kind.envelope] = kind
        self._on_failure = on_failure
        self._failures: list[Failure] = []
        self._failed = 0
        self._published = 0
        self._grants: dict[str, Any] = {}
        self._client = confluent_kafka.Producer(self._configuration(linger_ms), logger=CLIENT_LOG)

    def _configuration(self, linger_ms: float) -> dict[str, Any]:
        tunable = {
            "compression.type": "lz4",
            "linger.ms": linger_ms,
            "queue.buffering.max.messages": QUEUE_RECORDS_MAX,
            "queue.buffering.max.kbytes": QUEUE_KIBIBYTES_MAX,
            "delivery.timeout.ms": int(self.seconds_max * 1000),
        }
        fixed = self.kafka.client(
            acks="all",
            enable_idempotence=True,
            partitioner="murmur2_random",
            message_max_bytes=VALUE_BYTES_MAX + ENVELOPE_BYTES_MAX,
            delivery_report_only_error=True,
        )
        return {**tunable, **fixed, "on_delivery": self._delivered}

    def publish(
        self,
        type_: str | Event | type[Event],
        data: Mapping[str, Any] | None = None,
        *,
        time: datetime | str | None = None,
        id: UUID | str | None = None,
        traceparent: str | None = None,
    ) -> str:
        """Publish one event: `publish(type, data)` or `publish(Model(...))`; returns its id.

        `time` is when it happened, with a time zone (default: now). `id` defaults to the v5 of the natural key,
        so that a re-send is the same event; registers, whose events recur, get a v7. Raises Refused if it
        is not a valid event, NotDeclared, Stalled.
        """
        if not isinstance(type_, str | type):
            data, type_ = type_.model_dump(), type(type_)
        when = None if time is None else as_moment(time)
        known = None if id is None else as_uuid(id)
        return self._publish(self._kind(type_), {} if data is None else data, when, known, traceparent)

    def publish_many(
        self, type_: str | type[Event], many: Iterable[Mapping[str, Any]], *, time: datetime | str | None = None
    ) -> int:
        """Publish events of one type, all of one time (default: now, for each); returns how many.

        Raises as `publish` does, at the first event that is refused; those before it are on their way.
        """
        kind, when = self._kind(type_), None if time is None else as_moment(time)
        before = self._published
        for data in many:
            self._publish(kind, data, when)
        return self._published - before

    def send(self, envelope: Envelope) -> None:
        """Publish a decoded event as it is, with its id, time and source. Raises NotDeclared, Stalled,
        Refused when that time lies more than five minutes ahead of this computer's clock."""
        kind = self._kind(type(envelope))
        _check_time(kind, envelope.time)
        self._send(kind, envelope)

    def check(self, envelope: Envelope) -> None:
        """Raises what `send` would raise for the event itself; sends nothing."""
        kind = self._kind(type(envelope))
        _check_time(kind, envelope.time)
        self._check(encode(envelope), envelope)

    def ids(self, kind: str) -> ids.Ids:
        """Integer ids of a kind, `<domain>.<noun>`, from ranges that the log grants. Raises UnknownKind."""
        if kind not in self._grants:
            ids.check(kind, self._domains)
            self._grants[kind] = ids.Ids(kind, self)
        return self._grants[kind]  # type: ignore[no-any-return]

    def flush(self, seconds_max: float | None = None) -> None:
        """Wait until the broker has every event. Raises Undelivered, naming those that it did not take."""
        limit = self.seconds_max + 1 if seconds_max is None else seconds_max
        left = self._client.flush(limit)
        failed, failures = self._failed, tuple(self._failures)
        self._failed, self._failures = 0, []
        if left:
            raise Undelivered(f"{left} events were not acknowledged within {limit:g} s", failures)
        if failed:
            listed = "".join(f"\n  {failure}" for failure in failures)
            raise Undelivered(f"the broker did not take {failed} events:{listed}", failures)

    def close(self) -> None:
        """Flush, and stop. Raises Undelivered."""
        try:
            self.flush()
        finally:
            for grant in self._grants.values():
                grant.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            return self.close()
        # What was published before the error still goes out; the error is the news.
        self._client.flush(self.seconds_max)
        return None

    def _kind(self, name: str | type) -> Kind:
        kind = self._kinds.get(name)
        if kind is None:
            shown = name if isinstance(name, str) else name.__name__
            raise NotDeclared(f"{shown} is not the newest version of a declared event", self._meant(shown))
        return kind

    def _meant(self, name: str) -> str:
        known = [one for one in self._kinds if isinstance(one, str)]
        return meant(name, known) or "podium schema list"

    def _publish(
        self,
        kind: Kind,
        data: Mapping[str, Any],
        when: datetime | None,
        id: UUID | None = None,
        traceparent: str | None = None,
    ) -> str:
        if when is not None:
            _check_time(kind, when)
        try:
            read = kind.read(data)
            if read is None or not in_form(read):
                read = self._read(kind, data)
            natural = kind.natural(read)
            name: Any = id or kind.id(natural)
            envelope = kind.envelope(
                specversion="1.0",
                id=name,
                source=self.source,
                time=when or datetime.now(UTC),
                subject=kind.subject(natural),
                traceparent=traceparent,
                data=read,
            )
            self._send(kind, envelope)
        except UnicodeEncodeError as error:
            what = f"{error.object[error.start]!r} is half a character; send whole ones"
            raise Refused("surrogate", what, kind.event.type) from None
        return str(name)

    def _read(self, kind: Kind, data: Mapping[str, Any]) -> Any:
        """Data as the consumers would read it from JSON, names and addresses in their one form. Raises Refused."""
        data = dict(data) if isinstance(data, Mapping) else data
        whole = {**_SAMPLE, "source": self.source, "type": kind.event.type, "data": data}
        try:
            text = json.dumps(whole, default=as_json)
        except (RecursionError, ValueError):
            raise Refused("not-json", "data: is too deep or holds itself; send less than 200 levels") from None
        try:
            return self.decoder.slow(text.encode()).data
        except Refused as refused:
            if any(fault.instead is None for fault in refused.faults) or not refused.faults:
                raise
            whole = json.loads(text)
            for fault in refused.faults:
                put(whole, fault.path, fault.instead)
            return self.decoder.slow(json.dumps(whole).encode()).data

    def _send(self, kind: Kind, envelope: Envelope) -> None:
        value = encode(envelope)
        self._check(value, envelope)
        self._produce(kind, value, kind.key(envelope.data))

    def _check(self, value: bytes, envelope: Envelope) -> None:
        """Raises Refused for what only the record as a whole shows: its size, characters that cannot be stored."""
        if len(value) > VALUE_BYTES_MAX or (92 in value and b"\\u0000" in value) or envelope.traceparent:
            self.decoder.decode(value)

    def _produce(self, kind: Kind, value: bytes, key: bytes) -> None:
        try:
            # Not where the client's partitioner puts it: it would count the partitions that there are.
            self._client.produce(kind.topic, value, key, kind.place(key))
        except BufferError:
            self._wait(kind, value, key)
        self._published += 1
        if not self._published % POLL_EVERY_RECORDS:
            self._client.poll(0)

    def _wait(self, kind: Kind, value: bytes, key: bytes) -> None:
        """Back-pressure: offer the event until the queue has room, or the time is up."""
        deadline, failed = time.monotonic() + self.seconds_max, self._failed
        while True:
            self._client.poll(0.05)
            try:
                # Room that comes from events given up is none: the rest would follow them.
                if self._failed == failed:
                    return self._client.produce(kind.topic, value, key, kind.place(key))
            except BufferError:
                pass
            if time.monotonic() > deadline or self._failed > failed:
                waiting = f"the queue of {len(self._client)} events has been full for {self.seconds_max:g} s"
                raise Stalled(waiting, "Is the broker up? `podium status` tells.")

    def _delivered(self, error: Any, message: Any) -> None:
        if error is None:
            return
        failure = _failure(error, message)
        self._failed += 1
        if len(self._failures) < FAILURES_KEPT_MAX:
            self._failures.append(failure)
        if self._on_failure:
            self._on_failure(failure)


_SAMPLE = {"specversion": "1.0", "id": "00000000-0000-0000-0000-000000000000", "time": "2026-01-01T00:00:00Z"}


def _check_time(kind: Kind, when: datetime) -> None:
    """Raises Refused for a time that consumers would not let through, if the broker's clock is as ours."""
    check_time(kind.event.type, when, time.time_ns() // 1_000_000, "this computer's clock, ")


class _Named(msgspec.Struct):
    id: str = ""
    type: str = ""


def _failure(error: Any, message: Any) -> Failure:
    try:
        named = msgspec.json.decode(message.value() or b"{}", type=_Named)
    except msgspec.DecodeError:
        named = _Named()
    key = (message.key() or b"").decode(errors="replace")
    return Failure(named.type, named.id, message.topic(), key, error.str())
