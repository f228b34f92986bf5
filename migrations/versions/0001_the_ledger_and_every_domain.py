"""the ledger and every domain.

Frozen once released: it imports nothing of ours, and code of the version before must still run after it.
"""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    _run("up")


def downgrade() -> None:
    _run("down")


def _run(way: str) -> None:
    statements = Path(__file__).with_suffix(f".{way}.sql").read_text(encoding="utf-8")
    # As the driver's simple query: many statements at once, and no placeholder is looked for in them.
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(statements)
