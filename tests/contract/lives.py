"""Rows that a life cycle rules, led through it: by events made of the domain's story, and by plain SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composed, Identifier
from psycopg.types.json import Jsonb
from pydantic_core import to_jsonable_python
from sqlalchemy import JSON

from consumers.plan import Landed, makes_row
from schema.declare import Domain, Furthest, Greatest, Register, identity
from schema.decode import Decoder, decoders
from schema.triggers import Guarded
from tests.consumers.worker import Worker
from tests.contract.outcome import play
from tests.log import Log, story
from tests.tables import empty

SUBJECTS_MAX, UNTOLD_MAX = 3, 6
LATE = "2026-03-01T23:00:00Z"
"""After every story, before the append time of the log in memory."""

Line = Mapping[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Mover:
    """An event type that moves the status, and the landing by which it does."""

    landed: Landed
    merge: Furthest

    @property
    def makes(self) -> bool:
        """Whether it makes the row."""
        return makes_row(self.landed.landing)

    def field(self, column: str) -> str:
        """The event's field that fills a column."""
        return self.landed.landing.renamed.get(column, column)

    @property
    def owned(self) -> set[str]:
        """Columns that it sets beside the status and its order."""
        found: set[str] = set()
        for merge in self.landed.landing.merges if isinstance(self.landed.landing, Register) else ():
            match merge:
                case Furthest():
                    found |= set(merge.moves)
                case Greatest():
                    found |= {merge.column, *merge.moves}
                case _:
                    found |= {*merge.columns, *merge.version}
        return found - {self.merge.status, *self.merge.order}


