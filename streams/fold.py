"""Folds: decisions that depend on all events of a key, in the order of their partition.

State lives in memory alone. A worker that gets a partition reads it again, from the first event of the oldest key
that is not done: that offset is noted beside each committed position. Which keys are done, the log tells.

A key whose fold raises is broken: the others go on, and it takes no more events until a process that does not know it
reads it again from its first event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from operator import attrgetter
from threading import Event
from typing import Any

import msgspec
from confluent_kafka import Consumer, TopicPartition

from schema.admission import admissions
from schema.decisions import Folding, Key
from schema.declare import Domain
from schema.heartbeat import FURTHER, NEVER_CONFINED, Heartbeat, described, raised
from schema.limits import BoundedReader
from streams.admit import admission
from streams.duty import duty
from streams.exchange import BATCH_RECORDS_MAX, Exchange, heed
from streams.log import LOG, Log, Place
from streams.references import References
from streams.share import Broken, Open, Share, fingerprint, noted, read_note, subject
from streams.write import Record, checked_writer

CATCH_UP_SECONDS_MAX = 2.0
RECALL_SECONDS = 0.1
SLOTS_MAX = 64
KEY_BYTES_MAX, KEY_DIGEST_BYTES = 32, 16
"""Longer natural keys are remembered by a digest."""

SOURCE = "podium/fold"

_encode = msgspec.json.Encoder().encode


class Folder:
    """Transforms batches of one folding into its decisions, and remembers what that takes."""

    def __init__(
        self,
        log: Log,
        domain: Domain,
        folding: Folding,
        heartbeat: Heartbeat | None = None,
        remembered: dict[int, dict[Key, Broken]] | None = None,
    ) -> None:
        """`remembered` are the broken keys of each partition as this process last noted them; it is kept up to date."""
        self.log = log
        self.folding = folding
        self.heartbeat = heartbeat or Heartbeat(f"podium.fold.{domain.name}.{folding.name}")
        inputs = [domain.by_type[type_] for type_ in folding.inputs]
        self.topic = inputs[0].topic
        known = admissions([domain])
        referred = {type_: domain.by_type[type_].topic for type_ in (*folding.begins, *folding.ends)}
        self.references = References(log, known, referred, self._learn, self.heartbeat)
        self.shares: dict[int, Share] = {}
        self.done: set[Key] = set()
        self._beginnings: dict[Key, tuple[str, Any]] = {}
        self._ends: dict[Place, int] | None = None
        self._owed: list[Record] = []
        self._admit = admission(known[self.topic])
        decided = [domain.by_type[type_] for type_ in folding.decides]
        self._writers = {
            event.type: checked_writer(event, SOURCE, known[event.topic].decoder.decode) for event in decided
        }
        self._inputs = frozenset(folding.inputs)
        self._key_of = _tuple_of(folding.key)
        self._rest_of = attrgetter(*(name for name in inputs[0].key if name not in folding.key))
        self._remembered = {} if remembered is None else remembered
        self._at = 0
        """Offset of the record that is being taken."""
        self._recovering = False

    @contextmanager
    def opened(self) -> Iterator[Folder]:
        """With connections to references and history, closed afterwards."""
        self.references.open()
        self._history: Consumer = self.log.consumer("podium.fold.history")
        self._reader: BoundedReader = BoundedReader()
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
        """Of every share, the offset to recall it from noted beside it, and what is broken."""
        topic = self.log.named(self.topic)
        self._remembered.update({partition: dict(one.broken) for partition, one in self.shares.items()})
        return [
            TopicPartition(topic, partition, one.position, str(noted(one.oldest, one.broken)))
            for partition, one in self.shares.items()
        ]

    def recall(self, committed: Sequence[TopicPartition]) -> None:
        """Keep what still holds of these shares, forget the others; what is missing is read next."""
        before, self.shares = {} if self._owed else self.shares, {}
        for place in committed:
            position = max(place.offset, 0)
            kept = before.get(place.partition)
            if kept is None or kept.position != kept.target or kept.position > position:
                kept = self._noted_share(place.partition, place.metadata if position else None)
            kept.target = position
            self.shares[place.partition] = kept
        self._owed, self._ends, self._recovering = [], None, True
        self._read_history()

    def _noted_share(self, partition: int, note: str | None) -> Share:
        """A share to be recalled: past what is broken if we know it as noted, else from where that can be tried."""
        oldest, retry, known = read_note(note)
        own = self._remembered.get(partition, {})
        if retry is None or fingerprint(own) != known:
            return Share(oldest if retry is None else min(oldest, retry))
        share = Share(oldest)
        share.broken = dict(own)
        for key, (_, error, offset) in own.items():
            if subject(key) not in self.heartbeat.failures:
                self.heartbeat.confine(subject(key), error, (self.topic, partition, offset))
        return share

    def forget(self) -> None:
        """Keep nothing."""
        self.shares, self._owed = {}, []

    def resume(self) -> bool:
        """Read on, for a moment; whether every share is where it is to be. Raises OffsetLost, KafkaException."""
        self._begin_late_ones()
        if not self._behind() and self._ends is not None:
            if self._recovering:
                self._recover()
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
        found = [first] if first is not None else []
        self._reader.read(found, self._history.consume, BATCH_RECORDS_MAX if found else 0, 0)
        for message in found:
            if message.error() is not None:
                heed(message)
        for partition, messages in _by_partition([one for one in found if one.error() is None]).items():
            target = self.shares[partition].target
            self._owed += self._through(partition, [one for one in messages if one.offset() < target])
        if found and not self._behind():
            self._history.unassign()

    def _recover(self) -> None:
        """What had failed and is not broken any more, or went to another worker, is no failure of ours."""
        self._recovering = False
        broken = {subject(key) for share in self.shares.values() for key in share.broken}
        for name in self.heartbeat.failures:
            if (name.startswith("key ") and name not in broken) or (name == FURTHER and not broken):
                self.heartbeat.recover(name)

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
                if share.broken.pop(key, None) is not None:
                    self.heartbeat.recover(subject(key))

    def _through(self, partition: int, messages: Sequence[Any]) -> Iterator[Record]:
        """The records of one partition, in order."""
        if not messages:
            return
        share, inputs, key_of = self.shares[partition], self._inputs, self._key_of
        opened, start = share.open, messages[0].offset()
        for type_, envelope in self._admit(self._at_each(messages)):
            if type_ not in inputs:
                continue
            key = key_of(envelope.data)
            one = opened.get(key) or self._opened(share, partition, key, start)
            if one is None or one.fold is None:
                continue
            try:
                decided = self._taken(one, type_, envelope)
                closed = one.fold.closed
            except NEVER_CONFINED:
                raise
            except:  # noqa: E722
                self._break(share, partition, key, one.first, raised())
                continue
            yield from decided
            if closed:
                del opened[key]
                share.decided.add(key)
        share.position = messages[-1].offset() + 1
        share.target = max(share.target, share.position)

    def _at_each(self, messages: Iterable[Any]) -> Iterator[Any]:
        for message in messages:
            self._at = message.offset()
            yield message

    def _taken(self, one: Open, type_: str, envelope: Any) -> Sequence[Record]:
        """What an event decides; nothing if it is a repeat. Raises what the domain's code raises, and Refused."""
        assert one.fold is not None
        known = _encode(self._rest_of(envelope.data))
        if len(known) > KEY_BYTES_MAX:
            known = blake2b(known, digest_size=KEY_DIGEST_BYTES).digest()
        if known in one.seen:
            return ()
        one.seen.add(known)
        decided = one.fold.take(type_, envelope.data)
        return [self._writers[decision](what, envelope.time) for decision, what in decided]

    def _break(self, share: Share, partition: int, key: Key, first: int, error: BaseException) -> None:
        """The key takes no more events: its fold raised, or decided what consumers would bury."""
        share.open.pop(key, None)
        share.broken[key] = Broken(first, described(error), self._at)
        self.heartbeat.confine(subject(key), error, (self.topic, partition, self._at))
        LOG.warning("key broken", loop=self.heartbeat.name, key=subject(key), error=described(error), offset=self._at)

    def _opened(self, share: Share, partition: int, key: Key, start: int) -> Open | None:
        """A new fold; None if the key is done, broken or not folded."""
        if key in self.done or key in share.decided or key in share.broken:
            return None
        if key not in self._beginnings:
            self.references.catch_up(CATCH_UP_SECONDS_MAX)
            if key in self.done:
                return None
        beginning = self._beginnings.get(key)
        try:
            fold = None if beginning is None else self.folding.begin(*beginning)
        except NEVER_CONFINED:
            raise
        except:  # noqa: E722
            self._break(share, partition, key, start, raised())
            return None
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
            again.target, again.decided, again.broken = share.position, share.decided, share.broken
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
        self._broken: dict[int, dict[Key, Broken]] = {}

    def run(self, stop: Event) -> None:
        """Fold until told to stop. Raises what Exchange.run raises, and psycopg errors while it takes a slot."""
        slots = [f"{self.name}.{slot}" for slot in range(SLOTS_MAX)]
        with duty(self.dsn, slots, stop, self.heartbeat) as held:
            if held is None:
                return
            with Folder(self.log, self.domain, self.folding, self.heartbeat, self._broken).opened() as folder:
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
