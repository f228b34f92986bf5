"""Text of others as a terminal, a log line or a spreadsheet may have it: nothing in it acts."""

from __future__ import annotations

import json
import re
from typing import Any

ACTING = (
    "\x00-\x1f\x7f-\x9f"  # C0, DEL and C1: escapes, titles, bells, new lines
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # change the direction of what follows
    "\u2028\u2029\ufeff\U000e0000-\U000e007f\ud800-\udfff"  # end a line, show nothing, cannot be written
)
ANY = re.compile(f"[{ACTING}]")
BUT_LINES = re.compile(f"(?![\t\n])[{ACTING}]")
FORMULA = re.compile(r"[\s\x00-\x1f\u200b-\u200f\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20|%\t\r\n]|[\t\r\n]")
"""How a text begins that a spreadsheet takes for a formula, the full-width letters of some of them included."""


def plain(text: str) -> str:
    """One line: every character that acts is written as its escape."""
    return ANY.sub(_escape, text)


def plain_lines(text: str) -> str:
    """The same, but lines and tabs stay: for text that is ours, with names of others in it."""
    return BUT_LINES.sub(_escape, text)


def json_text(content: object, indent: int | None = None) -> str:
    """JSON in which letters stay readable and characters that act are escapes; other types as their text."""
    return BUT_LINES.sub(_json_escape, json.dumps(content, default=str, ensure_ascii=False, indent=indent))


def inert(value: Any) -> Any:
    """A cell for a spreadsheet: a text that it would run begins with a quote."""
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def _escape(found: re.Match[str]) -> str:
    number = ord(found[0])
    if named := {9: "\\t", 10: "\\n", 13: "\\r"}.get(number):
        return named
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _json_escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{int.from_bytes(units[at : at + 2], 'big'):04x}" for at in range(0, len(units), 2))
