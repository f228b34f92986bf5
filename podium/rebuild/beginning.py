"""Where recomputing begins: at offset 0, at a base, or where a database that was begun stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from podium import session
from podium.rebuild import cut, imports, plan
from podium.rebuild.cut import Base
from podium.rebuild.imports import Step
from podium.rebuild.plan import Until
from podium.settings import Postgres, Settings
from schema.declare import Domain
from schema.session import LONG

Then = Callable[[Connection[Any], Base], None]


@dataclass(frozen=True)
class Beginning:
    """Where a database will stand before anything is read into it, and the base that is loaded to that end."""

    stand: Until
    base: Base | None = None
    remark: str = ""

    def check(self, settings: Settings, until: Until) -> None:
        """Whether the log has everything from there on. Raises BeginningGone, EndGone."""
        plan.check(settings, until, self.stand, self.remark)


def of(settings: Settings, postgres: Postgres | None, domains: Sequence[Domain], until: Until) -> Beginning:
    """Where reading up to some offsets begins in a migrated database, or in one that is still to be made.

    A database that holds something goes on where it stands; another begins with the base, unless that reaches
    beyond `until`. Raises NoExport, Damaged.
    """
    if postgres is not None:
        with session.connect(postgres.dsn("owner"), LONG) as connection:
            if not imports.is_empty(connection):
                return Beginning(plan.positions(connection, domains))
    base = cut.given(settings)
    if base is None:
        return Beginning({})
    if not base.fits(until):
        return Beginning({}, remark=f" (the base {base.folder} reaches beyond what is asked)")
    return Beginning(base.stand, base, f" (in the base {base.folder})")


def begin(
    settings: Settings, postgres: Postgres, domains: Sequence[Domain], until: Until,
    step: Step = lambda _: None, then: Then = lambda _, __: None,
) -> Base | None:  # fmt: skip
    """Make a migrated database ready for reading the log up to some offsets; the base that was loaded, if any.

    `then` is done in the transaction that loads it. Raises BeginningGone, EndGone, and what `imports.load` raises.
    """
    found = of(settings, postgres, domains, until)
    found.check(settings, until)
    base = found.base
    if base is not None:
        step(f"loading the base {base.folder}")
        there = settings.model_copy(update={"postgres": postgres})
        imports.load(there, domains, base.folder, step, lambda connection: then(connection, base))
    return base
