"""The contenders of a pair: Podium's consumer, a bare loop without its guarantees, COPY of what is packed already."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from struct import Struct
from threading import Event
from uuid import UUID

import msgspec
import psycopg
from confluent_kafka import Consumer, TopicPartition

from bench.environment import Ends, Environment
from bench.feed import Prediction
from bench.stopwatch import Run, Stopwatch, Timed
from consumers.loop import Limits, Loop
from consumers.record import Delivered
from podium.settings import Postgres
from schema.binding import EPOCH, HEADER, TRAILER
from schema.declare import Domain

BATCH_RECORDS = 8_000
SLICE_ROWS = 100
RAW_COMMIT_ROWS = 20_000
WRITE_BYTES = 64 * 1024

BARE_KAFKA = {
    "group.id": "bare",
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
    "fetch.queue.backoff.ms": 5,
    "queued.min.messages": 100_000,
}
"""A consumer as fast as settings can make it."""

COLUMNS = "id, model_id, horizon, value, made_at, payload"
STATEMENT = f"COPY bench.predictions ({COLUMNS}, place_partition, place_offset) FROM STDIN (FORMAT BINARY)"

Rows = Callable[[Sequence[Delivered]], Iterable[bytes]]
"""Records of one batch -> rows of COPY BINARY."""


@contextmanager
def collector(tuned: bool = False) -> Iterator[None]:
    """Python's garbage collector as it is by default or, tuned, as the consumer sets it; afterwards as before."""
    before = gc.get_threshold()
    gc.collect()
    if tuned:
        gc.freeze()
        gc.set_threshold(100_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def podium(
    environment: Environment,
    domains: Sequence[Domain],
    database: Postgres,
    namespace: str,
    until: Ends,
    limits: Limits | None = None,
) -> Run:
    """Podium's own consumer, from the ledger's positions up to `until`."""
    watch = Stopwatch(environment.server)
    kafka, dsn = environment.settings.kafka.client(), database.dsn("consumer")
    with collector(tuned=True):
        loop = Loop(domains, kafka, dsn, namespace, until=until, meter=Timed(watch), limits=limits or Limits())
        loop.run(Event())
    return watch.stop()


class BareData(msgspec.Struct, gc=False):
    """The columns, typed and no more."""

    id: UUID
    model_id: str
    horizon: int
    value: float
    made_at: datetime
    payload: str


class BareEvent(msgspec.Struct, gc=False):
    """Nothing of the envelope is looked at."""

    data: BareData


_FIRST = Struct(">hi16si").pack
_MIDDLE = Struct(">iiidiqi").pack
_PLACE = Struct(">iiiq").pack


def bare_row(d: BareData | Prediction, fields: int = 6) -> bytes:
    """The first six columns of a row of COPY BINARY that has so many."""
    model, payload = d.model_id.encode(), d.payload.encode()
    since = d.made_at - EPOCH
    made_at = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    first = _FIRST(fields, 16, d.id.bytes, len(model))
    return b"".join((first, model, _MIDDLE(4, d.horizon, 8, d.value, 8, made_at, len(payload)), payload))


def bare_rows(messages: Iterable[Delivered]) -> Iterator[bytes]:
    """What a loop written by hand for the bench's predictions makes of records."""
    decode = msgspec.json.Decoder(BareEvent).decode
    for message in messages:
        d = decode(message.value()).data
        yield bare_row(d, 8) + _PLACE(4, message.partition(), 8, message.offset())


def bare(
    environment: Environment,
    database: Postgres,
    topic: str,
    until: Ends,
    statement: str,
    rows: Rows,
    tuned: bool = False,
) -> Run:
    """Consume, decode, pack, COPY, commit: no ledger, no validation beyond types, no dead letters.

    Commits asynchronously like Podium, though without a ledger that loses rows in a crash of the server.
    """
    watch = Stopwatch(environment.server)
    with psycopg.connect(database.dsn("consumer")) as connection, collector(tuned):
        connection.execute("SET synchronous_commit = off")
        connection.commit()
        for messages in batches(environment, topic, until):
            with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
                _stream(copy, rows(messages))
            connection.commit()
            watch.lap(len(messages))
    return watch.stop()


def batches(environment: Environment, topic: str, until: Ends, size: int = BATCH_RECORDS) -> Iterator[list[Delivered]]:
    """What a consumer without a group reads of a topic (its full name), batch by batch."""
    consumer = Consumer({**BARE_KAFKA, **environment.settings.kafka.client()})
    consumer.assign([TopicPartition(topic, number, 0) for _, number in until])
    left = sum(until.values())
    while left > 0:
        messages = consumer.consume(size, 0.05)
        if messages:
            left -= len(messages)
            yield messages
    consumer.close()


def _stream(copy: psycopg.Copy, rows: Iterable[bytes]) -> None:
    pending = [HEADER]
    for row in rows:
        pending.append(row)
        if len(pending) == SLICE_ROWS:
            copy.write(b"".join(pending))
            pending.clear()
    pending.append(TRAILER)
    copy.write(b"".join(pending))


def commits(rows: Iterable[bytes], rows_a_commit: int = RAW_COMMIT_ROWS) -> list[tuple[int, list[bytes]]]:
    """Packed rows as the writes of one COPY after the other: (rows, writes)."""
    packed = list(rows)
    made = []
    for start in range(0, len(packed), rows_a_commit):
        some = packed[start : start + rows_a_commit]
        whole = HEADER + b"".join(some) + TRAILER
        made.append((len(some), [whole[n : n + WRITE_BYTES] for n in range(0, len(whole), WRITE_BYTES)]))
    return made


def raw(
    environment: Environment, database: Postgres, statement: str, prepared: Sequence[tuple[int, list[bytes]]]
) -> Run:
    """COPY BINARY of packed rows over one connection: what the server takes at most."""
    watch = Stopwatch(environment.server)
    with psycopg.connect(database.dsn("consumer")) as connection:
        for count, writes in prepared:
            with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
                for each in writes:
                    copy.write(each)
            connection.commit()
            watch.lap(count)
    return watch.stop()
