"""Which columns of a table the log determines: those that digests cover and two databases must agree on."""

from __future__ import annotations

from sqlalchemy import Table

from schema.declare import PLACE, Domain


def logged(domain: Domain, table: Table) -> tuple[str, ...]:
    """Columns in the table's order, without the places of records and what is declared bookkeeping or secret."""
    left_out = {*PLACE, *domain.bookkeeping.get(table.name, ()), *domain.secret.get(table.name, ())}
    return tuple(column.name for column in table.columns if column.name not in left_out)
