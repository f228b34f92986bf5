"""Lines of a file that a person made, one by one, within bounded memory, whatever is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, NamedTuple

from schema.refusal import Refused

CHUNK_BYTES = 1 << 16
MARK = b"\xef\xbb\xbf"
"""The byte order mark of UTF-8, which Windows programs put first: no part of what follows."""

UTF_16 = (b"\xff\xfe", b"\xfe\xff")
SEPARATORS = (b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"\xc2\x85")
"""U+2028, U+2029, U+0085: line ends to some programs, part of a text in JSON."""


class Line(NamedTuple):
    """A line without its end; `content` is None where it is longer than allowed."""

    number: int
    content: bytes | None
    size: int


def numbered(file: IO[bytes], bytes_max: int) -> Iterator[Line]:
    """All lines with their numbers from 1, whether they end with LF, CR, CRLF or the file.

    Of a line of more than `bytes_max` bytes nothing is kept but its size.
    """
    number, held, size, after_cr = 1, bytearray(), 0, False
    while chunk := file.read(CHUNK_BYTES):
        chunk = chunk.replace(b"\r\n", b"\n") if not after_cr else chunk[chunk[:1] == b"\n" :].replace(b"\r\n", b"\n")
        after_cr = chunk.endswith(b"\r")
        *whole, rest = chunk.replace(b"\r", b"\n").split(b"\n")
        for part in whole:
            yield _line(number, held, part, size, bytes_max)
            number, size = number + 1, 0
            held.clear()
        size += len(rest)
        if size <= bytes_max + len(MARK):
            held += rest
        else:
            held.clear()
    if size:
        yield _line(number, held, b"", size, bytes_max)


def _line(number: int, held: bytearray, part: bytes, size: int, bytes_max: int) -> Line:
    size += len(part)
    if size > bytes_max + len(MARK) or size != len(held) + len(part):
        return Line(number, None, size)
    content = bytes(held + part).removeprefix(MARK)
    return Line(number, content if len(content) <= bytes_max else None, len(content))


def explained(line: Line, refused: Refused) -> Refused:
    """The refusal of a line, with a hint where its file is to blame rather than its content."""
    content = line.content or b""
    if refused.reason == "not-utf8" and content.startswith(UTF_16):
        return _hinted(refused, "the file is UTF-16: save it as UTF-8")
    if refused.reason in ("not-json", "envelope") and any(mark in content for mark in SEPARATORS):
        return _hinted(refused, "it holds U+2028, U+2029 or U+0085, which end no line here: end lines with LF")
    return refused


def _hinted(refused: Refused, hint: str) -> Refused:
    return Refused(refused.reason, f"{refused.message} ({hint})", refused.type)
