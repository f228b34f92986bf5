"""One batch, one transaction: the order of the steps and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.errors import ForeignKeyViolation

from consumers import copy, merge
from consumers.bisect import ParentGone
from consumers.copy import Rivals, Wariness
from consumers.dead import Breaker, CircuitBroken, bury, exhume, handled, is_records_fault
from consumers.merge import Merging
from consumers.offset import Fenced, Move, Offsets, Partition
from consumers.operations import Asked, given_up
from consumers.parked import Parked
from consumers.plan import Plan, TablePlan
from consumers.read import Batch, appended_of, decode
from consumers.record import Decoded, Letter, Outcome, Raw, Waiting
from consumers.references import References

FEW_RECORDS = 100
"""Up to so many facts go by INSERT, in one pipeline with the offsets; more go by COPY."""

RETRIES_MAX = 20
"""Times that a batch is tried again after a deadlock, a serialisation failure or a parent that went."""

GONE_MAX = 3
"""So often may a parent go between the look and the write; after that, what is missing is none that we look for."""


@dataclass(slots=True)
class Written:
    """What a committed batch came to."""

    moves: dict[Partition, Move]
    outcome: Outcome
    landed_references: bool


class Writer:
    """Writes batches over one connection: decode, land, park, bury and move the offsets, all or nothing."""

    def __init__(self, plan: Plan, offsets: Offsets, parked: Parked, breaker: Breaker) -> None:
        self.plan = plan
        self.offsets = offsets
        self.parked = parked
        self.breaker = breaker
        self.references = References()
        self.wary = Wariness()
        self._mergings = {id(table): Merging(table) for table in plan.tables if not table.is_fact}

    def prepare(self, connection: Connection[Any]) -> None:
        """Make a new connection ready: its staging tables; what was known of parents is forgotten."""
        self.references.forget()
        for table in self.plan.tables:
            if table.is_fact:
                connection.execute(copy.create_stage(table))

    def write(self, connection: Connection[Any], batch: Batch) -> Written:
        """Commit a batch. Raises Fenced, CircuitBroken, and psycopg errors that are the moment's."""
        careful, gone = False, 0
        for _ in range(RETRIES_MAX):
            try:
                quick = None if careful else self._quick(connection, batch)
                return quick or self._attempt(connection, batch, careful, gone > GONE_MAX)
            except (ParentGone, ForeignKeyViolation):
                self.references.forget()
                careful, gone = True, gone + 1
            except Rivals:
                careful = True
            except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
                continue
            except (Fenced, CircuitBroken):
                raise
            except Exception as error:
                if careful or (isinstance(error, psycopg.Error) and not is_records_fault(error)):
                    raise
                careful = True
                self._beware(batch)
            finally:
                self.references.rolled_back()
        raise psycopg.errors.DeadlockDetected(f"a batch did not go through in {RETRIES_MAX} tries")

    def _attempt(self, connection: Connection[Any], batch: Batch, careful: bool, undeclared: bool) -> Written:
        outcome = Outcome(undeclared)
        outcome.letters += [given_up(raw) for raw in batch.withdrawn]
        references, topics = False, set(batch.topics)
        with connection.transaction():
            self.offsets.fence(connection, batch.ends)
            for topic, plan in self.plan.topics.items():
                if topic not in topics:
                    continue
                if plan.stream and not careful and not self.parked.holds(topic):
                    packed = batch.packed(plan, plan.stream, outcome)
                    self._stream(connection, plan.stream, packed, sum(map(len, batch.of(topic))))
                    continue
                references = True
                self._settle(connection, batch.decoded(plan, outcome), outcome, None)
            moves = self._moves(batch, outcome)
            self._close(connection, moves, outcome)
        self._committed(moves, outcome, [])
        return Written(moves, outcome, references)

    def _stream(self, connection: Connection[Any], table: TablePlan, packed: Iterable[bytes], records: int) -> None:
        """Facts while they are decoded: straight into their table or, while keys are likely taken, through a stage."""
        if not self.wary.probes_first(table.table.fullname):
            copy.copy_rows(connection, table.copy, packed)
        elif copy.copy_unless_there(connection, table, packed) < records:
            self.wary.raise_for(table.table.fullname)

    def _quick(self, connection: Connection[Any], batch: Batch) -> Written | None:
        """A few facts and nothing else: two round trips. None when the batch is not of that kind."""
        if batch.withdrawn or sum(map(len, batch.messages.values())) > FEW_RECORDS:
            return None
        outcome = Outcome()
        groups: list[tuple[TablePlan, list[Decoded]]] = []
        for topic in batch.topics:
            plan = self.plan.topics[topic]
            if plan.stream is None or not self._may_stream(topic, plan.stream):
                return None
            groups.append((plan.stream, batch.decoded(plan, outcome)))
        if outcome.letters:
            return None
        moves = self._moves(batch, outcome)
        with connection.pipeline() as pipeline, connection.transaction():
            sent = self.offsets.send(connection, moves)
            for table, records in groups:
                copy.insert(connection, table, [(record, table.landed[record.event.type]) for record in records])
            pipeline.sync()
            self.offsets.moved(sent, moves)
        self._committed(moves, outcome, [])
        return Written(moves, outcome, False)

    def _may_stream(self, topic: str, table: TablePlan) -> bool:
        return not self.parked.holds(topic) and not self.wary.is_wary(table.table.fullname)

    def _beware(self, batch: Batch) -> None:
        """The optimistic COPY of this batch was thrown away: probe first for a while."""
        for topic in batch.topics:
            stream = self.plan.topics[topic].stream
            if stream:
                self.wary.raise_for(stream.table.fullname)

    def release(self, connection: Connection[Any], raws: Sequence[Raw]) -> Written:
        """Land parked records whose parent is there by now; some may have to wait for another one."""
        gone = 0
        for _ in range(RETRIES_MAX):
            try:
                return self._release(connection, raws, gone > GONE_MAX)
            except (ParentGone, psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure) as error:
                self.references.forget()
                gone += isinstance(error, ParentGone)
            finally:
                self.references.rolled_back()
        raise psycopg.errors.DeadlockDetected(f"parked records did not go through in {RETRIES_MAX} tries")

    def _release(self, connection: Connection[Any], raws: Sequence[Raw], undeclared: bool) -> Written:
        outcome = Outcome(undeclared)
        partitions = {(raw.topic, raw.partition) for raw in raws}
        moves = {partition: Move(self.offsets.held[partition].position) for partition in partitions}
        with connection.transaction():
            self.offsets.fence(connection, partitions)
            raws = self.parked.still(connection, raws)
            handled(connection, [raw for raw in raws if raw.redriven is not None])
            freed: set[tuple[Partition, int]] = set()
            for topic, plan in self.plan.topics.items():
                records = decode(plan, [raw for raw in raws if raw.topic == topic], outcome)
                self._settle(connection, records, outcome, freed)
            still = {id(one.record.raw) for one in outcome.waiting}
            left = [raw for raw in raws if id(raw) not in still]
            dead = {id(letter.raw) for letter in outcome.letters}
            self.parked.leave(connection, [raw for raw in left if raw.was_parked])
            exhume(connection, [raw for raw in raws if raw.redriven is not None and id(raw) not in dead])
            _count_released(moves, left, outcome)
            self._close(connection, moves, outcome)
        self._committed(moves, outcome, left)
        return Written(moves, outcome, True)

    def operate(self, connection: Connection[Any], asked: Asked) -> Written:
        """Carry out what operators asked for, but for what is to be tried again: close letters, give events up."""
        handled(connection, asked.dropped, asked.dropped_at)
        handled(connection, [letter.raw for letter in asked.lost])
        bury(connection, asked.lost)
        return self._bury_known(connection, asked.expired) if asked.expired else Written({}, Outcome(), False)

    def bury(self, connection: Connection[Any], letter: Letter, batch: Batch | None) -> Written:
        """Commit one record as dead: the only one of its batch, or one that the ledger has."""
        if batch is None:
            return self._bury_known(connection, [letter])
        outcome = Outcome()
        outcome.letters = [letter]
        moves = self._moves(batch, outcome)
        with connection.transaction():
            self.offsets.fence(connection, batch.ends)
            self._close(connection, moves, outcome)
        self._committed(moves, outcome, [])
        return Written(moves, outcome, False)

    def _bury_known(self, connection: Connection[Any], letters: list[Letter]) -> Written:
        """Commit records as dead that were parked, or dead already."""
        outcome = Outcome()
        outcome.letters = letters
        raws = [letter.raw for letter in letters]
        moves: dict[Partition, Move] = {}
        for raw in raws:
            place = (raw.topic, raw.partition)
            move = moves.setdefault(place, Move(self.offsets.held[place].position))
            if raw.was_parked:
                move.parked, move.dead = move.parked - 1, move.dead + 1
        parked = [raw for raw in raws if raw.was_parked]
        with connection.transaction():
            self.offsets.fence(connection, moves)
            handled(connection, [raw for raw in raws if raw.redriven is not None])
            self.parked.leave(connection, parked)
            self._close(connection, moves, outcome)
        self._committed(moves, outcome, parked)
        return Written(moves, outcome, True)

    def _settle(
        self,
        connection: Connection[Any],
        records: Sequence[Decoded],
        outcome: Outcome,
        freed: set[tuple[Partition, int]] | None,
    ) -> None:
        """Land decoded records of one topic, table by table, parents first; what must wait is set aside."""
        turns: dict[tuple[int, bool], list[Decoded]] = {}
        for record in records:
            turns.setdefault(self.plan.steps[record.event.type], []).append(record)
        blocked: dict[tuple[Any, ...], Waiting] = {}
        for turn in sorted(turns):
            alive = self._admit(connection, turns[turn], outcome, freed, blocked)
            self._land(connection, alive, outcome)

    def _admit(
        self,
        connection: Connection[Any],
        records: Sequence[Decoded],
        outcome: Outcome,
        freed: set[tuple[Partition, int]] | None,
        blocked: dict[tuple[Any, ...], Waiting],
    ) -> list[Decoded]:
        """Those that wait neither for a parent nor behind an earlier record of their subject."""
        landings = self.plan.landings
        missing: dict[int, Waiting] = {}
        if any(landed.parents for type_ in {record.event.type for record in records} for landed in landings[type_]):
            wanted = [(record, landings[record.event.type]) for record in records]
            missing = self.references.missing(connection, wanted)
        if not (missing or blocked or self.parked.holds(records[0].raw.topic)):
            if freed is not None:
                freed.update(((record.raw.topic, record.raw.partition), record.raw.offset) for record in records)
            return list(records)
        freed = set() if freed is None else freed
        alive: list[Decoded] = []
        for n, record in enumerate(records):
            subject = (record.event.order_by, record.subject)
            own = self._made_by(record)
            ahead = blocked.get(subject)
            parent = self.parked.blocker(record, freed, own)
            if parent is not None:
                waits = Waiting(record, *parent)
            elif ahead and _is_ahead(ahead, record) and (ahead.parent_table, ahead.parent_key) not in own:
                waits = Waiting(record, ahead.parent_table, ahead.parent_key)
            elif n in missing:
                waits = missing[n]
            else:
                freed.add(((record.raw.topic, record.raw.partition), record.raw.offset))
                alive.append(record)
                continue
            outcome.waiting.append(waits)
            if ahead is None or not _is_ahead(ahead, record):
                blocked[subject] = waits
        return alive

    def _made_by(self, record: Decoded) -> list[tuple[str, dict[str, Any]]]:
        """Rows that the record makes: it cannot wait behind one that waits for them."""
        return [
            (table.table.fullname, dict(zip(table.identity, landed.key(record.e.data), strict=True)))
            for table, landed in self.plan.makes[record.event.type]
        ]

    def _land(self, connection: Connection[Any], records: Sequence[Decoded], outcome: Outcome) -> None:
        """Table by table, first rows that are made; what one table refuses comes into none after it."""
        types = {record.event.type for record in records}
        groups: dict[tuple[bool, str, bool], list[TablePlan]] = {}
        for table in self.plan.tables:
            if types & table.landed.keys():
                groups.setdefault((not table.makes, table.table.fullname, table.is_fact), []).append(table)
        for _, tables in sorted(groups.items(), key=lambda group: group[0][0]):
            landed = {type_: one for table in tables for type_, one in table.landed.items()}
            pairs = [(record, landed[record.event.type]) for record in records if record.event.type in landed]
            if tables[0].is_fact:
                copy.land(connection, tables[0], pairs, self.wary, outcome)
            else:
                merge.land(connection, [self._mergings[id(table)] for table in tables], pairs, self.wary, outcome)
            records = _without(records, outcome)

    def _moves(self, batch: Batch, outcome: Outcome) -> dict[Partition, Move]:
        moves = {partition: Move(end) for partition, end in batch.ends.items()}
        for (topic, partition), messages in batch.messages.items():
            move, last = moves[topic, partition], messages[-1]
            move.read = move.applied = len(messages)
            move.leader_epoch = last.leader_epoch()
            move.event_time = appended_of(last)
        for raw in batch.withdrawn:
            move = moves[raw.topic, raw.partition]
            move.read, move.applied = move.read + 1, move.applied + 1
        for letter in outcome.letters:
            move = moves[letter.raw.topic, letter.raw.partition]
            move.dead, move.applied = move.dead + 1, move.applied - 1
        for one in outcome.waiting:
            move = moves[one.record.raw.topic, one.record.raw.partition]
            move.parked, move.applied = move.parked + 1, move.applied - 1
        return moves

    def _close(self, connection: Connection[Any], moves: Mapping[Partition, Move], outcome: Outcome) -> None:
        self.parked.park(connection, outcome.waiting)
        bury(connection, outcome.letters)
        self.breaker.check(*_shares(moves, outcome))
        self.offsets.advance(connection, moves)

    def _committed(self, moves: Mapping[Partition, Move], outcome: Outcome, left: Sequence[Raw]) -> None:
        self.offsets.remember(moves)
        self.references.committed()
        self.parked.committed(outcome.waiting, left)
        self.breaker.note(*_shares(moves, outcome))