class Lives:
    """A world in which some rows of a table are still in the first state of their life cycle.

    It is the domain's story without the events that would move those rows.
    """

    def __init__(self, connection: Connection[Any], owner: Connection[Any], domain: Domain, one: Guarded) -> None:
        self.connection = connection
        self.owner = owner
        self.domain = domain
        self.one = one
        self.names = identity(one.table)
        self.table = Identifier(str(one.table.schema), one.table.name)
        self.lines: Sequence[Line] = story(domain)
        self.worker = Worker(connection, (domain,), Log((domain,)))
        self.subjects = self._subjects()
        self.moves = [line for line in self.lines if self._is_move(line)]
        self.begin()
        self.subjects += self._untold()

    def begin(self) -> None:
        """Make the world anew."""
        empty(self.owner, self.domain)
        self.worker = play(self.connection, self.domain, [line for line in self.lines if line not in self.moves])

    @cached_property
    def movers(self) -> dict[str, Mover]:
        """Event types that move the status."""
        found = {}
        for event in self.domain.events:
            for landed in self.worker.writer.plan.landings[event.type]:
                merges = landed.landing.merges if isinstance(landed.landing, Register) else ()
                for merge in merges:
                    if landed.landing.table is self.one.table and isinstance(merge, Furthest):
                        found[event.type] = Mover(landed, merge)
        return found

    @cached_property
    def _decoders(self) -> Mapping[str, Decoder]:
        return decoders([self.domain])

    def key_of(self, line: Line) -> Key:
        """Identity of the row that a moving event is about."""
        decoder = self._decoders[self.domain.by_type[line["type"]].topic]
        entry = Log((self.domain,)).append(line)
        return self.movers[line["type"]].landed.key(decoder.decode(entry.value()).data)

    def _subjects(self) -> list[Key]:
        """Rows of which the story tells most."""
        told: dict[Key, set[str]] = {}
        for line in self.lines:
            if line["type"] in self.movers:
                told.setdefault(self.key_of(line), set()).add(line["type"])
        return sorted(told, key=lambda key: -len(told[key]))[:SUBJECTS_MAX]

    def _untold(self) -> list[Key]:
        """Rows that were made by a trigger, and of which the story tells nothing."""
        names = SQL(", ").join(map(Identifier, self.names))
        query = SQL("SELECT {names} FROM {} WHERE {} = %s ORDER BY {names} DESC").format(
            self.table, Identifier(self.one.status), names=names
        )
        rows = self.connection.execute(query, [self.one.lifecycle.initial]).fetchall()
        return [key for key in rows if key not in self.subjects][:UNTOLD_MAX]

    def _is_move(self, line: Line) -> bool:
        """Whether the line is left out: it moves one of the subjects, and is not the one that makes its row."""
        if line["type"] not in self.movers or (key := self.key_of(line)) not in self.subjects:
            return False
        makers = (each for each in self.lines if each["type"] in self.movers and self.movers[each["type"]].makes)
        first = next((each for each in makers if self.key_of(each) == key), None)
        return line is not first

    # One row

    def row(self, key: Key) -> dict[str, Any]:
        """The row as it is."""
        return self._row(self.connection, key)

    def _row(self, connection: Connection[Any], key: Key) -> dict[str, Any]:
        query = SQL("SELECT * FROM {} WHERE {}").format(self.table, self._match())
        with connection.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(query, key).fetchone()
        assert found is not None, f"{self.one.table.fullname} {key} is not there"
        return found

    def _match(self) -> Composed:
        return SQL(" AND ").join(SQL("{} = %s").format(Identifier(name)) for name in self.names)

    def status(self, key: Key) -> str:
        """What events said of the row."""
        return str(self.row(key)[self.one.status])

    def order(self, key: Key) -> tuple[int, ...]:
        """Epoch and attempt of the row, as far as declared."""
        row = self.row(key)
        return tuple(row[name] for name in self.one.order)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever is done in the block is taken back."""
        lengths = {place: len(entries) for place, entries in self.worker.log.entries.items()}
        try:
            with self.connection.transaction(force_rollback=True):
                yield
        finally:
            for place, entries in self.worker.log.entries.items():
                del entries[lengths[place] :]
            self.worker.leave()
            self.worker.take(self.worker.log.entries)

    # By events

    def publish(self, key: Key, state: str, order: Sequence[int]) -> bool:
        """Publish an event that asks for a state of the row; whether there is such an event."""
        line = next(self._events(key, state, order), None)
        if line is None:
            return False
        self.worker.log.append(line)
        self.worker.finish()
        return True

    def _events(self, key: Key, state: str, order: Sequence[int]) -> Iterator[Line]:
        """Events of the state about the row: of its own story, else of another row's, else made of an example."""
        types = [type_ for type_, mover in self.movers.items() if mover.merge.state == state]
        own = [line for line in reversed(self.moves) if line["type"] in types and self.key_of(line) == key]
        others = [line for line in reversed(self.lines) if line["type"] in types and line not in own]
        examples = [{"type": type_, "data": dict(self.domain.by_type[type_].example)} for type_ in types]
        for line in (*own, *others, *examples):
            mover = self.movers[line["type"]]
            known = self.domain.by_type[line["type"]].columns
            given = {mover.field(name): to_jsonable_python(value) for name, value in zip(self.names, key, strict=True)}
            asked = {mover.field(name): value for name, value in zip(mover.merge.order, order, strict=False)}
            if not asked.keys() <= set(known) and order != self.order(key):
                continue  # Its epoch or attempt is fixed.
            given |= asked
            data = line["data"] | {name: value for name, value in given.items() if name in known}
            made = {"type": line["type"], "time": LATE, "data": data}
            if self.key_of(made) == key:
                yield made

    def waits(self) -> bool:
        """Whether an event waits for another that the world lacks."""
        row = self.connection.execute("SELECT EXISTS (SELECT FROM ledger.parked)").fetchone()
        return bool(row and row[0])

    def precede(self, key: Key, state: str) -> None:
        """Tell what an event that waits has overtaken: the steps from the row's state to the one it asks for."""
        for step in next(self._paths(self.status(key), state), ())[:-1]:
            self.publish(key, step, self.order(key))

    def lead(self, key: Key, state: str) -> bool:
        """Lead the row from the first state to another by legal moves, an event each; whether events go that way."""
        return any(
            all(self.publish(key, step, self.order(key)) for step in path) and self.status(key) == state
            for path in self._paths(self.one.lifecycle.initial, state)
        )

    def _paths(self, origin: str, state: str) -> Iterator[tuple[str, ...]]:
        """Ways from one state to another by direct moves, shortest first."""
        ways: list[tuple[str, ...]] = [()]
        while ways:
            at = ways.pop(0)
            here = at[-1] if at else origin
            if here == state:
                yield at
            ways += [(*at, step) for step in self.one.lifecycle.moves[here]]

    # By plain SQL

    def companions(self, key: Key, state: str) -> dict[str, Any]:
        """What an event that leads to the state sets beside it."""
        owned: set[str] = set()
        for mover in self.movers.values():
            owned |= mover.owned if mover.merge.state == state else set()
        with self.undone():
            if not self.lead(key, state):
                return {}
            row = self.row(key)
        return {name: row[name] for name in owned}

    def write(self, key: Key, state: str, order: Sequence[int], beside: Mapping[str, Any]) -> str:
        """Set the status from a shell, and take it back; empty if that was accepted, else why not."""
        values = {**beside, self.one.status: state, **dict(zip(self.one.order, order, strict=True))}
        query = SQL("UPDATE {} SET {} WHERE {}").format(
            self.table, SQL(", ").join(SQL("{} = %s").format(Identifier(name)) for name in values), self._match()
        )
        columns = self.one.table.c
        parameters = [Jsonb(value) if isinstance(columns[n].type, JSON) else value for n, value in values.items()]
        try:
            with self.owner.transaction(force_rollback=True):
                self.owner.execute(query, [*parameters, *key])
                found = self._row(self.owner, key)[self.one.status]
        except psycopg.errors.IntegrityError as refused:
            return str(refused)
        return "" if found == state else f"the row says {found}"
