"""Addresses of boards and entries: any id fits into one part of a path, and comes out of it as it went in.

Browsers and proxies take `.` and `..` away, undo `%2F`, and some of them `%25`; suffixes and `@` have a meaning of
their own here. So an id with anything of that is written as `~`, then its letters, every other byte of its UTF-8 as `~`
and two hex digits. Plain ids stand as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from urllib.parse import quote

MARK = "~"
KEPT = "-_.:@,"
SUFFIXES = (".json", ".csv")
SNAPSHOT = re.compile(r"@(/.+|[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}(\.json|\.csv)?|compare(\.json)?)?")
"""What stands behind a board's address beside the ids of entries."""

_ESCAPED = re.compile(rb"[^0-9A-Za-z_.-]|\.(?=\.)|(?<=\.)\.")
_ESCAPE = re.compile(rb"~([0-9A-F]{2})")


def part(id_: str) -> str:
    """An id as one part of a path; `id_of` undoes it."""
    if _plain(id_):
        return quote(id_, safe=":")
    written = _ESCAPED.sub(lambda found: b"~%02X" % found[0][0], id_.encode(errors="surrogatepass")).decode()
    if written.endswith((*SUFFIXES, ".")):
        before, _, after = written.rpartition(".")
        written = f"{before}~2E{after}"
    return MARK + written


def _plain(id_: str) -> bool:
    """Whether an id means the same to everything that an address passes."""
    return (
        all(letter.isalnum() or letter in KEPT or letter == " " for letter in id_)
        and id_[:1] not in ("", ".", "@", " ")
        and not id_.casefold().endswith((*SUFFIXES, ".", " "))
        and unicodedata.is_normalized("NFC", id_)
    )


def id_of(written: str) -> str:
    """The id that a part of a path means, without its percent signs. What `part` never writes stands for itself."""
    if not written.startswith(MARK):
        return written
    try:
        escaped = written[1:].encode("ascii")
        id_ = _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), escaped).decode()
    except UnicodeError:
        return written
    return id_ if part(id_) == written else written


def address(board: str, entry: str = "") -> str:
    """Address of a board or of an entry of it."""
    return f"/b/{part(board)}" + (f"/{part(entry)}" if entry else "")


def split(rest: str, boards: Collection[str]) -> list[tuple[str, str]]:
    """How a path behind `/b/` divides into a board and what stands behind it, if ids in it were not written by `part`.

    The board of the longest id first; the second element begins with what follows the id.
    """
    found = [(board, rest[len(board) :]) for board in boards if rest.startswith(board)]
    fitting = [(board, tail) for board, tail in found if tail in ("", *SUFFIXES) or tail.startswith("/")]
    return sorted(fitting, key=lambda each: -len(each[0]))


def meant(rest: str, board: str, tail: str, entries: Collection[str]) -> str | None:
    """The address that such a division means, None if the board has no such entry."""
    if tail in ("", "/", *SUFFIXES):
        return address(board) + tail.rstrip("/")
    named = tail[1:]
    if SNAPSHOT.fullmatch(named) and named not in entries:
        return f"{address(board)}/{quote(named, safe='/@:')}"
    for suffix in ("", ".json"):
        if named.endswith(suffix) and named.removesuffix(suffix) in entries:
            return address(board, named.removesuffix(suffix)) + suffix
    return None
