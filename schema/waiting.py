"""Which parked records have their parent by now: one statement for each thing an event may wait for."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from schema.declare import Domain, Register, identity, references_of

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]

STATEMENT_BYTES_MAX = 2 * 1024 * 1024
"""A statement yields records until their values reach this."""

SELECT = """
SELECT r.topic, r.partition, r."offset", r.append_time, r.key, r.value, r.headers
  FROM (SELECT k.*, sum(octet_length(k.value)) OVER (ORDER BY k.topic, k.partition, k."offset")
                    - octet_length(k.value) AS bytes_before
          FROM (SELECT k.*
                  FROM ledger.parked k
                 WHERE k.parent_table = '{label}' AND k.held IS NULL
                   AND k.parent_key ?& ARRAY[{names}]
                   AND (SELECT count(*) FROM jsonb_object_keys(k.parent_key)) = {width}
                   AND (k.topic, k.partition) IN (SELECT * FROM unnest(%s::text[], %s::int[]))
                   AND EXISTS (SELECT FROM {table} p WHERE {matches})
                 ORDER BY k.topic, k.partition, k."offset"
                 LIMIT %s) k) r
 WHERE r.bytes_before < {bytes_max}
 ORDER BY r.topic, r.partition, r."offset"
"""


def parents_of(domains: Sequence[Domain]) -> list[tuple[Table, tuple[str, ...]]]:
    """Every (table, key columns) that an event of these domains may wait for, each once."""
    found: dict[tuple[str, tuple[str, ...]], tuple[Table, tuple[str, ...]]] = {}
    for domain in domains:
        for event in domain.events:
            for landing in event.lands:
                if isinstance(landing, Register) and not landing.creates:
                    names = identity(landing.table)
                    found[landing.table.fullname, names] = (landing.table, names)
                    continue
                for reference in references_of(landing.table):
                    names = reference.checked[1]
                    found[reference.parent.fullname, names] = (reference.parent, names)
    return list(found.values())


def ready_statements(domains: Sequence[Domain]) -> list[tuple[str, str]]:
    """(parent table, SQL) pairs; the SQL takes topics, partitions and a limit, and yields what is ready.

    Built from declared names only, each quoted.
    """
    return [(table.fullname, _statement(table, columns)) for table, columns in parents_of(domains)]


def _statement(table: Table, columns: tuple[str, ...]) -> str:
    quote = _DIALECT.identifier_preparer
    matches = " AND ".join(
        f"p.{quote.quote(name)} = (k.parent_key->>'{name}')::{table.c[name].type.compile(dialect=_DIALECT)}"
        for name in columns
    )
    return SELECT.format(
        label=table.fullname,
        names=", ".join(f"'{name}'" for name in columns),
        width=len(columns),
        table=quote.format_table(table),
        matches=matches,
        bytes_max=STATEMENT_BYTES_MAX,
    )
