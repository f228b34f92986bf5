"""Folds: decisions that depend on all events of a key, in the order of their partition.

State lives in memory alone. A worker that gets a partition reads it again, from the first event of the oldest key
that is not done: that offset is noted beside each committed position. Which keys are done, the log tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from operator import attrgetter
from threading import Event
from typing import Any

import msgspec
from confluent_kafka import Consumer, TopicPartition

from schema.decisions import Fold, Folding, Key
from schema.declare import Domain
from schema.decode import decoders
from schema.heartbeat import Heartbeat
from streams.admit import admission
from streams.duty import duty
from streams.exchange import BATCH_RECORDS_MAX, Exchange, heed
from streams.log import Log, Place
from streams.references import References
from streams.write import Record, writer

CATCH_UP_SECONDS_MAX = 2.0
RECALL_SECONDS = 0.1
SLOTS_MAX = 64
KEY_BYTES_MAX, KEY_DIGEST_BYTES = 32, 16
"""Longer natural keys are remembered by a digest."""

SOURCE = "podium/fold"

_encode = msgspec.json.Encoder().encode


class Open:
    """The fold of one key on its way."""

    __slots__ = ("first", "fold", "seen")

    def __init__(self, first: int, fold: Fold | None) -> None:
        self.first = first
        """An offset that none of its events is before."""
        self.fold = fold
        """None: what begins it is not known yet, and its events will be read again."""
        self.seen: set[bytes] = set()
        """The natural keys that were taken, long ones as digests."""


class Share:
    """What is known of one partition after the records before `position`."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.target = position
        """Up to where it is to be recalled."""
        self.open: dict[Key, Open] = {}
        self.decided: set[Key] = set()
        """Keys that ended here, as the log will tell when this is committed."""
        self.waiting: set[Key] = set()
        """Open keys whose beginning is not known yet."""

    @property
    def oldest(self) -> int:
        """From where this can be recalled."""
        return min((one.first for one in self.open.values()), default=self.position)


