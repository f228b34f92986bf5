"""Writes a migration from the declarations: `python -m migrations.generate NAME [--domain X]`.

Without `--domain` it makes the ledger and every domain: the first migration of all. The text is a frozen copy.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from schema import DOMAINS, LEDGER
from schema.ddl import drop, render
from schema.declare import Domain

VERSIONS = Path(__file__).parent / "versions"

MODULE = '''"""{title}

Frozen once released: it imports nothing of ours, and code of the version before must still run after it.
"""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "{revision}"
down_revision: str | None = {before}
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    _run("up")


def downgrade() -> None:
    _run("down")


def _run(way: str) -> None:
    statements = Path(__file__).with_suffix(f".{{way}}.sql").read_text(encoding="utf-8")
    # As the driver's simple query: many statements at once, and no placeholder is looked for in them.
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(statements)
'''


def write(name: str, domains: Sequence[Domain], folder: Path = VERSIONS) -> Path:
    """Write the next migration: it makes `domains` completely and, downwards, removes them. Returns the module."""
    before = latest(folder)
    revision = f"{int(before or 0) + 1:04d}"
    stem = folder / f"{revision}_{re.sub(r'[^a-z0-9]+', '_', name.lower()).strip('_')}"
    module = stem.with_suffix(".py")
    stem.with_suffix(".up.sql").write_text("\n".join(render(domain) for domain in domains), encoding="utf-8")
    stem.with_suffix(".down.sql").write_text("".join(drop(domain) for domain in reversed(domains)), encoding="utf-8")
    text = MODULE.format(title=f"{name}.", revision=revision, before=f'"{before}"' if before else None)
    module.write_text(text, encoding="utf-8")
    return module


def latest(folder: Path = VERSIONS) -> str | None:
    """The revision of the newest migration in the folder."""
    return max((path.name[:4] for path in folder.glob("[0-9]*_*.py")), default=None)


def chosen(name: str | None, domains: Iterable[Domain] = DOMAINS) -> tuple[Domain, ...]:
    """The domain of that name, or the ledger and all of them. Raises SystemExit for an unknown name."""
    if name is None:
        return (LEDGER, *domains)
    found = tuple(domain for domain in domains if domain.name == name)
    if not found:
        raise SystemExit(f"no domain {name!r} in schema/__init__.py; there are {[one.name for one in domains]}")
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(prog="python -m migrations.generate", description=__doc__)
    parser.add_argument("name", help="what the migration does, in a few words")
    parser.add_argument("--domain", help="make only this domain (default: the ledger and all)")
    given = parser.parse_args(arguments)
    print(write(given.name, chosen(given.domain)))


if __name__ == "__main__":
    main()
