"""Secrets in settings: which values are some, how they may be shown, where they may come from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

STARS = "********"
FILE = "_FILE"
"""A variable with this ending names a file that holds the value, as secrets of containers and services do."""

NAMES = re.compile(
    r"passw|passphrase|secret|token|jaas|credential|assertion|private|kinit|oauthbearer\.(config|extensions)"
    r"|(^|[._-])(key|pem|auth|apikey|url)$",
    re.IGNORECASE,
)
PLACES = re.compile(
    r"(\.location|\.path|\.file|\.ms|\.type|\.enable|\.endpoint\.url|\.username|\.algorithm|^recompute.*)$"
)
"""Names that speak of a secret's file, kind or time: no secrets themselves."""

USERINFO = re.compile(r"(?<=://)[^/?#\s]*@")
PARAMETER = re.compile(
    r"(?i)\b(\w*(?:passw|passphrase|secret|token|signature|key|auth|sig)\w*\s*=\s*)('[^']*'?|[^\s&;,'\"]+)"
)
URL = re.compile(r"postgres(ql)?://")
WELL_FORMED = re.compile(r"postgres(ql)?://([^@/?#]*@)?[^@/?#]*(/[^@/?#]*)?(\?[^#@]*)?$")
ARMOUR = re.compile(r"-----BEGIN")
HELP = (
    "it is postgresql://role:password@host:port/database;"
    " in it write % as %25, / as %2F, @ as %40, : as %3A, # as %23, ? as %3F"
)


def shown(name: str, value: object) -> str:
    """A value as people may see it, `name` being the last part of its setting's name: secrets as stars.

    By name, whatever the value; of the other ones the parts that look like secrets: who logs in to a URL,
    parameters with a telling name, keys in armour. An unset secret is nothing.
    """
    hidden = isinstance(value, SecretStr)
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    text = ",".join(map(str, plain)) if isinstance(plain, tuple) else str(plain)
    if not text or not isinstance(plain, str | tuple | Path):
        return text
    if hidden and NAMES.search(name) and not PLACES.search(name):
        return STARS
    return without_secrets(text)


def without_secrets(text: str) -> str:
    """A text without the parts that look like secrets."""
    if ARMOUR.search(text):
        return STARS
    return PARAMETER.sub(rf"\g<1>{STARS}", USERINFO.sub(f"{STARS}@", text))


def connection_string(value: SecretStr) -> SecretStr:
    """The same, if libpq can read it. Raises ValueError without a part of it."""
    text = value.get_secret_value()
    if text and not _is_readable(text):
        raise ValueError(f"no connection string of PostgreSQL; {HELP}")
    return value


def _is_readable(text: str) -> bool:
    """Whether libpq reads it, and reads no piece of a password as host, port or database."""
    import psycopg

    try:
        ports = str(psycopg.conninfo.conninfo_to_dict(text).get("port") or "")
    except psycopg.Error:
        return False
    misread = URL.match(text) and not WELL_FORMED.match(text)
    return not misread and all(port.isdecimal() or not port for port in ports.split(","))


def with_password(dsn: str, password: str) -> str:
    """A connection string with a password, unless it names one itself."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    if not password or conninfo_to_dict(dsn).get("password"):
        return dsn
    return make_conninfo(dsn, password=password)


def read_files(variables: Mapping[str, str | None], prefix: str) -> dict[str, str | None]:
    """Variables of ours, each that ends in FILE replaced by what its file holds, without the last end of line.

    Raises ValueError, naming variable and file, for a file that cannot be read and for a value given twice.
    """
    found = {name: value for name, value in variables.items() if name.upper().startswith(prefix)}
    for name in [name for name in found if name.upper().endswith(FILE)]:
        path, target = found.pop(name), name[: -len(FILE)]
        if any(other.upper() == target.upper() for other in found):
            raise ValueError(f"{name} and {target} are both set")
        try:
            text = Path(path or "").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise ValueError(f"{name}: {path} cannot be read: {why}") from None
        found[target] = text.removesuffix("\n").removesuffix("\r")
    return found