def _without(records: Sequence[Decoded], outcome: Outcome) -> Sequence[Decoded]:
    """The records that are not dead."""
    dead = {id(letter.raw) for letter in outcome.letters}
    return [record for record in records if id(record.raw) not in dead] if dead else records


def _is_ahead(waiting: Waiting, record: Decoded) -> bool:
    """Whether a waiting record of the same subject, so of the same partition, comes before this one."""
    return waiting.record.raw.offset < record.raw.offset


def _shares(moves: Mapping[Partition, Move], outcome: Outcome) -> tuple[Counter[str], Counter[str]]:
    """Records read and records dead, by topic."""
    read: Counter[str] = Counter()
    for (topic, _), move in moves.items():
        read[topic] += move.read
    return read, Counter(letter.raw.topic for letter in outcome.letters if letter.raw.is_new)


def _count_released(moves: Mapping[Partition, Move], left: Sequence[Raw], outcome: Outcome) -> None:
    for raw in left:
        move = moves[raw.topic, raw.partition]
        if raw.was_parked:
            move.parked, move.released = move.parked - 1, move.released + 1
        else:
            move.dead, move.applied = move.dead - 1, move.applied + 1
    for letter in outcome.letters:
        move = moves[letter.raw.topic, letter.raw.partition]
        if letter.raw.was_parked:
            move.released, move.dead = move.released - 1, move.dead + 1
        else:
            move.applied, move.dead = move.applied - 1, move.dead + 1
    for one in outcome.waiting:
        if one.record.raw.redriven is not None:
            move = moves[one.record.raw.topic, one.record.raw.partition]
            move.dead, move.parked = move.dead - 1, move.parked + 1