class Folder:
    """Transforms batches of one folding into its decisions, and remembers what that takes."""

    def __init__(self, log: Log, domain: Domain, folding: Folding) -> None:
        self.log = log
        self.folding = folding
        inputs = [domain.by_type[type_] for type_ in folding.inputs]
        self.topic = inputs[0].topic
        known = decoders([domain])
        referred = {type_: domain.by_type[type_].topic for type_ in (*folding.begins, *folding.ends)}
        self.references = References(log, known, referred, self._learn)
        self.shares: dict[int, Share] = {}
        self.done: set[Key] = set()
        self._beginnings: dict[Key, tuple[str, Any]] = {}
        self._ends: dict[Place, int] | None = None
        self._owed: list[Record] = []
        self._admit = admission(known[self.topic])
        self._writers = {type_: writer(domain.by_type[type_], SOURCE) for type_ in folding.decides}
        self._inputs = frozenset(folding.inputs)
        self._key_of = _tuple_of(folding.key)
        self._rest_of = attrgetter(*(name for name in inputs[0].key if name not in folding.key))

    @contextmanager
    def opened(self) -> Iterator[Folder]:
        """With connections to references and history, closed afterwards."""
        self.references.open()
        self._history: Consumer = self.log.consumer("podium.fold.history")
        try:
            yield self
        finally:
            self._history.close()
            self.references.close()

    def decisions(self, batch: Sequence[Any]) -> Iterator[Record]:
        """What a batch of records decides, and what is owed from before."""
        self.references.follow()
        for partition, messages in _by_partition(batch).items():
            yield from self._through(partition, messages)
        owed, self._owed = self._owed, []
        yield from owed

    def positions(self) -> list[TopicPartition]:
        """Of every share, the offset to recall it from noted beside it."""
        topic = self.log.named(self.topic)
        return [TopicPartition(topic, p, one.position, str(one.oldest)) for p, one in self.shares.items()]

    def recall(self, committed: Sequence[TopicPartition]) -> None:
        """Keep what still holds of these shares, forget the others; what is missing is read next."""
        before, self.shares = {} if self._owed else self.shares, {}
        for place in committed:
            position = max(place.offset, 0)
            kept = before.get(place.partition)
            if kept is None or kept.position != kept.target or kept.position > position:
                kept = Share(int(place.metadata or 0) if position else 0)
            kept.target = position
            self.shares[place.partition] = kept
        self._owed, self._ends = [], None
        self._read_history()

    def forget(self) -> None:
        """Keep nothing."""
        self.shares, self._owed = {}, []

    def resume(self) -> bool:
        """Read on, for a moment; whether every share is where it is to be. Raises OffsetLost, KafkaException."""
        self._begin_late_ones()
        if not self._behind() and self._ends is not None:
            return True
        if self._ends is None:
            # The decisions of whoever had these shares before: up to the very end, for theirs may still be open.
            self._ends = self.log.ends(self.references.topics, whole=True)
        self.references.follow()
        if not self.references.passed(self._ends):
            self.references.follow(RECALL_SECONDS)
            return False
        self._read_on()
        return not self._behind()

    def _read_on(self) -> None:
        first = self._history.poll(RECALL_SECONDS) if self._behind() else None
        found = [first, *self._history.consume(BATCH_RECORDS_MAX - 1, 0)] if first is not None else []
        for message in found:
            if message.error() is not None:
                heed(message)
        for partition, messages in _by_partition([one for one in found if one.error() is None]).items():
            target = self.shares[partition].target
            self._owed += self._through(partition, [one for one in messages if one.offset() < target])
        if found and not self._behind():
            self._history.unassign()

    def _behind(self) -> list[tuple[int, Share]]:
        return [(partition, one) for partition, one in self.shares.items() if one.position < one.target]

    def _read_history(self) -> None:
        topic = self.log.named(self.topic)
        self._history.assign([TopicPartition(topic, p, one.position) for p, one in self._behind()])

    def _learn(self, type_: str, data: Any) -> None:
        """An event may begin a fold and end another."""
        key_of = self.folding.begins.get(type_)
        if key_of is not None and (key := key_of(data)) not in self.done:
            self._beginnings.setdefault(key, (type_, data))
        key_of = self.folding.ends.get(type_)
        if key_of is not None:
            key = key_of(data)
            self.done.add(key)
            self._beginnings.pop(key, None)
            for share in self.shares.values():
                share.open.pop(key, None)
                share.decided.discard(key)
                share.waiting.discard(key)

    def _through(self, partition: int, messages: Sequence[Any]) -> Iterator[Record]:
        """The records of one partition, in order."""
        if not messages:
            return
        share, writers = self.shares[partition], self._writers
        inputs, key_of, rest_of, opened = self._inputs, self._key_of, self._rest_of, share.open
        start = messages[0].offset()
        for type_, envelope in self._admit(messages):
            if type_ not in inputs:
                continue
            data = envelope.data
            key = key_of(data)
            one = opened.get(key) or self._opened(share, key, start)
            if one is None or one.fold is None:
                continue
            known = _encode(rest_of(data))
            if len(known) > KEY_BYTES_MAX:
                known = blake2b(known, digest_size=KEY_DIGEST_BYTES).digest()
            if known in one.seen:
                continue
            one.seen.add(known)
            decided = one.fold.take(type_, data)
            for decision, what in decided:
                yield writers[decision](what, envelope.time)
            if one.fold.closed:
                del opened[key]
                share.decided.add(key)
        share.position = messages[-1].offset() + 1
        share.target = max(share.target, share.position)

    def _opened(self, share: Share, key: Key, start: int) -> Open | None:
        """A new fold; None if the key is done or is not folded."""
        if key in self.done or key in share.decided:
            return None
        if key not in self._beginnings:
            self.references.catch_up(CATCH_UP_SECONDS_MAX)
            if key in self.done:
                return None
        beginning = self._beginnings.get(key)
        fold = None if beginning is None else self.folding.begin(*beginning)
        if beginning is not None and fold is None:
            self.done.add(key)
            return None
        if fold is None:
            share.waiting.add(key)
        one = share.open[key] = Open(start, fold)
        return one

    def _begin_late_ones(self) -> None:
        """Folds whose beginning came after their first events: their partition is read again for them."""
        late = {
            partition: share
            for partition, share in self.shares.items()
            if share.waiting and share.position == share.target and not share.waiting.isdisjoint(self._beginnings)
        }
        for partition, share in late.items():
            again = self.shares[partition] = Share(share.oldest)
            again.target, again.decided = share.position, share.decided
        if late:
            self._read_history()


class Folds:
    """One worker of a folding of a domain; several share the partitions of its input."""

    def __init__(self, log: Log, dsn: str, domain: Domain, folding: Folding) -> None:
        self.log = log
        self.dsn = dsn
        self.domain = domain
        self.folding = folding
        self.name = f"podium.fold.{domain.name}.{folding.name}"
        self.heartbeat = Heartbeat(self.name)

    def run(self, stop: Event) -> None:
        """Fold until told to stop. Raises what Exchange.run raises, and psycopg errors while it takes a slot."""
        slots = [f"{self.name}.{slot}" for slot in range(SLOTS_MAX)]
        with duty(self.dsn, slots, stop, self.heartbeat) as held:
            if held is None:
                return
            with Folder(self.log, self.domain, self.folding).opened() as folder:
                slot = int(held.name.rpartition(".")[2])
                Exchange(self.log, self.name, slot, [folder.topic], folder.decisions, self.heartbeat, folder).run(stop)


def _by_partition(batch: Sequence[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for message in batch:
        found.setdefault(message.partition(), []).append(message)
    return found


def _tuple_of(names: Sequence[str]) -> Any:
    pick = attrgetter(*names)
    return pick if len(names) > 1 else lambda data: (pick(data),)
