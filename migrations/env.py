"""Runs migrations: all of them in one transaction, one runner at a time, never waiting long for a lock."""

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from podium.database import connected
from podium.sql import load
from schema import DOMAINS, LEDGER

LOCK_TIMEOUT = "10s"
STATEMENT_TIMEOUT = "15min"
ADVISORY_LOCK = 0x706F6469756D  # "podium"


def run() -> None:
    """The connection string comes from the caller's Config, attribute `dsn`."""
    dsn = context.config.attributes["dsn"]
    engine = create_engine("postgresql+psycopg://", creator=lambda: connected(dsn), poolclass=NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=[domain.metadata for domain in (LEDGER, *DOMAINS)],
            include_schemas=True,
            compare_type=True,
        )
        with context.begin_transaction():
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
            context.run_migrations()
            rights = connection.execution_options(no_parameters=True)
            rights.exec_driver_sql(load("rights").as_string())


run()
