"""From records to decoded events: what a record must be before any table is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from consumers.offset import Partition
from consumers.plan import TablePlan, TopicPlan
from consumers.record import Decoded, Delivered, Letter, Outcome, Raw
from schema.envelope import latest_time
from schema.refusal import Refused


def raw_of(message: Delivered, topic: str) -> Raw:
    """A record as Kafka delivered it; `topic` is its name without a namespace."""
    return Raw(
        topic,
        message.partition(),
        message.offset(),
        message.timestamp()[1],
        message.key(),
        message.value(),
        message.headers() or [],
        message.leader_epoch(),
    )


def wrong_key(raw: Raw, declared: bytes, type_: str) -> Letter:
    """The letter for a record under another key than the declared one."""
    found = "none" if raw.key is None else repr(raw.key[:80].decode(errors="backslashreplace"))
    message = (
        f"the record's key is {found}, the declared one is {declared[:80].decode()!r}, so it lies in the wrong "
        "partition; publish it under the declared key"
    )
    return Letter(raw, "wrong-key", message, type_)


def from_the_future(raw: Raw, time: datetime, type_: str) -> Letter:
    """The letter for an event that says it happened well after it was appended."""
    message = (
        f"time is {time.isoformat()}, more than 5 minutes after the record was appended at "
        f"{raw.appended.isoformat()}; set the producer's clock right and publish it again"
    )
    return Letter(raw, "future-time", message, type_)


def decode(plan: TopicPlan, raws: Iterable[Raw], outcome: Outcome) -> list[Decoded]:
    """The events among some records of one topic; the others become letters."""
    decoded: list[Decoded] = []
    read, known, appended, limit = plan.decoder.decode, plan.keys, -1, latest_time(0)
    for raw in raws:
        try:
            e = read(raw.value)
        except Refused as refused:
            outcome.letters.append(Letter(raw, refused.reason, refused.message, refused.type))
            continue
        event, key_of = known[type(e)]
        declared = key_of(e.data)
        if raw.append_ms != appended:
            appended, limit = raw.append_ms, latest_time(raw.append_ms)
        if raw.key != declared:
            outcome.letters.append(wrong_key(raw, declared, event.type))
        elif e.time > limit:
            outcome.letters.append(from_the_future(raw, e.time, event.type))
        else:
            decoded.append(Decoded(raw, event, e))
    return decoded


def rows(plan: TopicPlan, table: TablePlan, parts: Iterable[Sequence[Delivered]], outcome: Outcome) -> Iterator[bytes]:
    """Packed rows of a topic whose events all land in one fact table: decode and pack, message by message."""
    read = plan.decoder.decode
    hows: dict[type[Any], tuple[Any, Any]] = {
        struct: (key_of, table.landed[event.type].bound.pack) for struct, (event, key_of) in plan.keys.items()
    }
    for messages in parts:
        partition, appended, limit = messages[0].partition(), -1, latest_time(0)
        for message in messages:
            try:
                e = read(message.value())
            except Refused as refused:
                letter = Letter(raw_of(message, plan.topic), refused.reason, refused.message, refused.type)
                outcome.letters.append(letter)
                continue
            key_of, pack = hows[type(e)]
            declared = key_of(e.data)
            if message.key() != declared:
                type_ = plan.decoder.declared[type(e)].type
                outcome.letters.append(wrong_key(raw_of(message, plan.topic), declared, type_))
                continue
            milliseconds = message.timestamp()[1]
            if milliseconds != appended:
                appended, limit = milliseconds, latest_time(milliseconds)
            if e.time > limit:
                type_ = plan.decoder.declared[type(e)].type
                outcome.letters.append(from_the_future(raw_of(message, plan.topic), e.time, type_))
                continue
            yield pack(e, partition, message.offset())


@dataclass(slots=True)
class Batch:
    """Messages of one poll by partition, in the order of their offsets, and how far each partition was read."""

    messages: dict[Partition, list[Delivered]] = field(default_factory=dict)
    ends: dict[Partition, int] = field(default_factory=dict)
    """Next offset of each partition that was read, transaction markers included."""
    withdrawn: list[Raw] = field(default_factory=list)
    """Records that operators have given up: they never land."""
    _packed: dict[str, tuple[bytes, Outcome]] = field(default_factory=dict)
    _decoded: dict[str, tuple[list[Decoded], Outcome]] = field(default_factory=dict)

    @property
    def topics(self) -> tuple[str, ...]:
        """Topics that it has messages of."""
        return tuple(dict.fromkeys(topic for topic, _ in self.messages))

    def of(self, topic: str) -> list[list[Delivered]]:
        """The messages of a topic, partition by partition."""
        return [messages for (name, _), messages in self.messages.items() if name == topic]

    def read_ahead(self, plans: Mapping[str, TopicPlan]) -> None:
        """Do now what needs no database, so that the batch before can be written meanwhile."""
        for topic in self.topics:
            plan, outcome = plans[topic], Outcome()
            if plan.stream:
                self._packed[topic] = (b"".join(rows(plan, plan.stream, self.of(topic), outcome)), outcome)
            else:
                self._decoded[topic] = (self._decode(plan, outcome), outcome)

    def packed(self, plan: TopicPlan, table: TablePlan, outcome: Outcome) -> Iterable[bytes]:
        """Rows for COPY of a topic whose events all land in that table."""
        if plan.topic not in self._packed:
            return rows(plan, table, self.of(plan.topic), outcome)
        packed, before = self._packed[plan.topic]
        outcome.letters += before.letters
        return [packed]

    def decoded(self, plan: TopicPlan, outcome: Outcome) -> list[Decoded]:
        """The events of a topic."""
        if plan.topic not in self._decoded:
            return self._decode(plan, outcome)
        decoded, before = self._decoded[plan.topic]
        outcome.letters += before.letters
        return decoded

    def _decode(self, plan: TopicPlan, outcome: Outcome) -> list[Decoded]:
        return decode(plan, (raw_of(each, plan.topic) for part in self.of(plan.topic) for each in part), outcome)
