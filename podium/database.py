"""The state of a database: which migrations it has, how to get to others."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from podium import session
from podium.errors import Problem
from podium.settings import ROLES, rolname
from schema.session import MIGRATIONS


@dataclass(frozen=True)
class Migrations:
    """Where a database stands; `current` is None before the first, `pending` is in the order of running."""

    current: str | None
    head: str | None
    pending: tuple[str, ...]


class RolesMissing(Problem):
    """The cluster lacks roles to which the migrations grant their rights."""

    code = "PD005"
    exit_code = 2


def upgrade(dsn: str, revision: str = "head") -> None:
    """Run the migrations up to `revision`, in one transaction. Raises RolesMissing."""
    with session.connect(dsn) as connection:
        check_roles(connection)
    command.upgrade(_config(dsn), revision)


def check_roles(connection: psycopg.Connection[Any]) -> None:
    """Raises RolesMissing."""
    known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
    missing = [name for name in map(rolname, ROLES) if name not in known]
    if missing:
        raise RolesMissing(
            f"PostgreSQL has no role {', '.join(missing)}",
            "As an administrator run once what `podium db roles` prints, and give the roles passwords.",
        )


def downgrade(dsn: str, revision: str) -> None:
    """Undo migrations down to `revision` (`base`: all), in one transaction."""
    command.downgrade(_config(dsn), revision)


def migrations(dsn: str) -> Migrations:
    """Compare a database with the migrations that this version ships."""
    scripts = ScriptDirectory.from_config(_config(dsn))
    engine = create_engine("postgresql+psycopg://", creator=lambda: connected(dsn), poolclass=NullPool)
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    head = scripts.get_current_head()
    pending: Iterable[str] = ()
    if head is not None and current != head:
        pending = [script.revision for script in scripts.iterate_revisions(head, current or "base")]
    return Migrations(current, head, tuple(reversed(list(pending))))


def connected(dsn: str) -> psycopg.Connection[Any]:
    """A connection that finds the table of migrations, whatever search path an operator set for the database."""
    connection = session.connect(dsn, MIGRATIONS)
    connection.execute("SET search_path TO public")
    connection.commit()
    return connection


def _config(dsn: str) -> Config:
    spec = find_spec("migrations")
    assert spec is not None
    assert spec.origin is not None
    config = Config()
    config.set_main_option("script_location", str(Path(spec.origin).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["dsn"] = dsn
    return config
