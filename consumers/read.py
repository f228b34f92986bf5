"""From records to decoded events: what a record must be before any table is asked."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import methodcaller

from consumers.offset import Partition
from consumers.plan import TablePlan, TopicPlan
from consumers.record import Decoded, Delivered, Header, Letter, Outcome, Raw
from schema.admission import is_stamped
from schema.envelope import time_of
from schema.heartbeat import described
from schema.refusal import Refused, failed

UNREADABLE_HEADERS = "podium.unreadable-headers"
"""Header that stands for those that could not be read."""


def raw_of(message: Delivered, topic: str) -> Raw:
    """A record as Kafka delivered it; `topic` is its name without a namespace."""
    kind, milliseconds = message.timestamp()
    return Raw(
        topic,
        message.partition(),
        message.offset(),
        milliseconds,
        message.key(),
        message.value(),
        headers_of(message),
        message.leader_epoch(),
        stamp=kind,
    )


def appended_of(message: Delivered) -> datetime | None:
    """When the broker appended a record, if it stamped it then."""
    stamp = message.timestamp()
    return time_of(stamp[1]) if is_stamped(stamp) else None


_headers = methodcaller("headers")
# Called from C, so that what the client has set beside a result is raised here and not at some later call.


def headers_of(message: Delivered) -> list[Header]:
    """The headers of a record; of those that cannot be read, as names that are not UTF-8, only that they were there."""
    try:
        return _headers(message) or []
    except MemoryError:
        raise
    except Exception as error:
        return [(UNREADABLE_HEADERS, described(error).encode(errors="backslashreplace"))]


def letter_of(raw: Raw, refused: Refused) -> Letter:
    """The letter for a record that is not an event."""
    return Letter(raw, refused.reason, refused.message, refused.type)


def decode(plan: TopicPlan, raws: Iterable[Raw], outcome: Outcome) -> list[Decoded]:
    """The events among some records of one topic; the others become letters."""
    decoded: list[Decoded] = []
    admit, events = plan.admission.admit, plan.decoder.declared
    for raw in raws:
        try:
            e = admit(raw.value, raw.key, raw.partition, (raw.stamp, raw.append_ms))
        except Refused as refused:
            outcome.letters.append(letter_of(raw, refused))
        else:
            decoded.append(Decoded(raw, events[type(e)], e))
    return decoded


def rows(plan: TopicPlan, table: TablePlan, parts: Iterable[Sequence[Delivered]], outcome: Outcome) -> Iterator[bytes]:
    """Packed rows of a topic whose events all land in one fact table: admit and pack, message by message."""
    admit = plan.admission.admit
    packs = {struct: table.landed[event.type].bound.pack for struct, event in plan.decoder.declared.items()}
    for messages in parts:
        partition = messages[0].partition()
        for message in messages:
            try:
                e = admit(message.value(), message.key(), partition, message.timestamp())
                row = packs[type(e)](e, partition, message.offset())
            except Refused as refused:
                outcome.letters.append(letter_of(raw_of(message, plan.topic), refused))
            except MemoryError:
                raise
            except Exception as error:
                outcome.letters.append(letter_of(raw_of(message, plan.topic), failed(error)))
            else:
                yield row


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

    def __len__(self) -> int:
        """Records of it."""
        return sum(map(len, self.messages.values())) + len(self.withdrawn)

    def rest(self, positions: Mapping[Partition, int], topics: Container[str]) -> Batch:
        """What is still to be written of what is ours, if we stand at those positions; nothing of some topics."""
        ends = {
            place: end
            for place, end in self.ends.items()
            if place in positions and end > positions[place] and place[0] not in topics
        }
        if all(one in ends and part[0].offset() >= positions[one] for one, part in self.messages.items()) and all(
            (raw.topic, raw.partition) in ends for raw in self.withdrawn
        ):
            return replace(self, ends=ends)  # with what was read ahead
        return self._part(ends, positions)

    def halves(self) -> tuple[Batch, Batch]:
        """Two batches of about as many records, to be written one after the other."""
        wanted = len(self) // 2
        ends: dict[Partition, int] = {}
        offsets = sorted(
            [(place, message.offset()) for place, part in self.messages.items() for message in part]
            + [((raw.topic, raw.partition), raw.offset) for raw in self.withdrawn]
        )
        for place, offset in offsets[:wanted]:
            ends[place] = offset + 1
        return self._part(ends), self._part(self.ends, since=ends)

    def _part(self, ends: Mapping[Partition, int], since: Mapping[Partition, int] | None = None) -> Batch:
        """What lies before `ends` and, where that names the partition, not before `since`."""
        after = since or {}
        part = Batch(ends=dict(ends))
        for place, messages in self.messages.items():
            first, end = after.get(place, 0), ends.get(place, 0)
            if chosen := [message for message in messages if first <= message.offset() < end]:
                part.messages[place] = chosen
        for raw in self.withdrawn:
            place = (raw.topic, raw.partition)
            if after.get(place, 0) <= raw.offset < ends.get(place, 0):
                part.withdrawn.append(raw)
        return part

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
