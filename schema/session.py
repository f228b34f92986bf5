"""What a session of PostgreSQL is, whatever server, database, role and environment say: pinned in one place.

Pure text and rules: the driver is given by who connects.
"""

from __future__ import annotations

from typing import Any, NamedTuple

VERSION_MIN = 18
"""The least major version of PostgreSQL: it knows foreign keys that are declared and not enforced."""

PINS = {
    # Cut short by a limit of the role, the rest would not be set.
    "statement_timeout": "0",
    "lock_timeout": "0",
    "transaction_timeout": "0",
    "idle_session_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    # How texts and values travel.
    "client_encoding": "UTF8",
    "standard_conforming_strings": "on",
    "backslash_quote": "safe_encoding",
    "array_nulls": "on",
    "bytea_output": "hex",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "timezone_abbreviations": "Default",
    "extra_float_digits": "1",
    "lc_numeric": "C",
    "lc_time": "C",
    "quote_all_identifiers": "off",
    # What a name or a condition means.
    "search_path": "pg_catalog, pg_temp",
    "transform_null_equals": "off",
    "row_security": "on",
    "restrict_nonsystem_relation_kind": "",
    "check_function_bodies": "on",
    "plpgsql.extra_errors": "none",
    "plpgsql.extra_warnings": "none",
    # What a transaction is.
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off",
    "default_transaction_deferrable": "off",
    "synchronous_commit": "on",
    "client_min_messages": "warning",
}
"""Settings that change what is stored, read or refused. `purpose` sets some of them otherwise."""

STARTUP = {
    "client_encoding": "UTF8",
    # Keeps PGOPTIONS out: a pooler refuses the parameter, and whatever it says is set below anyway.
    "options": "",
}
ENDURANCE = {
    "keepalives_interval": "5",
    "keepalives_count": "3",
}
"""When a server that says nothing is given up, where the connection string does not say so itself."""

CANCELLED = "57014"
TRIES = 20
"""A role may allow a statement a millisecond: the first one, which lifts that, is then asked again."""

FACTS = "SELECT current_setting('session_replication_role')"


class Purpose(NamedTuple):
    """What a session is for: its name, and how long it may take; 0: as long as it takes."""

    application: str
    statement_seconds: int = 0
    lock_seconds: int = 0
    idle_seconds: int = 0
    """Without a word inside a transaction."""
    read_only: bool = False
    silence_seconds: int = 20
    """After which a server that acknowledges nothing is given up."""
    connect_seconds: int = 10

    @property
    def settings(self) -> dict[str, str]:
        """Every pinned setting with its value."""
        return PINS | {
            "application_name": self.application,
            "default_transaction_read_only": "on" if self.read_only else "off",
            "statement_timeout": f"{self.statement_seconds}s",
            "lock_timeout": f"{self.lock_seconds}s",
            "idle_in_transaction_session_timeout": f"{self.idle_seconds}s",
        }


CONSUMERS = Purpose("podium consumers", idle_seconds=300)
RELAY = Purpose("podium relay", statement_seconds=60, lock_seconds=30, idle_seconds=60)
STREAMS = Purpose("podium streams", statement_seconds=900, lock_seconds=60, idle_seconds=900)
COMMAND = Purpose("podium", statement_seconds=600, lock_seconds=30)
READING = COMMAND._replace(read_only=True)
LONG = Purpose("podium rebuild")
VERIFY = Purpose("podium verify")
SWAP = Purpose("podium swap")
REPORTER = Purpose("podium reporter", statement_seconds=30, lock_seconds=5, idle_seconds=30, connect_seconds=5)
LEASES = Purpose("podium leases", statement_seconds=10, lock_seconds=5, connect_seconds=5, silence_seconds=5)
STATUS = Purpose("podium status", statement_seconds=5, lock_seconds=5, connect_seconds=5)
REACH = Purpose("podium reach", statement_seconds=5, connect_seconds=5)
MIGRATIONS = Purpose("podium migrations")
PAGE = Purpose("podium serve", statement_seconds=10, lock_seconds=2, idle_seconds=10, read_only=True, silence_seconds=5)


class SessionRefused(Exception):
    """A server, database or connection string with which no session can be right; waiting does not mend it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


def parameters(driver: Any, dsn: str, purpose: Purpose) -> dict[str, str]:
    """What a connection is opened with. `driver` is the module psycopg. Raises SessionRefused for a malformed `dsn`."""
    try:
        given = driver.conninfo.conninfo_to_dict(dsn)
    except driver.ProgrammingError:
        # Its text may hold a piece of the password.
        raise SessionRefused(
            "the connection string of PostgreSQL cannot be read",
            "It is postgresql://role:password@host:port/database; in it write % as %25, / as %2F, @ as %40, : as %3A.",
        ) from None
    silence = {
        "connect_timeout": str(purpose.connect_seconds),
        "keepalives_idle": str(max(1, purpose.silence_seconds // 2)),
        "tcp_user_timeout": str(1000 * purpose.silence_seconds),
    }
    told = {name: str(value) for name, value in given.items() if value is not None}
    ours = {"client_encoding": STARTUP["client_encoding"], "application_name": purpose.application}
    return {**STARTUP, **ENDURANCE, **silence, **told, **ours}


def check_server(version: int, encoding: str | None) -> None:
    """Raise SessionRefused for a server that is too old, or a database that cannot hold every text.

    `version` as libpq tells it (180004), `encoding` as the server reports it.
    """
    if version < VERSION_MIN * 10_000:
        raise SessionRefused(
            f"PostgreSQL is of version {version // 10_000}; Podium needs {VERSION_MIN} or newer",
            f"Upgrade the server, or point the URL to one of version {VERSION_MIN} or newer.",
        )
    if encoding != "UTF8":
        raise SessionRefused(
            f"the database is encoded as {encoding}, which cannot hold every text; Podium needs UTF8",
            "Make it anew: CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8'.",
        )


def statements(purpose: Purpose) -> bytes:
    """All pins as one message, so one round trip; the limits that may cut it short come first."""
    lifted = "SET statement_timeout = 0; SET transaction_timeout = 0; SET lock_timeout = 0; "
    pins = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in purpose.settings.items())
    return f"{lifted}SELECT {pins}; {FACTS}".encode()


def check_facts(replication_role: str) -> None:
    """Raise SessionRefused where the server would not fire the triggers that keep the tables true."""
    if replication_role != "origin":
        raise SessionRefused(
            f"session_replication_role is {replication_role}: foreign keys are not checked",
            "As an administrator: ALTER ROLE … RESET session_replication_role, and the same for the database.",
        )


def opened(driver: Any, dsn: str, purpose: Purpose) -> Any:
    """An autocommit connection of `driver` (the module psycopg) with every setting pinned.

    Raises SessionRefused, and what the driver raises when it cannot connect.
    """
    connection = driver.connect(**parameters(driver, dsn, purpose), autocommit=True)
    try:
        info = connection.info
        check_server(info.server_version, info.parameter_status("server_encoding"))
        check_facts(*_pinned(driver, connection, purpose))
    except BaseException:
        connection.close()
        raise
    return connection


def _pinned(driver: Any, connection: Any, purpose: Purpose) -> tuple[Any, ...]:
    for attempt in range(TRIES):
        try:
            return last_row(connection.execute(statements(purpose)))
        except driver.errors.QueryCanceled:
            if attempt == TRIES - 1:
                raise
    raise AssertionError


def last_row(cursor: Any) -> tuple[Any, ...]:
    """The row of the last of several statements."""
    while cursor.nextset():
        pass
    row: tuple[Any, ...] = cursor.fetchone()
    return row
