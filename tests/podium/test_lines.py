"""Lines of a file, whatever is in it: numbers, ends, sizes; checked against the file as a whole."""

from __future__ import annotations

import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from podium.cli.publish import Report, _run
from podium.client import Producer
from podium.lines import CHUNK_BYTES, numbered
from podium.settings import Kafka
from schema import DOMAINS

MOST = 40
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])
PARTS = st.binary(max_size=60).map(lambda part: part.replace(b"\n", b"").replace(b"\r", b""))


class Drips(io.RawIOBase):
    """A stream that gives as little at a time as it likes."""

    def __init__(self, content: bytes, steps: list[int]) -> None:
        self.whole = io.BytesIO(content)
        self.steps = steps

    def read(self, size: int = -1) -> bytes:
        return self.whole.read(self.steps.pop() if self.steps else size)


@settings(max_examples=200)
@given(st.lists(st.tuples(PARTS, ENDS), max_size=8), PARTS, st.lists(st.integers(1, 7), max_size=200))
def test_lines_are_those_of_the_file(parts: list[tuple[bytes, bytes]], rest: bytes, steps: list[int]) -> None:
    whole = b"".join(part + end for part, end in parts) + rest
    expected = [part for part, _ in parts] + ([rest] if rest else [])
    # An empty line between CR and LF is no line: they are one end.
    joined = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    found = list(numbered(Drips(whole, steps), MOST))  # type: ignore[arg-type]
    assert [line.number for line in found] == list(range(1, len(found) + 1))
    assert len(found) == len(joined) - (joined[-1] == b"")
    assert len(found) <= len(expected)
    for line, content in zip(found, joined, strict=False):
        content = content.removeprefix(b"\xef\xbb\xbf")
        assert line.content == (content if len(content) <= MOST else None)


def test_a_line_of_two_gigabytes_is_not_held() -> None:
    class Huge(io.RawIOBase):
        left = 2 * 1024**3 // CHUNK_BYTES

        def read(self, size: int = -1) -> bytes:
            self.left -= 1
            return b"x" * CHUNK_BYTES if self.left > 0 else b"\n{}\n" if self.left == 0 else b""

    long, short = numbered(Huge(), MOST)  # type: ignore[arg-type]
    assert (long.number, long.content, long.size) == (1, None, 2 * 1024**3 - CHUNK_BYTES)
    assert (short.number, short.content) == (2, b"{}")


PRODUCER = Producer(Kafka(bootstrap="127.0.0.1:9"), source="tests", domains=DOMAINS)
"""It checks, and sends nothing."""

GOOD = {"type": "evaluation.prompt.registered.v1", "data": {"prompt_id": 1, "text": "t"}}
ODD = st.one_of(
    st.binary(max_size=200),
    st.integers(1, 200_000).map(lambda depth: b"[" * depth),
    st.integers(1, 100_000).map(lambda depth: b'{"type": "x", "data": ' + b"[" * depth + b"]" * depth + b"}"),
    st.just(json.dumps({**GOOD, "time": "2999-01-01T00:00:00Z"}).encode()),
    st.just(json.dumps({**GOOD, "id": {}}).encode()),
    st.just(json.dumps(GOOD).encode() + b","),
    st.just(b'{"type": "evaluation.prompt.registered.v1", "data": {"prompt_id": ' + b"9" * 5000 + b"}}"),
    st.just('{"type": "a.b.c.v1"}\u2028{"type": "a.b.c.v1"}'.encode()),
    st.just(json.dumps(GOOD).encode("utf-16")),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ODD, max_size=5))
def test_whatever_a_line_holds_the_rest_is_read(odd: list[bytes]) -> None:
    lines = [line.replace(b"\n", b"").replace(b"\r", b"") for line in odd]
    good = json.dumps(GOOD).encode()
    report = Report("-")
    _run(io.BytesIO(b"\n".join([*lines, good])), report, PRODUCER, send=False, size=None)
    assert report.good >= 1
    assert report.good + report.bad == len([line for line in lines if line.strip()]) + 1
    assert all(bad.message and bad.reason for bad in report.bad_lines)
