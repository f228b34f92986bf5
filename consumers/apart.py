"""What raises is written in parts, down to the record: that one is dead, its neighbours land."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import psycopg
from psycopg import Connection

from consumers.aside import TopicFault
from consumers.batch import Writer, Written
from consumers.dead import is_moments_fault
from consumers.offset import Fenced
from consumers.read import Batch, raw_of
from consumers.record import Letter, Raw
from schema.heartbeat import NEVER_CONFINED, described
from schema.refusal import failure

DATABASES_OWN = ("0A", "28", "3D", "3F", "42", "F0", "XX")
"""Classes of SQLSTATE that tell of rights, of missing tables or of a broken server: no record is to blame for those."""


class TopicStands(TopicFault):
    """Records of a topic cannot be written, and the records are not to blame."""


def is_confinable(error: BaseException) -> bool:
    """Whether one record of a batch may be what it was raised for."""
    if isinstance(error, (Fenced, TopicFault, *NEVER_CONFINED)):
        return False
    return not (isinstance(error, psycopg.Error) and is_moments_fault(error))


def write(writer: Writer, connection: Connection[Any], batch: Batch) -> Iterator[Written]:
    """Commit a batch, in one transaction or, if something raises, in as many as it takes to find the records.

    Raises Fenced, CircuitBroken, TopicStands, and psycopg errors that are the moment's.
    """
    try:
        written = writer.write(connection, batch)
    except Exception as error:
        if not is_confinable(error) or not len(batch):
            raise
        why: Exception = error
    else:
        yield written
        return
    if len(batch) > 1:
        for part in batch.halves():
            yield from write(writer, connection, part)
        return
    topic = batch.topics[0] if batch.messages else batch.withdrawn[0].topic
    raws = [raw_of(message, topic) for message in batch.of(topic)[0]] if batch.messages else batch.withdrawn
    yield _bury(writer, connection, raws[0], why, batch)


def release(writer: Writer, connection: Connection[Any], raws: Sequence[Raw]) -> Iterator[Written]:
    """Land parked records, or dead ones that are tried again, as `write` does. Raises the same."""
    if not raws:
        return
    try:
        written = writer.release(connection, raws)
    except Exception as error:
        if not is_confinable(error):
            raise
        why: Exception = error
    else:
        yield written
        return
    if len(raws) > 1:
        half = len(raws) // 2
        yield from release(writer, connection, raws[:half])
        yield from release(writer, connection, raws[half:])
        return
    yield _bury(writer, connection, raws[0], why, None)


def _bury(writer: Writer, connection: Connection[Any], raw: Raw, why: Exception, batch: Batch | None) -> Written:
    """Make one record a dead letter; if its content is what cannot be written, without that: the log has it."""
    if isinstance(why, psycopg.Error) and (why.sqlstate or "")[:2] in DATABASES_OWN:
        raise TopicStands(raw.topic, _told(raw, why)) from why
    letter = Letter(raw, "failed", failure(why))
    bare = msgspec.structs.replace(raw, key=None, value=None, headers=[])
    try:
        return writer.bury(connection, letter, batch)
    except Exception as error:
        if not is_confinable(error):
            raise
    try:
        return writer.bury(connection, replace(letter, raw=bare), batch)
    except Exception as error:
        if not is_confinable(error):
            raise
        raise TopicStands(raw.topic, _told(raw, error)) from error


def _told(raw: Raw, error: Exception) -> str:
    return f"{raw.topic}[{raw.partition}]@{raw.offset} cannot be written, nor its dead letter: {described(error)}"
