"""References between tables: enforced by the catalog, checked by statement triggers, or implied by others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ForeignKeyConstraint, Table


@dataclass(frozen=True)
class Reference:
    """A column group of a table that names the key of another; `hot` ones are checked by statement triggers.

    `through` is a common ancestor whose key both tables carry: its few rows are locked in place of many parents.
    """

    child: Table
    columns: tuple[str, ...]
    parent: Table
    parent_columns: tuple[str, ...]
    hot: bool
    through: Table | None = None

    @property
    def checked(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Columns of child and parent that must agree: the key, and what both carry of `through`."""
        key = tuple(self.through.primary_key.columns.keys()) if self.through is not None else ()
        also = tuple(name for name in key if name in self.parent.c and name not in self.parent_columns)
        return (*self.columns, *also), (*self.parent_columns, *also)


def hot(
    columns: Sequence[str], parent: Table, parent_columns: Sequence[str], through: Table | None = None
) -> ForeignKeyConstraint:
    """A reference of a hot table: in the catalog NOT ENFORCED, checked by the consumer and by statement triggers.

    The check locks the parents against deletion, or rows of `through`, an ancestor whose key both tables carry.
    """
    return ForeignKeyConstraint(
        list(columns),
        [parent.c[name] for name in parent_columns],
        info={"hot": True, "checked": True, "through": through},
    )


def implied(columns: Sequence[str], parent: Table, parent_columns: Sequence[str]) -> ForeignKeyConstraint:
    """A reference that another, checked one already guarantees: only the catalog shows it (NOT ENFORCED)."""
    return ForeignKeyConstraint(
        list(columns), [parent.c[name] for name in parent_columns], info={"hot": True, "checked": False}
    )


def references_of(table: Table) -> Iterator[Reference]:
    """Checked references of a table, in the order of their columns."""
    constraints = sorted(table.foreign_key_constraints, key=lambda c: tuple(c.column_keys))
    for constraint in constraints:
        if constraint.info.get("checked", True):
            yield Reference(
                child=table,
                columns=tuple(constraint.column_keys),
                parent=constraint.referred_table,
                parent_columns=tuple(element.column.name for element in constraint.elements),
                hot=bool(constraint.info.get("hot")),
                through=constraint.info.get("through"),
            )
