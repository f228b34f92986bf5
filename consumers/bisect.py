"""Isolate bad records of a batch by savepoint: the good ones are written, in O(log n) statements for each bad one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import psycopg
from psycopg import Connection
from psycopg.errors import ForeignKeyViolation

from consumers.dead import is_records_fault
from schema.heartbeat import NEVER_CONFINED

T = TypeVar("T")


class ParentGone(Exception):
    """A parent that was known went away between check and write: look again and retry the batch."""


def isolate(
    connection: Connection[Any], items: Sequence[T], write: Callable[[Sequence[T]], None], undeclared: bool = False
) -> list[tuple[T, Exception]]:
    """Write all items but those that the database refuses, or our own code raises for, which come back with the error.

    Raises ParentGone for a missing parent, unless what is missing is `undeclared`: nobody could wait for that. Raises
    every error that is the moment's.
    """
    if not items:
        return []
    try:
        with connection.transaction():
            write(items)
        return []
    except psycopg.Error as error:
        if isinstance(error, ForeignKeyViolation) and not undeclared:
            raise ParentGone(str(error)) from error
        if not is_records_fault(error):
            raise
        if len(items) == 1:
            return [(items[0], error)]
    except NEVER_CONFINED:
        raise
    except Exception as error:
        if len(items) == 1:
            return [(items[0], error)]
    half = len(items) // 2
    return isolate(connection, items[:half], write, undeclared) + isolate(connection, items[half:], write, undeclared)
